"""How well each village sits in its group, for all groupings at once.

The silhouette of every grouping needs the same distances. They are computed once, in pieces that
fit the cache, and each piece is multiplied by one matrix that holds the membership of all
groupings side by side. Above `EXACT_POINTS` points the full table of distances would cost minutes;
then a seeded sample of villages is measured against all (`mean_widths`), or all against a seeded
sample of each group (`widths_by_point`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from sklearn.metrics.pairwise import euclidean_distances

from pk_research.clusters.partition import Points
from pk_research.clusters.threads import one_thread
from pk_research.compute.chance import derived_rng

EXACT_POINTS = 20_000
SAMPLE = 5_000
REFERENCE_PER_GROUP = 2_000
PIECE = 2**21
DRAW_VILLAGES, DRAW_REFERENCE = (0, 0), (0, 1)


@dataclass(frozen=True, eq=False)
class Widths:
    """Silhouette widths under one grouping.

    Attributes
    ----------
    width
        (b - a) / max(a, b), from -1 to 1: a is the mean distance to the other villages of the
        group, b that to the nearest other group. 0 for a village alone in its group.
    second
        That nearest other group, from 0.
    """

    width: np.ndarray
    second: np.ndarray


@dataclass(frozen=True, slots=True)
class MeanWidths:
    """Mean silhouettes over the villages under several groupings, and how sure they are.

    Attributes
    ----------
    means
        One a grouping, from -1 to 1.
    standard_errors
        Of the sample; 0 when every village was measured.
    n_measured
        Number of villages measured.
    """

    means: tuple[float, ...]
    standard_errors: tuple[float, ...]
    n_measured: int


def point_widths(
    points: Points,
    groupings: Sequence[np.ndarray],
    *,
    at: np.ndarray | None = None,
    n_jobs: int | None = None,
) -> tuple[Widths, ...]:
    """Measure points against all villages, exactly, under several groupings at once.

    Parameters
    ----------
    points
        Distinct points with their weights.
    groupings
        For each grouping the group of every point, from 0; two groups or more.
    at
        Which points to measure; all by default.
    n_jobs
        Workers, as in joblib.

    References
    ----------
    Rousseeuw (1987), Silhouettes: a graphical aid to the interpretation and validation of
    cluster analysis.
    """
    at = np.arange(len(points.rows)) if at is None else at
    members = [_membership(labels, points.weights) for labels in groupings]
    sums = _distance_sums(points.rows[at], points.rows, np.hstack(members), n_jobs=n_jobs)
    edges = np.cumsum([member.shape[1] for member in members])[:-1]
    return tuple(
        _widths(part, member.sum(axis=0), labels[at], is_among=np.ones(len(at)))
        for part, member, labels in zip(np.split(sums, edges, axis=1), members, groupings, strict=True)
    )


def mean_widths(
    points: Points, groupings: Sequence[np.ndarray], *, seed: int = 0, n_jobs: int | None = None
) -> MeanWidths:
    """Measure the mean silhouette of several groupings on the same villages.

    Exact up to `EXACT_POINTS` distinct points; above, on a simple random sample of `SAMPLE`
    villages, each measured against all, with the standard error of the sample.
    """
    n = points.n_villages
    if len(points.rows) <= EXACT_POINTS:
        exact = point_widths(points, groupings, n_jobs=n_jobs)
        means = tuple(float(np.average(widths.width, weights=points.weights)) for widths in exact)
        return MeanWidths(means, (0.0,) * len(means), n)
    drawn = np.sort(derived_rng(seed, *DRAW_VILLAGES).choice(n, size=SAMPLE, replace=False))
    sampled = point_widths(points, groupings, at=points.index[drawn], n_jobs=n_jobs)
    spread = np.sqrt((1 - SAMPLE / n) / SAMPLE)
    return MeanWidths(
        tuple(float(widths.width.mean()) for widths in sampled),
        tuple(float(widths.width.std(ddof=1) * spread) for widths in sampled),
        SAMPLE,
    )


def widths_by_point(
    points: Points, labels: np.ndarray, *, seed: int = 0, n_jobs: int | None = None
) -> Widths:
    """Measure every point under one grouping.

    Exact up to `EXACT_POINTS` distinct points; above, distances to a group are means over a
    seeded sample of `REFERENCE_PER_GROUP` of its points, drawn by the villages they stand for.
    """
    if len(points.rows) <= EXACT_POINTS:
        return point_widths(points, [labels], n_jobs=n_jobs)[0]
    rng = derived_rng(seed, *DRAW_REFERENCE)
    reference = np.concatenate([_drawn(points, labels == group, rng) for group in range(labels.max() + 1)])
    weights = np.bincount(reference, minlength=len(points.rows))
    among = np.flatnonzero(weights)
    members = _membership(labels, weights)[among]
    sums = _distance_sums(points.rows, points.rows[among], members, n_jobs=n_jobs)
    return _widths(sums, members.sum(axis=0), labels, is_among=weights > 0)


def _drawn(points: Points, in_group: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw villages of a group without replacement and return their points."""
    members: np.ndarray = points.index[in_group[points.index]]
    if len(members) <= REFERENCE_PER_GROUP:
        return members
    return np.asarray(rng.choice(members, size=REFERENCE_PER_GROUP, replace=False))


def _membership(labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return one column a group: the weight of each point that belongs to it, else 0."""
    member = np.zeros((len(labels), int(labels.max()) + 1))
    member[np.arange(len(labels)), labels] = weights
    return member


def _distance_sums(
    points: np.ndarray, rows: np.ndarray, members: np.ndarray, *, n_jobs: int | None
) -> np.ndarray:
    """Sum each point's distances to the rows, weighted by every column of ``members``."""
    step = max(1, PIECE // len(rows))
    squares = np.einsum("ij,ij->i", rows, rows)
    pieces = Parallel(n_jobs=n_jobs)(
        delayed(_piece)(points[first : first + step], rows, squares, members)
        for first in range(0, len(points), step)
    )
    return np.vstack(pieces)


def _piece(points: np.ndarray, rows: np.ndarray, squares: np.ndarray, members: np.ndarray) -> np.ndarray:
    with one_thread():
        return np.asarray(euclidean_distances(points, rows, Y_norm_squared=squares) @ members)


def _widths(sums: np.ndarray, sizes: np.ndarray, own: np.ndarray, *, is_among: np.ndarray) -> Widths:
    """Turn sums of distances into widths; ``is_among`` where the point itself is in ``sizes``."""
    each = np.arange(len(own))
    n_others = sizes[own] - is_among
    within = sums[each, own] / np.maximum(n_others, 1)
    between = sums / sizes
    between[each, own] = np.inf
    second = between.argmin(axis=1)
    nearest = between[each, second]
    larger = np.maximum(within, nearest)
    width = np.divide(nearest - within, larger, out=np.zeros(len(own)), where=(larger > 0) & (n_others > 0))
    return Widths(width=width, second=second)
