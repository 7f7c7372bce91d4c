"""A column as it stands in a file: its distinct cells, and which of them stands in which row.

Everything that is decided about a column (its kind, its decimal sign, which spellings are one
category) is decided on the distinct cells with their counts, so a column of 75,000 rows and five
values costs five decisions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

Cell = str | float | int | bool | dt.date | dt.datetime | dt.time | dt.timedelta


@dataclass(frozen=True, eq=False)
class Column:
    """One column of raw cells.

    Attributes
    ----------
    header
        Its heading as it stands in the file, white space made single.
    name
        The name it has in the dataset.
    levels
        The distinct cells that are not blank, in order of appearance.
    places
        For every row the position of its cell in ``levels``; -1 where the cell is blank.
    n_trimmed
        How many cells had white space at their ends.
    """

    header: str
    name: str
    levels: tuple[Cell, ...]
    places: np.ndarray
    n_trimmed: int = 0

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """How many rows hold each level."""
        return tuple(np.bincount(self.places[self.places >= 0], minlength=len(self.levels)).tolist())

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The levels that are texts, not numbers or dates of a workbook."""
        return tuple(level for level in self.levels if isinstance(level, str))

    @property
    def n_filled(self) -> int:
        """How many rows are not blank."""
        return sum(self.counts)

    def cell(self, row: int) -> Cell:
        """Return the cell of one row; ``""`` where blank."""
        place = self.places[row]
        return self.levels[place] if place >= 0 else ""

    def cells(self) -> list[Cell]:
        """Return the cell of every row; ``""`` where blank."""
        return [self.levels[place] if place >= 0 else "" for place in self.places.tolist()]

    def n_with(self, levels: Iterable[Cell]) -> int:
        """Count the rows that hold one of these levels."""
        wanted = set(levels)
        if not wanted:
            return 0
        return sum(n for level, n in zip(self.levels, self.counts, strict=True) if level in wanted)

    def rows_with(self, levels: Iterable[Cell]) -> np.ndarray:
        """Return the positions of the rows that hold one of these levels, from 0."""
        wanted = set(levels)
        return np.flatnonzero(np.isin(self.places, [n for n, x in enumerate(self.levels) if x in wanted]))

    def keep(self, rows: np.ndarray | slice) -> Column:
        """Return the column of some of the rows only."""
        left = self.places[rows]
        used = np.bincount(left[left >= 0], minlength=len(self.levels)) > 0
        if used.all():
            return replace(self, places=left)
        to = np.where(used, np.cumsum(used) - 1, -1)
        levels = tuple(level for level, is_used in zip(self.levels, used, strict=True) if is_used)
        return replace(self, levels=levels, places=np.append(to, -1)[left])

    def map(self, change: Callable[[Cell], Cell]) -> Column:
        """Return the column with every level changed.

        Levels that become one are one; levels that become empty are blank.
        """
        changed = [change(level) for level in self.levels]
        return self if changed == list(self.levels) else self.relabel(changed)

    def trimmed(self) -> Column:
        """Return the column without white space at the ends of its texts."""
        texts = [level.strip() if isinstance(level, str) else level for level in self.levels]
        if texts == list(self.levels) and "" not in texts and len(set(texts)) == len(texts):
            return self
        padded = [x for x, text in zip(self.levels, texts, strict=True) if text not in ("", x)]
        return replace(self.relabel(texts), n_trimmed=self.n_with(padded))

    def relabel(self, levels: Sequence[Cell]) -> Column:
        """Return the column with other levels, one for each of its own."""
        filled = (level for level in dict.fromkeys(levels) if level != "")
        position = {level: n for n, level in enumerate(filled)}
        to = np.array([*(position.get(level, -1) for level in levels), -1], dtype=self.places.dtype)
        return replace(self, levels=tuple(position), places=to[self.places])

    def blank(self, levels: Iterable[Cell]) -> Column:
        """Return the column with the cells that hold one of these levels blank."""
        gone = set(levels)
        return self.map(lambda level: "" if level in gone else level) if gone else self

    def fill(self, values: Sequence[object], dtype: Any) -> pd.Series:  # noqa: ANN401 - a pandas dtype
        """Return the rows as values: one value a level, missing where a row is blank."""
        if dtype == "string":  # twice as fast through Arrow
            known = pa.array([*values, None], type=pa.string())
            rows = known.take(pa.array(np.where(self.places < 0, len(values), self.places)))
            return pd.Series(pd.array(rows, dtype="string"))
        return pd.Series(pd.array([*values, None], dtype=dtype).take(self.places))


def column_of(header: str, name: str, cells: Sequence[Cell]) -> Column:
    """Make a column from its cells in row order.

    Texts lose the white space at their ends; what is then empty is blank.

    Examples
    --------
    >>> column = column_of("Status", "status", ["Maju", " ", "Maju ", 3.0])
    >>> column.levels, column.places.tolist()
    (('Maju', 3.0), [0, -1, 0, 1])
    """
    kinds = set(map(type, cells))
    if bool in kinds:  # True == 1 would make them one level
        cells = [str(cell).upper() if isinstance(cell, bool) else cell for cell in cells]
    if kinds == {str}:
        encoded = pa.array(cells, type=pa.string()).dictionary_encode()
        levels, places = encoded.dictionary.to_pylist(), encoded.indices.to_numpy()
    else:
        values = np.empty(len(cells), dtype=object)
        values[:] = cells
        places, levels = pd.factorize(values)
    return Column(header, name, tuple(levels), places).trimmed()
