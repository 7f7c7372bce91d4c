"""Neighbours from boundaries: who shares a border, or at least a corner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from scipy import sparse

from pk_research.errors import BadInput, Problem
from pk_research.indicators.spatial.neighbours import Neighbours, linked
from pk_research.language import Message

Polygons = Sequence[Sequence[Sequence[tuple[float, float]]]]
RULES = {
    "queen": Message("who shares a border or a corner (queen)"),
    "rook": Message("who shares a stretch of border (rook)"),
}


def contiguity(
    boundaries: Mapping[str, Polygons], *, rule: Literal["queen", "rook"] = "queen", decimals: int = 9
) -> Neighbours:
    """Take neighbours from boundaries drawn with common corners.

    Parameters
    ----------
    boundaries
        Code -> polygons, each a list of closed rings of (x, y), as `sources.boundaries` reads them
        from GeoJSON. Corners of neighbours must agree: where a border was drawn twice, neighbours
        are not found, and the islands of the result show it.
    rule
        ``"queen"``: a common corner is enough; ``"rook"``: a common stretch between two corners.
    decimals
        Corners that agree to so many decimals are the same; in degrees, 9 is a tenth of a
        millimetre.

    Raises
    ------
    BadInput
        When there are no boundaries, or one has no ring.

    Examples
    --------
    >>> square = lambda x, y: [[[(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1), (x, y)]]]
    >>> four = {"A": square(0, 0), "B": square(1, 0), "C": square(0, 1), "D": square(1, 1)}
    >>> contiguity(four).of("A"), contiguity(four, rule="rook").of("A")
    (('B', 'C', 'D'), ('B', 'C'))
    """
    codes = tuple(boundaries)
    _check(boundaries)
    rings = [
        (n, np.asarray(ring, dtype="float64"))
        for n, code in enumerate(codes)
        for polygon in boundaries[code]
        for ring in polygon
    ]
    lengths = [len(ring) for _, ring in rings]
    owners = np.repeat([n for n, _ in rings], lengths)
    points = np.concatenate([ring for _, ring in rings]).round(decimals)
    _, corners = np.unique(points[:, 0] + 1j * points[:, 1], return_inverse=True)
    if rule == "rook":
        inside = np.ones(len(corners), dtype=bool)
        inside[np.cumsum(lengths) - 1] = False
        starts = np.flatnonzero(inside)
        owners, corners = owners[starts], _stretches(corners[starts], corners[starts + 1])
    shared = sparse.csr_array((np.ones(len(owners)), (owners, corners)))
    links = (shared @ shared.T).tocoo()
    return Neighbours(codes, linked(links.row, links.col, len(codes)), RULES[rule])


def _stretches(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Give each stretch between two corners one number, whichever way it was drawn."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    number: np.ndarray = np.unique(low * (high.max() + 1) + high, return_inverse=True)[1]
    return number


def _check(boundaries: Mapping[str, Polygons]) -> None:
    if not boundaries:
        raise BadInput(Problem("boundaries", "there are none", "Give the polygons of the villages."))
    bare = [
        code for code, polygons in boundaries.items() if not any(len(ring) for p in polygons for ring in p)
    ]
    if bare:
        raise BadInput(Problem(code, "its boundary has no ring", "Correct or remove it.") for code in bare)
