"""The names of questions: given once, well formed, and referred to as they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pk_research.survey.xlsform.expressions import is_expression, plain_header
from pk_research.survey.xlsform.fault import Cell, Fault
from pk_research.survey.xlsform.likeness import did_you_mean
from pk_research.survey.xlsform.types import edge_of_block
from pk_research.survey.xlsform.workbook import Sheet, Workbook

REFERENCE = re.compile(r"\$\{\s*(?:last-saved#)?([^{}]*?)\s*\}")
NAME = re.compile(r"[^\W\d][\w.\-]*(:[^\W\d][\w.\-]*)?")
_TEXTS = ("label", "hint", "guidance_hint", "constraint_message", "required_message", "default", "trigger")


def faults_of_names(survey: Sheet) -> Iterator[Fault]:
    """Find names that cannot be used, and names given twice beside each other."""
    scopes: list[dict[str, int]] = [{}]
    for row, cells in survey.records():
        name, edge = cells.get("name", ""), edge_of_block(cells.get("type", ""))
        if edge == "end":
            scopes = scopes[:-1] or [{}]
            continue
        if name:
            yield from _of_name(Cell(survey.name, row, "name"), name, scopes[-1])
        if edge == "begin":
            scopes.append({})


def _of_name(cell: Cell, name: str, beside: dict[str, int]) -> Iterator[Fault]:
    if not NAME.fullmatch(name):
        yield Fault.at(
            cell,
            f"the name {name!r} cannot be used",
            "Begin with a letter or underscore, go on with letters, digits, underscores, hyphens or periods.",
            stand_in=f"row_{cell.row}",
        )
        return
    first = beside.setdefault(name, cell.row)
    if first != cell.row:
        yield Fault.at(
            cell,
            f"the name {name!r} is that of row {first} already",
            "Give one of them another name.",
            stand_in=f"{name}_row_{cell.row}",
        )


def faults_of_references(workbook: Workbook, survey: Sheet) -> Iterator[Fault]:
    """Find every ``${name}`` that names no question."""
    names = {cells.get("name", "") for _, cells in survey.records()} - {""}
    for sheet in workbook.sheets.values():
        for row, cells in sheet.records():
            for column, text in cells.items():
                if "${" in text and _may_refer(sheet, column):
                    cell = Cell(sheet.name, row, column)
                    yield from (_unknown(cell, name, names) for name in _referred(text) - names)


def _may_refer(sheet: Sheet, column: str) -> bool:
    plain = plain_header(column)
    match sheet.name.strip().lower():
        case "survey":
            return is_expression(column) or plain == "type" or plain.partition("::")[0] in _TEXTS
        case "choices":
            return plain.partition("::")[0] == "label"
        case "settings":
            return plain == "instance_name"
        case _:
            return False


def _referred(text: str) -> set[str]:
    return set(REFERENCE.findall(text))


def _unknown(cell: Cell, name: str, names: set[str]) -> Fault:
    stand_in = {"type": "text", "trigger": ""}.get(cell.column, "1")
    remedy = did_you_mean(name, names, "Write the name of a question as it is on the sheet 'survey'.")
    return Fault.at(cell, f"there is no question named {name!r}", remedy, stand_in=stand_in)
