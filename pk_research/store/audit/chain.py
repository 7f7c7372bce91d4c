"""Writing the chain of events."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from pk_research.store.actors import Actor
from pk_research.store.database import take_turn
from pk_research.store.tables import audit_event

FIRST = "0" * 64


def record(
    connection: Connection,
    kind: str,
    *,
    by: Actor,
    at: datetime,
    subject: str = "",
    details: Mapping[str, Any] | None = None,
    rows: Mapping[str, str] | None = None,
) -> None:
    """Add an event to the chain, inside the transaction that does what it tells.

    Parameters
    ----------
    connection
        The transaction; it has the turn to write from here to its end.
    kind
        What was done: ``submission received``, ``form published``...
    by, at
        Who did it, and when.
    subject
        Identifier of what it was done to.
    details
        Facts about it; never an answer or a personal name.
    rows
        The rows written, as `pk_research.store.audit.rows.sealed` gives them.
    """
    take_turn(connection)
    newest = select(audit_event.c.number, audit_event.c.hash).order_by(audit_event.c.number.desc()).limit(1)
    last = connection.execute(newest).one_or_none()
    event = {
        "number": last.number + 1 if last else 1,
        "at": written_moment(at),
        "kind": kind,
        "actor": by.identifier,
        "subject": subject,
        "details": canonical({**(details or {}), **({"rows": rows} if rows else {})}),
        "previous": last.hash if last else FIRST,
    }
    connection.execute(audit_event.insert().values(**event, hash=digest(event)))


def digest(facts: Mapping[str, Any]) -> str:
    """Return the SHA-256 of some facts, whatever their order.

    Examples
    --------
    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    return hashlib.sha256(canonical(facts).encode()).hexdigest()


def canonical(facts: Mapping[str, Any]) -> str:
    """Write facts as JSON, in one way only.

    Examples
    --------
    >>> canonical({"b": [1], "a": None})
    '{"a":null,"b":[1]}'
    """
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), default=written_moment)


def written_moment(moment: datetime) -> str:
    """Write a moment in UTC, to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
