"""Columns nobody draws: what follows from the village or from other columns, and what is made up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.disclosure.synthetic.asked import computed
from pk_research.disclosure.synthetic.cells import BLANK, Answers, number_text, taken_apart
from pk_research.disclosure.synthetic.hints import VILLAGE
from pk_research.disclosure.synthetic.made import made_moments, made_places, made_texts
from pk_research.disclosure.synthetic.universes import asked_of_new, new_texts_around

if TYPE_CHECKING:
    from pk_research.disclosure.synthetic.draft import Draft
    from pk_research.disclosure.synthetic.drawing import Turn
    from pk_research.disclosure.synthetic.learning import Learned


def with_register(draft: Draft, learned: Learned, name: str, at: np.ndarray) -> Draft:
    """Return a draft in which a column says what the register says of the made village."""
    draft = where_asked(draft, learned, name, at)
    levels = {level: place for place, level in enumerate(draft.answers[name].levels)}
    texts = draft.texts[name][at]
    numbers = np.array([levels.get(text, np.nan) for text in texts], dtype=float)
    why = np.array([None if text in levels else BLANK for text in texts], dtype=object)
    return draft.with_answers(name, Answers(numbers, why, draft.answers[name].levels, 0), at)


def where_asked(draft: Draft, learned: Learned, name: str, at: np.ndarray) -> Draft:
    """Return a draft in which a column is empty where it is not asked."""
    unasked = at[~asked_of_new(learned, draft, name, at)]
    return draft.with_texts(name, np.full(len(unasked), "", dtype=object), unasked)


def with_calculated(draft: Draft, learned: Learned, name: str, at: np.ndarray) -> Draft:
    """Return a draft in which a column is what its expression gives."""
    column = learned.columns[name]
    around = {one: texts[at] for one, texts in new_texts_around(learned.table, draft.texts).items()}
    texts = computed(learned.table.hints.calculated[name], around, len(at))
    asked = asked_of_new(learned, draft, name, at)
    known = pd.Series(
        [
            text if is_asked and text not in ("NaN", "") else None
            for text, is_asked in zip(texts, asked, strict=True)
        ],
        dtype=object,
    )
    if (scale := column.scale) is not None:
        known = known.map(lambda text: number_text(round(float(text), scale.decimals)), na_action="ignore")
    return draft.with_both(column.variable, taken_apart(known, column.variable), at)


def with_made_up(draft: Draft, learned: Learned, name: str, turn: Turn) -> Draft:
    """Return a draft in which a column holds values made without a look at any answer."""
    variable, part = learned.table.dataset.codebook[name], learned.table.parts[name]
    n = len(turn.at)
    if part == "moment":
        texts = made_moments(n, turn.rng, is_end="end" in name.lower())
    else:
        texts = made_texts(variable, n, turn.rng, is_personal=part == "personal")
        if part == "personal" and not variable.categories and variable.kind in ("string", "code"):
            numbers = learned.table.rows.numbers[turn.at]
            texts = np.array([f"made-{number + 1:05}" for number in numbers], dtype=object)
    asked = asked_of_new(learned, draft, name, turn.at)
    return draft.with_texts(name, np.where(asked, texts, ""), turn.at)


def with_places(draft: Draft, learned: Learned, rng: np.random.Generator) -> Draft:
    """Return a draft with places about where those of each made village lie."""
    table = learned.table
    parts, n = table.parts, table.n_new
    codes = learned.texts.get(VILLAGE, np.full(len(table.rows.used), "", dtype=object))
    new_codes = draft.texts.get(VILLAGE, np.full(n, "", dtype=object))

    def found(old: np.ndarray) -> np.ndarray:
        return made_places(old, codes, table.rows.people, new_codes, k=table.k, rng=rng)

    latitudes, longitudes = (
        [name for name in parts if parts[name] == part] for part in ("latitude", "longitude")
    )
    for pair in zip(latitudes, longitudes, strict=False):
        places = found(
            np.column_stack([pd.to_numeric(pd.Series(learned.texts[name]), errors="coerce") for name in pair])
        )
        for axis, name in enumerate(pair):
            texts = ["" if np.isnan(one) else number_text(one) for one in places[:, axis]]
            draft = draft.with_texts(name, np.array(texts, dtype=object))
    for name in (name for name in parts if parts[name] == "point"):
        degrees = [
            [float(one) for one in text.split()[:2]] if text else [np.nan] * 2 for text in learned.texts[name]
        ]
        places = found(np.array(degrees))
        asked = asked_of_new(learned, draft, name, np.arange(n))
        texts = [
            "" if np.isnan(place).any() or not one else f"{place[0]} {place[1]} 0 0"
            for place, one in zip(places, asked, strict=True)
        ]
        draft = draft.with_texts(name, np.array(texts, dtype=object))
    return draft
