"""Reading a spreadsheet of any Excel kind into plain rows of text."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pk_research.errors import BadInput, NotFound, Problem
from pk_research.survey.xpath.values import number_text

if TYPE_CHECKING:
    from openpyxl import Workbook as OpenBook

MAX_BYTES = 32 * 1024 * 1024
SUFFIXES = {"xlsx": (".xlsx", ".xlsm"), "xls": (".xls",)}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its rows of text, the first being the headers.

    Attributes
    ----------
    name
        As on its tab.
    rows
        Every row, trailing empty cells dropped.
    """

    name: str
    rows: tuple[tuple[str, ...], ...]

    @property
    def headers(self) -> tuple[str, ...]:
        """The first row, lower-case and trimmed."""
        return tuple(cell.strip().lower() for cell in self.rows[0]) if self.rows else ()

    def records(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield each filled row as row number (the header's is 1) and cells by header."""
        headers = self.headers
        for number, row in enumerate(self.rows[1:], start=2):
            if any(cell.strip() for cell in row):
                yield (
                    number,
                    {header: cell.strip() for header, cell in zip(headers, row, strict=False) if header},
                )

    def with_cell(self, row: int, column: str, text: str) -> Sheet:
        """Return the sheet with another text in a cell; as it is where there is no such column."""
        if column not in self.headers:
            return self
        index = self.headers.index(column)
        rows = [list(cells) for cells in self.rows] + [[] for _ in range(row - len(self.rows))]
        cells = rows[row - 1]
        cells += [""] * (index + 1 - len(cells))
        cells[index] = text
        return replace(self, rows=tuple(tuple(cells) for cells in rows))


@dataclass(frozen=True, slots=True)
class Workbook:
    """A spreadsheet.

    Attributes
    ----------
    kind
        ``"xlsx"`` or ``"xls"``: what the file is, whatever it is called.
    sheets
        By lower-case name.
    """

    kind: str
    sheets: Mapping[str, Sheet]

    def sheet(self, name: str) -> Sheet | None:
        """Return a sheet by name, or None."""
        return self.sheets.get(name)


def read_workbook(path: Path) -> Workbook:
    """Read an Excel file by what it is, not by what it is called.

    Raises
    ------
    NotFound
        When there is no such file.
    BadInput
        When it is no Excel file, or larger than 32 MB.
    """
    if not path.is_file():
        raise NotFound(Problem(str(path), "there is no such file", "Check its name and folder."))
    content = path.read_bytes()
    if len(content) > MAX_BYTES:
        raise BadInput(Problem(path.name, "it is larger than 32 MB", "Move long choice lists to a CSV file."))
    if content.startswith(b"PK"):
        return Workbook("xlsx", _read_xlsx(path.name, content))
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return Workbook("xls", _read_xls(path.name, content))
    raise BadInput(Problem(path.name, "it is not an Excel file", "Save the form as .xlsx."))


def write_workbook(workbook: Workbook, out: Path) -> None:
    """Write a spreadsheet as ``.xlsx``: texts only, without formatting."""
    from xlsxwriter import Workbook as Writer

    out.parent.mkdir(parents=True, exist_ok=True)
    with Writer(str(out), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        for sheet in workbook.sheets.values():
            target = book.add_worksheet(re.sub(r"[\[\]:*?/\\]", "_", sheet.name)[:31])
            for number, row in enumerate(sheet.rows):
                for column, cell in enumerate(row):
                    if cell:
                        target.write_string(number, column, cell)


def _read_xlsx(name: str, content: bytes) -> dict[str, Sheet]:
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            return _sheets_of(book)
    except Exception:  # noqa: BLE001
        # openpyxl raises whatever the damaged part of the file makes it raise
        raise BadInput(Problem(name, "it is damaged", "Open it in Excel and save it again.")) from None


def _sheets_of(book: OpenBook) -> dict[str, Sheet]:
    sheets: dict[str, Sheet] = {}
    for sheet in book.worksheets:
        sheet.reset_dimensions()
        rows = tuple(_row(values) for values in sheet.iter_rows(values_only=True))
        sheets[sheet.title.strip().lower()] = Sheet(sheet.title, rows)
    return sheets


def _read_xls(name: str, content: bytes) -> dict[str, Sheet]:
    import xlrd

    try:
        book = xlrd.open_workbook(file_contents=content)
    except Exception:  # noqa: BLE001
        raise BadInput(Problem(name, "it is damaged", "Open it in Excel and save it again.")) from None
    return {
        sheet.name.strip().lower(): Sheet(
            sheet.name, tuple(_row(sheet.row_values(number)) for number in range(sheet.nrows))
        )
        for sheet in book.sheets()
    }


def _row(values: object) -> tuple[str, ...]:
    cells = [_cell(value) for value in values]  # type: ignore[attr-defined]
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    return number_text(float(value)) if isinstance(value, int | float) else str(value)
