"""Working the chain out anew, and looking whether everything it vouches for is still so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import Connection, select, union

from pk_research.language import Message
from pk_research.store.attachments import Blobs, sha256_of
from pk_research.store.audit.chain import FIRST, digest
from pk_research.store.audit.rows import all_sealed
from pk_research.store.tables import attachment, audit_event, form_file, form_version

# Files of drafts come and go.
VOUCHED_FOR = (attachment.c.sha256, form_file.c.sha256, form_version.c.source)

FaultKind = Literal[
    "event changed",
    "event missing",
    "cut short",
    "row changed",
    "row gone",
    "row unknown",
    "file changed",
    "file gone",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as the audit log says.

    Attributes
    ----------
    kind
        What sort of fault.
    where
        The event, row or file.
    message
        A sentence about it.
    """

    kind: FaultKind
    where: str
    message: Message


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying the audit log found.

    Attributes
    ----------
    n_events
        How many events the chain has.
    head
        Hash of the newest event; note it elsewhere and give it to a later verification.
    faults
        What is wrong; empty when all is well.
    """

    n_events: int
    head: str
    faults: tuple[Fault, ...]


@dataclass(slots=True)
class _Chain:
    """What walking the chain gathers."""

    n_events: int = 0
    head: str = FIRST
    hashes: set[str] = field(default_factory=set)
    rows: dict[str, tuple[str, str]] = field(default_factory=dict)  # row: digest and where it was told
    faults: list[Fault] = field(default_factory=list)


def verify(connection: Connection, blobs: Blobs, *, head: str | None = None) -> Verification:
    """Verify the log of a store as it is at one moment.

    Parameters
    ----------
    connection
        A transaction that sees one moment.
    blobs
        The store's files.
    head
        A hash the chain must hold, noted earlier.
    """
    chain = _walk(connection)
    faults = chain.faults
    if head is not None and head not in chain.hashes:
        faults.append(
            Fault(
                "cut short", head, Message("The event noted earlier as the newest is no longer in the log.")
            )
        )
    faults += _of_rows(connection, chain.rows)
    faults += _of_files(connection, blobs)
    return Verification(chain.n_events, chain.head, tuple(faults))


def _walk(connection: Connection) -> _Chain:
    chain = _Chain()
    query = select(audit_event).order_by(audit_event.c.number)
    for row in connection.execute(query.execution_options(yield_per=500)).mappings():
        chain.n_events += 1
        event = dict(row)
        told = event.pop("hash")
        where = "{number}, {kind}, {subject}".format_map(event)
        if event["number"] != chain.n_events or event["previous"] != chain.head:
            chain.faults.append(
                Fault(
                    "event missing",
                    where,
                    Message("Event {event} does not follow the one before it.", {"event": where}),
                )
            )
            chain.n_events = event["number"]
        if digest(event) != told:
            chain.faults.append(
                Fault("event changed", where, Message("Event {event} was changed.", {"event": where}))
            )
        chain.head = told
        chain.hashes.add(told)
        for name, value in _rows_in(event["details"]).items():
            chain.rows[name] = (value, where)
    return chain


def _rows_in(details: str) -> dict[str, str]:
    try:
        rows = json.loads(details).get("rows", {})
    except (ValueError, AttributeError):  # the event was changed, which its hash tells
        return {}
    return rows if isinstance(rows, dict) else {}


def _of_rows(connection: Connection, told: dict[str, tuple[str, str]]) -> Iterator[Fault]:
    left = dict(told)
    for name, value in all_sealed(connection):
        if name not in left:
            yield Fault(
                "row unknown", name, Message("The log knows nothing of the row {row}.", {"row": name})
            )
            continue
        expected, where = left.pop(name)
        if value != expected:
            message = Message(
                "The row {row} is not as event {event} wrote it.", {"row": name, "event": where}
            )
            yield Fault("row changed", name, message)
    for name, (_, where) in left.items():
        message = Message("The row {row}, written by event {event}, is gone.", {"row": name, "event": where})
        yield Fault("row gone", name, message)


def _of_files(connection: Connection, blobs: Blobs) -> Iterator[Fault]:
    named = union(*(select(column).where(column.is_not(None)) for column in VOUCHED_FOR))
    for sha256 in sorted(connection.execute(named).scalars()):
        content = blobs.find(connection, sha256)
        if content is None:
            yield Fault("file gone", sha256, Message("The file {file} is gone.", {"file": sha256}))
        elif sha256_of(content) != sha256:
            yield Fault("file changed", sha256, Message("The file {file} was changed.", {"file": sha256}))
