"""The rows of a twin when all are made, and their way back into a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.disclosure.synthetic.cells import put_together, taken_apart, text_column
from pk_research.disclosure.synthetic.frame import joined_keys
from pk_research.disclosure.synthetic.hints import LEARNED
from pk_research.disclosure.synthetic.learned import block
from pk_research.language import Message

if TYPE_CHECKING:
    from pk_research.codebook import Variable
    from pk_research.disclosure.synthetic.draft import Draft
    from pk_research.disclosure.synthetic.learning import Learned

SAID = {
    "rows": Message("Rows whose village or parent is not known are left out"),
    "unfit": Message("“{name}”: cells that the codebook does not allow are not learned from"),
    "not asked": Message("“{name}”: answers to a question that was not to be put are not learned from"),
    "rare": Message("“{name}”: answers in categories of too few people do not occur"),
    "few": Message("“{name}”: too few answered, so that it stays empty"),
    "broken": Message("“{name}”: left blank where a condition could not be kept"),
}


@dataclass(frozen=True, eq=False)
class Filled:
    """All rows of a twin.

    Attributes
    ----------
    learned
        What was learned of the table.
    draft
        The rows, whole.
    """

    learned: Learned
    draft: Draft

    def new_keys(self) -> np.ndarray:
        """Return the keys of the rows made, each as one text."""
        return joined_keys([self.draft.texts[name] for name in self.learned.table.dataset.key])

    def frame(self) -> pd.DataFrame:
        """Return the rows made, each column as its model is."""
        dataset = self.learned.table.dataset
        found = {variable.name: self._column(variable) for variable in dataset.codebook}
        return pd.DataFrame(found)[list(dataset.frame.columns)]

    def _column(self, variable: Variable) -> pd.Series:
        name, table = variable.name, self.learned.table
        like = table.dataset.frame[name]
        if name in self.learned.columns and table.parts[name] != "register":
            return put_together(self.draft.answers[name], self.learned.columns[name].variable, like)
        if variable.kind in LEARNED:
            texts = pd.Series([text or None for text in self.draft.texts[name]], dtype=object)
            return put_together(taken_apart(texts, variable), variable, like)
        return text_column(list(self.draft.texts[name]), like)

    def told(self) -> Iterator[tuple[Message, int]]:
        """Yield what was not learned from, and what could not be made."""
        for kind, message in SAID.items():
            for (what, name), n in {**self.learned.told, **self.draft.told}.items():
                if what == kind and n:
                    yield replace(message, values={"name": name} if name else {}), n


def marks_of(learned: Learned, draft: Draft) -> np.ndarray:
    """Return the rows made, as trees see them."""
    blocks = [block(column, draft.answers[name].numbers) for name, column in learned.columns.items()]
    return np.column_stack([np.zeros((learned.table.n_new, 0)), *blocks])
