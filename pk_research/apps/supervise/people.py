"""What those who sent, reviewed and corrected are called, for whom it is to know."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, Table, select

from pk_research.codebook import Label
from pk_research.language import Bilingual, Language, Message
from pk_research.store import Store
from pk_research.store.actors import HOUSE, Actor, Right, Role
from pk_research.store.database import reading
from pk_research.store.tables import account, invitation

CHUNK = 500
TAIL = 6
ROLES = {
    Role.RESPONDENT: Message("Respondent"),
    Role.ENUMERATOR: Message("Enumerator"),
    Role.SUPERVISOR: Message("Supervisor"),
    Role.RESEARCHER: Message("Researcher"),
    Role.ADMIN: Message("Admin"),
}
AT_THE_COMPUTER = {actor.identifier for actor in HOUSE.values()}


@dataclass(frozen=True, slots=True)
class People:
    """What people are called, by their identifier.

    Attributes
    ----------
    names
        Of those who are known.
    """

    names: Mapping[str, Bilingual] = field(default_factory=dict)

    def called(self, identifier: str, language: Language) -> str:
        """Return what somebody is called; their identifier where nothing else is known.

        Examples
        --------
        >>> People().called("a-1", "en")
        'a-1'
        """
        known = self.names.get(identifier)
        return identifier if known is None else known.text(language)


def people_named(store: Store, identifiers: Collection[str], form_id: str, *, by: Actor) -> People:
    """Look up what people are called.

    Parameters
    ----------
    store
        The open store.
    identifiers
        Of accounts, invitations and the house, as submissions and reviews hold them.
    form_id
        The form they acted on.
    by
        Who asks. Whoever may not read personal answers of the form is told a role and the end of
        the identifier: enough to tell people apart, and not to know them.
    """
    is_whole = by.may(Right.READ_PERSONAL, form_id=form_id)
    # a visit by an invitation that many share is named after it
    wanted = sorted({_known_as(identifier) for identifier in identifiers})
    with reading(store.audit.engine) as connection:
        accounts = {row.identifier: row for row in _rows(connection, account, wanted)}
        invitations = {row.identifier: row for row in _rows(connection, invitation, wanted)}
    names: dict[str, Bilingual] = {}
    for identifier in identifiers:
        known_as = _known_as(identifier)
        if known_as in accounts:
            names[identifier] = _of_account(accounts[known_as], is_whole=is_whole)
        elif known_as in invitations:
            names[identifier] = _of_invitation(invitations[known_as], identifier, is_whole=is_whole)
        elif known_as in AT_THE_COMPUTER:
            names[identifier] = Message("At the computer of the house")
    return People(names)


def _known_as(identifier: str) -> str:
    return identifier.partition("/")[0]


def _rows(connection: Connection, table: Table, wanted: Sequence[str]) -> Iterator[Row[Any]]:
    for start in range(0, len(wanted), CHUNK):
        chosen = wanted[start : start + CHUNK]
        yield from connection.execute(select(table).where(table.c.identifier.in_(chosen)))


def _of_account(row: Row[Any], *, is_whole: bool) -> Bilingual:
    if not is_whole:
        values = {"role": ROLES[Role(row.role)], "tail": row.identifier[-TAIL:]}
        return Message("{role} {tail}", values)
    return Label(f"{row.display_name} ({row.name})" if row.display_name else row.name, "", "")


def _of_invitation(row: Row[Any], identifier: str, *, is_whole: bool) -> Bilingual:
    if is_whole and row.respondent:
        return Message("{name} (by invitation)", {"name": row.respondent})
    return Message("Invitation {tail}", {"tail": identifier[-TAIL:]})
