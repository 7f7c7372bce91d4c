"""Reading sheets with calamine, in this process or, for old ``.xls`` files, in one of its own.

A damaged ``.xls`` file can make calamine ask for more memory than there is, which ends the
process. So those files are read by a child with bounded memory: this file, run as a program. It
imports nothing heavy.
"""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from python_calamine import CalamineWorkbook, SheetVisibleEnum

MAX_MEMORY = 4 * 2**30
MAX_SECONDS = 300

Corner = tuple[int, int]


class RawSheet(NamedTuple):
    """A sheet as calamine gives it.

    Attributes
    ----------
    names, visible
        All sheets of the workbook, and those that can be seen.
    name
        The sheet that was read; None when there is none with cells.
    rows
        Its cells, without blank rows and columns before the first.
    start
        Row and column of the first cell, from 0.
    merged
        First and last corner of every group of merged cells.
    """

    names: list[str]
    visible: list[str]
    name: str | None
    rows: list[list[Any]]
    start: Corner
    merged: list[tuple[Corner, Corner]]


def read_sheet(data: bytes, sheet: str | None, max_cells: int) -> RawSheet:
    """Read the sheet that is named, else the first visible one with cells.

    Raises
    ------
    ValueError
        When it has more cells than ``max_cells``.
    """
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
        names = workbook.sheet_names
        visible = [
            entry.name for entry in workbook.sheets_metadata if entry.visible == SheetVisibleEnum.Visible
        ]
        for name in [sheet] if sheet in names else visible:
            found = workbook.get_sheet_by_name(name)
            if found.height * found.width > max_cells:
                raise ValueError(f"sheet {name!r} has more than {max_cells:,} cells")
            if found.height and found.width:
                merged = found.merged_cell_ranges or []
                return RawSheet(names, visible, name, found.to_python(), found.start or (0, 0), merged)
    return RawSheet(names, visible, None, [], (0, 0), [])


def read_sheet_apart(data: bytes, sheet: str | None, max_cells: int) -> RawSheet:
    """Do as `read_sheet`, in a process of its own.

    Raises
    ------
    ValueError
        When the process fails.
    """
    request = pickle.dumps((data, sheet, max_cells))
    child = subprocess.run(  # noqa: S603 - this very file, with our own interpreter
        [sys.executable, "-I", str(Path(__file__))],
        input=request,
        capture_output=True,
        timeout=MAX_SECONDS,
        check=False,
    )
    if child.returncode != 0:
        said = child.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ValueError(said[-1] if said and child.returncode > 0 else "reading it takes too much memory")
    return RawSheet(*pickle.loads(child.stdout))  # noqa: S301 - written by the lines below


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


if __name__ == "__main__":
    _bound_memory()
    asked = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - written by the lines above
    sys.stdout.buffer.write(pickle.dumps(tuple(read_sheet(*asked))))
