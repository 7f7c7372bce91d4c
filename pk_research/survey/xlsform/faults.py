"""Why a spreadsheet is not a form yet: every fault in a sentence, with its remedy."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from pk_research.errors import Problem
from pk_research.survey.xlsform.types import (
    FROM_FILE,
    SELECTS,
    kind_of_type,
    known_types,
    list_of_type,
    rightly_written,
)
from pk_research.survey.xlsform.workbook import SUFFIXES, Sheet, Workbook

Repair = Literal["extension", "headers", "types", "duplicates", "root"]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a spreadsheet.

    Attributes
    ----------
    problem
        Sheet and row, what is wrong, what to do.
    repair
        The mechanical repair that removes it; None where a person must decide.
    """

    problem: Problem
    repair: Repair | None = None


def find_faults(workbook: Workbook, path: Path, complaint: str = "") -> list[Fault]:
    """Return every fault of a spreadsheet that does not compile.

    Parameters
    ----------
    workbook
        The spreadsheet.
    path
        Its file.
    complaint
        What the compiler said, for faults only it can find.
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
    faults += _of_root(survey, workbook.sheet("settings"))
    faults += _of_files(survey)
    faults += _of_blocks(survey)
    if not faults and complaint:
        faults.append(Fault(located(complaint)))
    return faults


def _where(sheet: Sheet | str, row: int) -> str:
    return f"sheet {sheet if isinstance(sheet, str) else sheet.name!r}, row {row}"


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
            yield Fault(
                Problem(
                    f"sheet {sheet.name!r}, row 1",
                    f"the column {header!r} is there {number} times",
                    "Remove the empty one." if is_empty else "Keep one of them and rename the others.",
                ),
                "headers" if is_empty else None,
            )


def _of_types(survey: Sheet) -> Iterator[Fault]:
    known = known_types()
    exact = set(known.values())
    for row, cells in survey.records():
        written = cells.get("type", "")
        kind = kind_of_type(written)
        if not kind or kind in exact:
            continue
        right = rightly_written(written)
        if right != written:
            yield Fault(
                Problem(_where(survey, row), f"the type {written!r} has capitals", f"Write {right!r}."),
                "types",
            )
            continue
        close = get_close_matches(kind.lower(), sorted(known), n=1) or _TYPE_HINTS.get(kind.lower(), [])
        hint = f"Did you mean {close[0]!r}?" if close else "Use one of the types of xlsform.org."
        yield Fault(Problem(_where(survey, row), f"there is no question type {written!r}", hint))


_TYPE_HINTS = {"numeric": ["decimal"], "number": ["decimal"], "character": ["text"], "factor": ["select_one"]}


def _of_lists(survey: Sheet, choices: Sheet | None) -> Iterator[Fault]:
    lists = _lists(choices)
    missing: dict[str, list[int]] = {}
    for row, cells in survey.records():
        kind, name = kind_of_type(cells.get("type", "")).lower(), list_of_type(cells.get("type", ""))
        if kind in SELECTS and name and not name.startswith("${") and name not in lists:
            missing.setdefault(name, []).append(row)
    for name, rows in missing.items():
        close = get_close_matches(name, sorted(lists), n=1)
        hint = f" (there is {close[0]!r})" if close else ""
        more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
        yield Fault(
            Problem(
                f"{_where(survey, rows[0])}{more}",
                f"the list {name!r} is not on the sheet 'choices'{hint}",
                "Add its choices there, or correct the name.",
            )
        )


def _of_files(survey: Sheet) -> Iterator[Fault]:
    """Find lists that share their name with a file: the form could not tell them apart."""
    written = [(row, cells.get("type", "")) for row, cells in survey.records()]
    lists = {list_of_type(text) for _, text in written if kind_of_type(text).lower() in SELECTS}
    for row, text in written:
        stem = list_of_type(text).rpartition(".")[0]
        if kind_of_type(text).lower() in FROM_FILE and stem in lists:
            yield Fault(
                Problem(
                    _where(survey, row),
                    f"the file {list_of_type(text)!r} and a list of choices are both named {stem!r}",
                    "Rename one of them.",
                )
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
        yield Fault(
            Problem(
                _where(choices, row),
                f"the choice {' / '.join(cell for cell in cells[:3] if cell)!r} has the name of row {first}",
                "Remove the row."
                if is_same
                else "Give it another name, or set allow_choice_duplicates to yes on the sheet 'settings'.",
            ),
            "duplicates",
        )


def allows_duplicates(settings: Sheet | None) -> bool:
    """Tell whether the settings allow choices of one list to share a name."""
    records = [] if settings is None else list(settings.records())
    return bool(records) and records[0][1].get("allow_choice_duplicates", "").lower() in ("yes", "true")


def root_name(settings: Sheet | None) -> str:
    """Return the name of the form's outermost element."""
    records = [] if settings is None else list(settings.records())
    return (records[0][1].get("name") if records else "") or "data"


def _of_root(survey: Sheet, settings: Sheet | None) -> Iterator[Fault]:
    root = root_name(settings)
    for row, cells in survey.records():
        if cells.get("name") == root:
            yield Fault(
                Problem(
                    _where(survey, row),
                    f"the question is named {root!r}, like the form's outermost element",
                    "Rename the question, or give another 'name' on the sheet 'settings'.",
                ),
                "root",
            )


def _of_blocks(survey: Sheet) -> Iterator[Fault]:
    open_blocks: list[tuple[str, int]] = []
    for row, cells in survey.records():
        kind = kind_of_type(cells.get("type", "")).lower().replace("_", " ")
        if kind in ("begin group", "begin repeat"):
            open_blocks.append((kind[6:], row))
        elif kind in ("end group", "end repeat"):
            if not open_blocks:
                yield Fault(
                    Problem(
                        _where(survey, row), f"an {kind!r} closes nothing", "Remove it, or add its begin."
                    )
                )
                continue
            opened, begun = open_blocks.pop()
            if opened != kind[4:]:
                yield Fault(
                    Problem(
                        _where(survey, row),
                        f"{kind!r} closes the {opened} of row {begun}",
                        f"Write 'end {opened}'.",
                    )
                )
    for opened, row in open_blocks:
        yield Fault(
            Problem(_where(survey, row), f"the {opened} is never closed", f"Add 'end {opened}' below it.")
        )


_ROW = re.compile(r"\[row : (\d+)\]\s*")
_SHEET = re.compile(r"^On the '(\w+)' sheet, ")


def located(complaint: str) -> Problem:
    """Turn what the compiler said into a located problem.

    Examples
    --------
    >>> print(located("[row : 5] On the 'survey' sheet, the 'name' value is invalid. Use letters."))
    sheet 'survey', row 5: the 'name' value is invalid. Use letters.
    """
    row = _ROW.search(complaint)
    text = " ".join(_ROW.sub("", complaint).split())
    sheet = _SHEET.match(text)
    where = f"sheet '{sheet[1] if sheet else 'survey'}'" + (f", row {row[1]}" if row else "")
    text = _SHEET.sub("", text)
    what, _, remedy = text.partition(". ")
    return Problem(where, what.rstrip("."), remedy.strip() or "Correct it as xlsform.org describes.")
