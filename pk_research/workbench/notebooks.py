"""Running the curated notebooks, each once for the same code and data."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pk_research.errors import BadInput, NotFound, Problem
from pk_research.settings import Settings
from pk_research.store import Store
from pk_research.writing import write_files

CELL_TIMEOUT_S = 900


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
    """Run notebooks from top to bottom and write each one's page under ``home/notebooks/``.

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
    """
    folder = settings.home / "notebooks"
    folder.mkdir(parents=True, exist_ok=True)
    common = _fingerprint(settings, store)
    return tuple(_run_one(path, folder, common, again=again, on_cell=on_cell) for path in notebooks)


def _run_one(
    path: Path, folder: Path, common: bytes, *, again: bool, on_cell: Callable[[Path, int, int], None]
) -> NotebookRun:
    page, stamp = folder / f"{path.stem}.html", folder / f"{path.stem}.sha256"
    current = hashlib.sha256(common + path.read_bytes()).hexdigest()
    if not again and page.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == current:
        return NotebookRun(path, page, was_cached=True)
    html = _execute(path, folder / "kernels.log", on_cell)
    write_files({page.name: html.encode(), stamp.name: current.encode()}, folder)
    return NotebookRun(path, page, was_cached=False)


def _execute(path: Path, log: Path, on_cell: Callable[[Path, int, int], None]) -> str:
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError
    from nbconvert import HTMLExporter

    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    total = len(notebook.cells)
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=lambda cell, cell_index: on_cell(path, cell_index, total),  # noqa: ARG005
    )
    try:
        with log.open("ab") as file:
            client.execute(stderr=file)
    except CellExecutionError as error:
        raise BadInput(
            Problem(
                f"{path.name}",
                f"a cell stopped with {error.ename}: {error.evalue.splitlines()[0] if error.evalue else ''}",
                "Open the notebook in JupyterLab and run that cell to see the whole error.",
            )
        ) from error
    on_cell(path, total, total)
    exporter = HTMLExporter(exclude_input_prompt=True, exclude_output_prompt=True)  # type: ignore[no-untyped-call]
    return str(exporter.from_notebook_node(notebook)[0])


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
