"""Running the curated notebooks, each once for the same code and data; what they show is kept."""

from __future__ import annotations

import asyncio
import atexit
import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pk_research.apps.serve import voila_environment
from pk_research.errors import BadInput, NotFound, NotReady, Problem
from pk_research.publish import RECORD, exhibits_of, run_of, write_exhibits
from pk_research.settings import Settings
from pk_research.store import Store
from pk_research.workbench.notebook_page import page_of
from pk_research.workbench.records import circumstances, data_of, write_record
from pk_research.writing import write_files

if TYPE_CHECKING:
    from nbclient import NotebookClient
    from nbformat import NotebookNode

CELL_TIMEOUT_S = 900
KERNEL_STARTS = 3
"""A kernel is given free ports, and ends at once when another program takes one of them meanwhile."""


@dataclass(frozen=True, slots=True)
class NotebookRun:
    """One notebook, run or found unchanged.

    Attributes
    ----------
    notebook
        The notebook's file.
    page
        Its results, as one HTML file.
    was_cached
        True when code, data and notebook were as at the last run, so nothing was run.
    """

    notebook: Path
    page: Path
    was_cached: bool


def curated_notebooks(settings: Settings, names: Sequence[str] | None = None) -> tuple[Path, ...]:
    """List the numbered notebooks in reading order.

    Parameters
    ----------
    settings
        Where they are.
    names
        Numbers or names of those wanted; all by default.

    Raises
    ------
    NotFound
        Naming every one that is not there.
    """
    every = tuple(sorted((settings.project / "notebooks").glob("[0-9][0-9]-*.ipynb")))
    if not names:
        return every
    chosen = [path for path in every if {path.stem, path.stem[:2]} & set(names)]
    known = {part for path in every for part in (path.stem, path.stem[:2])}
    problems = [
        Problem(
            "notebooks", f"there is no notebook {name!r}", f"Known: {', '.join(path.stem for path in every)}."
        )
        for name in names
        if name not in known
    ]
    if problems:
        raise NotFound(problems)
    return tuple(chosen)


def run_notebooks(
    notebooks: Iterable[Path],
    *,
    settings: Settings,
    store: Store,
    again: bool = False,
    on_cell: Callable[[Path, int, int], None] = lambda _notebook, _done, _total: None,
) -> tuple[NotebookRun, ...]:
    """Run notebooks from top to bottom; write each one's page under ``home/notebooks/``, and its exhibits.

    Parameters
    ----------
    notebooks
        Files to run, in order.
    settings
        Where results go and which boundaries maps use.
    store
        Its contents decide whether a page is still current.
    again
        Run even what is unchanged.
    on_cell
        Called before each cell with the notebook, cells done and cells in all.

    Returns
    -------
    tuple of NotebookRun

    Raises
    ------
    BadInput
        When a cell fails: which cell, and its error's last line. The old page stays as it was.

    Notes
    -----
    The exhibits lie where `pk_research.publish.run_of` tells, with the same record of data, code and
    libraries that ``pk reproduce`` leaves; only that they are made of the data of this store.
    """
    chosen = tuple(notebooks)
    folder = settings.home / "notebooks"
    folder.mkdir(parents=True, exist_ok=True)
    common = _fingerprint(settings, store)
    stamps = {path: hashlib.sha256(common + path.read_bytes()).hexdigest() for path in chosen}
    stale = [path for path in chosen if again or not _is_current(path, settings.home, stamps[path])]
    made_of = {**circumstances(settings, stale), **data_of(store)} if stale else {}
    places = {**os.environ, **voila_environment(settings)}
    for path, ahead in zip(stale, made_of.get("notebooks", ()), strict=True):
        executed = execute(path, folder / "kernels.log", places, on_cell)
        _keep_run(executed, run_of(settings.home, path.stem), {**made_of, "notebooks": [ahead]})
        page = {f"{path.stem}.html": page_of(executed.notebook)}
        write_files({**page, f"{path.stem}.sha256": stamps[path].encode()}, folder)
    return tuple(
        NotebookRun(path, folder / f"{path.stem}.html", was_cached=path not in stale) for path in chosen
    )


def _is_current(path: Path, home: Path, stamp: str) -> bool:
    """Tell whether everything the last run of a notebook left is there, and made of the same."""
    page, kept = (home / "notebooks" / f"{path.stem}.{ending}" for ending in ("html", "sha256"))
    is_whole = page.exists() and kept.exists() and (run_of(home, path.stem) / RECORD).is_file()
    return is_whole and kept.read_text(encoding="utf-8") == stamp


def _keep_run(executed: Executed, run: Path, record: Mapping[str, Any]) -> None:
    """Keep what a notebook shows in place of what it showed before; the record makes a run whole."""
    shutil.rmtree(run, ignore_errors=True)
    (entry,) = record["notebooks"]
    kept = write_exhibits(exhibits_of(executed.notebook, entry["notebook"]), run / "exhibits")
    write_record({**record, "notebooks": [{**entry, "n_exhibits": len(kept), **executed.facts()}]}, run)


@dataclass(frozen=True, eq=False)
class Executed:
    """A notebook after it was run.

    Attributes
    ----------
    notebook
        The notebook with its outputs.
    seconds
        How long it took.
    peak_mib
        Most memory its kernel held; None where the system does not tell.
    """

    notebook: NotebookNode
    seconds: float
    peak_mib: float | None

    def facts(self) -> dict[str, float | None]:
        """Return time and memory as a record of a run has them."""
        peak = None if self.peak_mib is None else round(self.peak_mib)
        return {"seconds": round(self.seconds, 1), "peak_mib": peak}


def execute(
    path: Path, log: Path, places: Mapping[str, str], on_cell: Callable[[Path, int, int], None]
) -> Executed:
    """Run a notebook from top to bottom; parameters and errors as in `run_notebooks`."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    total = len(notebook.cells)
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=lambda cell, cell_index: on_cell(path, cell_index, total),  # noqa: ARG005
        # What compiled code prints past Python (HiGHS does) belongs in the log, not on the page.
        extra_arguments=["--IPKernelApp.capture_fd_output=False"],
    )
    peaks: list[float | None] = [None]
    client.on_cell_executed = lambda **_: peaks.append(_peak_mib(client))
    began = time.monotonic()
    try:
        with log.open("ab") as file:
            _run_cells(client, stdout=file, stderr=file, env=dict(places))
    except CellExecutionError as error:
        raise BadInput(
            Problem(
                f"{path.name}",
                f"a cell stopped with {error.ename}: {error.evalue.splitlines()[0] if error.evalue else ''}",
                "Open the notebook in JupyterLab and run that cell to see the whole error.",
            )
        ) from error
    except RuntimeError as error:
        what = "its kernel died" if isinstance(error, DeadKernelError) else "its kernel did not get ready"
        raise NotReady(Problem(path.name, what, f"{log} says why; then run it again.")) from error
    on_cell(path, total, total)
    return Executed(notebook, time.monotonic() - began, peaks[-1])


def _run_cells(client: NotebookClient, **start: Any) -> None:  # noqa: ANN401 - options of the kernel's process
    """Run the cells in another thread, where nbclient leaves Ctrl-C to us; no kernel outlives it."""
    from nbclient.exceptions import DeadKernelError
    from nbclient.util import ensure_async

    async def once() -> None:
        try:
            await client.async_execute(**start)
        finally:
            if client.km is not None and client.km.has_kernel:
                await ensure_async(client.km.shutdown_kernel(now=True))
            client.km = client.kc = None

    async def run() -> None:
        try:
            for more in reversed(range(KERNEL_STARTS)):
                try:
                    return await once()
                except RuntimeError as error:
                    if isinstance(error, DeadKernelError) or not more:
                        raise
        finally:
            # An interrupted clean-up leaves nbclient's own, which fails at exit on the kernel we stopped.
            atexit.unregister(client._cleanup_kernel)  # noqa: SLF001
            left = asyncio.all_tasks() - {task}
            for other in left:
                other.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    loop = asyncio.new_event_loop()
    task = loop.create_task(run())
    try:
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(loop.run_until_complete, task)
            try:
                running.result()
            finally:
                loop.call_soon_threadsafe(task.cancel)
    finally:
        loop.close()


def _peak_mib(client: NotebookClient) -> float | None:
    """Return the most memory a kernel's process has held so far (Linux only)."""
    process = getattr(getattr(client.km, "provisioner", None), "process", None)
    status = Path(f"/proc/{process.pid}/status") if process is not None else None
    if status is None or not status.exists():
        return None
    held = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.MULTILINE)
    return None if held is None else int(held[1]) / 1024


def _fingerprint(settings: Settings, store: Store) -> bytes:
    """Hash what every notebook depends on: the package's code, the data and the boundaries."""
    digest = hashlib.sha256()
    package = Path(__file__).resolve().parents[1]
    for path in sorted(package.rglob("*")):
        if path.suffix in {".py", ".po"}:
            digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    for entry in sorted(store.datasets(), key=lambda entry: entry.name):
        digest.update(f"{entry.name}@{entry.version}:{entry.content_hash}\n".encode())
    if settings.boundaries:
        digest.update(settings.boundaries.read_bytes())
    return digest.digest()
