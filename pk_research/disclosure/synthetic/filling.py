"""Fills the rows of a twin: first rows of every unit, then later ones, each column given those before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pk_research.compute.chance import derived_rng, derived_seed
from pk_research.disclosure.synthetic.draft import blank_draft
from pk_research.disclosure.synthetic.drawing import Turn, drawn_column
from pk_research.disclosure.synthetic.filled import Filled, marks_of
from pk_research.disclosure.synthetic.following import (
    where_asked,
    with_calculated,
    with_made_up,
    with_places,
    with_register,
)
from pk_research.disclosure.synthetic.forest import Forest
from pk_research.disclosure.synthetic.hints import choices_of
from pk_research.disclosure.synthetic.learned import block, common
from pk_research.disclosure.synthetic.learning import learned_of
from pk_research.disclosure.synthetic.several import drawn_several
from pk_research.disclosure.synthetic.trees import drawn_places, grown

if TYPE_CHECKING:
    from pk_research.disclosure.synthetic.draft import Draft
    from pk_research.disclosure.synthetic.learned import Table
    from pk_research.disclosure.synthetic.learning import Learned

OF_PLACES, OF_SIZES = 10**6, 10**6 + 1


def filled_of(table: Table, seed: int) -> Filled:
    """Make all rows of a twin.

    Parameters
    ----------
    table
        What is learned from, and the rows to fill.
    seed
        Of all chance.
    """
    learned = learned_of(table)
    draft, forest, rows = blank_draft(learned), Forest(learned, seed), table.rows
    for wave in range(int(rows.new_wave.max(initial=-1)) + 1):
        at = np.flatnonzero(rows.new_wave == wave)
        seen = marks_of(learned, draft)[rows.new_before[at]] if wave else _above(table)[at]
        for number, name in enumerate(learned.order):
            rng = derived_rng(derived_seed(seed, wave, number))
            draft = _with_column(draft, forest, name, Turn(at, seen, rng, wave > 0))
            seen = np.column_stack(
                [seen, *(_marks(learned, draft, one, at) for one in _shown(learned, name))]
            )
    return Filled(learned, with_places(draft, learned, derived_rng(seed, OF_PLACES)))


def _with_column(draft: Draft, forest: Forest, name: str, turn: Turn) -> Draft:
    """Make a column; villages, keys and periods are there already, choices come with their question."""
    learned, part = forest.learned, forest.learned.table.parts[name]
    match part:
        case "register":
            draft = with_register(draft, learned, name, turn.at)
        case "village" if learned.table.universe(name):
            draft = where_asked(draft, learned, name, turn.at)
        case "several":
            draft = drawn_several(draft, forest, name, turn)
        case "calculated":
            draft = with_calculated(draft, learned, name, turn.at)
        case "learned" | "choice" if name not in learned.chosen:
            draft = drawn_column(draft, forest, name, turn)
        case "personal" | "text" | "moment":
            draft = with_made_up(draft, learned, name, turn)
    return draft


def _shown(learned: Learned, name: str) -> tuple[str, ...]:
    """Return the columns that trees see more of, once a column is made."""
    if learned.table.parts[name] == "several":
        return choices_of(name, learned.table.dataset.codebook)
    return (name,) if name in learned.columns and name not in learned.chosen else ()


def _marks(learned: Learned, draft: Draft, name: str, at: np.ndarray) -> np.ndarray:
    return np.asarray(block(learned.columns[name], draft.answers[name].numbers)[at])


def _above(table: Table) -> np.ndarray:
    """Return what trees see of the row above each row to fill."""
    if table.outer is None:
        return np.zeros((table.n_new, 0))
    above = marks_of(table.outer.learned, table.outer.draft)
    return np.column_stack([above[table.rows.new_parent], table.rows.new_position])


def sizes_of(filled: Filled, old: np.ndarray, seed: int) -> np.ndarray:
    """Return how many rows of a child belong to each row made.

    Parameters
    ----------
    filled
        The rows made.
    old
        How many rows of the child belong to each row learned from.
    seed
        Of all chance.

    Notes
    -----
    A column that counts them, in every row of the table, settles it. Else it is drawn from a tree, sizes
    that too few people have left out; where all are such, every row has the median.
    """
    learned, rows = filled.learned, filled.learned.table.rows
    for name, one in learned.columns.items():
        counts = np.where(one.old.has_value, one.old.numbers, 0)
        if one.variable.kind == "integer" and old.any() and np.array_equal(counts, old):
            return np.asarray(np.nan_to_num(filled.draft.answers[name].numbers), dtype=int)
    fit = common(old, rows.people, np.ones(len(old), dtype=bool), learned.table.k)
    if not fit.any():
        return np.full(learned.table.n_new, int(np.median(old)))
    tree = grown(
        learned.marks()[fit], old[fit], rows.people[fit], is_discrete=True, k=learned.table.k, seed=seed
    )
    nodes = tree.nodes_of(marks_of(learned, filled.draft))
    return np.asarray(drawn_places(tree, old[fit], nodes, derived_rng(seed, OF_SIZES)), dtype=int)
