"""Where the columns of a table are explained: in a codebook beside it, or in the README of its folder."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from pk_research.sources.package import sidecar_path

CODEBOOK = ".codebook.csv"
NAMED = re.compile(r"`([^`\n]+)`")


class Explained(NamedTuple):
    """Where a table's columns are explained: a file, and the columns that nothing explains."""

    by: str | None
    missing: tuple[str, ...]


def lies_in(name: str, places: Sequence[str]) -> bool:
    """Tell whether a file is one of some files or folders, or describes one.

    Examples
    --------
    >>> [lies_in(one, ["data/fish.csv"]) for one in ("data/fish.csv", "data/fish.codebook.csv", "data/a.csv")]
    [True, True, False]
    """
    return any(name == place or name.startswith(f"{place}/") or name in describing(place) for place in places)


def describing(table: str) -> tuple[str, str]:
    """Return where a table's codebook and its descriptor would stand.

    Examples
    --------
    >>> describing("data/fish.csv")
    ('data/fish.codebook.csv', 'data/fish.datapackage.json')
    """
    path = PurePosixPath(table)
    return str(path.with_name(f"{path.stem}{CODEBOOK}")), sidecar_path(Path(table)).as_posix()


def explained(name: str, files: Mapping[str, bytes]) -> Explained:
    """Return where the columns of a CSV table are explained.

    Parameters
    ----------
    name
        Of the table in the package.
    files
        Name -> content, of all files.

    Notes
    -----
    In a README a column is explained where its name stands between backticks.

    Examples
    --------
    >>> files = {"data/a.csv": b"code,poor", "data/README.md": b"`code`: of the village"}
    >>> explained("data/a.csv", files)
    Explained(by='data/README.md', missing=('poor',))
    """
    columns = header(files[name])
    codebook = describing(name)[0]
    if codebook in files:
        rows = csv.DictReader(io.StringIO(files[codebook].decode("utf-8-sig", errors="replace")))
        known, by = {row.get("name", "") for row in rows}, codebook
    else:
        by = str(PurePosixPath(name).with_name("README.md"))
        known = set(NAMED.findall(files.get(by, b"").decode("utf-8-sig", errors="replace")))
    missing = tuple(column for column in columns if column not in known)
    return Explained(by if len(missing) < len(columns) else None, missing)


def header(content: bytes) -> list[str]:
    """Return the names of a CSV file's columns."""
    return next(csv.reader(io.StringIO(content.decode("utf-8-sig", errors="replace"))), [])
