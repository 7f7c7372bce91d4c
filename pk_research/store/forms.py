"""Forms in the store: every version side by side, none ever changed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, func, select

from pk_research.errors import BadInput, NotFound, Problem
from pk_research.store.actors import Actor, Right
from pk_research.store.attachments import Blobs, check_file, sha256_of
from pk_research.store.audit import insert_sealed, record, sealed
from pk_research.store.database import reading, writing
from pk_research.store.tables import MAX_NAME, blob, form, form_file, form_version
from pk_research.survey import Form, parse_form
from pk_research.survey.privacy import personal_paths

MAX_KEPT_OPEN = 32

_OTHER = form_version.alias("other")


@dataclass(frozen=True, slots=True)
class FormFile:
    """A file that belongs to a version of a form: a list of choices, a picture.

    Attributes
    ----------
    name
        As the form names it.
    sha256
        Of its content.
    size
        In bytes.
    """

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class FormVersion:
    """A version of a form.

    Attributes
    ----------
    form_id, version
        Together they identify it.
    title
        What people call the form.
    xml
        The XForm.
    sha256
        Of the XForm and the files with it.
    published_at
        When, UTC.
    is_open
        Whether the form takes submissions.
    is_newest
        Whether no later version was published.
    files
        What belongs to it.
    """

    form_id: str
    version: str
    title: str
    xml: str
    sha256: str
    published_at: datetime
    is_open: bool
    is_newest: bool
    files: tuple[FormFile, ...] = ()
    number: int = field(default=0, repr=False)


class Forms:
    """The forms of a store.

    Parameters
    ----------
    engine
        The database.
    blobs
        Its files.
    clock
        Says what time it is.
    """

    def __init__(self, engine: Engine, blobs: Blobs, clock: Callable[[], datetime]) -> None:
        self.engine = engine
        self.blobs = blobs
        self.clock = clock
        self._opened: OrderedDict[tuple[str, str], Form] = OrderedDict()
        self._personal: dict[str, tuple[int, frozenset[str]]] = {}
        self._turn = threading.Lock()

    def publish(
        self,
        xml: str | bytes,
        *,
        by: Actor,
        files: Mapping[str, bytes] | None = None,
        source: bytes | None = None,
        source_name: str = "",
    ) -> FormVersion:
        """Publish a version of a form.

        Parameters
        ----------
        xml
            The XForm.
        by
            Who does it.
        files
            Name to content of the files it speaks of.
        source, source_name
            The spreadsheet it was made from, kept with it.

        Returns
        -------
        FormVersion
            The one already there, when the same was published before.

        Raises
        ------
        BadInput
            When the form or a file cannot be used, or when this version was published with another
            content.
        NotAllowed
            When ``by`` may not publish forms.
        """
        text = xml if isinstance(xml, str) else _decoded(xml)
        files = dict(files or {})
        for name, content in files.items():
            check_file(name, content)
        parsed = parse_form(text, resource=lambda address: _beside(address, files))
        by.require(Right.PUBLISH_FORM, form_id=parsed.identifier)
        _check_names(parsed)
        sha256 = _content_hash(text, files)
        self.blobs.prepare([*files.values(), *([] if source is None else [source])])
        with writing(self.engine) as connection:
            known = _find(connection, parsed.identifier, parsed.version)
            if known is not None:
                if known.sha256 != sha256:
                    raise _other_content(parsed)
                return known
            now = self.clock()
            facts = {
                "form_id": parsed.identifier,
                "version": parsed.version,
                "title": parsed.title or parsed.identifier,
                "xml": text,
                "sha256": sha256,
                "source": None if source is None else self.blobs.keep(connection, source),
                "source_name": source_name,
                "published_at": now,
                "published_by": by.identifier,
            }
            rows = self._insert(connection, facts, files)
            details = {"version": parsed.version, "sha256": sha256}
            record(
                connection,
                "form published",
                by=by,
                at=now,
                subject=parsed.identifier,
                details=details,
                rows=rows,
            )
        return self.find(parsed.identifier, parsed.version)

    def _insert(
        self, connection: Connection, facts: Mapping[str, Any], files: Mapping[str, bytes]
    ) -> dict[str, str]:
        """Insert a version, its files, and the form where it is the first; return their seals."""
        form_id = facts["form_id"]
        if connection.execute(select(form).where(form.c.form_id == form_id)).first() is None:
            connection.execute(form.insert().values(form_id=form_id, is_open=True))
        number, rows = insert_sealed(connection, form_version, **facts)
        for name, content in files.items():
            sha256 = self.blobs.keep(connection, content)
            rows |= insert_sealed(connection, form_file, form_version_id=number, name=name, sha256=sha256)[1]
        return rows | sealed(connection, "form", form_id)

    def list(self, *, is_open: bool | None = True) -> tuple[FormVersion, ...]:
        """List the newest version of every form, by title.

        Parameters
        ----------
        is_open
            True for forms that take submissions, False for those that do not, None for all.
        """
        newest = select(func.max(form_version.c.id)).group_by(form_version.c.form_id)
        with reading(self.engine) as connection:
            found = _read(connection, form_version.c.id.in_(newest))
        return tuple(
            sorted(
                (version for version in found if is_open is None or version.is_open is is_open),
                key=lambda version: (version.title, version.form_id),
            )
        )

    def versions(self, form_id: str) -> tuple[FormVersion, ...]:
        """List the versions of a form, the one published first first."""
        with reading(self.engine) as connection:
            return tuple(_read(connection, form_version.c.form_id == form_id))

    def find(self, form_id: str, version: str | None = None) -> FormVersion:
        """Return a version of a form; the newest by default.

        Raises
        ------
        NotFound
            When there is none.
        """
        with reading(self.engine) as connection:
            found = _find(connection, form_id, version)
        if found is None:
            which = f"form {form_id!r}" + (f", version {version!r}" if version is not None else "")
            raise NotFound(Problem("the store", f"there is no {which}", "Publish it, or correct its name."))
        return found

    def open(self, version: FormVersion) -> Form:
        """Return a form ready to be filled; kept, so that opening it again costs nothing."""
        key = (version.form_id, version.version)
        with self._turn:
            if key not in self._opened:
                with reading(self.engine) as connection:
                    contents = {file.name: self.blobs.read(connection, file.sha256) for file in version.files}
                self._opened[key] = parse_form(
                    version.xml, resource=lambda address: _beside(address, contents)
                )
                if len(self._opened) > MAX_KEPT_OPEN:
                    self._opened.popitem(last=False)
            self._opened.move_to_end(key)
            return self._opened[key]

    def opened(self, form_id: str, version: str) -> Form:
        """Return a form ready to be filled, without asking the database when it was opened before.

        Raises
        ------
        NotFound
            When there is none.
        """
        with self._turn:
            kept = self._opened.get((form_id, version))
        return kept or self.open(self.find(form_id, version))

    def personal(self, form_id: str) -> frozenset[str]:
        """Return, by path, the questions of a form whose answers are personal in any of its versions.

        Kept until another version is published.
        """
        query = select(func.max(form_version.c.id)).where(form_version.c.form_id == form_id)
        with reading(self.engine) as connection:
            newest = connection.execute(query).scalar() or 0
        kept, paths = self._personal.get(form_id, (0, frozenset()))
        if kept != newest:
            paths = personal_paths([self.open(version) for version in self.versions(form_id)])
            self._personal[form_id] = (newest, paths)
        return paths

    def file(self, version: FormVersion, name: str) -> bytes:
        """Return a file that belongs to a version.

        Raises
        ------
        NotFound
            When there is none of that name.
        """
        sha256 = next((file.sha256 for file in version.files if file.name == name), None)
        if sha256 is None:
            raise NotFound(
                Problem(version.form_id, f"it has no file {name!r}", "Publish the form with the file.")
            )
        with reading(self.engine) as connection:
            return self.blobs.read(connection, sha256)

    def source(self, version: FormVersion) -> tuple[str, bytes] | None:
        """Return the name and content of the spreadsheet a version was made from, if it was kept."""
        with reading(self.engine) as connection:
            row = connection.execute(
                select(form_version.c.source_name, form_version.c.source).where(
                    form_version.c.id == version.number
                )
            ).one_or_none()
            if row is None or row.source is None:
                return None
            return row.source_name, self.blobs.read(connection, row.source)

    def close(self, form_id: str, *, by: Actor) -> None:
        """Take no more submissions of a form; what was received stays, and may still be corrected."""
        self._set_open(form_id, by, is_open=False)

    def reopen(self, form_id: str, *, by: Actor) -> None:
        """Take submissions of a form again."""
        self._set_open(form_id, by, is_open=True)

    def _set_open(self, form_id: str, by: Actor, *, is_open: bool) -> None:
        by.require(Right.PUBLISH_FORM, form_id=form_id)
        self.find(form_id)
        with writing(self.engine) as connection:
            connection.execute(form.update().where(form.c.form_id == form_id).values(is_open=is_open))
            record(
                connection,
                "form reopened" if is_open else "form closed",
                by=by,
                at=self.clock(),
                subject=form_id,
                rows=sealed(connection, "form", form_id),
            )


def _find(connection: Connection, form_id: str, version: str | None) -> FormVersion | None:
    condition = form_version.c.form_id == form_id
    if version is not None:
        condition &= form_version.c.version == version
    found = _read(connection, condition)
    return found[-1] if found else None


def _read(connection: Connection, condition: ColumnElement[bool]) -> list[FormVersion]:
    newest = (
        select(func.max(_OTHER.c.id))
        .where(_OTHER.c.form_id == form.c.form_id)
        .correlate(form)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(form_version, form.c.is_open, (form_version.c.id == newest).label("is_newest"))
        .join_from(form_version, form)
        .where(condition)
        .order_by(form_version.c.id)
    ).all()
    files = _files(connection, [row.id for row in rows])
    return [_version(row, files.get(row.id, ())) for row in rows]


def _files(connection: Connection, numbers: list[int]) -> dict[int, tuple[FormFile, ...]]:
    rows = connection.execute(
        select(form_file.c.form_version_id, form_file.c.name, form_file.c.sha256, blob.c.size)
        .join_from(form_file, blob)
        .where(form_file.c.form_version_id.in_(numbers))
        .order_by(form_file.c.name)
    )
    found: dict[int, tuple[FormFile, ...]] = {}
    for row in rows:
        entry = FormFile(row.name, row.sha256, row.size)
        found[row.form_version_id] = (*found.get(row.form_version_id, ()), entry)
    return found


def _version(row: Row[Any], files: tuple[FormFile, ...]) -> FormVersion:
    return FormVersion(
        form_id=row.form_id,
        version=row.version,
        title=row.title,
        xml=row.xml,
        sha256=row.sha256,
        published_at=row.published_at,
        is_open=row.is_open,
        is_newest=bool(row.is_newest),
        files=files,
        number=row.id,
    )


def _beside(address: str, files: Mapping[str, bytes]) -> bytes | None:
    """Find a form's file by its address, as `pk_research.survey.files_beside` does in a folder."""
    name = address.rpartition("/")[2]
    return files.get(name, files.get(name.removesuffix(".csv")))


def _content_hash(xml: str, files: Mapping[str, bytes]) -> str:
    lines = [sha256_of(xml.encode()), *(f"{name}\n{sha256_of(files[name])}" for name in sorted(files))]
    return sha256_of("\n".join(lines).encode())


def _decoded(xml: bytes) -> str:
    try:
        return xml.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(
            Problem(
                "form", f"byte {error.start + 1} is not UTF-8", "Save the form as UTF-8 and publish it again."
            )
        ) from error


def _check_names(parsed: Form) -> None:
    for what, value in (("identifier", parsed.identifier), ("version", parsed.version)):
        if len(value) > MAX_NAME or not value.isprintable():
            raise BadInput(
                Problem(
                    "form",
                    f"its {what} {value[:60]!r} cannot be used",
                    f"Give up to {MAX_NAME} printable characters.",
                )
            )


def _other_content(parsed: Form) -> BadInput:
    return BadInput(
        Problem(
            f"form {parsed.identifier!r}",
            f"its version {parsed.version!r} was published before, with another content",
            "Raise the version in the settings sheet and publish it again.",
        )
    )
