"""Poverty: how many are poor, how far below the line, how unequally so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.policy.welfare.design import SurveyDesign
from pk_research.policy.welfare.estimate import ALL, Estimate, Missing, Rows, Unit, estimated, taken
from pk_research.policy.welfare.money import Rupiah
from pk_research.policy.welfare.statistics import (
    Scored,
    Statistic,
    density_at,
    mean_scores,
    quantile_of,
    ratio_of,
    weighted_quantile,
    within,
)

Index = Literal["P0", "P1", "P2", "watts"]
INDICES: dict[Index, Message] = {
    "P0": Message("Poverty rate (P0)"),
    "P1": Message("Poverty gap (P1)"),
    "P2": Message("Poverty severity (P2)"),
    "watts": Message("Watts index"),
}


@dataclass(frozen=True, slots=True)
class RelativeLine:
    """A poverty line that is a share of a quantile of the same incomes.

    Attributes
    ----------
    share
        Of the quantile, above 0.
    quantile
        0.5 is the median.

    Examples
    --------
    >>> RelativeLine().share
    0.6
    """

    share: float = 0.6
    quantile: float = 0.5


def poverty(
    design: SurveyDesign,
    income: str,
    line: float | RelativeLine,
    *,
    index: Index = "P0",
    by: str | None = None,
    missing: Missing = "refuse",
    level: float = 0.95,
) -> Estimate:
    """Estimate a Foster-Greer-Thorbecke index, or that of Watts.

    Parameters
    ----------
    design
        How the survey was drawn. For a share of persons, not households, let each household's weight
        be multiplied by its members.
    income
        Column of income or expenditure, 0 or more (above 0 for Watts).
    line
        Rupiah, in the unit of ``income``; whoever is below it is poor. Or a `RelativeLine`, drawn for
        all rows that have a value, whose own doubt is counted.
    index
        ``"P0"`` the share that is poor, ``"P1"`` the mean shortfall as a share of the line, ``"P2"``
        the mean squared shortfall, ``"watts"`` the mean log of line over income of the poor.
    by, missing, level
        As in `pk_research.policy.welfare.mean`.

    Returns
    -------
    Estimate
        The index for all and for each group.

    Raises
    ------
    BadInput
        As `mean`; a line not above 0; negative incomes (or 0 with Watts); an unknown index.

    References
    ----------
    Foster, Greer and Thorbecke (1984), Econometrica 52; Berger and Skinner (2003), Applied Statistics
    52, and Deville (1999), Survey Methodology 25, for the doubt of a relative line.

    Examples
    --------
    >>> import pandas as pd
    >>> from pk_research.policy.welfare import survey_design
    >>> frame = pd.DataFrame({"w": 1, "income": [100, 110, 150, 160]})
    >>> round(poverty(survey_design(frame, weights="w"), "income", 125, index="P2").value, 6)
    0.0136
    """
    rows = _checked(taken(design, [income], by, missing), income, line, index)
    statistic = (
        _relative(line, index, rows.inside) if isinstance(line, RelativeLine) else within(_fixed(line, index))
    )
    unit: Unit = "number" if index == "watts" else "share"
    notes = (_line_note(rows, line),)
    return estimated(rows, statistic, INDICES[index], unit=unit, by=by, level=level, notes=notes)


def poverty_shares(
    design: SurveyDesign,
    income: str,
    line: float,
    by: str,
    *,
    index: Index = "P0",
    missing: Missing = "refuse",
    level: float = 0.95,
) -> Estimate:
    """Estimate what part of all poverty each group holds; the parts add to 1.

    Parameters
    ----------
    design, income, by, index, missing, level
        As in `poverty`.
    line
        Fixed, in the unit of ``income``.

    Returns
    -------
    Estimate
        Each group's part of the index; missing where nobody is poor.

    Raises
    ------
    BadInput
        As `poverty`.

    Examples
    --------
    >>> import pandas as pd
    >>> from pk_research.policy.welfare import survey_design
    >>> frame = pd.DataFrame({"w": 1, "income": [5, 20, 8, 8], "type": list("aabb")})
    >>> found = poverty_shares(survey_design(frame, weights="w"), "income", 10, "type")
    >>> found.frame["estimate"].round(3).to_dict()
    {'(all)': 1.0, 'a': 0.333, 'b': 0.667}
    """
    rows = _checked(taken(design, [income], by, missing), income, line, index)
    lack = np.where(rows.inside, _lack(rows.matrix[:, 0], line, index), 0)

    def part(_: np.ndarray, weights: np.ndarray, inside: np.ndarray) -> Scored:
        return ratio_of(np.column_stack([lack * inside, lack]), weights)

    what = Message("Part of all poverty ({index})", {"index": INDICES[index]})
    notes = (_line_note(rows, line),)
    found = estimated(rows, part, what, unit="share", by=by, level=level, notes=notes)
    frame = found.frame.copy()
    if found.value == 1:
        # All poverty is all of it, whatever sample was drawn.
        frame.loc[ALL, ["se", "low", "high"]] = [0, 1, 1]
    return replace(found, frame=frame)


def _checked(rows: Rows, income: str, line: float | RelativeLine, index: str) -> Rows:
    y = rows.matrix[rows.inside, 0]
    problems = []
    if index not in INDICES:
        known = ", ".join(get_args(Index))
        problems.append(Problem("index", f"it is {index!r}", f"Choose among {known}."))
    if isinstance(line, RelativeLine):
        if not (line.share > 0 and 0 < line.quantile < 1):
            what = f"it is {line.share} of the {line.quantile} quantile"
            problems.append(Problem("line", what, "Give a share above 0 of a quantile between 0 and 1."))
    elif not (isinstance(line, int | float | np.number) and np.isfinite(line) and line > 0):
        problems.append(Problem("line", f"it is {line}", "Give rupiah above 0."))
    too_low = int((y <= 0).sum() if index == "watts" else (y < 0).sum())
    if too_low:
        what = f"{too_low} of {len(y)} rows are {'0 or less' if index == 'watts' else 'below 0'}"
        problems.append(Problem(income, what, "Mark them as missing, or use expenditure."))
    if problems:
        raise BadInput(problems)
    return rows


def _lack(y: np.ndarray, line: float, index: str) -> np.ndarray:
    """Return what each row adds to an index; 0 for who is not poor."""
    poor = y < line
    if index == "watts":
        return np.where(poor, np.log(line / np.where(poor & (y > 0), y, line)), 0)
    return np.where(poor, np.maximum(1 - y / line, 0) ** int(index[1]), 0)


def _fixed(line: float, index: str) -> Callable[[np.ndarray, np.ndarray], Scored]:
    def of_rows(values: np.ndarray, weights: np.ndarray) -> Scored:
        return mean_scores(_lack(values[:, 0], line, index), weights)

    return of_rows


def _relative(line: RelativeLine, index: str, whole: np.ndarray) -> Statistic:
    """Return the index below a line that is itself estimated, from all rows that have a value."""

    def of_domain(values: np.ndarray, weights: np.ndarray, inside: np.ndarray) -> Scored:
        y = values[:, 0]
        middle, line_scores = within(quantile_of(line.quantile))(values, weights, whole)
        at = line.share * middle
        scores = np.zeros(len(y))
        value, scores[inside] = mean_scores(_lack(y[inside], at, index), weights[inside])
        slope = _slope(y[inside], weights[inside], at, index)
        return value, scores + slope * line.share * line_scores

    return of_domain


def _slope(y: np.ndarray, weights: np.ndarray, line: float, index: str) -> float:
    """Return how fast an index rises with the line."""
    if index == "P0":
        return density_at(y, weights, line)
    poor = y < line
    if index == "watts":
        return float(np.average(poor / line, weights=weights))
    power = int(index[1])
    rise = power * np.maximum(1 - y / line, 0) ** (power - 1) * y / line**2
    return float(np.average(np.where(poor, rise, 0), weights=weights))


def _line_note(rows: Rows, line: float | RelativeLine) -> Message:
    if not isinstance(line, RelativeLine):
        return Message("Poverty line: {line}.", {"line": Rupiah(line)})
    inside = rows.groups[ALL]
    middle = weighted_quantile(rows.matrix[inside, 0], rows.design.weights[inside], line.quantile)
    return Message(
        "Poverty line: {share}% of the {p}% quantile of these incomes, {line}; its own doubt is counted.",
        {"share": 100 * line.share, "p": 100 * line.quantile, "line": Rupiah(line.share * middle)},
    )
