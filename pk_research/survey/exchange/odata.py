"""Writing what ODK Central's OData feed gives: a service document, and one document a table."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from pk_research.survey.exchange.central import timestamp
from pk_research.survey.exchange.layout import Field, Layout, TableLayout
from pk_research.survey.exchange.points import geometry
from pk_research.survey.exchange.reviews import central_review
from pk_research.survey.exchange.tables import Row, Tables
from pk_research.survey.filled import Filled

Json = dict[str, Any]
ROOT = "Submissions"


def central_odata(tables: Tables, *, base: str = "", expand: bool = False) -> dict[str, Json]:
    """Return the documents of Central's OData feed, by address.

    Parameters
    ----------
    tables
        The fillings.
    base
        Address of the service, as ``https://…/forms/desa.svc``; goes into ``@odata.context``.
    expand
        As ``$expand=*``: the rows of repeats stand inside their submission, at every depth.

    Returns
    -------
    dict
        ``""`` -> the service document; ``Submissions`` and ``Submissions.<groups>.<repeat>`` ->
        ``{"@odata.context", "@odata.count", "value": [row, …]}``. JSON can hold all of it.

    Notes
    -----
    A row holds groups as objects, ``__id``, and for a repeat that occurs
    ``<repeat>@odata.navigationLink``. Root rows have ``__system``; rows of repeats point at what
    they belong to with ``__Submissions-id`` (inside another repeat: ``__Submissions-<repeat>-id``).
    ``int`` and ``decimal`` are numbers, places GeoJSON, all else text; whatever has no answer is
    null, not asked or not answered alike. Central makes identifiers of repeat rows by SHA-1 over
    their way; so does this. Paging and filters belong to a server and are not here.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pk_research.survey.exchange.tables import from_filled
    >>> from pk_research.survey.reading import parse_form
    >>> form = parse_form('''<h:html xmlns="http://www.w3.org/2002/xforms"
    ...   xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Desa</h:title><model>
    ...   <instance><data id="desa"><kk/></data></instance><bind nodeset="/data/kk" type="int"/>
    ...   </model></h:head><h:body/></h:html>''')
    >>> filled = Filled("uuid:1", "desa", "", "<data><kk>150</kk></data>", datetime(2026, 5, 1, tzinfo=UTC))
    >>> central_odata(from_filled([form], [filled]))["Submissions"]["value"][0]["kk"]
    150
    """
    feed = _Feed(tables, expand=expand)
    names = resource_names(tables.layout)
    documents: dict[str, Json] = {
        "": {
            "@odata.context": f"{base}/$metadata",
            "value": [{"name": name, "kind": "EntitySet", "url": name} for name in names.values()],
        }
    }
    for path, name in names.items():
        rows = feed.rows(path)
        documents[name] = {
            "@odata.context": f"{base}/$metadata#{name}",
            "@odata.count": len(rows),
            "value": rows,
        }
    return documents


def resource_names(layout: Layout) -> dict[str, str]:
    """Return the name of each table's address, by table path.

    Examples
    --------
    >>> tables = (TableLayout("", None, ()), TableLayout("/data/a/b-c", "", ()))
    >>> resource_names(Layout("desa", "Desa", tables))
    {'': 'Submissions', '/data/a/b-c': 'Submissions.a.b_c'}
    """
    return {
        table.path: ".".join([ROOT, *(identifier(step) for step in table.path.split("/")[2:])])
        for table in layout.tables
    }


def identifier(name: str) -> str:
    """Return a name as OData allows it.

    Examples
    --------
    >>> identifier("luas.lahan"), identifier("2nd")
    ('luas_lahan', '_2nd')
    """
    return re.sub(r"[^A-Za-z0-9_]+", "_", re.sub(r"^(?![A-Za-z_])", "_", name))


class _Feed:
    def __init__(self, tables: Tables, *, expand: bool) -> None:
        self.tables = tables
        self.expand = expand
        self.below: dict[tuple[str, str], list[Row]] = {}
        for table in tables.layout.tables[1:]:
            for row in tables.rows[table.path]:
                self.below.setdefault((table.path, row.parent_key), []).append(row)

    def rows(self, path: str) -> list[Json]:
        table = self.tables.layout.table(path)
        return [{**self._row(table, row), **self._parent(table, row)} for row in self.tables.rows[path]]

    def _row(self, table: TableLayout, row: Row) -> Json:
        found: Json = {"__id": _hash(row)}
        if table.parent is None:
            found["__system"] = _system(row.filled)
        for field in table.fields:
            _group(found, field.steps[:-1])[identifier(field.name)] = value_of(
                field, row.answers.get(field.key, "")
            )
        for child in self.tables.layout.tables:
            inside = self.below.get((child.path, row.key), []) if child.parent == table.path else []
            if inside:
                self._link(found, child, row, inside)
        return found

    def _link(self, found: Json, child: TableLayout, row: Row, inside: list[Row]) -> None:
        steps = inside[0].steps[len(row.steps) :]
        group = _group(found, tuple(name for name, _ in steps[:-1]))
        name = identifier(steps[-1][0])
        group[f"{name}@odata.navigationLink"] = _address(inside[0])
        if self.expand:
            group[name] = [self._row(child, below) for below in inside]

    def _parent(self, table: TableLayout, row: Row) -> Json:
        if table.parent is None:
            return {}
        above = _above(row)
        names = [ROOT, *(identifier(name) for name, _ in above.steps)]
        return {f"__{'-'.join(names)}-id": _hash(above)}


def _group(found: Json, steps: tuple[str, ...]) -> Json:
    for step in steps:
        found = found.setdefault(identifier(step), {})
    return found


def value_of(field: Field, text: str) -> Any:  # noqa: ANN401 - JSON
    """Return an answer as JSON: a number, a GeoJSON geometry, a text, or None."""
    if not text:
        return None
    if field.kind in ("int", "decimal"):
        return _number(text, is_whole=field.kind == "int")
    if field.kind in ("geopoint", "geotrace", "geoshape"):
        return geometry(field.kind, text)
    if field.kind == "dateTime" and re.search(r"[+-]\d\d$", text):
        return f"{text}:00"
    return text


def _number(text: str, *, is_whole: bool) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if is_whole or number.is_integer() else number


def _system(filled: Filled) -> Json:
    return {
        "submissionDate": timestamp(filled.submitted_at),
        "updatedAt": None if filled.updated_at is None else timestamp(filled.updated_at),
        "submitterId": filled.submitter_id or None,
        "submitterName": filled.submitter_name or None,
        "attachmentsPresent": sum(content is not None for content in filled.attachments.values()),
        "attachmentsExpected": len(filled.attachments),
        "status": None,
        "reviewState": central_review(filled) or None,
        "deviceId": filled.device_id or None,
        "edits": filled.edits,
        "formVersion": filled.version,
        "deletedAt": None,
    }


def _above(row: Row) -> Row:
    places = [place for place, (_, number) in enumerate(row.steps[:-1], start=1) if number]
    return Row(row.parent_key, "", row.steps[: places[-1]] if places else (), {}, row.filled)


def _hash(row: Row) -> str:
    if not row.steps:
        return row.filled.instance_id
    parts = [f"{ROOT}#{row.filled.instance_id}"]
    parts += [f"{name}#{number - 1}" if number else f"{name}#" for name, number in row.steps]
    return hashlib.sha1("%%".join(parts).encode(), usedforsecurity=False).hexdigest()


def _address(row: Row) -> str:
    """Return the address of the repeat a row is an instance of."""
    return "/".join((f"{ROOT}('{quote(row.filled.instance_id, safe='')}')", *_way(row)))


def _way(row: Row) -> Iterator[str]:
    for place, (name, number) in enumerate(row.steps, start=1):
        if number and place < len(row.steps):
            above = Row(row.key, "", row.steps[:place], {}, row.filled)
            yield f"{identifier(name)}('{_hash(above)}')"
        else:
            yield identifier(name)
