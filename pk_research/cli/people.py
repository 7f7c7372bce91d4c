"""The verbs about people: accounts, and links that invite to a form."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from pk_research.cli.house import app, open_house, out

if TYPE_CHECKING:
    from pk_research.store.access import Access, Invitation

user = typer.Typer(no_args_is_help=True, help="Accounts: who signs in, in which role.")
invitations = typer.Typer(no_args_is_help=True, help="Links that open one form without an account.")
app.add_typer(user, name="user")
app.add_typer(invitations, name="invite")

Name = Annotated[str, typer.Argument(metavar="NAME", help="What they sign in with.")]
OnForms = Annotated[
    list[str] | None,
    typer.Option("--form", metavar="FORM", help="Limit them to this form; may be given again."),
]
Invited = Annotated[str, typer.Argument(metavar="ID", help="As `pk invite list` prints it.")]


class AccountRole(StrEnum):
    """What an account may be."""

    respondent = "respondent"
    enumerator = "enumerator"
    supervisor = "supervisor"
    researcher = "researcher"
    admin = "admin"


@user.command("add")
def add(
    name: Name,
    *,
    role: Annotated[AccountRole, typer.Option(help="What they are.")],
    display_name: Annotated[str, typer.Option("--called", metavar="TEXT", help="What they are called.")] = "",
    forms: OnForms = None,
) -> None:
    """Add an account. Its password is asked for, or read from a pipe; never given on the command line.

    Example: pk user add siti --role enumerator --form umkm
    """
    from pk_research.store.actors import HOUSE, Role

    added = _access().add_account(
        name,
        _new_password(),
        Role(role.value),
        by=HOUSE[Role.ADMIN],
        display_name=display_name,
        forms=forms or None,
    )
    out.print(f"added   [bold]{escape(added.name)}[/], {added.role}{_limits(added.forms)}")


@user.command("list")
def list_users() -> None:
    """List the accounts: name, role, forms, and who may not sign in now.

    Example: pk user list
    """
    from pk_research.store.actors import HOUSE, Role

    for one in _access().accounts(by=HOUSE[Role.ADMIN]):
        state = "open  " if one.is_enabled else "closed"
        out.print(f"{state}  [bold]{escape(one.name)}[/], {one.role}{_limits(one.forms)}")


@user.command("password")
def password(name: Name) -> None:
    """Give an account another password, and sign it out everywhere.

    Example: pk user password siti
    """
    from pk_research.store.actors import HOUSE, Role

    _access().set_password(name, _new_password(), by=HOUSE[Role.ADMIN])
    out.print(f"changed [bold]{escape(name)}[/]: the password; signed out everywhere")


@user.command("role")
def set_role(
    name: Name,
    role: Annotated[AccountRole, typer.Argument(metavar="ROLE", help="What they are from now on.")],
    *,
    forms: OnForms = None,
) -> None:
    """Give an account another role, on all forms or on those named.

    Example: pk user role siti supervisor
    """
    from pk_research.store.actors import HOUSE, Role

    _access().set_role(name, Role(role.value), by=HOUSE[Role.ADMIN], forms=forms or None)
    out.print(f"changed [bold]{escape(name)}[/]: {role.value}{_limits(frozenset(forms) if forms else None)}")


@user.command("disable")
def disable(name: Name) -> None:
    """Let an account sign in no more, and sign it out everywhere.

    Example: pk user disable siti
    """
    from pk_research.store.actors import HOUSE, Role

    _access().disable(name, by=HOUSE[Role.ADMIN])
    out.print(f"closed  [bold]{escape(name)}[/]")


@user.command("enable")
def enable(name: Name) -> None:
    """Let an account sign in again.

    Example: pk user enable siti
    """
    from pk_research.store.actors import HOUSE, Role

    _access().enable(name, by=HOUSE[Role.ADMIN])
    out.print(f"open    [bold]{escape(name)}[/]")


@invitations.command("make")
def invite(
    form: Annotated[str, typer.Argument(metavar="FORM", help="Identifier of a published form.")],
    *,
    days: Annotated[int, typer.Option(min=1, max=366, help="For how long it opens the form.")] = 14,
    village: Annotated[
        str, typer.Option(metavar="CODE", help="The only village it is for: 10 digits of the register.")
    ] = "",
    respondent: Annotated[
        str, typer.Option(metavar="TEXT", help="Whom it is for; kept here, never in the link.")
    ] = "",
    uses: Annotated[
        int | None, typer.Option(min=1, help="How many submissions it takes; any number by default.")
    ] = None,
    address: Annotated[
        str, typer.Option(metavar="URL", help="Where the apps are seen from outside.")
    ] = "http://127.0.0.1:8866/",
) -> None:
    """Print a link that opens a form without an account. Whoever has the link may fill the form.

    Example: pk invite make umkm --days 30 --village 3216012001 --uses 1
    """
    from pk_research.store.actors import HOUSE, Role

    made = _access().invite(
        form,
        by=HOUSE[Role.ADMIN],
        expires_at=datetime.now(UTC) + timedelta(days=days),
        village_code=village,
        respondent=respondent,
        max_uses=uses,
    )
    out.print(f"made    {_told(made)}")
    where = address.rstrip("/")
    out.print(f"open    {where}/i/{made.token}")
    out.print(f"collect {where}/key/{made.token}  for ODK Collect: open it for a code to scan")


@invitations.command("list")
def list_invitations() -> None:
    """List the links that were made, the newest first: never the links themselves.

    Example: pk invite list
    """
    from pk_research.store.actors import HOUSE, Role

    for one in _access().invitations(by=HOUSE[Role.ADMIN]):
        state = "closed" if one.is_revoked or one.expires_at <= datetime.now(UTC) else "open  "
        out.print(f"{state}  {_told(one)}")


@invitations.command("revoke")
def revoke(identifier: Invited) -> None:
    """Take a link back: it opens nothing from now on.

    Example: pk invite revoke i-2k7q
    """
    from pk_research.store.actors import HOUSE, Role

    _access().revoke(identifier, by=HOUSE[Role.ADMIN])
    out.print(f"closed  {escape(identifier)}")


def _access() -> Access:
    return open_house()[1].access


def _new_password() -> str:
    """Ask twice at a terminal; else take the first line of what is piped in."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt="Once more")
    return asked


def _limits(forms: frozenset[str] | None) -> str:
    return "" if forms is None else f", on {escape(', '.join(sorted(forms)) or 'no form')}"


def _told(one: Invitation) -> str:
    village = f", village {one.village_code}" if one.village_code else ""
    limit = "" if one.max_uses is None else f" of {one.max_uses}"
    return (
        f"[bold]{escape(one.identifier)}[/]  {escape(one.form_id)}{village}, "
        f"{one.n_uses}{limit} used, until {one.expires_at:%Y-%m-%d %H:%M} UTC"
    )
