"""Villages drawn as squares side by side, for the tests of neighbours and of what is alike among them."""

from __future__ import annotations

PYSAL = "PySAL (esda, libpysal, geopandas) is not installed"


def square(x: float, y: float, size: float = 1) -> list[list[list[tuple[float, float]]]]:
    return [[[(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]]]


def grid(side: int) -> dict[str, list]:
    """Squares side by side: row and column are the code."""
    return {f"{row:02}{column:02}": square(column, row) for row in range(side) for column in range(side)}
