"""Drafts: what is being typed, kept until it is sent, and found again with a code."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, Row, delete, func, select, update

from pk_research.errors import BadInput, NotFound, Problem
from pk_research.language import Message
from pk_research.settings import MIB, read_settings
from pk_research.store.actors import Actor, Right
from pk_research.store.attachments import Blobs, check_file, composed
from pk_research.store.codes import new_resume_code, normalised
from pk_research.store.database import reading, writing
from pk_research.store.forms import FormVersion
from pk_research.store.refusals import Conflict, Refused
from pk_research.store.tables import blob, draft, draft_attachment, form_version, submission

MAX_SNAPSHOT = 16 * MIB
MOST_FILES = 200


class TooManyFiles(BadInput):
    """One file more than a draft may hold.

    Parameters
    ----------
    message
        Which limit it is, for people.
    """

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(Problem("draft", message.text("en"), "Take a file out, or give a smaller one."))


@dataclass(frozen=True, slots=True)
class Draft:
    """A filling that is not sent yet, or was just sent.

    Attributes
    ----------
    draft_id
        Its identifier.
    form_id, version
        The form and version it fills.
    revision
        Counts up with every saving; 0 for one that was only opened.
    snapshot, state
        What was saved; empty after it was sent.
    saved_at
        When it was saved last, or opened, UTC.
    instance_id
        The submission it became; None while it is not sent.
    resume_code
        The code that finds it again: told once, when it is opened.
    """

    draft_id: str
    form_id: str
    version: str
    revision: int
    snapshot: str
    state: Mapping[str, Any]
    saved_at: datetime
    instance_id: str | None = None
    resume_code: str | None = None

    @property
    def is_finished(self) -> bool:
        """Whether it was sent."""
        return self.instance_id is not None


@dataclass(frozen=True, slots=True)
class Drafts:
    """The drafts of a store.

    Attributes
    ----------
    engine, blobs, clock
        The database, its files, what time it is.
    secret
        Returns the key of this house; resume codes are kept only as a hash under it.
    most_bytes
        How large the files of one draft may be together: all are read when it is sent.
    """

    engine: Engine
    blobs: Blobs
    clock: Callable[[], datetime]
    secret: Callable[[], bytes]
    most_bytes: int = field(default_factory=lambda: read_settings().draft_bytes)

    def open(self, version: FormVersion, *, by: Actor) -> Draft:
        """Open a draft.

        Raises
        ------
        NotAllowed
            When ``by`` may not fill this form.
        Refused
            When the form is closed.
        """
        by.require(Right.FILL, form_id=version.form_id)
        if not version.is_open:
            raise Refused("closed", Message("This form takes no more submissions."))
        code, draft_id = new_resume_code(), f"uuid:{uuid4()}"
        with writing(self.engine) as connection:
            connection.execute(
                draft.insert().values(
                    draft_id=draft_id,
                    form_version_id=version.number,
                    resume_hash=self._hash(code),
                    holders=[by.identifier],
                    revision=0,
                    snapshot="",
                    state={},
                    saved_at=self.clock(),
                )
            )
            return _draft(_row(connection, draft.c.draft_id == draft_id), resume_code=code)

    def resume(self, code: str, *, by: Actor | None = None) -> Draft:
        """Find a draft by its code; from then on ``by`` may go on with it.

        Raises
        ------
        NotFound
            When no draft has the code, whatever may be wrong with it.
        NotAllowed
            When ``by`` may not fill its form.
        """
        with writing(self.engine) as connection:
            row = _row(connection, draft.c.resume_hash == self._hash(code))
            if by is not None:
                by.require(Right.FILL, form_id=row.form_id)
                if by.identifier not in row.holders:
                    _change(connection, row, holders=[*row.holders, by.identifier])
        return _draft(row)

    def find(self, draft_id: str, *, by: Actor) -> Draft:
        """Return a draft that ``by`` opened or resumed.

        Raises
        ------
        NotFound
            When there is none.
        """
        with reading(self.engine) as connection:
            return _draft(self._held(connection, draft_id, by))

    def save(
        self, draft_id: str, *, by: Actor, revision: int, snapshot: str, state: Mapping[str, Any]
    ) -> int:
        """Save what was typed.

        Parameters
        ----------
        draft_id
            Which draft.
        by
            Who holds it.
        revision
            The revision this goes on from.
        snapshot, state
            The filling, as its screen keeps it.

        Returns
        -------
        int
            The new revision.

        Raises
        ------
        Conflict
            When the draft has another revision by now, or was sent.
        """
        if len(snapshot) > MAX_SNAPSHOT:
            raise BadInput(Problem("draft", f"it is larger than {MAX_SNAPSHOT:,} characters", "Send it."))
        with writing(self.engine) as connection:
            row = self._held(connection, draft_id, by)
            if row.submission_id is not None:
                raise Conflict(Message("This filling was already sent."), current=row.revision)
            if row.revision != revision:
                raise Conflict(
                    Message("This filling was changed in another window or device."), current=row.revision
                )
            _change(
                connection,
                row,
                revision=revision + 1,
                snapshot=snapshot,
                state=json.loads(json.dumps(dict(state))),
                saved_at=self.clock(),
            )
        return revision + 1

    def attach(self, draft_id: str, name: str, content: bytes, *, by: Actor) -> None:
        """Keep a file with a draft, in place of one of the same name.

        Raises
        ------
        BadInput
            When its name or size cannot be used.
        TooManyFiles
            When the draft holds as many files as it may, or as much.
        Conflict
            When the draft was sent.
        """
        name = composed(name)
        check_file(name, content)
        with reading(self.engine) as connection:  # before anything is put on the disk
            self._require_room(connection, self._held(connection, draft_id, by), name, content)
        self.blobs.prepare([content])
        with writing(self.engine) as connection:
            row = self._held(connection, draft_id, by)
            if row.submission_id is not None:
                raise Conflict(Message("This filling was already sent."), current=row.revision)
            self._require_room(connection, row, name, content)
            sha256 = self.blobs.keep(connection, content)
            same = (draft_attachment.c.draft_id == row.id) & (draft_attachment.c.name == name)
            connection.execute(delete(draft_attachment).where(same))
            connection.execute(draft_attachment.insert().values(draft_id=row.id, name=name, sha256=sha256))

    def attachments(self, draft_id: str, *, by: Actor) -> dict[str, bytes]:
        """Return name and content of the files kept with a draft."""
        with reading(self.engine) as connection:
            row = self._held(connection, draft_id, by)
            files = connection.execute(
                select(draft_attachment.c.name, draft_attachment.c.sha256)
                .where(draft_attachment.c.draft_id == row.id)
                .order_by(draft_attachment.c.name)
            ).all()
            return {file.name: self.blobs.read(connection, file.sha256) for file in files}

    def attachment(self, draft_id: str, name: str, *, by: Actor) -> bytes:
        """Return one file kept with a draft.

        Raises
        ------
        NotFound
            When there is none of that name.
        """
        with reading(self.engine) as connection:
            row = self._held(connection, draft_id, by)
            sha256 = connection.execute(
                select(draft_attachment.c.sha256).where(
                    draft_attachment.c.draft_id == row.id, draft_attachment.c.name == composed(name)
                )
            ).scalar()
            if sha256 is None:
                raise NotFound(Problem("draft", f"it has no file {name[:80]!r}", "Choose the file again."))
            return self.blobs.read(connection, sha256)

    def submission_of(self, connection: Connection, draft_id: str) -> str | None:
        """Return the identifier of the submission a draft became, if it was sent."""
        instance_id: str | None = _row(connection, draft.c.draft_id == draft_id).instance_id
        return instance_id

    def finish(self, connection: Connection, draft_id: str, submission_id: int) -> None:
        """Note that a draft was sent, and wipe it, inside the transaction that keeps the submission."""
        row = _row(connection, draft.c.draft_id == draft_id)
        connection.execute(delete(draft_attachment).where(draft_attachment.c.draft_id == row.id))
        _change(connection, row, submission_id=submission_id, snapshot="", state={}, saved_at=self.clock())

    def purge(self, older_than: timedelta) -> int:
        """Delete the drafts that nobody saved for some time, and the files that only they named.

        Parameters
        ----------
        older_than
            For how long.

        Returns
        -------
        int
            How many drafts.
        """
        with writing(self.engine) as connection:
            old = select(draft.c.id).where(draft.c.saved_at < self.clock() - older_than)
            connection.execute(delete(draft_attachment).where(draft_attachment.c.draft_id.in_(old)))
            gone = connection.execute(delete(draft).where(draft.c.id.in_(old))).rowcount
            self.blobs.sweep(connection)
        with writing(self.engine) as connection:
            self.blobs.clear(connection)
        return gone

    def _hash(self, code: str) -> str:
        return hmac.new(
            self.secret(), b"resume code\n" + normalised(code).encode(), hashlib.sha256
        ).hexdigest()

    def _require_room(self, connection: Connection, row: Row[Any], name: str, content: bytes) -> None:
        """Stop a file that would be one too many, beside those of other names."""
        others = (draft_attachment.c.draft_id == row.id) & (draft_attachment.c.name != name)
        query = select(func.count(), func.coalesce(func.sum(blob.c.size), 0)).join_from(
            draft_attachment, blob
        )
        n_files, n_bytes = connection.execute(query.where(others)).one()
        if n_files >= MOST_FILES:
            raise TooManyFiles(Message("There are too many files in this filling."))
        if n_bytes + len(content) > self.most_bytes:
            n_mib = self.most_bytes // MIB
            raise TooManyFiles(Message("The files of a filling are at most {n} MiB together.", {"n": n_mib}))

    def _held(self, connection: Connection, draft_id: str, by: Actor) -> Row[Any]:
        row = _row(connection, draft.c.draft_id == draft_id)
        if by.identifier not in row.holders:
            raise _unknown()
        return row


def _row(connection: Connection, condition: Any) -> Row[Any]:  # noqa: ANN401
    row = connection.execute(
        select(draft, form_version.c.form_id, form_version.c.version, submission.c.instance_id)
        .join_from(draft, form_version)
        .join(submission, submission.c.id == draft.c.submission_id, isouter=True)
        .where(condition)
    ).one_or_none()
    if row is None:
        raise _unknown()
    return row


def _unknown() -> NotFound:
    return NotFound(Problem("draft", "there is none with this code or address", "Check what you typed."))


def _change(connection: Connection, row: Row[Any], **values: object) -> None:
    connection.execute(update(draft).where(draft.c.id == row.id).values(**values))


def _draft(row: Row[Any], *, resume_code: str | None = None) -> Draft:
    return Draft(
        draft_id=row.draft_id,
        form_id=row.form_id,
        version=row.version,
        revision=row.revision,
        snapshot=row.snapshot,
        state=row.state,
        saved_at=row.saved_at,
        instance_id=row.instance_id,
        resume_code=resume_code,
    )
