"""What one cell says: as text, as a code, as a date, as no answer."""

from __future__ import annotations

import datetime as dt
import re

from pk_research.sources.columns import Cell

DASHES = frozenset({"-", "–", "—"})
NO_NUMBER = DASHES | {"NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "null", "...", "…"}

_FLOAT_CODE = re.compile(r"([0-9]+)\.0+")
_DOTTED_CODE = re.compile(r"[0-9]{2}(?:\.[0-9]{2}){1,2}(?:\.[0-9]{4})?")
_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{2}")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)?")


def text_of(cell: Cell) -> str:
    """Write a cell as text, whole numbers of a workbook without a decimal point.

    Examples
    --------
    >>> text_of(3216012001.0), text_of(0.7029), text_of(dt.date(2024, 1, 31))
    ('3216012001', '0.7029', '2024-01-31')
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else str(cell)


def code_of(cell: Cell) -> str:
    """Write a cell as a code: digits that passed through a float, or with dots, as digits only.

    Examples
    --------
    >>> code_of("3201190006.0"), code_of("32.01.02.2001"), code_of(3216.0), code_of("A.1")
    ('3201190006', '3201022001', '3216', 'A.1')
    """
    text = text_of(cell)
    if float_code := _FLOAT_CODE.fullmatch(text):
        return float_code[1]
    return text.replace(".", "") if _DOTTED_CODE.fullmatch(text) else text


def has_lost_digits(cell: Cell) -> bool:
    """Tell whether a code went through a spreadsheet that rounded it.

    Spreadsheets keep 15 digits of a number and export long ones as ``3.21601E+09``.

    Examples
    --------
    >>> has_lost_digits("3.21601E+09"), has_lost_digits(3216012001.0), has_lost_digits(3.216012345678901e15)
    (True, False, True)
    """
    if isinstance(cell, str):
        return bool(_SCIENTIFIC.fullmatch(cell))
    return isinstance(cell, int | float) and abs(cell) >= 1e15


def date_of(cell: Cell) -> dt.datetime | None:
    """Read a date: one of a workbook, or a text as ISO 8601 has it; None when it is neither.

    Examples
    --------
    >>> date_of("2024-01-31"), date_of("31/01/2024")
    (datetime.datetime(2024, 1, 31, 0, 0), None)
    """
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, dt.date):
        return dt.datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - days have no time zone
    if not isinstance(cell, str) or not _ISO_DATE.fullmatch(cell):
        return None
    try:
        return dt.datetime.fromisoformat(cell)
    except ValueError:
        return None
