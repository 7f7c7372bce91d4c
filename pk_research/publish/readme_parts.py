"""What several sections of the README of a replication package are made with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def box(text: str, *, is_so: bool) -> str:
    """Return a box of the template, ticked or not.

    Examples
    --------
    >>> box("All tables.", is_so=True)
    '- [x] All tables.'
    """
    return f"- [{'x' if is_so else ' '}] {text}"


def minutes_of(record: Mapping[str, Any]) -> float:
    """Return how long the notebooks of a run took."""
    return float(sum(entry["seconds"] for entry in record["notebooks"])) / 60


def cells_of(notebook: str, files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """Return the cells of a notebook of the package."""
    cells: list[dict[str, Any]] = json.loads(files[f"notebooks/{notebook}.ipynb"])["cells"]
    return cells


def told_in(notebook: str, files: Mapping[str, bytes]) -> str:
    """Return what a notebook says, without its code."""
    cells = [cell for cell in cells_of(notebook, files) if cell["cell_type"] == "markdown"]
    return "\n\n".join("".join(cell["source"]) for cell in cells)
