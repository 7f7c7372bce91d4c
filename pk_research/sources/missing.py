"""Cells that stand for no answer: declared codes such as ``-99``, and signs such as ``-``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pk_research.codebook import Label, Variable
from pk_research.language import Both, Message
from pk_research.sources.categories import shown
from pk_research.sources.cells import text_of
from pk_research.sources.columns import Cell, Column
from pk_research.sources.dataset import Step


@dataclass(frozen=True, slots=True, eq=False)
class Signs:
    """The signs for no answer that a column held.

    Attributes
    ----------
    column
        Its name.
    found
        The signs.
    rows
        The rows that held one, from 0.
    """

    column: str
    found: tuple[str, ...]
    rows: np.ndarray


def without_codes(column: Column, variable: Variable) -> tuple[Column, list[Step]]:
    """Blank the declared missing codes of a column, with one step a code."""
    steps = []
    for label in variable.missing:
        levels = [level for level in column.levels if _is_code(level, label)]
        if levels:
            is_told = bool(label.label_id or label.label_en)
            meaning = Both(label.text("id"), label.text("en")) if is_told else "–"
            values = {"column": variable.name, "code": label.value, "meaning": meaning}
            what = Message("{column}: the missing code {code} ({meaning}) was made missing", values)
            steps.append(Step(what, column.n_with(levels), (variable.name,)))
            column = column.blank(levels)
    return column, steps


def _is_code(level: Cell, label: Label) -> bool:
    text = text_of(level)
    if text == label.value:
        return True
    try:
        return float(text) == float(label.value)
    except ValueError:
        return False


def without_signs(column: Column, signs: frozenset[str]) -> tuple[Column, Signs]:
    """Blank the cells of a column that hold nothing but a sign for no answer."""
    found = tuple(sorted(text for text in column.texts if text in signs))
    rows = column.rows_with(found) if found else np.array([], dtype=int)
    return column.blank(found), Signs(column.name, found, rows)


def report_signs(signs: Iterable[Signs]) -> list[Step]:
    """Report the signs that were made missing, columns with the same ones together."""
    together: dict[tuple[str, ...], list[Signs]] = {}
    for entry in signs:
        if entry.found:
            together.setdefault(entry.found, []).append(entry)
    return [
        Step(
            Message("{signs} stands for no answer and was made missing", {"signs": shown(found)}),
            len(np.unique(np.concatenate([entry.rows for entry in entries]))),
            tuple(entry.column for entry in entries),
        )
        for found, entries in together.items()
    ]
