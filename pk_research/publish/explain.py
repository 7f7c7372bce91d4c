"""What stands behind an exhibit: the cell that made it, its choices, the data and the code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Any

from pk_research.errors import NotFound, Problem
from pk_research.publish.exhibits import Exhibit, read_exhibits, read_record

PLACE = re.compile(r"^(\w+) = display\(.*\bdisplay_id=", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The chain behind an exhibit.

    Attributes
    ----------
    exhibit
        The exhibit.
    is_unchanged
        Whether its file is still what the run made.
    code
        Source of the cell that made it, and of the later one that filled a place kept in it; None where
        the notebook is no longer the one that was run.
    parameters
        The notebook's cell of parameters, seeds among them.
    data
        Name, version and hash of every dataset of the run.
    package, python, lock_sha256
        What computed it: this package, Python, and the hash of the list of all libraries.
    """

    exhibit: Exhibit
    is_unchanged: bool
    code: str | None
    parameters: str
    data: tuple[tuple[str, int, str], ...]
    package: str
    python: str
    lock_sha256: str | None

    def lines(self) -> Iterator[tuple[str, str]]:
        """Return the chain as pairs of what and which, from the exhibit down to the code."""
        one = self.exhibit
        yield "exhibit", f"{one.file} ({one.kind}), under “{one.title}”"
        state = "unchanged since the run" if self.is_unchanged else "CHANGED since the run"
        yield "file", f"SHA-256 {one.sha256}, {state}"
        yield "made by", f"notebooks/{one.notebook}.ipynb, cell {one.cell}"
        yield "code", self.code if self.code is not None else "the notebook is no longer the one that was run"
        yield "choices", self.parameters or "none"
        for name, version, digest in self.data:
            yield "data", f"{name}@{version}, SHA-256 {digest}"
        yield "computed by", f"{self.package}, Python {self.python}, requirements.lock {self.lock_sha256}"


def explain(project: Path, run: Path, file: str) -> Explanation:
    """Follow an exhibit back to the data and the code.

    Parameters
    ----------
    project
        The checkout that holds the notebooks.
    run
        A run of ``pk reproduce``.
    file
        Name of the exhibit's file.

    Raises
    ------
    NotFound
        When there is no such run or exhibit; close names are told.
    """
    exhibits = read_exhibits(run / "exhibits")
    if file not in exhibits:
        near = get_close_matches(file, exhibits, n=3, cutoff=0.3)
        known = f"Did you mean {', '.join(near)}?" if near else "See exhibits.csv of the run."
        raise NotFound(Problem(file, "there is no such exhibit in the run", known))
    record = read_record(run)
    one = exhibits[file]
    of_notebook = next(entry for entry in record["notebooks"] if entry["notebook"] == one.notebook)
    path = run / "exhibits" / file
    return Explanation(
        one,
        path.is_file() and sha256(path.read_bytes()).hexdigest() == one.sha256,
        _code(project / "notebooks" / f"{one.notebook}.ipynb", of_notebook, one.cell),
        of_notebook["parameters"],
        tuple((entry["name"], entry["version"], entry["sha256"]) for entry in record["data"]),
        record["package"],
        record["python"],
        record["lock_sha256"],
    )


def _code(path: Path, ran: dict[str, Any], cell: str) -> str | None:
    if not path.is_file() or sha256(path.read_bytes()).hexdigest() != ran["sha256"]:
        return None
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    shown = next(("".join(one["source"]) for one in cells if one.get("id") == cell), None)
    if shown is None:
        return None
    # A place kept for an answer is filled by a later cell, which is what made it.
    filled = tuple(f"{name}.update(" for name in PLACE.findall(shown))
    sources = ("".join(one["source"]) for one in cells if one["cell_type"] == "code")
    return "\n\n".join([shown, *(text for text in sources if any(part in text for part in filled))])
