"""Places as a form stores them, ``lat lon altitude accuracy; …``, and as GeoJSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]


def geometry(kind: str, text: str) -> Json | None:
    """Return a stored place as GeoJSON, as Central writes it; None where it is none.

    Parameters
    ----------
    kind
        ``geopoint``, ``geotrace`` or ``geoshape``.
    text
        Points with semicolons between, each latitude, longitude and, where known, altitude and
        accuracy in metres.

    Examples
    --------
    >>> geometry("geopoint", "-6.25 107.01 12 5")
    {'type': 'Point', 'coordinates': [107.01, -6.25, 12.0], 'properties': {'accuracy': 5.0}}
    """
    try:
        points = [[float(number) for number in part.split()] for part in text.split(";") if part.strip()]
    except ValueError:
        return None
    if not points or any(len(point) < 2 for point in points):
        return None
    coordinates = [[point[1], point[0], *point[2:3]] for point in points]
    accuracies = [point[3] if len(point) > 3 else None for point in points]
    if kind == "geopoint":
        found: Json = {"type": "Point", "coordinates": coordinates[0]}
        return found if accuracies[0] is None else {**found, "properties": {"accuracy": accuracies[0]}}
    if kind == "geotrace":
        found = {"type": "LineString", "coordinates": coordinates}
    else:
        found = {"type": "Polygon", "coordinates": [coordinates]}
    return found if not any(accuracies) else {**found, "properties": {"accuracies": accuracies}}


def stored_place(entry: Json) -> str:
    """Return a GeoJSON geometry as a form stores it.

    Examples
    --------
    >>> stored_place({"type": "Point", "coordinates": [107.01, -6.25, 12.0], "properties": {"accuracy": 5.0}})
    '-6.25 107.01 12.0 5.0'
    """
    about = entry.get("properties") or {}
    if entry["type"] == "Point":
        return _point(entry["coordinates"], about.get("accuracy"))
    line = entry["coordinates"] if entry["type"] == "LineString" else entry["coordinates"][0]
    accuracies = about.get("accuracies") or [None] * len(line)
    return ";".join(_point(point, accuracy) for point, accuracy in zip(line, accuracies, strict=True))


def _point(coordinates: Sequence[float], accuracy: float | None) -> str:
    longitude, latitude, *rest = coordinates
    if accuracy is not None and not rest:
        rest = [0]
    return " ".join(str(number) for number in (latitude, longitude, *rest, accuracy) if number is not None)
