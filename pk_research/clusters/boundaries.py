"""Village outlines from a GeoJSON file, joined to the villages of a typology."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pk_research.clusters.places import Place
from pk_research.errors import BadInput, NotFound, Problem
from pk_research.language import Message

# Where to look for room for a number, the middle first.
HEIGHTS = np.array([0.5, 0.45, 0.55, 0.4, 0.6, 0.35, 0.65])


@dataclass(frozen=True, eq=False)
class Outline:
    """The outline of a village.

    Attributes
    ----------
    code
        10-digit village code.
    name
        Its name in the file.
    rings
        Closed rings of (longitude, latitude); holes are rings inside rings, filled even-odd.
    """

    code: str
    name: str
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
    """Read village outlines: polygons whose property ``kode`` is the village code.

    Raises
    ------
    NotFound, BadInput
        When there is no such file, or it holds no polygons with village codes.
    """
    if not path.is_file():
        raise NotFound(Problem(str(path), "there is no such file", "Give a GeoJSON file of boundaries."))
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        outlines = tuple(_outline(feature) for feature in features)
    except (UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            Problem(
                path.name,
                f"it is not a GeoJSON collection of village polygons ({error!r})",
                "Each feature needs a Polygon or MultiPolygon and the village code as property 'kode'.",
            )
        ) from error
    if not outlines:
        raise BadInput(Problem(path.name, "it holds no polygon", "Give the boundaries of villages."))
    return outlines


def _outline(feature: dict[str, Any]) -> Outline:
    geometry, about = feature["geometry"], feature["properties"]
    if geometry["type"] not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"a {geometry['type']}, not a polygon")
    given = geometry["coordinates"]
    polygons = [given] if geometry["type"] == "Polygon" else given
    rings = tuple(np.asarray(ring, dtype=float)[:, :2] for polygon in polygons for ring in polygon)
    return Outline(str(about["kode"]).replace(".", ""), str(about.get("nama", "")), rings)


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
                {"n": len(without_village), "names": _some([outline.name for outline in without_village])},
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
