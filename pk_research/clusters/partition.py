"""Cutting villages into k groups: k-means from several starts, the same on any number of workers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from joblib import Parallel, delayed
from sklearn.cluster import KMeans

from pk_research.clusters.threads import one_thread
from pk_research.compute.chance import derived_seed
from pk_research.errors import BadInput, Problem

Scale = Literal["z", "none"]
SAME_PARTITION = 0.99


@dataclass(frozen=True, eq=False)
class Points:
    """The distinct villages as points, in ascending order, each with how many villages share it.

    Real scores repeat (75,000 villages have 16,600 distinct triples of IDM sub-indices), so the
    distinct points carry the same information at a fraction of the work; and since their order
    does not depend on the order of the rows, neither does any result.

    Attributes
    ----------
    rows
        Scaled values, one row a distinct point.
    weights
        Number of villages at each point.
    index
        For each village, its point.
    """

    rows: np.ndarray
    weights: np.ndarray
    index: np.ndarray

    @classmethod
    def each(cls, rows: np.ndarray) -> Points:
        """Make every row a point of its own, in the order given."""
        return cls(rows=rows, weights=np.ones(len(rows), dtype=int), index=np.arange(len(rows)))

    @property
    def n_villages(self) -> int:
        """Number of villages behind the points."""
        return len(self.index)

    def of(self, villages: np.ndarray) -> Points:
        """Return the points of some villages, given by their numbers, each once."""
        weights = np.bincount(self.index[villages], minlength=len(self.rows))
        among = np.flatnonzero(weights)
        return Points(
            rows=self.rows[among],
            weights=weights[among],
            index=np.searchsorted(among, self.index[villages]),
        )


@dataclass(frozen=True, eq=False)
class Partition:
    """The best of several k-means starts.

    Attributes
    ----------
    k
        Number of groups.
    labels
        Group of each point, from 0.
    inertia
        Sum over villages of the squared distance to their group's mean, in scaled units.
    share_same
        Share of the starts, 0 to 1, that ended in the same groups (adjusted Rand index with the
        best above 0.99).
    """

    k: int
    labels: np.ndarray
    inertia: float
    share_same: float


def distinct_points(values: np.ndarray, *, scale: Scale = "z") -> Points:
    """Reduce villages to distinct scaled points.

    Parameters
    ----------
    values
        One row a village, one column a variable, nothing missing, no column constant.
    scale
        ``"z"``: each variable with mean 0 and standard deviation 1 over the villages, so that
        all weigh alike; ``"none"``: as they are.

    Examples
    --------
    >>> points = distinct_points(np.array([[1.0], [3.0], [1.0]]), scale="none")
    >>> points.rows.tolist(), points.weights.tolist(), points.index.tolist()
    ([[1.0], [3.0]], [2, 1], [0, 1, 0])
    """
    rows, index, weights = np.unique(values, axis=0, return_inverse=True, return_counts=True)
    if scale == "z":
        mean = np.average(rows, axis=0, weights=weights)
        rows = (rows - mean) / np.sqrt(np.average((rows - mean) ** 2, axis=0, weights=weights))
    return Points(rows=rows, weights=weights, index=index.reshape(-1))


def partitions(
    points: Points, ks: Sequence[int], *, n_starts: int = 10, seed: int = 0, n_jobs: int | None = None
) -> tuple[Partition, ...]:
    """Find the best k-means grouping for every k.

    Each start has its own seed, derived from ``seed``, k and its number, so that neither the
    number of workers nor the other k's tried change a result.

    Parameters
    ----------
    points
        From `distinct_points`; at least as many as the largest k.
    ks
        Numbers of groups to try.
    n_starts
        Starts for each k.
    seed
        Seed of all starts.
    n_jobs
        Workers, as in joblib; one unless the caller has opened a `joblib.parallel_config`.

    References
    ----------
    Arthur and Vassilvitskii (2007), k-means++: the advantages of careful seeding.
    """
    if n_starts < 1:
        raise BadInput(Problem("n_starts", f"{n_starts} starts were asked for", "Give 1 or more."))
    tasks = [(k, start) for k in ks for start in range(n_starts)]
    fits = Parallel(n_jobs=n_jobs)(
        delayed(_fit)(points.rows, points.weights, k, derived_seed(seed, k, start)) for k, start in tasks
    )
    return tuple(_best(k, points.weights, fits[n * n_starts : (n + 1) * n_starts]) for n, k in enumerate(ks))


def _fit(rows: np.ndarray, weights: np.ndarray, k: int, seed: int) -> tuple[np.ndarray, float]:
    # Until nothing moves: stopping early would make starts look different that are the same.
    model = KMeans(k, n_init=1, tol=0, random_state=seed)
    with one_thread():
        model.fit(rows, sample_weight=weights)
    return model.labels_, model.inertia_


def _best(k: int, weights: np.ndarray, fits: Sequence[tuple[np.ndarray, float]]) -> Partition:
    labels, inertia = min(fits, key=lambda fit: (-len(np.unique(fit[0])), fit[1]))
    same = [adjusted_rand_index(labels, other, weights=weights) > SAME_PARTITION for other, _ in fits]
    return Partition(k=k, labels=labels, inertia=float(inertia), share_same=sum(same) / len(same))


def adjusted_rand_index(first: np.ndarray, second: np.ndarray, *, weights: np.ndarray) -> float:
    """Measure how far two groupings agree, beyond chance.

    Parameters
    ----------
    first, second
        Group of each point, from 0.
    weights
        Number of villages at each point; two villages at one point are a pair like any other.

    Returns
    -------
    float
        1 for the same groups under whatever numbers, about 0 for unrelated ones.

    References
    ----------
    Hubert and Arabie (1985), Comparing partitions.

    Examples
    --------
    >>> ones = np.ones(4, dtype=int)
    >>> adjusted_rand_index(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]), weights=ones)
    1.0
    """
    n_columns = int(second.max()) + 1
    table = np.bincount(first * n_columns + second, weights=weights, minlength=(first.max() + 1) * n_columns)
    table = table.reshape(-1, n_columns)
    together = _pairs(table)
    in_first, in_second = _pairs(table.sum(axis=1)), _pairs(table.sum(axis=0))
    of_all = _pairs(table.sum())
    if not of_all:  # one village alone is with nobody in either grouping
        return 1.0
    by_chance = in_first * in_second / of_all
    most = (in_first + in_second) / 2
    return 1.0 if most == by_chance else float((together - by_chance) / (most - by_chance))


def _pairs(counts: np.ndarray) -> float:
    return float(np.sum(counts * (counts - 1) / 2))
