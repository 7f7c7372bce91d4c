"""Two runs side by side: which exhibits differ, where in them, and by how much."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pk_research.errors import BadInput, Problem
from pk_research.language import MINUS
from pk_research.publish.exhibits import Exhibit, Kind, read_exhibits, read_withheld

SHOWN = 80


@dataclass(frozen=True, slots=True)
class Difference:
    """How an exhibit of one run differs from that of an earlier one.

    Attributes
    ----------
    file
        Of the exhibit.
    what
        What differs, where, and by how much.
    """

    file: str
    what: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the exhibits of two runs agree.

    Attributes
    ----------
    compared
        The files that were looked at.
    differences
        Those that differ.
    withheld
        Those that the earlier run does not give away, so that they cannot be compared.
    """

    compared: tuple[str, ...]
    differences: tuple[Difference, ...]
    withheld: tuple[str, ...]


def compare_exhibits(
    before: Path, now: Path, *, tolerance: float = 0.0, notebooks: Collection[str] | None = None
) -> Comparison:
    """Tell which exhibits of two runs differ, and by how much.

    Parameters
    ----------
    before, now
        Folders from `write_exhibits`, of the earlier run and of the later. Files are read anew: what their
        lists say is checked, too.
    tolerance
        Largest difference between two numbers of a table, relative to the larger, that counts as the
        same; 0 asks for the same bytes. Figures and texts must be the same.
    notebooks
        Whose exhibits are compared; all by default.

    Raises
    ------
    NotFound
        When a folder has no list.
    BadInput
        When the tolerance is below 0, or a list was damaged.
    """
    if not tolerance >= 0:
        raise BadInput(Problem("tolerance", f"it is {tolerance!r}", "Give 0 or more, such as 1e-9."))
    was, here = (_chosen(folder, notebooks) for folder in (before, now))
    withheld = read_withheld(before) & here.keys()
    files = sorted((was.keys() | here.keys()) - withheld)
    found = [
        Difference(file, what)
        for file in files
        if (what := _told(was.get(file), here.get(file), before, now, tolerance)) is not None
    ]
    return Comparison(tuple(files), tuple(found), tuple(sorted(withheld)))


def _chosen(folder: Path, notebooks: Collection[str] | None) -> dict[str, Exhibit]:
    listed = read_exhibits(folder)
    return {file: one for file, one in listed.items() if notebooks is None or one.notebook in notebooks}


def _told(was: Exhibit | None, here: Exhibit | None, before: Path, now: Path, tolerance: float) -> str | None:
    if here is None:
        return "the earlier run made it, this one does not"
    if was is None:
        return "this run makes it, the earlier one did not"
    contents = []
    for one, folder, run in ((was, before, "earlier"), (here, now, "later")):
        path = folder / one.file
        if not path.is_file():
            remedy = ": unpack it anew" if run == "earlier" else ""
            return f"the {run} run lists it, but its file is not there{remedy}"
        contents.append(path.read_bytes())
    what = _difference(was.kind, contents[0], contents[1], tolerance)
    if what is not None and sha256(contents[0]).hexdigest() != was.sha256:
        return f"{what}; the earlier run's file was changed since it was made: unpack it anew"
    return what


def _difference(kind: Kind, was: bytes, now: bytes, tolerance: float) -> str | None:
    if was == now:
        return None
    if kind == "figure":
        return _of_figures(was, now)
    try:
        before, after = (content.decode("utf-8-sig") for content in (was, now))
    except UnicodeDecodeError:
        return "it is no text: its file is damaged"
    if kind == "table":
        return _of_tables(before, after, tolerance)
    return _of_lines(before.splitlines(), after.splitlines())


def _of_figures(was: bytes, now: bytes) -> str:
    import numpy as np
    from matplotlib.image import imread

    try:
        one, other = (imread(io.BytesIO(content), format="png") for content in (was, now))
    except (OSError, SyntaxError, ValueError):  # as its reader calls what is no PNG
        return "it is no picture: its file is damaged"
    if one.shape[:2] != other.shape[:2]:
        return f"it was {one.shape[1]} x {one.shape[0]} points and is {other.shape[1]} x {other.shape[0]}"
    if one.shape != other.shape:
        return "its colours are written otherwise"
    differs = np.any(one != other, axis=-1)
    if not differs.any():
        return "the same points, written otherwise"
    rows, columns = (np.flatnonzero(differs.any(axis=axis)) for axis in (1, 0))
    return (
        f"{differs.mean():.2%} of its points, between row {rows[0]} and {rows[-1]} from the top,"
        f" column {columns[0]} and {columns[-1]}"
    )


def _of_tables(was: str, now: str, tolerance: float) -> str | None:
    before, after = (list(csv.reader(io.StringIO(text))) for text in (was, now))
    if len(before) != len(after):
        return f"it had {len(before)} rows and has {len(after)}"
    for number, (row, other) in enumerate(zip(before, after, strict=True), 1):
        if len(row) != len(other):
            return f"row {number} had {len(row)} columns and has {len(other)}"
    found = list(_cells(before, after))
    beyond = [told for told, apart in found if not apart <= tolerance]
    if not beyond:
        return None if tolerance else "the same cells, written otherwise"
    n_cells = sum(map(len, before))
    numbers = [apart for _, apart in found if apart < float("inf")]
    largest = f", numbers by up to {max(numbers):.2g} of the larger" if numbers else ""
    return f"{beyond[0]}; {len(beyond)} of {n_cells} cells differ{largest}"


def _cells(before: Sequence[Sequence[str]], after: Sequence[Sequence[str]]) -> Iterator[tuple[str, float]]:
    """Yield which cells differ, by what stands at the head of their column and row, and how far."""
    for number, (row, other) in enumerate(zip(before, after, strict=True), 1):
        for column, (value, is_now) in enumerate(zip(row, other, strict=True), 1):
            if value == is_now:
                continue
            head = before[0][column - 1] if number > 1 else ""
            places = [f"row {number}", f"({row[0]})" * bool(row[0] and column > 1), f"column {column}"]
            where = " ".join(part for part in places if part) + f" ({head})" * bool(head)
            yield f"{where}: was {value!r}, is {is_now!r}", _apart(value, is_now)


def number_of(text: str) -> float:
    """Return the number a cell shows to English readers; a ValueError where it shows none.

    Examples
    --------
    >>> number_of("−1,234.5")
    -1234.5
    """
    return float(text.replace(",", "").replace(MINUS, "-"))


def _apart(value: str, other: str) -> float:
    """Return how far two numbers are apart, relative to the larger; endless where one is none."""
    try:
        one, two = (number_of(text) for text in (value, other))
    except ValueError:
        return float("inf")
    largest = max(abs(one), abs(two))
    return abs(one - two) / largest if largest else 0.0


def _of_lines(was: Sequence[str], now: Sequence[str]) -> str:
    for number, (line, other) in enumerate(zip(was, now, strict=False), 1):
        if line != other:
            return f"line {number}: was {_around(line, other)!r}, is {_around(other, line)!r}"
    if len(was) != len(now):
        return f"it had {len(was)} lines and has {len(now)}"
    return "the same lines, ended otherwise"


def _around(line: str, other: str) -> str:
    """Return the part of a long line in which it first differs from another."""
    same = next(
        (n for n, (a, b) in enumerate(zip(line, other, strict=False)) if a != b), min(len(line), len(other))
    )
    start = max(0, same - SHOWN // 2)
    return ("…" if start else "") + line[start : start + SHOWN] + ("…" if start + SHOWN < len(line) else "")
