"""How far rankings agree: Kendall's W over all, Spearman's coefficient between two."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import t

from pk_research.errors import BadInput, Problem

NORMAL_95 = 1.959963984540054
FEWEST = 4


@dataclass(frozen=True, slots=True)
class Concordance:
    """Kendall's W with its interval.

    Attributes
    ----------
    w
        0 where rankings share nothing, 1 where they are one.
    low, high
        Its 95 % interval by the jackknife; missing for fewer than three of what is left out. Where
        nothing that is left out changes W, as at 1, it has no width.
    """

    w: float
    low: float
    high: float


def kendall_w(ranks: pd.DataFrame) -> float:
    """Return Kendall's coefficient of concordance, corrected for equals.

    Parameters
    ----------
    ranks
        One row an alternative, one column a ranking; equals share their mean rank.

    Returns
    -------
    float
        W; missing where no ranking tells any alternative from another.

    Raises
    ------
    BadInput
        When a rank is missing.

    References
    ----------
    Kendall and Babington Smith (1939), The problem of m rankings, Annals of Mathematical
    Statistics 10.

    Examples
    --------
    >>> kendall_w(pd.DataFrame({"a": [1, 2, 3], "b": [1, 2, 3], "c": [3, 2, 1]})).__round__(3)
    0.111
    """
    _refuse_missing(ranks)
    values = ranks.rank().to_numpy()
    n, m = values.shape
    sums = values.sum(axis=1)
    ties = sum(
        float((counts**3 - counts).sum())
        for counts in (np.unique(column, return_counts=True)[1] for column in values.T)
    )
    most = m**2 * (n**3 - n) - m * ties
    return float(12 * ((sums - sums.mean()) ** 2).sum() / most) if most > 0 else np.nan


def concordance(ranks: pd.DataFrame, *, over: str) -> Concordance:
    """Return Kendall's W with a jackknife interval.

    Parameters
    ----------
    ranks
        As in `kendall_w`.
    over
        What counts as drawn by chance: ``"rows"`` (alternatives, where the rankings are fixed
        methods) or ``"columns"`` (rankings, where they are people).

    References
    ----------
    Tukey (1958), Bias and confidence in not quite large samples, Annals of Mathematical
    Statistics 29.

    Examples
    --------
    >>> ranks = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1, 2, 4, 3], "c": [2, 1, 3, 4]})
    >>> found = concordance(ranks, over="columns")
    >>> round(found.w, 3), found.low < found.w <= found.high
    (0.822, True)
    """
    if over not in {"rows", "columns"}:
        raise BadInput(Problem("over", f"{over!r} is neither", "Choose 'rows' or 'columns'."))
    w = kendall_w(ranks)
    parts = ranks.index if over == "rows" else ranks.columns
    n = len(parts)
    if n < 3:
        return Concordance(w, np.nan, np.nan)
    without = np.array(
        [kendall_w(ranks.drop(**{"index" if over == "rows" else "columns": [p]})) for p in parts]
    )
    error = float(np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum()))
    reach = float(t.ppf(0.975, n - 1)) * error
    return Concordance(w, max(0.0, w - reach), min(1.0, w + reach))


def spearman(ranks: pd.DataFrame) -> pd.DataFrame:
    """Return Spearman's coefficient of each pair of rankings with its 95 % interval.

    Parameters
    ----------
    ranks
        One row an alternative, one column a ranking.

    Returns
    -------
    DataFrame
        One row a pair: ``first``, ``second``, ``r``, ``low``, ``high``. The interval is Bonett and
        Wright's; missing below four alternatives and where a ranking tells none apart. At r = 1 it
        has no width.

    Raises
    ------
    BadInput
        When a rank is missing.

    References
    ----------
    Bonett and Wright (2000), Sample size requirements for estimating Pearson, Kendall and
    Spearman correlations, Psychometrika 65.

    Examples
    --------
    >>> spearman(pd.DataFrame({"a": [1, 2, 3, 4, 5], "b": [1, 2, 3, 5, 4]})).round(2).values.tolist()
    [['a', 'b', 0.9, -0.17, 1.0]]
    """
    _refuse_missing(ranks)
    pairs = list(combinations(ranks.columns, 2))
    values = ranks.rank()
    found = [_interval(_r(values[first], values[second]), len(ranks)) for first, second in pairs]
    table = pd.DataFrame(found, columns=["r", "low", "high"])
    table.insert(0, "first", [first for first, _ in pairs])
    table.insert(1, "second", [second for _, second in pairs])
    return table


def _refuse_missing(ranks: pd.DataFrame) -> None:
    incomplete = [str(name) for name in ranks.index[ranks.isna().any(axis=1)]]
    if incomplete:
        raise BadInput(
            Problem(
                "ranks",
                f"a rank is missing of {', '.join(incomplete)}",
                "Rank them, or leave their rows out.",
            )
        )


def _r(one: pd.Series, other: pd.Series) -> float:
    if one.nunique() < 2 or other.nunique() < 2:
        return np.nan
    return float(np.corrcoef(one, other)[0, 1])


def _interval(r: float, n: int) -> tuple[float, float, float]:
    if n < FEWEST or np.isnan(r):
        return r, np.nan, np.nan
    if np.isclose(abs(r), 1):
        return r, r, r
    reach = NORMAL_95 * np.sqrt((1 + r**2 / 2) / (n - 3))
    return r, float(np.tanh(np.arctanh(r) - reach)), float(np.tanh(np.arctanh(r) + reach))
