"""The rows of a twin as far as they are made; each step gives another draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from pk_research.disclosure.synthetic.cells import BLANK, Answers, as_texts

if TYPE_CHECKING:
    from pk_research.codebook import Variable
    from pk_research.disclosure.synthetic.learning import Learned, Told


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """Rows as far as they are made.

    Attributes
    ----------
    texts
        Column -> answers as a form holds them; ``""`` where there is none, or none yet.
    answers
        The same of the columns that are learned, as numbers.
    told
        What could not be made.
    """

    texts: Mapping[str, np.ndarray]
    answers: Mapping[str, Answers]
    told: Told = field(default_factory=dict)

    def with_texts(self, name: str, texts: np.ndarray, at: np.ndarray | None = None) -> Draft:
        """Return a draft with these texts, in some rows or in all."""
        whole = texts if at is None else np.array(self.texts[name])
        if at is not None:
            whole[at] = texts
        return replace(self, texts={**self.texts, name: whole})

    def with_answers(self, name: str, part: Answers, at: np.ndarray) -> Draft:
        """Return a draft with these answers in some rows; their texts stay."""
        whole = self.answers[name]
        numbers, why = np.array(whole.numbers), np.array(whole.why)
        numbers[at], why[at] = part.numbers, part.why
        return replace(self, answers={**self.answers, name: Answers(numbers, why, whole.levels, 0)})

    def with_both(self, variable: Variable, part: Answers, at: np.ndarray) -> Draft:
        """Return a draft with these answers and their texts in some rows."""
        return self.with_answers(variable.name, part, at).with_texts(
            variable.name, as_texts(part, variable), at
        )

    def and_told(self, what: str, name: str, n: int) -> Draft:
        """Return a draft that tells once more how many rows something could not be made in."""
        return replace(self, told={**self.told, (what, name): self.told.get((what, name), 0) + n})


def blank_draft(learned: Learned) -> Draft:
    """Return rows of which only is known what the frame settles: villages, years, keys."""
    table = learned.table
    empty = {name: np.full(table.n_new, "", dtype=object) for name in table.dataset.codebook.names}
    answers = {
        name: Answers(
            np.full(table.n_new, np.nan), np.full(table.n_new, BLANK, dtype=object), column.old.levels, 0
        )
        for name, column in learned.columns.items()
    }
    return Draft({**empty, **table.rows.known}, answers)
