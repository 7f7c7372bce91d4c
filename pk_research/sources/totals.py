"""Rows that are totals of the others: set aside, and compared with the sum of their parts."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.language import Message
from pk_research.sources.categories import spelling_key
from pk_research.sources.cells import text_of
from pk_research.sources.columns import Cell, Column
from pk_research.sources.dataset import Step
from pk_research.sources.numbers import Number, adds_up, read_number
from pk_research.sources.table import Table

_WORDS = (
    r"(?:grand\s+|sub[\s-]?)?(?:total|jumlah)"
    r"(?:[\s/]+(?:total|keseluruhan|seluruhnya|semua|umum|besar|nasional|indonesia))?:?"
)
_TOTAL = re.compile(_WORDS)
_TOTAL_LINE = re.compile(rf"^(?:{_WORDS}|indonesia|nasional)$", re.MULTILINE)
_COUNTRY = frozenset({"indonesia", "nasional"})
_PLACE = re.compile(r"prov|kab|kota|wilayah|daerah|pulau|region", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Total:
    """A row of totals.

    Attributes
    ----------
    label
        What it calls itself, such as ``"INDONESIA"``.
    row_number
        Its number in the file.
    place
        Its position among all rows, from 0.
    cells
        Its cells by column name; blank ones are left out.
    """

    label: str
    row_number: int
    place: int
    cells: Mapping[str, Cell]


def split_totals(table: Table) -> tuple[Table, tuple[Total, ...]]:
    """Separate the rows of totals from the rows they sum.

    A row is a total when one of its texts says so (``JUMLAH TOTAL``, ``Grand Total``; among places
    also ``INDONESIA``) and no other text tells it apart.

    Returns
    -------
    tuple
        The table without them, and the totals in file order.
    """
    found = {
        place: label
        for column in table.columns
        for label in _total_labels(column)
        for place in column.rows_with([label]).tolist()
        if _is_unlabelled(table, place)
    }
    if not found:
        return table, ()
    totals = tuple(_total(table, place, found[place]) for place in sorted(found))
    rows = np.ones(table.n_rows, dtype=bool)
    rows[list(found)] = False
    return table.keep(rows), totals


def _total_labels(column: Column) -> list[str]:
    """Return the texts of a column that say so; most columns have none, and have many texts."""
    if not _TOTAL_LINE.search("\n".join(column.texts).casefold()):
        return []
    return [text for text in column.texts if _says_total(text, column)]


def _says_total(text: str, column: Column) -> bool:
    key = spelling_key(text)
    return bool(_TOTAL.fullmatch(key)) or (key in _COUNTRY and bool(_PLACE.search(column.header)))


def _is_unlabelled(table: Table, place: int) -> bool:
    """Tell whether no text in a row tells it apart, save a constant one or another word for total."""
    for column in table.columns:
        level = column.levels[column.places[place]] if column.places[place] >= 0 else ""
        if (
            isinstance(level, str)
            and _LETTER.search(level)
            and len(column.levels) > 1
            and not _says_total(level, column)
        ):
            return False
    return True


def _total(table: Table, place: int, label: str) -> Total:
    filled = [column for column in table.columns if column.places[place] >= 0]
    cells = {column.name: column.levels[column.places[place]] for column in filled}
    return Total(label, int(table.row_numbers[place]), place, cells)


def compare_totals(
    totals: Sequence[Total], frame: pd.DataFrame, measures: Sequence[str], places: np.ndarray
) -> tuple[Step, ...]:
    """Compare every total with the sum of its parts.

    The parts are the rows since the total before it, or all rows.

    Parameters
    ----------
    totals
        From `split_totals`.
    frame
        The typed rows without the totals.
    measures
        The columns of numbers.
    places
        The position of each row of ``frame`` among all rows, the totals counted.

    Returns
    -------
    tuple
        One step a total, and one for every column in which it differs from the sum.
    """
    steps: list[Step] = []
    before = -1
    for total in totals:
        since = (places > before) & (places < total.place)
        before = total.place
        equal: list[str] = []
        different: list[Step] = []
        for name in measures:
            sums = [frame.loc[rows, name].dropna().tolist() for rows in (since, slice(None))]
            readings = _readings(total.cells.get(name, ""))
            if not readings or not any(sums):
                continue
            if any(adds_up(parts, reading) for parts in sums for reading in readings):
                equal.append(name)
            else:
                different.append(_difference(total, name, math.fsum(sums[0] or sums[1])))
        values = {"row": str(total.row_number), "label": total.label, "n": len(equal)}
        values |= {"m": len(equal) + len(different)}
        what = Message(
            "Row {row} ({label}) is a total and was set aside; "
            "it equals the sum of its parts in {n} of {m} columns",
            values,
        )
        steps += [Step(what, 1, tuple(equal)), *different]
    return tuple(steps)


def _readings(cell: Cell) -> set[Number]:
    """Return what a published total can mean: a sign that only the total has may be either."""
    if isinstance(cell, int | float):
        return {cell}
    read = [read_number(cell, style) for style in ("point", "comma")] if isinstance(cell, str) else []
    return {value for value in read if value is not None}


def _difference(total: Total, name: str, parts: float) -> Step:
    values = {"row": str(total.row_number), "label": total.label, "column": name}
    values |= {"published": text_of(total.cells[name]), "sum": text_of(parts)}
    what = Message(
        "Row {row} ({label}) gives {published} for {column}, but its parts add up to {sum}", values
    )
    return Step(what, 1, (name,))
