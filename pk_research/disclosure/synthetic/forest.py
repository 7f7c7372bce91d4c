"""The trees of a table, each grown once, and what they see of the rows learned from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pk_research.compute.chance import derived_seed
from pk_research.disclosure.synthetic.frame import NONE
from pk_research.disclosure.synthetic.order import before
from pk_research.disclosure.synthetic.trees import Tree, grown

if TYPE_CHECKING:
    from pk_research.disclosure.synthetic.learning import Learned

SALT = 7


@dataclass(frozen=True, eq=False)
class Forest:
    """The trees of a table; those of first rows of a unit and of later ones are different trees.

    Attributes
    ----------
    learned
        What they are grown on.
    seed
        Of the order in which equally good splits are tried.
    trees
        Those grown so far.
    """

    learned: Learned
    seed: int
    trees: dict[tuple[bool, str], Tree] = field(default_factory=dict)

    def train(self, *, is_later: bool) -> np.ndarray:
        """Return which rows are learned from: the first of each unit, or the later ones."""
        return np.asarray((self.learned.table.rows.wave > 0) == is_later)

    def tree(
        self, key: str, name: str, target: np.ndarray, train: np.ndarray, *, is_later: bool, is_discrete: bool
    ) -> Tree:
        """Return the tree of this name, grown where it is asked for first.

        Parameters
        ----------
        key
            Names the tree.
        name
            The column it is for; it sees the columns before.
        target
            Of each row that is learned from: the answer.
        train
            Which rows these are.
        is_later, is_discrete
            Whether they are later rows of their units; whether answers are places in a list.
        """
        known = self.trees.get((is_later, key))
        if known is None:
            known = grown(
                features_of(self.learned, name, is_later=is_later)[train],
                target,
                self.learned.table.rows.people[train],
                is_discrete=is_discrete,
                k=self.learned.table.k,
                seed=derived_seed(self.seed, len(self.trees), int(is_later), SALT),
            )
            self.trees[is_later, key] = known
        return known


def features_of(learned: Learned, name: str, *, is_later: bool) -> np.ndarray:
    """Return what a tree sees of rows learned from: the row before or above, and the columns before."""
    seen = [one for one in before(name, learned.order, learned.chosen) if one in learned.columns]
    first = _row_before(learned) if is_later else _row_above(learned)
    return np.column_stack([first, *(learned.columns[one].marks for one in seen)])


def _row_before(learned: Learned) -> np.ndarray:
    at = learned.table.rows.before
    return np.asarray(np.where((at != NONE)[:, None], learned.marks()[at], np.nan))


def _row_above(learned: Learned) -> np.ndarray:
    rows, outer = learned.table.rows, learned.table.outer
    if outer is None:
        return np.zeros((len(rows.used), 0))
    return np.column_stack([outer.learned.marks()[rows.parent], rows.position])
