"""Tables of the same rows released on different days: what together they would give away.

A later table is looked at beside the earlier ones as an attacker would: every count or sum that was shown is
an equation in the unknown combinations of all their dimensions. Each cell that must not be shown has to stay
as movable as the rules ask.

What this does not protect: tables of another version of the data (rows that came between two versions can
be told by subtraction), tables of other columns that are worked out of each other (sales and half the sales),
one contributor who uses their own part *across* tables, whatever left before the log was kept, and tables
other houses show of the same people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse
from sqlalchemy import select

from pk_research.disclosure.cells import TOTAL, Levels, cells_of
from pk_research.disclosure.programme import Programme
from pk_research.disclosure.release import check_said
from pk_research.disclosure.rules import Rules
from pk_research.disclosure.suppression import COMPLEMENT, SHOWN, Suppressed, suppress
from pk_research.errors import BadInput, Problem
from pk_research.products.words import some
from pk_research.store.database import reading, writing
from pk_research.store.tables import audit_event
from pk_research.writing import csv_bytes

if TYPE_CHECKING:
    from pk_research.store import Store
    from pk_research.store.actors import Actor

KIND = "table released"
MOST_ATOMS = 20_000
NEAR = 1e-6

Cell = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A table that was released.

    Attributes
    ----------
    by
        Its dimensions, as `cells_of` takes them.
    sum_of
        The column it sums; None for counts.
    hidden
        The levels of the cells it did not show, one for each of its columns; empty for totals.
    """

    by: tuple[tuple[str, ...], ...]
    sum_of: str | None
    hidden: frozenset[Cell]


def suppress_linked(
    frame: pd.DataFrame,
    by: Sequence[Levels],
    earlier: Sequence[Earlier],
    *,
    sum_of: str | None = None,
    rules: Rules | None = None,
) -> Suppressed:
    """Hide cells of a table, those earlier tables of the same rows hid among them.

    Parameters
    ----------
    frame, by, sum_of, rules
        As `cells_of` and `suppress` take them.
    earlier
        What was shown of these rows before; tables of another measure tell nothing here.

    Raises
    ------
    BadInput
        As `cells_of` and `suppress`; when the new table beside the earlier ones would let a hidden cell be
        worked out, and when they have too many combinations to look at.

    Examples
    --------
    >>> rows = pd.DataFrame({"sex": ["f"] * 9 + ["m"] * 3, "job": ["a", "b", "b"] * 4})
    >>> first = Earlier((("sex",),), None, frozenset({("f",), ("m",)}))
    >>> suppress_linked(rows, ["job"], [first]).is_hidden.any()
    np.True_
    """
    chosen = Rules() if rules is None else rules
    found = suppress(cells_of(frame, by, sum_of=sum_of), chosen)
    same = [one for one in earlier if one.sum_of == sum_of]
    known = {cell for one in same for cell in _named(one.by, one.hidden)}
    again = np.array([_name(columns) in known for columns in _levels(found)])
    reason = np.where(again & (found.reason == SHOWN), COMPLEMENT, found.reason)
    found = replace(found, reason=reason)
    told = list(_given_away(frame, found, _tuples(by), same, chosen)) if same else []
    if told:
        raise BadInput(
            [
                Problem(
                    f"cell {some(one)}",
                    "with the tables released before, it could be worked out to nearer than the rules allow",
                    "Tabulate by fewer or wider groups, or release the earlier table again.",
                )
                for one in told
            ]
        )
    return found


def released_before(store: Store, frame: pd.DataFrame) -> tuple[Earlier, ...]:
    """Return the tables of these rows that the audit log says were released, oldest first."""
    wanted = (audit_event.c.kind == KIND) & (audit_event.c.subject == _version(frame))
    query = select(audit_event.c.details).where(wanted).order_by(audit_event.c.number)
    with reading(store.engine) as connection:
        return tuple(_read(row.details) for row in connection.execute(query))


def record_table(
    store: Store, frame: pd.DataFrame, found: Suppressed, *, by: Actor, purpose: str, to: str
) -> None:
    """Write into the audit log which table of these rows leaves, for whom and why, and what it hides.

    Raises
    ------
    BadInput
        When the purpose or the receiver is not said.
    """
    check_said(purpose=purpose, to=to)
    levels = list(found.frame.drop(columns=["value", "is_hidden"]).itertuples(index=False, name=None))
    details: dict[str, Any] = {
        "purpose": purpose,
        "to": to,
        "by": [list(columns) for columns in found.cells.dimensions],
        "sum_of": found.cells.sum_of,
        "hidden": [list(cell) for cell, gone in zip(levels, found.is_hidden, strict=True) if gone],
        "content": sha256(csv_bytes(found.frame)).hexdigest(),
        "rules": asdict(found.rules),
    }
    with writing(store.engine) as connection:
        store.audit.record(connection, KIND, by=by, subject=_version(frame), details=details)


def _version(frame: pd.DataFrame) -> str:
    return sha256(csv_bytes(frame)).hexdigest()[:32]


def _read(details: str) -> Earlier:
    import json

    entry = json.loads(details)
    by = tuple(tuple(columns) for columns in entry["by"])
    return Earlier(by, entry["sum_of"], frozenset(tuple(cell) for cell in entry["hidden"]))


def _tuples(by: Sequence[Levels]) -> tuple[tuple[str, ...], ...]:
    return tuple((one,) if isinstance(one, str) else tuple(one) for one in by)


def _levels(found: Suppressed) -> list[dict[str, str]]:
    return [
        {str(name): str(value) for name, value in row.items()}
        for row in found.frame.drop(columns=["value", "is_hidden"]).to_dict("records")
    ]


def _name(levels: dict[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset((column, level) for column, level in levels.items() if level != TOTAL)


def _named(by: tuple[tuple[str, ...], ...], cells: frozenset[Cell]) -> Iterator[frozenset[tuple[str, str]]]:
    columns = [name for dimension in by for name in dimension]
    return (_name(dict(zip(columns, cell, strict=True))) for cell in cells)


def _given_away(
    frame: pd.DataFrame,
    found: Suppressed,
    by: tuple[tuple[str, ...], ...],
    earlier: Sequence[Earlier],
    rules: Rules,
) -> Iterator[Cell]:
    """Yield the cells that all tables together would tell too exactly."""
    tables = [_Table(by, found, {_name(one) for one in _levels_hidden(found)})]
    for past in earlier:
        old = suppress(cells_of(frame, past.by, sum_of=past.sum_of), rules)
        tables.append(_Table(past.by, old, set(_named(past.by, past.hidden))))
    atoms = _atoms(frame, [name for table in tables for names in table.by for name in names])
    sums = [
        _Sum(table, at, _inside(atoms, levels), _name(levels) in table.hidden)
        for table in tables
        for at, levels in enumerate(_levels(table.found))
    ]
    shown = [one for one in sums if not one.is_hidden]
    scale = max([1.0, *(one.value for one in shown)])
    known = sparse.csr_array(np.array([one.inside for one in shown]).reshape(len(shown), len(atoms)))
    programme = Programme(known, np.array([one.value / scale for one in shown]))
    for one in sums:
        if one.is_hidden and one.table.found.is_primary[one.at]:
            low, high = _ends(one, programme, scale)
            up, down = one.table.found.up[one.at], one.table.found.down[one.at]
            if low > one.value - down + NEAR * scale or high < one.value + up - NEAR * scale:
                yield tuple(level for level in _levels(one.table.found)[one.at].values() if level != TOTAL)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    by: tuple[tuple[str, ...], ...]
    found: Suppressed
    hidden: set[frozenset[tuple[str, str]]]


@dataclass(frozen=True, slots=True, eq=False)
class _Sum:
    """A cell of a table as the sum of the combinations in it."""

    table: _Table
    at: int
    inside: np.ndarray
    is_hidden: bool

    @property
    def value(self) -> float:
        return float(self.table.found.cells.value[self.at])


def _levels_hidden(found: Suppressed) -> list[dict[str, str]]:
    return [one for one, gone in zip(_levels(found), found.is_hidden, strict=True) if gone]


def _inside(atoms: pd.DataFrame, levels: dict[str, str]) -> np.ndarray:
    inside = np.ones(len(atoms))
    for column, level in levels.items():
        if level != TOTAL:
            inside *= (atoms[column] == level).to_numpy()
    return inside


def _ends(one: _Sum, programme: Programme, scale: float) -> tuple[float, float]:
    """Return the least and most a cell can be; just its value where that cannot be worked out."""
    n, ends = len(one.inside), []
    for way in (1.0, -1.0):
        found = programme.least(way * one.inside, np.zeros(n), np.full(n, np.inf))
        ends.append(one.value if found is None else float(found[one.inside > 0].sum()) * scale)
    return ends[0], ends[1]


def _atoms(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return the combinations of levels that somebody may think possible.

    Columns of which one follows from the other (village and kecamatan, ages in fives and in tens) are taken
    together, for everybody knows that.
    """
    columns = list(dict.fromkeys(names))
    texts = frame[columns].astype(str)
    groups = [{name} for name in columns]
    for one, other in combinations(columns, 2):
        n = len(texts[[one, other]].drop_duplicates())
        if n == max(texts[one].nunique(), texts[other].nunique()):
            joined = [group for group in groups if group & {one, other}]
            groups = [group for group in groups if group not in joined] + [set().union(*joined)]
    parts = [texts[sorted(group)].drop_duplicates().to_dict("records") for group in groups]
    n_atoms = int(np.prod([len(part) for part in parts]))
    if n_atoms > MOST_ATOMS:
        raise BadInput(
            Problem(
                "the tables",
                f"with those released before they have {n_atoms} combinations, too many to look at",
                "Tabulate by fewer or wider groups.",
            )
        )
    merged = [{key: value for part in combination for key, value in part.items()}
              for combination in product(*parts)]  # fmt: skip
    return pd.DataFrame(merged, columns=columns)
