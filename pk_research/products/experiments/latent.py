"""The latent class logit: segments of people, each with tastes of its own, found by EM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.special import logsumexp

from pk_research.clusters.threads import one_thread
from pk_research.compute.chance import derived_seed
from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Language, Message
from pk_research.products.experiments.data import ChoiceData
from pk_research.products.experiments.identification import check_panels
from pk_research.products.experiments.maximum import Maximum, covariance_at, maximise
from pk_research.products.experiments.model import ChoiceModel
from pk_research.products.experiments.multinomial import (
    climb,
    few_people,
    multinomial_logit,
    scores_by_situation,
)
from pk_research.products.experiments.words import segment_name
from pk_research.writing import marked

STARTS = 39
ROUNDS = 60
CLOSE = 1e-6
# keeps a segment that a rare level decides from running away during EM; the last climb is without it
RIDGE = 1e-3
SAME = 0.01


@dataclass(frozen=True, eq=False)
class LatentClass(ChoiceModel):
    """A latent class logit.

    Parameters are ``class1:name`` for the coefficients of the first segment and so on, largest
    first, then ``share2`` and so on: the logarithm of a segment's share over that of the first.

    Attributes
    ----------
    shares
        Share of people in each segment, largest first, summing to one.
    membership
        People by segments: how probably each person, in the order of the data, belongs to it.
    starts
        Log-likelihood at the end of each start.
    """

    shares: pd.Series | None = None
    membership: np.ndarray | None = None
    starts: tuple[float, ...] = ()

    @property
    def n_classes(self) -> int:
        """Number of segments."""
        return 1 if self.shares is None else len(self.shares)

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the segments: ``class1`` and so on, the largest first."""
        return tuple(f"class{n + 1}" for n in range(self.n_classes))

    def typical(self, parameters: np.ndarray) -> np.ndarray:
        """Return the coefficients of each segment; see `ChoiceModel.typical`."""
        size = len(self.utility_names)
        return parameters[:, : size * self.n_classes].reshape(len(parameters), self.n_classes, size)

    def shares_at(self, parameters: np.ndarray) -> np.ndarray:
        """Return the shares of the segments: draws by segments."""
        logits = parameters[:, len(self.utility_names) * self.n_classes :]
        full = np.pad(logits, ((0, 0), (1, 0)))
        shares: np.ndarray = np.exp(full - logsumexp(full, axis=1, keepdims=True))
        return shares

    def _tastes(self, n: int, rng: np.random.Generator, at: Mapping[str, float]) -> np.ndarray:
        parameters = np.array([[at[name] for name in self.names]])
        segment = rng.choice(self.n_classes, size=n, p=self.shares_at(parameters)[0])
        drawn: np.ndarray = self.typical(parameters)[0][segment]
        return drawn

    def label(self, name: str) -> Bilingual:
        """Return what a parameter is called."""
        segment, _, inner = name.partition(":")
        if inner:
            values = {"segment": segment_name(segment), "name": super().label(inner)}
            return Message("{segment}: {name}", values)
        if name.startswith("share"):
            return Message(
                "Segment {n}: logarithm of its share over that of segment 1",
                {"n": name.removeprefix("share")},
            )
        return super().label(name)

    def sentences(self) -> list[Message]:
        """Say how large the segments are, how clearly people fall into them, whether starts agree."""
        if self.shares is None or self.membership is None or self.n_classes == 1:
            return []
        best = max(self.starts)
        values = {
            "k": self.n_classes, "sure": round(100 * float(self.membership.max(axis=1).mean())),
            "bic": round(self.bic, 1), "n": sum(best - value < SAME for value in self.starts),
            "total": len(self.starts),
        }  # fmt: skip
        shares = ", ".join(f"{100 * share:.0f}%" for share in self.shares)
        return [
            Message("{k} segments hold {shares} of people.", {**values, "shares": shares}),
            Message("On average people belong to their segment with probability {sure}%.", values),
            Message("BIC is {bic} (smaller is better).", values),
            Message("{n} of {total} starts came to the same best log-likelihood.", values),
        ]

    def shares_table(self, language: Language) -> pd.DataFrame:
        """Return the share of each segment with its 95 % interval from draws, in per cent."""
        drawn = self.shares_at(self.draws(10_000, self.seed))
        low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
        share = self.shares_at(self.estimates.to_numpy()[None])[0]
        table = pd.DataFrame(
            {
                Message("Segment").text(language): [segment_name(one).text(language) for one in self.groups],
                Message("Share of people (%)").text(language): (100 * share).round(1),
                Message("95% from").text(language): (100 * low).round(1),
                Message("95% to").text(language): (100 * high).round(1),
            }
        )
        return marked(table, language, made=self.made)


def latent_class_logit(
    data: ChoiceData, k: int, *, n_starts: int = 10, seed: int = 0, n_jobs: int | None = None
) -> LatentClass:
    """Fit a latent class logit by EM from several starts, then climb to the top by BFGS and Newton.

    Parameters
    ----------
    data
        The choices.
    k
        Number of segments; 1 gives the multinomial logit.
    n_starts
        Starts, people assigned to segments at random; the best end is kept.
    seed
        Seed of the starts.
    n_jobs
        Workers, as in joblib; the result is the same for any number.

    Returns
    -------
    LatentClass
        Segments, largest first; standard errors are clustered by respondent. ``converged`` is
        False where the likelihood is flat at the best end: covariances are then missing.

    Raises
    ------
    BadInput
        When the choices do not tell tastes, or k is not a number of segments they can hold.

    References
    ----------
    Bhat (1997); Train (2008), EM algorithms for nonparametric estimation of mixing distributions;
    Greene and Hensher (2003).

    Examples
    --------
    >>> from pk_research.codebook import Label
    >>> from pk_research.products.experiments import Attribute, KnownTastes, choice_design, made_choices
    >>> pack = Attribute("pack", "Kemasan", "Package", (Label("plastic", "Plastik", "Plastic"),
    ...                  Label("box", "Kotak", "Box")))
    >>> design = choice_design([pack], n_sets=2)
    >>> data = made_choices(design, KnownTastes(({"pack=box": 1.0},)), 60, seed=1).data()
    >>> latent_class_logit(data, 1).names
    ('class1:pack=box', 'class1:none')
    """
    plain = multinomial_logit(data)
    most = data.n_respondents // (len(data.names) + 1)
    if not 1 <= k <= max(1, most):
        what = f"{k} segments cannot be found among {data.n_respondents} people"
        raise BadInput(Problem("k", what, f"Give 1 to {max(1, most)}."))
    notes = few_people(data) if k == 1 else (*few_people(data), *check_panels(data))
    start = plain.estimates.to_numpy()
    ends = Parallel(n_jobs=n_jobs)(
        delayed(_end_on_one_thread)(data, k, start, derived_seed(seed, STARTS, n))
        for n in range(n_starts if k > 1 else 1)
    )
    best = max(ends, key=lambda end: end.log_likelihood)
    at = _largest_first(best.at, k)
    covariance = covariance_at(partial(_scores, data, k), at) if best.converged else None
    if covariance is None:
        told = Message("No clear maximum was found: some tastes of a segment run away. Try fewer segments.")
        notes = (*notes, told)
    model = _model(data, at, k, covariance=covariance, seed=seed)
    return replace(
        model,
        converged=covariance is not None,
        notes=notes,
        starts=tuple(end.log_likelihood for end in ends),
    )


def choose_segments(
    data: ChoiceData, most: int = 4, *, n_starts: int = 10, seed: int = 0, n_jobs: int | None = None
) -> tuple[LatentClass, ...]:
    """Fit 1 to ``most`` segments; the one with the smallest BIC is usually taken.

    Parameters
    ----------
    data
        The choices.
    most
        Largest number of segments.
    n_starts, seed, n_jobs
        As in `latent_class_logit`.

    Returns
    -------
    tuple of LatentClass
        One for each number of segments, from 1.

    Examples
    --------
    >>> from pk_research.codebook import Label
    >>> from pk_research.products.experiments import Attribute, KnownTastes, choice_design, made_choices
    >>> pack = Attribute("pack", "Kemasan", "Package", (Label("plastic", "Plastik", "Plastic"),
    ...                  Label("box", "Kotak", "Box")))
    >>> design = choice_design([pack], n_sets=2)
    >>> data = made_choices(design, KnownTastes(({"pack=box": 1.0},)), 60, seed=1).data()
    >>> [model.n_classes for model in choose_segments(data, 1)]
    [1]
    """
    return tuple(
        latent_class_logit(data, k, n_starts=n_starts, seed=seed, n_jobs=n_jobs) for k in range(1, most + 1)
    )


def _by_segment(data: ChoiceData, coefficients: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return log-likelihoods (people by segments), and their gradients."""
    values, slopes = zip(*(scores_by_situation(data, one) for one in coefficients), strict=True)
    summed = np.stack([data.sum_by_respondent(value) for value in values], axis=1)
    return summed, [data.sum_by_respondent(slope) for slope in slopes]


def _scores(data: ChoiceData, k: int, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    size = len(data.names)
    full = np.concatenate([[0.0], at[k * size :]])
    log_shares = full - logsumexp(full)
    values, slopes = _by_segment(data, at[: k * size].reshape(k, size))
    joint = values + log_shares
    total = logsumexp(joint, axis=1)
    member = np.exp(joint - total[:, None])
    gradient = [member[:, [n]] * slope for n, slope in enumerate(slopes)]
    return total, np.hstack([*gradient, (member - np.exp(log_shares))[:, 1:]])


def _end_on_one_thread(data: ChoiceData, k: int, start: np.ndarray, seed: int) -> Maximum:
    with one_thread():
        return _end(data, k, start, seed)


def _end(data: ChoiceData, k: int, start: np.ndarray, seed: int) -> Maximum:
    """Climb from people assigned at random: EM first, which gets near from anywhere, then BFGS."""
    member = np.random.default_rng(seed).dirichlet(np.full(k, 0.3), size=data.n_respondents)
    coefficients = np.tile(start, (k, 1))
    last = -np.inf
    for _ in range(ROUNDS):
        shares = np.maximum(member.mean(axis=0), 1e-6)
        weights = member[data.respondent]
        coefficients = np.stack(
            [
                climb(data, one, weights[:, n], ridge=RIDGE, most_steps=2)[0]
                for n, one in enumerate(coefficients)
            ]
        )
        joint = _by_segment(data, coefficients)[0] + np.log(shares / shares.sum())
        total = logsumexp(joint, axis=1)
        member = np.exp(joint - total[:, None])
        now = float(total.sum())
        if now - last < CLOSE * abs(now):
            break
        last = now
    at = np.concatenate([coefficients.ravel(), np.log(shares[1:] / shares[0])])
    return maximise(partial(_scores, data, k), at)


def _largest_first(at: np.ndarray, k: int) -> np.ndarray:
    """Order segments by their shares; the logarithms are then over the share of the new first."""
    size = (len(at) - k + 1) // k
    logits = np.concatenate([[0.0], at[k * size :]])
    order = np.argsort(-logits, kind="stable")
    coefficients = at[: k * size].reshape(k, size)[order]
    return np.concatenate([coefficients.ravel(), logits[order][1:] - logits[order][0]])


def _model(
    data: ChoiceData, at: np.ndarray, k: int, *, covariance: np.ndarray | None, seed: int
) -> LatentClass:
    size = len(data.names)
    names = [f"class{n + 1}:{name}" for n in range(k) for name in data.names]
    names += [f"share{n + 1}" for n in range(1, k)]
    full = np.concatenate([[0.0], at[k * size :]])
    log_shares = full - logsumexp(full)
    joint = _by_segment(data, at[: k * size].reshape(k, size))[0] + log_shares
    total = logsumexp(joint, axis=1)
    if covariance is None:
        covariance = np.full((len(at), len(at)), np.nan)
    return LatentClass(
        kind="latent class",
        names=tuple(names),
        estimates=pd.Series(at, index=names),
        covariance=pd.DataFrame(covariance, index=names, columns=names),
        log_likelihood=float(total.sum()),
        **data.basis,
        seed=seed,
        shares=pd.Series(np.exp(log_shares), index=[f"class{n + 1}" for n in range(k)]),
        membership=np.exp(joint - total[:, None]),
    )
