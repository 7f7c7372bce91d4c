"""From raw data to every exhibit in one go: what was there is deleted first."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pk_research.apps.serve import voila_environment
from pk_research.errors import BadInput, Problem
from pk_research.publish import RECORD, Exhibit, exhibits_of, write_exhibits
from pk_research.settings import MIB, Settings
from pk_research.store import open_store
from pk_research.workbench.datasets import load_basics
from pk_research.workbench.notebook_page import page_of
from pk_research.workbench.notebooks import curated_notebooks, execute
from pk_research.workbench.records import circumstances, data_of, write_record
from pk_research.writing import write_files


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A run of the notebooks on data that was just loaded from its raw files.

    Attributes
    ----------
    folder
        Holds ``exhibits/`` with their list, ``notebooks/`` with the pages, and ``reproduction.json``.
    exhibits
        Everything the notebooks show.
    outside
        Files that a setting names and that are no part of the raw data: ``setting``, ``name``, ``sha256``.
    record
        What it was made of: versions, hash of every file of code and data, datasets, files from outside that
        a setting names, choices of each notebook, seconds, memory and storage.
    """

    folder: Path
    exhibits: tuple[Exhibit, ...]
    outside: tuple[dict[str, str], ...]
    record: dict[str, object]


def reproduce(
    settings: Settings,
    folder: Path,
    *,
    names: Sequence[str] | None = None,
    on_cell: Callable[[Path, int, int], None] = lambda _notebook, _done, _total: None,
) -> Reproduction:
    """Delete an earlier run, load the raw data into a new store, and run the notebooks.

    Parameters
    ----------
    settings
        Where notebooks and boundaries are; its own store is not touched.
    folder
        Where everything goes. One that holds anything but an earlier run is refused.
    names
        Numbers or names of notebooks; all by default.
    on_cell
        As in `run_notebooks`.

    Raises
    ------
    BadInput
        When the folder holds other files, or a cell fails.
    NotFound
        When a notebook is not there.
    """
    notebooks = curated_notebooks(settings, names)
    folder = folder.resolve()  # kernels work elsewhere
    _empty(folder)
    made_of = circumstances(settings, notebooks)
    home = folder / "home"
    house = replace(settings, home=home, database_url=f"sqlite:///{home / 'store.sqlite'}", attachments=None)
    store = open_store(house.database_url)
    load_basics(house, store)
    places = {**os.environ, **voila_environment(house)}
    made, facts = [], []
    for path, ahead in zip(notebooks, made_of["notebooks"], strict=True):
        run = execute(path, home / "kernels.log", places, on_cell)
        shown = list(exhibits_of(run.notebook, path.stem))
        write_files({f"{path.stem}.html": page_of(run.notebook)}, folder / "notebooks")
        made += shown
        facts.append({**ahead, "n_exhibits": len(shown), **run.facts()})
    exhibits = write_exhibits(made, folder / "exhibits")
    record = {
        **made_of,
        **data_of(store),
        "workers": house.compute or "1",
        "written_mib": round(_mib(folder), 1),
        "environment_mib": round(_mib(Path(sys.prefix))) if sys.prefix != sys.base_prefix else None,
        "notebooks": facts,
    }
    write_record(record, folder)
    return Reproduction(folder, exhibits, tuple(made_of["outside"]), record)


def _empty(folder: Path) -> None:
    """Remove an earlier run, and begin one that an interruption leaves recognisable."""
    if folder.exists():
        if not folder.is_dir() or (any(folder.iterdir()) and not (folder / RECORD).is_file()):
            raise BadInput(
                Problem(
                    str(folder),
                    "it holds something else than an earlier run, and a run deletes what is there",
                    "Name a new folder.",
                )
            )
        shutil.rmtree(folder)
    (folder / "home").mkdir(parents=True)
    (folder / RECORD).write_text("{}\n", encoding="utf-8")


def _mib(folder: Path) -> float:
    """Return how much the files of a folder hold together."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / MIB
