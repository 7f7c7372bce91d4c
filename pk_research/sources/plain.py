"""Sheets that are written plainly: texts and numbers, read straight from their XML.

Most large workbooks hold nothing else. Array operations on the bytes find the cells, and a shared
text is known by its number, so a million cells are never made one by one. Whatever is not plain
(formulas, dates, merged cells, texts inside the sheet) is left to calamine.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from pk_research.sources.columns import Cell, Column
from pk_research.sources.grid import check_size
from pk_research.sources.packed import Parts, Sheet, cells_hold

_SHARED_TEXT = re.compile(rb'<si><t(?: xml:space="preserve")?(?:/>|>([^<]*)</t>)</si>')
_DATE_STYLE = re.compile(
    rb'numFmtId="(?:1[4-9]|2[0-27-9]|3[0-6]|4[5-7]|5[0-8])"|formatCode="[^"]*[dmyhs][^"]*"', re.IGNORECASE
)
_MOST_DIGITS, _LONGEST_NUMBER = 9, 32


@dataclass(frozen=True, slots=True, eq=False)
class _Tags:
    """Where the tags of a sheet begin in the bytes of its rows.

    Attributes
    ----------
    data
        The bytes, to the end of the last row.
    row
        ``<row r="5">``, for every row.
    cell, value, after
        ``<c r="B5" t="s">``, ``<v>`` and ``</v>``, for every filled cell.
    """

    data: np.ndarray
    row: np.ndarray
    cell: np.ndarray
    value: np.ndarray
    after: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """The filled cells of a sheet, row by row; one entry a cell.

    Attributes
    ----------
    row, column
        Where it stands, as Excel counts, from 1.
    is_text
        True where the value is the number of a shared text.
    value
        The number, or the number of the text.
    """

    row: np.ndarray
    column: np.ndarray
    is_text: np.ndarray
    value: np.ndarray


def read_plain(sheet: Sheet, parts: Parts, *, where: str) -> tuple[int, tuple[Column, ...]] | None:
    """Read a sheet of shared texts and numbers.

    Returns
    -------
    tuple
        The number of the first row, from 1, and one unnamed column a column of the sheet; None
        when the sheet is empty or not plain.

    Raises
    ------
    BadInput
        When its cells span more rows and columns than are read.
    """
    if _DATE_STYLE.search(parts.styles) and cells_hold(sheet.xml, b"s", b' s="'):
        return None
    texts = _shared_texts(parts.shared_texts)
    cells = _cells(sheet.xml)
    if texts is None or cells is None or not len(cells.row):
        return None
    n_rows = int(cells.row[-1] - cells.row[0]) + 1
    check_size(where, n_rows, int(np.ptp(cells.column)) + 1)
    if cells.is_text.any() and cells.value[cells.is_text].max() >= len(texts):
        return None
    return int(cells.row[0]), _columns(cells, texts, n_rows)


def _shared_texts(xml: bytes) -> list[str] | None:
    """Return the texts that sheets point at; None when one is more than plain text."""
    found = _SHARED_TEXT.findall(xml)
    n_texts = xml.count(b"<si>") + xml.count(b"<si/>")
    if len(found) != n_texts or b"_x" in xml or b"\r" in xml:
        return None
    texts = [text.decode("utf-8", "replace") for text in found]
    return [html.unescape(text) if "&" in text else text for text in texts] if b"&" in xml else texts


def _cells(xml: bytes) -> _Cells | None:
    """Read the filled cells; None when one is not like ``<c r="B5" t="s"><v>14</v></c>``."""
    tags = _tags(xml)
    if tags is None:
        return None
    type_sign = tags.data[tags.value - 3]
    is_typed = _stand_at(tags.data, tags.value - 6, b't="') & (tags.data[tags.value - 2] == ord('"'))
    is_text, is_number = is_typed & (type_sign == ord("s")), ~is_typed | (type_sign == ord("n"))
    if not (is_text | is_number).all() or xml.count(b' t="') != int(is_typed.sum()):
        return None
    row_numbers = _digits(tags.data, tags.row + len(b'<row r="'))
    n_in_row = np.diff(np.append(np.searchsorted(tags.cell, tags.row), len(tags.cell)))
    row = np.repeat(row_numbers, n_in_row)
    column = _column_numbers(tags.data, tags.cell + len(b'<c r="'))
    if len(row) != len(column) or (np.diff(row * 2**15 + column) <= 0).any():
        return None
    first = tags.value + len(b"<v>")
    numbers = _numbers(tags.data, first[is_number], tags.after[is_number])
    if numbers is None:
        return None
    value = np.empty(len(row))
    value[is_number] = numbers
    value[is_text] = _digits(tags.data, first[is_text])
    return _Cells(row, column, is_text, value)


def _tags(xml: bytes) -> _Tags | None:
    """Find the tags of rows, cells and values; None when there are others, or attributes in disorder."""
    start, end = xml.find(b"<sheetData>") + len(b"<sheetData>"), xml.rfind(b"</sheetData>")
    if start < len(b"<sheetData>") or end < start or xml.find(b"<mergeCell", end) >= 0:
        return None
    data = np.frombuffer(xml, dtype=np.uint8)[start : end + len(b"</sheetData>")]
    places = np.flatnonzero(data == ord("<"))
    kinds = data[places + 1]
    rows, cells, values = (np.flatnonzero(kinds == ord(sign)) for sign in "rcv")
    n_known = len(rows) + len(cells) + len(values) + int((kinds == ord("/")).sum())
    filled = cells[kinds[cells + 1] == ord("v")]
    if n_known != len(places) or len(filled) != len(values):
        return None
    tags = _Tags(data, places[rows], places[filled], places[values], places[values + 1])
    in_order = (
        _stand_at(data, tags.row, b'<row r="').all()
        and _stand_at(data, tags.cell, b'<c r="').all()
        and _stand_at(data, tags.value - 1, b"><v>").all()
    )
    return tags if in_order else None


def _stand_at(data: np.ndarray, positions: np.ndarray, sought: bytes) -> np.ndarray:
    """Tell at which positions these bytes stand."""
    found = np.ones(len(positions), dtype=bool)
    for n, byte in enumerate(sought):
        found &= data.take(positions + n, mode="clip") == byte
    return found


def _digits(data: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Read the whole numbers that begin at these positions."""
    numbers = np.zeros(len(first), dtype=np.int64)
    goes_on = np.ones(len(first), dtype=bool)
    for n in range(_MOST_DIGITS):
        digit = data.take(first + n, mode="clip") - np.uint8(
            ord("0")
        )  # other signs wrap around to more than 9
        goes_on &= digit <= 9
        if not goes_on.any():
            break
        numbers = np.where(goes_on, numbers * 10 + digit, numbers)
    return numbers


def _column_numbers(data: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Read the letters that begin at these positions as the number of a column, from 1."""
    numbers = np.zeros(len(first), dtype=np.int64)
    goes_on = np.ones(len(first), dtype=bool)
    for n in range(3):
        letter = data.take(first + n, mode="clip") - np.uint8(ord("A") - 1)
        goes_on &= (letter >= 1) & (letter <= 26)
        if not goes_on.any():
            break
        numbers = np.where(goes_on, numbers * 26 + letter, numbers)
    return numbers


def _numbers(data: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray | None:
    """Read the numbers that stand between these positions; None when one is none."""
    if not len(first):
        return np.empty(0)
    lengths = last - first
    widest = int(lengths.max())
    if widest > _LONGEST_NUMBER or int(lengths.min()) < 1:
        return None
    signs = np.empty((len(first), widest), dtype=np.uint8)
    for n in range(widest):
        signs[:, n] = np.where(n < lengths, data.take(first + n, mode="clip"), 0)
    try:
        numbers = signs.view(f"S{widest}").ravel().astype(np.float64)
    except ValueError:
        return None
    return numbers if np.isfinite(numbers).all() else None


def _columns(cells: _Cells, texts: list[str], n_rows: int) -> tuple[Column, ...]:
    """Sort the cells into columns; a text's number is already its place among the texts."""
    order = np.argsort(cells.column.astype(np.int16), kind="stable")  # small numbers sort faster
    columns = cells.column[order]
    numbers = range(int(columns[0]), int(columns[-1]) + 1)
    bounds = np.searchsorted(columns, [*numbers, numbers[-1] + 1])
    made = []
    for first, last in pairwise(bounds):
        of_column = order[first:last]
        row, is_text = cells.row[of_column] - cells.row[0], cells.is_text[of_column]
        text_places, text_numbers = pd.factorize(cells.value[of_column][is_text])
        number_places, found = pd.factorize(cells.value[of_column][~is_text])
        levels: list[Cell] = [*(texts[int(n)] for n in text_numbers), *found.tolist()]
        places = np.full(n_rows, -1, dtype=np.int64)
        places[row[is_text]] = text_places
        places[row[~is_text]] = number_places + len(text_numbers)
        made.append(Column("", "", tuple(levels), places).trimmed())
    return tuple(made)
