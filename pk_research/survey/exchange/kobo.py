"""Writing what KoboToolbox's XLSX export gives: a sheet for the form, one for each repeat."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator, Sequence

from pk_research.errors import BadInput, Problem
from pk_research.survey.exchange.central import chosen_values
from pk_research.survey.exchange.layout import Field, Layout, TableLayout
from pk_research.survey.exchange.reviews import kobo_review
from pk_research.survey.exchange.tables import Row, Tables
from pk_research.survey.filled import Filled

ABOUT = (
    "_id",
    "_uuid",
    "_submission_time",
    "_validation_status",
    "_notes",
    "_status",
    "_submitted_by",
    "__version__",
    "_tags",
)
INDEX, PARENT_TABLE, PARENT_INDEX = "_index", "_parent_table_name", "_parent_index"
POINT = ("latitude", "longitude", "altitude", "precision")
LONGEST_NAME = 31
UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_MOST_ROWS, _MOST_COLUMNS, _LONGEST_TEXT = 1_048_576, 16_384, 32_767
_ALWAYS = dt.datetime(1980, 1, 1)  # noqa: DTZ001 - Excel knows no zones; the same fillings, the same bytes
_UUID = re.compile(rf"uuid:({UUID})", re.IGNORECASE)


def kobo_xlsx(tables: Tables) -> bytes:
    """Write the workbook that KoboToolbox's XLSX export gives, with XML values and headers.

    Parameters
    ----------
    tables
        The fillings.

    Returns
    -------
    bytes
        The first sheet, named as the form, holds the submissions; each repeat has its own. Headings
        hold all groups and repeats, ``location/village``; a question with several answers is one column with
        all of them and one for each choice (``1``, ``0``, empty where nothing was answered); a
        point has its text and four numbers, ``location/_place_latitude``… Every sheet ends with
        KoboToolbox's own columns. The same fillings give the same bytes.

    Raises
    ------
    BadInput
        When a text, or a table, is longer than a sheet can hold; nothing is cut off.

    Notes
    -----
    Every cell is typed as text, as KoboToolbox does by default: nothing is taken for a formula, a
    number or a date, and `read_kobo_xlsx` gives back the very answers.

    An empty cell is a question that was not answered, or did not apply: the layout cannot tell.

    KoboToolbox's documentation leaves open, and here is: ``_id``, a number its server gives, counts
    from 1; ``_notes`` and ``_tags`` are empty; ``_status`` is ``submitted_via_web``; a point in a
    group is headed with the group like any other question; ``meta/instanceID`` is not a column,
    since ``_uuid`` is it (without ``uuid:``); a question named ``__version__`` is not there twice.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pk_research.survey.exchange.tables import from_filled
    >>> from pk_research.survey.reading import parse_form
    >>> form = parse_form('''<h:html xmlns="http://www.w3.org/2002/xforms"
    ...   xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Desa</h:title><model>
    ...   <instance><data id="desa"><kk/></data></instance></model></h:head><h:body/></h:html>''')
    >>> filled = Filled("uuid:1", "desa", "", "<data><kk>=1+1</kk></data>", datetime(2026, 5, 1, tzinfo=UTC))
    >>> kobo_xlsx(from_filled([form], [filled]))[:2]
    b'PK'
    """
    import xlsxwriter

    names = sheet_names(tables.layout)
    index = _numbered(tables)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        workbook.set_properties({"title": tables.layout.title, "created": _ALWAYS})
        for table in tables.layout.tables:
            rows = list(_rows(tables, table, names, index))
            _check_size(rows, names[table.path])
            sheet = workbook.add_worksheet(names[table.path])
            for number, row in enumerate(rows):
                for place, text in enumerate(row):
                    if text:
                        sheet.write_string(number, place, text)
    return out.getvalue()


def sheet_names(layout: Layout) -> dict[str, str]:
    """Return the name of each table's sheet, by table path: short, plain and unique.

    Examples
    --------
    >>> sheet_names(Layout("desa", "Data: Desa", (TableLayout("", None, ()),)))
    {'': 'Data Desa'}
    """
    found: dict[str, str] = {}
    for table in layout.tables:
        wanted = table.name if table.path else layout.title or layout.form_id
        plain = re.sub(r"[\[\]:*?/\\]", "", wanted).strip("'")[:LONGEST_NAME] or layout.form_id
        name, number = plain, 0
        while name.lower() in {other.lower() for other in found.values()}:
            number += 1
            name = f"{plain[: LONGEST_NAME - len(f' ({number})')]} ({number})"
        found[table.path] = name
    return found


def exported(table: TableLayout) -> tuple[Field, ...]:
    """Return the questions that get a column of their own."""
    return tuple(
        field
        for field in table.fields
        if field.steps not in (("meta", "instanceID"), ("__version__",)) or table.parent is not None
    )


def question_heading(field: Field) -> str:
    """Return the heading of a question: the names of all repeats and groups around it, then its own.

    Examples
    --------
    >>> question_heading(Field("/data/crop", "/data/crop/sale/kg", ("sale", "kg"), "decimal"))
    'crop/sale/kg'
    """
    return "/".join((*_around(field), field.name))


def point_headings(field: Field) -> list[str]:
    """Return the headings of the four numbers of a point."""
    return ["/".join((*_around(field), f"_{field.name}_{part}")) for part in POINT]


def _around(field: Field) -> tuple[str, ...]:
    repeats = [step.rpartition(":")[2] for step in field.table.split("/")[2:]]
    return (*repeats, *field.steps[:-1])


def _numbered(tables: Tables) -> dict[str, int]:
    """Return the number of every row in its sheet, from 1, by key."""
    return {row.key: number for rows in tables.rows.values() for number, row in enumerate(rows, start=1)}


def _rows(
    tables: Tables, table: TableLayout, names: dict[str, str], index: dict[str, int]
) -> Iterator[list[str]]:
    fields = exported(table)
    choices = {field.key: chosen_values(tables, field) if field.kind == "select" else () for field in fields}
    yield [
        *(heading for field in fields for heading in _headings(field, choices[field.key])),
        *_own_headings(table),
    ]
    for row in tables.rows[table.path]:
        cells = [cell for field in fields for cell in _cells(field, choices[field.key], row)]
        about = [str(index[row.filled.instance_id]), *_about(row.filled)]
        if table.parent is None:
            yield [*cells, *about, str(index[row.key])]
        else:
            parent = names[table.parent]
            yield [*cells, str(index[row.key]), parent, str(index[row.parent_key]), *about]


def _headings(field: Field, choices: Sequence[str]) -> list[str]:
    name = question_heading(field)
    points = point_headings(field) if field.kind == "geopoint" else []
    return [name, *points, *(f"{name}/{choice}" for choice in choices)]


def _own_headings(table: TableLayout) -> list[str]:
    if table.parent is None:
        return [*ABOUT, INDEX]
    return [INDEX, PARENT_TABLE, PARENT_INDEX, *(f"_submission_{name}" for name in ABOUT)]


def _cells(field: Field, choices: Sequence[str], row: Row) -> list[str]:
    text = row.answers.get(field.key, "")
    if field.kind == "geopoint":
        numbers = text.split()[: len(POINT)]
        return [text, *numbers, *[""] * (len(POINT) - len(numbers))]
    chosen = text.split() if choices else []
    return [text, *(("1" if choice in chosen else "0") if chosen else "" for choice in choices)]


def _about(filled: Filled) -> Iterator[str]:
    yield _UUID.sub(r"\1", filled.instance_id)
    yield filled.submitted_at.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    yield kobo_review(filled)
    yield ""
    yield "submitted_via_web"
    yield filled.submitter_name
    yield filled.version
    yield ""


def _check_size(rows: Sequence[Sequence[str]], sheet: str) -> None:
    problems = []
    if len(rows) > _MOST_ROWS or len(rows[0]) > _MOST_COLUMNS:
        problems.append(
            Problem(
                sheet, f"{len(rows):,} rows of {len(rows[0]):,} columns do not fit", "Export as Central does."
            )
        )
    for number, row in enumerate(rows, start=1):
        problems += [
            Problem(
                f"{sheet}, row {number}, {rows[0][place]}",
                f"a text of {len(text):,} characters does not fit a cell ({_LONGEST_TEXT:,})",
                "Export as Central does.",
            )
            for place, text in enumerate(row)
            if len(text) > _LONGEST_TEXT
        ]
    if problems:
        raise BadInput(problems)
