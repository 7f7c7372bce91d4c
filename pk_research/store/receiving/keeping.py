"""Keeping a filling: everything about it in one transaction, its audit event included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from pk_research.errors import NotFound
from pk_research.language import Message
from pk_research.store.actors import HOUSE, Actor, Right, Role
from pk_research.store.attachments import Blobs
from pk_research.store.audit import insert_sealed, record
from pk_research.store.codes import receipt_code
from pk_research.store.receiving.understanding import Filling, Stale
from pk_research.store.refusals import Refused
from pk_research.store.reviews import MAX_COMMENT, add_event
from pk_research.store.tables import attachment, recalculation, submission, submission_version
from pk_research.store.versions import RECEIVED, newest_version, version_named

STILL_OPEN = (RECEIVED, "has issues")


@dataclass(frozen=True, slots=True)
class Receipt:
    """The acknowledgement that a submission is kept.

    Attributes
    ----------
    instance_id
        Identifier of the submission: that of its first version.
    number
        Which version of it this is.
    code
        Short code to tell it by.
    received_at
        When this version was received, UTC.
    is_new
        False when it was here before, and nothing was added but, perhaps, files.
    """

    instance_id: str
    number: int
    code: str
    received_at: datetime
    is_new: bool


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a filling, when, and how.

    Attributes
    ----------
    actor, at
        Who, and when it arrived.
    via, device_id
        By which way, and from which device.
    reason
        Why, for an edit.
    """

    actor: Actor
    at: datetime
    via: str
    device_id: str = ""
    reason: str = ""


def receipt_of(version: Row[Any], *, is_new: bool) -> Receipt:
    """Return the receipt of a version that is in the database."""
    return Receipt(version.instance_id, version.number, version.code, version.at, is_new)


def superseded() -> Refused:
    """Return the refusal of an edit that was not made from the newest version."""
    return Refused("superseded", Message("The submission was changed by somebody else in between."))


def keep(
    connection: Connection, filling: Filling, sender: Sender, blobs: Blobs, *, stale: Stale | None = None
) -> tuple[Row[Any], bool]:
    """Keep a filling as a submission, as the next version of one, or find it kept already.

    Parameters
    ----------
    connection
        A transaction that has the turn to write.
    filling
        Checked before.
    sender
        Who sends it.
    blobs
        The store's files.
    stale
        What its client did not keep up, to be noted for whoever reviews it.

    Returns
    -------
    tuple
        The version in the database, and whether it is new.

    Raises
    ------
    Refused, NotAllowed
        When it cannot be kept; the transaction must then be rolled back.
    """
    known = version_named(connection, filling.instance_id)
    if known is not None:
        _add_files(connection, filling, known, sender, blobs)
        return known, False
    before = _replaced(connection, filling, sender.actor) if filling.replaces else None
    if before is None:
        submission_id, rows = _begin(connection, filling, sender)
        number = 1
    else:
        submission_id, rows = before.submission_id, {}
        number = before.number + 1
    version_id, written = insert_sealed(
        connection,
        submission_version,
        submission_id=submission_id,
        number=number,
        instance_id=filling.instance_id,
        form_version_id=filling.version.number,
        xml=filling.text,
        sha256=filling.sha256,
        file_names=list(filling.file_names),
        at=sender.at,
        by=sender.actor.identifier,
        reason=sender.reason,
    )
    rows |= written | _insert_files(connection, submission_id, filling.files, sender.at, blobs)
    if stale is not None:
        rows |= _note_stale(
            connection, stale, version_id, submission_id=submission_id, number=number, at=sender.at
        )
    elif before is not None and before.state != RECEIVED:
        # What was approved or rejected were other answers.
        rows |= add_event(connection, submission_id, number, by=sender.actor, at=sender.at, state=RECEIVED)
    version = newest_version(connection, filling.instance_id)
    noted = {} if stale is None else {"recalculated": len(stale.flaws)}
    record(
        connection,
        "submission received" if before is None else "submission edited",
        by=sender.actor,
        at=sender.at,
        subject=version.instance_id,
        details={
            "form": version.form_id,
            "version": version.version,
            "number": number,
            "via": sender.via,
            **noted,
        },
        rows=rows,
    )
    return version, True


def _note_stale(
    connection: Connection, stale: Stale, version_id: int, *, submission_id: int, number: int, at: datetime
) -> dict[str, str]:
    """Note beside a version what its calculations should be, and give it to whoever reviews."""
    _, rows = insert_sealed(
        connection,
        recalculation,
        submission_version_id=version_id,
        paths=[flaw.path for flaw in stale.flaws],
        xml=stale.xml,
    )
    said = [Message("The phone sent calculations that do not follow from the answers.")]
    said += [flaw.message for flaw in stale.flaws]
    comment = "\n".join(message.text("id") for message in said)[:MAX_COMMENT]
    by = HOUSE[Role.SUPERVISOR]
    return rows | add_event(
        connection, submission_id, number, by=by, at=at, state="has issues", comment=comment
    )


def _begin(connection: Connection, filling: Filling, sender: Sender) -> tuple[int, dict[str, str]]:
    if not filling.version.is_open:
        raise Refused("closed", Message("This form takes no more submissions."))
    return insert_sealed(
        connection,
        submission,
        instance_id=filling.instance_id,
        code=_free_code(connection, filling.instance_id),
        form_id=filling.version.form_id,
        submitted_at=sender.at,
        submitter_id=sender.actor.identifier,
        device_id=sender.device_id,
        via=sender.via,
    )


def _free_code(connection: Connection, instance_id: str) -> str:
    attempt = 0
    while True:
        code = receipt_code(instance_id, attempt=attempt)
        if connection.execute(select(submission.c.id).where(submission.c.code == code)).first() is None:
            return code
        attempt += 1


def _replaced(connection: Connection, filling: Filling, actor: Actor) -> Row[Any]:
    """Return the version a filling replaces, having made sure that it may."""
    try:
        newest = newest_version(connection, filling.replaces)
    except NotFound:
        newest = None
    if newest is None or newest.form_id != filling.version.form_id:
        raise Refused("predecessor", Message("The submission replaces one that is not here."))
    if newest.version_id != filling.replaces:
        raise superseded()
    require_replaceable(newest, actor)
    if not filling.version.is_open and not actor.may(Right.EDIT, form_id=newest.form_id):
        raise Refused("closed", Message("This form is closed: what was sent can no longer be changed."))
    return newest


def require_replaceable(newest: Row[Any], actor: Actor) -> None:
    """Stop whoever may not replace a submission: it needs the right, or to be one's own and unfinished.

    Raises
    ------
    Refused, NotAllowed
        When they may not.
    """
    is_own = newest.submitter_id == actor.identifier and actor.may(Right.FILL, form_id=newest.form_id)
    if not is_own:
        actor.require(Right.EDIT, form_id=newest.form_id)
    elif newest.state not in STILL_OPEN and not actor.may(Right.EDIT, form_id=newest.form_id):
        raise Refused("state", Message("The review of this submission is finished."))


def _add_files(
    connection: Connection, filling: Filling, known: Row[Any], sender: Sender, blobs: Blobs
) -> None:
    """Add the files that had not come yet to a filling that was received before."""
    if known.sha256 != filling.sha256:
        raise Refused("replay", Message("Another submission with this identifier was received before."))
    rows = _insert_files(connection, known.submission_id, filling.files, sender.at, blobs)
    if rows:
        record(
            connection,
            "files received",
            by=sender.actor,
            at=sender.at,
            subject=known.instance_id,
            details={"number": known.number, "files": len(rows), "via": sender.via},
            rows=rows,
        )


def _insert_files(
    connection: Connection, submission_id: int, files: Mapping[str, bytes], at: datetime, blobs: Blobs
) -> dict[str, str]:
    query = select(attachment.c.name, attachment.c.sha256)
    there = connection.execute(query.where(attachment.c.submission_id == submission_id))
    kept = {row.name: row.sha256 for row in there}
    rows: dict[str, str] = {}
    for name, content in files.items():
        sha256 = blobs.keep(connection, content)
        if name not in kept:
            entry = {"submission_id": submission_id, "name": name, "sha256": sha256, "at": at}
            rows |= insert_sealed(connection, attachment, **entry)[1]
        elif kept[name] != sha256:
            raise Refused("replay", Message("Another file named {name} was received before.", {"name": name}))
    return rows
