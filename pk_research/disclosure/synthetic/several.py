"""Drawing a question with several answers: its choices, and the text that lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pk_research.disclosure.synthetic.cells import BLANK, Answers, is_answer
from pk_research.disclosure.synthetic.drawing import ANSWERED, drawn_reasons, drawn_values
from pk_research.disclosure.synthetic.hints import choices_of
from pk_research.disclosure.synthetic.learned import is_alone, with_reasons
from pk_research.disclosure.synthetic.universes import asked_of_new

if TYPE_CHECKING:
    from pk_research.disclosure.synthetic.draft import Draft
    from pk_research.disclosure.synthetic.drawing import Turn
    from pk_research.disclosure.synthetic.forest import Forest


def drawn_several(draft: Draft, forest: Forest, name: str, turn: Turn) -> Draft:
    """Draw the choices of a question with several answers, in the rows it is asked in."""
    learned = forest.learned
    names = choices_of(name, learned.table.dataset.codebook)
    here = turn.among(asked_of_new(learned, draft, name, turn.at))
    why = _why(learned.texts[name], {label.value for label in learned.table.dataset.codebook[name].missing})
    reasons = drawn_reasons(forest, with_reasons(learned.columns[names[0]], why), here)
    answered = np.equal(reasons, ANSWERED)
    there, has_text = here.among(answered), is_answer(why)
    chosen = _chosen(forest, names, has_text, there)
    said = reasons.copy()
    said[answered] = [
        " ".join(one.partition("__")[2] for one in names if chosen[one][row]) for row in range(len(there.at))
    ]
    draft = draft.with_texts(name, said, here.at)
    for one in names:
        column = learned.columns[one]
        n = len(there.at)
        part = Answers(chosen[one].astype(float), np.full(n, None, dtype=object), column.old.levels, 0)
        draft = draft.with_answers(one, part, there.at)
        if column.old.has_value[~has_text & column.asked].any():
            # Some files write false where there is no answer; the twin does as they do.
            n = int((~answered).sum())
            part = Answers(np.zeros(n), np.full(n, None, dtype=object), column.old.levels, 0)
            draft = draft.with_answers(one, part, here.at[~answered])
        draft = draft.with_both(column.variable, draft.answers[one].at(turn.at), turn.at)
    return draft


def _why(texts: np.ndarray, codes: set[str]) -> np.ndarray:
    """Return why a question has no answer, by its text; None where it has one."""
    return np.array([text if text in codes else (None if text else BLANK) for text in texts], dtype=object)


def _chosen(
    forest: Forest, names: Sequence[str], has_text: np.ndarray, turn: Turn
) -> Mapping[str, np.ndarray]:
    """Draw each choice, those that go with no other first; a row without any gets one by how often it is."""
    columns = {one: forest.learned.columns[one] for one in names}
    columns = {one: replace(column, is_fit=column.is_fit & has_text) for one, column in columns.items()}
    old = {one: column.old.numbers for one, column in columns.items()}
    n = len(turn.at)
    chosen = {one: np.zeros(n, dtype=bool) for one in names}
    closed = np.zeros(n, dtype=bool)
    for one in sorted(names, key=lambda one: (not is_alone(one, old), names.index(one))):
        if n and columns[one].is_fit.any():
            chosen[one] = (drawn_values(forest, columns[one], turn) == 1) & ~closed
        if is_alone(one, old):
            closed |= chosen[one]
    empty = ~np.any(list(chosen.values()), axis=0)
    often = np.array([np.nansum(np.where(columns[one].is_fit, old[one], 0)) for one in names])
    if empty.any() and often.sum():
        picked = turn.rng.choice(len(names), size=n, p=often / often.sum())
        for place, one in enumerate(names):
            chosen[one] |= empty & (picked == place)
    return chosen
