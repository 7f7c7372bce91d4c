"""Gower's distance: how unlike two villages are over numbers, grades and categories, gaps allowed.

Each variable gives a difference from 0 to 1, the distance is their weighted mean, and a variable
that is missing in either village is skipped for that pair, as R's ``cluster::daisy`` does. Numbers
go through one city-block table; everything else is matrix products, a piece of rows at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from scipy.spatial.distance import cdist

from pk_research.clusters.mixed import Mixed
from pk_research.clusters.threads import one_thread
from pk_research.errors import BadInput, Problem

MATRIX_ROWS = 8_000
PIECE = 256


@dataclass(frozen=True, eq=False)
class Gower:
    """What the distances of a table of villages are computed from, one row a distinct village.

    Attributes
    ----------
    numbers
        Numeric and ordinal values from 0 to their weight; 0 where missing.
    left, right
        ``left[i] @ right[j]`` is what pairs differ in besides ``numbers``.
    known_left, known_right
        ``known_left[i] @ known_right[j]`` is the weight of the variables that count for a pair.
    """

    numbers: np.ndarray
    left: np.ndarray
    right: np.ndarray
    known_left: np.ndarray
    known_right: np.ndarray

    def among(self, rows: np.ndarray) -> Gower:
        """Return the same measure, ranges included, for some of the villages."""
        return Gower(
            self.numbers[rows],
            self.left[rows],
            self.right[rows],
            self.known_left[rows],
            self.known_right[rows],
        )

    def distances(self, at: np.ndarray | slice, to: np.ndarray | slice) -> np.ndarray:
        """Return distances from rows to rows, 0 to 1; NaN where no variable counts for the pair."""
        with one_thread():
            differing = cdist(self.numbers[at], self.numbers[to], "cityblock")
            differing += self.left[at] @ self.right[to].T
            known = self.known_left[at] @ self.known_right[to].T
        # Leaving out what is missing subtracts, and may leave a rounding error below zero.
        np.maximum(differing, 0, out=differing)
        np.divide(differing, known, out=differing, where=known > 0)
        differing[known == 0] = np.nan
        return np.asarray(differing)


def gower(villages: Mixed, *, weights: Mapping[str, float] | None = None) -> Gower:
    """Prepare Gower's distance: ranges and categories are those of all the villages.

    Parameters
    ----------
    villages
        From `mixed`.
    weights
        Weight of each variable, above 0; 1 for those not named.

    References
    ----------
    Gower (1971), A general coefficient of similarity and some of its properties.
    Kaufman and Rousseeuw (1990), Finding groups in data, p. 32-37.
    """
    weight = _weights(villages, weights or {})
    kinds = np.array(villages.kinds)
    rows, is_known = villages.points.rows, ~np.isnan(villages.points.rows)
    graded, nominal, rare = np.isin(kinds, ["numeric", "ordinal"]), kinds == "nominal", kinds == "asymmetric"
    numbers = _to_range(rows[:, graded]) * weight[graded]
    missing = (~is_known[:, graded]).astype(float)
    has, lacks = rows[:, rare] == 1, rows[:, rare] == 0
    category, variable = _indicators(rows[:, nominal])
    other = is_known[:, nominal][:, variable] & ~category
    parts = [
        (-missing, numbers),
        (-numbers, missing),
        (category, other * weight[nominal][variable]),
        (has, lacks * weight[rare]),
        (lacks, has * weight[rare]),
    ]
    plain = graded | nominal
    known = [
        (is_known[:, plain], is_known[:, plain] * weight[plain]),
        (has, is_known[:, rare] * weight[rare]),
        (lacks, has * weight[rare]),
    ]
    return Gower(numbers, *_side_by_side(parts), *_side_by_side(known))


def gower_matrix(
    villages: Mixed, *, weights: Mapping[str, float] | None = None, n_jobs: int | None = None
) -> np.ndarray:
    """Compute Gower's distance between all distinct villages.

    Parameters
    ----------
    villages
        From `mixed`; at most `MATRIX_ROWS` distinct ones (512 MB).
    weights
        Weight of each variable, above 0; 1 for those not named.
    n_jobs
        Workers, as in joblib; they change nothing but the time.

    Returns
    -------
    numpy.ndarray
        Square and symmetric, from 0 to 1, in the order of ``villages.points.rows``; NaN where two
        villages have no variable in common.

    Examples
    --------
    >>> import pandas as pd
    >>> from pk_research.clusters.mixed import mixed
    >>> table = pd.DataFrame({"road": ["earth", "paved", None], "km": [0.0, 5.0, 10.0]})
    >>> gower_matrix(mixed(table, {"road": "nominal", "km": "numeric"})).tolist()
    [[0.0, 0.75, 1.0], [0.75, 0.0, 0.5], [1.0, 0.5, 0.0]]
    """
    n = len(villages.points.rows)
    if n > MATRIX_ROWS:
        raise BadInput(
            Problem(
                "Gower's distance",
                f"a table of all pairs of {n:,} villages would need {n * n * 8 / 1e9:.1f} GB",
                f"Take at most {MATRIX_ROWS:,} villages, or k_medoids, which draws samples.",
            )
        )
    return full_matrix(gower(villages, weights=weights), n_jobs=n_jobs)


def full_matrix(measure: Gower, *, n_jobs: int | None = None) -> np.ndarray:
    """Compute the distances between all the villages of a measure, however many."""
    n = len(measure.numbers)
    starts = range(0, n, PIECE)
    matrix = np.empty((n, n))
    # The limit of one thread is the process's: held here, no piece that ends lifts it for the others.
    with one_thread():
        pieces = Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(
            delayed(measure.distances)(slice(first, first + PIECE), slice(first, n)) for first in starts
        )
        for first, piece in zip(starts, pieces, strict=True):
            last = first + len(piece)
            matrix[first:last, first:] = piece
            matrix[first:, first:last] = piece.T
            # Each pair once: both halves of the piece on the diagonal take its upper one.
            corner = np.triu(piece[:, : len(piece)], 1)
            matrix[first:last, first:last] = corner + corner.T
    return matrix


def _weights(villages: Mixed, given: Mapping[str, float]) -> np.ndarray:
    problems = [
        Problem("weights", f"there is no variable {name!r}", f"Choose from: {', '.join(villages.names)}.")
        for name in given
        if name not in villages.names
    ]
    problems += [
        Problem(
            "weights", f"variable {name!r} has weight {weight}", "Give a number above 0, or leave it out."
        )
        for name, weight in given.items()
        if not 0 < weight < np.inf
    ]
    if problems:
        raise BadInput(problems)
    return np.array([given.get(name, 1.0) for name in villages.names], dtype=float)


def _to_range(values: np.ndarray) -> np.ndarray:
    """Return values from 0 to 1 over what is known, 0 where missing or where nothing varies."""
    if not values.shape[1]:
        return np.zeros(values.shape)
    low, high = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
    return np.asarray(np.nan_to_num((values - low) / np.where(high > low, high - low, 1)))


def _indicators(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return one column a category, true where the row is in it; and the variable of each column."""
    n_levels = [int(np.nanmax(column)) + 1 for column in values.T]
    variable = np.repeat(np.arange(values.shape[1]), n_levels)
    level = np.concatenate([np.arange(n) for n in n_levels]) if n_levels else np.zeros(0)
    return np.asarray(values[:, variable] == level), variable


def _side_by_side(parts: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Put the two sides of several products next to each other, without columns that add nothing."""
    left, right = (np.hstack([part[side].astype(float) for part in parts]) for side in (0, 1))
    adds = left.any(axis=0) & right.any(axis=0)
    return left[:, adds], right[:, adds]
