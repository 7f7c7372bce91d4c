"""What stands behind an exhibit: the cell that made it, its choices, the data and the code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Any

from pk_research.errors import NotFound, Problem
from pk_research.publish.chain import Chain, chain_of
from pk_research.publish.exhibits import Exhibit, read_exhibits, read_record, read_withheld

PLACE = re.compile(r"^(\w+) = display\(.*\bdisplay_id=", re.MULTILINE)


READERS = {
    "register": ("pk_research.register.load_register", "pk_research.workbench.register_dataset"),
    "village_survey_made": ("pk_research.sample.load_sample",),
}
"""What reads a dataset without naming it."""
SHOWN = 3


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
    chain
        The earlier cells it is built on, the choices that count for it, and what of the package they call;
        None likewise.
    parameters
        The notebook's whole cell of parameters, seeds among them.
    data
        Every dataset of the run: name, version, hash, and whether it is made.
    package, python, lock_sha256
        What computed it: this package, Python, and the hash of the list of all libraries.
    """

    exhibit: Exhibit
    is_unchanged: bool
    code: str | None
    chain: Chain | None
    parameters: str
    data: tuple[tuple[str, int, str, bool], ...]
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
        if self.chain is None:
            yield "choices", self.parameters or "none"
        else:
            for cell, names in self.chain.cells.items():
                yield "built on", f"cell {cell}: {', '.join(names)}"
            yield "choices", self.chain.choices or "none of the notebook's parameters counts here"
            if self.chain.calls:
                yield "uses", "\n".join(self.chain.calls)
        yield from self._data_lines()
        yield "made again", f"pk reproduce {one.notebook} --into again"
        yield "computed by", f"{self.package}, Python {self.python}, requirements.lock {self.lock_sha256}"

    def _data_lines(self) -> Iterator[tuple[str, str]]:
        """Return the datasets that these cells name; of the others, that the run has them."""
        read = [entry for entry in self.data if self.chain is not None and _reads(self.chain, entry[0])]
        for name, version, digest, made in self.data:
            what = " (made, not observed)" if made else ""
            label = "data" if (name, version, digest, made) in read else "run's data"
            yield label, f"{name}@{version}{what}, SHA-256 {digest}"
        if self.chain is not None and not read:
            yield "data", "these cells name no dataset of the run; what they use may bring its own"


def _reads(chain: Chain, dataset: str) -> bool:
    """Tell whether cells name a dataset, or call what reads it."""
    readers = READERS.get(dataset, ())
    return dataset in chain.texts or any(call.startswith(readers) for call in chain.calls)


def explain(project: Path, run: Path, file: str) -> Explanation:
    """Follow an exhibit back to the data and the code.

    Parameters
    ----------
    project
        The checkout that holds the notebooks.
    run
        A run of ``pk reproduce``.
    file
        Name of the exhibit's file, with its folder or without.

    Raises
    ------
    NotFound
        When there is no such run or exhibit; close names are told.
    """
    exhibits = read_exhibits(run / "exhibits")
    file = Path(file).name
    if file not in exhibits:
        if file in read_withheld(run / "exhibits"):
            told = "Make it anew: `pk reproduce`; withheld.csv says why it is not given away."
            raise NotFound(Problem(file, "it is withheld from this package", told))
        raise NotFound(Problem(file, "there is no such exhibit in the run", _nearest(file, exhibits)))
    record = read_record(run)
    one = exhibits[file]
    of_notebook = {entry["notebook"]: entry for entry in record["notebooks"]}.get(one.notebook)
    if of_notebook is None:
        what = f"the record of the run does not know its notebook, {one.notebook}"
        raise NotFound(Problem(file, what, "Make the run again: `pk reproduce`."))
    path = run / "exhibits" / file
    cells = _cells(project / "notebooks" / f"{one.notebook}.ipynb", of_notebook)
    ends = [] if cells is None else _ends(cells, one.cell)
    return Explanation(
        one,
        path.is_file() and sha256(path.read_bytes()).hexdigest() == one.sha256,
        "\n\n".join("".join(cell["source"]) for cell in ends) or None,
        _chain(cells, ends) if cells is not None and ends else None,
        of_notebook["parameters"],
        tuple(
            (entry["name"], entry["version"], entry["sha256"], entry.get("made", False))
            for entry in record["data"]
        ),
        record["package"],
        record["python"],
        record["lock_sha256"],
    )


def _nearest(asked: str, exhibits: Mapping[str, Exhibit]) -> str:
    """Say which exhibits somebody may have meant: by how a name begins, its heading, or its spelling."""
    text = asked.casefold()
    begun = [file for file in exhibits if file.casefold().startswith(text)] if text else []
    under = [file for file, one in exhibits.items() if text and text in one.title.casefold()]
    near = get_close_matches(text, [file.casefold() for file in exhibits], n=SHOWN, cutoff=0.3)
    spelt = [file for file in exhibits if file.casefold() in near]
    spelt.sort(key=lambda file: near.index(file.casefold()))
    found = begun or under or spelt
    if not found:
        return "See exhibits.csv of the run."
    more = f" There are {len(found)} like that: see exhibits.csv of the run." if len(found) > SHOWN else ""
    return f"Did you mean {', '.join(found[:SHOWN])}?{more}"


def _cells(path: Path, ran: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Return the code cells of a notebook; None where it is no longer the one that was run."""
    if not path.is_file() or sha256(path.read_bytes()).hexdigest() != ran["sha256"]:
        return None
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def _chain(cells: list[dict[str, Any]], ends: list[dict[str, Any]]) -> Chain:
    """Follow the cells back; one that only keeps a place for an answer made nothing."""
    making = [cell for cell in cells if cell in ends or not PLACE.search("".join(cell["source"]))]
    return chain_of(making, [cell["id"] for cell in ends])


def _ends(cells: list[dict[str, Any]], cell: str) -> list[dict[str, Any]]:
    """Return the cell that shows an exhibit, and the later ones that fill a place kept in it."""
    shown = [one for one in cells if one.get("id") == cell]
    kept = [name for one in shown for name in PLACE.findall("".join(one["source"]))]
    filled = [one for one in cells if any(f"{name}.update(" in "".join(one["source"]) for name in kept)]
    return [*shown, *(one for one in filled if one not in shown)]
