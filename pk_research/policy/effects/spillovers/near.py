"""Which villages lie near each other, and how far apart: from coordinates, or from distances given."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.indicators.spatial.distance import EARTH_RADIUS_KM, within_km
from pk_research.policy.effects.rows import Gaps
from pk_research.products.words import some


@dataclass(frozen=True, eq=False)
class Near:
    """Every pair of villages up to some distance apart; nobody is near itself.

    Attributes
    ----------
    codes
        The villages, sorted.
    start, end
        Places in ``codes`` of each ordered pair, sorted; from coordinates each pair stands both ways.
    km
        Distance of each pair, kilometres.
    reach_km
        Pairs further apart than this are not listed.
    n_without_place
        Villages that were left out because they have no coordinates.
    """

    codes: tuple[str, ...]
    start: np.ndarray
    end: np.ndarray
    km: np.ndarray
    reach_km: float
    n_without_place: int = 0

    def only(self, codes: Sequence[str]) -> Near:
        """Return the pairs among some of the villages.

        Examples
        --------
        >>> places = pd.DataFrame({"latitude": [0, 0, 0], "longitude": [0, 0.01, 0.02]}, index=list("abc"))
        >>> len(near_by_place(places, km=5).only(["a", "c"]).km)
        2
        """
        kept = sorted(set(codes) & set(self.codes))
        new = np.full(len(self.codes), -1)
        old = {code: n for n, code in enumerate(self.codes)}
        new[[old[code] for code in kept]] = np.arange(len(kept))
        both = (new[self.start] >= 0) & (new[self.end] >= 0)
        return Near(
            tuple(kept),
            new[self.start[both]],
            new[self.end[both]],
            self.km[both],
            self.reach_km,
            self.n_without_place,
        )


def near_by_place(
    places: pd.DataFrame,
    *,
    km: float,
    longitude: str = "longitude",
    latitude: str = "latitude",
    gaps: Gaps = "refuse",
) -> Near:
    """Find the villages within a great-circle distance of each other.

    Parameters
    ----------
    places
        Indexed by code, one row a village.
    km
        How far to look, kilometres: at least the outermost ring and the cut-off of standard errors.
    longitude, latitude
        Columns, in degrees.
    gaps
        Villages without coordinates: ``"refuse"``, or ``"leave_out"`` and count.

    Raises
    ------
    BadInput
        When coordinates are missing (unless left out) or outside the world, a code stands twice, or
        the distance is not above zero.

    Notes
    -----
    Neighbours are found by a tree, so that thousands of villages take no table of all pairs.

    Examples
    --------
    >>> places = pd.DataFrame({"latitude": [0.0, 0.0, 0.0], "longitude": [0.0, 0.01, 1.0]}, index=list("abc"))
    >>> near = near_by_place(places, km=5)
    >>> near.start.tolist(), near.end.tolist(), near.km.round(3).tolist()
    ([0, 1], [1, 0], [1.112, 1.112])
    """
    n_without = 0
    if gaps == "leave_out" and {longitude, latitude} <= set(places.columns):
        known = places[[longitude, latitude]].notna().all(axis=1)
        n_without, places = int((~known).sum()), places[known]
    if places.empty:
        raise BadInput(Problem("places", "no village has coordinates", "Give degrees of both."))
    placed = places.set_axis(places.index.astype(str)).sort_index()
    neighbours = within_km(placed, km=km, longitude=longitude, latitude=latitude)
    start = np.repeat(np.arange(len(placed)), np.diff(neighbours.matrix.indptr))
    end = neighbours.matrix.indices
    lam, phi = np.radians(placed[[longitude, latitude]].to_numpy(dtype=float)).T
    points = np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
    chord = np.sqrt(((points[start] - points[end]) ** 2).sum(axis=1))
    apart = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(chord / 2, 1))
    order = np.lexsort((end, start))
    return Near(
        tuple(placed.index),
        start[order],
        end[order],
        np.minimum(apart, km)[order],
        float(km),
        n_without,
    )


def near_by_km(matrix: pd.DataFrame, *, km: float) -> Near:
    """Take distances that are known, such as those by road.

    Parameters
    ----------
    matrix
        Kilometres, one row and one column a village, as `products.distances.road_km` returns them:
        missing where there is no way. The way back may be longer than the way there.
    km
        How far to look.

    Raises
    ------
    BadInput
        When rows and columns are not the same villages, a code stands twice, a distance is negative or
        no number, or the distance to look is not above zero.

    Examples
    --------
    >>> matrix = pd.DataFrame([[0, 3, None], [3, 0, 9], [None, 9, 0]], index=list("abc"), columns=list("abc"))
    >>> near_by_km(matrix, km=5).km.tolist()
    [3.0, 3.0]
    """
    rows, columns = ([str(code) for code in axis] for axis in (matrix.index, matrix.columns))
    problems = []
    if not (km > 0 and math.isfinite(km)):
        problems.append(Problem("km", f"{km} is not a distance above zero", "Give kilometres."))
    if sorted(rows) != sorted(columns):
        problems.append(
            Problem("matrix", "its rows and columns are not the same villages", "Give each village both.")
        )
    twice = sorted({code for code in rows if rows.count(code) > 1}) if len(set(rows)) < len(rows) else []
    if twice:
        problems.append(Problem("matrix", f"codes stand twice: {some(twice)}", "Keep one row of each."))
    if problems:
        raise BadInput(problems)
    codes = sorted(rows)
    apart = matrix.set_axis(rows).set_axis(columns, axis=1).loc[codes, codes].to_numpy(dtype=float, copy=True)
    np.fill_diagonal(apart, np.nan)
    wrong = [codes[n] for n in np.flatnonzero((apart < 0).any(axis=1))]
    if wrong:
        raise BadInput(Problem("matrix", f"distances from {some(wrong)} are negative", "Mend them."))
    start, end = np.nonzero(apart <= km)
    return Near(tuple(codes), start, end, apart[start, end], float(km))
