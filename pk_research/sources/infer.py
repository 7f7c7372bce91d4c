"""What kind of variable an undeclared column is, told from its heading and its values."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pk_research.codebook import Kind, Label, Variable
from pk_research.sources.categories import spelling_key
from pk_research.sources.cells import NO_NUMBER, date_of, text_of
from pk_research.sources.columns import Cell, Column
from pk_research.sources.headers import column_name
from pk_research.sources.numbers import Decision, Number, read_number

MAX_CATEGORIES = 25
MAX_CATEGORY_CHARACTERS = 120

_CODE_WORDS = frozenset({"kode", "code", "kd", "id", "nik", "nib", "npwp", "kk", "fips"})
_NAME = re.compile(r"(nama|name|alamat)(_.*)?")
_CODE_LIKE = re.compile(r"0[0-9][0-9.]*|[0-9]{16,}")
_TRUTH = frozenset({"true", "false"})


def infer(column: Column, decision: Decision) -> Variable:
    """Say what kind of variable a column of a text file or workbook is.

    Codes are told by their heading (``kode``, ``id``), by leading zeros, or by having more digits
    than a number keeps. A category has at most 25 values that are used twice on average.

    Parameters
    ----------
    column
        With the signs for "no answer" already blank.
    decision
        How its texts are read as numbers, when they are numbers.

    Returns
    -------
    Variable
        Labelled by its heading.

    Examples
    --------
    >>> from pk_research.sources.columns import column_of
    >>> infer(column_of("Kode Usaha", "kode_usaha", ["01", "02"]), Decision("whole")).kind
    'code'
    """
    if may_be_number(column) and not decision.ambiguous:
        kind: Kind = "integer" if _all_whole(values_of(column, decision)) else "number"
        return Variable(column.name, column.header, "", kind)
    if column.levels and {text_of(level).casefold() for level in column.levels} <= _TRUTH:
        return Variable(column.name, column.header, "", "boolean")
    if column.levels and all(date_of(level) is not None for level in column.levels):
        return Variable(column.name, column.header, "", "date")
    return infer_text(column, may_be_category=not decision.ambiguous)


def infer_text(column: Column, *, may_be_category: bool = True) -> Variable:
    """Say what kind of text a column is: codes, categories or free text."""
    is_code = _has_code_heading(column) or any(map(_CODE_LIKE.fullmatch, column.texts))
    if is_code:
        return Variable(column.name, column.header, "", "code")
    if may_be_category and _are_categories(column):
        categories = tuple(Label(text, text, "") for text in sorted(column.texts))
        return Variable(column.name, column.header, "", "category", categories=categories)
    return Variable(column.name, column.header, "", "string")


def may_be_number(column: Column) -> bool:
    """Tell whether all cells could be numbers: none is a word, a date or a code with leading zeros."""
    if _has_code_heading(column) or not column.levels:
        return False
    return all(_could_be_number(level) for level in column.levels if level not in NO_NUMBER)


def _has_code_heading(column: Column) -> bool:
    return bool(set(column_name(column.header).split("_")) & _CODE_WORDS)


def _could_be_number(cell: Cell) -> bool:
    if isinstance(cell, str):
        number = read_number(cell, "point") is not None or read_number(cell, "comma") is not None
        return number and not _CODE_LIKE.fullmatch(cell)
    return isinstance(cell, int | float)


def values_of(column: Column, decision: Decision) -> list[Number | None]:
    """Read the levels of a column as numbers in the style decided; None where one is none."""
    style = decision.style or "whole"
    return [
        read_number(level, style)
        if isinstance(level, str)
        else level
        if isinstance(level, int | float)
        else None
        for level in column.levels
    ]


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
