"""The mixed logit: tastes that differ between people, fitted by xlogit, its doubt clustered by us."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from pk_research.clusters.threads import one_thread
from pk_research.compute.chance import derived_rng
from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Message
from pk_research.products.experiments.data import ChoiceData
from pk_research.products.experiments.identification import check_panels
from pk_research.products.experiments.maximum import clustered_covariance
from pk_research.products.experiments.model import ChoiceModel
from pk_research.products.experiments.multinomial import few_people, multinomial_logit

Distribution = Literal["normal", "lognormal", "negative_lognormal"]
STARTS = 38
SD, LOG = "sd.", "log."
SAME = 0.01
MOST_RESTARTS = 5
# how much the log-likelihood could still rise, about twice
FLAT = 1e-3


@dataclass(frozen=True, eq=False)
class MixedLogit(ChoiceModel):
    """A mixed logit: some tastes are distributed over people.

    Attributes
    ----------
    distributions
        By coefficient of utility, how it is distributed: ``normal`` with mean ``name`` and standard
        deviation ``sd.name``; ``lognormal`` (or its negative), whose logarithm has mean
        ``log.name`` and standard deviation ``sd.name``. Those not named are alike for everybody.
    n_halton
        Halton draws for each person.
    starts
        Log-likelihood at the end of each start.
    """

    distributions: Mapping[str, Distribution] = field(default_factory=dict)
    n_halton: int = 0
    starts: tuple[float, ...] = ()

    def _parameter(self, name: str) -> str:
        return name if self.distributions.get(name, "normal") == "normal" else f"{LOG}{name}"

    def typical(self, parameters: np.ndarray) -> np.ndarray:
        """Return means, or medians where tastes are lognormal; see `ChoiceModel.typical`."""
        columns = []
        for name in self.utility_names:
            value = parameters[:, self.names.index(self._parameter(name))]
            columns.append(_transformed(value, self.distributions.get(name, "normal")))
        return np.stack(columns, axis=-1)[:, None]

    def _tastes(self, n: int, rng: np.random.Generator, at: Mapping[str, float]) -> np.ndarray:
        columns = []
        for name in self.utility_names:
            spread = at.get(f"{SD}{name}", 0.0) * rng.standard_normal(n)
            value = at[self._parameter(name)] + spread
            columns.append(_transformed(value, self.distributions.get(name, "normal")))
        return np.stack(columns, axis=-1)

    def label(self, name: str) -> Bilingual:
        """Return what a parameter is called."""
        if name.startswith(SD):
            inner = super().label(name.removeprefix(SD))
            return Message("{name}: standard deviation between people", {"name": inner})
        if name.startswith(LOG):
            return Message("{name}: mean of the logarithm", {"name": super().label(name.removeprefix(LOG))})
        return super().label(name)

    def sentences(self) -> list[Message]:
        """Say which tastes differ between people, and whether the starts agree."""
        errors = self.standard_errors
        # a standard deviation cannot be negative: one-sided at the 5 % level
        differing = [n for n in self.distributions if self.estimates[SD + n] > 1.645 * errors[SD + n]]
        best = max(self.starts)
        n_same = sum(best - value < SAME for value in self.starts)
        return [
            Message(
                "People differ beyond chance in {n} of the {total} tastes that may differ.",
                {"n": len(differing), "total": len(self.distributions)},
            ),
            Message(
                "{n} of {total} starts came to the same best log-likelihood, with {draws} Halton draws a "
                "person.",
                {"n": n_same, "total": len(self.starts), "draws": self.n_halton},
            ),
        ]


def mixed_logit(
    data: ChoiceData,
    random: Mapping[str, Distribution],
    *,
    n_draws: int = 200,
    n_starts: int = 3,
    seed: int = 0,
    n_jobs: int | None = None,
) -> MixedLogit:
    """Fit a mixed logit with independent random tastes, the same in all sets of a person.

    Parameters
    ----------
    data
        The choices; all situations have the same number of alternatives.
    random
        Coefficients that differ between people, and how.
    n_draws
        Halton draws for each person.
    n_starts
        Starts: the first at the multinomial logit, the others around it; the best is kept.
    seed
        Seed of the starts.
    n_jobs
        Workers, as in joblib; the result is the same for any number.

    Returns
    -------
    MixedLogit
        Standard errors are clustered by respondent, and hold the draws fixed.

    Raises
    ------
    BadInput
        When the choices do not tell the tastes apart, everybody answered one set only, numbers of
        alternatives differ, or no start comes to a maximum.

    References
    ----------
    Train (2009), Discrete Choice Methods with Simulation; Arteaga et al. (2022), xlogit.

    Examples
    --------
    >>> from pk_research.codebook import Label
    >>> from pk_research.products.experiments import Attribute, KnownTastes, choice_design, made_choices
    >>> pack = Attribute("pack", "Kemasan", "Package", (Label("plastic", "Plastik", "Plastic"),
    ...                  Label("box", "Kotak", "Box")))
    >>> design = choice_design([pack], n_sets=2)
    >>> tastes = KnownTastes(({"pack=box": 1.0},), sd={"none": 2.0})
    >>> data = made_choices(design, tastes, 200, seed=1).data()
    >>> mixed_logit(data, {"none": "normal"}, n_draws=50, n_starts=1).names
    ('pack=box', 'none', 'sd.none')
    """
    notes = (*few_people(data), *check_panels(data))
    problems = [
        Problem("random", f"there is no coefficient {name!r}", f"Choose among {', '.join(data.names)}.")
        for name in random
        if name not in data.names
    ]
    if not random:
        problems.append(Problem("random", "it is empty", "Name a coefficient, or fit the multinomial logit."))
    if len(set(data.sizes.tolist())) > 1:
        what = "situations have different numbers of alternatives"
        problems.append(Problem("choices", what, "Fit the latent class logit, which allows that."))
    if problems:
        raise BadInput(problems)
    plain = multinomial_logit(data)
    ordered = {name: random[name] for name in data.names if name in random}
    start = _start(plain.estimates, ordered)
    rng = derived_rng(seed, STARTS)
    noise = [np.zeros(len(start)), *(0.3 * rng.standard_normal((n_starts - 1, len(start))))]
    fitted = Parallel(n_jobs=n_jobs)(
        delayed(_fit)(data, ordered, start * (1 + one), n_draws) for one in noise
    )
    reached = [one for one in fitted if one is not None]
    if not reached:
        what = "no start came to a maximum"
        raise BadInput(Problem("random", what, "Let fewer tastes differ, or ask more people."))
    best = max(reached, key=lambda one: one.log_likelihood)
    model = _model(data, ordered, best, n_halton=n_draws, seed=seed)
    return replace(
        model,
        notes=(*notes, *_not_reached(len(fitted) - len(reached))),
        starts=tuple(one.log_likelihood for one in reached),
    )


def _not_reached(n: int) -> list[Message]:
    return [Message("{n} starts came to no maximum and are left out.", {"n": n})] if n else []


def _transformed(value: np.ndarray, distribution: Distribution) -> np.ndarray:
    if distribution == "normal":
        return value
    size: np.ndarray = np.exp(value)
    return size if distribution == "lognormal" else -size


def _start(plain: pd.Series, random: Mapping[str, Distribution]) -> np.ndarray:
    means = [
        plain[name] if random.get(name, "normal") == "normal" else np.log(max(abs(plain[name]), 0.01))
        for name in plain.index
    ]
    return np.array([*means, *([0.1] * len(random))])


def _remembering(function: Callable[..., Any], most: int) -> Callable[..., Any]:
    """Return the function, keeping its last values by its first argument and its options."""
    kept: dict[tuple[object, ...], Any] = {}

    def remembered(at: np.ndarray, *args: object, **options: object) -> Any:  # noqa: ANN401
        key = (at.tobytes(), *sorted(options.items()))
        if key not in kept:
            if len(kept) >= most:
                del kept[next(iter(kept))]
            kept[key] = function(at, *args, **options)
        return kept[key]

    return remembered


@dataclass(frozen=True, eq=False, slots=True)
class _End:
    at: np.ndarray
    covariance: np.ndarray
    log_likelihood: float


def _fit(
    data: ChoiceData, random: Mapping[str, Distribution], start: np.ndarray, n_draws: int
) -> _End | None:
    """Fit from one start; None where no maximum is reached.

    xlogit's line search now and then ends on a slope: it begins again there.
    """
    at = start
    for _ in range(MOST_RESTARTS):
        fitter = _run_xlogit(data, random, at, n_draws)
        if fitter is None:
            return None
        at, bread = np.asarray(fitter.coeff_), np.asarray(fitter.hess_inv)
        by_respondent = data.sum_by_respondent(np.asarray(fitter.grad_n))
        gradient = by_respondent.sum(axis=0)
        if not np.isfinite(at).all() or not np.isfinite(bread).all():
            return None
        if (np.diag(bread) > 0).all() and abs(gradient @ bread @ gradient) < FLAT:
            covariance = clustered_covariance((bread + bread.T) / 2, by_respondent)
            return _End(at, covariance, float(fitter.loglikelihood))
    return None


def _run_xlogit(
    data: ChoiceData, random: Mapping[str, Distribution], start: np.ndarray, n_draws: int
) -> Any | None:  # noqa: ANN401 - xlogit has no types
    """Let xlogit climb once, silently; None where its second derivatives cannot be inverted."""
    from xlogit import MixedLogit as Fitter

    sign = np.array([-1.0 if random.get(name) == "negative_lognormal" else 1.0 for name in data.names])
    size = int(data.sizes[0])
    chosen = np.zeros(len(data.rows))
    chosen[data.chosen] = 1
    fitter = Fitter()
    # its numerical Hessian asks for the same gradients once for each parameter
    fitter._loglik_gradient = _remembering(fitter._loglik_gradient, 2 * len(start))  # noqa: SLF001
    # xlogit prints its progress, and warns of overflows in steps it then shortens
    silence = contextlib.redirect_stdout(io.StringIO())
    with one_thread(), silence, warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            fitter.fit(
                X=data.rows * sign,
                y=chosen,
                varnames=list(data.names),
                alts=np.tile(np.arange(size), data.n_choices),
                ids=data.situation,
                panels=data.respondent[data.situation],
                randvars={name: "n" if kind == "normal" else "ln" for name, kind in random.items()},
                n_draws=n_draws,
                init_coeff=start.copy(),
                verbose=0,
                num_hess=True,
            )
        except np.linalg.LinAlgError:
            return None
    return fitter


def _model(
    data: ChoiceData, random: Mapping[str, Distribution], best: _End, *, n_halton: int, seed: int
) -> MixedLogit:
    names = tuple(
        name if random.get(name, "normal") == "normal" else f"{LOG}{name}" for name in data.names
    ) + tuple(f"{SD}{name}" for name in random)
    estimates = best.at
    # the sign of a standard deviation means nothing
    sign = np.ones(len(names))
    sign[len(data.names) :] = np.where(estimates[len(data.names) :] < 0, -1.0, 1.0)
    return MixedLogit(
        kind="mixed",
        names=names,
        estimates=pd.Series(estimates * sign, index=list(names)),
        covariance=pd.DataFrame(
            best.covariance * np.outer(sign, sign), index=list(names), columns=list(names)
        ),
        log_likelihood=best.log_likelihood,
        **data.basis,
        seed=seed,
        distributions=dict(random),
        n_halton=n_halton,
    )
