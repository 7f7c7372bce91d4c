"""What kind of variable an undeclared column is, told from its heading and its values."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pk_research.codebook import Kind, Label, Variable
from pk_research.sources.categories import spelling_key
from pk_research.sources.cells import NO_NUMBER, date_of, text_of
from pk_research.sources.columns import Column
from pk_research.sources.headers import column_name
from pk_research.sources.numbers import Number, read_number

MAX_CATEGORIES = 25
MAX_CATEGORY_CHARACTERS = 120

_CODE_WORDS = frozenset({"kode", "code", "kd", "id", "nik", "nib", "npwp", "kk", "fips"})
_NAME = re.compile(r"(nama|name|alamat)(_.*)?")
_DIGITS = re.compile(r"[0-9][0-9.]*")
_CODE_LIKE = re.compile(r"0[0-9][0-9.]*|[0-9]{16,}")
_TRUTH = frozenset({"true", "false"})


def infer(column: Column, numbers: Sequence[Number | None] | None, *, may_be_category: bool) -> Variable:
    """Say what kind of variable a column of a text file or workbook is.

    Codes are told by their heading (``kode``, ``id``), by leading zeros, or by having more digits
    than a number keeps. A category has at most 25 values that are used twice on average.

    Parameters
    ----------
    column
        With the signs for "no answer" already blank.
    numbers
        Its levels as numbers; None when they are none.
    may_be_category
        False for numbers whose signs could not be told.

    Returns
    -------
    Variable
        Labelled by its heading.

    Examples
    --------
    >>> from pk_research.sources.columns import column_of
    >>> infer(column_of("Kode Usaha", "kode_usaha", ["01", "02"]), None, may_be_category=True).kind
    'code'
    """
    if numbers is not None:
        kind: Kind = "integer" if _all_whole(numbers) else "number"
        return Variable(column.name, column.header, "", kind)
    if column.levels and all(text_of(level).casefold() in _TRUTH for level in column.levels):
        return Variable(column.name, column.header, "", "boolean")
    if column.levels and all(date_of(level) is not None for level in column.levels):
        return Variable(column.name, column.header, "", "date")
    return infer_text(column, may_be_category=may_be_category)


def infer_text(column: Column, *, may_be_category: bool = True) -> Variable:
    """Say what kind of text a column is: codes, categories or free text."""
    if _has_code_heading(column) or _are_digits_of_codes(column):
        return Variable(column.name, column.header, "", "code")
    if may_be_category and _are_categories(column):
        categories = tuple(Label(text, text, "") for text in sorted(column.texts))
        return Variable(column.name, column.header, "", "category", categories=categories)
    return Variable(column.name, column.header, "", "string")


def _are_digits_of_codes(column: Column) -> bool:
    """Tell whether all texts are digits and some could not be numbers: they begin with a zero."""
    are_digits = bool(column.texts) and all(map(_DIGITS.fullmatch, column.texts))
    return are_digits and any(map(_CODE_LIKE.fullmatch, column.texts))


def may_be_numbers(column: Column) -> bool:
    """Tell at a glance whether a column could hold numbers; whether it does, all its texts decide."""
    if _has_code_heading(column) or not column.levels:
        return False
    if not all(isinstance(level, str | int | float) for level in column.levels):
        return False
    first = next((text for text in column.texts if text not in NO_NUMBER), None)
    if first is None:
        return len(column.texts) < len(column.levels)
    is_number = read_number(first, "point") is not None or read_number(first, "comma") is not None
    return is_number and not any(map(_CODE_LIKE.fullmatch, column.texts))


def _has_code_heading(column: Column) -> bool:
    return bool(set(column_name(column.header).split("_")) & _CODE_WORDS)


def _all_whole(values: Sequence[Number | None]) -> bool:
    return all(value is not None and float(value).is_integer() and abs(value) < 2**53 for value in values)


def _are_categories(column: Column) -> bool:
    if not column.levels or len(column.texts) < len(column.levels):
        return False
    keys = {spelling_key(text) for text in column.texts}
    return (
        len(keys) <= MAX_CATEGORIES
        and column.n_filled >= 2 * len(keys)
        and max(map(len, column.texts)) <= MAX_CATEGORY_CHARACTERS
        and not _NAME.fullmatch(column_name(column.header))
    )
