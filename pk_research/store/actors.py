"""Who acts, and what each role may do: the one table all of the house asks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pk_research.errors import PkError, Problem


class Role(StrEnum):
    """What somebody is in a survey."""

    RESPONDENT = "respondent"
    ENUMERATOR = "enumerator"
    SUPERVISOR = "supervisor"
    RESEARCHER = "researcher"
    ADMIN = "admin"


class Right(StrEnum):
    """Something one may or may not do."""

    FILL = "fill"
    READ_OWN = "read own submissions"
    READ_ALL = "read all submissions"
    READ_PERSONAL = "read personal answers"
    REVIEW = "review"
    EDIT = "edit"
    INVITE = "invite"
    EXPORT = "export"
    IMPORT = "import"
    PUBLISH_FORM = "publish a form"
    MANAGE_ACCOUNTS = "manage accounts"
    VERIFY_AUDIT = "verify the audit log"
    BACK_UP = "back up"


# No role has a right its work does not need: an admin keeps the house and reads no answers, a
# researcher reads answers but not who gave them.
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.RESPONDENT: frozenset({Right.FILL, Right.READ_OWN}),
    Role.ENUMERATOR: frozenset({Right.FILL, Right.READ_OWN}),
    Role.SUPERVISOR: frozenset(
        {
            Right.FILL,
            Right.READ_OWN,
            Right.READ_ALL,
            Right.READ_PERSONAL,
            Right.REVIEW,
            Right.EDIT,
            Right.INVITE,
            Right.EXPORT,
        }
    ),
    Role.RESEARCHER: frozenset({Right.READ_ALL, Right.EXPORT, Right.IMPORT, Right.PUBLISH_FORM}),
    Role.ADMIN: frozenset(
        {Right.PUBLISH_FORM, Right.MANAGE_ACCOUNTS, Right.INVITE, Right.VERIFY_AUDIT, Right.BACK_UP}
    ),
}


class NotAllowed(PkError):
    """Somebody asks for what their role does not need."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts.

    Attributes
    ----------
    kind
        ``account``, ``invitation`` or ``house`` (a command run on this machine).
    identifier
        Names them in logs and in the audit chain: never a personal name.
    role
        What they are.
    forms
        Identifiers of the forms they are limited to; None for all.
    village_code
        The only village they answer for; empty for any.
    """

    kind: str
    identifier: str
    role: Role
    forms: frozenset[str] | None = None
    village_code: str = ""

    def may(self, right: Right, *, form_id: str | None = None) -> bool:
        """Return whether they have a right, for one form where it is about one.

        Examples
        --------
        >>> Actor("account", "a1", Role.ADMIN).may(Right.READ_ALL)
        False
        """
        is_limited = form_id is not None and self.forms is not None and form_id not in self.forms
        return right in RIGHTS[self.role] and not is_limited

    def require(self, right: Right, *, form_id: str | None = None) -> None:
        """Stop whoever does not have a right.

        Raises
        ------
        NotAllowed
            When they do not.
        """
        if not self.may(right, form_id=form_id):
            raise NotAllowed(
                Problem(
                    form_id or "this house",
                    f"the role {self.role} does not include: {right}",
                    "Ask somebody whose role does, or an admin for another role.",
                )
            )


HOUSE = {
    role: Actor("house", f"house-{role}", role) for role in (Role.ADMIN, Role.RESEARCHER, Role.SUPERVISOR)
}
"""Commands run on this machine by whoever may open its files, acting in one role at a time."""
