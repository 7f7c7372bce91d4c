"""Learning a table: each column read in its order, with what was not to be learned from counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.disclosure.synthetic.cells import Answers, decimals_of, taken_apart
from pk_research.disclosure.synthetic.learned import Column, Table, common, is_steady, levels
from pk_research.disclosure.synthetic.order import chosen_of, order_of
from pk_research.disclosure.synthetic.trees import Scale, scale_of
from pk_research.disclosure.synthetic.universes import Unasked, asked_of_old

if TYPE_CHECKING:
    from pk_research.codebook import Variable
    from pk_research.disclosure.synthetic.hints import Part

Told = Mapping[tuple[str, str], int]
"""What was left out, of which column -> how often."""
READ: frozenset[Part] = frozenset(["learned", "choice", "calculated", "register"])


@dataclass(frozen=True, eq=False)
class Learned:
    """What is known of a table before anything is drawn.

    Attributes
    ----------
    table
        The table.
    order
        Its columns, in the order in which they are drawn.
    chosen
        Those that are choices of a question with several answers.
    texts
        Column -> the answers learned from, as a form holds them.
    columns
        What was learned of each column that may be learned from, in order.
    unasked
        Question whose universe is told in prose -> after which answers it is not put.
    told
        What was not learned from.
    """

    table: Table
    order: tuple[str, ...]
    chosen: frozenset[str]
    texts: Mapping[str, np.ndarray]
    columns: Mapping[str, Column] = field(default_factory=dict)
    unasked: Mapping[str, Unasked] = field(default_factory=dict)
    told: Told = field(default_factory=dict)

    def marks(self) -> np.ndarray:
        """Return all that is learned of the rows, as trees see it."""
        n = len(self.table.rows.used)
        return np.column_stack([np.zeros((n, 0)), *(column.marks for column in self.columns.values())])


def learned_of(table: Table) -> Learned:
    """Learn the columns of a table one after the other."""
    texts = {name: _texts(table.given(name)) for name in table.dataset.codebook.names}
    told = {("rows", ""): table.rows.left_out}
    learned = Learned(table, order_of(table), chosen_of(table), texts, told=told)
    for name in learned.order:
        if table.parts[name] in READ:
            column, unasked, said = _read(learned, name)
            learned = replace(
                learned,
                columns={**learned.columns, name: column},
                unasked={**learned.unasked, name: unasked},
                told={**learned.told, **{(what, name): n for what, n in said.items()}},
            )
    return learned


def _read(learned: Learned, name: str) -> tuple[Column, Unasked, dict[str, int]]:
    table = learned.table
    is_register = table.parts[name] == "register"
    variable, given = _as_register(table, name) if is_register else _as_declared(table, name)
    old = taken_apart(given, variable)
    asked, unasked = asked_of_old(table, learned.texts, name, old, learned.columns)
    told = {"unfit": old.n_unfit, "not asked": int((old.has_value & ~asked).sum())}
    is_fit, rare = _without_rare(old, asked, table)
    if not is_register:
        told["rare"] = rare
    if len(np.unique(table.rows.people[is_fit])) < table.k:
        told["few"] = int(is_fit.sum())
        is_fit = np.zeros(len(is_fit), dtype=bool)
    column = Column(
        variable, old, asked, is_fit, _scale(old, is_fit, table), is_steady(old.numbers, table.rows)
    )
    return column, unasked, told


def _as_declared(table: Table, name: str) -> tuple[Variable, pd.Series]:
    return table.dataset.codebook[name], table.given(name)


def _as_register(table: Table, name: str) -> tuple[Variable, pd.Series]:
    """Return a column that follows from the village as one of categories, those of made villages too."""
    given = table.given(name)
    known = table.rows.known.get(name, np.array([], dtype=object))
    variable = replace(table.dataset.codebook[name], kind="category", categories=levels(given, known))
    return variable, given.astype("string")


def _without_rare(old: Answers, asked: np.ndarray, table: Table) -> tuple[np.ndarray, int]:
    """Return which answers may be learned from, and how many are in categories of too few people."""
    is_fit = old.has_value & asked
    if not old.is_discrete:
        return is_fit, 0
    shared = common(old.numbers, table.rows.people, is_fit, table.k)
    return is_fit & shared, int((is_fit & ~shared).sum())


def _scale(old: Answers, is_fit: np.ndarray, table: Table) -> Scale | None:
    if old.is_discrete or not is_fit.any():
        return None
    values = old.numbers[is_fit]
    return scale_of(values, table.rows.people[is_fit], k=table.k, decimals=decimals_of(values))


def _texts(given: pd.Series) -> np.ndarray:
    return np.array(["" if pd.isna(cell) else str(cell).strip() for cell in given], dtype=object)
