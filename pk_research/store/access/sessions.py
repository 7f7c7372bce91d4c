"""Sessions: who came in stays in for half a day after the last request, and never for ever."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from pk_research.store.access.accounts import account_of
from pk_research.store.access.house import House
from pk_research.store.access.invitations import actor_of
from pk_research.store.access.tokens import identifier_in, new_identifier, signed
from pk_research.store.actors import Actor
from pk_research.store.audit import record
from pk_research.store.database import reading, writing
from pk_research.store.tables import account, invitation, signed_in

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
# Not every request writes.
MOVED_ON_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SessionToken:
    """The proof that somebody came in, for a cookie.

    Attributes
    ----------
    token
        What the cookie holds: a random identifier, signed.
    actor
        Who came in.
    expires_at
        When it ends if it is not used until then.
    """

    token: str = field(repr=False)
    actor: Actor
    expires_at: datetime


@dataclass(frozen=True)
class Sessions(House):
    """Who is in."""

    def who(self, token: str | None) -> Actor | None:
        """Return who holds a session token; None for anything that is not a live one.

        Parameters
        ----------
        token
            What the cookie holds, whatever that may be.
        """
        identifier = identifier_in(token or "", secret=self.secret, kind="session")
        if identifier is None:
            return None
        now = self.clock()
        with reading(self.engine) as connection:
            found = _session(connection, identifier)
            actor = None if found is None or found.expires_at <= now else _holder(connection, found)
        if found is not None and actor is not None:
            self._move_on(found, now)
        return actor

    def sign_out(self, token: str | None) -> None:
        """End a session; a token that is none is nothing to end."""
        actor = self.who(token)
        identifier = identifier_in(token or "", secret=self.secret, kind="session")
        if actor is None or identifier is None:
            return
        with writing(self.engine) as connection:
            connection.execute(signed_in.delete().where(signed_in.c.identifier == identifier))
            record(connection, "signed out", by=actor, at=self.clock())

    def _begin(
        self,
        connection: Connection,
        *,
        account: Row[Any] | None = None,
        invitation: Row[Any] | None = None,
    ) -> SessionToken:
        """Open a session, and clear away those that have ended."""
        now = self.clock()
        connection.execute(signed_in.delete().where(signed_in.c.expires_at <= now))
        # Who began to fill before an invitation expires may finish.
        ends_at = now + LONGEST if invitation is None else min(now + LONGEST, invitation.expires_at + IDLE)
        row = {
            "identifier": new_identifier("s", n_bytes=16),
            "account_id": account and account.id,
            "invitation_id": invitation and invitation.id,
            "expires_at": min(now + IDLE, ends_at),
            "ends_at": ends_at,
        }
        connection.execute(signed_in.insert().values(**row))
        found = _session(connection, str(row["identifier"]))
        actor = None if found is None else _holder(connection, found)
        assert found is not None  # noqa: S101 - it was written just now
        assert actor is not None  # noqa: S101
        record(connection, "signed in", by=actor, at=self.clock())
        return SessionToken(
            signed(found.identifier, secret=self.secret, kind="session"), actor, found.expires_at
        )

    def _move_on(self, found: Row[Any], now: datetime) -> None:
        expires_at = min(now + IDLE, found.ends_at)
        if expires_at - found.expires_at >= MOVED_ON_AFTER:
            with writing(self.engine) as connection:
                change = signed_in.update().where(signed_in.c.id == found.id)
                connection.execute(change.values(expires_at=expires_at))


def _session(connection: Connection, identifier: str) -> Row[Any] | None:
    return connection.execute(select(signed_in).where(signed_in.c.identifier == identifier)).one_or_none()


def _holder(connection: Connection, session: Row[Any]) -> Actor | None:
    """Return whose session it is, as they are now; None when they may no longer be in."""
    if session.account_id is not None:
        row = connection.execute(select(account).where(account.c.id == session.account_id)).one()
        return account_of(row).actor if row.is_enabled else None
    found = connection.execute(select(invitation).where(invitation.c.id == session.invitation_id)).one()
    visit = session.identifier.removeprefix("s-")[:8]
    return None if found.revoked_at is not None else actor_of(found, visit=visit)
