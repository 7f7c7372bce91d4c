"""Inequality: one number for how unequally incomes are spread, with its doubt."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal, get_args

import numpy as np

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.policy.welfare.design import SurveyDesign
from pk_research.policy.welfare.estimate import Estimate, Missing, Rows, estimated, taken, without
from pk_research.policy.welfare.statistics import Scored, lowest_sum, mean_scores, within
from pk_research.products.words import some

Inequality = Literal["gini", "theil_t", "mld", "atkinson", "s80_s20", "palma"]
Unfit = Literal["refuse", "domain"]
NAMES = {
    "gini": Message("Gini ratio"),
    "theil_t": Message("Theil T index"),
    "mld": Message("Mean log deviation (Theil L)"),
    "s80_s20": Message("Richest 20% to poorest 20% (S80/S20)"),
    "palma": Message("Palma ratio (richest 10% to poorest 40%)"),
}


def inequality(
    design: SurveyDesign,
    income: str,
    *,
    index: Inequality = "gini",
    aversion: float = 0.5,
    unfit: Unfit = "refuse",
    by: str | None = None,
    missing: Missing = "refuse",
    level: float = 0.95,
) -> Estimate:
    """Estimate an index of inequality with its linearised variance.

    Parameters
    ----------
    design
        How the survey was drawn.
    income
        Column of income or expenditure.
    index
        ``"gini"``; ``"theil_t"`` (Theil's T); ``"mld"`` (mean log deviation, Theil's L);
        ``"atkinson"``; ``"s80_s20"`` and ``"palma"``, ratios of what the richest and the poorest have.
    aversion
        Of Atkinson's index: how much inequality is minded, above 0.
    unfit
        What to do with incomes for which the index is not defined (below 0; or 0, for ``"mld"`` and for
        ``"atkinson"`` with an aversion of 1 or more): ``"refuse"`` them, or take the ``"domain"`` of the
        others; the result says how many.
    by, missing, level
        As in `pk_research.policy.welfare.mean`.

    Returns
    -------
    Estimate
        The index for all and for each group.

    Raises
    ------
    BadInput
        As `mean`; incomes for which the index is not defined; all incomes 0; a wrong option.

    References
    ----------
    Langel and Tillé (2013), Journal of the Royal Statistical Society A 176 (Gini); Biewen and Jenkins
    (2006), Oxford Bulletin 68 (Theil, Atkinson); Langel and Tillé (2011), Journal of Statistical
    Planning and Inference 141 (quantile shares).

    Examples
    --------
    >>> import pandas as pd
    >>> from pk_research.policy.welfare import survey_design
    >>> frame = pd.DataFrame({"w": 1, "income": [1, 2, 3, 4]})
    >>> inequality(survey_design(frame, weights="w"), "income").value
    0.25
    """
    problems = []
    if index not in get_args(Inequality):
        remedy = f"Choose among {some(get_args(Inequality))}."
        problems.append(Problem("index", f"it is {index!r}", remedy))
    if not (np.isfinite(aversion) and aversion > 0):
        problems.append(Problem("aversion", f"it is {aversion}", "Give a number above 0."))
    if unfit not in get_args(Unfit):
        problems.append(Problem("unfit", f"it is {unfit!r}", "Choose 'refuse' or 'domain'."))
    if problems:
        raise BadInput(problems)
    needs_positive = index == "mld" or (index == "atkinson" and aversion >= 1)
    rows = _fit(taken(design, [income], by, missing), income, unfit, needs_positive=needs_positive)
    what = NAMES.get(index) or Message("Atkinson index (aversion {aversion})", {"aversion": aversion})
    formula = partial(_atkinson, aversion=aversion) if index == "atkinson" else _FORMULAS[index]
    return estimated(rows, within(_of_positive_total(formula)), what, unit="number", by=by, level=level)


def _fit(rows: Rows, income: str, unfit: Unfit, *, needs_positive: bool) -> Rows:
    y = rows.matrix[:, 0]
    wrong = rows.inside & ((y <= 0) if needs_positive else (y < 0))
    n = int(wrong.sum())
    if n and unfit == "refuse":
        what = f"{n} of {rows.inside.sum()} rows are {'0 or less' if needs_positive else 'below 0'}"
        remedy = "Choose an index that allows it, or declare unfit='domain' to leave them outside."
        raise BadInput(Problem(income, what, remedy))
    fit = without(rows, wrong)
    if not (fit.matrix[fit.inside, 0] > 0).any():
        raise BadInput(Problem(income, "no income is above 0", "Inequality of nothing is not defined."))
    return fit


def _of_positive_total(
    formula: Callable[[np.ndarray, np.ndarray], Scored],
) -> Callable[[np.ndarray, np.ndarray], Scored]:
    """Let an index be missing in a group whose incomes are all 0."""

    def of_rows(values: np.ndarray, weights: np.ndarray) -> Scored:
        y = values[:, 0]
        return formula(y, weights) if y.any() else (float("nan"), np.full(len(y), np.nan))

    return of_rows


def _gini(y: np.ndarray, weights: np.ndarray) -> Scored:
    n, mean = weights.sum(), np.average(y, weights=weights)
    levels, place = np.unique(y, return_inverse=True)
    mass = np.bincount(place, weights=weights) / n
    # Ties share their rank: half of a level's own weight counts as below it.
    below = np.cumsum(mass) - mass / 2
    held = np.cumsum(mass * levels) - mass * levels / 2
    distance = (levels * (2 * below - 1) + mean - 2 * held)[place]
    apart = np.average(distance, weights=weights)
    gini = apart / (2 * mean)
    return float(gini), ((distance - apart) / mean - gini * (y - mean) / mean) / n


def _theil_t(y: np.ndarray, weights: np.ndarray) -> Scored:
    relative = y / np.average(y, weights=weights)
    terms = relative * np.log(np.where(relative > 0, relative, 1))
    value = float(np.average(terms, weights=weights))
    return value, (terms - relative * value - (relative - 1)) / weights.sum()


def _mld(y: np.ndarray, weights: np.ndarray) -> Scored:
    relative = y / np.average(y, weights=weights)
    value, scores = mean_scores(-np.log(relative), weights)
    return value, scores + (relative - 1) / weights.sum()


def _atkinson(y: np.ndarray, weights: np.ndarray, aversion: float) -> Scored:
    relative = y / np.average(y, weights=weights)
    if aversion == 1:
        middle, scores = mean_scores(np.log(relative), weights)
        equal = np.exp(middle)
        rise = scores
    else:
        power = 1 - aversion
        middle, scores = mean_scores(relative**power, weights)
        equal = middle ** (1 / power)
        rise = scores / (power * middle)
    return float(1 - equal), -equal * (rise - (relative - 1) / weights.sum())


def _tail_ratio(y: np.ndarray, weights: np.ndarray, *, poorest: float, richest: float) -> Scored:
    low, low_scores = lowest_sum(y, weights, poorest)
    rest, rest_scores = lowest_sum(y, weights, 1 - richest)
    if low <= 0:
        return float("nan"), np.full(len(y), np.nan)
    value = (float(weights @ y) - rest) / low
    return value, (y - rest_scores - value * low_scores) / low


_FORMULAS: dict[str, Callable[[np.ndarray, np.ndarray], Scored]] = {
    "gini": _gini,
    "theil_t": _theil_t,
    "mld": _mld,
    "s80_s20": partial(_tail_ratio, poorest=0.2, richest=0.2),
    "palma": partial(_tail_ratio, poorest=0.4, richest=0.1),
}
