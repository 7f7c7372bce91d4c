"""The one small table that says what an index is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from pk_research.codebook import Label
from pk_research.compute.floats import floats_or_missing
from pk_research.errors import BadInput, NotFound, Problem
from pk_research.indicators.composite.faults import faults_of, points_of
from pk_research.indicators.composite.tree import Group, heights

REQUIRED = ("indicator", "direction", "weight", "parent")
NUMBERS = ("direction", "weight", "low", "high", "target", "se", "relative_se", "level")
TEXTS = ("indicator", "parent", "denominator", "points", "label_id", "label_en", "reason_id", "reason_en")


@dataclass(frozen=True, eq=False)
class Declaration:
    """What an index is made of: indicators, what they add up to, and how.

    Attributes
    ----------
    table
        One row an element, indicators first, then each level up to the index; ``indicator`` is the
        index of the frame. Columns: ``direction`` (1: more is better, -1: less is better),
        ``weight`` (within its parent, any scale), ``parent`` (missing for the index itself),
        ``denominator`` (a column to divide by), ``low`` and ``high`` (goalposts), ``target``,
        ``se`` (standard error of the raw value, in its unit) and ``relative_se`` (the same as a
        share of the value), ``points`` (what each category of an indicator that is no number
        counts for: ``"Baik=2; Rusak=0"``), ``label_id``, ``label_en``, ``reason_id``,
        ``reason_en``, ``level`` (1 for indicators).
    """

    table: pd.DataFrame

    @cached_property
    def indicators(self) -> tuple[str, ...]:
        """Names of the indicators, the columns of the data."""
        return tuple(self.table.index[self.table["level"] == 1])

    @cached_property
    def aggregates(self) -> tuple[str, ...]:
        """Names of what the indicators add up to, the index itself last."""
        return tuple(self.table.index[self.table["level"] > 1])

    @property
    def root(self) -> str:
        """Name of the index itself."""
        return str(self.table.index[-1])

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Who adds up to whom, lower levels first; elements by their row in ``table``."""
        place = {name: n for n, name in enumerate(self.table.index)}
        parents = self.table["parent"]
        return tuple(
            Group(place[name], tuple(place[child] for child in parents.index[parents == name]), int(level))
            for name, level in self.table["level"].items()
            if level > 1
        )

    @property
    def weights(self) -> np.ndarray:
        """The declared weights, one an element, on whatever scale they were given."""
        return np.asarray(self.table["weight"], dtype=float)

    def label(self, name: str) -> Label:
        """Return what an element is called, in both languages."""
        row = self.table.loc[name]
        return Label(name, row["label_id"], row["label_en"])

    def points(self, name: str) -> dict[str, float]:
        """Return what each category of an indicator counts for; empty for a number."""
        return points_of(self.table.loc[name, "points"])

    def with_weights(self, weights: Mapping[str, float]) -> Declaration:
        """Return the declaration with other weights for the elements named.

        Raises
        ------
        BadInput, NotFound
            When an element does not exist, or the weights cannot be used.
        """
        unknown = [name for name in weights if name not in self.table.index]
        if unknown:
            raise NotFound(
                Problem("weights", f"no element is called {name!r}", "Use the names of the declared table.")
                for name in unknown
            )
        table = self.table.copy()
        table.loc[list(weights), "weight"] = [float(weight) for weight in weights.values()]
        return declare(table.reset_index())


def declare(table: pd.DataFrame, *, where: str = "the table of the index") -> Declaration:
    """Read the table that declares an index, naming all its faults at once.

    Parameters
    ----------
    table
        One row an element. Required: ``indicator`` (its name, for indicators the column of the
        data), ``direction`` (1 or -1), ``weight``, ``parent`` (the element it adds up to; empty
        for the index itself). The other columns of `Declaration.table` may be left out.
    where
        What the table is called in an error.

    Raises
    ------
    BadInput
        Naming every fault: a missing column, an element declared twice, an unknown parent, a
        circle, no or several indices, a direction that is not 1 or -1, a weight that is missing,
        negative or zero for all siblings, siblings of different levels, goalposts the wrong way
        round, a standard error that is negative or given twice.

    Examples
    --------
    >>> rows = [["market_km", -1, 1, "index"], ["umkm", 1, 3, "index"], ["index", 1, 1, None]]
    >>> declared = declare(pd.DataFrame(rows, columns=["indicator", "direction", "weight", "parent"]))
    >>> declared.indicators, declared.root
    (('market_km', 'umkm'), 'index')
    """
    absent = [name for name in REQUIRED if name not in table]
    if absent:
        raise BadInput(
            Problem(where, f"there is no column {name!r}", f"Give {', '.join(REQUIRED)}.") for name in absent
        )
    typed, problems = _typed(table, where)
    problems += faults_of(typed, where)
    if problems:
        raise BadInput(problems)
    levels = heights(dict(zip(typed["indicator"], typed["parent"], strict=True)))
    typed["level"] = [levels[name] for name in typed["indicator"]]
    ordered = typed.sort_values("level", kind="stable").set_index("indicator")
    return Declaration(ordered)


def read_declaration(path: Path) -> Declaration:
    """Read a declaration from a CSV file in UTF-8; see `declare` for its columns."""
    if not path.is_file():
        raise NotFound(Problem(str(path.name), "there is no such file", "Give the path of a CSV file."))
    return declare(pd.read_csv(path, dtype="string", encoding="utf-8-sig"), where=path.name)


def _typed(table: pd.DataFrame, where: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the table with every column it may have, and the cells that are no numbers."""
    typed, problems = pd.DataFrame(index=range(len(table))), []
    for name in TEXTS:
        given = table[name] if name in table else pd.Series("", index=table.index)
        text = given.astype("string").str.strip().fillna("")
        typed[name] = text.astype(object).to_numpy()
    for name in NUMBERS:
        given = table[name] if name in table else pd.Series(np.nan, index=table.index)
        number = floats_or_missing(given)
        wrong = number.isna() & given.notna() & (given.astype("string").str.strip() != "")
        problems += [
            Problem(f"{where}, row {n + 1}", f"{name} is {value!r}, which is not a number", "Write a number.")
            for n, value in given.reset_index(drop=True)[wrong.to_numpy()].items()
        ]
        typed[name] = number.to_numpy()
    for name in ("label_id", "label_en"):
        other = "label_en" if name == "label_id" else "label_id"
        typed[name] = [
            own or spare or code
            for own, spare, code in zip(typed[name], typed[other], typed["indicator"], strict=True)
        ]
    return typed, problems
