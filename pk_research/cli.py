"""The ``pk`` command: each verb calls a chapter and prints what it answers."""

from __future__ import annotations

import contextlib
import importlib.util
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from pk_research import __version__
from pk_research.errors import BadInput, NotReady, PkError, Problem
from pk_research.settings import Settings, read_settings

if TYPE_CHECKING:
    import pandas as pd

    from pk_research.clusters import Typology
    from pk_research.indicators.idm import Recomputation
    from pk_research.quality import Report
    from pk_research.sources import Dataset
    from pk_research.store import Store
    from pk_research.workbench import Server

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
SHOWN = 5


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
Ip = Annotated[str, typer.Option("--ip", help="Address to listen on; loopback unless you say otherwise.")]
AppsPort = Annotated[int, typer.Option("--apps-port", min=1, max=65535, help="Port of the Voila apps.")]


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


@app.command()
def start(
    *,
    ip: Ip = "127.0.0.1",
    apps_port: AppsPort = 8866,
    lab_port: Annotated[int, typer.Option("--lab-port", min=1, max=65535, help="Port of JupyterLab.")] = 8888,
    prepare_only: Annotated[
        bool, typer.Option("--prepare-only", help="Build store, notebooks and pages, then stop.")
    ] = False,
) -> None:
    """Prepare everything, then serve the apps and JupyterLab until Ctrl-C.

    What is there already and unchanged is left alone.

    Example: pk start --apps-port 9000
    """
    from pk_research import workbench
    from pk_research.apps.serve import write_first_pages

    if apps_port == lab_port:
        raise BadInput(
            Problem(
                "--apps-port and --lab-port", f"both are {lab_port}", "Give each server a port of its own."
            )
        )
    settings, store = _open()
    for kept in workbench.load_basics(settings, store):
        out.print(f"{'loaded' if kept.is_new else 'kept  '}  {kept.name}@{kept.version}")
    _run_notebooks(settings, store, workbench.curated_notebooks(settings), again=False)
    with out.status("preparing the apps"):
        write_first_pages(settings, store)
    if not prepare_only:
        servers = (
            workbench.apps_server(settings, ip=ip, port=apps_port),
            workbench.lab_server(settings, ip=ip, port=lab_port),
        )
        _serve(servers)


@app.command()
def load(
    what: Annotated[
        str, typer.Argument(metavar="FILE|sample|register", help="A file, or one of the two words.")
    ],
    *,
    name: Annotated[
        str | None, typer.Option(help="Name in the store; by default from the file's name.")
    ] = None,
    layout: Annotated[str | None, typer.Option(help="Layout of the file, when it is not recognised.")] = None,
    codebook: Annotated[Path | None, typer.Option(help="Codebook of the file (CSV or Table Schema).")] = None,
    country: Annotated[bool, typer.Option("--country", help="With register: the whole country's.")] = False,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="PATH", help="With --country: a package file already here."),
    ] = None,
) -> None:
    """Load a file into the store, and say what was done to it.

    Example: pk load villages.xlsx --name villages-2024
    """
    from pk_research import sample, workbench
    from pk_research.apps.serve import write_first_pages

    of_a_file = {"--name": name, "--layout": layout, "--codebook": codebook}
    if what in ("sample", "register"):
        _refuse(of_a_file, f"it does not apply to {what!r}")
    if what != "register":
        _refuse({"--country": country}, "it applies to 'register' only")
    if not country:
        _refuse({"--from": source}, "it applies to 'register --country' only")
    settings, store = _open()
    with out.status(f"loading {escape(what)}"):
        if what == "register":
            dataset = workbench.register_dataset(settings, country=country, source=source)
        elif what == "sample":
            dataset = sample.load_sample()
        else:
            dataset = workbench.read_file(Path(what), name=name, layout=layout, codebook=codebook)
        kept = store.keep(dataset, touch=True)
        if (settings.home / "apps").is_dir():
            write_first_pages(settings, store)  # a running server shows them at the next visit
    state = "kept as" if kept.is_new else "already kept, unchanged, as"
    out.print(
        f"[bold]{len(dataset.frame):,}[/] of {dataset.provenance.n_rows_read:,} rows {state} "
        f"[bold]{kept.name}@{kept.version}[/]"
    )
    _print_steps(dataset)
    _print_report(workbench.check(dataset, settings=settings), LanguageName.en)


@app.command()
def check(
    what: What = None,
    *,
    folder: Folder = None,
    language: InLanguage = LanguageName.en,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 when the data has errors.")] = False,
) -> None:
    """Check a dataset: missing, out of range, duplicates, totals, codes, contradictions.

    Example: pk check villages.csv --out results/check
    """
    from pk_research import quality, workbench

    settings, store = _open()
    dataset = workbench.find_dataset(what, store)
    with out.status(f"checking {escape(dataset.name)}"):
        report = workbench.check(dataset, settings=settings)
    where = folder or settings.home / "results" / f"check-{dataset.name}"
    written = quality.write(report, where, language=language.value)
    _print_report(report, language)
    _print_written(written)
    if strict and any(finding.severity == "error" for finding in report.findings):
        raise typer.Exit(1)


@app.command()
def index(what: What = None, *, folder: Folder = None, language: InLanguage = LanguageName.en) -> None:
    """Recompute the IDM and list every published value that contradicts its own parts.

    Example: pk index idm2024_nasional
    """
    from pk_research import publish, workbench
    from pk_research.indicators import idm

    settings, store = _open()
    dataset = workbench.find_dataset(what, store)
    with out.status("recomputing"):
        result = idm.recompute(dataset)
    out.print(escape(result.in_words(language.value)))
    _print_contradictions(result)
    where = folder or settings.home / "results" / f"index-{dataset.name}"
    _print_written(publish.write_index(result, where, language=language.value, dataset=dataset))


@app.command()
def cluster(
    what: What = None,
    *,
    variables: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,...",
            help="Indicators to use; by default the sub-indices of the IDM, or the first three.",
        ),
    ] = None,
    year: Annotated[int | None, typer.Option(help="Which year; by default the latest.")] = None,
    k: Annotated[
        int | None, typer.Option("-k", help="Number of types; by default chosen and explained.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of every draw.")] = 0,
    jobs: Annotated[
        int, typer.Option(min=1, help="Processes to use; the result is the same for any number.")
    ] = 2,
    folder: Folder = None,
    language: InLanguage = LanguageName.en,
) -> None:
    """Find which villages are alike; write the table, the profiles and the pictures.

    Example: pk cluster idm2024_nasional --variables iks,ike,ikl
    """
    from pk_research import clusters, publish, workbench

    named = None if variables is None else [name.strip() for name in variables.split(",")]
    if named is not None and not all(named):
        raise BadInput(
            Problem(
                "--variables", f"{variables!r} holds an empty name", "Give names joined by single commas."
            )
        )
    settings, store = _open()
    dataset = workbench.find_dataset(what, store)
    chosen = named or clusters.usual_variables(dataset, year=year)
    with out.status(f"comparing {len(dataset.frame):,} rows on {', '.join(map(escape, chosen))}"):
        typology = clusters.find_types(dataset, chosen, year=year, k=k, seed=seed, n_jobs=jobs)
    out.print(escape(typology.in_words(language.value)))
    _print_left_out(typology, language)
    where = folder or settings.home / "results" / f"types-{dataset.name}"
    with out.status("writing tables and pictures"):
        written = publish.write_typology(
            typology, where, language=language.value, boundaries=settings.boundaries
        )
    _print_written(written)


@app.command()
def notebooks(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Which; all by default.")
    ] = None,
    *,
    again: Annotated[bool, typer.Option("--again", help="Run even what is unchanged.")] = False,
) -> None:
    """Run the curated notebooks and write their pages.

    Example: pk notebooks 03
    """
    from pk_research import workbench

    settings, store = _open()
    _run_notebooks(settings, store, workbench.curated_notebooks(settings, names), again=again)


@app.command()
def apps(*, ip: Ip = "127.0.0.1", apps_port: AppsPort = 8866) -> None:
    """Serve the Voila apps alone, until Ctrl-C.

    Example: pk apps --apps-port 9000
    """
    from pk_research import workbench
    from pk_research.apps.serve import write_first_pages

    settings, store = _open()
    with out.status("preparing the apps"):
        write_first_pages(settings, store)
    _serve((workbench.apps_server(settings, ip=ip, port=apps_port),))


@app.command()
def doctor() -> None:
    """Say what this machine lacks and how to get it.

    Example: pk doctor
    """
    from pk_research import workbench

    checks = workbench.examine()
    table = Table(box=None, pad_edge=False)
    for heading in ("", "what", "found", "what to do"):
        table.add_column(heading)
    for entry in checks:
        mark = (
            "[green]ok[/]"
            if entry.is_fine
            else ("[red]missing[/]" if entry.is_required else "[yellow]optional[/]")
        )
        table.add_row(mark, entry.what, escape(entry.found), "" if entry.is_fine else escape(entry.remedy))
    out.print(table)
    if any(not entry.is_fine and entry.is_required for entry in checks):
        raise typer.Exit(1)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """Run the tests of the checkout; further options go to pytest.

    Example: pk test -k register
    """
    if importlib.util.find_spec("pytest") is None:
        raise NotReady(Problem("pytest", "it is not installed", 'Install it: `pip install -e ".[test]"`.'))
    folder = read_settings().project
    command = [sys.executable, "-m", "pytest", "-m", "not slow", *context.args]
    raise typer.Exit(subprocess.run(command, cwd=folder, check=False).returncode)  # noqa: S603


def _refuse(options: Mapping[str, object], why: str) -> None:
    problems = [
        Problem(name, why, "Leave it out.") for name, value in options.items() if value not in (None, False)
    ]
    if problems:
        raise BadInput(problems)


def _open() -> tuple[Settings, Store]:
    from pk_research.store import open_store

    settings = read_settings()
    return settings, open_store(settings.database_url)


def _run_notebooks(settings: Settings, store: Store, paths: tuple[Path, ...], *, again: bool) -> None:
    from pk_research import workbench

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} cells"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=out) as progress:
        tasks = {path: progress.add_task(path.stem, total=None) for path in paths}
        runs = workbench.run_notebooks(
            paths,
            settings=settings,
            store=store,
            again=again,
            on_cell=lambda path, done, total: progress.update(tasks[path], completed=done, total=total),
        )
        for run in runs:
            if run.was_cached:
                progress.update(
                    tasks[run.notebook], total=1, completed=1, description=f"{run.notebook.stem} (unchanged)"
                )
    for run in runs:
        out.print(f"read    {run.page}")


def _serve(servers: tuple[Server, ...]) -> None:
    from pk_research import workbench

    with workbench.serve(servers) as wait:
        for server in servers:
            out.print(f"open    [bold]{server.address}[/]  {server.title}")
        out.print("Ctrl-C stops everything.")
        wait()


def _print_steps(dataset: Dataset) -> None:
    for step in dataset.provenance.steps:
        rows = "row" if step.n_rows == 1 else "rows"
        out.print(f"  - {escape(step.what.text('en'))} ({step.n_rows:,} {rows})")


def _print_report(report: Report, language: LanguageName) -> None:
    colours = {"error": "red", "warning": "yellow", "note": "dim"}
    for finding in report.findings:
        colour = colours[finding.severity]
        out.print(f"  [{colour}]{finding.severity:8}[/]{escape(finding.message.text(language.value))}")
    if not report.findings:
        out.print("  [green]nothing found[/]")


def _print_left_out(typology: Typology, language: LanguageName) -> None:
    rows = typology.left_out
    names = [name for name in ("village_code", "village") if name in rows]
    _print_rows(
        rows.assign(reason=[reason.text(language.value) for reason in rows["reason"]])[[*names, "reason"]]
    )


def _print_contradictions(result: Recomputation) -> None:
    """Print the first of each index; a wrong label must not be buried under other rows."""
    columns = [name for name in (*result.key, "village") if name in result.contradictions]
    for index_name, rows in result.contradictions.groupby("index", sort=False):
        parts = ["published_status", "recomputed_status"]
        if rows[parts].isna().all(axis=None):
            parts = ["published", "recomputed"]
        out.print(f"  [bold]{index_name}[/]: {', '.join([*columns, *parts])}")
        _print_rows(rows[[*columns, *parts]])


def _print_rows(rows: pd.DataFrame) -> None:
    """Print the first rows; the whole table is in the files."""
    for row in rows.head(SHOWN).itertuples(index=False):
        cells = (f"{value:g}" if isinstance(value, float) else str(value) for value in row)
        out.print(f"    {escape(', '.join(cells))}")
    if len(rows) > SHOWN:
        out.print(f"    ... and {len(rows) - SHOWN:,} more, in the files below")


def _print_written(paths: tuple[Path, ...]) -> None:
    for path in paths:
        out.print(f"wrote   {path}")
