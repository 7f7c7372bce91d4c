"""How far a type stands from all other villages, variable by variable: by means and by ranks."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from pk_research.clusters.typology import Typology


def effects_against_rest(typology: Typology) -> pd.DataFrame:
    """Compare each type with the villages of all other types.

    Returns
    -------
    DataFrame
        One row a ``cluster`` and ``variable``: ``n`` villages of the type and ``n_rest`` others that
        have a value, the only ones that count; ``cohen_d``, the difference of the means in pooled
        standard deviations (missing where neither side varies), and ``cliff_delta``, the chance
        that a village of the type has the higher value less the chance that it has the lower one,
        -1 to 1, which long tails do not move. A category is a row of its own, 1 where a village is
        in it, so that ``cliff_delta`` is the difference of its shares.

    References
    ----------
    Cohen (1988), Statistical power analysis for the behavioral sciences. Cliff (1993), Dominance
    statistics: ordinal analyses to answer ordinal questions.
    """
    cluster = typology.villages["cluster"].to_numpy()
    columns = typology.columns
    rows = [
        {"cluster": number, "variable": name} | _effects(values, cluster == number)
        for number in range(1, typology.k + 1)
        for name, values in zip(columns.names, columns.measured.T, strict=True)
    ]
    return pd.DataFrame(rows)


def _effects(values: np.ndarray, is_member: np.ndarray) -> dict[str, float]:
    is_known = ~np.isnan(values)
    group, rest = values[is_known & is_member], values[is_known & ~is_member]
    sizes = {"n": len(group), "n_rest": len(rest)}
    if not len(group) or not len(rest):
        return {**sizes, "cohen_d": float("nan"), "cliff_delta": float("nan")}
    return {**sizes, "cohen_d": cohen_d(group, rest), "cliff_delta": cliff_delta(group, rest)}


def cohen_d(group: np.ndarray, rest: np.ndarray) -> float:
    """Return the difference of the means in pooled standard deviations.

    Examples
    --------
    >>> round(cohen_d(np.array([3.0, 5.0]), np.array([0.0, 2.0])), 3)
    2.121
    """
    squares = ((group - group.mean()) ** 2).sum() + ((rest - rest.mean()) ** 2).sum()
    if not squares:
        return float("nan")
    pooled = np.sqrt(squares / (len(group) + len(rest) - 2))
    return float((group.mean() - rest.mean()) / pooled)


def cliff_delta(group: np.ndarray, rest: np.ndarray) -> float:
    """Return how much more often a value of the group is the higher than the lower one.

    Examples
    --------
    >>> cliff_delta(np.array([2.0, 9.0]), np.array([1.0, 2.0]))
    0.75
    """
    ranks = rankdata(np.concatenate([group, rest]))[: len(group)]
    wins = ranks.sum() - len(group) * (len(group) + 1) / 2
    return float(2 * wins / (len(group) * len(rest)) - 1)
