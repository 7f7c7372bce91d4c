"""What the compiler and the engine complain of, found again in the spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pk_research.errors import BadInput, Problem
from pk_research.survey.xlsform.expressions import plain_header
from pk_research.survey.xlsform.fault import Cell, Fault
from pk_research.survey.xlsform.types import edge_of_block, list_of_type
from pk_research.survey.xlsform.workbook import Sheet, Workbook

_ROW = re.compile(r"\[row : (\d+)\]\s*")
_SHEET = re.compile(r"^On the '(\w+)' sheet, ")
_COLUMN = re.compile(r"^the '([^']+)' value")
_COLUMNS = {
    "appearance": ("appearance",),
    "calculate": ("calculation", "calculate"),
    "constraint": ("constraint",),
    "constraintMsg": ("constraint_message",),
    "readonly": ("read_only", "readonly"),
    "relevant": ("relevant", "relevance"),
    "required": ("required",),
    "requiredMsg": ("required_message",),
    "search": ("appearance",),
}

_UNDECLARED = re.compile(r"the prefix '([\w.\-]+)' is not declared")
_STAND_INS = {"type": "note", "calculation": "1", "calculate": "1", "label": "-"}


def fault_of_compiler(complaint: str, workbook: Workbook) -> Fault:
    """Turn what the compiler said into a fault of a cell.

    Examples
    --------
    >>> said = "[row : 5] On the 'survey' sheet, the 'name' value is invalid. Use letters."
    >>> print(fault_of_compiler(said, Workbook("xlsx", {})).problem)
    sheet 'survey', row 5, column 'name': the 'name' value is invalid. Use letters.
    """
    row = _ROW.search(complaint)
    text = " ".join(_ROW.sub("", complaint).split())
    sheet = _SHEET.match(text)
    text = _SHEET.sub("", text)
    column = _COLUMN.match(text)
    what, _, remedy = text.partition(". ")
    remedy = remedy.strip() or "Correct it as xlsform.org describes."
    name = sheet[1] if sheet else "survey"
    if row is None:
        found = _mentioned(text, workbook.sheet("survey"))
        return (
            Fault(Problem(f"sheet {name!r}", what.rstrip("."), remedy))
            if found is None
            else Fault.at(found, what.rstrip("."), remedy)
        )
    cell = _written_as(Cell(name, int(row[1]), column[1] if column else ""), workbook)
    if not cell.column:
        cell = cell._replace(column=_column_mentioned(text, workbook.sheet(name)))
    what = what.rstrip(".")
    if cell.column:
        return Fault.at(cell, what, remedy, stand_in=_stand_in(cell, workbook))
    in_its_place = cell._replace(column="type")
    return Fault(Problem(str(cell), what, remedy), None, in_its_place, _stand_in(in_its_place, workbook))


def _column_mentioned(text: str, sheet: Sheet | None) -> str:
    """Return the column a complaint speaks of without pointing at it, as in `Missing calculation`."""
    headers = () if sheet is None else sheet.headers
    return next((header for header in headers if header and re.search(rf"\b{re.escape(header)}\b", text)), "")


def _written_as(cell: Cell, workbook: Workbook) -> Cell:
    """Return a cell by the sheet's and the column's own names, where the compiler uses others."""
    sheet = workbook.sheet(cell.sheet)
    if sheet is None:
        return cell
    headers = [header for header in sheet.headers if _stands_for(header, cell.column)]
    column = cell.column if cell.column in sheet.headers or len(headers) != 1 else headers[0]
    return Cell(sheet.name, cell.row, column)


def _stand_in(cell: Cell, workbook: Workbook) -> str | None:
    sheet = workbook.sheet(cell.sheet.strip().lower())
    type_cell = dict(sheet.records()).get(cell.row, {}).get("type", "") if sheet else ""
    if cell.column == "type" and edge_of_block(type_cell):
        return None
    if cell.column == "name":
        return f"row_{cell.row}"
    return _STAND_INS.get(cell.column, "")


def _mentioned(text: str, survey: Sheet | None) -> Cell | None:
    """Return the cell of the question a complaint without a row names."""
    quoted = set(re.findall(r"['\"({]([\w.\-]+)['\")}]", text))
    if survey is None:
        return None
    rows = [row for row, cells in survey.records() if cells.get("name") in quoted]
    return Cell(survey.name, rows[0]) if len(rows) == 1 else None


def faults_of_engine(error: BadInput, workbook: Workbook) -> Iterator[Fault]:
    """Turn what is wrong with a compiled form into faults of the spreadsheet it was compiled from."""
    survey = workbook.sheet("survey")
    for problem in error.problems:
        cell = None if survey is None else _cell_of(problem.where.removeprefix("form, "), survey)
        undeclared = _UNDECLARED.match(problem.what)
        if survey is not None and undeclared:
            header = next((name for name in survey.headers if f":{undeclared[1]}:" in name), "")
            remedy = f"Say on the sheet 'settings', column 'namespaces': {undeclared[1]}=\"ADDRESS\"."
            yield Fault.at(Cell(survey.name, 1, header), problem.what, remedy)
        elif cell is None:
            yield Fault(problem)
        else:
            yield Fault.at(cell, problem.what, problem.remedy)


def cell_of_doubt(doubt: str, workbook: Workbook) -> Problem:
    """Turn a doubt of the engine's into a problem of the spreadsheet."""
    where, colon, what = doubt.partition(": ")
    survey = workbook.sheet("survey")
    cell = None if survey is None or not colon else _cell_of(where, survey)
    if cell is None:
        return Problem("form", doubt, "See whether it is meant so.")
    return Problem(str(cell), what, "See whether it is meant so.")


def _cell_of(where: str, survey: Sheet) -> Cell | None:
    """Return the cell that a path, a text's identifier or a list's name comes from."""
    if listed := re.match(r"list '([^']+)'", where):
        return _cell_of_list(listed[1], survey)
    place = re.match(r"(?:text )?(/[^\s,:]*)(?::(\w+))?(?:, (\w+))?", where)
    if place is None:
        return None
    name = place[1].rpartition("/")[2]
    cell = _first(survey, lambda cells: cells.get("name") == name)
    wanted = place[2] or place[3]
    if cell is None or not wanted:
        return cell
    headers = [header for header in survey.headers if _stands_for(header, wanted)]
    return cell._replace(column=headers[0]) if len(headers) == 1 else cell


def _cell_of_list(name: str, survey: Sheet) -> Cell | None:
    """Return the first cell that takes something from a file."""
    asked = re.compile(rf"\w\(\s*['\"]{re.escape(name)}['\"]")
    for row, cells in survey.records():
        for column, text in cells.items():
            is_type = column == "type" and list_of_type(text).rpartition(".")[0] == name
            if is_type or asked.search(text):
                return Cell(survey.name, row, column)
    return None


def _stands_for(header: str, wanted: str) -> bool:
    return plain_header(header).partition("::")[0] in _COLUMNS.get(wanted, (wanted,))


def _first(survey: Sheet, is_meant: Callable[[dict[str, str]], bool]) -> Cell | None:
    return next((Cell(survey.name, row) for row, cells in survey.records() if is_meant(cells)), None)
