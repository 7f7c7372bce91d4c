"""Efficient designs by exchange: of single levels, or of two levels so that balance is kept."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pk_research.products.experiments.dominance import has_dominance
from pk_research.products.experiments.efficiency import d_errors, information_by_set
from pk_research.products.experiments.layout import Task, coded_rows

GAIN = 1e-9


@dataclass
class Exchange:
    """A search that begins at a design and ends where no exchange improves it.

    Attributes
    ----------
    task
        What is designed.
    levels
        The design: sets by alternatives by attributes.
    n_refused
        Exchanges that would have improved it, had an alternative not dominated.
    """

    task: Task
    levels: np.ndarray
    n_refused: int = 0
    error: float = field(init=False)
    information: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.information = self._information(self.levels)
        self.error = float(d_errors(self.information.sum(axis=0)[None])[0])

    def run(self, *, is_balanced: bool) -> Exchange:
        """Go through all places until none is improved."""
        improve = self._swap if is_balanced else self._replace
        places = list(np.ndindex(*self.levels.shape))
        while sum(improve(place) for place in places):
            pass
        return self

    def _information(self, levels: np.ndarray) -> np.ndarray:
        rows = coded_rows(levels, self.task.attributes, has_none=self.task.has_none)
        return information_by_set(rows, self.task.priors)

    def _replace(self, place: tuple[int, ...]) -> bool:
        """Give a place the level that helps most (coordinate exchange)."""
        at, alternative, attribute = place
        n_levels = len(self.task.attributes[attribute].levels)
        others = [level for level in range(n_levels) if level != self.levels[place]]
        changed = np.repeat(self.levels[at][None], len(others), axis=0)
        changed[:, alternative, attribute] = others
        return self._take(np.array([[at]] * len(others)), changed[:, None])

    def _swap(self, place: tuple[int, ...]) -> bool:
        """Exchange a place's level with that of another set (level balance is kept)."""
        at, alternative, attribute = place
        level = self.levels[place]
        differs = self.levels[..., attribute] != level
        differs[at] = False
        sets, alternatives = np.nonzero(differs)
        if not len(sets):
            return False
        changed = np.stack([np.repeat(self.levels[at][None], len(sets), axis=0), self.levels[sets]], axis=1)
        changed[:, 0, alternative, attribute] = self.levels[sets, alternatives, attribute]
        changed[np.arange(len(sets)), 1, alternatives, attribute] = level
        return self._take(np.stack([np.full(len(sets), at), sets], axis=1), changed)

    def _take(self, sets: np.ndarray, changed: np.ndarray) -> bool:
        """Take the best of several changes, each of one set or two, if it improves the design."""
        n_changes, n_each = sets.shape
        after = self._information(changed.reshape(n_changes * n_each, *changed.shape[2:]))
        after = after.reshape(n_changes, n_each, *after.shape[1:])
        total = self.information.sum(axis=0) + (after - self.information[sets]).sum(axis=1)
        errors = d_errors(total)
        for best in np.argsort(errors, kind="stable"):
            if not errors[best] < self.error * (1 - GAIN):
                return False
            if any(has_dominance(profiles, self.task.attributes) for profiles in changed[best]):
                self.n_refused += 1
                continue
            self.levels[sets[best]] = changed[best]
            self.information[sets[best]] = after[best]
            self.error = float(errors[best])
            return True
        return False
