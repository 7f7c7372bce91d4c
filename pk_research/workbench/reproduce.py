"""From raw data to every exhibit in one go: what was there is deleted first."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from pk_research.apps.serve import voila_environment
from pk_research.codebook import Codebook
from pk_research.disclosure import headings_of_people, headings_of_shares
from pk_research.errors import BadInput, Problem
from pk_research.publish import RECORD, Exhibit, exhibits_of, inputs_of, machine, write_exhibits
from pk_research.settings import MIB, Settings
from pk_research.store import Store, open_store
from pk_research.workbench.datasets import load_basics
from pk_research.workbench.notebook_page import page_of
from pk_research.workbench.notebooks import curated_notebooks, execute
from pk_research.writing import write_files

NAMED_OUTSIDE = re.compile(r"environ(?:\.get\(|\[)[\"'](PK_[A-Z_]+)")
"""A setting that a notebook reads the place of a file from."""


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
        facts.append(
            {
                **ahead,
                "n_exhibits": len(shown),
                "seconds": round(run.seconds, 1),
                "peak_mib": None if run.peak_mib is None else round(run.peak_mib),
            }
        )
    exhibits = write_exhibits(made, folder / "exhibits")
    record = {
        **made_of,
        **_data_of(store),
        "workers": house.compute or "1",
        "written_mib": round(_mib(folder), 1),
        "environment_mib": round(_mib(Path(sys.prefix))) if sys.prefix != sys.base_prefix else None,
        "notebooks": facts,
    }
    text = json.dumps(record, ensure_ascii=False, indent=1)
    write_files({RECORD: f"{text}\n".encode()}, folder)
    return Reproduction(folder, exhibits, tuple(made_of["outside"]), record)


def circumstances(settings: Settings, notebooks: Sequence[Path]) -> dict[str, Any]:
    """Return what a run of notebooks would be made of, as far as it is known ahead.

    Notes
    -----
    `pk_research.publish.unlike` compares it with the record of an earlier run.
    """
    inputs = inputs_of(settings.project)
    return {
        **machine(),
        "date": datetime.now(UTC).date().isoformat(),
        "lock_sha256": inputs.get("requirements.lock"),
        "inputs": inputs,
        "outside": [*_outside(notebooks, {**os.environ, **voila_environment(settings)})],
        "notebooks": [
            {
                "notebook": path.stem,
                "sha256": sha256(path.read_bytes()).hexdigest(),
                "parameters": _parameters(path),
            }
            for path in notebooks
        ],
    }


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


def _data_of(store: Store) -> dict[str, object]:
    return {
        "of_people": _of_people(store),
        "shares": _shares(store),
        "data": [
            {
                "name": entry.name,
                "version": entry.version,
                "sha256": entry.content_hash,
                "made": entry.made,
            }
            for entry in sorted(store.datasets(), key=lambda entry: entry.name)
        ],
    }


def _outside(notebooks: Sequence[Path], places: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Tell which files a setting names that are no part of the raw data, and what they hold."""
    code = "\n".join("".join(cell["source"]) for path in notebooks for cell in _cells(path))
    named = {"PK_BOUNDARIES", *NAMED_OUTSIDE.findall(code)}
    for name in sorted(named):
        given = places.get(name)
        path = notebooks[0].parent / (given or "")  # where their kernels work
        if not given or not path.exists():
            continue
        files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
        digest = sha256(b"".join(sha256(one.read_bytes()).digest() for one in files))
        yield {"setting": name, "name": path.name, "sha256": digest.hexdigest()}


def _mib(folder: Path) -> float:
    """Return how much the files of a folder hold together."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / MIB


def _of_people(store: Store) -> dict[str, bool]:
    """Return under which headings observed data of the run tells of people; made data tells of nobody."""
    books = _books_of_observed(store)
    found = {heading: is_count for book in books for heading, is_count in headings_of_people(book).items()}
    return dict(sorted(found.items()))


def _shares(store: Store) -> dict[str, list[str]]:
    """Return under which headings of observed data stand shares of people, and what they are shares of."""
    books = _books_of_observed(store)
    return dict(sorted((heading, of) for book in books for heading, of in headings_of_shares(book).items()))


def _books_of_observed(store: Store) -> list[Codebook]:
    return [store.read(entry.name).codebook for entry in store.datasets() if not entry.made]


def _parameters(path: Path) -> str:
    """Return the cell of parameters of a notebook, seeds among them."""
    chosen = [cell for cell in _cells(path) if "parameters" in cell["metadata"].get("tags", ())]
    return "".join(chosen[0]["source"]) if chosen else ""


def _cells(path: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells
