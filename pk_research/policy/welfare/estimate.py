"""Estimates with the doubt that the design of the survey leaves, for all and for each group."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype
from scipy.stats import t as student

from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Language, Message
from pk_research.policy.welfare import words
from pk_research.policy.welfare.design import SurveyDesign
from pk_research.policy.welfare.statistics import (
    Statistic,
    mean_of,
    mean_scores,
    quantile_of,
    ratio_of,
    total_of,
    weighted_quantile,
    within,
)
from pk_research.products.words import some

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Missing = Literal["refuse", "domain"]
Unit = Literal["number", "idr", "share"]
ALL = "(all)"


@dataclass(frozen=True, eq=False)
class Rows:
    """What a statistic is computed from.

    Attributes
    ----------
    design
        How the rows were drawn.
    matrix
        Rows by columns; 0 in rows outside, where nothing is read.
    inside
        Rows that have all values.
    groups
        Name of the group -> its rows; `ALL` first.
    n_missing
        Rows outside because a value or the group is missing.
    n_excluded
        Rows outside because the statistic is not defined for their value.
    """

    design: SurveyDesign
    matrix: np.ndarray
    inside: np.ndarray
    groups: dict[str, np.ndarray]
    n_missing: int
    n_excluded: int = 0


@dataclass(frozen=True, eq=False)
class Estimate:
    """One statistic of a population, for all and for each group.

    Attributes
    ----------
    what
        What was estimated.
    unit
        ``"number"``, ``"idr"`` or ``"share"`` (0 to 1, shown as percent).
    frame
        Indexed by group, all first: ``estimate``, ``se``, ``low``, ``high``, ``deff`` (variance over
        that of as many rows drawn one by one with replacement), ``df``, ``rows``, ``psus``. Missing
        where it cannot be known.
    level
        Of the intervals.
    by
        Column of the groups.
    rows, statistic
        From what and how, so that `bootstrap` and `change` can go on.
    scores
        Weighted scores by PSU (rows) and group (columns).
    notes
        What else a reader must know.
    """

    what: Bilingual
    unit: Unit
    frame: pd.DataFrame
    level: float
    by: str | None
    rows: Rows = field(repr=False)
    statistic: Statistic = field(repr=False)
    scores: pd.DataFrame = field(repr=False)
    notes: tuple[Message, ...] = ()

    @property
    def value(self) -> float:
        """The estimate for all."""
        return float(self.frame["estimate"].iloc[0])

    @property
    def se(self) -> float:
        """The standard error for all."""
        return float(self.frame["se"].iloc[0])

    @property
    def made(self) -> bool:
        """True for made data."""
        return self.rows.design.made

    @property
    def inputs(self) -> tuple[str, ...]:
        """Hashes of the data."""
        return self.rows.design.inputs

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a group for people: estimate, standard error, interval, design effect."""
        return words.estimate_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say the estimate, its interval, the design and what is missing."""
        return words.estimate_in_words(self, language)

    def plot(self, language: Language, *, width_px: int = 900) -> Figure:
        """Draw the estimate of each group with its interval."""
        from pk_research.policy.welfare.pictures import plot_estimate

        return plot_estimate(self, language, width_px=width_px)


def total(
    design: SurveyDesign,
    column: str,
    *,
    by: str | None = None,
    unit: Unit = "number",
    missing: Missing = "refuse",
    level: float = 0.95,
) -> Estimate:
    """Estimate a population total; parameters, return and errors as in `mean`.

    Examples
    --------
    >>> from pk_research.policy.welfare import survey_design
    >>> frame = pd.DataFrame({"w": [2, 2, 3, 3], "x": [1, 2, 3, 4]})
    >>> total(survey_design(frame, weights="w"), "x").value
    27.0
    """
    what = Message("Total of {name}", {"name": design.label(column)})
    return estimated(
        taken(design, [column], by, missing), within(total_of), what, unit=unit, by=by, level=level
    )


def mean(
    design: SurveyDesign,
    column: str,
    *,
    by: str | None = None,
    unit: Unit = "number",
    missing: Missing = "refuse",
    level: float = 0.95,
) -> Estimate:
    """Estimate a population mean.

    Parameters
    ----------
    design
        How the survey was drawn.
    column
        Numeric column, in the unit given.
    by
        Column of groups (kecamatan, village type), each estimated as a domain of the whole design.
    unit
        How values are written: ``"number"``, ``"idr"`` (rupiah) or ``"share"``.
    missing
        ``"refuse"`` rows without a value, or take the ``"domain"`` of those that have one; the design
        keeps all rows, and the result says how many are outside.
    level
        Of the t interval, whose degrees of freedom are PSUs minus strata.

    Returns
    -------
    Estimate
        For all and for each group.

    Raises
    ------
    BadInput
        An absent or non-numeric column, infinite values, missing values that were not allowed for, a
        wrong option.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, sections 5.5 to 5.8.

    Examples
    --------
    >>> from pk_research.policy.welfare import survey_design
    >>> frame = pd.DataFrame({"w": [1, 1, 1, 1], "x": [1, 2, 3, 4]})
    >>> found = mean(survey_design(frame, weights="w"), "x")
    >>> found.value, round(found.se, 4)
    (2.5, 0.6455)
    """
    what = Message("Mean of {name}", {"name": design.label(column)})
    return estimated(
        taken(design, [column], by, missing), within(mean_of), what, unit=unit, by=by, level=level
    )


def ratio(
    design: SurveyDesign,
    numerator: str,
    denominator: str,
    *,
    by: str | None = None,
    unit: Unit = "number",
    missing: Missing = "refuse",
    level: float = 0.95,
) -> Estimate:
    """Estimate the ratio of two totals; parameters, return and errors as in `mean`.

    Examples
    --------
    >>> from pk_research.policy.welfare import survey_design
    >>> frame = pd.DataFrame({"w": [1, 1], "income": [10, 20], "heads": [2, 4]})
    >>> ratio(survey_design(frame, weights="w"), "income", "heads").value
    5.0
    """
    what = Message(
        "Ratio of {above} to {below}", {"above": design.label(numerator), "below": design.label(denominator)}
    )
    rows = taken(design, [numerator, denominator], by, missing)
    return estimated(rows, within(ratio_of), what, unit=unit, by=by, level=level)


def share(
    design: SurveyDesign,
    column: str,
    value: object,
    *,
    by: str | None = None,
    missing: Missing = "refuse",
    level: float = 0.95,
) -> Estimate:
    """Estimate the share whose ``column`` is ``value``; the rest as in `mean`.

    Raises
    ------
    BadInput
        As `mean`, and a value that no row has.

    Examples
    --------
    >>> from pk_research.policy.welfare import survey_design
    >>> frame = pd.DataFrame({"w": [1, 1, 2], "roof": ["tile", "tin", "tile"]})
    >>> share(survey_design(frame, weights="w"), "roof", "tile").value
    0.75
    """
    if column in design.frame and not (design.frame[column] == value).any():
        found = some(design.frame[column].dropna().unique())
        raise BadInput(Problem(f"value, {value!r}", f"no row of {column} has it", f"Choose among {found}."))
    what = Message("Share with {name} = {value}", {"name": design.label(column), "value": str(value)})
    rows = taken(design, [column], by, missing, equal_to=value)
    return estimated(rows, within(mean_of), what, unit="share", by=by, level=level)


def quantile(
    design: SurveyDesign,
    column: str,
    p: float = 0.5,
    *,
    by: str | None = None,
    unit: Unit = "number",
    missing: Missing = "refuse",
    level: float = 0.95,
) -> Estimate:
    """Estimate a quantile with Woodruff's interval; the rest as in `mean`.

    Parameters
    ----------
    design, column, by, unit, missing, level
        As in `mean`.
    p
        Share of the population at or below it, between 0 and 1; 0.5 is the median.

    Returns
    -------
    Estimate
        ``se`` is half the interval's length over t.

    References
    ----------
    Woodruff (1952), Journal of the American Statistical Association 47.

    Examples
    --------
    >>> from pk_research.policy.welfare import survey_design
    >>> frame = pd.DataFrame({"w": np.ones(99), "x": np.arange(99)})
    >>> quantile(survey_design(frame, weights="w"), "x").value
    49.0
    """
    if not 0 < p < 1:
        raise BadInput(Problem("p", f"it is {p}", "Give a share between 0 and 1."))
    what = Message("Median of {name}", {"name": design.label(column)})
    if p != 0.5:
        what = Message("{p}% quantile of {name}", {"p": 100 * p, "name": design.label(column)})
    rows = taken(design, [column], by, missing)
    found = estimated(rows, within(quantile_of(p)), what, unit=unit, by=by, level=level)
    frame = found.frame.copy()
    for name, inside in rows.groups.items():
        frame.loc[name, ["se", "low", "high"]] = _woodruff(rows, inside, p, frame.loc[name], level)
    return replace(found, frame=frame)


def _woodruff(rows: Rows, inside: np.ndarray, p: float, row: pd.Series, level: float) -> list[float]:
    y, weights = rows.matrix[inside, 0], rows.design.weights[inside]
    df = int(row["df"])
    if not len(y) or df < 1:
        return [np.nan] * 3
    scores = np.zeros(len(inside))
    _, scores[inside] = mean_scores((y <= row["estimate"]).astype(float), weights)
    half = student.ppf((1 + level) / 2, df) * np.sqrt(rows.design.variance(scores))
    low, high = (weighted_quantile(y, weights, float(np.clip(end, 0, 1))) for end in (p - half, p + half))
    return [(high - low) / (2 * student.ppf((1 + level) / 2, df)), low, high]


def taken(
    design: SurveyDesign, columns: list[str], by: str | None, missing: Missing, *, equal_to: object = None
) -> Rows:
    """Return the rows of a statistic; with ``equal_to``, 1 where the column has that value."""
    frame = design.frame
    problems = [
        Problem(name, "there is no such column", f"Choose among {some(frame.columns)}.")
        for name in [*columns, *([by] if by else [])]
        if name not in frame
    ]
    if missing not in get_args(Missing):
        problems.append(Problem("missing", f"it is {missing!r}", "Choose 'refuse' or 'domain'."))
    if problems:
        raise BadInput(problems)
    absent = frame[[*columns, *([by] if by else [])]].isna()
    inside = ~absent.any(axis=1).to_numpy()
    problems = [] if equal_to is not None else _number_problems(frame[columns])
    if missing == "refuse":
        problems += [
            Problem(
                name,
                f"{n} of {len(frame)} rows have no value",
                "Complete them, or declare missing='domain' to estimate for the rows that have one.",
            )
            for name, n in absent.sum().items()
            if n
        ]
    names = _names(frame[by]) if by else []
    told = [ALL, *map(str, names)]
    if len(set(told)) < len(told):
        what = f"two groups are called alike, or one {ALL}: {some(told[1:])}"
        problems.append(Problem(str(by), what, "Give each group its own name."))
    if not inside.any():
        problems.append(Problem(some(columns), "no row has a value", "Choose another column."))
    if problems:
        raise BadInput(problems)
    chosen = frame[columns] if equal_to is None else frame[columns] == equal_to
    values = np.column_stack([chosen[name].to_numpy(float, na_value=np.nan) for name in columns])
    groups = {ALL: inside}
    groups |= {str(name): inside & frame[by].eq(name).to_numpy(bool, na_value=False) for name in names}
    return Rows(design, np.where(inside[:, None], values, 0), inside, groups, int((~inside).sum()))


def _names(column: pd.Series) -> list[object]:
    found = column.dropna().unique().tolist()
    return sorted(found, key=lambda name: (isinstance(name, str), name))


def _number_problems(frame: pd.DataFrame) -> list[Problem]:
    problems = []
    for name, column in frame.items():
        if is_bool_dtype(column):
            continue
        if not is_numeric_dtype(column):
            problems.append(Problem(str(name), "it is not numeric", "Give numbers; `share` takes text."))
        elif n := int(np.isinf(column.to_numpy(float, na_value=np.nan)).sum()):
            problems.append(Problem(str(name), f"{n} rows are infinite", "Mark unknown values as missing."))
    return problems


def without(rows: Rows, wrong: np.ndarray) -> Rows:
    """Return the rows with some more of them outside."""
    groups = {name: inside & ~wrong for name, inside in rows.groups.items()}
    n = int((rows.inside & wrong).sum())
    return replace(rows, inside=rows.inside & ~wrong, groups=groups, n_excluded=rows.n_excluded + n)


def estimated(
    rows: Rows,
    statistic: Statistic,
    what: Bilingual,
    *,
    unit: Unit,
    by: str | None,
    level: float,
    notes: tuple[Message, ...] = (),
) -> Estimate:
    """Estimate a statistic for all and for each group, by linearisation."""
    problems = []
    if not 0 < level < 1:
        problems.append(Problem("level", f"it is {level}", "Give a share between 0 and 1, as 0.95."))
    if unit not in get_args(Unit):
        problems.append(Problem("unit", f"it is {unit!r}", f"Choose among {some(get_args(Unit))}."))
    if problems:
        raise BadInput(problems)
    found = {name: _one(rows, statistic, inside, level) for name, inside in rows.groups.items()}
    frame = pd.DataFrame.from_dict({name: row for name, (row, _) in found.items()}, orient="index")
    if unit == "share":
        frame[["low", "high"]] = frame[["low", "high"]].clip(0, 1)
    return Estimate(
        what=what,
        unit=unit,
        frame=frame.astype({"df": int, "rows": int, "psus": int}).rename_axis("group"),
        level=level,
        by=by,
        rows=rows,
        statistic=statistic,
        scores=pd.DataFrame({name: rows.design.psu_totals(scores) for name, (_, scores) in found.items()}),
        notes=notes,
    )


def _one(
    rows: Rows, statistic: Statistic, inside: np.ndarray, level: float
) -> tuple[dict[str, float], np.ndarray]:
    design = rows.design
    value, scores = np.nan, np.full(len(inside), np.nan)
    df = 0
    if inside.any():
        value, scores = statistic(rows.matrix, design.weights, inside)
        df = design.degrees_of_freedom(inside)
    # Where no row differs from the others (nobody is poor) the sample cannot show the doubt.
    effects = scores[inside] * design.weights[inside].sum()
    is_same = np.isnan(value) or np.allclose(effects, 0, atol=1e-9 * abs(value))
    is_known = df > 0 and not is_same
    variance = design.variance(scores) if is_known else np.nan
    half = student.ppf((1 + level) / 2, df) * np.sqrt(variance) if is_known else np.nan
    # A relative line, or a part of all poverty, lets rows outside the group matter too.
    scored = rows.inside if scores[~inside].any() else inside
    row = {
        "estimate": value,
        "se": np.sqrt(variance),
        "low": value - half,
        "high": value + half,
        "deff": _design_effect(variance, scores[scored], design.weights[scored]),
        "df": df,
        "rows": int(inside.sum()),
        "psus": len(np.unique(design.psu[inside])),
    }
    return row, scores


def _design_effect(variance: float, scores: np.ndarray, weights: np.ndarray) -> float:
    n = len(scores)
    if n < 2 or np.isnan(variance):
        return float("nan")
    spread = np.average((scores - np.average(scores, weights=weights)) ** 2, weights=weights) * n / (n - 1)
    simple = weights.sum() ** 2 * spread / n
    return float(variance / simple) if simple > 0 else float("nan")
