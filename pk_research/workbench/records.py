"""What a run of notebooks is made of: settings, files and data ahead of it, time and memory after it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from pk_research.apps.serve import voila_environment
from pk_research.codebook import Codebook
from pk_research.disclosure import headings_of_people, headings_of_shares
from pk_research.publish import RECORD, inputs_of, machine
from pk_research.settings import Settings
from pk_research.store import Store
from pk_research.writing import write_files

NAMED_OUTSIDE = re.compile(r"environ(?:\.get\(|\[)[\"'](PK_[A-Z_]+)")
"""A setting that a notebook reads the place of a file from."""


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


def data_of(store: Store) -> dict[str, object]:
    """Return which data a run reads, and under which of its headings stands what tells of people."""
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


def write_record(record: Mapping[str, object], folder: Path) -> None:
    """Write what a run was made of beside its exhibits, where `pk_research.publish.read_record` reads it."""
    text = json.dumps(record, ensure_ascii=False, indent=1)
    write_files({RECORD: f"{text}\n".encode()}, folder)


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
