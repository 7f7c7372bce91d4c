"""Boundaries of villages, kecamatan and regencies from GeoJSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pk_research.errors import BadInput, NotFound, Problem
from pk_research.sources.cells import code_of

Ring = list[tuple[float, float]]
Polygon = list[Ring]

_CODE_PROPERTIES = ("kode", "code", "kode_desa", "village_code")


def boundaries(path: Path | str) -> Mapping[str, list[Polygon]]:
    """Read boundaries by code.

    Parameters
    ----------
    path
        GeoJSON (RFC 7946) of polygons whose property ``kode`` is a Kemendagri code, with or
        without dots.

    Returns
    -------
    Mapping
        Code (digits only) -> polygons; a polygon is its outer ring and its holes, a ring its
        closed line of (longitude, latitude) in degrees.

    Raises
    ------
    NotFound
        When there is no such file.
    BadInput
        Listing every feature without a code, without polygons, or with positions outside the
        world.
    """
    path = Path(path)
    features = _features(path)
    found: dict[str, list[Polygon]] = {}
    problems = []
    for n, feature in enumerate(features, 1):
        try:
            code, polygons = _read_feature(feature)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
            problems.append(Problem(f"{path.name}, feature {n}", str(error), "Correct or remove it."))
            continue
        if code in found:
            problems.append(
                Problem(f"{path.name}, feature {n}", f"the code {code} stands there twice", "Join them.")
            )
        found[code] = polygons
    if problems:
        raise BadInput(problems)
    if not found:
        raise BadInput(Problem(path.name, "it holds no boundaries", "Give a GeoJSON file of polygons."))
    return found


def _features(path: Path) -> list[Any]:
    if not path.is_file():
        raise NotFound(Problem(str(path), "there is no such file", "Give the path of a GeoJSON file."))
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        return list(document["features"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadInput(
            Problem(path.name, f"it is not a GeoJSON collection ({error!r})", "Export boundaries as GeoJSON.")
        ) from error


def _read_feature(feature: Mapping[str, Any]) -> tuple[str, list[Polygon]]:
    about, geometry = feature["properties"], feature["geometry"]
    code = next((code_of(about[name]) for name in _CODE_PROPERTIES if about.get(name)), "")
    if not code.isdigit():
        raise ValueError(f"it has no code in the property 'kode' ({code!r})")
    if geometry is None or geometry["type"] not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"it is no polygon but {geometry and geometry['type']}")
    given = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    if not given or not all(given):
        raise ValueError("it has a polygon without a ring")
    return code, [[_ring(ring) for ring in polygon] for polygon in given]


def _ring(positions: list[list[float]]) -> Ring:
    ring = [(float(position[0]), float(position[1])) for position in positions]
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise ValueError("a ring is not closed")
    if not all(math.isfinite(x) and abs(x) <= 180 and math.isfinite(y) and abs(y) <= 90 for x, y in ring):
        raise ValueError("positions are not longitude and latitude in degrees")
    return ring
