"""Writing what ODK Central's "Download: all data" gives: a zip of CSV files."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from pk_research.survey.exchange.layout import Field, Layout, TableLayout
from pk_research.survey.exchange.reviews import central_review
from pk_research.survey.exchange.tables import Row, Tables
from pk_research.survey.filled import Filled

FIRST = "SubmissionDate"
LAST = (
    "KEY",
    "SubmitterID",
    "SubmitterName",
    "AttachmentsPresent",
    "AttachmentsExpected",
    "Status",
    "ReviewState",
    "DeviceID",
    "Edits",
    "FormVersion",
)
LINKS = ("PARENT_KEY", "KEY")
POINT = ("Latitude", "Longitude", "Altitude", "Accuracy")
_ALWAYS = (1980, 1, 1, 0, 0, 0)  # so that the same fillings give the same bytes


def central_zip(
    tables: Tables,
    *,
    media: Mapping[tuple[str, str], bytes] | None = None,
    split_selects: bool = False,
    group_names: bool = True,
) -> bytes:
    """Write the zip of CSV files that ODK Central's export gives.

    Parameters
    ----------
    tables
        The fillings.
    media
        Attached files by instance identifier and name. Only those an exported column names are
        written, so that what is left out as personal takes its pictures along.
    split_selects
        One more column for each choice of a question with several answers, ``question/choice``.
    group_names
        Whether headings hold the names of the groups: ``location-village``, else ``village``.

    Returns
    -------
    bytes
        ``<form id>.csv``, ``<form id>-<repeat>.csv`` (``~1``, ``~2``… where repeats share a name)
        and ``media/``. The same fillings give the same bytes.

    Notes
    -----
    Cells are written exactly as they were answered. Text that begins with ``=`` or ``+`` is *not*
    defused: Central does not, and a file that is read again must give the answers that were given.
    To look at the data in a spreadsheet use `kobo_xlsx`, whose cells are typed as text.

    An empty cell is a question that was not answered, that did not apply, or that the version does
    not have: this layout cannot tell these apart (``tables.report`` counts them, `datasets` and
    the filling itself tell). The split columns hold ``0`` for every choice that is not chosen,
    *also where nothing was answered*; the column before them, empty then, tells the two apart.

    Central's documentation leaves open: the order of split columns (here: of the choices in the
    form, then others by first use), and what happens when two submissions attach different files
    of one name (here: the second goes to ``media/<instance id>/``). Attributes are not exported.

    Examples
    --------
    >>> import io, zipfile
    >>> from datetime import UTC, datetime
    >>> from pk_research.survey.exchange.tables import from_filled
    >>> from pk_research.survey.reading import parse_form
    >>> form = parse_form('''<h:html xmlns="http://www.w3.org/2002/xforms"
    ...   xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Desa</h:title><model>
    ...   <instance><data id="desa"><kk/></data></instance></model></h:head><h:body/></h:html>''')
    >>> filled = Filled("uuid:1", "desa", "", "<data><kk>150</kk></data>", datetime(2026, 5, 1, tzinfo=UTC))
    >>> archive = zipfile.ZipFile(io.BytesIO(central_zip(from_filled([form], [filled]))))
    >>> archive.read("desa.csv").decode().splitlines()[1][:35]
    '2026-05-01T00:00:00.000Z,150,,uuid:'
    """
    names = file_names(tables.layout)
    files: dict[str, bytes] = {}
    for table in tables.layout.tables:
        columns = [
            _Column(field, name, tables, split=split_selects)
            for field, name in zip(table.fields, headings(table, group_names=group_names), strict=True)
        ]
        files[names[table.path]] = _csv(table, columns, tables.rows[table.path])
    files.update(_media(tables, media or {}))
    return _zipped(files)


def headings(table: TableLayout, *, group_names: bool = True) -> list[str]:
    """Return the headings of a table's questions, choices and parts of points aside."""
    return [field.header("-") if group_names else field.name for field in table.fields]


def file_names(layout: Layout) -> dict[str, str]:
    """Return the name of each table's file, by table path.

    Examples
    --------
    >>> file_names(Layout("desa", "Desa", (TableLayout("", None, ()), TableLayout("/data/crop", "", ()))))
    {'': 'desa.csv', '/data/crop': 'desa-crop.csv'}
    """
    often = Counter(table.name for table in layout.tables)
    seen: Counter[str] = Counter()
    names = {"": f"{layout.form_id}.csv"}
    for table in layout.tables[1:]:
        seen[table.name] += 1
        number = f"~{seen[table.name]}" if often[table.name] > 1 else ""
        names[table.path] = f"{layout.form_id}-{table.name}{number}.csv"
    return {path: re.sub(r'[/?<>\\:*|"\x00-\x1f\x80-\x9f]', "", name) for path, name in names.items()}


def timestamp(moment: datetime) -> str:
    """Write a moment as Central does.

    Examples
    --------
    >>> timestamp(datetime(2026, 5, 1, 7, 30, tzinfo=UTC))
    '2026-05-01T07:30:00.000Z'
    """
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


class _Column:
    """The cells of one question: one, four for a point, or one more for each choice."""

    def __init__(self, field: Field, name: str, tables: Tables, *, split: bool) -> None:
        self.field = field
        self.choices = chosen_values(tables, field) if split and field.kind == "select" else ()
        parts = [f"{name}-{part}" for part in POINT] if field.kind == "geopoint" else [name]
        self.headings = [*parts, *(f"{name}/{choice}" for choice in self.choices)]

    def cells(self, row: Row) -> list[str]:
        text = row.answers.get(self.field.key, "")
        if self.field.kind == "geopoint":
            numbers = text.split()[: len(POINT)]
            return [*numbers, *[""] * (len(POINT) - len(numbers))]
        chosen = text.split() if self.choices else []
        return [text, *("1" if choice in chosen else "0" for choice in self.choices)]


def chosen_values(tables: Tables, field: Field) -> tuple[str, ...]:
    """Return the choices that get a column: those the form offers, then others that were chosen."""
    texts = (row.answers.get(field.key, "") for row in tables.rows[field.table])
    return tuple(dict.fromkeys((*field.choices, *(value for text in texts for value in text.split()))))


def _csv(table: TableLayout, columns: list[_Column], rows: tuple[Row, ...]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    names = [name for column in columns for name in column.headings]
    writer.writerow([FIRST, *names, *LAST] if table.parent is None else [*names, *LINKS])
    for row in rows:
        cells = [cell for column in columns for cell in column.cells(row)]
        if table.parent is None:
            cells = [timestamp(row.filled.submitted_at), *cells, *_about(row.filled)]
        else:
            cells += [row.parent_key, row.key]
        writer.writerow(cells)
    return out.getvalue().encode()


def _about(filled: Filled) -> Iterator[str]:
    yield filled.instance_id
    yield filled.submitter_id
    yield filled.submitter_name
    yield str(sum(content is not None for content in filled.attachments.values()))
    yield str(len(filled.attachments))
    yield ""  # only encrypted submissions have a status
    yield central_review(filled)
    yield filled.device_id
    yield str(filled.edits)
    yield filled.version


def _media(tables: Tables, media: Mapping[tuple[str, str], bytes]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for instance_id, name in attached(tables):
        content = media.get((instance_id, name))
        if content is not None and files.setdefault(f"media/{name}", content) != content:
            files[f"media/{instance_id.replace(':', '')}/{name}"] = content
    return files


def attached(tables: Tables) -> list[tuple[str, str]]:
    """Return the files that exported columns name, as instance identifier and name."""
    return [
        (row.filled.instance_id, row.answers[field.key])
        for table in tables.layout.tables
        for field in table.fields
        if field.kind == "binary"
        for row in tables.rows[table.path]
        if _is_plain_name(row.answers.get(field.key, ""))
    ]


def _is_plain_name(name: str) -> bool:
    return name not in ("", ".", "..") and not re.search(r"[/\\\x00]", name)


def _zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _ALWAYS)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
