"""Every figure, table and sentence that a notebook shows, as a file of its own that can be compared."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Literal

from pk_research.errors import BadInput, NotFound, Problem
from pk_research.writing import csv_bytes, write_files

Kind = Literal["figure", "table", "text"]
LIST = "exhibits.csv"
WITHHELD = "withheld.csv"
RECORD, KEPT_RECORD = "reproduction.json", "record.json"
"""What a run was made of: beside its exhibits; and in a package among them, where no run deletes it."""
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
ENDINGS: dict[Kind, str] = {"figure": "png", "table": "csv", "text": "md"}


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One thing a notebook shows.

    Attributes
    ----------
    file
        Its file, named after the notebook, the cell and its place among what the cell shows.
    kind
        ``"figure"`` (PNG), ``"table"`` (CSV) or ``"text"`` (Markdown).
    title
        The heading it stands under.
    notebook, cell
        Where it is made: the notebook's name and the cell's id.
    sha256
        Hash of the file.
    """

    file: str
    kind: Kind
    title: str
    notebook: str
    cell: str
    sha256: str


def exhibits_of(notebook: Mapping[str, Any], name: str) -> Iterator[tuple[Exhibit, bytes]]:
    """Return everything an executed notebook shows, in order.

    Parameters
    ----------
    notebook
        The notebook with its outputs, as nbformat reads it.
    name
        Its name without ending.

    Notes
    -----
    A table is kept as its cells' texts, so that marks a browser needs and that differ from run to run do
    not count.

    Examples
    --------
    >>> shown = {"output_type": "display_data", "data": {"text/markdown": "Seven."}}
    >>> cells = [{"cell_type": "markdown", "source": "# How many?"},
    ...          {"cell_type": "code", "id": "c1", "outputs": [shown]}]
    >>> [(one.file, one.title) for one, _ in exhibits_of({"cells": cells}, "01-count")]
    [('01-count.c1.1.md', 'How many?')]
    """
    title = ""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            headings = HEADING.findall(cell["source"])
            title = headings[-1].strip() if headings else title
            continue
        shown = [made for output in cell.get("outputs", ()) if (made := _content(output)) is not None]
        for number, (kind, content) in enumerate(shown, 1):
            file = f"{name}.{cell['id']}.{number}.{ENDINGS[kind]}"
            yield Exhibit(file, kind, title, name, cell["id"], sha256(content).hexdigest()), content


def write_exhibits(made: Iterable[tuple[Exhibit, bytes]], folder: Path) -> tuple[Exhibit, ...]:
    """Write exhibits into a folder, with their list as ``exhibits.csv``."""
    pairs = list(made)
    listed = list_of([one for one, _ in pairs])
    write_files({one.file: content for one, content in pairs} | {LIST: listed}, folder)
    return tuple(one for one, _ in pairs)


def list_of(exhibits: Sequence[Exhibit]) -> bytes:
    """Return the list of exhibits as `read_exhibits` reads it."""
    import pandas as pd

    columns = [field.name for field in fields(Exhibit)]
    return csv_bytes(pd.DataFrame([astuple(one) for one in exhibits], columns=columns))


def run_of(home: Path, notebook: str) -> Path:
    """Return where ``pk start`` and ``pk notebooks`` keep what a notebook showed when it last ran.

    Examples
    --------
    >>> run_of(Path("workspace"), "11-did-it-work").as_posix()
    'workspace/runs/11-did-it-work'
    """
    return home / "runs" / notebook


def runs_in(home: Path) -> tuple[Path, ...]:
    """Return the runs of a workbench: that of ``pk reproduce`` first, then the last one of each notebook."""
    found = (home / "reproduction", *sorted((home / "runs").glob("[0-9][0-9]-*")))
    return tuple(run for run in found if (run / RECORD).is_file())


def read_exhibits(folder: Path) -> dict[str, Exhibit]:
    """Read the list of a folder of exhibits, by file.

    Raises
    ------
    NotFound
        When the folder has no list.
    BadInput
        When the list was damaged.
    """
    path = folder / LIST
    if not path.is_file():
        raise NotFound(
            Problem(str(path), "there is no list of exhibits", "Name a folder `pk reproduce` made.")
        )
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        wanted = {field.name for field in fields(Exhibit)}
        if not wanted <= set(rows.fieldnames or ()):
            has = ", ".join(rows.fieldnames or ()) or "none"
            raise BadInput(
                Problem(
                    str(path),
                    f"its columns are {has}; {', '.join(sorted(wanted))} are needed",
                    "Unpack it anew, or make the run again.",
                )
            )
        return {row["file"]: Exhibit(**{name: row[name] for name in wanted}) for row in rows}  # type: ignore[arg-type]


def read_withheld(folder: Path) -> frozenset[str]:
    """Return the exhibits that a package does not give away; their files are not in its folder."""
    path = folder / WITHHELD
    if not path.is_file():
        return frozenset()
    with path.open(encoding="utf-8-sig", newline="") as file:
        return frozenset(row["file"] for row in csv.DictReader(file))


def read_record(run: Path) -> dict[str, Any]:
    """Read what a run, or that of an unpacked replication package, was made of.

    Raises
    ------
    NotFound
        When there is no such run, or it was not finished.
    BadInput
        When its record was damaged.
    """
    places = (run / RECORD, run / "exhibits" / KEPT_RECORD)
    path = next((one for one in places if one.is_file()), None)
    if path is None:
        raise NotFound(Problem(str(places[0]), "there is no such run", "Make one: `pk reproduce`."))
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        again = "Unpack it anew, or make the run again: `pk reproduce`."
        raise BadInput(Problem(str(path), f"it is no JSON: {error}", again)) from error
    if not record:
        raise NotFound(Problem(str(run), "the run was not finished", "Make it again: `pk reproduce`."))
    return record


def _content(output: Mapping[str, Any]) -> tuple[Kind, bytes] | None:
    if output["output_type"] == "stream":
        return ("text", output["text"].encode()) if output["name"] == "stdout" else None
    data = output.get("data", {})
    if "image/png" in data:
        return "figure", base64.b64decode(data["image/png"])
    if "<table" in data.get("text/html", ""):
        return "table", _cells(data["text/html"])
    for kind in ("text/markdown", "text/html", "text/plain"):
        if kind in data:
            return "text", data[kind].encode()
    return None


def _cells(html: str) -> bytes:
    parser = _Table()
    parser.feed(html)
    parser.close()
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(parser.rows)
    return text.getvalue().encode("utf-8-sig")


class _Table(HTMLParser):
    """Collects the texts of a table's cells, row by row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._is_in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a row or a cell; a cell over several columns is followed by empty ones."""
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            span = dict(attrs).get("colspan") or "1"
            self.rows[-1] += [""] * (int(span) if span.isdigit() else 1)
            self._at = len(self.rows[-1]) - (int(span) if span.isdigit() else 1)
            self._is_in_cell = True

    def handle_endtag(self, tag: str) -> None:
        """End a cell."""
        if tag in ("td", "th"):
            self._is_in_cell = False

    def handle_data(self, data: str) -> None:
        """Add to the cell's text."""
        if self._is_in_cell:
            self.rows[-1][self._at] = f"{self.rows[-1][self._at]}{data}".strip()
