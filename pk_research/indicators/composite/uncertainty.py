"""How sure each rank is: the index computed a thousand times with other choices and other data errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.indicators.composite import uncertainty_words as words
from pk_research.indicators.composite.index import CompositeIndex
from pk_research.indicators.composite.variation import Variation, draw_at, run, variation_of
from pk_research.language import Language

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LOW, HIGH = 0.05, 0.95
CELLS_AT_ONCE = 2_000_000


@dataclass(frozen=True, eq=False)
class RankUncertainty:
    """Ranks over many draws.

    Attributes
    ----------
    index
        The index that was varied.
    intervals
        One row a unit (the key is the index): ``rank`` (as published), ``median``, ``low`` and
        ``high`` (the 5 and 95 % points of its ranks), ``share_top`` (share of the draws in which
        it is among the first ``top``), ``share_scored`` (share of the draws in which it has a
        score; the others count those draws alone). A unit that never has one has no interval.
    mean_shift
        By draw, how many ranks units move on average from their published rank.
    variation
        What was varied.
    top
        How many first ranks ``share_top`` looks at.
    n_draws, seed
        Draws, and the seed of all chance.
    """

    index: CompositeIndex
    intervals: pd.DataFrame
    mean_shift: np.ndarray
    variation: Variation
    top: int
    n_draws: int
    seed: int

    @cached_property
    def n_rivals(self) -> pd.Series:
        """By unit, how many others have an interval that overlaps its own; missing without one."""
        low, high = (self.intervals[name].to_numpy(dtype=float) for name in ("low", "high"))
        known = ~np.isnan(low)
        below = np.searchsorted(np.sort(high[known]), low, side="left")
        above = known.sum() - np.searchsorted(np.sort(low[known]), high, side="right")
        rivals = pd.Series(known.sum() - 1 - below - above, index=self.intervals.index, dtype="Int64")
        return rivals.where(known)

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a unit for people: rank, interval, share of the draws at the top."""
        return words.intervals_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say how wide the intervals are, and who is at the top whatever is chosen."""
        return words.intervals_in_words(self, language)

    def plot(self, language: Language, *, width_px: int = 1200) -> Figure:
        """Draw each unit's interval around its median, the published rank marked."""
        from pk_research.indicators.composite.pictures import plot_intervals

        return plot_intervals(self, language, width_px=width_px)


def monte_carlo(
    index: CompositeIndex,
    *,
    alternatives: Mapping[str, Iterable[Any]] | None = None,
    weight_noise: float = 0.0,
    data_error: bool = False,
    n_draws: int = 1000,
    top: int = 10,
    seed: int = 0,
    n_jobs: int | None = None,
) -> RankUncertainty:
    """Vary choices, weights and data at once, and return an interval for each rank.

    Every draw picks one of the alternatives of each choice, disturbs the weights, adds errors to
    the values observed, and computes the whole index again. Weights read from the data are those
    of the data without error. Which units take part does not vary.

    A multiple imputation counts with its spread: each draw takes one of the ``n_imputations``
    completed tables of `Options`, evenly. What was imputed has no measurement error of its own.

    Parameters
    ----------
    index
        The index as published.
    alternatives
        By field of `Options`, the values to choose from: ``{"normalisation": ["min-max", "z"]}``.
        Include the published choice if it is among those to be considered.
    weight_noise
        0.25 lets each weight be up to a quarter smaller or larger before they are scaled.
    data_error
        Adds normal errors with the declared ``se`` or ``relative_se``.
    n_draws
        Number of draws.
    top
        Counts how often a unit is among so many first.
    seed
        Seed of all chance; every draw derives its own, so that neither the number of workers nor
        of draws changes a draw.
    n_jobs
        Workers, as in joblib.

    Raises
    ------
    BadInput
        When nothing varies, or an alternative cannot be computed; all faults at once.

    References
    ----------
    Saisana, Saltelli and Tarantola (2005), Uncertainty and sensitivity analysis techniques as
    tools for the quality assessment of composite indicators.
    """
    variation = variation_of(index, alternatives, weight_noise=weight_noise, data_error=data_error)
    if n_draws < 1 or seed < 0:
        raise BadInput(
            Problem("n_draws and seed", f"they are {n_draws} and {seed}", "Give 1 and 0, or more.")
        )
    draws = [
        draw_at(_place(seed, n, variation), variation, index.options, weight_key=n, error_key=n)
        for n in range(n_draws)
    ]
    ranks = np.stack(run(index, variation, draws, _all_ranks, seed=seed, n_jobs=n_jobs))
    published = index.rank.fillna(0).to_numpy(dtype=np.int32)
    return RankUncertainty(
        index=index,
        intervals=_intervals(ranks, index, top),
        mean_shift=np.array([mean_shift(each, published) for each in ranks]),
        variation=variation,
        top=top,
        n_draws=n_draws,
        seed=seed,
    )


def mean_shift(ranks: np.ndarray, published: np.ndarray) -> float:
    """Return the mean absolute change of rank over the units ranked both times; 0 means no rank.

    Examples
    --------
    >>> mean_shift(np.array([2, 1, 3, 0]), np.array([1, 2, 3, 4]))
    0.6666666666666666
    """
    both = (ranks > 0) & (published > 0)
    return float(np.abs(ranks[both] - published[both]).mean()) if both.any() else np.nan


def _place(seed: int, n: int, variation: Variation) -> np.ndarray:
    sequence = np.random.SeedSequence(seed, spawn_key=(n, 2))
    return np.random.default_rng(sequence).random(len(variation.factors))


def _all_ranks(ranks: np.ndarray) -> np.ndarray:
    return ranks


def _intervals(ranks: np.ndarray, index: CompositeIndex, top: int) -> pd.DataFrame:
    """Summarise ranks, one row a draw and one column a unit, in portions of units."""
    n_draws, n_units = ranks.shape
    step = max(1, CELLS_AT_ONCE // n_draws)
    parts = [_summary(ranks[:, start : start + step], top) for start in range(0, n_units, step)]
    table = pd.DataFrame(np.concatenate(parts, axis=1).T, index=index.inputs.key)
    table.columns = pd.Index(["median", "low", "high", "share_top", "share_scored"])
    table.insert(0, "rank", index.rank)
    return table


def _summary(ranks: np.ndarray, top: int) -> np.ndarray:
    scored = ranks > 0
    n_scored = scored.sum(axis=0)
    points = (0.5, LOW, HIGH)
    if scored.all():
        at = np.quantile(ranks, points, axis=0)
    else:
        at = np.full((3, ranks.shape[1]), np.nan)
        for unit in np.flatnonzero(n_scored):
            at[:, unit] = np.quantile(ranks[scored[:, unit], unit], points)
    at_top = (scored & (ranks <= top)).sum(axis=0)
    share_top = np.where(n_scored > 0, at_top / np.maximum(n_scored, 1), np.nan)
    return np.vstack([at, share_top, n_scored / len(ranks)])
