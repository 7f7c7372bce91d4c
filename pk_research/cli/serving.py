"""The verbs that start things: everything, the apps, the notebooks, the tests."""

from __future__ import annotations

import contextlib
import importlib.util
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from pk_research.cli.house import app, counted, log_of, open_house, out
from pk_research.errors import BadInput, NotReady, Problem
from pk_research.settings import Settings, read_settings

if TYPE_CHECKING:
    from pk_research.language import Message
    from pk_research.store import Store
    from pk_research.workbench import Server

SHOWN = 20
Ip = Annotated[str, typer.Option("--ip", help="Address to listen on; loopback unless you say otherwise.")]
AppsPort = Annotated[int, typer.Option("--apps-port", min=1, max=65535, help="Port of the Voila apps.")]


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
    settings, store = open_house()
    for kept in workbench.load_basics(settings, store):
        out.print(f"{'loaded' if kept.is_new else 'kept  '}  {kept.name}@{kept.version}")
    with out.status("publishing the questionnaires"):
        forms = workbench.publish_questionnaires(settings, store)
    out.print(f"forms   {', '.join(form.form_id for form in forms)}")
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
def apps(*, ip: Ip = "127.0.0.1", apps_port: AppsPort = 8866) -> None:
    """Serve the Voila apps alone, until Ctrl-C.

    Example: pk apps --apps-port 9000
    """
    from pk_research import workbench
    from pk_research.apps.serve import write_first_pages

    settings, store = open_house()
    with out.status("preparing the apps"):
        write_first_pages(settings, store)
    _serve((workbench.apps_server(settings, ip=ip, port=apps_port),))


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

    settings, store = open_house()
    _run_notebooks(settings, store, workbench.curated_notebooks(settings, names), again=again)


@app.command()
def reproduce(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Which notebooks; all by default.")
    ] = None,
    *,
    into: Annotated[
        Path | None,
        typer.Option(
            "--into", metavar="FOLDER", help="Where it goes; deleted first. Default workspace/reproduction."
        ),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="FOLDER", help="An earlier run to compare every exhibit with."),
    ] = None,
    tolerance: Annotated[
        float, typer.Option("--tolerance", help="Relative difference of numbers that counts as the same.")
    ] = 0.0,
) -> None:
    """Make every table and figure anew from the raw data, and compare them with an earlier run.

    Example: pk reproduce --into second --against first
    """
    from pk_research import workbench
    from pk_research.publish import compare_exhibits, read_exhibits, read_record, unlike

    settings = read_settings()
    into = settings.home / "reproduction" if into is None else into
    paths = workbench.curated_notebooks(settings, names)
    others: tuple[Problem, ...] = ()
    if against is not None:
        read_exhibits(against / "exhibits")
        if against.resolve() == into.resolve():
            raise BadInput(
                Problem("--against", "it is the folder that is deleted first", "Name another with --into.")
            )
        # Told ahead, so that nobody waits for a run that cannot give the same.
        others = unlike(read_record(against), workbench.circumstances(settings, paths))
        for problem in others[:SHOWN]:
            out.print(f"unlike  {escape(str(problem))}")
        if len(others) > SHOWN:
            out.print(f"unlike  and {len(others) - SHOWN} more")
    _print_off_the_lock(settings)
    with _progress(paths) as on_cell:
        run = workbench.reproduce(settings, into, names=names, on_cell=on_cell)
    for used in run.outside:
        out.print(f"outside {used['setting']}: {escape(used['name'])} was read; without it, exhibits differ")
    out.print(f"made    {len(run.exhibits)} exhibits in {into / 'exhibits'}")
    if against is None:
        return
    chosen = None if names is None else {path.stem for path in paths}
    found = compare_exhibits(against / "exhibits", into / "exhibits", tolerance=tolerance, notebooks=chosen)
    for one in found.differences:
        out.print(f"differs {escape(one.file)}: {escape(one.what)}")
    for file in found.withheld:
        out.print(f"held    {escape(file)} is not given away there, so that it cannot be compared")
    out.print(f"same    {len(found.compared) - len(found.differences)} of {len(found.compared)} exhibits")
    if found.differences:
        out.print(f"to do   {escape(_advice(found.differences[0].file, against, others))}")
        raise typer.Exit(1)


def _print_off_the_lock(settings: Settings) -> None:
    from pk_research.publish import machine, off_the_lock

    lock = settings.project / "requirements.lock"
    if lock.is_file():
        told = off_the_lock(lock.read_text(encoding="utf-8"), machine()["libraries"])
        for problem in told[:SHOWN]:
            out.print(f"lock    {escape(str(problem))}")
        if len(told) > SHOWN:
            out.print(f"lock    and {len(told) - SHOWN} more")


def _advice(file: str, against: Path, others: Sequence[Problem]) -> str:
    follow = f"`pk explain {file} --run {against}` says what an exhibit is built on."
    if others:
        return f"What is unlike stands above: {others[0].where} first. {follow}"
    return (
        "Code, data, settings and libraries are those of the earlier run; what is left is the processor,"
        f" whose last digits `--tolerance` allows for. {follow}"
    )


@app.command()
def explain(
    file: Annotated[str, typer.Argument(metavar="EXHIBIT", help="A file of the run's exhibits.")],
    *,
    run: Annotated[
        Path | None,
        typer.Option(
            "--run",
            metavar="FOLDER",
            help="A run of `pk reproduce`. By default the last one, or what `pk start` computed.",
        ),
    ] = None,
) -> None:
    """Print what stands behind a figure, table or sentence: cell, choices, data, code.

    Example: pk explain 11-did-it-work.c07.1.png
    """
    from pk_research.publish import explain as follow
    from pk_research.publish import inputs_of, read_record, unlike

    settings = read_settings()
    run = _run_with(settings, file) if run is None else run
    found = follow(settings.project, run, file)
    for what, which in found.lines():
        first, *rest = which.splitlines() or [""]
        out.print(f"{what:<12}{escape(first)}")
        for line in rest:
            out.print(f"{'':<12}{escape(line)}")
    for problem in unlike(read_record(run), {"inputs": inputs_of(settings.project)})[:SHOWN]:
        out.print(f"{'since then':<12}{escape(str(problem))}")


def _run_with(settings: Settings, file: str) -> Path:
    """Return the first run here that has an exhibit, an unpacked package itself last."""
    from pk_research.publish import KEPT_RECORD, read_exhibits, runs_in

    last, packed = settings.home / "reproduction", settings.project
    runs = list(runs_in(settings.home))
    if not last.exists() and (packed / "exhibits" / KEPT_RECORD).is_file():
        runs.append(packed)
    name = Path(file).name
    having = (run for run in runs if name in read_exhibits(run / "exhibits"))
    of_notebook = (run for run in runs if run.name[:2] == name[:2])
    return next(having, next(of_notebook, runs[0] if runs else last))


publish = typer.Typer(help="What leaves the house.", no_args_is_help=True)
app.add_typer(publish, name="publish")


@publish.command("package")
def package(
    target: Annotated[Path, typer.Argument(metavar="FILE.zip", help="The package to write.")],
    *,
    run: Annotated[
        Path | None,
        typer.Option(
            "--run", metavar="FOLDER", help="A run of `pk reproduce`. Default workspace/reproduction."
        ),
    ] = None,
    date: Annotated[
        str | None, typer.Option("--date", help="Of publication, as 2026-11-30; today by default.")
    ] = None,
    restricted: Annotated[
        list[str] | None,
        typer.Option(
            "--restricted",
            metavar="PATH",
            help="A table or folder of the checkout that may not leave: its synthetic twin goes in its place."
            " May be given again.",
        ),
    ] = None,
    how: Annotated[str, typer.Option("--how", help="With --restricted: how a stranger gets the data.")] = "",
    declared_in: Annotated[
        Path | None,
        typer.Option(
            "--sources",
            metavar="FILE.toml",
            help="Declares data of your own, each as [[source]] with title, publisher, licence, access, how,"
            " citation, files, collected, preserved_years; of what is restricted, a twin is packed.",
        ),
    ] = None,
) -> None:
    """Pack code, data and the exhibits of a run, with what a stranger must know to make them again.

    Example: pk publish package replication.zip --sources sources.toml
    """
    from pk_research.publish import cited, read_sources, write_package
    from pk_research.publish.sources import OURS

    if how and not restricted:
        raise BadInput(Problem("--how", "it applies to --restricted only", "Leave it out."))
    settings, (_, store) = read_settings(), open_house()
    about = cited(settings.project, date or datetime.now(UTC).date().isoformat())
    run = settings.home / "reproduction" if run is None else run
    log = log_of(store, "replication package")
    sources = OURS if declared_in is None else (*OURS, *read_sources(declared_in))
    if not restricted and all(source.access == "public" for source in sources):
        names = write_package(settings.project, run, target, about, sources=sources, log=log)
    else:
        from pk_research.disclosure.synthetic import record_twin
        from pk_research.publish.restricted import declared, replaced
        from pk_research.store.actors import HOUSE, Role

        sources = declared(sources, restricted, how=how) if restricted else sources
        with out.status("making the twins of restricted tables"):
            twins = replaced(settings.project, sources, secret=store.secret)
        by = HOUSE[Role.RESEARCHER]

        def noted(files: Mapping[str, bytes], withheld: Sequence[Message]) -> None:
            log(files, withheld)
            for dataset, twin in twins.twins:
                record_twin(store, dataset, twin, by=by, purpose="replication package", to=target.name)

        names = write_package(settings.project, run, target, about, sources=sources, twins=twins, log=noted)
        for dataset, twin in twins.twins:
            out.print(
                f"made    the twin of {escape(dataset.name)}: {len(twin.dataset.frame)} rows;"
                " noted in the audit log"
            )
        for told in twins.links:
            out.print(f"linked  {escape(told)}")
        for name in twins.left_out:
            out.print(f"without {escape(name)}")
    out.print(f"packed  {len(names)} files in {target}")
    out.print("certify Who gives it away certifies what its README.md says under “Statement about Rights”.")


@publish.command("site")
def site(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="A new folder, or an earlier site, which is replaced.")
    ],
    *,
    root: Annotated[
        str,
        typer.Option("--root", metavar="ADDRESS", help="Its address on the server, such as /findings/."),
    ] = "/",
) -> None:
    """Write the findings as pages that any web server sends, in both languages, with downloads.

    Example: pk publish site public
    """
    from pk_research.apps.site import publish_site
    from pk_research.store.actors import HOUSE, Role

    settings, store = open_house()
    with out.status("computing every exhibit"):
        written = publish_site(settings, store, folder, by=HOUSE[Role.RESEARCHER], root=root)
    size = f"{counted(written.n_pages, 'page')}, {written.n_bytes / 1e6:.1f} MB"
    out.print(f"wrote   {size} in {escape(str(folder))}")
    out.print(f"site    {written.content_hash[:12]}; noted in the audit log")


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


@contextlib.contextmanager
def _progress(paths: tuple[Path, ...]) -> Iterator[Callable[[Path, int, int], None]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} cells"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=out) as progress:
        tasks = {path: progress.add_task(path.stem, total=None) for path in paths}
        yield lambda path, done, total: progress.update(tasks[path], completed=done, total=total)


def _run_notebooks(settings: Settings, store: Store, paths: tuple[Path, ...], *, again: bool) -> None:
    from pk_research import workbench

    with _progress(paths) as on_cell:
        runs = workbench.run_notebooks(paths, settings=settings, store=store, again=again, on_cell=on_cell)
        for run in runs:
            if run.was_cached:
                on_cell(run.notebook, 1, 1)
    for run in runs:
        out.print(f"read    {run.page}{' (unchanged)' if run.was_cached else ''}")


def _serve(servers: tuple[Server, ...]) -> None:
    from pk_research import workbench

    # systemd, a container and `kill` ask by this: what runs is stopped in order, and that is no failure.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    with workbench.serve(servers) as wait:
        for server in servers:
            out.print(f"open    [bold]{server.address}[/]  {server.title}")
        out.print("A form opens by a link (`pk invite make FORM`) or an account (`pk user add NAME`).")
        out.print("Ctrl-C stops everything.")
        wait()
