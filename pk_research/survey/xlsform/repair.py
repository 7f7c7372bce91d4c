"""Repairing what is mechanical in a spreadsheet, into a copy, saying what was done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from pk_research.language import Message
from pk_research.survey.xlsform.expressions import faults_of_expressions, straightened
from pk_research.survey.xlsform.faults import (
    allows_duplicates,
    duplicate_choices,
    root_name,
)
from pk_research.survey.xlsform.types import rightly_written
from pk_research.survey.xlsform.workbook import SUFFIXES, Sheet, Workbook, read_workbook, write_workbook

NEW_ROOT = "form_data"


@dataclass(frozen=True, slots=True)
class Repaired:
    """A repaired copy.

    Attributes
    ----------
    path
        The copy.
    done
        What was changed, a sentence each; empty where there was nothing to repair.
    """

    path: Path
    done: tuple[Message, ...]


def repair_xlsform(path: Path | str, out: Path | str) -> Repaired:
    """Write a copy of a spreadsheet with its mechanical faults repaired.

    Repaired are: a file type that belies its name, an empty column under a header used before,
    capitals in question types, choices that repeat a name, a question named like the form's
    outermost element, curly quotes in expressions. Formatting and formulas are not kept; the
    original is not touched.

    Parameters
    ----------
    path
        The spreadsheet.
    out
        The copy to write; its ending becomes ``.xlsx``.

    Raises
    ------
    NotFound
        When there is no such file.
    BadInput
        When it is no Excel file.
    """
    path, out = Path(path), Path(out).with_suffix(".xlsx")
    workbook = read_workbook(path)
    done: list[Message] = []
    if path.suffix.lower() not in SUFFIXES[workbook.kind]:
        done.append(
            Message(
                "The file was a .{kind} under another name; it is saved as .xlsx.", {"kind": workbook.kind}
            )
        )
    sheets = dict(workbook.sheets)
    for name in ("survey", "choices", "settings"):
        if name in sheets:
            sheets[name] = _without_empty_twins(sheets[name], done)
    if "survey" in sheets:
        sheets["survey"] = _with_plain_types(sheets["survey"], done)
        sheets["survey"] = _with_straight_quotes(sheets["survey"], done)
        _with_own_root(sheets, done)
    if "choices" in sheets and not allows_duplicates(sheets.get("settings")):
        _with_unlike_choices(sheets, done)
    write_workbook(Workbook("xlsx", sheets), out)
    return Repaired(out, tuple(done))


def _without_empty_twins(sheet: Sheet, done: list[Message]) -> Sheet:
    headers = sheet.headers
    empty = {
        index
        for index, header in enumerate(headers)
        if header in headers[:index]
        and not any(len(row) > index and row[index].strip() for row in sheet.rows[1:])
    }
    if not empty:
        return sheet
    done.append(
        Message(
            "Sheet {sheet}, row 1: empty columns under a repeated header were removed: {columns}.",
            {"sheet": sheet.name, "columns": ", ".join(sorted({headers[index] for index in empty}))},
        )
    )
    rows = (tuple(cell for index, cell in enumerate(row) if index not in empty) for row in sheet.rows)
    return replace(sheet, rows=tuple(rows))


def _with_plain_types(sheet: Sheet, done: list[Message]) -> Sheet:
    for row, cells in tuple(sheet.records()):
        old = cells.get("type", "")
        new = rightly_written(old)
        if new != old:
            sheet = sheet.with_cell(row, "type", new)
            values = {"sheet": sheet.name, "row": str(row), "old": old, "new": new}
            done.append(Message("Sheet {sheet}, row {row}: the type {old} is now {new}.", values))
    return sheet


def _with_straight_quotes(sheet: Sheet, done: list[Message]) -> Sheet:
    for fault in faults_of_expressions(sheet):
        if fault.repair != "quotes" or fault.cell is None:
            continue
        row, column = fault.cell.row, fault.cell.column
        new = straightened(dict(sheet.records())[row][column])
        if new is not None:
            sheet = sheet.with_cell(row, column, new)
            values = {"sheet": sheet.name, "row": str(row), "column": column, "new": new}
            text = "Sheet {sheet}, row {row}, column {column}: curly quotes are now straight: {new}"
            done.append(Message(text, values))
    return sheet


def _with_own_root(sheets: dict[str, Sheet], done: list[Message]) -> None:
    root = root_name(sheets.get("settings"))
    names = {cells.get("name", "") for _, cells in sheets["survey"].records()}
    if root not in names:
        return
    new = NEW_ROOT
    while new in names:
        new += "_"
    set_setting(sheets, "name", new)
    done.append(
        Message(
            "Sheet settings, row 2: the form's outermost element is now {new}, as a question is named {old}.",
            {"new": new, "old": root},
        )
    )


def _with_unlike_choices(sheets: dict[str, Sheet], done: list[Message]) -> None:
    choices = sheets["choices"]
    found = list(duplicate_choices(choices))
    alike = {row for row, _, is_same in found if is_same}
    if alike:
        rows = tuple(row for number, row in enumerate(choices.rows, start=1) if number not in alike)
        sheets["choices"] = replace(choices, rows=rows)
    if len(found) > len(alike):
        set_setting(sheets, "allow_choice_duplicates", "yes")
    for row, first, is_same in found:
        text = (
            "Sheet {sheet}, row {row}: the choice was removed, for it is that of row {first}."
            if is_same
            else "Sheet {sheet}, row {row}: the choice may now have the name of row {first}"
            " (allow_choice_duplicates on the sheet settings)."
        )
        done.append(Message(text, {"sheet": choices.name, "row": str(row), "first": str(first)}))


def set_setting(sheets: dict[str, Sheet], name: str, value: str) -> None:
    """Give a setting a value, on a sheet 'settings' that is added where there is none."""
    settings = sheets.get("settings") or Sheet("settings", ((), ()))
    headers = list(settings.rows[0]) if settings.rows else []
    values = list(settings.rows[1]) if len(settings.rows) > 1 else []
    values += [""] * (len(headers) - len(values))
    if name in [header.strip().lower() for header in headers]:
        values[[header.strip().lower() for header in headers].index(name)] = value
    else:
        headers.append(name)
        values.append(value)
    sheets["settings"] = replace(settings, rows=(tuple(headers), tuple(values), *settings.rows[2:]))
