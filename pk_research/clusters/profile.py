"""What makes a cluster what it is: how far its villages stand from all villages, variable by variable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t

NOTABLE = 0.5


@dataclass(frozen=True, eq=False)
class Profile:
    """The clusters described by their variables.

    Attributes
    ----------
    table
        One row a cluster and variable: ``n`` villages, ``mean`` and ``sd`` in the variable's
        unit (sd with n - 1; missing for one village), ``effect`` = (cluster mean - mean of all)
        / sd of all, with its 95% interval ``effect_low`` to ``effect_high``.
    overall
        One row a variable (the index): ``mean`` and ``sd`` of all villages (sd with n), and
        ``eta_squared``, the share of the variable's variance that lies between clusters, 0 to 1.

    Notes
    -----
    The interval is the t interval of the cluster's mean, for villages taken as draws from their
    type. It takes the grouping as given: the doubt about who belongs where comes on top.
    """

    table: pd.DataFrame
    overall: pd.DataFrame

    def wide(self, measure: str) -> pd.DataFrame:
        """Return a column of the table with one row a cluster and one column a variable."""
        wide = self.table.pivot_table(index="cluster", columns="variable", values=measure, aggfunc="first")
        return wide[self.overall.index]

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


def describe(values: np.ndarray, clusters: np.ndarray, variables: Sequence[str]) -> Profile:
    """Describe clusters by their variables.

    Parameters
    ----------
    values
        One row a village, one column a variable, in the variables' own units.
    clusters
        Number of each village's cluster, from 1.
    variables
        Names of the columns.

    Examples
    --------
    >>> profile = describe(np.array([[1.0], [1.0], [3.0], [3.0]]), np.array([1, 1, 2, 2]), ["iks"])
    >>> float(profile.effects().loc[2, "iks"]), float(profile.overall.loc["iks", "eta_squared"])
    (1.0, 1.0)
    """
    mean, sd = values.mean(axis=0), values.std(axis=0)
    rows = [
        row
        for cluster in np.unique(clusters)
        for row in _rows(int(cluster), values[clusters == cluster], mean, sd, variables)
    ]
    table = pd.DataFrame(rows)
    between = (table["n"] * table["effect"] ** 2).groupby(table["variable"]).sum() / len(values)
    overall = pd.DataFrame({"mean": mean, "sd": sd}, index=pd.Index(variables, name="variable"))
    return Profile(table=table, overall=overall.assign(eta_squared=between))


def _rows(
    cluster: int, members: np.ndarray, mean: np.ndarray, sd: np.ndarray, variables: Sequence[str]
) -> list[dict[str, object]]:
    n = len(members)
    own_mean = members.mean(axis=0)
    own_sd = members.std(axis=0, ddof=1) if n > 1 else np.full(len(mean), np.nan)
    effect = (own_mean - mean) / sd
    margin = (t.ppf(0.975, n - 1) if n > 1 else np.nan) * own_sd / np.sqrt(n) / sd
    return [
        {
            "cluster": cluster,
            "variable": name,
            "n": n,
            "mean": own_mean[j],
            "sd": own_sd[j],
            "effect": effect[j],
            "effect_low": effect[j] - margin[j],
            "effect_high": effect[j] + margin[j],
        }
        for j, name in enumerate(variables)
    ]
