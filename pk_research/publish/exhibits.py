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


@dataclass(frozen=True, slots=True)
class Difference:
    """How an exhibit of one run differs from that of another.

    Attributes
    ----------
    file
        Of the exhibit.
    what
        What differs, and by how much.
    """

    file: str
    what: str


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


def read_exhibits(folder: Path) -> dict[str, Exhibit]:
    """Read the list of a folder of exhibits, by file.

    Raises
    ------
    NotFound
        When the folder has no list.
    """
    path = folder / LIST
    if not path.is_file():
        raise NotFound(
            Problem(str(path), "there is no list of exhibits", "Name a folder `pk reproduce` made.")
        )
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["file"]: Exhibit(**row) for row in csv.DictReader(file)}  # type: ignore[arg-type]


def read_record(run: Path) -> dict[str, Any]:
    """Read what a run, or that of an unpacked replication package, was made of.

    Raises
    ------
    NotFound
        When there is no such run, or it was not finished.
    """
    places = (run / RECORD, run / "exhibits" / KEPT_RECORD)
    path = next((one for one in places if one.is_file()), None)
    if path is None:
        raise NotFound(Problem(str(places[0]), "there is no such run", "Make one: `pk reproduce`."))
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if not record:
        raise NotFound(Problem(str(run), "the run was not finished", "Make it again: `pk reproduce`."))
    return record


def compare_exhibits(first: Path, second: Path, *, tolerance: float = 0.0) -> tuple[Difference, ...]:
    """Tell which exhibits of two runs differ, and by how much.

    Parameters
    ----------
    first, second
        Folders from `write_exhibits`. Files are read anew: what their lists say is checked, too.
    tolerance
        Largest difference between two numbers of a table, relative to the larger, that counts as the
        same; 0 asks for the same bytes. Figures and texts must be the same.

    Raises
    ------
    NotFound
        When a folder has no list.
    BadInput
        When the tolerance is below 0.
    """
    if not tolerance >= 0:
        raise BadInput(Problem("tolerance", f"it is {tolerance!r}", "Give 0 or more, such as 1e-9."))
    one, other = read_exhibits(first), read_exhibits(second)
    found = []
    for file in sorted(one.keys() | other.keys()):
        if file not in other:
            found.append(Difference(file, "only the first has it"))
        elif file not in one:
            found.append(Difference(file, "only the second has it"))
        else:
            was, now = _read(first / file), _read(second / file)
            if was is None or now is None:
                found.append(Difference(file, "its file is not there"))
            elif (what := _difference(one[file].kind, was, now, tolerance)) is not None:
                found.append(Difference(file, what))
    return tuple(found)


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _difference(kind: Kind, first: bytes, second: bytes, tolerance: float) -> str | None:
    if first == second:
        return None
    if kind == "figure":
        return _of_figures(first, second)
    if kind == "table":
        return _of_tables(first, second, tolerance)
    return _of_lines(first.decode().splitlines(), second.decode().splitlines())


def _of_figures(first: bytes, second: bytes) -> str:
    import numpy as np
    from matplotlib.image import imread

    one, other = (imread(io.BytesIO(content), format="png") for content in (first, second))
    if one.shape != other.shape:
        return f"its size is {one.shape[1]} x {one.shape[0]} and {other.shape[1]} x {other.shape[0]}"
    share = float(np.mean(np.any(one != other, axis=-1)))
    return f"{share:.2%} of its points" if share else "the same points, written otherwise"


def _of_tables(first: bytes, second: bytes, tolerance: float) -> str | None:
    one, other = (list(csv.reader(io.StringIO(content.decode("utf-8-sig")))) for content in (first, second))
    if [len(row) for row in one] != [len(row) for row in other]:
        return f"it has {len(one)} and {len(other)} rows, or rows of other lengths"
    for number, (row, same) in enumerate(zip(one, other, strict=True), 1):
        for column, (value, wanted) in enumerate(zip(row, same, strict=True), 1):
            if value != wanted and not _is_near(value, wanted, tolerance):
                return f"row {number}, column {column}: {value!r} and {wanted!r}"
    return None if tolerance else "the same cells, written otherwise"


def _is_near(value: str, wanted: str, tolerance: float) -> bool:
    try:
        one, other = (float(text.replace(",", "")) for text in (value, wanted))
    except ValueError:
        return False
    return abs(one - other) <= tolerance * max(abs(one), abs(other))


def _of_lines(first: list[str], second: list[str]) -> str:
    for number, (line, other) in enumerate(zip(first, second, strict=False), 1):
        if line != other:
            return f"line {number}: {line[:80]!r} and {other[:80]!r}"
    return f"it has {len(first)} and {len(second)} lines"


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
