"""Prediction strength: how well groups found in one half of the villages part the other half."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from joblib import Parallel, delayed
from sklearn.metrics.pairwise import euclidean_distances

from pk_research.clusters.measures import centres
from pk_research.clusters.partition import Points, partitions
from pk_research.clusters.threads import one_thread
from pk_research.compute.chance import derived_rng, derived_seed

DRAW = 6


def prediction_strength(
    points: Points,
    ks: Sequence[int],
    *,
    n_splits: int = 50,
    n_starts: int = 10,
    seed: int = 0,
    n_jobs: int | None = None,
) -> np.ndarray:
    """Measure for every k how well groups of one half of the villages predict those of the other.

    For each group of the second half: the share of pairs of its villages that also share a group
    when they are assigned to the nearest centre of the first half. The worst group counts; the
    mean over both directions of all splits is returned.

    Parameters
    ----------
    points
        The villages as points.
    ks
        Numbers of groups.
    n_splits
        Number of random splits in halves.
    n_starts
        Starts of k-means in each half: a single start understates the strength.
    seed
        Seed of all chance; each split has a seed of its own derived from it.
    n_jobs
        Workers, as in joblib.

    Returns
    -------
    numpy.ndarray
        One number a k, 0 to 1; Tibshirani and Walther read 0.8 and more as groups that are real.
        0 for a k that half of the villages cannot form, and for a group of a single village, as
        in R's ``fpc``.

    References
    ----------
    Tibshirani and Walther (2005), Cluster validation by prediction strength.
    """
    tasks = [(k, split) for k in ks for split in range(n_splits)]
    found = Parallel(n_jobs=n_jobs)(
        delayed(_of_split)(points, k, n_starts, seed, split) for k, split in tasks
    )
    return np.asarray(np.reshape(found, (len(ks), n_splits)).mean(axis=1))


def _of_split(points: Points, k: int, n_starts: int, seed: int, split: int) -> float:
    order = derived_rng(seed, DRAW, split).permutation(points.n_villages)
    middle = len(order) // 2
    halves = [points.of(order[:middle]), points.of(order[middle:])]
    if min(len(half.rows) for half in halves) < k:
        return 0.0
    start = derived_seed(seed, DRAW, split)
    labels = [partitions(half, [k], n_starts=n_starts, seed=start, n_jobs=1)[0].labels for half in halves]
    both = [(0, 1), (1, 0)]
    return float(
        np.mean([_predicted(halves[one], labels[one], halves[two], labels[two]) for one, two in both])
    )


def _predicted(train: Points, train_labels: np.ndarray, test: Points, test_labels: np.ndarray) -> float:
    with one_thread():
        nearest = euclidean_distances(test.rows, centres(train, train_labels)).argmin(axis=1)
    shares = []
    for group in range(int(test_labels.max()) + 1):
        rows = test_labels == group
        together = np.bincount(nearest[rows], weights=test.weights[rows])
        size = together.sum()
        shares.append(((together**2).sum() - size) / (size * (size - 1)) if size > 1 else 0.0)
    return min(shares)
