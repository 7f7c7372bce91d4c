"""Reading the workbook that KoboToolbox exports."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.survey.definition import Form
from pk_research.survey.exchange.headings import Headings, Naming
from pk_research.survey.exchange.kobo import (
    ABOUT,
    INDEX,
    PARENT_INDEX,
    PARENT_TABLE,
    UUID,
    point_headings,
    question_heading,
    sheet_names,
)
from pk_research.survey.exchange.reading_central import moment, named_files
from pk_research.survey.exchange.rebuilding import Imported, Rebuilder, Record, RowProblem
from pk_research.survey.exchange.reviews import review_of
from pk_research.survey.filled import Filled
from pk_research.survey.surroundings import Surroundings
from pk_research.survey.xpath.values import number_text

_OWN = {*ABOUT, INDEX, PARENT_TABLE, PARENT_INDEX, *(f"_submission_{name}" for name in ABOUT)}
_NAMING = Naming(
    whole=question_heading,
    points=point_headings,
    own=lambda heading: heading in _OWN or heading.endswith(("_URL", "meta/rootUuid")),
)


def read_kobo_xlsx(
    versions: Form | Sequence[Form],
    content: bytes,
    *,
    any_version: bool = False,
    surroundings: Surroundings | None = None,
) -> Imported:
    """Read the workbook that KoboToolbox exports; `kobo_xlsx` writes the same.

    Parameters
    ----------
    versions, any_version, surroundings
        As for `read_central_zip`. KoboToolbox numbers the versions of a form by itself, so an
        existing project mostly needs ``any_version``.
    content
        The workbook, exported with *XML values and headers*, with or without groups in headings.

    Returns
    -------
    Imported
        Every row rebuilt as the XML of a filling and checked as if it had just been sent.

    Raises
    ------
    BadInput
        When it is no such workbook.
    """
    forms = [versions] if isinstance(versions, Form) else list(versions)
    sheets = _sheets(content)
    rebuilder = Rebuilder(forms, any_version=any_version, surroundings=surroundings)
    names = {path: name for path, name in sheet_names(rebuilder.layout).items() if name in sheets}
    names[""] = next(iter(sheets))  # the form may be called otherwise here
    roots: list[tuple[Record, Filled]] = []
    instances: list[Record] = []
    for table in rebuilder.layout.tables:
        name = names.get(table.path)
        if name is None:
            continue  # KoboToolbox makes no sheet for a repeat that nobody filled
        heading, *rows = sheets[name]
        headings = Headings(table, heading, _NAMING)
        rebuilder.problems.extend(headings.problems(name, rows))
        for number, cells in enumerate(rows, start=2):
            about = dict(zip(heading, cells, strict=False))
            index = about.get(INDEX) or str(number - 1)
            answers = headings.answers(cells)
            record = Record(
                table.path, (name, number), index, about.get(PARENT_INDEX, ""), answers, headings.names
            )
            if table.parent is None:
                _restore_version(rebuilder, record, about)
                roots.append((record, _sent(rebuilder, record, about)))
            else:
                instances.append(record)
    rebuilder.problems += [
        RowProblem(name, None, "", Message("It belongs to no repeat of the form and is not read."))
        for name in sheets
        if name not in names.values()
    ]
    return rebuilder.rebuild(roots, instances)


def _sheets(content: bytes) -> dict[str, list[list[str]]]:
    """Read every sheet with something in it, after making sure that it does not fill the memory."""
    from python_calamine import CalamineError, CalamineWorkbook

    from pk_research.sources.files import ZIP_ERRORS, Content
    from pk_research.sources.packed import check_sheets, unpack

    try:
        check_sheets(unpack(Content(Path("workbook"), content, "", "xlsx")), where="workbook")
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    except (*ZIP_ERRORS, CalamineError) as error:
        raise BadInput(
            Problem("workbook", f"it is not a readable .xlsx file ({error})", "Export it again.")
        ) from None
    found = {name: [[_text(cell) for cell in row] for row in rows] for name, rows in sheets.items() if rows}
    if not found:
        raise BadInput(Problem("workbook", "all its sheets are empty", "Export the form's data again."))
    return found


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return number_text(float(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return "" if isinstance(cell, timedelta) else str(cell)


def _restore_version(rebuilder: Rebuilder, record: Record, about: Mapping[str, str]) -> None:
    """Answer the hidden question KoboToolbox adds to its forms, which it exports as its own column."""
    key = f"/{rebuilder.newest.root.name}/__version__"
    if key in rebuilder.fields:
        record.answers[key] = about.get("__version__", "")


def _sent(rebuilder: Rebuilder, record: Record, about: Mapping[str, str]) -> Filled:
    identifier = about.get("_uuid", "")
    return Filled(
        instance_id=f"uuid:{identifier}" if re.fullmatch(UUID, identifier, re.IGNORECASE) else identifier,
        form_id=rebuilder.layout.form_id,
        version=about.get("__version__") or rebuilder.newest.version,
        xml="",
        submitted_at=moment(rebuilder, record, about.get("_submission_time", ""), "_submission_time"),
        submitter_name=about.get("_submitted_by", ""),
        review_state=review_of(about.get("_validation_status", "")),
        attachments=dict(named_files(rebuilder, record, {})),
    )
