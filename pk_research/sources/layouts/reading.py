"""What every layout hands on, and the way from named columns to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pk_research.codebook import Codebook, Variable
from pk_research.errors import BadInput, Problem
from pk_research.sources.columns import Column
from pk_research.sources.dataset import Step
from pk_research.sources.grid import Grid
from pk_research.sources.numeric import NUMERIC
from pk_research.sources.table import Table
from pk_research.sources.totals import compare_totals, split_totals
from pk_research.sources.typed import type_columns

VILLAGE_KEY = ("village_code", "year")


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a layout made of a grid.

    Attributes
    ----------
    frame, codebook
        The rows and what their columns mean.
    key
        The columns that should identify a row.
    title, source
        What the table calls itself, and who published it, as far as known.
    n_rows_read
        Filled rows under the header, the totals counted.
    steps
        What was done, in order.
    """

    frame: pd.DataFrame
    codebook: Codebook
    key: tuple[str, ...] = ()
    title: str = ""
    source: str = ""
    n_rows_read: int = 0
    steps: tuple[Step, ...] = ()

    def described(self, title: str, source: str, key: Sequence[str], steps: Iterable[Step] = ()) -> Reading:
        """Return the reading with its title, publisher and key, and with more steps."""
        return replace(self, title=title, source=source, key=tuple(key), steps=(*self.steps, *steps))


@dataclass(frozen=True, slots=True)
class Layout:
    """A way in which tables are published.

    Attributes
    ----------
    name
        As given to ``load(layout=...)`` and kept in the provenance.
    recognises
        Tells whether a grid is laid out so.
    read
        Makes a reading of a grid; a codebook given by the user declares its columns.
    """

    name: str
    recognises: Callable[[Grid], bool]
    read: Callable[[Grid, Codebook | None], Reading]


def named(table: Table, names: Sequence[str]) -> Table:
    """Return the table with names for its columns."""
    columns = [replace(column, name=name) for column, name in zip(table.columns, names, strict=True)]
    return replace(table, columns=tuple(columns))


def with_constant(table: Table, name: str, value: int, *, after: str) -> Table:
    """Return the table with a column that has one value in all rows."""
    constant = Column(name, name, (value,), np.zeros(table.n_rows, dtype=np.int32))
    at = next((n for n, column in enumerate(table.columns, 1) if column.name == after), 0)
    return replace(table, columns=(*table.columns[:at], constant, *table.columns[at:]))


def require(table: Table, needed: Mapping[str, str]) -> None:
    """Check that a table has what its layout needs.

    Parameters
    ----------
    table
        Its columns are named.
    needed
        Column name -> heading that publishers give it.

    Raises
    ------
    BadInput
        Listing every column that is missing or stands there twice.
    """
    names = table.names
    problems = [
        Problem(
            table.where, f"the layout needs a column {heading!r}", "Add it, or load it as layout 'table'."
        )
        for name, heading in needed.items()
        if name not in names
    ]
    problems += [
        Problem(f"{table.where}, column {heading!r}", "it stands there twice", "Keep the right one of them.")
        for name, heading in needed.items()
        if f"{name}_2" in names
    ]
    if problems:
        raise BadInput(problems)


def read_columns(table: Table, variables: Iterable[Variable], codebook: Codebook | None) -> Reading:
    """Type the columns of a table, and set its totals aside.

    Parameters
    ----------
    table
        Its columns are named.
    variables
        What the layout declares.
    codebook
        What the user declares: every column, and nothing else.

    Raises
    ------
    BadInput
        When the codebook does not fit, a value does not fit its declared kind, or there are no
        rows but totals.
    """
    if codebook is not None:
        _check_declares_all(codebook, table)
    parts, totals = split_totals(table)
    if not parts.n_rows:
        raise BadInput(Problem(table.where, "it holds only rows of totals", "Export the rows they sum, too."))
    declared = {variable.name: variable for variable in (codebook or variables)}
    typed = type_columns(parts, declared, totals=totals[-1].cells if totals else None)
    measures = [v.name for v in typed.codebook if v.kind in NUMERIC and v.name != "year"]
    places = np.flatnonzero(~np.isin(np.arange(table.n_rows), [total.place for total in totals]))
    compared = compare_totals(totals, typed.frame, measures, places)
    return Reading(
        typed.frame,
        codebook.select(typed.codebook.names) if codebook else typed.codebook,
        title=table.title,
        n_rows_read=table.n_rows,
        steps=(*parts.steps, *compared, *typed.steps),
    )


def _check_declares_all(codebook: Codebook, table: Table) -> None:
    problems = [
        Problem(table.where, f"column {name!r} is missing", "Add it, or take it out of the codebook.")
        for name in codebook.names
        if name not in table.names
    ]
    problems += [
        Problem(
            f"{table.where}, column {column.header or column.name!r}",
            f"the codebook does not declare {column.name!r}",
            "Declare it, or take the column out.",
        )
        for column in table.columns
        if column.name not in codebook
    ]
    if problems:
        raise BadInput(problems)
