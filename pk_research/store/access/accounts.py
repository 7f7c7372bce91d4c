"""Accounts: who works here, in which role, on which forms."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import IntegrityError

from pk_research.errors import BadInput, NotFound, Problem
from pk_research.language import Message
from pk_research.store.access.house import House
from pk_research.store.access.passwords import require_strong
from pk_research.store.access.rates import Rate
from pk_research.store.access.refusals import NotEntered
from pk_research.store.access.tokens import new_identifier
from pk_research.store.actors import Actor, NotAllowed, Right, Role
from pk_research.store.audit import insert_sealed, record, sealed
from pk_research.store.database import reading, writing
from pk_research.store.tables import account, signed_in

NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,119}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in.

    Attributes
    ----------
    identifier
        Names them in logs and in the audit chain.
    name
        What they sign in with.
    display_name
        What they are called, for those who manage accounts.
    role
        What they are.
    forms
        Identifiers of the forms they are limited to; None for all.
    is_enabled
        False when they may not sign in now.
    """

    identifier: str
    name: str
    display_name: str
    role: Role
    forms: frozenset[str] | None
    is_enabled: bool

    @property
    def actor(self) -> Actor:
        """Them, acting."""
        return Actor("account", self.identifier, self.role, self.forms)


@dataclass(frozen=True)
class Accounts(House):
    """The accounts of a house."""

    def add_account(
        self,
        name: str,
        password: str,
        role: Role,
        *,
        by: Actor,
        display_name: str = "",
        forms: Iterable[str] | None = None,
    ) -> Account:
        """Add an account.

        Parameters
        ----------
        name
            What they will sign in with: letters, digits and ``. _ @ + -``; capitals do not count.
        password
            Their first password.
        role
            What they are.
        by
            Who adds them.
        display_name
            What they are called.
        forms
            Identifiers of the forms they are limited to; None for all.

        Raises
        ------
        NotAllowed
            When ``by`` does not manage accounts.
        BadInput
            When the name cannot be used or is taken, or the password is weak.
        """
        by.require(Right.MANAGE_ACCOUNTS)
        name = plain_name(name)
        if not NAME.fullmatch(name):
            raise _unusable(name, "cannot be used", "Use letters, digits, and . _ @ + - only.")
        require_strong(password, name=name)
        identifier = new_identifier("a")
        limited = None if forms is None else sorted(forms)
        kept = self.passwords.hashed(password)
        try:
            with writing(self.engine) as connection:
                _, rows = insert_sealed(
                    connection,
                    account,
                    identifier=identifier,
                    name=name,
                    display_name=display_name,
                    role=role.value,
                    forms=limited,
                    password_hash=kept,
                    is_enabled=True,
                    added_at=self.clock(),
                )
                details = {"role": role.value, "forms": limited}
                record(
                    connection,
                    "account added",
                    by=by,
                    at=self.clock(),
                    subject=identifier,
                    details=details,
                    rows=rows,
                )
        except IntegrityError as error:
            raise _unusable(name, "is taken", "Choose another name.") from error
        return Account(
            identifier,
            name,
            display_name,
            role,
            frozenset(limited) if limited is not None else None,
            is_enabled=True,
        )

    def accounts(self, *, by: Actor) -> tuple[Account, ...]:
        """Return all accounts, by name.

        Raises
        ------
        NotAllowed
            When ``by`` does not manage accounts.
        """
        by.require(Right.MANAGE_ACCOUNTS)
        with reading(self.engine) as connection:
            rows = connection.execute(select(account).order_by(account.c.name))
            return tuple(account_of(row) for row in rows)

    def set_password(self, name: str, password: str, *, by: Actor, current: str | None = None) -> None:
        """Give an account another password, and sign it out everywhere.

        Parameters
        ----------
        name
            The account's name.
        password
            The new password.
        by
            Who manages accounts, or the account itself.
        current
            The password until now; the account itself must give it.

        Raises
        ------
        NotAllowed, NotFound
            When ``by`` may not, or there is no such account.
        NotEntered
            When the password until now is not right.
        TooMany
            When that was tried too often.
        WeakPassword
            When others would guess the new one.
        """
        found = self._require_account(name, by=by, is_own=True)
        if found.identifier == by.identifier and not self._recognises(found, name, current or ""):
            raise NotEntered(Message("The present password is not right."))
        require_strong(password, name=found.name)
        self._change(
            found, "password set", by=by, password_hash=self.passwords.hashed(password), signs_out=True
        )

    def set_role(self, name: str, role: Role, *, by: Actor, forms: Iterable[str] | None = None) -> None:
        """Give an account another role, and the forms it is limited to.

        Raises
        ------
        NotAllowed
            When ``by`` does not manage accounts, or it is their own: nobody widens what they may do.
        NotFound
            When there is no such account.
        """
        found = self._require_account(name, by=by)
        if found.identifier == by.identifier:
            raise NotAllowed(
                Problem("this account", "nobody changes their own role", "Ask another admin to do it.")
            )
        limited = None if forms is None else sorted(forms)
        details = {"role": role.value, "forms": limited}
        self._change(found, "role set", by=by, details=details, role=role.value, forms=limited)

    def disable(self, name: str, *, by: Actor) -> None:
        """Let an account sign in no more, and sign it out everywhere.

        Raises
        ------
        NotAllowed, NotFound
            When ``by`` does not manage accounts, or there is no such account.
        """
        found = self._require_account(name, by=by)
        self._change(found, "account disabled", by=by, is_enabled=False, signs_out=True)

    def enable(self, name: str, *, by: Actor) -> None:
        """Let an account sign in again.

        Raises
        ------
        NotAllowed, NotFound
            When ``by`` does not manage accounts, or there is no such account.
        """
        self._change(self._require_account(name, by=by), "account enabled", by=by, is_enabled=True)

    def _recognises(self, found: Row[Any] | None, name: str, password: str) -> bool:
        """Check a password, so many times for a name; right ones are not counted.

        A name nobody has, a wrong password and a disabled account take the same work.
        """
        key = self.keyed("account", plain_name(name))
        self.limiter.spend(Rate.SIGN_IN_BY_ACCOUNT, key)
        fits = self.passwords.fits(found.password_hash if found is not None else None, password)
        if found is None or not fits or not found.is_enabled:
            return False
        self.limiter.forget(Rate.SIGN_IN_BY_ACCOUNT, key)
        return True

    def _require_account(self, name: str, *, by: Actor, is_own: bool = False) -> Row[Any]:
        with reading(self.engine) as connection:
            found = account_named(connection, name)
        if not (is_own and found is not None and found.identifier == by.identifier):
            by.require(Right.MANAGE_ACCOUNTS)
        if found is None:
            raise NotFound(
                Problem("accounts", f"there is none named {plain_name(name)!r}", "See the list of accounts.")
            )
        return found

    def _change(
        self,
        found: Row[Any],
        kind: str,
        *,
        by: Actor,
        details: dict[str, Any] | None = None,
        signs_out: bool = False,
        **values: object,
    ) -> None:
        with writing(self.engine) as connection:
            connection.execute(account.update().where(account.c.id == found.id).values(**values))
            if signs_out:
                connection.execute(signed_in.delete().where(signed_in.c.account_id == found.id))
            rows = sealed(connection, "account", found.id)
            record(
                connection, kind, by=by, at=self.clock(), subject=found.identifier, details=details, rows=rows
            )


def account_named(connection: Connection, name: str) -> Row[Any] | None:
    """Return the row of the account with a name, as somebody typed it."""
    return connection.execute(select(account).where(account.c.name == plain_name(name))).one_or_none()


def account_of(row: Row[Any]) -> Account:
    """Return the account a row holds."""
    return Account(
        identifier=row.identifier,
        name=row.name,
        display_name=row.display_name,
        role=Role(row.role),
        forms=None if row.forms is None else frozenset(row.forms),
        is_enabled=row.is_enabled,
    )


def plain_name(name: str) -> str:
    """Return a name as it is kept, however it was typed.

    Examples
    --------
    >>> plain_name(" Siti.Aminah ")
    'siti.aminah'
    """
    return unicodedata.normalize("NFKC", name).strip().casefold().encode(errors="replace").decode()


def _unusable(name: str, what: str, remedy: str) -> BadInput:
    return BadInput(Problem("account name", f"{name[:120]!r} {what}", remedy))
