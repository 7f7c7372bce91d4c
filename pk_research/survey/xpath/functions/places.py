"""Places: lengths and areas on the globe, and whether a point lies in a shape."""

from __future__ import annotations

import math
from itertools import pairwise

from pk_research.survey.xpath.functions.registry import MANY, function
from pk_research.survey.xpath.values import NAN, Value, each, text_of
from pk_research.survey.xpath.world import Focus

EARTH_RADIUS_M = 6_378_100.0

Point = tuple[float, float]


def points_in(text: str) -> list[Point | None]:
    """Read points written ``latitude longitude [altitude accuracy]``, semicolons between.

    Examples
    --------
    >>> points_in("-6.2 106.8 0 0; 95 0")
    [(-6.2, 106.8), None]
    """
    return [point_in(part) for part in text.strip().strip(";").split(";")]


def point_in(text: str) -> Point | None:
    """Read one point, in degrees; None where it is none.

    Examples
    --------
    >>> point_in("-6.2 106.8"), point_in("north")
    ((-6.2, 106.8), None)
    """
    pieces = text.split()
    if not 2 <= len(pieces) <= 4:
        return None
    try:
        numbers = [float(piece) for piece in pieces]
    except ValueError:
        return None
    latitude, longitude = numbers[:2]
    in_range = abs(latitude) <= 90 and abs(longitude) <= 180 and all(map(math.isfinite, numbers))
    return (latitude, longitude) if in_range else None


def _known_points(values: tuple[Value, ...]) -> list[Point] | None:
    points = [point for value in values for text in each(value) for point in points_in(text)]
    known = [point for point in points if point is not None]
    return known if len(known) == len(points) else None


@function("area", 1)
def area(_focus: Focus, value: Value) -> float:
    """Return the area of a shape, in square metres; 0 for what is no shape."""
    points = _known_points((value,))
    if points is None or len(points) < 3:
        return 0.0
    if points[0] != points[-1]:
        points = [*points, points[0]]
    total = sum(
        math.radians(end[1] - start[1])
        * (2 + math.sin(math.radians(end[0])) + math.sin(math.radians(start[0])))
        for start, end in pairwise(points)
    )
    return _to_cents(abs(total * EARTH_RADIUS_M**2 / 2))


@function("distance", 1, MANY)
def distance(_focus: Focus, *values: Value) -> float:
    """Return the length of a way over points, in metres; NaN for what is no way."""
    points = _known_points(values)
    if points is None or len(points) < 2:
        return NAN
    return _to_cents(sum(_metres(start, end) for start, end in pairwise(points)))


def _metres(start: Point, end: Point) -> float:
    first, second = math.radians(start[0]), math.radians(end[0])
    turn = math.radians(start[1] - end[1])
    cosine = math.sin(first) * math.sin(second) + math.cos(first) * math.cos(second) * math.cos(turn)
    return math.acos(max(-1.0, min(1.0, cosine))) * EARTH_RADIUS_M


def _to_cents(value: float) -> float:
    return math.floor(value * 100 + 0.5) / 100


@function("geofence", 2)
def geofence(_focus: Focus, point: Value, shape: Value) -> bool:
    """Tell whether a point lies in a closed shape."""
    place = point_in(text_of(point))
    corners = _known_points((text_of(shape),))
    if place is None or corners is None or len(corners) < 4 or corners[0] != corners[-1]:
        return False
    inside = False
    for (start_lat, start_lon), (end_lat, end_lon) in pairwise(corners):
        crosses = (start_lon > place[1]) != (end_lon > place[1])
        if crosses:
            along = (place[1] - start_lon) / (end_lon - start_lon)
            inside ^= place[0] < start_lat + along * (end_lat - start_lat)
    return inside


@function("intersects", 1)
def intersects(_focus: Focus, shape: Value) -> bool:
    """Tell whether the sides of a way or shape cross one another."""
    corners = _known_points((shape,))
    if corners is None:
        return False
    sides = list(pairwise(corners))
    is_closed = len(corners) > 1 and corners[0] == corners[-1]
    return any(
        _cross(*sides[first], *sides[second])
        for first in range(len(sides))
        for second in range(first + 2, len(sides))
        if not (is_closed and first == 0 and second == len(sides) - 1)
    )


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    return _side(a, b, c) * _side(a, b, d) <= 0 and _side(c, d, a) * _side(c, d, b) <= 0


def _side(start: Point, end: Point, point: Point) -> float:
    turn = (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])
    return math.copysign(1.0, turn) if turn else 0.0
