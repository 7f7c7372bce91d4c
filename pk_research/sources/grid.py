"""A grid: the rows of cells of a text file or a sheet, before anything is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from pk_research.errors import BadInput, Problem
from pk_research.sources.columns import Cell, Column
from pk_research.sources.dataset import Step
from pk_research.sources.files import MAX_CELLS, MAX_COLUMNS

Rows = list[list[Cell]]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Rows of cells as they stand in a file; rows of a text file may differ in length.

    Attributes
    ----------
    where
        Name of the file, and of the sheet, for messages.
    rows
        The cells; ``""`` where blank.
    first_row
        Number of the first row as a person counts it, from 1.
    steps
        What was done to read them: an encoding guessed, merged cells spread, sheets left out.
    columns
        The same cells by column, where the reader has them so.
    """

    where: str
    rows: Sequence[list[Cell]]
    first_row: int = 1
    steps: tuple[Step, ...] = ()
    columns: tuple[Column, ...] = ()


class ColumnRows(Sequence[list[Cell]]):
    """The rows of columns, made one by one when they are asked for.

    Parameters
    ----------
    columns
        Of the same number of rows.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns

    def __len__(self) -> int:
        return len(self._columns[0].places)

    @overload
    def __getitem__(self, index: int) -> list[Cell]: ...

    @overload
    def __getitem__(self, index: slice) -> Rows: ...

    def __getitem__(self, index: int | slice) -> list[Cell] | Rows:
        if isinstance(index, slice):
            return [self[n] for n in range(*index.indices(len(self)))]
        return [column.cell(index) for column in self._columns]


def check_size(where: str, n_rows: int, n_columns: int) -> None:
    """Refuse what no table of this field needs and no memory should be spent on.

    Raises
    ------
    BadInput
        When there are more than `MAX_COLUMNS` columns or `MAX_CELLS` cells.
    """
    if n_columns > MAX_COLUMNS:
        raise BadInput(
            Problem(
                where,
                f"it has {n_columns:,} columns, more than the {MAX_COLUMNS:,} that are read",
                "Keep variables in columns and villages in rows; split the file if it is really so wide.",
            )
        )
    if n_rows * n_columns > MAX_CELLS:
        raise BadInput(
            Problem(
                where,
                f"it has {n_rows:,} rows by {n_columns:,} columns, more than {MAX_CELLS:,} cells",
                "Split it by year or province; in a workbook, delete stray cells far from the table.",
            )
        )


def is_blank(row: Sequence[Cell]) -> bool:
    """Tell whether no cell of a row holds anything."""
    return not any(cell != "" and not (isinstance(cell, str) and cell.isspace()) for cell in row)
