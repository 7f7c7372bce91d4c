"""The audit log as the house sees it: add, read, verify."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from pk_research.store.actors import HOUSE, Actor, Right, Role
from pk_research.store.attachments import Blobs
from pk_research.store.audit.chain import record
from pk_research.store.audit.verification import Verification, verify
from pk_research.store.database import reading
from pk_research.store.tables import audit_event


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One thing that was done.

    Attributes
    ----------
    number
        Its place in the chain, from 1.
    at
        When, UTC.
    kind
        What: ``submission received``, ``form published``...
    actor
        Identifier of who did it.
    subject
        Identifier of what it was done to.
    details
        Facts about it.
    hash
        SHA-256 of all of it and of the hash before.
    """

    number: int
    at: datetime
    kind: str
    actor: str
    subject: str
    details: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class Audit:
    """The audit log of a store.

    Attributes
    ----------
    engine
        The database.
    blobs
        Its files.
    clock
        Says what time it is.
    """

    engine: Engine
    blobs: Blobs
    clock: Callable[[], datetime]

    def record(
        self,
        connection: Connection,
        kind: str,
        *,
        by: Actor,
        subject: str = "",
        details: Mapping[str, Any] | None = None,
        rows: Mapping[str, str] | None = None,
    ) -> None:
        """Add an event, inside the transaction that does what it tells; see `chain.record`."""
        record(connection, kind, by=by, at=self.clock(), subject=subject, details=details, rows=rows)

    def events(self, limit: int = 100, *, by: Actor = HOUSE[Role.ADMIN]) -> tuple[AuditEvent, ...]:
        """Return the newest events, the newest first.

        Raises
        ------
        NotAllowed
            When ``by`` may not look at the log.
        """
        by.require(Right.VERIFY_AUDIT)
        query = select(audit_event).order_by(audit_event.c.number.desc()).limit(limit)
        with reading(self.engine) as connection:
            return tuple(
                AuditEvent(
                    number=row.number,
                    at=datetime.fromisoformat(row.at),
                    kind=row.kind,
                    actor=row.actor,
                    subject=row.subject,
                    details=json.loads(row.details),
                    hash=row.hash,
                )
                for row in connection.execute(query)
            )

    def verify(self, *, head: str | None = None, by: Actor = HOUSE[Role.ADMIN]) -> Verification:
        """Work the chain out anew and compare every row and file it vouches for.

        Parameters
        ----------
        head
            The hash of the newest event as it was noted earlier, elsewhere: a chain that was cut
            shorter, or written anew from some point, no longer holds it.
        by
            Who asks.

        Raises
        ------
        NotAllowed
            When ``by`` may not.
        """
        by.require(Right.VERIFY_AUDIT)
        with reading(self.engine) as connection:
            return verify(connection, self.blobs, head=head)
