"""What was named as evidence for a decision: an app, a notebook, an exhibit that was computed here."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pk_research.disclosure import found_in
from pk_research.errors import PkError
from pk_research.language import Message
from pk_research.publish import Explanation, explain, read_exhibits, read_record, why_withheld

Kind = Literal["app", "notebook", "exhibit"]
APPS = ("findings", "policy", "products")
# Where somebody without a notebook finds the same question answered, by the notebook's number.
ANSWERED_IN = {
    "03": "findings", "05": "findings", "06": "findings", "07": "findings",
    "08": "products", "09": "products", "10": "products",
    "11": "policy", "12": "policy", "13": "policy", "15": "policy",
}  # fmt: skip
EXHIBIT = re.compile(r"(?P<notebook>\d\d-[a-z0-9-]+)\.(?P<cell>[a-z0-9-]+)\.\d+\.(?:png|csv|md)")
HEADING = re.compile(r"^# +(.+)$", re.MULTILINE)
OLD_RUN = Message(
    "it was computed by an earlier version of the program, which did not say whom its data tells of"
)
OF_PEOPLE = Message("a picture of data about people is not shown to everybody")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence that is known here.

    Attributes
    ----------
    name
        The app, the notebook without its ending, or the file of the exhibit.
    kind
        Which of the three.
    question
        The question of the notebook; empty for an app.
    app
        Where the same question is answered for everybody; empty where no app does.
    chain
        What stands behind an exhibit; None where no run here has it.
    content
        The exhibit's file; None where there is none to be shown.
    withheld
        Why the file may not be shown; None where it may, and where there is none.
    """

    name: str
    kind: Kind
    question: str = ""
    app: str = ""
    chain: Explanation | None = None
    content: bytes | None = None
    withheld: Message | None = None


def evidence_in(texts: Iterable[str], project: Path, runs: Sequence[Path]) -> dict[str, Evidence]:
    """Recognise what is named as evidence; what is none of ours is left out.

    Parameters
    ----------
    texts
        As people wrote them: capitals, spaces around, a folder and the ending of a notebook do not count.
    project
        The checkout that holds the notebooks.
    runs
        Where exhibits were computed. Of two that have the same one, that is told whose notebook and file
        are still as they were; of two such, the first.
    """
    notebooks = {path.stem: path for path in sorted((project / "notebooks").glob("[0-9][0-9]-*.ipynb"))}
    exhibits = {run: _exhibits(run) for run in runs}
    found = {text: _recognised(text, notebooks, exhibits) for text in sorted(set(texts))}
    return {text: one for text, one in found.items() if one is not None}


def _exhibits(run: Path) -> frozenset[str]:
    try:
        return frozenset(read_exhibits(run / "exhibits"))
    except PkError:
        return frozenset()


def _recognised(
    text: str, notebooks: Mapping[str, Path], exhibits: Mapping[Path, frozenset[str]]
) -> Evidence | None:
    name = text.strip().lower().removeprefix("notebooks/").removesuffix(".ipynb")
    if name in APPS:
        return Evidence(name, "app", app=name)
    if name in notebooks:
        return Evidence(name, "notebook", _question(notebooks[name]), ANSWERED_IN.get(name[:2], ""))
    named = EXHIBIT.fullmatch(name)
    path = notebooks.get(named["notebook"]) if named else None
    # A name is shown as it is, so none that only looks like one of ours passes.
    if named is None or path is None or found_in(name):
        return None
    having = [run for run, files in exhibits.items() if name in files]
    if not having and named["cell"] not in _cells(path):
        return None
    told = Evidence(name, "exhibit", _question(path), ANSWERED_IN.get(name[:2], ""))
    known = [(chain, run) for run in having if (chain := _chain(path.parents[1], run, name)) is not None]
    if not known:
        return told
    chain, run = max(known, key=lambda one: one[0].is_unchanged and one[0].code is not None)
    told = replace(told, chain=chain)
    return _with_content(told, chain, run) if chain.is_unchanged else told


def _with_content(told: Evidence, chain: Explanation, run: Path) -> Evidence:
    """Add the file, by the rules of a package; and no figure that may tell of people, which no rule reads."""
    content = (run / "exhibits" / chain.exhibit.file).read_bytes()
    record = read_record(run)
    of_people = record.get("of_people")
    if of_people is None:
        withheld: Message | None = OLD_RUN
    elif of_people and chain.exhibit.kind == "figure":
        withheld = OF_PEOPLE
    else:
        withheld = why_withheld(chain.exhibit, content, of_people, shares=record.get("shares"))
    return replace(told, content=None if withheld else content, withheld=withheld)


def _chain(project: Path, run: Path, file: str) -> Explanation | None:
    try:
        return explain(project, run, file)
    except (PkError, LookupError, StopIteration, ValueError, OSError):
        log.warning("the run in %s was interrupted: it cannot explain its exhibits", run)
        return None


def _question(path: Path) -> str:
    first = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
    heading = HEADING.search(first)
    return heading[1].strip() if heading else path.stem


def _cells(path: Path) -> frozenset[str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return frozenset(one.get("id", "") for one in cells if one["cell_type"] == "code")
