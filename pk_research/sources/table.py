"""From a grid to one table: where its header and its last row are, and what stands around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.sources.cells import DASHES, NO_NUMBER, text_of
from pk_research.sources.columns import Cell, Column, column_of
from pk_research.sources.dataset import Step
from pk_research.sources.grid import Grid, Rows, is_blank
from pk_research.sources.headers import heading_of

_SEARCHED = 20
_NOTE = re.compile(r"\W*(catatan|keterangan|ket|sumber|note|notes|source)\b", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?[0-9][0-9.,]*%?")
_YEAR = re.compile(r"(19|20)[0-9]{2}")
_POSITION = re.compile(r"\(([0-9]{1,3})\)")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One header and the rows under it.

    Attributes
    ----------
    where
        Name of the file, and of the sheet, for messages.
    columns
        The columns; names are still to be given.
    row_numbers
        The number of each row in the file as a person counts it, from 1.
    title
        What stood above the header.
    steps
        What was done so far.
    """

    where: str
    columns: tuple[Column, ...]
    row_numbers: np.ndarray
    title: str
    steps: tuple[Step, ...]

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings of the columns, in order."""
        return tuple(column.header for column in self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def n_rows(self) -> int:
        """How many rows the table has."""
        return len(self.row_numbers)

    def keep(self, rows: np.ndarray, *steps: Step) -> Table:
        """Return the table with some of its rows only (a mask), and with what was done to it."""
        return replace(
            self,
            columns=tuple(column.keep(rows) for column in self.columns),
            row_numbers=self.row_numbers[rows],
            steps=(*self.steps, *steps),
        )


def find_table(grid: Grid) -> Table:
    """Find the table in a grid.

    Titles above the header and notes under the last row are set aside, a header of two rows is
    joined, blank rows and repeated headers are left out; each is reported in a step.

    Raises
    ------
    BadInput
        When there is no header, no row under it, or rows of another length than the header.
    """
    top = _header_row(grid)
    header, n_header, steps = _header(grid.rows, top)
    _refuse_data_as_header(header, grid.where, top + grid.first_row)
    first = top + n_header
    last = _last_row(grid, first)
    if first >= last:
        raise BadInput(
            Problem(grid.where, "there are no rows under the header", "Export it again with its data.")
        )
    columns = _columns(grid, header, first, last)
    title = " ".join(heading_of(cell) for row in grid.rows[:top] for cell in dict.fromkeys(row) if cell != "")
    if title:
        steps.append(Step(Message("Rows above the header were set aside as the title"), top))
    notes = [text_of(cell) for row in grid.rows[last:] for cell in row if cell != ""]
    if notes:
        text = " / ".join(notes)
        steps.append(
            Step(Message("Notes under the table were set aside: {text}", {"text": text}), len(notes))
        )
    row_numbers = np.arange(first, last) + grid.first_row
    table = Table(grid.where, tuple(columns), row_numbers, title, (*grid.steps, *steps))
    return _without_repeated_header(_without_blanks(table))


def headings_of(grid: Grid) -> tuple[str, ...]:
    """Return the headings of a grid, by which its layout is recognised."""
    top = _header_row(grid)
    return tuple(_header(grid.rows, top)[0])


def _header_row(grid: Grid) -> int:
    """Return the position of the header: the first row with two different cells, if there is one."""
    searched = grid.rows[:_SEARCHED]
    filled = [{heading_of(cell) for cell in row} - {""} for row in searched]
    for n, (row, cells) in enumerate(zip(searched, filled, strict=True)):
        if len(cells) > 1 or (cells and len(row) == 2 and row[0] == ""):
            return n
    only_column = next((n for n, cells in enumerate(filled) if cells), None)
    if only_column is None:
        raise BadInput(Problem(grid.where, "no header was found", "Give every column a heading in one row."))
    return only_column


def _header(rows: Sequence[list[Cell]], top: int) -> tuple[list[str], int, list[Step]]:
    """Return the headings, how many rows they took, and what was done to join them."""
    header = [heading_of(cell) for cell in rows[top]]
    steps: list[Step] = []
    n_rows = 1
    below = list(rows[top + 1 : top + _SEARCHED])
    if not _numbers_columns(below) and _is_second_header(header, below):
        header = _joined(header, [heading_of(cell) for cell in below.pop(0)])
        steps.append(Step(Message("Two header rows were joined into one"), 2))
        n_rows += 1
    if _numbers_columns(below):
        steps.append(Step(Message("A row of column numbers under the header was left out"), 1))
        n_rows += 1
    return header, n_rows, steps


def _numbers_columns(rows: Sequence[list[Cell]]) -> bool:
    """Tell whether the first of these rows numbers the columns: (1), (2), (3)."""
    cells = rows[0] if rows else []
    numbers = [_POSITION.fullmatch(heading_of(cell)) for cell in cells]
    return len(numbers) > 2 and all(number and int(number[1]) == n for n, number in enumerate(numbers, 1))


def _is_second_header(header: Sequence[str], rows: Sequence[list[Cell]]) -> bool:
    """Tell whether the row under the header belongs to it: words where the rows below have numbers."""
    if len(rows) < 3 or any(len(row) != len(header) for row in rows[:3]):
        return False
    second, below = rows[0], [row for row in rows[1:] if len(row) == len(header)]
    numeric = [n for n in range(len(header)) if _is_numeric([row[n] for row in below])]
    words = [n for n in numeric if second[n] not in ("", *NO_NUMBER) and not _looks_numeric(second[n])]
    repeated = len(set(header)) < len(header)
    return len(words) == len(numeric) and len(words) >= (1 if repeated else 2)


def _is_numeric(cells: Sequence[Cell]) -> bool:
    filled = [cell for cell in cells if cell not in ("", *DASHES)]
    return bool(filled) and all(_looks_numeric(cell) for cell in filled)


def _looks_numeric(cell: Cell) -> bool:
    return not isinstance(cell, str) or bool(_NUMBER.fullmatch(cell.strip()))


def _joined(header: Sequence[str], second: Sequence[str]) -> list[str]:
    """Join two header rows; a heading over several columns stands only in the first of them."""
    joined, above = [], ""
    for upper, lower in zip(header, second, strict=True):
        above = upper or (above if lower else "")
        joined.append(" ".join(dict.fromkeys(part for part in (above, lower) if part)))
    return joined


def _refuse_data_as_header(header: Sequence[str], where: str, row: int) -> None:
    filled = [heading for heading in header if heading]
    numbers = [heading for heading in filled if _NUMBER.fullmatch(heading) and not _YEAR.fullmatch(heading)]
    if len(numbers) * 2 > len(filled):
        raise BadInput(
            Problem(
                f"{where}, row {row}",
                f"it holds values ({', '.join(numbers[:3])}) where headings should be",
                "Put a row with the names of the columns above the data.",
            )
        )


def _last_row(grid: Grid, first: int) -> int:
    """Return the position after the last row of the table: what follows are blanks and notes."""
    start = len(grid.rows)
    if len(grid.columns) > 1 or (not grid.columns and any(len(row) > 1 for row in grid.rows[first:])):
        while start > first and sum(cell != "" for cell in grid.rows[start - 1]) <= 1:
            start -= 1
    after_blank = False
    for n in range(start, len(grid.rows)):
        filled = [cell for cell in grid.rows[n] if cell != ""]
        if filled and (after_blank or _NOTE.match(text_of(filled[0]))):
            return n
        after_blank = not filled
    return len(grid.rows)


def _columns(grid: Grid, header: list[str], first: int, last: int) -> list[Column]:
    """Return the columns under a header."""
    if grid.columns:
        rows = slice(first, last)
        pairs = zip(grid.columns, header, strict=True)
        return [replace(column.keep(rows), header=heading) for column, heading in pairs]
    cells = zip(*_squared(grid, header, first, last), strict=True)
    return [column_of(heading, "", column) for heading, column in zip(header, cells, strict=True)]


def _squared(grid: Grid, header: Sequence[str], first: int, last: int) -> Rows:
    """Return the rows of the table, each as long as the header.

    A blank line of a text file has no cells at all, and some programs end every row with
    separators; any other difference means that values stand in the wrong columns.
    """
    width = len(header)
    rows = list(grid.rows[first:last])
    problems = []
    for n in [n for n, row in enumerate(rows) if len(row) != width]:
        if is_blank(rows[n]):
            rows[n] = [""] * width
        elif len(rows[n]) > width and is_blank(rows[n][width:]):
            rows[n] = rows[n][:width]
        else:
            problems.append(
                Problem(
                    f"{grid.where}, row {n + first + grid.first_row}",
                    f"it has {len(rows[n])} cells, the header has {width}",
                    "Put quotation marks around texts that hold the separator or a line end.",
                )
            )
    if problems:
        raise BadInput(problems)
    return rows


def _without_blanks(table: Table) -> Table:
    """Leave out blank rows, and columns with neither heading nor values."""
    kept = [column for column in table.columns if column.header or column.levels]
    steps = []
    if len(kept) < len(table.columns):
        n = len(table.columns) - len(kept)
        steps.append(Step(Message("{n} columns without heading and values were left out", {"n": n}), 0))
    table = replace(table, columns=tuple(kept), steps=(*table.steps, *steps))
    filled = np.any([column.places >= 0 for column in kept], axis=0)
    if filled.all():
        return table
    return table.keep(filled, Step(Message("Blank rows were left out"), int((~filled).sum())))


def _without_repeated_header(table: Table) -> Table:
    """Leave out rows that repeat the header, as joined files have them."""
    repeats = np.ones(table.n_rows, dtype=bool)
    for column in table.columns:
        same = [level for level in column.texts if heading_of(level) == column.header]
        if not same and column.header:
            return table
        repeats &= np.isin(np.arange(table.n_rows), column.rows_with(same)) if same else column.places < 0
    if not repeats.any():
        return table
    step = Step(Message("Rows that repeat the header were left out"), int(repeats.sum()))
    return table.keep(~repeats, step)
