"""How well each village sits in its group by Gower's distance: silhouettes over gaps and categories.

Exact up to `MATRIX_ROWS` distinct villages. Above, the mean over villages is that of a sample
measured against all, and each village is measured against a sample of each group. A pair of
villages without a variable in common counts nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from joblib import Parallel, delayed

from pk_research.clusters.gower import MATRIX_ROWS, Gower
from pk_research.clusters.partition import Points
from pk_research.clusters.silhouette import MeanWidths, Widths
from pk_research.clusters.threads import one_thread
from pk_research.compute.chance import derived_rng

SAMPLE = 2_000
REFERENCE_PER_GROUP = 1_000
PIECE = 256
DRAW_VILLAGES, DRAW_REFERENCE = (10, 0), (10, 1)


def mean_gower_widths(
    measure: Gower,
    points: Points,
    groupings: Sequence[np.ndarray],
    *,
    seed: int = 0,
    n_jobs: int | None = None,
) -> MeanWidths:
    """Measure the mean silhouette of several groupings on the same villages.

    Parameters
    ----------
    measure, points
        The distances, and how many villages are at each point.
    groupings
        For each grouping the group of every point, from 0; two groups or more.
    seed, n_jobs
        Seed of the sample, without chance up to `MATRIX_ROWS` points; workers, as in joblib.
    """
    n = points.n_villages
    is_exact = len(points.rows) <= MATRIX_ROWS
    at = np.arange(len(points.rows))
    if not is_exact:
        at = points.index[np.sort(derived_rng(seed, *DRAW_VILLAGES).choice(n, size=SAMPLE, replace=False))]
    members = [_membership(labels, points.weights) for labels in groupings]
    sums, counts = _sums(measure, at, slice(None), np.hstack(members), n_jobs=n_jobs)
    edges = np.cumsum([member.shape[1] for member in members])[:-1]
    widths = [
        _widths(part, count, labels[at], is_among=np.ones(len(at))).width
        for part, count, labels in zip(
            np.split(sums, edges, axis=1), np.split(counts, edges, axis=1), groupings, strict=True
        )
    ]
    if is_exact:
        means = tuple(float(np.average(width, weights=points.weights)) for width in widths)
        return MeanWidths(means, (0.0,) * len(means), n)
    spread = np.sqrt((1 - SAMPLE / n) / SAMPLE)
    return MeanWidths(
        tuple(float(width.mean()) for width in widths),
        tuple(float(width.std(ddof=1) * spread) for width in widths),
        SAMPLE,
    )


def gower_widths(
    measure: Gower, points: Points, labels: np.ndarray, *, seed: int = 0, n_jobs: int | None = None
) -> Widths:
    """Measure every point under one grouping; parameters as in `mean_gower_widths`.

    References
    ----------
    Rousseeuw (1987), Silhouettes: a graphical aid to the interpretation and validation of
    cluster analysis.
    """
    weights = points.weights
    if len(points.rows) > MATRIX_ROWS:
        rng = derived_rng(seed, *DRAW_REFERENCE)
        drawn = [_drawn(points, labels == group, rng) for group in range(labels.max() + 1)]
        weights = np.bincount(np.concatenate(drawn), minlength=len(labels))
    among = np.flatnonzero(weights)
    members = _membership(labels, weights)[among]
    sums, counts = _sums(measure, np.arange(len(labels)), among, members, n_jobs=n_jobs)
    return _widths(sums, counts, labels, is_among=weights > 0)


def n_reference(points: Points, k: int) -> int:
    """Return against how many villages `gower_widths` measures each one."""
    return points.n_villages if len(points.rows) <= MATRIX_ROWS else REFERENCE_PER_GROUP * k


def _drawn(points: Points, in_group: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    # Villages in the order of the points, so that the order of the rows given decides nothing.
    at_point = np.repeat(np.arange(len(points.rows)), points.weights)
    members = at_point[in_group[at_point]]
    size = min(REFERENCE_PER_GROUP, len(members))
    return np.asarray(rng.choice(members, size=size, replace=False))


def _membership(labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return one column a group: the weight of each point that belongs to it, else 0."""
    return np.asarray((labels[:, None] == np.arange(labels.max() + 1)) * weights[:, None].astype(float))


def _sums(
    measure: Gower, at: np.ndarray, to: np.ndarray | slice, members: np.ndarray, *, n_jobs: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Sum distances to each group, and count the villages whose distance is known."""
    # The limit of one thread is the process's: held here, no piece that ends lifts it for the others.
    with one_thread():
        pieces = Parallel(n_jobs=n_jobs, prefer="threads")(
            delayed(_piece)(measure, at[first : first + PIECE], to, members)
            for first in range(0, len(at), PIECE)
        )
    return np.vstack([sums for sums, _ in pieces]), np.vstack([counts for _, counts in pieces])


def _piece(
    measure: Gower, at: np.ndarray, to: np.ndarray | slice, members: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    distances = measure.distances(at, to)
    unknown = np.isnan(distances)
    if not unknown.any():
        return distances @ members, np.broadcast_to(members.sum(axis=0), (len(at), members.shape[1]))
    return np.where(unknown, 0, distances) @ members, (~unknown).astype(float) @ members


def _widths(sums: np.ndarray, counts: np.ndarray, own: np.ndarray, *, is_among: np.ndarray) -> Widths:
    """Turn sums over known pairs into widths; ``is_among`` where the point itself was counted."""
    each = np.arange(len(own))
    n_others = np.maximum(counts[each, own] - is_among, 0)
    within = sums[each, own] / np.maximum(n_others, 1)
    between = np.divide(sums, counts, out=np.full(sums.shape, np.inf), where=counts > 0)
    between[each, own] = np.inf
    second = between.argmin(axis=1)
    nearest = between[each, second]
    larger = np.maximum(within, nearest)
    measurable = (larger > 0) & (n_others > 0) & np.isfinite(nearest)
    gain = np.where(measurable, nearest, 0) - np.where(measurable, within, 0)
    return Widths(width=np.divide(gain, larger, out=np.zeros(len(own)), where=measurable), second=second)
