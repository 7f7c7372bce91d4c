"""The verbs about people: accounts, and links that invite to a form."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer
from rich.markup import escape

from pk_research.cli.house import app, open_house, out, refuse
from pk_research.errors import NotFound, Problem

if TYPE_CHECKING:
    from pk_research.store import Store
    from pk_research.store.access import Access, Invitation

USUAL_ADDRESS = "http://127.0.0.1:8866/"

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

    _, store = open_house()
    _require_forms(forms or [], store)
    added = store.access.add_account(
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
    all_forms: Annotated[bool, typer.Option("--all-forms", help="Limit them to no forms any more.")] = False,
) -> None:
    """Give an account another role; the forms it is limited to stay, unless others or all are named.

    Example: pk user role siti supervisor --all-forms
    """
    from pk_research.store.access.accounts import plain_name
    from pk_research.store.actors import HOUSE, Role

    _, store = open_house()
    _require_forms(forms or [], store)
    if all_forms:
        refuse({"--form": forms}, "it contradicts --all-forms")
    accounts = {one.name: one for one in store.access.accounts(by=HOUSE[Role.ADMIN])}
    kept = accounts[plain_name(name)].forms if plain_name(name) in accounts else None
    limited = None if all_forms else frozenset(forms) if forms else kept
    store.access.set_role(name, Role(role.value), by=HOUSE[Role.ADMIN], forms=limited)
    out.print(f"changed [bold]{escape(name)}[/]: {role.value}{_limits(limited)}")


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
        str | None,
        typer.Option(
            metavar="URL",
            help="Where the apps are seen from outside; by default where they run now on this machine.",
        ),
    ] = None,
) -> None:
    """Print a link that opens a form without an account. Whoever has the link may fill the form.

    Example: pk invite make umkm --days 30 --village 3216012001 --uses 1
    """
    from pk_research import workbench
    from pk_research.store.actors import HOUSE, Role

    settings, store = open_house()
    _require_forms([form], store)
    made = store.access.invite(
        form,
        by=HOUSE[Role.ADMIN],
        expires_at=datetime.now(UTC) + timedelta(days=days),
        village_code=village,
        respondent=respondent,
        max_uses=uses,
    )
    out.print(f"made    {_told(made)}")
    where = (address or workbench.running_apps(settings) or USUAL_ADDRESS).rstrip("/")
    out.print(f"open    {where}/i/{made.token}")
    out.print(f"collect {where}/key/{made.token}  for ODK Collect: open it for a code to scan")
    if _is_this_machine(where):
        out.print("The links are for this machine; for others give --address URL, as they see the apps.")


@invitations.command("list")
def list_invitations() -> None:
    """List the links that were made, the newest first: never the links themselves.

    Example: pk invite list
    """
    from pk_research.store.actors import HOUSE, Role

    for one in _access().invitations(by=HOUSE[Role.ADMIN]):
        out.print(f"{_state_of(one):7} {_told(one)}")


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


def _require_forms(named: Sequence[str], store: Store) -> None:
    """Stop where a form is named that was never published."""
    from pk_research.survey.xlsform.likeness import did_you_mean

    known = [entry.form_id for entry in store.forms.list(is_open=None)]
    problems = [
        Problem("forms", f"there is no form {name!r}", did_you_mean(name, known, _see(known)))
        for name in named
        if name not in known
    ]
    if problems:
        raise NotFound(problems)


def _is_this_machine(address: str) -> bool:
    """Tell whether an address leads nowhere from another machine."""
    host = urlsplit(address).hostname or ""
    try:
        number = ip_address(host)
    except ValueError:
        return host == "localhost"
    return number.is_loopback or number.is_unspecified


def _see(known: Sequence[str]) -> str:
    return f"Published are: {', '.join(known)}." if known else "Publish one: `pk form publish FILE`."


def _new_password() -> str:
    """Ask twice at a terminal; else take the first line of what is piped in."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt="Once more")
    return asked


def _limits(forms: frozenset[str] | None) -> str:
    return "" if forms is None else f", on {escape(', '.join(sorted(forms)) or 'no form')}"


def _state_of(one: Invitation) -> str:
    if one.is_revoked:
        return "closed"
    if one.expires_at <= datetime.now(UTC):
        return "expired"
    return "used up" if one.max_uses is not None and one.n_uses >= one.max_uses else "open"


def _told(one: Invitation) -> str:
    village = f", village {one.village_code}" if one.village_code else ""
    limit = "" if one.max_uses is None else f" of {one.max_uses}"
    return (
        f"[bold]{escape(one.identifier)}[/]  {escape(one.form_id)}{village}, "
        f"{one.n_uses}{limit} used, until {one.expires_at:%Y-%m-%d %H:%M} UTC"
    )
