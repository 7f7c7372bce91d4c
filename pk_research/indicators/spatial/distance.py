"""Neighbours from coordinates, by distance along the surface of the earth."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.indicators.spatial.neighbours import Neighbours, check_codes, directed, linked
from pk_research.language import Message

EARTH_RADIUS_KM = 6371.0088


def nearest(
    places: pd.DataFrame, *, k: int, longitude: str = "longitude", latitude: str = "latitude"
) -> Neighbours:
    """Take the k nearest villages as neighbours.

    Parameters
    ----------
    places
        Indexed by code.
    k
        How many. Where several are equally far at the k-th place, all of them count, so that the
        order of the rows decides nothing.
    longitude, latitude
        Columns, in degrees.

    Raises
    ------
    BadInput
        When coordinates are missing or outside the world, or there are not k others.

    Examples
    --------
    >>> places = pd.DataFrame({"longitude": [107.0, 107.1, 107.3], "latitude": [-6.2] * 3},
    ...                       index=["A", "B", "C"])
    >>> nearest(places, k=1).of("C"), nearest(places, k=1).of("B")
    (('B',), ('A',))
    """
    from scipy.spatial import KDTree

    points = _on_sphere(places, longitude, latitude)
    if not 1 <= k < len(points):
        raise BadInput(
            Problem("k", f"{k} neighbours of {len(points)} villages", f"Choose 1 to {len(points) - 1}.")
        )
    tree = KDTree(points)
    furthest = tree.query(points, k=k + 1)[0][:, -1]
    # Rounding alone must not break a tie.
    found = tree.query_ball_point(points, furthest * (1 + 1e-9) + 1e-14)
    rows = np.repeat(np.arange(len(points)), [len(near) for near in found])
    columns = np.concatenate([np.asarray(near, dtype=np.intp) for near in found])
    rule = Message("the {k} nearest, and those equally far as the last of them", {"k": k})
    return Neighbours(tuple(map(str, places.index)), directed(rows, columns, len(points)), rule)


def within_km(
    places: pd.DataFrame, *, km: float, longitude: str = "longitude", latitude: str = "latitude"
) -> Neighbours:
    """Take all villages within a distance as neighbours.

    Parameters
    ----------
    places
        Indexed by code.
    km
        Great-circle distance in kilometres, that distance included.
    longitude, latitude
        Columns, in degrees.

    Raises
    ------
    BadInput
        When coordinates are missing or outside the world, or the distance is not above zero.

    Examples
    --------
    >>> places = pd.DataFrame({"longitude": [107.0, 107.1, 107.3], "latitude": [-6.2] * 3},
    ...                       index=["A", "B", "C"])
    >>> within_km(places, km=15).islands
    ('C',)
    """
    from scipy.spatial import KDTree

    if not (km > 0 and math.isfinite(km)):
        raise BadInput(Problem("km", f"{km} is not a distance above zero", "Give kilometres."))
    points = _on_sphere(places, longitude, latitude)
    chord = 2 * math.sin(min(km / (2 * EARTH_RADIUS_KM), math.pi / 2))
    pairs = KDTree(points).query_pairs(chord * (1 + 1e-12), output_type="ndarray")
    rule = Message("who is within {km} km", {"km": km})
    return Neighbours(tuple(map(str, places.index)), linked(pairs[:, 0], pairs[:, 1], len(points)), rule)


def _on_sphere(places: pd.DataFrame, longitude: str, latitude: str) -> np.ndarray:
    """Return points of the unit sphere: the straight way between two grows with the way along it."""
    check_codes([str(code) for code in places.index])
    absent = [name for name in (longitude, latitude) if name not in places.columns]
    if absent:
        raise BadInput(
            Problem(name, "there is no such column", f"Columns: {', '.join(map(str, places.columns))}.")
            for name in absent
        )
    degrees = places[[longitude, latitude]].astype("float64")
    outside = ~(degrees[longitude].abs().le(180) & degrees[latitude].abs().le(90))
    if outside.any():
        raise BadInput(
            Problem(str(code), "its coordinates are missing or not degrees", "Correct or remove it.")
            for code in places.index[outside]
        )
    x, y = np.radians(degrees.to_numpy()).T
    return np.column_stack([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)])
