"""The rows of a study over time, checked before any estimator sees them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.policy.effects.rows import (
    Gaps,
    absent_columns,
    complete_rows,
    few_clusters,
    not_numbers,
    not_zero_or_one,
)
from pk_research.products.words import some

Unbalanced = Literal["refuse", "keep", "balance"]


@dataclass(frozen=True, eq=False)
class Panel:
    """Units seen in several periods, with when each one's policy began.

    Attributes
    ----------
    rows
        One row a unit and period, sorted by both: ``unit``, ``period`` (integers, consecutive numbers
        of the periods in their order), ``outcome``, ``start`` (number of the period in which the
        policy began; 0 for never), ``treated`` (0 or 1), ``cluster``, and the covariates under their
        own names.
    units, periods
        What the numbers of ``unit`` and ``period`` (1, 2, ...) stand for.
    covariates
        Names of the covariates.
    is_balanced
        True where every unit is seen in every period.
    left_out
        Reason and number of rows set aside.
    warnings
        What the reader of a result should know of the rows.
    """

    rows: pd.DataFrame
    units: tuple[object, ...]
    periods: tuple[object, ...]
    covariates: tuple[str, ...]
    is_balanced: bool
    left_out: tuple[tuple[Message, int], ...]
    warnings: tuple[Message, ...]

    @cached_property
    def by_unit(self) -> pd.DataFrame:
        """What does not change within a unit: ``start`` (0 for never) and ``cluster``, by its number."""
        unit = self.rows["unit"].to_numpy()
        first = np.flatnonzero(np.diff(unit, prepend=unit[0] - 1))
        kept = {name: self.rows[name].to_numpy()[first] for name in ("start", "cluster")}
        return pd.DataFrame(kept, index=pd.Index(unit[first], name="unit"))

    @cached_property
    def starts(self) -> pd.Series:
        """Start of the policy by unit; 0 for never."""
        return self.by_unit["start"]

    @cached_property
    def input_hash(self) -> str:
        """Hash of the rows, column by column: all are numbers, so their bytes say all."""
        kept = [name for name in self.rows.columns if name != "treated"]  # follows from the start
        digest = hashlib.sha256("\x1f".join(kept).encode())
        digest.update(repr((self.units, self.periods)).encode())
        for name in kept:
            digest.update(np.ascontiguousarray(self.rows[name].to_numpy()).data)
        return digest.hexdigest()

    @property
    def n_treated(self) -> int:
        """Units whose policy began at some time."""
        return int((self.starts.to_numpy() > 0).sum())

    @property
    def n_never(self) -> int:
        """Units without the policy in all periods."""
        return len(self.starts) - self.n_treated

    @property
    def n_clusters(self) -> int:
        """Clusters of the standard errors."""
        return len(set(self.by_unit["cluster"].tolist()))


def read_panel(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    treated: str | None = None,
    start: str | None = None,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    gaps: Gaps = "refuse",
    unbalanced: Unbalanced = "refuse",
) -> Panel:
    """Check a table of units and periods, and say what was set aside.

    Parameters
    ----------
    frame
        One row a unit and period.
    unit, period, outcome
        Columns: the unit (such as a village's code), the period (number or text that sorts by time),
        and the outcome (a number).
    treated
        Column: 0 or 1, whether the policy is at work in that row. Once begun it stays.
    start
        Column, instead of ``treated``: period in which the policy began; missing (or 0) for never.
    covariates
        Columns of numbers.
    cluster
        Column of the clusters of the standard errors; the unit by default. A unit lies in one.
    gaps
        Rows without outcome, covariate, unit or period: ``"refuse"``, or ``"leave_out"`` and count.
    unbalanced
        Units that are not seen in every period: ``"refuse"``, ``"keep"``, or ``"balance"``, which
        sets the whole unit aside and counts its rows.

    Returns
    -------
    Panel
        Units whose policy began in the first period have no "before": they are set aside and counted.

    Raises
    ------
    BadInput
        All at once: a column that is not there, a unit twice in a period, an outcome that is no
        number, gaps (unless told to leave them out), a policy that is neither 0 nor 1 or that ends, a
        unit in two clusters, nobody with the policy or nobody without it, one period, one cluster.

    Examples
    --------
    >>> frame = pd.DataFrame({"village": ["a", "a", "b", "b"], "year": [1, 2] * 2,
    ...                       "income": [1.0, 3.0, 1.0, 2.0], "has": [0, 1, 0, 0]})
    >>> panel = read_panel(frame, unit="village", period="year", outcome="income", treated="has")
    >>> panel.n_treated, panel.n_never
    (1, 1)
    """
    _check_columns(
        frame,
        [unit, period, outcome, treated, start, cluster],
        treated,
        start,
        covariates=covariates,
        gaps=gaps,
        unbalanced=unbalanced,
    )
    rows, left_out = complete_rows(frame, [unit, period, outcome, *covariates], [treated, cluster], gaps)
    numbers = [outcome, *covariates]
    problems = [
        *not_numbers(rows, numbers),
        *_twice(rows, unit, period),
    ]
    if problems:
        raise BadInput(problems)
    units, unit_number = _numbered(rows[unit])
    periods, period_number = _numbered(rows[period])
    table = pd.DataFrame(
        {
            "unit": unit_number,
            "period": period_number,
            "outcome": rows[outcome].to_numpy(dtype=float),
            "cluster": _numbered(rows[cluster if cluster is not None else unit])[1],
        }
    )
    for name in covariates:
        table[name] = rows[name].to_numpy(dtype=float)
    problems = []
    if treated is not None:
        table["start"], problems = _starts_of_treated(table, rows[treated], units, treated)
    else:
        table["start"], problems = _starts_given(table, rows[str(start)], periods, units, str(start))
    problems += _two_clusters(table, units, cluster or unit)
    if problems:
        raise BadInput(problems)
    table = table.sort_values(["unit", "period"], kind="stable", ignore_index=True)
    table, left_out, warnings = _usable(table, left_out, unbalanced, len(periods), units)
    table["treated"] = ((table["start"] > 0) & (table["period"] >= table["start"])).astype(int)
    problems = _too_little(table, treated or str(start), cluster or unit)
    if problems:
        raise BadInput(problems)
    counts = table.groupby("unit")["period"].size()
    return Panel(
        table,
        units,
        periods,
        tuple(covariates),
        bool((counts == table["period"].nunique()).all()),
        left_out,
        (*warnings, *few_clusters(table["cluster"].nunique())),
    )


def _check_columns(
    frame: pd.DataFrame,
    names: Sequence[str | None],
    treated: str | None,
    start: str | None,
    *,
    covariates: Sequence[str],
    gaps: str,
    unbalanced: str,
) -> None:
    problems = [
        Problem(name, f"it is {value!r}", f"Choose from: {some(known)}.")
        for name, value, known in (
            ("gaps", gaps, ("refuse", "leave_out")),
            ("unbalanced", unbalanced, ("refuse", "keep", "balance")),
        )
        if value not in known
    ]
    if isinstance(covariates, str):
        remedy = f"Give a list, such as [{covariates!r}]."
        raise BadInput([*problems, Problem("covariates", f"it is the text {covariates!r}", remedy)])
    taken = sorted({"unit", "period", "outcome", "start", "treated", "cluster"}.intersection(covariates))
    if taken:
        problems.append(
            Problem(f"covariates {some(taken)}", "the panel uses these names itself", "Rename the columns.")
        )
    problems += absent_columns(frame, [*names, *covariates])
    if (treated is None) == (start is None):
        problems.append(
            Problem("treated, start", "give one of the two", "Say either who has it when, or since when.")
        )
    if problems:
        raise BadInput(problems)


def _twice(rows: pd.DataFrame, unit: str, period: str) -> list[Problem]:
    twice = rows[rows.duplicated([unit, period], keep=False)]
    if twice.empty:
        return []
    pairs = (f"{u} in {p}" for u, p in twice[[unit, period]].drop_duplicates().itertuples(index=False))
    return [
        Problem(
            f"columns '{unit}' and '{period}'",
            f"{len(twice)} rows stand for the same unit and period: {some(pairs)}",
            "Keep one row of each.",
        )
    ]


def _numbered(values: pd.Series) -> tuple[tuple[object, ...], np.ndarray]:
    known, number = np.unique(values.to_numpy(), return_inverse=True)
    return tuple(known.tolist()), number + 1


def _starts_of_treated(
    table: pd.DataFrame, treated: pd.Series, units: tuple[object, ...], name: str
) -> tuple[np.ndarray, list[Problem]]:
    where = f"column '{name}'"
    problems = not_zero_or_one(treated, name, "Write 1 where the policy is at work, 0 where not.")
    if problems:
        return np.zeros(len(table)), problems
    rows = table.assign(treated=treated.to_numpy(dtype=int)).sort_values(["unit", "period"])
    began = rows[rows["treated"] == 1].groupby("unit")["period"].min()
    start = rows["unit"].map(began).fillna(0).astype(int)
    ends = rows[(start > 0) & (rows["period"] > start) & (rows["treated"] == 0)]
    if len(ends):
        named = some(units[number - 1] for number in ends["unit"].unique())
        return np.zeros(len(table)), [
            Problem(
                where,
                f"the policy ends again in {ends['unit'].nunique()} units: {named}",
                "These estimators need a policy that stays once begun: leave out the periods after its end,"
                " or define the policy as having ever begun.",
            )
        ]
    return start.reindex(table.index).to_numpy(), []


def _starts_given(
    table: pd.DataFrame, start: pd.Series, periods: tuple[object, ...], units: tuple[object, ...], name: str
) -> tuple[np.ndarray, list[Problem]]:
    where = f"column '{name}'"
    never = start.isna() | start.isin([0])
    number = {value: n for n, value in enumerate(periods, start=1)}
    last = max(number.values())
    found = np.array(
        [
            0 if is_never else _place(value, periods, number)
            for value, is_never in zip(start, never, strict=True)
        ]
    )
    problems = []
    unknown = sorted({str(value) for value, place in zip(start, found, strict=True) if place < 0})
    if unknown:
        problems.append(
            Problem(where, f"it holds {some(unknown)}, which is no period", f"Periods: {some(periods)}.")
        )
    changing = table.assign(start=found).groupby("unit")["start"].nunique()
    if (changing > 1).any():
        named = some(units[n - 1] for n in changing[changing > 1].index)
        problems.append(
            Problem(where, f"units begin more than once: {named}", "Give every unit one start in all rows.")
        )
    # A start after the last period is no start that the rows could show.
    return np.where(found > last, 0, found), problems


def _place(value: object, periods: tuple[object, ...], number: dict[object, int]) -> int:
    if value in number:
        return number[value]
    if any(isinstance(value, str) != isinstance(period, str) for period in periods):
        return -1  # numpy would compare both as text
    try:
        return int(np.searchsorted(np.array(periods), value)) + 1  # type: ignore[call-overload]
    except TypeError:
        return -1


def _two_clusters(table: pd.DataFrame, units: tuple[object, ...], name: str) -> list[Problem]:
    clusters = table.groupby("unit")["cluster"].nunique()
    if (clusters <= 1).all():
        return []
    named = some(units[n - 1] for n in clusters[clusters > 1].index)
    return [Problem(f"column '{name}'", f"units lie in two clusters: {named}", "Give each unit one.")]


def _usable(
    table: pd.DataFrame,
    left_out: tuple[tuple[Message, int], ...],
    unbalanced: Unbalanced,
    n_periods: int,
    units: tuple[object, ...],
) -> tuple[pd.DataFrame, tuple[tuple[Message, int], ...], tuple[Message, ...]]:
    warnings: tuple[Message, ...] = ()
    always = table["start"] == table["period"].min()
    if always.any():
        reason = Message("the policy was at work from the first period, so there is no before")
        left_out = (*left_out, (reason, int(always.sum())))
        table = table[~always]
    seen = table.groupby("unit")["period"].transform("size")
    short = seen < n_periods
    if short.any() and unbalanced == "refuse":
        named = some(units[n - 1] for n in table.loc[short, "unit"].unique())
        raise BadInput(
            Problem(
                "the table",
                f"{table.loc[short, 'unit'].nunique()} units are not seen in every period: {named}",
                "Complete them, or say unbalanced='balance' (set them aside) or 'keep'.",
            )
        )
    if short.any() and unbalanced == "balance":
        left_out = (*left_out, (Message("the unit is not seen in every period"), int(short.sum())))
        table = table[~short]
    elif short.any():
        warnings = (
            Message(
                "{n} units are not seen in every period and were kept: if they are missing because of the"
                " policy or the outcome, the estimate is biased.",
                {"n": int(table.loc[short, "unit"].nunique())},
            ),
        )
    return table.reset_index(drop=True), left_out, warnings


def _too_little(table: pd.DataFrame, name: str, cluster: str) -> list[Problem]:
    problems = []
    starts = table.groupby("unit")["start"].first()
    if table["period"].nunique() < 2:
        problems.append(Problem("the table", "it has one period", "Give at least one before and one after."))
    if not (starts > 0).any():
        problems.append(
            Problem(
                f"column '{name}'", "no unit has the policy after a first period without it", "Give some."
            )
        )
    if (starts > 0).all() and starts.min() == starts.max():
        problems.append(
            Problem(
                f"column '{name}'",
                "every unit begins in the same period, so there is nobody to compare with",
                "Add units without the policy.",
            )
        )
    if table["cluster"].nunique() < 2:
        problems.append(
            Problem(
                f"column '{cluster}'",
                "all rows lie in one cluster, so no standard error exists",
                "Choose smaller clusters, such as the village.",
            )
        )
    return problems
