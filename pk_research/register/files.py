"""The register as a file: one village a line, codes as text, the same bytes for the same villages."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Container, Iterable, Iterator
from dataclasses import astuple, fields
from pathlib import Path

from pk_research.errors import BadInput, NotFound, Problem
from pk_research.register.book import Register
from pk_research.register.codes import normalise_code
from pk_research.register.village import Village, village_at
from pk_research.settings import project_folder

REFERENCE = Path("data", "reference")
VILLAGES_FILE = "villages_3216.csv"
CHANGES_FILE = "code_changes.csv"
COLUMNS = tuple(field.name for field in fields(Village))
CHANGES_COLUMNS = ("old_code", "new_code", "village", "since", "reason", "source")


def load_register(*, path: Path | None = None) -> Register:
    """Read the register of villages.

    Parameters
    ----------
    path
        A file that `write_villages` wrote; by default the 187 villages of Kabupaten Bekasi in
        ``data/reference/``. Codes that changed are always read from there, where it exists.

    Returns
    -------
    Register
        In the order of the codes.

    Raises
    ------
    NotFound
        When there is no such file.
    BadInput
        When the file is damaged; every line that cannot be used is named.

    Examples
    --------
    >>> register = load_register()
    >>> len(register), len(register.kecamatan())
    (187, 23)
    """
    folder = project_folder() / REFERENCE
    villages = read_villages(path or folder / VILLAGES_FILE)
    return Register(villages, read_changes(folder / CHANGES_FILE))


def read_villages(path: Path) -> tuple[Village, ...]:
    """Read the villages of a register file.

    Parameters
    ----------
    path
        CSV with the columns of `Village`, plain or gzipped.

    Raises
    ------
    NotFound
        When there is no such file.
    BadInput
        When it is damaged: a code that is none or stands twice, a column that contradicts it.
    """
    villages: dict[str, Village] = {}
    problems = []
    for line, row in _rows(path, COLUMNS):
        try:
            villages[row["code"]] = _village(row, villages)
        except ValueError as error:
            problems.append(
                Problem(f"{path}, line {line}", str(error), "Take the file from its source again.")
            )
    if problems:
        raise BadInput(problems)
    return tuple(villages[code] for code in sorted(villages))


def read_changes(path: Path) -> dict[str, str]:
    """Read which codes went out of use, and which are in use instead.

    Parameters
    ----------
    path
        CSV with the columns ``old_code`` and ``new_code``; a file that is not there changes
        nothing.
    """
    if not path.is_file():
        return {}
    return {row["old_code"]: row["new_code"] for _, row in _rows(path, CHANGES_COLUMNS)}


def villages_csv(villages: Iterable[Village]) -> bytes:
    """Write villages as CSV, in the order of their codes.

    Parameters
    ----------
    villages
        The villages.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(astuple(village) for village in sorted(villages, key=lambda village: village.code))
    return text.getvalue().encode()


def _village(row: dict[str, str], others: Container[str]) -> Village:
    code = row["code"]
    if normalise_code(code) != code:
        raise ValueError(f"{code!r} is not the 10 digits of a code")
    if code in others:
        raise ValueError(f"the code {code} stands there twice")
    if not row["name"]:
        raise ValueError(f"the village {code} has no name")
    village = village_at(
        code, row["name"], kecamatan=row["kecamatan"], regency=row["regency"], province=row["province"]
    )
    for column, value in zip(COLUMNS, astuple(village), strict=True):
        if row[column] != value:
            raise ValueError(f"{column} is {row[column]!r}, but the code {code} says {value!r}")
    return village


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(_text(path), newline=""))
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise BadInput(
            Problem(
                str(path),
                f"it lacks the columns {', '.join(missing)}",
                "Give a register file, or leave it out.",
            )
        )
    for row in reader:
        yield reader.line_num, {column: row[column] or "" for column in columns}


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
        return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    except FileNotFoundError:
        remedy = "Run from the project's folder, or give the path of a register file."
        raise NotFound(Problem(str(path), "there is no such register file", remedy)) from None
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        remedy = "Delete it and load the register again."
        raise BadInput(Problem(str(path), f"it cannot be read ({error})", remedy)) from None
