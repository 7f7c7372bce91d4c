"""Village outlines from a GeoJSON file, joined to the villages of a typology."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pk_research.clusters.places import Place
from pk_research.language import Message
from pk_research.sources import boundaries

if TYPE_CHECKING:
    from pk_research.clusters.typology import Typology

# Where to look for room for a number, the middle first.
HEIGHTS = np.array([0.5, 0.45, 0.55, 0.4, 0.6, 0.35, 0.65])


@dataclass(frozen=True, eq=False)
class Outline:
    """The outline of a village.

    Attributes
    ----------
    code
        10-digit village code.
    rings
        Closed rings of (longitude, latitude); holes are rings inside rings, filled even-odd.
    """

    code: str
    rings: tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Mapped:
    """Outlines with the villages they belong to.

    Attributes
    ----------
    shapes
        Every outline of the file with its village; None where the data has no such village.
    notes
        Which villages have no outline, and how many outlines no village.
    """

    shapes: tuple[tuple[Outline, Place | None], ...]
    notes: tuple[Message, ...]


def read_outlines(path: Path) -> tuple[Outline, ...]:
    """Read village outlines from a GeoJSON file; see `sources.boundaries` for what it needs.

    Raises
    ------
    NotFound, BadInput
        When there is no such file, or it holds no polygons with village codes.
    """
    return tuple(
        Outline(code, tuple(np.asarray(ring) for polygon in polygons for ring in polygon))
        for code, polygons in boundaries(path).items()
    )


def outlined_codes(path: Path) -> frozenset[str]:
    """Return the codes of a GeoJSON file; see `read_outlines` for what it raises."""
    return frozenset(boundaries(path))


def can_be_mapped(typology: Typology, outlined: Collection[str]) -> bool:
    """Say whether any of the villages is among the codes of the outlines."""
    return bool(typology.villages[typology.code_column].isin(list(outlined)).any())


def match(found: tuple[Place, ...], outlines: tuple[Outline, ...]) -> Mapped:
    """Join villages and outlines by code, keeping account of those without a partner."""
    by_code = {place.code: place for place in found}
    shapes = tuple((outline, by_code.get(outline.code)) for outline in outlines)
    drawn = {outline.code for outline in outlines}
    without_outline = [place.name for place in found if place.code not in drawn]
    without_village = [outline for outline, place in shapes if place is None]
    notes = []
    if without_outline:
        notes.append(
            Message(
                "Villages without a boundary, so not on the map ({n}): {names}",
                {"n": len(without_outline), "names": _some(without_outline)},
            )
        )
    if without_village:
        notes.append(
            Message(
                "Boundaries without a village in the data ({n}): {names}",
                {"n": len(without_village), "names": _some([outline.code for outline in without_village])},
            )
        )
    return Mapped(shapes, tuple(notes))


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")


def inside_point(rings: tuple[np.ndarray, ...]) -> tuple[float, float]:
    """Return a point well inside an outline: the middle of its widest horizontal stretch.

    Centroids may lie outside; this point does not.

    Examples
    --------
    >>> x, y = inside_point((np.array([[0, 0], [4, 0], [4, 2], [0, 2], [0, 0]]),))
    >>> float(x), round(float(y), 6)
    (2.0, 1.0)
    """
    heights = np.concatenate([ring[:, 1] for ring in rings])
    low, high = heights.min(), heights.max()
    stretches = [
        (right - left, (left + right) / 2, y)
        for y in low + (high - low) * HEIGHTS
        for left, right in _stretches(rings, y)
    ]
    _, x, y = max(stretches, key=lambda stretch: stretch[0])
    return float(x), float(y)


def _stretches(rings: tuple[np.ndarray, ...], y: float) -> list[tuple[float, float]]:
    """Return the stretches of a horizontal line that lie inside, by the even-odd rule."""
    crossings = []
    for ring in rings:
        x0, y0, x1, y1 = *ring[:-1].T, *ring[1:].T
        crosses = (y0 <= y) != (y1 <= y)
        x0, y0, x1, y1 = x0[crosses], y0[crosses], x1[crosses], y1[crosses]
        crossings.append(x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    ends = np.sort(np.concatenate(crossings))
    return list(zip(ends[::2], ends[1::2], strict=True))
