"""A fault of a spreadsheet: where it is, what to do, and what lets one look past it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from pk_research.errors import BadInput, Problem

Repair = Literal["extension", "headers", "types", "duplicates", "root", "quotes"]


class Cell(NamedTuple):
    """A cell: sheet, row (the headers' is 1) and column by its header; empty for the whole row."""

    sheet: str
    row: int
    column: str = ""

    def __str__(self) -> str:
        column = f", column {self.column!r}" if self.column else ""
        return f"sheet {self.sheet!r}, row {self.row}{column}"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a spreadsheet.

    Attributes
    ----------
    problem
        Sheet and row, what is wrong, what to do.
    repair
        The mechanical repair that removes it; None where a person must decide.
    cell
        Where it is; None where it is nowhere in particular.
    stand_in
        What to read in the cell instead, so as to look for faults behind this one.
    is_doubt
        Whether the form runs all the same.
    """

    problem: Problem
    repair: Repair | None = None
    cell: Cell | None = None
    stand_in: str | None = None
    is_doubt: bool = False

    @classmethod
    def at(
        cls,
        cell: Cell,
        what: str,
        remedy: str,
        *,
        repair: Repair | None = None,
        stand_in: str | None = None,
        is_doubt: bool = False,
    ) -> Fault:
        """Return a fault of a cell."""
        return cls(Problem(str(cell), what, remedy), repair, cell, stand_in, is_doubt)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Fault:
        """Read what `dataclasses.asdict` wrote."""
        cell = None if fields["cell"] is None else Cell(*fields["cell"])
        return cls(**{**fields, "problem": Problem(**fields["problem"]), "cell": cell})


class UnsoundForm(BadInput):
    """A spreadsheet that is no form yet.

    Parameters
    ----------
    faults
        Everything that was found, doubts among it.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        found = tuple(faults)
        self.faults = tuple(fault for fault in found if not fault.is_doubt)
        self.doubts = tuple(fault.problem for fault in found if fault.is_doubt)
        super().__init__(fault.problem for fault in self.faults)
