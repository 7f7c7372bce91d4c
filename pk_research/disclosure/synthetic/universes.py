"""To which rows each question of a table is put: those learned from, and those made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from pk_research.disclosure.synthetic.asked import is_computable, level_of, unasked_levels, where
from pk_research.disclosure.synthetic.cells import Answers

if TYPE_CHECKING:
    from pk_research.disclosure.synthetic.draft import Draft
    from pk_research.disclosure.synthetic.learned import Column, Table
    from pk_research.disclosure.synthetic.learning import Learned

Unasked = tuple[tuple[str, frozenset[object]], ...]
"""Earlier questions, and the answers to them after which this one is not put."""


def old_texts_around(table: Table, own: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the answers learned from as a form holds them, those of the row above among them."""
    if table.outer is None:
        return dict(own)
    above = old_texts_around(table.outer.learned.table, table.outer.learned.texts)
    return {**{name: texts[table.rows.parent] for name, texts in above.items()}, **own}


def new_texts_around(table: Table, own: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the answers made as a form holds them, those of the row above among them."""
    if table.outer is None:
        return dict(own)
    above = new_texts_around(table.outer.learned.table, table.outer.draft.texts)
    return {**{name: texts[table.rows.new_parent] for name, texts in above.items()}, **own}


def asked_of_old(
    table: Table, texts: Mapping[str, np.ndarray], name: str, answers: Answers, earlier: Mapping[str, Column]
) -> tuple[np.ndarray, Unasked]:
    """Return in which rows learned from a question was put, and after which answers it never is.

    Parameters
    ----------
    table, texts
        The table, and its answers as a form holds them.
    name, answers
        The question.
    earlier
        What was learned of the columns before it; looked into where the universe is told in prose.
    """
    text, n = table.universe(name), len(answers.numbers)
    if not text:
        return np.ones(n, dtype=bool), ()
    around = old_texts_around(table, texts)
    if is_computable(text, around):
        return where(text, around, n), ()
    unasked = tuple(
        (other, levels)
        for other, by in earlier.items()
        if by.old.is_discrete and (levels := unasked_levels(answers, by.old, table.rows.people, table.k))
    )
    asked = np.ones(n, dtype=bool)
    for other, levels in unasked:
        asked &= ~_among(earlier[other].old, levels)
    return asked, unasked


def asked_of_new(learned: Learned, draft: Draft, name: str, at: np.ndarray) -> np.ndarray:
    """Return which of these rows to fill a question is put to."""
    text = learned.table.universe(name)
    if not text:
        return np.ones(len(at), dtype=bool)
    around = new_texts_around(learned.table, draft.texts)
    if is_computable(text, around):
        return where(text, {one: texts[at] for one, texts in around.items()}, len(at))
    asked = np.ones(len(at), dtype=bool)
    for other, levels in learned.unasked.get(name, ()):
        asked &= ~_among(draft.answers[other].at(at), levels)
    return asked


def _among(answers: Answers, levels: frozenset[object]) -> np.ndarray:
    return np.isin(level_of(answers).astype(str), sorted(map(str, levels)))
