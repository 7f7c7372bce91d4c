"""Two more measures of how good a grouping is, from group means alone."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import pdist, squareform

from pk_research.clusters.partition import Points


def centres(points: Points, labels: np.ndarray) -> np.ndarray:
    """Return the mean of each group over its villages, one row a group, in scaled units."""
    sums = np.stack(
        [np.bincount(labels, weights=points.weights * column) for column in points.rows.T], axis=1
    )
    return sums / np.bincount(labels, weights=points.weights)[:, None]


def total_spread(points: Points) -> float:
    """Return the sum over villages of the squared distance to the mean of all, in scaled units."""
    mean = np.average(points.rows, axis=0, weights=points.weights)
    return float(points.weights @ ((points.rows - mean) ** 2).sum(axis=1))


def calinski_harabasz(points: Points, labels: np.ndarray) -> float:
    """Measure variance between groups against variance within; higher is better, no upper bound.

    References
    ----------
    Calinski and Harabasz (1974), A dendrite method for cluster analysis.
    """
    middle = centres(points, labels)
    within = float(points.weights @ ((points.rows - middle[labels]) ** 2).sum(axis=1))
    k, n = len(middle), points.n_villages
    return (total_spread(points) - within) / (k - 1) / (within / (n - k)) if within > 0 else np.inf


def davies_bouldin(points: Points, labels: np.ndarray) -> float:
    """Measure how much each group overlaps its most similar one; lower is better, 0 is best.

    References
    ----------
    Davies and Bouldin (1979), A cluster separation measure.
    """
    middle = centres(points, labels)
    distance = np.sqrt(((points.rows - middle[labels]) ** 2).sum(axis=1))
    sizes = np.bincount(labels, weights=points.weights)
    scatter = np.bincount(labels, weights=points.weights * distance) / sizes
    apart = squareform(pdist(middle))
    np.fill_diagonal(apart, np.inf)
    return float(((scatter[:, None] + scatter) / apart).max(axis=1).mean())
