"""The verbs that keep the house safe: the audit log, backups."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from pk_research.cli.house import InLanguage, LanguageName, app, counted, open_house, out

if TYPE_CHECKING:
    from pk_research.store.backup import BackupCheck

audit = typer.Typer(
    no_args_is_help=True, help="The log of everything that was done, which cannot be changed unnoticed."
)
backups = typer.Typer(no_args_is_help=True, help="Copies of the whole store in one file.")
app.add_typer(audit, name="audit")
app.add_typer(backups, name="backup")


@audit.command("verify")
def verify_audit(
    *,
    head: Annotated[
        str | None,
        typer.Option(help="The head an earlier verification printed: tells whether the end was cut off."),
    ] = None,
) -> None:
    """Work the chain out anew and compare it with what the store holds; exit with 1 on any fault.

    Example: pk audit verify
    """
    _, store = open_house()
    found = store.audit.verify(head=head)
    for fault in found.faults:
        out.print(f"  [red]fault[/]   {escape(fault.message.text('en'))}")
    out.print(f"{counted(found.n_events, 'event')}, {counted(len(found.faults), 'fault')}; head {found.head}")
    if found.faults:
        raise typer.Exit(1)


@audit.command("log")
def log(
    *,
    limit: Annotated[int, typer.Option(min=1, help="How many of the latest.")] = 20,
    language: InLanguage = LanguageName.en,
) -> None:
    """Print what was done lately: when, by whom, to what, what was withheld and why; never an answer.

    Example: pk audit log --limit 50
    """
    from pk_research.disclosure import withheld_of
    from pk_research.store.actors import HOUSE, Role

    _, store = open_house()
    names = {one.identifier: one.name for one in store.access.accounts(by=HOUSE[Role.ADMIN])}
    for event in store.audit.events(limit):
        actor, subject = (_named(identifier, names) for identifier in (event.actor, event.subject))
        out.print(f"{event.at:%Y-%m-%d %H:%M}  {escape(actor):16}  {event.kind:24}  {escape(subject)}")
        for withheld in withheld_of(event.details):
            out.print(f"    {escape(withheld.text(language.value))}")


@backups.command("make")
def make_backup(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; must not exist.")],
) -> None:
    """Copy the whole store into one file, while it is in use, and verify the copy.

    Example: pk backup make backups/monday.pkbackup
    """
    from pk_research.store.backup import backup, verify_backup

    _, store = open_house()
    backup(store, path)
    _print_check(verify_backup(path))


@backups.command("verify")
def check_backup(path: Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]) -> None:
    """Restore a backup into an empty store on the side and verify all of it.

    Example: pk backup verify backups/monday.pkbackup
    """
    from pk_research.store.backup import verify_backup

    _print_check(verify_backup(path))


@backups.command("restore")
def restore_backup(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")],
    url: Annotated[str, typer.Argument(metavar="ADDRESS", help="Database address of an empty store.")],
    *,
    attachments: Annotated[
        Path | None, typer.Option(help="Folder for the files; by default they go into the database.")
    ] = None,
) -> None:
    """Restore a backup into an empty store.

    Example: pk backup restore backups/monday.pkbackup sqlite:///restored.sqlite
    """
    from sqlalchemy import make_url

    from pk_research.store.backup import restore

    restore(path, url, attachments=attachments)
    out.print(f"wrote   {escape(make_url(url).render_as_string(hide_password=True))}")


def _named(identifier: str, names: Mapping[str, str]) -> str:
    """Return what an account signs in with; anything else by its identifier."""
    return names.get(identifier, identifier)


def _print_check(found: BackupCheck) -> None:
    for fault in found.faults:
        out.print(f"  [red]fault[/]   {escape(fault.text('en'))}")
    n_rows = sum(found.backup.rows.values())
    what = f"{counted(n_rows, 'row')}, {counted(found.n_events, 'event')}"
    out.print(f"{found.backup.path}: {what}, restored and compared")
    if found.faults:
        raise typer.Exit(1)
