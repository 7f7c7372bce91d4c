"""The door: signing in with name and password, or entering by an invitation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from sqlalchemy import Row, select

from pk_research.language import Message
from pk_research.store.access.accounts import Accounts, account_named, account_of, plain_name
from pk_research.store.access.house import STRANGER
from pk_research.store.access.invitations import Invitations
from pk_research.store.access.rates import Rate
from pk_research.store.access.refusals import NotEntered
from pk_research.store.access.sessions import Sessions, SessionToken
from pk_research.store.actors import Actor
from pk_research.store.audit import record, sealed
from pk_research.store.database import reading, writing
from pk_research.store.tables import account

REMEMBERED_FOR = timedelta(minutes=5)
REMEMBERED_AT_MOST = 500


@dataclass(frozen=True)
class Access(Accounts, Invitations, Sessions):
    """Who may come into a house.

    Examples
    --------
    >>> from pk_research.store import open_store
    >>> from pk_research.store.actors import HOUSE, Role
    >>> access = open_store("sqlite://", key=b"k" * 32).access
    >>> siti = access.add_account("siti", "empat kata acak", Role.ENUMERATOR, by=HOUSE[Role.ADMIN])
    >>> session = access.sign_in("Siti", "empat kata acak", origin="127.0.0.1")
    >>> access.who(session.token) == siti.actor
    True
    """

    _remembered: dict[str, tuple[str, datetime]] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def sign_in(self, name: str, password: str, *, origin: str) -> SessionToken:
        """Let an account in.

        Parameters
        ----------
        name, password
            As they were typed.
        origin
            Network address they come from; only a hash of it is kept, for some minutes.

        Raises
        ------
        NotEntered
            When the name is unknown, the password wrong or the account disabled: the same sentence,
            after the same work.
        TooMany
            When it was tried too often with this name, or from there.
        """
        found = self._recognised(name, password, origin)
        with writing(self.engine) as connection:
            now = account_named(connection, name)
            # A password changed since it was checked opens nothing.
            if now is None or now.password_hash != found.password_hash or not now.is_enabled:
                raise NotEntered(_WRONG)
            return self._begin(connection, account=now)

    def basic(self, name: str, password: str, *, origin: str) -> Actor:
        """Return who sends name and password with each request, as ODK Collect does.

        What was right is remembered for five minutes, as a hash only this house can make, so that not
        every photograph costs a password check.

        Raises
        ------
        NotEntered, TooMany
            As `sign_in`.
        """
        key = self.keyed("basic", f"{plain_name(name)}\n{password}")
        now = self.clock()
        with self._lock:
            kept, until = self._remembered.get(key, ("", now))
        if until > now:
            with reading(self.engine) as connection:
                found = account_named(connection, name)
            if found is not None and found.is_enabled and found.password_hash == kept:
                return account_of(found).actor
        found = self._recognised(name, password, origin)
        with self._lock:
            while len(self._remembered) >= REMEMBERED_AT_MOST:
                del self._remembered[next(iter(self._remembered))]
            self._remembered[key] = (found.password_hash, now + REMEMBERED_FOR)
        return account_of(found).actor

    def enter(self, token: str, *, origin: str) -> SessionToken:
        """Let somebody in by an invitation link.

        Parameters
        ----------
        token
            What the link holds.
        origin
            Network address they come from; only a hash of it is kept, for some minutes.

        Raises
        ------
        NotEntered
            When the link is forged, expired, revoked or used up.
        TooMany
            When wrong links were tried too often from there.
        """
        found = self._opened(token, origin)
        with writing(self.engine) as connection:
            return self._begin(connection, invitation=self._still_open(connection, found))

    def _recognised(self, name: str, password: str, origin: str) -> Row[Any]:
        """Return the row of the account with a name and its password."""
        self.attempt(Rate.SIGN_IN_BY_ORIGIN, origin=origin)
        with reading(self.engine) as connection:
            found = account_named(connection, name)
        is_right = self._recognises(found, name, password)
        if found is not None and is_right:
            return self._kept_anew(found, password)
        with writing(self.engine) as connection:
            record(
                connection,
                "sign-in refused",
                by=STRANGER,
                at=self.clock(),
                subject=found.identifier if found else "",
            )
        raise NotEntered(_WRONG)

    def _kept_anew(self, found: Row[Any], password: str) -> Row[Any]:
        """Hash a password again where hashing costs more today than when it was kept."""
        if not self.passwords.is_outdated(found.password_hash):
            return found
        kept = self.passwords.hashed(password)
        is_same = (account.c.id == found.id) & (account.c.password_hash == found.password_hash)
        with writing(self.engine) as connection:
            change = account.update().where(is_same).values(password_hash=kept)
            if connection.execute(change).rowcount == 0:  # it was changed meanwhile, and opens nothing
                return found
            rows = sealed(connection, "account", found.id)
            record(
                connection,
                "password kept anew",
                by=account_of(found).actor,
                at=self.clock(),
                subject=found.identifier,
                rows=rows,
            )
            return connection.execute(select(account).where(account.c.id == found.id)).one()


_WRONG = Message("Name or password is not right.")
