"""Workbooks (XLSX, XLS, ODS): one sheet's cells.

Plain sheets are read straight from their XML (`pk_research.sources.plain`), all others by calamine.
That one trusts the file: a sheet of five kilobytes with one cell in the far corner makes it ask
for hundreds of gigabytes and takes the process down, so `pk_research.sources.packed` looks first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pk_research.errors import BadInput, NotFound, Problem
from pk_research.language import Message
from pk_research.sources.calamine import RawSheet, read_sheet, read_sheet_apart
from pk_research.sources.dataset import Step
from pk_research.sources.files import MAX_CELLS, Content
from pk_research.sources.foreign import foreign_reader
from pk_research.sources.grid import ColumnRows, Grid, Rows, check_size
from pk_research.sources.packed import Parts, cells_hold, check_sheets, unpack
from pk_research.sources.plain import read_plain

_FORMULA_WITHOUT_RESULT = re.compile(
    rb'<c\s((?:(?!t="str")[^>])*)><f[^>]*?(?:/>|>[^<]*</f>)(?:<v></v>|<v\s*/>)?</c>'
)
_PLACE = re.compile(rb'r="([A-Z]+[0-9]+)"')


def read_workbook(content: Content, *, sheet: str | None = None) -> Grid:
    """Read one sheet of a workbook: the one named, else the first visible one that is not empty.

    Cells that were merged all get the value that stood in them once.

    Raises
    ------
    BadInput
        When the workbook is damaged, empty, too large, or holds formulas whose results were
        never stored.
    NotFound
        When it has no sheet of that name.
    """
    parts = unpack(content) if content.kind != "xls" else Parts()
    plain = _read_plain(parts, sheet, content.name)
    if plain is not None:
        return plain
    check_sheets(parts, where=content.name)
    read = read_sheet_apart if content.kind == "xls" else read_sheet
    with foreign_reader(content.name):
        found = read(content.data, sheet, MAX_CELLS)
    if sheet is not None and sheet not in found.names:
        raise NotFound(
            Problem(content.name, f"there is no sheet {sheet!r}", f"Sheets: {', '.join(found.names)}.")
        )
    if found.name is None:
        raise _no_cells(found, content.name)
    where = f"{content.name}, sheet {found.name!r}"
    check_size(where, len(found.rows), len(found.rows[0]))
    steps = _left_out(found.names, found.name, sheet) + _spread(found)
    steps += [step for entry in parts.sheets if entry.name == found.name for step in _look(entry.xml, where)]
    return Grid(where, found.rows, found.start[0] + 1, tuple(steps))


def _no_cells(found: RawSheet, where: str) -> BadInput:
    hidden = [name for name in found.names if name not in found.visible]
    what = f"its visible sheets are empty; hidden: {', '.join(hidden)}" if hidden else "it holds no cells"
    return BadInput(Problem(where, what, "Save the table in a visible sheet, or name the sheet to read."))


def _read_plain(parts: Parts, sheet: str | None, where: str) -> Grid | None:
    """Read the sheet to be read straight from its XML; None when it is not plain enough."""
    wanted = [entry for entry in parts.sheets if (entry.name == sheet if sheet else entry.is_visible)]
    if not wanted:
        return None
    where = f"{where}, sheet {wanted[0].name!r}"
    found = read_plain(wanted[0], parts, where=where)
    if found is None:
        return None
    first_row, columns = found
    steps = _left_out([entry.name for entry in parts.sheets], wanted[0].name, sheet)
    return Grid(where, ColumnRows(columns), first_row, tuple(steps), columns)


def read_sheets(content: Content, names: Sequence[str]) -> list[Rows]:
    """Read several sheets as they stand.

    Raises
    ------
    BadInput
        When the workbook is damaged or too large.
    """
    check_sheets(unpack(content), where=content.name)
    with foreign_reader(content.name):
        return [read_sheet(content.data, name, MAX_CELLS).rows for name in names]


def _left_out(names: Sequence[str], read: str, wanted: str | None) -> list[Step]:
    others = ", ".join(name for name in names if name != read)
    if wanted or not others:
        return []
    values = {"name": read, "others": others}
    return [Step(Message("Only the sheet {name} was read, not {others}", values), 0)]


def _look(xml: bytes, where: str) -> list[Step]:
    """Look in a sheet's XML for what its reader would not tell."""
    without = _FORMULA_WITHOUT_RESULT.findall(xml) if cells_hold(xml, b"f", b"<f") else []
    if without:
        cells = [found[1].decode() for attributes in without if (found := _PLACE.search(attributes))]
        raise BadInput(
            Problem(
                where,
                f"{len(without)} cells hold formulas without their results ({', '.join(cells[:5])})",
                "Open it in Excel or LibreOffice, which compute them, and save it again.",
            )
        )
    n_errors = xml.count(b't="e"') if cells_hold(xml, b"#", b't="e"') else 0
    return [Step(Message("Cells with an error such as #DIV/0! are missing"), n_errors)] if n_errors else []


def _spread(found: RawSheet) -> list[Step]:
    """Write the value of merged cells into each of them."""
    touched: set[int] = set()
    for (top, left), (bottom, right) in found.merged:
        first, last = left - found.start[1], right - found.start[1] + 1
        box = found.rows[max(top - found.start[0], 0) : bottom - found.start[0] + 1]
        if not box or first < 0 or box[0][first : first + 1] in ([], [""]):
            continue
        value = box[0][first]
        for n, row in enumerate(box, top):
            row[first:last] = [value] * len(row[first:last])
            touched.add(n)
    if not touched:
        return []
    return [Step(Message("Cells were merged; each of them now holds their value"), len(touched))]
