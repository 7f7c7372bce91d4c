"""Invitations: links that open one form, until some day, for so many submissions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from pk_research.errors import BadInput, NotFound, Problem
from pk_research.language import Message
from pk_research.store.access.house import House
from pk_research.store.access.rates import Rate
from pk_research.store.access.refusals import NotEntered
from pk_research.store.access.tokens import identifier_in, new_identifier, signed
from pk_research.store.actors import Actor, Right, Role
from pk_research.store.audit import insert_sealed, record, sealed
from pk_research.store.database import reading, writing
from pk_research.store.tables import form, invitation, signed_in

VILLAGE_CODE = re.compile(r"\d{10}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that opens a form.

    Attributes
    ----------
    identifier
        Names it in logs and in the audit chain.
    token
        What the link holds. Whoever has it may enter; empty to all but who made it.
    form_id
        The form it opens.
    village_code
        The only village it is for; empty for any.
    respondent
        Whom it was given to, in the words of whoever gave it; empty to those who need not know.
    max_uses
        How many submissions it takes; None for any number.
    n_uses
        How many it took.
    expires_at
        Until when one may enter by it.
    is_revoked
        Whether it was taken back.
    """

    identifier: str
    token: str = field(repr=False)
    form_id: str
    village_code: str
    respondent: str = field(repr=False)
    max_uses: int | None
    n_uses: int
    expires_at: datetime
    is_revoked: bool


@dataclass(frozen=True)
class Invitations(House):
    """The invitations of a house."""

    def invite(
        self,
        form_id: str,
        *,
        by: Actor,
        expires_at: datetime,
        village_code: str = "",
        respondent: str = "",
        max_uses: int | None = None,
    ) -> Invitation:
        """Make a link that opens a form.

        Parameters
        ----------
        form_id
            The form.
        by
            Who invites.
        expires_at
            Until when one may enter by it. A visit begun by then lasts up to half a day longer; what
            was begun can be finished after that with its resume code, or on the device it was begun on.
        village_code
            The only village it is for: 10 digits.
        respondent
            Whom it is for; kept in the store, never in the link.
        max_uses
            How many submissions it takes; None for any number.

        Raises
        ------
        NotAllowed, NotFound
            When ``by`` may not invite to the form, or there is no such form.
        BadInput
            When the date is past, the village has no such code, or the number is below 1.
        """
        by.require(Right.INVITE, form_id=form_id)
        self._require_sense(expires_at, village_code, max_uses)
        row = {
            "identifier": new_identifier("i"),
            "form_id": form_id,
            "village_code": village_code,
            "respondent": respondent,
            "max_uses": max_uses,
            "n_uses": 0,
            "made_at": self.clock(),
            "made_by": by.identifier,
            "expires_at": expires_at,
            "revoked_at": None,
        }
        with writing(self.engine) as connection:
            if connection.execute(select(form.c.form_id).where(form.c.form_id == form_id)).first() is None:
                raise NotFound(Problem("forms", f"there is no form {form_id!r}", "See the list of forms."))
            number, rows = insert_sealed(connection, invitation, **row)
            details = {"form": form_id, "max_uses": max_uses, "expires_at": expires_at}
            record(
                connection,
                "invitation made",
                by=by,
                at=self.clock(),
                subject=str(row["identifier"]),
                details=details,
                rows=rows,
            )
            made = connection.execute(select(invitation).where(invitation.c.id == number)).one()
        return self._shown(made, by)

    def invitations(self, *, by: Actor, form_id: str | None = None) -> tuple[Invitation, ...]:
        """Return the invitations to a form, or to every form one may invite to, the newest first.

        Raises
        ------
        NotAllowed
            When ``by`` may not invite.
        """
        by.require(Right.INVITE, form_id=form_id)
        query = select(invitation).order_by(invitation.c.id.desc())
        if form_id is not None:
            query = query.where(invitation.c.form_id == form_id)
        with reading(self.engine) as connection:
            rows = connection.execute(query).all()
        return tuple(self._shown(row, by) for row in rows if by.may(Right.INVITE, form_id=row.form_id))

    def revoke(self, identifier: str, *, by: Actor) -> None:
        """Take an invitation back: it opens nothing from now on, and whoever entered by it is out.

        What was begun by it is opened and sent only by somebody who came in otherwise and has its
        resume code. What was sent stays, and is shown no more to whoever sent it.

        Raises
        ------
        NotAllowed, NotFound
            When ``by`` may not invite to its form, or there is no such invitation.
        """
        by.require(Right.INVITE)
        with writing(self.engine) as connection:
            found = _with_identifier(connection, identifier)
            if found is None:
                raise NotFound(
                    Problem("invitations", f"there is none {identifier!r}", "See the list of invitations.")
                )
            by.require(Right.INVITE, form_id=found.form_id)
            if found.revoked_at is not None:
                return
            change = invitation.update().where(invitation.c.id == found.id)
            connection.execute(change.values(revoked_at=self.clock()))
            connection.execute(signed_in.delete().where(signed_in.c.invitation_id == found.id))
            rows = sealed(connection, "invitation", found.id)
            record(connection, "invitation revoked", by=by, at=self.clock(), subject=identifier, rows=rows)

    def invited(self, token: str, *, origin: str) -> Actor:
        """Return who acts by an invitation, for a program that sends it with each request.

        Parameters
        ----------
        token
            What the link holds.
        origin
            Network address of the program; only a hash of it is kept, for some minutes.

        Raises
        ------
        NotEntered
            When the link is forged, expired, revoked or used up.
        TooMany
            When wrong links were tried too often from there.
        """
        return actor_of(self._opened(token, origin))

    def invited_before(self, token: str) -> Actor | None:
        """Return who acted by an invitation, also one that has expired or was used up since.

        Returns
        -------
        Actor or None
            None where the link is forged or the invitation was taken back.
        """
        identifier = identifier_in(token, secret=self.secret, kind="invitation")
        if identifier is None:
            return None
        with reading(self.engine) as connection:
            found = _with_identifier(connection, identifier)
        return None if found is None or found.revoked_at is not None else actor_of(found)

    def require_standing(self, identifier: str) -> None:
        """Stop whoever goes on with what they began by an invitation that was taken back since.

        One that has expired, or was used up, still stands: whoever began in time does not lose the
        answers. A survey is ended for them, too, by closing the form.

        Parameters
        ----------
        identifier
            Of who acts: an invitation, or a visit by it. An account has no invitation to lose.

        Raises
        ------
        NotEntered
            When it was taken back.
        """
        with reading(self.engine) as connection:
            found = _with_identifier(connection, identifier.partition("/")[0])
        if found is not None and found.revoked_at is not None:
            raise NotEntered(_BEGUN_BY_REVOKED)

    def used(self, actor: Actor) -> Callable[[Connection], None] | None:
        """Return what counts a use, to be run in the transaction that takes a submission.

        Returns
        -------
        Callable or None
            None for whoever did not come by an invitation. It raises `NotEntered`, so that nothing is
            taken, when the invitation has been used up or revoked in between.
        """
        if actor.kind != "invitation":
            return None
        identifier = actor.identifier.partition("/")[0]

        def count(connection: Connection) -> None:
            left = or_(invitation.c.max_uses.is_(None), invitation.c.n_uses < invitation.c.max_uses)
            is_open = (invitation.c.identifier == identifier) & invitation.c.revoked_at.is_(None) & left
            change = invitation.update().where(is_open).values(n_uses=invitation.c.n_uses + 1)
            if connection.execute(change).rowcount != 1:
                found = _with_identifier(connection, identifier)
                raise NotEntered(_not_open(found) if found else _NO_LINK)
            found = _with_identifier(connection, identifier)
            assert found is not None  # noqa: S101 - it was changed just now
            rows = sealed(connection, "invitation", found.id)
            details = {"n_uses": found.n_uses}
            record(
                connection,
                "invitation used",
                by=actor,
                at=self.clock(),
                subject=identifier,
                details=details,
                rows=rows,
            )

        return count

    def _opened(self, token: str, origin: str) -> Row[Any]:
        """Return the row of an invitation that may be entered by now."""
        identifier = identifier_in(token, secret=self.secret, kind="invitation")
        found = None
        if identifier is not None:
            with reading(self.engine) as connection:
                found = _with_identifier(connection, identifier)
        if found is None:
            self.attempt(Rate.ENTER_BY_ORIGIN, origin=origin)
            raise NotEntered(_NO_LINK)
        self._require_open(found)
        return found

    def _still_open(self, connection: Connection, found: Row[Any]) -> Row[Any]:
        """Return the row of an invitation anew, in the transaction that lets somebody in by it."""
        now = connection.execute(select(invitation).where(invitation.c.id == found.id)).one()
        self._require_open(now)
        return now

    def _require_open(self, found: Row[Any]) -> None:
        if found.expires_at <= self.clock():
            raise NotEntered(Message("This invitation has expired."))
        if found.revoked_at is not None or _is_used_up(found):
            raise NotEntered(_not_open(found))

    def _require_sense(self, expires_at: datetime, village_code: str, max_uses: int | None) -> None:
        problems = []
        if expires_at.tzinfo is None or expires_at <= self.clock():
            problems.append(
                Problem(
                    "expires_at", f"{expires_at} is not in the future", "Give a later moment, with its zone."
                )
            )
        if village_code and not VILLAGE_CODE.fullmatch(village_code):
            problems.append(
                Problem("village_code", f"{village_code!r} is not 10 digits", "Choose from the register.")
            )
        if max_uses is not None and max_uses < 1:
            problems.append(Problem("max_uses", f"{max_uses} is below 1", "Give a number, or none."))
        if problems:
            raise BadInput(problems)

    def _shown(self, row: Row[Any], by: Actor) -> Invitation:
        is_theirs = row.made_by == by.identifier
        knows = is_theirs or by.may(Right.READ_PERSONAL, form_id=row.form_id)
        return Invitation(
            identifier=row.identifier,
            token=signed(row.identifier, secret=self.secret, kind="invitation") if is_theirs else "",
            form_id=row.form_id,
            village_code=row.village_code,
            respondent=row.respondent if knows else "",
            max_uses=row.max_uses,
            n_uses=row.n_uses,
            expires_at=row.expires_at,
            is_revoked=row.revoked_at is not None,
        )


def actor_of(row: Row[Any], *, visit: str = "") -> Actor:
    """Return who acts by an invitation.

    A link many share does not show one of them what another sent: each visit is somebody else.
    A link for one submission, or for one respondent, is the same person whenever it is used.
    """
    is_for_one = row.max_uses == 1 or row.respondent
    identifier = row.identifier if is_for_one or not visit else f"{row.identifier}/{visit}"
    return Actor("invitation", identifier, Role.RESPONDENT, frozenset({row.form_id}), row.village_code)


_NO_LINK = Message("This link does not open anything. Check that it is complete.")
_BEGUN_BY_REVOKED = Message(
    "The invitation this was begun with was taken back. "
    "Ask for a new link, open it, then enter your resume code."
)


def _not_open(row: Row[Any]) -> Message:
    if row.revoked_at is not None:
        return Message("This invitation was taken back.")
    return Message("This invitation has been used up.")


def _is_used_up(row: Row[Any]) -> bool:
    return row.max_uses is not None and row.n_uses >= row.max_uses


def _with_identifier(connection: Connection, identifier: str) -> Row[Any] | None:
    return connection.execute(select(invitation).where(invitation.c.identifier == identifier)).one_or_none()
