"""Reading the documents of ODK Central's OData feed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pk_research.errors import BadInput, Problem
from pk_research.survey.answers import stored
from pk_research.survey.definition import Form
from pk_research.survey.exchange.layout import Field, TableLayout
from pk_research.survey.exchange.odata import ROOT, identifier, resource_names
from pk_research.survey.exchange.points import stored_place
from pk_research.survey.exchange.reading_central import moment, named_files
from pk_research.survey.exchange.rebuilding import Imported, Rebuilder, Record
from pk_research.survey.exchange.reviews import review_of
from pk_research.survey.filled import Filled
from pk_research.survey.surroundings import Surroundings

Json = dict[str, Any]


def read_odata(
    versions: Form | Sequence[Form],
    content: bytes | str | Mapping[str, Any],
    *,
    any_version: bool = False,
    surroundings: Surroundings | None = None,
) -> Imported:
    """Read ODK Central's OData; `central_odata` writes the same.

    Parameters
    ----------
    versions, any_version, surroundings
        As for `read_central_zip`.
    content
        The documents by address (``Submissions``, ``Submissions.crop``…), or the one document
        ``Submissions?$expand=*``; parsed, or as JSON.

    Returns
    -------
    Imported
        Every row rebuilt as the XML of a filling and checked as if it had just been sent. Rows in
        ``problems`` are places in ``value``, from 1.

    Raises
    ------
    BadInput
        When it is no such JSON.
    """
    forms = [versions] if isinstance(versions, Form) else list(versions)
    documents = _documents(content)
    rebuilder = Rebuilder(forms, any_version=any_version, surroundings=surroundings)
    reader = _Reader(rebuilder, documents)
    try:
        reader.read()
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadInput(
            Problem("OData", f"it is not laid out as Central does ({error!r})", "Fetch it again.")
        ) from None
    return rebuilder.rebuild(reader.roots, reader.instances)


def _documents(content: bytes | str | Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(content, Mapping):
        try:
            content = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise BadInput(Problem("OData", f"it is not JSON ({error})", "Fetch it again.")) from None
    if not isinstance(content, Mapping) or not ("value" in content or ROOT in content):
        raise BadInput(Problem("OData", "it has no table Submissions", "Fetch Submissions?$expand=*."))
    return {ROOT: content} if "value" in content else content


class _Reader:
    def __init__(self, rebuilder: Rebuilder, documents: Mapping[str, Any]) -> None:
        self.rebuilder = rebuilder
        self.documents = documents
        self.names = resource_names(rebuilder.layout)
        self.roots: list[tuple[Record, Filled]] = []
        self.instances: list[Record] = []

    def read(self) -> None:
        root, *others = self.rebuilder.layout.tables
        for number, row in enumerate(self.documents[ROOT]["value"], start=1):
            record = self._record(root, row, number, "")
            self.roots.append((record, self._sent(record, row.get("__system") or {})))
            self._expanded(root, row, number)
        for table in others:
            document = self.documents.get(self.names[table.path], {"value": []})
            for number, row in enumerate(document["value"], start=1):
                links = [row[name] for name in row if name.startswith(f"__{ROOT}") and name.endswith("-id")]
                self.instances.append(self._record(table, row, number, links[0] if links else ""))

    def _expanded(self, above: TableLayout, row: Json, number: int) -> None:
        for table in self.rebuilder.layout.tables:
            if table.parent == above.path:
                for inside in self._rows_in(table, above, row):
                    self.instances.append(self._record(table, inside, number, row["__id"]))
                    self._expanded(table, inside, number)

    def _rows_in(self, table: TableLayout, above: TableLayout, row: Json) -> Iterator[Json]:
        top = above.path or f"/{self.rebuilder.newest.root.name}"
        steps = table.path.removeprefix(top).split("/")[1:]
        found: Any = row
        for step in steps:
            found = (found or {}).get(identifier(step.rpartition(":")[2]))
        yield from found or []

    def _record(self, table: TableLayout, row: Json, number: int, parent_key: str) -> Record:
        answers: dict[str, str] = {}
        for field in table.fields:
            group: Any = row
            for step in field.steps[:-1]:
                group = (group or {}).get(identifier(step))
            name = identifier(field.name)
            if group and name in group:
                answers[field.key] = _text(field, group[name])
        place = (self.names[table.path], number)
        names = {field.key: field.header("/") for field in table.fields}
        return Record(table.path, place, str(row["__id"]), str(parent_key), answers, names)

    def _sent(self, record: Record, about: Json) -> Filled:
        rebuilder = self.rebuilder
        updated = about.get("updatedAt")
        return Filled(
            instance_id=record.key,
            form_id=rebuilder.layout.form_id,
            version=str(about.get("formVersion", rebuilder.newest.version) or ""),
            xml="",
            submitted_at=moment(rebuilder, record, about.get("submissionDate") or "", "submissionDate"),
            updated_at=moment(rebuilder, record, updated, "updatedAt") if updated else None,
            submitter_id=str(about.get("submitterId") or ""),
            submitter_name=str(about.get("submitterName") or ""),
            device_id=str(about.get("deviceId") or ""),
            review_state=review_of(about.get("reviewState") or ""),
            edits=int(about.get("edits") or 0),
            attachments=dict(named_files(rebuilder, record, {})),
        )


def _text(field: Field, value: object) -> str:
    """Return a JSON value as the form stores it."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return stored(field.kind, stored_place(value))
    if isinstance(value, int | float) and field.kind in ("int", "decimal"):
        return stored(field.kind, repr(value))
    return str(value)
