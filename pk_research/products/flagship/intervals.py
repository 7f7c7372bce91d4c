"""How sure each rank is: scores and weights drawn anew a thousand times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from pk_research.compute.chance import derived_rng
from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.products.flagship import words
from pk_research.products.flagship.decision import Decision
from pk_research.products.flagship.methods import METHODS, faults_of_methods, ranks
from pk_research.products.flagship.panel import Panel, panel

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LOW, HIGH = 0.05, 0.95
TOLD_APART = 0.95
DRAWS_AT_ONCE = 50


@dataclass(frozen=True, eq=False)
class RankIntervals:
    """Ranks over many drawings.

    Attributes
    ----------
    decision
        What was decided on.
    intervals
        One row an alternative, best first: ``rank`` (as computed), ``median``, ``low``, ``high``
        (5 and 95 % points of its ranks), ``share_first`` (share of the drawings in which it is
        first, alone or with others).
    before
        Share of the drawings in which the row is ranked before the column; equals count half.
    method
        Which method ranked.
    n_draws, seed
        Drawings, and the seed of all chance.
    options
        What was varied, and how far.
    """

    decision: Decision
    intervals: pd.DataFrame
    before: pd.DataFrame
    method: str
    n_draws: int
    seed: int
    options: Mapping[str, object]

    @property
    def told_apart(self) -> pd.DataFrame:
        """Pairs in the same order in at least 95 % of the drawings: ``better``, ``worse``, ``share``."""
        pairs = [
            (better, worse, float(self.before.loc[better, worse]))
            for better in self.before.index
            for worse in self.before.columns
            if better != worse and self.before.loc[better, worse] >= TOLD_APART
        ]
        return pd.DataFrame(pairs, columns=["better", "worse", "share"])

    @property
    def not_told_from_first(self) -> tuple[str, ...]:
        """Alternatives that cannot be told from the first."""
        first = self.before.index[0]
        return tuple(
            str(name) for name in self.before.columns[1:] if self.before.loc[first, name] < TOLD_APART
        )

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row an alternative for people: rank, interval, share of drawings first."""
        return words.intervals_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say which alternatives can be told from which."""
        return words.intervals_in_words(self, language)

    def plot(self, language: Language, *, width_px: int = 900) -> Figure:
        """Draw each alternative's interval around its median, the computed rank marked."""
        from pk_research.products.flagship.pictures import plot_intervals

        return plot_intervals(self, language, width_px=width_px)


def rank_intervals(
    given: Decision,
    *,
    method: str,
    score_sd: float | Mapping[str, float] = 0.0,
    bounds: tuple[float, float] | None = None,
    weight_noise: float = 0.0,
    experts: Panel | None = None,
    n_draws: int = 1000,
    seed: int = 0,
    n_jobs: int | None = None,
) -> RankIntervals:
    """Draw scores and weights anew and return an interval for each rank.

    Parameters
    ----------
    given
        Scores and weights, from `decision`.
    method
        One of the methods of `choose`.
    score_sd
        Standard deviation of a score's normal error, in its unit; one for all or by criterion.
    bounds
        Lowest and highest possible score; drawn ones beyond are put there. (1, 5) say.
    weight_noise
        0.25 lets each weight be up to a quarter smaller or larger. For MPE, whose weights are
        whole numbers, drawn ones are rounded.
    experts
        A panel: every drawing takes as many experts, with replacement, and merges them anew.
        Not together with ``weight_noise``.
    n_draws, seed
        Drawings, and the seed of all chance; each drawing derives its own.
    n_jobs
        Workers, as in joblib; the result does not depend on it.

    Raises
    ------
    BadInput
        When nothing varies, an option is out of range, or the method cannot be used here; all at
        once.

    Examples
    --------
    >>> from pk_research.products.flagship.decision import decision
    >>> scores = pd.DataFrame({"market": [5, 4.9, 1], "price": [5, 4, 1]}, index=["batik", "rice", "dolls"])
    >>> found = rank_intervals(decision(scores, {"market": 3, "price": 1}), method="bayes", score_sd=0.5,
    ...                        n_draws=200)
    >>> found.not_told_from_first
    ('rice',)
    """
    sd = _by_criterion(given, score_sd)
    drawing = _Drawing(given, method, sd, bounds, weight_noise, experts, seed)
    problems = [*faults_of_methods(given, [method]), *_faults(drawing, n_draws)]
    if problems:
        raise BadInput(problems)
    blocks = [range(start, min(start + DRAWS_AT_ONCE, n_draws)) for start in range(0, n_draws, DRAWS_AT_ONCE)]
    drawn = np.concatenate(Parallel(n_jobs=n_jobs)(delayed(_ranks_of)(drawing, block) for block in blocks))
    computed = ranks(METHODS[method].value(given), method)
    order = computed.iloc[_places(computed.index)].sort_values(kind="stable").index
    at = given.scores.index.get_indexer(order)
    low, median, high = np.quantile(drawn[:, at], [LOW, 0.5, HIGH], axis=0)
    first = (drawn[:, at] == drawn.min(axis=1, keepdims=True)).mean(axis=0)
    return RankIntervals(
        decision=given,
        intervals=pd.DataFrame(
            {"rank": computed[order], "median": median, "low": low, "high": high, "share_first": first},
            index=order,
        ),
        before=pd.DataFrame(_before(drawn[:, at]), index=order, columns=order),
        method=method,
        n_draws=n_draws,
        seed=seed,
        options={
            "score_sd": dict(sd),
            "bounds": bounds,
            "weight_noise": weight_noise,
            "experts": tuple(experts.experts) if experts else (),
        },
    )


@dataclass(frozen=True, eq=False)
class _Drawing:
    """All that a worker needs to draw once more."""

    given: Decision
    method: str
    sd: pd.Series
    bounds: tuple[float, float] | None
    weight_noise: float
    experts: Panel | None
    seed: int

    def ranks(self, n: int) -> np.ndarray:
        rng = derived_rng(self.seed, n)
        method = METHODS[self.method]
        return method.ranks(
            method.on_arrays(self._scores(rng), self._weights(rng), self.given.directions.to_numpy())
        )

    def _scores(self, rng: np.random.Generator) -> np.ndarray:
        # Drawn in the order of the names, so that the order of rows and columns changes nothing.
        rows, columns = _places(self.given.scores.index), _places(self.given.scores.columns)
        errors = np.empty(self.given.scores.shape)
        errors[np.ix_(rows, columns)] = rng.standard_normal(errors.shape)
        scores: np.ndarray = self.given.scores.to_numpy() + errors * self.sd.to_numpy()
        return scores if self.bounds is None else scores.clip(*self.bounds)

    def _weights(self, rng: np.random.Generator) -> np.ndarray:
        if self.experts is not None:
            return self._weights_of_experts(self.experts, rng)
        weights: np.ndarray = self.given.weights.to_numpy()
        noise = np.empty(len(weights))
        noise[_places(self.given.weights.index)] = rng.uniform(-1, 1, size=len(weights))
        weights = weights * (1 + self.weight_noise * noise)
        return weights.round().clip(min=1) if self.method == "mpe" else weights

    def _weights_of_experts(self, experts: Panel, rng: np.random.Generator) -> np.ndarray:
        present = sorted(experts.judgements)
        taken = rng.integers(len(present), size=len(present))
        again = {str(n): experts.judgements[present[place]] for n, place in enumerate(taken)}
        merged = panel(again, merging=experts.merging, accept_inconsistent=True)
        return np.array([merged.weights[name] for name in self.given.weights.index])


def _places(names: pd.Index) -> np.ndarray:
    """Return where the names stand, in the order of the names."""
    return np.argsort([str(name) for name in names], kind="stable")


def _ranks_of(drawing: _Drawing, block: range) -> np.ndarray:
    return np.stack([drawing.ranks(n) for n in block])


def _before(drawn: np.ndarray) -> np.ndarray:
    difference = drawn[:, :, None] - drawn[:, None, :]
    share = (difference < 0).mean(axis=0) + (difference == 0).mean(axis=0) / 2
    np.fill_diagonal(share, np.nan)
    return np.asarray(share)


def _by_criterion(given: Decision, sd: float | Mapping[str, float]) -> pd.Series:
    if isinstance(sd, Mapping):
        unknown = [name for name in sd if name not in given.scores.columns]
        if unknown:
            raise BadInput(
                [
                    Problem(f"score_sd, {name!r}", "no criterion has this name", "Correct it.")
                    for name in unknown
                ]
            )
        return pd.Series({name: float(sd.get(name, 0.0)) for name in given.scores.columns})
    return pd.Series(float(sd), index=given.scores.columns)


def _faults(drawing: _Drawing, n_draws: int) -> Iterator[Problem]:
    sd, bounds, experts = drawing.sd, drawing.bounds, drawing.experts
    if not (np.isfinite(sd) & (sd >= 0)).all():
        yield Problem("score_sd", "it is below 0 or not a number", "Give 0 or a positive number.")
    if not 0 <= drawing.weight_noise < 1:
        yield Problem("weight_noise", f"it is {drawing.weight_noise}", "Give a share from 0 to below 1.")
    if bounds is not None and not bounds[0] < bounds[1]:
        yield Problem(
            "bounds", f"{bounds[0]} is not below {bounds[1]}", "Give the lowest and the highest score."
        )
    if drawing.method in {"mpe", "ahp"} and (sd > 0).any() and (bounds is None or bounds[0] <= 0):
        yield Problem("bounds", "drawn scores may fall to 0 or below", "Give bounds above 0 for MPE and AHP.")
    if experts is not None and drawing.weight_noise > 0:
        yield Problem("weight_noise", "experts are given as well", "Vary weights by one of the two.")
    if experts is not None and set(experts.weights) != set(drawing.given.weights.index):
        yield Problem("experts", "they weighed other criteria", "Give the panel that the weights come from.")
    if experts is not None and drawing.method == "mpe":
        yield Problem("experts", "MPE needs whole weights", "Use weight_noise, or another method.")
    if n_draws < 1 or drawing.seed < 0:
        yield Problem("n_draws and seed", f"they are {n_draws} and {drawing.seed}", "Give 1 and 0, or more.")
    if experts is None and drawing.weight_noise == 0 and (sd == 0).all():
        yield Problem("rank_intervals", "nothing varies", "Give score_sd, weight_noise or experts.")
