"""Effects of each starting group in each period, and how they are averaged with their doubt.

Callaway and Sant'Anna (2021): every group's change since its last period without the policy, less the
same change among those without it. Averages weigh groups by their size; that the sizes are themselves
of a sample enters the standard error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

Aggregation = Literal["simple", "dynamic", "group", "period"]
Comparison = Literal["never_treated", "not_yet_treated"]
BasePeriod = Literal["universal", "varying"]


@dataclass(frozen=True, eq=False)
class GroupTime:
    """Effects of starting groups by period, with each unit's influence on them.

    Attributes
    ----------
    start, period
        Group and period of each effect.
    effect
        The effects.
    influence
        Units x effects: how far each unit moves each effect.
    groups
        Start of each unit; 0 for never.
    clusters
        Cluster of each unit.
    """

    start: np.ndarray
    period: np.ndarray
    effect: np.ndarray
    influence: np.ndarray
    groups: np.ndarray
    clusters: np.ndarray

    def errors(self) -> np.ndarray:
        """Return the standard error of each effect, over clusters."""
        errors: np.ndarray = np.sqrt(np.diagonal(_errors(self, self.influence)))
        return errors


@dataclass(frozen=True, eq=False)
class Average:
    """Averages of group-time effects: one whole, and one a term.

    Attributes
    ----------
    terms
        Event times, starts or periods; empty for the simple average.
    effects, covariance
        Of the terms.
    whole, whole_error
        The average over terms (over those with the policy).
    """

    terms: tuple[int, ...]
    effects: np.ndarray
    covariance: np.ndarray
    whole: float
    whole_error: float


def averaged(cells: GroupTime, how: Aggregation) -> Average:
    """Average the effects of starting groups as Callaway and Sant'Anna do."""
    after = cells.period >= cells.start
    if how == "simple":
        effects, influence = _weighted(cells, after[None, :])
        error = _errors(cells, influence)[0, 0]
        return Average((), np.empty(0), np.empty((0, 0)), float(effects[0]), float(np.sqrt(error)))
    key = {"dynamic": cells.period - cells.start, "group": cells.start, "period": cells.period}[how]
    terms = np.unique(key if how == "dynamic" else key[after])
    chosen = np.array([(key == term) & (after | (how == "dynamic")) for term in terms])
    effects, influence = _weighted(cells, chosen)
    whole, whole_influence = _whole(cells, how, terms, effects, influence)
    return Average(
        tuple(int(term) for term in terms),
        effects,
        _errors(cells, influence),
        whole,
        float(np.sqrt(_errors(cells, whole_influence[:, None])[0, 0])),
    )


def by_hand(rows: pd.DataFrame, *, comparison: Comparison, base_period: BasePeriod) -> GroupTime:
    """Return group-time effects without covariates from means of a balanced panel."""
    outcomes = rows.pivot_table(index="unit", columns="period", values="outcome")
    units = rows.groupby("unit")[["start", "cluster"]].first()
    groups = units["start"].to_numpy()
    cells = [
        (start, period, *_difference(outcomes.to_numpy(), groups, (start, period, base), comparison))
        for start, period, base in _comparisons(groups, outcomes.columns.to_numpy(), base_period, comparison)
    ]
    start, period, effect, influence = zip(*cells, strict=True)
    return GroupTime(
        np.array(start),
        np.array(period),
        np.array(effect),
        np.column_stack(influence),
        groups,
        units["cluster"].to_numpy(),
    )


def _comparisons(
    groups: np.ndarray, periods: np.ndarray, base_period: BasePeriod, comparison: Comparison
) -> Iterator[tuple[int, int, int]]:
    last = int(groups.max()) if comparison == "not_yet_treated" and (groups > 0).all() else np.inf
    for start in np.unique(groups[groups > 0]):
        for period in periods:
            base = start - 1 if base_period == "universal" or period >= start else period - 1
            if base >= periods[0] and period < last and start < last:
                yield int(start), int(period), int(base)


def _difference(
    outcomes: np.ndarray, groups: np.ndarray, cell: tuple[int, int, int], comparison: Comparison
) -> tuple[float, np.ndarray]:
    start, period, base = cell
    change = outcomes[:, period - 1] - outcomes[:, base - 1]
    has = groups == start
    without = groups == 0
    if comparison == "not_yet_treated":
        without |= (groups > max(period, base)) & ~has
    influence = np.zeros(len(groups))
    influence[has] = (change[has] - change[has].mean()) / has.sum()
    influence[without] = -(change[without] - change[without].mean()) / without.sum()
    return float(change[has].mean() - change[without].mean()), influence


def _weighted(cells: GroupTime, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    shares = np.bincount(cells.groups) / len(cells.groups)
    sizes = np.where(chosen, shares[cells.start], 0)
    totals = sizes.sum(axis=1, keepdims=True)
    effects = sizes @ cells.effect / totals[:, 0]
    # The weights are shares of a sample, so units move the averages through them, too.
    apart = np.where(chosen, cells.effect - effects[:, None], 0) / totals / len(cells.groups)
    belongs = np.arange(len(shares))[:, None] == cells.start
    through_weights = belongs @ apart.T - shares[cells.start] @ apart.T
    return effects, cells.influence @ (sizes / totals).T + through_weights[cells.groups]


def _whole(
    cells: GroupTime, how: Aggregation, terms: np.ndarray, effects: np.ndarray, influence: np.ndarray
) -> tuple[float, np.ndarray]:
    if how == "group":
        by_group = GroupTime(terms, terms, effects, influence, cells.groups, cells.clusters)
        whole, whole_influence = _weighted(by_group, np.ones((1, len(terms)), dtype=bool))
        return float(whole[0]), whole_influence[:, 0]
    counted = terms >= 0
    return float(effects[counted].mean()), influence[:, counted].mean(axis=1)


def _errors(cells: GroupTime, influence: np.ndarray) -> np.ndarray:
    known, code = np.unique(cells.clusters, return_inverse=True)
    if len(known) == len(influence):
        return np.asarray(influence.T @ influence)
    sums = np.column_stack([np.bincount(code, column) for column in influence.T])
    covariance: np.ndarray = len(known) / (len(known) - 1) * sums.T @ sums
    return covariance
