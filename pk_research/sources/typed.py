"""Giving columns their kind: the declared one, or the one their values show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pk_research.codebook import Codebook, Variable
from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.sources.categories import match_categories, merge_spellings, shown
from pk_research.sources.cells import DASHES, NO_NUMBER, code_of, date_of, has_lost_digits, text_of
from pk_research.sources.columns import Cell, Column
from pk_research.sources.dataset import Step
from pk_research.sources.infer import infer
from pk_research.sources.missing import Signs, report_signs, without_codes, without_signs
from pk_research.sources.numbers import Number
from pk_research.sources.numeric import NUMERIC, decide_column, numbers_of, report_numbers, report_words
from pk_research.sources.table import Table

_TRUTH = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True, slots=True, eq=False)
class Typed:
    """A table whose columns have their kinds.

    Attributes
    ----------
    frame
        The rows.
    codebook
        The variables, one a column.
    steps
        What was decided and done, column by column.
    """

    frame: pd.DataFrame
    codebook: Codebook
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Cast:
    """One column with its kind, what was done, and the levels that do not fit."""

    column: Column
    variable: Variable
    series: pd.Series
    signs: Signs
    steps: tuple[Step, ...]
    misfits: tuple[Cell, ...]


def type_columns(
    table: Table, declared: Mapping[str, Variable], *, totals: Mapping[str, Cell] | None = None
) -> Typed:
    """Give every column of a table its kind.

    Parameters
    ----------
    table
        Its columns are named.
    declared
        Variables by column name; the other columns get the kind their values show.
    totals
        Cells of a row of totals by column name: evidence for what their signs mean.

    Raises
    ------
    BadInput
        Listing every declared column with values its kind does not allow.
    """
    totals = totals or {}
    casts = [_cast(column, declared.get(column.name), totals.get(column.name)) for column in table.columns]
    problems = [_misfit(cast, table) for cast in casts if cast.misfits]
    if problems:
        raise BadInput(problems)
    frame = pd.DataFrame({cast.variable.name: cast.series for cast in casts})
    steps = [*report_signs(cast.signs for cast in casts), *_report_trimmed(casts)]
    steps += [step for cast in casts for step in cast.steps]
    return Typed(frame, Codebook(tuple(cast.variable for cast in casts)), tuple(steps))


def _cast(column: Column, declared: Variable | None, total: Cell | None) -> _Cast:
    steps: list[Step] = []
    if declared:
        column, steps = without_codes(column, declared)
    decision = decide_column(column, declared, total)
    meant = {label.value for label in declared.categories} if declared else set()
    column, signs = without_signs(column, (NO_NUMBER if decision else DASHES) - meant)
    numbers = None
    if decision:
        steps += report_numbers(column, decision)
        numbers = None if decision.ambiguous else numbers_of(column, decision)
    elif declared is None:
        steps += report_words(column)
    may_be_category = decision is None
    variable = declared or infer(column, numbers, may_be_category=may_be_category)
    if variable.kind == "category":
        column, respelled = _respelled(column, declared)
        steps += respelled
        variable = declared or infer(column, None, may_be_category=may_be_category)
    values = _values(column, variable, numbers)
    misfits = tuple(level for level, value in zip(column.levels, values, strict=True) if value is None)
    return _Cast(column, variable, column.fill(values, variable.dtype), signs, tuple(steps), misfits)


def _values(column: Column, variable: Variable, numbers: Sequence[Number | None] | None) -> Sequence[object]:
    """Return one value a level; None where the kind does not allow it."""
    if variable.kind in NUMERIC:
        numbers = numbers or [None] * len(column.levels)
        if variable.kind == "number":
            return [None if number is None else float(number) for number in numbers]
        return [None if number is None or not _is_whole(number) else int(number) for number in numbers]
    if variable.kind == "code" and all(isinstance(level, str) and level.isdigit() for level in column.levels):
        return column.levels  # by far the commonest, and there are many
    allowed = {label.value for label in variable.categories}
    convert: Mapping[str, Callable[[Cell], object]] = {
        "code": lambda cell: None if has_lost_digits(cell) else code_of(cell),
        "string": text_of,
        "date": date_of,
        "boolean": lambda cell: _TRUTH.get(text_of(cell).casefold()),
        "category": lambda cell: text_of(cell) if text_of(cell) in allowed else None,
    }
    return [convert[variable.kind](level) for level in column.levels]


def _is_whole(number: Number) -> bool:
    return float(number).is_integer() and abs(number) < 2**63


def _respelled(column: Column, declared: Variable | None) -> tuple[Column, list[Step]]:
    """Give every category one spelling: the declared one, else the most frequent one."""
    column = column.map(text_of)
    if declared:
        matched = match_categories(column.texts, [label.value for label in declared.categories])
        changes = {text: value for text, value in matched.items() if text != value}
    else:
        changes = dict(merge_spellings(column.texts, column.counts))
    if not changes:
        return column, []
    spellings: dict[str, list[str]] = {}
    for text, chosen in changes.items():
        spellings.setdefault(chosen, []).append(text)
    listed = "; ".join(f"{shown(texts)} → “{chosen}”" for chosen, texts in sorted(spellings.items()))
    values = {"column": column.name, "spellings": listed}
    step = Step(
        Message("{column}: spellings of one category: {spellings}", values),
        column.n_with(changes),
        (column.name,),
    )
    return column.map(lambda text: changes.get(str(text), text)), [step]


def _report_trimmed(casts: Sequence[_Cast]) -> list[Step]:
    """Report texts that lost white space at their ends; around numbers it means nothing."""
    trimmed = {
        cast.variable.name: cast.column.n_trimmed
        for cast in casts
        if cast.column.n_trimmed and cast.variable.kind not in NUMERIC
    }
    if not trimmed:
        return []
    return [
        Step(Message("White space at the ends of texts was removed"), sum(trimmed.values()), tuple(trimmed))
    ]


def _misfit(cast: _Cast, table: Table) -> Problem:
    column = cast.column
    rows = column.rows_with(cast.misfits)
    cells = [text_of(column.levels[column.places[row]])[:60] for row in rows[:3]]
    examples = ", ".join(
        f"row {number}: {cell!r}" for number, cell in zip(table.row_numbers[rows[:3]], cells, strict=True)
    )
    allowed = ", ".join(label.value for label in cast.variable.categories)
    remedy = f"Use one of: {allowed}." if allowed else "Correct them, or declare them as missing codes."
    if cast.variable.kind == "code":
        remedy = "Format the column as text in the spreadsheet before codes are typed or exported."
    return Problem(
        f"{table.where}, column {column.header!r}",
        f"{len(rows)} values are not of kind {cast.variable.kind} ({examples})",
        remedy,
    )
