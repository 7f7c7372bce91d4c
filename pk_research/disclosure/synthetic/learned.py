"""A table as it is learned from, and what is learned of each of its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.codebook import Label, Variable
from pk_research.disclosure.synthetic.cells import Answers, is_answer
from pk_research.disclosure.synthetic.frame import NONE, Rows
from pk_research.disclosure.synthetic.hints import Hints, Part
from pk_research.disclosure.synthetic.trees import Scale

if TYPE_CHECKING:
    from pk_research.disclosure.synthetic.filled import Filled
    from pk_research.sources import Dataset


@dataclass(frozen=True, eq=False)
class Table:
    """A table as it is learned from.

    Attributes
    ----------
    dataset, parts, hints, rows
        The table, what each column is, what the codebook does not say, and the rows.
    outer
        What was made of the table it belongs to; None for none.
    k
        The least number of people behind anything learned.
    """

    dataset: Dataset
    parts: Mapping[str, Part]
    hints: Hints
    rows: Rows
    outer: Filled | None
    k: int

    @property
    def n_new(self) -> int:
        """How many rows there are to fill."""
        return len(self.rows.new_people)

    def given(self, name: str) -> pd.Series:
        """Return a column of the rows that are learned from."""
        return self.dataset.frame[name].iloc[self.rows.used].reset_index(drop=True)

    def universe(self, name: str) -> str:
        """Return to whom a question is put, as far as it is said."""
        return self.hints.asked.get(name, self.dataset.codebook[name].universe)


@dataclass(frozen=True, eq=False)
class Column:
    """What is learned of a column.

    Attributes
    ----------
    variable
        What it holds.
    old
        The answers.
    asked
        Of each row: whether the question was put.
    is_fit
        Which answers may be learned from: put, given, and in a category that enough people are in.
    scale
        Of numbers.
    is_steady
        Whether it is the same in all rows of a unit.
    """

    variable: Variable
    old: Answers
    asked: np.ndarray
    is_fit: np.ndarray
    scale: Scale | None
    is_steady: bool

    @cached_property
    def marks(self) -> np.ndarray:
        """The answers as trees see them."""
        return block(self, self.old.numbers)


def block(column: Column, values: np.ndarray) -> np.ndarray:
    """Return a column as trees see it: a number, or a mark for each category that enough people are in."""
    if not column.old.is_discrete:
        scale = column.scale
        shown = values if scale is None else np.clip(values, scale.low, scale.high)
        return (np.full(len(values), np.nan) if scale is None else shown)[:, None]
    places = np.unique(column.old.numbers[column.is_fit])
    return np.column_stack([np.isnan(values), *(values == place for place in places)]).astype(float)


def with_reasons(column: Column, why: np.ndarray) -> Column:
    """Return a column whose reasons are those of the question its choices belong to."""
    values = np.where(is_answer(why), 1.0, np.nan)
    old = Answers(values, why, column.old.levels, 0)
    return replace(column, old=old, is_fit=column.asked & ~np.isnan(values))


def levels(given: pd.Series, new: np.ndarray) -> tuple[Label, ...]:
    """Return the texts of a column that follows from the village, as categories."""
    texts = {str(cell).strip() for cell in given if not pd.isna(cell)} | {str(cell) for cell in new}
    return tuple(Label(text, "", "") for text in sorted(texts - {""}))


def common(values: np.ndarray, people: np.ndarray, among: np.ndarray, k: int) -> np.ndarray:
    """Return which answers at least ``k`` people gave."""
    found = np.zeros(len(values), dtype=bool)
    for value in np.unique(values[among]):
        same = among & (values == value)
        found |= same & (len(np.unique(people[same])) >= k)
    return found


def merged(places: np.ndarray, people: np.ndarray, train: np.ndarray, k: int) -> np.ndarray:
    """Take reasons too few people gave for the commonest other one, or for an answer."""
    kept = common(places, people, train, k)
    reasons, often = np.unique(places[train & kept & (places > 0)], return_counts=True)
    other = float(reasons[np.argmax(often)]) if len(reasons) else 0.0
    return np.where(kept | (places == 0), places, other)


def is_steady(values: np.ndarray, rows: Rows) -> bool:
    """Tell whether a column is the same in all rows of a unit."""
    later = rows.before != NONE
    if not later.any():
        return False
    was, now = values[rows.before[later]], values[later]
    both = ~np.isnan(was) & ~np.isnan(now)
    return bool(both.any() and (was[both] == now[both]).all())


def is_alone(name: str, old: Mapping[str, np.ndarray]) -> bool:
    """Tell whether a choice never goes with another."""
    here = old[name] == 1
    return bool(here.any()) and not any(
        (values[here] == 1).any() for other, values in old.items() if other != name
    )
