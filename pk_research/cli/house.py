"""What all verbs share: the application, its two consoles, its common options, and how it ends."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from pk_research import __version__
from pk_research.errors import BadInput, PkError, Problem
from pk_research.settings import Settings, read_settings

if TYPE_CHECKING:
    from pk_research.disclosure import Log
    from pk_research.store import Store

app = typer.Typer(
    name="pk",
    help="The research workbench of Pabrik Kampoeng.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class LanguageName(StrEnum):
    """The languages of results."""

    id = "id"
    en = "en"


What = Annotated[
    str | None,
    typer.Argument(
        metavar="[FILE|NAME]",
        help="A file, or a dataset of the store (NAME or NAME@VERSION); by default the one loaded last.",
    ),
]
Folder = Annotated[
    Path | None, typer.Option("--out", metavar="FOLDER", help="Where results go; default workspace/results.")
]
InLanguage = Annotated[LanguageName, typer.Option("--language", help="Language of the results.")]


def main() -> None:
    """Run the command; a problem ends in one clear message and a non-zero exit code."""
    debug = "--debug" in sys.argv
    try:
        with _ended_like_ctrl_c():
            app()
    except PkError as error:
        if debug:
            raise
        err.print(f"[bold red]pk:[/] {escape(str(error))}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if debug:
            raise
        what = escape(f"{type(error).__name__}: {error}")
        err.print(f"[bold red]pk:[/] this should not have happened ({what}).")
        err.print("Run the command again with --debug, and report what it prints.")
        sys.exit(2)


@contextlib.contextmanager
def _ended_like_ctrl_c() -> Iterator[None]:
    """Let a service manager's or a closed terminal's signal stop the servers as Ctrl-C does."""
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in map(signal.Signals.__getitem__, names)}
    for number, handler in before.items():
        if handler is signal.SIG_DFL:  # what nohup ignores stays ignored
            signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@app.callback(invoke_without_command=True)
def options(
    *,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the whole error when something fails.")
    ] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Take the options that come before every verb; `main` reads ``--debug`` itself."""
    del debug
    if version:
        out.print(__version__)
        raise typer.Exit


def refuse(options: Mapping[str, object], why: str) -> None:
    """Stop where options are given that do not apply."""
    problems = [
        Problem(name, why, "Leave it out.") for name, value in options.items() if value not in (None, False)
    ]
    if problems:
        raise BadInput(problems)


def open_house() -> tuple[Settings, Store]:
    """Read the settings and open the store."""
    from pk_research.store import store_of

    settings = read_settings()
    return settings, store_of(settings)


def log_of(store: Store, what: str) -> Log:
    """Return what notes in the audit log which files leave, and what was withheld from them."""
    from pk_research import disclosure
    from pk_research.store.actors import HOUSE, Role

    return disclosure.log_of(store, by=HOUSE[Role.RESEARCHER], what=what)


def counted(n: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "reply", "replies"), counted(1200, "row")
    ('1 reply', '1,200 rows')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def print_written(paths: tuple[Path, ...]) -> None:
    """Say which files were written."""
    for path in paths:
        out.print(f"wrote   {path}")
