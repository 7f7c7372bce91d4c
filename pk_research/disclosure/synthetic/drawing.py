"""Drawing a column: whether there is an answer, then which; drawn again where a condition fails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pk_research.disclosure.synthetic.asked import condition, where
from pk_research.disclosure.synthetic.cells import BLANK, Answers
from pk_research.disclosure.synthetic.learned import merged
from pk_research.disclosure.synthetic.trees import Tree, drawn_numbers, drawn_places
from pk_research.disclosure.synthetic.universes import asked_of_new

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pk_research.disclosure.synthetic.draft import Draft
    from pk_research.disclosure.synthetic.forest import Forest
    from pk_research.disclosure.synthetic.learned import Column
    from pk_research.disclosure.synthetic.learning import Learned

REDRAWN = 20
ANSWERED = "answered"


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """A column's turn.

    Attributes
    ----------
    at
        The rows to fill.
    seen
        What trees see of them.
    rng
        All chance.
    is_later
        Whether they are later rows of their units.
    """

    at: np.ndarray
    seen: np.ndarray
    rng: np.random.Generator
    is_later: bool

    def among(self, which: np.ndarray) -> Turn:
        """Return the turn for some of the rows, with the same chance."""
        return replace(self, at=self.at[which], seen=self.seen[which])


def drawn_column(draft: Draft, forest: Forest, name: str, turn: Turn) -> Draft:
    """Draw a column in the rows it is asked in."""
    learned = forest.learned
    column = learned.columns[name]
    here = turn.among(asked_of_new(learned, draft, name, turn.at))
    reasons = drawn_reasons(forest, column, here)
    answered = np.equal(reasons, ANSWERED)
    numbers = np.full(len(here.at), np.nan)
    if answered.any():
        there = here.among(answered)
        values = drawn_values(forest, column, there)
        if turn.is_later and column.is_steady:
            was = draft.answers[name].numbers[learned.table.rows.new_before[there.at]]
            values = np.where(np.isnan(was), values, was)
        numbers[answered] = values
    why = np.array([None if reason == ANSWERED else reason for reason in reasons], dtype=object)
    why[answered & np.isnan(numbers)] = BLANK
    draft = draft.with_answers(name, Answers(numbers, why, column.old.levels, 0), here.at)
    draft = draft.with_both(column.variable, draft.answers[name].at(turn.at), turn.at)
    return _held(draft, forest, column, here)


def drawn_reasons(forest: Forest, column: Column, turn: Turn) -> np.ndarray:
    """Draw whether there is an answer, and why not."""
    rows, k = forest.learned.table.rows, forest.learned.table.k
    train = forest.train(is_later=turn.is_later) & column.asked & (column.is_fit | ~column.old.has_value)
    if not column.is_fit.any():
        return np.full(len(turn.at), BLANK, dtype=object)
    reasons = [ANSWERED if reason is None else str(reason) for reason in column.old.why]
    listed = [ANSWERED, *sorted(set(np.array(reasons, dtype=object)[train]) - {ANSWERED})]
    places = np.array([listed.index(one) if one in listed else 0 for one in reasons], dtype=float)
    places = merged(places, rows.people, train, k)
    if len(np.unique(places[train])) < 2 or len(np.unique(rows.people[train])) < k:
        is_same = train.any() and places[train].min() == places[train].max()
        only = listed[int(places[train][0])] if is_same else ANSWERED
        return np.full(len(turn.at), only, dtype=object)
    name = column.variable.name
    tree = forest.tree(f"{name} why", name, places[train], train, is_later=turn.is_later, is_discrete=True)
    drawn = drawn_places(tree, places[train], tree.nodes_of(turn.seen), turn.rng)
    return np.array([listed[int(place)] for place in drawn], dtype=object)


def drawn_values(forest: Forest, column: Column, turn: Turn) -> np.ndarray:
    """Draw answers where there are some."""
    rows, k = forest.learned.table.rows, forest.learned.table.k
    train = forest.train(is_later=turn.is_later) & column.is_fit
    scale, name = column.scale, column.variable.name
    if len(np.unique(rows.people[train])) < k:
        train = column.is_fit
        tree = Tree(None, np.zeros(1, dtype=int), {0: np.arange(int(train.sum()))})
    else:
        values = column.old.numbers[train]
        shown = values if scale is None else np.clip(values, scale.low, scale.high)
        tree = forest.tree(
            name, name, shown, train, is_later=turn.is_later, is_discrete=column.old.is_discrete
        )
    target, nodes = column.old.numbers[train], tree.nodes_of(turn.seen)
    if scale is None:
        return drawn_places(tree, target, nodes, turn.rng)
    return drawn_numbers(tree, target, rows.people[train], nodes, scale=scale, k=k, rng=turn.rng)


def _held(draft: Draft, forest: Forest, column: Column, turn: Turn) -> Draft:
    """Draw again where a condition fails that this column is the last named; then leave it blank."""
    for text, names in _conditions(forest.learned, column.variable.name):
        for attempt in range(REDRAWN + 1):
            broken = _broken(draft, text, names, turn.at)
            if not broken.any():
                break
            there = turn.among(broken)
            if attempt == REDRAWN:
                n = len(there.at)
                part = Answers(np.full(n, np.nan), np.full(n, BLANK, dtype=object), column.old.levels, 0)
                draft = draft.and_told("broken", column.variable.name, n)
            else:
                part = replace(
                    draft.answers[column.variable.name].at(there.at),
                    numbers=drawn_values(forest, column, there),
                )
            draft = draft.with_both(column.variable, part, there.at)
    return draft


def _conditions(learned: Learned, name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    order = learned.order
    for text in learned.table.hints.holds:
        found = condition(text)
        names = found[1] if found else ()
        if name in names and all(order.index(other) <= order.index(name) for other in names):
            yield text, names


def _broken(draft: Draft, text: str, names: tuple[str, ...], at: np.ndarray) -> np.ndarray:
    has = np.all([draft.answers[one].has_value[at] for one in names if one in draft.answers], axis=0)
    around = {one: draft.texts[one][at] for one in names}
    return np.asarray(has & ~where(text, around, len(at)))
