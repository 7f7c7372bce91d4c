"""Why a spreadsheet is not a form yet: every fault in a sentence, with its remedy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pk_research.errors import Problem
from pk_research.survey.xlsform.expressions import faults_of_appearances, faults_of_expressions
from pk_research.survey.xlsform.fault import Cell, Fault
from pk_research.survey.xlsform.likeness import did_you_mean, meant
from pk_research.survey.xlsform.names import faults_of_names, faults_of_references
from pk_research.survey.xlsform.types import (
    BLOCKS,
    FROM_FILE,
    SELECTS,
    edge_of_block,
    kind_of_type,
    known_types,
    list_of_type,
    rightly_written,
)
from pk_research.survey.xlsform.workbook import SUFFIXES, Sheet, Workbook


def find_faults(workbook: Workbook, path: Path) -> list[Fault]:
    """Return every fault of a spreadsheet that can be told without compiling it.

    Parameters
    ----------
    workbook
        The spreadsheet.
    path
        Its file.
    """
    faults = [*_of_file(workbook, path)]
    survey = workbook.sheet("survey")
    if survey is None:
        found = ", ".join(sheet.name for sheet in workbook.sheets.values())
        faults.append(
            Fault(
                Problem(
                    path.name,
                    f"there is no sheet 'survey', only {found}",
                    "Name the sheet with the questions 'survey'.",
                )
            )
        )
        return faults
    for sheet in workbook.sheets.values():
        if sheet.name.strip().lower() in ("survey", "choices", "settings"):
            faults += _of_headers(sheet)
    faults += _of_types(survey)
    faults += _of_lists(survey, workbook.sheet("choices"))
    faults += _of_choices(workbook)
    faults += _of_root(survey, workbook)
    faults += _of_files(survey)
    faults += _of_blocks(survey)
    faults += faults_of_names(survey)
    faults += faults_of_references(workbook, survey)
    faults += find_faults_of_running(survey)
    return faults


def find_faults_of_running(survey: Sheet) -> list[Fault]:
    """Return the faults and doubts the compiler does not look for: expressions and appearances."""
    return [*faults_of_expressions(survey), *faults_of_appearances(survey)]


def _of_file(workbook: Workbook, path: Path) -> Iterator[Fault]:
    if path.suffix.lower() not in SUFFIXES[workbook.kind]:
        yield Fault(
            Problem(
                path.name,
                f"it is a .{workbook.kind} file under another name",
                f"Rename it to {path.stem}.{workbook.kind}.",
            ),
            "extension",
        )


def _of_headers(sheet: Sheet) -> Iterator[Fault]:
    for header, number in Counter(filter(None, sheet.headers)).items():
        if number > 1:
            columns = [index for index, name in enumerate(sheet.headers) if name == header]
            is_empty = all(
                not any(len(row) > index and row[index].strip() for row in sheet.rows[1:])
                for index in columns[1:]
            )
            yield Fault.at(
                Cell(sheet.name, 1),
                f"the column {header!r} is there {number} times",
                "Remove the empty one." if is_empty else "Keep one of them and rename the others.",
                repair="headers" if is_empty else None,
            )


def _of_types(survey: Sheet) -> Iterator[Fault]:
    known = known_types()
    for row, cells in survey.records():
        written = cells.get("type", "")
        kind = kind_of_type(written)
        if not kind or kind in known:
            continue
        cell = Cell(survey.name, row, "type")
        right = rightly_written(written)
        if right != written:
            what = f"the type {written!r} has capitals"
            yield Fault.at(cell, what, f"Write {right!r}.", repair="types", stand_in=right)
            continue
        first = kind.partition(" ")[0]
        near = _TYPE_HINTS.get(kind.lower()) or meant(kind, known) or meant(first, known)
        yield Fault.at(
            cell,
            f"there is no question type {written!r}",
            f"Did you mean {near!r}?" if near else "Use one of the types of xlsform.org.",
            stand_in=_block_meant(written) or "text",
        )


_TYPE_HINTS = {"numeric": "decimal", "number": "decimal", "character": "text", "factor": "select_one"}


def _of_lists(survey: Sheet, choices: Sheet | None) -> Iterator[Fault]:
    lists = _lists(choices)
    for row, cells in survey.records():
        kind, name = kind_of_type(cells.get("type", "")).lower(), list_of_type(cells.get("type", ""))
        if kind in SELECTS and not name:
            yield Fault.at(
                Cell(survey.name, row, "type"),
                f"{kind!r} names no list of choices",
                f"Write '{kind} LIST', with a list of the sheet 'choices'.",
                stand_in="text",
            )
        elif kind in SELECTS and not name.startswith("${") and name not in lists:
            yield Fault.at(
                Cell(survey.name, row, "type"),
                f"the list {name!r} is not on the sheet 'choices'",
                did_you_mean(name, lists, "Add its choices there, or correct the name."),
                stand_in="text",
            )


def _of_files(survey: Sheet) -> Iterator[Fault]:
    """Find lists that share their name with a file: the form could not tell them apart."""
    written = [(row, cells.get("type", "")) for row, cells in survey.records()]
    lists = {list_of_type(text) for _, text in written if kind_of_type(text).lower() in SELECTS}
    for row, text in written:
        stem = list_of_type(text).rpartition(".")[0]
        if kind_of_type(text).lower() in FROM_FILE and stem in lists:
            yield Fault.at(
                Cell(survey.name, row, "type"),
                f"the file {list_of_type(text)!r} and a list of choices are both named {stem!r}",
                "Rename one of them.",
                stand_in="text",
            )


def _lists(choices: Sheet | None) -> set[str]:
    if choices is None:
        return set()
    return {cells.get("list_name") or cells.get("list name") or "" for _, cells in choices.records()} - {""}


def duplicate_choices(choices: Sheet) -> Iterator[tuple[int, int, bool]]:
    """Yield row, row of the first of that name, and whether the whole rows are alike."""
    seen: dict[tuple[str, str], tuple[int, dict[str, str]]] = {}
    for row, cells in choices.records():
        key = (
            cells.get("list_name") or cells.get("list name") or "",
            cells.get("name") or cells.get("value") or "",
        )
        if not all(key):
            continue
        first = seen.setdefault(key, (row, cells))
        if first[0] != row:
            filled = {header: cell for header, cell in cells.items() if cell}
            yield row, first[0], filled == {header: cell for header, cell in first[1].items() if cell}


def _of_choices(workbook: Workbook) -> Iterator[Fault]:
    choices, settings = workbook.sheet("choices"), workbook.sheet("settings")
    if choices is None or allows_duplicates(settings):
        return
    for row, first, is_same in duplicate_choices(choices):
        cells = choices.rows[row - 1]
        yield Fault.at(
            Cell(choices.name, row),
            f"the choice {' / '.join(cell for cell in cells[:3] if cell)!r} has the name of row {first}",
            "Remove the row."
            if is_same
            else "Give it another name, or set allow_choice_duplicates to yes on the sheet 'settings'.",
            repair="duplicates",
        )


def allows_duplicates(settings: Sheet | None) -> bool:
    """Tell whether the settings allow choices of one list to share a name."""
    records = [] if settings is None else list(settings.records())
    return bool(records) and records[0][1].get("allow_choice_duplicates", "").lower() in ("yes", "true")


def root_name(settings: Sheet | None) -> str:
    """Return the name of the form's outermost element."""
    records = [] if settings is None else list(settings.records())
    return (records[0][1].get("name") if records else "") or "data"


def _of_root(survey: Sheet, workbook: Workbook) -> Iterator[Fault]:
    """Find questions nobody can refer to, as the form's outermost element has their name."""
    root = root_name(workbook.sheet("settings"))
    rows = (row for sheet in workbook.sheets.values() for row in sheet.rows)
    is_referred_to = any(f"${{{root}}}" in text for row in rows for text in row)
    for row, cells in survey.records():
        is_block = edge_of_block(cells.get("type", "")) == "begin"
        if cells.get("name") == root and (is_referred_to or is_block):
            yield Fault.at(
                Cell(survey.name, row, "name"),
                f"the question is named {root!r}, like the form's outermost element",
                "Rename the question, or give another 'name' on the sheet 'settings'.",
                repair="root",
            )


def _of_blocks(survey: Sheet) -> Iterator[Fault]:
    open_blocks: list[tuple[str, int]] = []
    for row, cells in survey.records():
        block = _block_meant(cells.get("type", ""))
        edge, _, kind = block.partition(" ")
        cell = Cell(survey.name, row, "type")
        if edge == "begin":
            open_blocks.append((kind, row))
        elif edge == "end" and not open_blocks:
            what = f"an {block!r} closes nothing"
            yield Fault.at(cell, what, "Remove it, or add its begin.", stand_in="note")
        elif edge == "end":
            opened, begun = open_blocks.pop()
            if opened != kind:
                what = f"{block!r} closes the {opened} of row {begun}"
                yield Fault.at(cell, what, f"Write 'end {opened}'.", stand_in=f"end {opened}")
    below = len(survey.rows) + 1
    for number, (opened, row) in enumerate(reversed(open_blocks), start=below):
        problem = Problem(
            str(Cell(survey.name, row, "type")),
            f"the {opened} is never closed",
            f"Add 'end {opened}' below it.",
        )
        yield Fault(problem, cell=Cell(survey.name, number, "type"), stand_in=f"end {opened}")


def _block_meant(written: str) -> str:
    """Return which edge of which block a type cell is, misspelt or not; empty where it is none."""
    edge = edge_of_block(written)
    plain = kind_of_type(written).lower().replace("_", " ")
    return (meant(plain, [f"{edge} {kind}" for kind in BLOCKS]) or "") if edge else ""
