"""A column of answers taken apart into values and reasons for having none, and put together again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api.types import is_object_dtype, is_string_dtype

from pk_research.codebook import Variable
from pk_research.codebook.cast import cast_column
from pk_research.compute.floats import as_floats

BLANK = ""
"""Why there is no value, where nothing says it."""
DAY = np.timedelta64(1, "D")
MOST_DECIMALS = 8
TRUTHS = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """The answers of a column as numbers.

    Attributes
    ----------
    numbers
        Numbers; days since 1970 of a date, 1 and 0 of a truth, the place in ``levels`` of a category;
        NaN where there is no value.
    why
        Of each row: None where there is a value, else the missing code, or `BLANK`.
    levels
        The categories a place stands for; empty for numbers and dates.
    n_unfit
        Cells that are nothing the codebook declares; they count as blank.
    """

    numbers: np.ndarray
    why: np.ndarray
    levels: tuple[str, ...]
    n_unfit: int

    @property
    def is_discrete(self) -> bool:
        """Whether values are places in a list."""
        return bool(self.levels)

    @property
    def has_value(self) -> np.ndarray:
        """Which rows have a value."""
        return np.asarray(~np.isnan(self.numbers))

    def at(self, rows: np.ndarray) -> Answers:
        """Return the answers of some rows."""
        return Answers(self.numbers[rows], self.why[rows], self.levels, 0)


def taken_apart(column: pd.Series, variable: Variable) -> Answers:
    """Read a column, typed or as text with its missing codes.

    Parameters
    ----------
    column
        One cell a row.
    variable
        What it holds: a category, truth, number or date.

    Examples
    --------
    >>> from pk_research.codebook import Label
    >>> kk = Variable("kk", kind="integer", minimum=0, missing=(Label("-99", "", ""),))
    >>> found = taken_apart(pd.Series(["7", "-99", "", "-3"]), kk)
    >>> found.numbers.tolist(), found.why.tolist(), found.n_unfit
    ([7.0, nan, nan, nan], [None, '-99', '', ''], 1)
    """
    texts = pd.Series(_texts(column), index=column.index, dtype=object)
    why = np.full(len(column), None, dtype=object)
    for label in variable.missing:
        why[_is_code(texts, label.value)] = label.value
    why[texts.isna().to_numpy() | (texts == "").to_numpy()] = BLANK
    given = column.astype(object).where(is_answer(why), None)
    if variable.kind == "category":
        given = given.map(_spelt(variable), na_action="ignore")
    cast, _ = cast_column(given, variable)
    values, levels = _numbers(cast, variable)
    for bound, sign in ((variable.minimum, -1), (variable.maximum, 1)):
        if bound is not None:
            values[sign * values > sign * bound] = np.nan
    unfit = is_answer(why) & np.isnan(values)
    why[unfit] = BLANK
    return Answers(values, why, levels, int(unfit.sum()))


def is_answer(why: np.ndarray) -> np.ndarray:
    """Return which rows have a value: those with no reason for having none."""
    return np.array([reason is None for reason in why], dtype=bool)


def put_together(answers: Answers, variable: Variable, like: pd.Series) -> pd.Series:
    """Write answers as the column they were taken from is written: typed, or as text with its codes."""
    has = answers.has_value
    if not _is_text(like) or variable.kind == "boolean":
        return _typed(answers, variable, like)
    if answers.is_discrete:
        texts = [
            answers.levels[int(value)] if is_one else ""
            for value, is_one in zip(answers.numbers, has, strict=True)
        ]
    elif variable.kind == "date":
        texts = [
            str(_date(value)) if is_one else "" for value, is_one in zip(answers.numbers, has, strict=True)
        ]
    else:
        texts = [
            number_text(value) if is_one else "" for value, is_one in zip(answers.numbers, has, strict=True)
        ]
    return _as_text(
        [text if why is None else why for text, why in zip(texts, answers.why, strict=True)], like
    )


def as_texts(answers: Answers, variable: Variable) -> np.ndarray:
    """Return answers as a form holds them: text, ``""`` for none."""
    return np.asarray(put_together(answers, variable, pd.Series(dtype=object)), dtype=object)


def decimals_of(values: np.ndarray) -> int:
    """Return how many decimals numbers were written with.

    Examples
    --------
    >>> decimals_of(np.array([3.0, 0.25, np.nan]))
    2
    """
    known = values[~np.isnan(values)]
    for decimals in range(MOST_DECIMALS):
        if np.allclose(known, np.round(known, decimals), rtol=0, atol=10.0 ** -(MOST_DECIMALS + 1)):
            return decimals
    return MOST_DECIMALS


def number_text(value: float) -> str:
    """Write a number without needless decimals."""
    return str(int(value)) if float(value).is_integer() else repr(round(float(value), MOST_DECIMALS))


def _texts(column: pd.Series) -> list[str | None]:
    return [None if pd.isna(cell) else str(cell).strip() for cell in column.astype(object)]


def _is_code(texts: pd.Series, code: str) -> np.ndarray:
    same = np.asarray(texts == code)
    try:
        number = float(code)
    except ValueError:
        return same
    return np.asarray(same | (pd.to_numeric(texts, errors="coerce") == number))


def _spelt(variable: Variable) -> dict[object, object] | object:
    """Return how a category is found whatever its capitals and spaces."""
    known = {_plain(label.value): label.value for label in variable.categories}
    return lambda cell: known.get(_plain(str(cell)), cell)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().casefold()


def _numbers(cast: pd.Series, variable: Variable) -> tuple[np.ndarray, tuple[str, ...]]:
    if variable.kind == "category":
        levels = tuple(label.value for label in variable.categories)
        places = cast.cat.codes.to_numpy(dtype=float)
        return np.where(places < 0, np.nan, places), levels
    if variable.kind == "date":
        days = cast.to_numpy(dtype="datetime64[D]")
        whole = days.astype("int64").astype(float)
        return np.where(np.isnat(days), np.nan, whole), ()
    return np.array(as_floats(cast)), ("False", "True") if variable.kind == "boolean" else ()


def _date(value: float) -> np.datetime64:
    return np.datetime64(int(value), "D")


def _typed(answers: Answers, variable: Variable, like: pd.Series) -> pd.Series:
    has = answers.has_value
    cells: list[object] = []
    for value, is_one in zip(answers.numbers, has, strict=True):
        if not is_one:
            cells.append(None)
        elif variable.kind == "boolean":
            cells.append(bool(value))
        elif answers.is_discrete:
            cells.append(answers.levels[int(value)])
        else:
            cells.append(pd.Timestamp(_date(value)) if variable.kind == "date" else float(value))
    if _is_text(like):
        said = _truths(like)
        return _as_text(["" if cell is None else said[bool(cell)] for cell in cells], like)
    if variable.kind == "boolean":
        return pd.Series(cells, dtype="boolean").astype(like.dtype)
    if variable.kind in ("integer", "number"):
        return pd.Series(cells, dtype="Float64").astype(like.dtype)
    return pd.Series(cells, dtype=object).astype(like.dtype)


def _truths(like: pd.Series) -> dict[bool, str]:
    """Return how the column writes true and false."""
    written = {True: "True", False: "False"}
    for text in sorted({text for text in _texts(like) if text}):
        if text.casefold() in TRUTHS:
            written[TRUTHS[text.casefold()]] = text
    return written


def _is_text(column: pd.Series) -> bool:
    return not isinstance(column.dtype, pd.CategoricalDtype) and (
        is_object_dtype(column.dtype) or is_string_dtype(column.dtype)
    )


def _as_text(texts: Sequence[str], like: pd.Series) -> pd.Series:
    """Give texts the column's dtype; where it marks an empty cell as missing, so do these."""
    has_empty = bool((like.astype(object) == "").any()) or like.empty
    return pd.Series([text if text or has_empty else None for text in texts], dtype=object).astype(like.dtype)


def text_column(texts: Sequence[str], like: pd.Series) -> pd.Series:
    """Return made texts as a column like the one they stand for."""
    if _is_text(like):
        return _as_text(texts, like)
    return pd.Series([text or None for text in texts], dtype=object).astype(like.dtype)
