"""What makes a cluster what it is: how far its villages stand from all villages, variable by variable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.stats import binomtest, t

NOTABLE = 0.5


@dataclass(frozen=True, eq=False)
class Profile:
    """The clusters described by their variables.

    Attributes
    ----------
    table
        One row a cluster and variable: ``n`` villages that have a value, ``mean`` and ``sd`` in
        the variable's unit (sd with n - 1; missing for one village), ``effect`` = (cluster mean -
        mean of all) / sd of all, with its 95% interval ``effect_low`` to ``effect_high``. A
        category is 1 where a village is in it and 0 where not, so that ``mean`` is its share.
    overall
        One row a variable (the index): ``mean`` and ``sd`` of all villages that have a value (sd
        with n), and ``eta_squared``, the share of the variable's variance that lies between
        clusters, 0 to 1.
    category_of
        For each row of ``overall`` that is a category, the variable it is a category of.

    Notes
    -----
    The interval is the t interval of the cluster's mean, for villages taken as draws from their
    type; for a category the Wilson interval of its share. It takes the grouping as given: the
    doubt about who belongs where comes on top.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """

    table: pd.DataFrame
    overall: pd.DataFrame
    category_of: Mapping[str, str] = field(default_factory=dict)

    def wide(self, measure: str) -> pd.DataFrame:
        """Return a column of the table with one row a cluster and one column a variable."""
        wide = self.table.pivot_table(index="cluster", columns="variable", values=measure, aggfunc="first")
        return wide.reindex(columns=self.overall.index)  # of a variable without a value, too

    def effects(self) -> pd.DataFrame:
        """Return the effects with one row a cluster and one column a variable."""
        return self.wide("effect")

    def notable(self, cluster: int, *, at_least: float = NOTABLE) -> pd.DataFrame:
        """Return the rows of a cluster that stand out, the furthest from all villages first.

        Parameters
        ----------
        cluster
            Its number, from 1.
        at_least
            Smallest effect to report, in standard deviations.
        """
        rows = self.table[(self.table["cluster"] == cluster) & (self.table["effect"].abs() >= at_least)]
        return rows.sort_values("effect", key=lambda effect: -effect.abs(), kind="stable")


def describe(
    values: np.ndarray,
    clusters: np.ndarray,
    variables: Sequence[str],
    *,
    category_of: Mapping[str, str] | None = None,
) -> Profile:
    """Describe clusters by their variables.

    Parameters
    ----------
    values
        One row a village, one column a variable, in the variables' own units; a category is 0 or
        1. NaN is missing, and counts nowhere.
    clusters
        Number of each village's cluster, from 1; 0 for villages in none, which count among all.
    variables
        Names of the columns.
    category_of
        For each column that is a category, the variable it is a category of.

    Examples
    --------
    >>> profile = describe(np.array([[1.0], [1.0], [3.0], [3.0]]), np.array([1, 1, 2, 2]), ["iks"])
    >>> float(profile.effects().loc[2, "iks"]), float(profile.overall.loc["iks", "eta_squared"])
    (1.0, 1.0)
    """
    parts = dict(category_of or {})
    n, mean, sd = _moments(values, ddof=0)
    overall = pd.DataFrame({"mean": mean, "sd": sd}, index=pd.Index(variables, name="variable"))
    table = pd.DataFrame(
        row
        for cluster in np.unique(clusters)
        for row in _rows(int(cluster), values[clusters == cluster], overall, parts)
    )
    weighted = (table["n"] * table["effect"] ** 2).groupby(table["variable"]).sum()
    between = weighted / pd.Series(n, index=overall.index)
    table = table[table["cluster"] > 0].reset_index(drop=True)
    return Profile(table=table, overall=overall.assign(eta_squared=between), category_of=parts)


def _moments(values: np.ndarray, *, ddof: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how many values each column has, their mean and their standard deviation."""
    is_known = ~np.isnan(values)
    n = is_known.sum(axis=0)
    missing = np.full(len(n), np.nan)
    mean = np.divide(np.where(is_known, values, 0).sum(axis=0), n, out=missing.copy(), where=n > 0)
    squares = (np.where(is_known, values - mean, 0) ** 2).sum(axis=0)
    return n, mean, np.sqrt(np.divide(squares, n - ddof, out=missing, where=n > ddof))


def _rows(
    cluster: int, members: np.ndarray, overall: pd.DataFrame, category_of: Mapping[str, str]
) -> list[dict[str, object]]:
    mean, sd = overall["mean"].to_numpy(), overall["sd"].to_numpy()
    n, own_mean, own_sd = _moments(members, ddof=1)
    effect = (own_mean - mean) / sd
    margin = t.ppf(0.975, np.where(n > 1, n - 1, np.nan)) * own_sd / np.sqrt(np.maximum(n, 1)) / sd
    low, high = effect - margin, effect + margin
    for j, name in enumerate(overall.index):
        if name in category_of and n[j]:
            share = binomtest(round(own_mean[j] * n[j]), int(n[j])).proportion_ci(method="wilson")
            low[j], high[j] = (share.low - mean[j]) / sd[j], (share.high - mean[j]) / sd[j]
    return [
        {
            "cluster": cluster,
            "variable": name,
            "n": int(n[j]),
            "mean": own_mean[j],
            "sd": own_sd[j],
            "effect": effect[j],
            "effect_low": low[j],
            "effect_high": high[j],
        }
        for j, name in enumerate(overall.index)
    ]
