"""Looking behind the first fault: what is found is set right in a copy, and the copy compiled again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from pk_research.errors import BadInput, Problem
from pk_research.survey.reading import parse_form
from pk_research.survey.resources import files_beside
from pk_research.survey.xlsform.compiler import compile_file
from pk_research.survey.xlsform.complaints import fault_of_compiler, faults_of_engine
from pk_research.survey.xlsform.fault import Cell, Fault
from pk_research.survey.xlsform.faults import find_faults, find_faults_of_running
from pk_research.survey.xlsform.repair import set_setting
from pk_research.survey.xlsform.workbook import Sheet, Workbook, read_workbook, write_workbook

ROUNDS = 40


def gather_faults(path: Path, complaint: str, beside: Path) -> list[Fault]:
    """Return every fault of a spreadsheet that the compiler or the engine does not take.

    Parameters
    ----------
    path
        The spreadsheet.
    complaint
        What the compiler said of it, which stops at the first fault; empty where it does compile.
    beside
        Folder of the files the form names.
    """
    try:
        workbook = read_workbook(path)
    except BadInput as error:
        return [Fault(problem) for problem in error.problems]
    survey = workbook.sheet("survey")
    if survey is None:
        return find_faults(workbook, path)
    faults = find_faults(workbook, path) if complaint else find_faults_of_running(survey)
    if complaint and all(fault.is_doubt for fault in faults):
        faults.append(fault_of_compiler(complaint, workbook))
    with TemporaryDirectory() as folder:
        faults += _behind(workbook, faults, Path(folder) / f"{path.stem}.xlsx", beside)
    return in_reading_order(faults, workbook)


def in_reading_order(faults: Iterable[Fault], workbook: Workbook) -> list[Fault]:
    """Return faults as somebody meets them who reads sheet by sheet, from the top."""
    sheets = list(workbook.sheets)

    def place(fault: Fault) -> tuple[int, int]:
        if fault.cell is None:
            return -1, 0
        name = fault.cell.sheet.strip().lower()
        return sheets.index(name) if name in sheets else len(sheets), fault.cell.row

    return sorted(faults, key=place)


def _behind(workbook: Workbook, faults: list[Fault], copy: Path, beside: Path) -> list[Fault]:
    """Return the faults behind those known, one round of the compiler after the other."""
    found: list[Fault] = []
    for _ in range(ROUNDS):
        told = {fault.cell for fault in (*faults, *found) if fault.cell is not None}
        settled = _settled(workbook, [*faults, *found])
        write_workbook(settled, copy)
        answer = compile_file(copy)
        if "xml" in answer:
            return found + _of_engine(str(answer["xml"]), settled, told, beside)
        fault = fault_of_compiler(str(answer["complaint"]), workbook)
        if fault.cell in told:
            break
        found.append(fault)
        if fault.stand_in is None:
            break
    return found


def _of_engine(xml: str, workbook: Workbook, told: set[Cell], beside: Path) -> list[Fault]:
    """Return what the engine finds, and what it finds where no list is missing."""
    found: dict[Problem, Fault] = {}
    for missing_lists_are_empty in (False, True):
        try:
            parse_form(xml, resource=files_beside(beside), missing_lists_are_empty=missing_lists_are_empty)
        except BadInput as error:
            found |= {fault.problem: fault for fault in faults_of_engine(error, workbook)}
    return [fault for fault in found.values() if fault.cell is None or fault.cell not in told]


def _settled(workbook: Workbook, faults: Iterable[Fault]) -> Workbook:
    """Return the spreadsheet as it would be without these faults; every row keeps its number."""
    sheets = {name: _with_unlike_headers(sheet) for name, sheet in workbook.sheets.items()}
    for fault in faults:
        if fault.repair == "duplicates":
            set_setting(sheets, "allow_choice_duplicates", "yes")
        elif fault.repair == "root":
            set_setting(sheets, "name", "form_without_faults")
        elif fault.cell is not None and fault.stand_in is not None:
            name = fault.cell.sheet.strip().lower()
            if name in sheets:
                sheets[name] = sheets[name].with_cell(fault.cell.row, fault.cell.column, fault.stand_in)
    return Workbook("xlsx", sheets)


def _with_unlike_headers(sheet: Sheet) -> Sheet:
    if not sheet.rows:
        return sheet
    headers = list(sheet.rows[0])
    for index, header in enumerate(sheet.headers):
        if header and header in sheet.headers[:index]:
            headers[index] = f"other_{index}"
    return Sheet(sheet.name, (tuple(headers), *sheet.rows[1:]))
