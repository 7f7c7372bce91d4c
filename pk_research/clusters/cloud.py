"""Drawn points made ready for k-means, and its first centres: k-means++ as scikit-learn chooses them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

NEAR_SUM = 1e-12


@dataclass(frozen=True, eq=False)
class Drawn:
    """Points to group.

    Attributes
    ----------
    rows
        One row a point.
    weights
        How many villages each stands for.
    seed
        Of k-means++, as scikit-learn's ``random_state``.
    """

    rows: np.ndarray
    weights: np.ndarray
    seed: int


@dataclass(frozen=True, eq=False)
class Cloud:
    """Drawn points about their mean, in units in which the farthest lies at 1.

    Attributes
    ----------
    rows
        The points, and a last column of ones.
    weights
        How many villages each stands for.
    squares
        Squared distance of each from the mean.
    mean, unit
        What was subtracted, and the distance of the farthest.
    """

    rows: np.ndarray
    weights: np.ndarray
    squares: np.ndarray
    mean: np.ndarray
    unit: float

    @classmethod
    def of(cls, drawn: Drawn) -> Cloud:
        """Centre and scale the points of a draw; the unit is not positive and finite where that fails."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            mean = drawn.rows.mean(axis=0)
            rows = np.ones((len(drawn.rows), len(mean) + 1))
            rows[:, :-1] = drawn.rows - mean
            squares = np.einsum("ij,ij->i", rows[:, :-1], rows[:, :-1])
            unit = float(np.sqrt(squares.max()))
            rows[:, :-1] /= unit
            return cls(rows, np.asarray(drawn.weights, dtype=float), squares / unit**2, mean, unit)

    @property
    def points(self) -> np.ndarray:
        """The points without the column of ones."""
        return self.rows[:, :-1]

    def within(self, points: np.ndarray) -> np.ndarray:
        """Return points in the units of the cloud."""
        return np.asarray((points - self.mean) / self.unit)

    def outside(self, points: np.ndarray) -> np.ndarray:
        """Return points of the cloud in the units of the draw."""
        return np.asarray(points * self.unit + self.mean)


def chances(seeds: Iterable[int], k: int, n_starts: int) -> Iterator[np.ndarray]:
    """Draw the random numbers scikit-learn's ``KMeans`` would use for its starts.

    Parameters
    ----------
    seeds
        As scikit-learn's ``random_state``.
    k, n_starts
        Number of centres and of starts.
    """
    legacy = np.random.RandomState(0)
    for seed in seeds:
        legacy.seed(seed)
        yield legacy.random_sample((n_starts, 1 + (k - 1) * _n_tried(k)))


def _n_tried(k: int) -> int:
    return 2 + int(np.log(k))


def first_centres(cloud: Cloud, k: int, chance: np.ndarray) -> np.ndarray | None:
    """Choose the first centres of every start at once, as scikit-learn would.

    Parameters
    ----------
    cloud
        The points.
    k
        Number of centres.
    chance
        Random numbers from `chances`, one row a start.

    Returns
    -------
    numpy.ndarray or None
        Starts by centres by variables; ``None`` where rounding might decide a choice.

    References
    ----------
    Arthur and Vassilvitskii (2007), k-means++: the advantages of careful seeding; of several
    candidates for each further centre the best is taken, as in ``sklearn.cluster.kmeans_plusplus``.
    """
    n_tried = _n_tried(k)
    weights, n, starts = cloud.weights, len(cloud.weights), np.arange(len(chance))
    near = NEAR_SUM * weights.sum()
    shares = np.cumsum(weights / weights.sum())
    chosen = np.empty((len(chance), k), dtype=np.intp)
    chosen[:, 0] = np.searchsorted(shares / shares[-1], chance[:, 0], side="right")
    distances = _Distances(cloud)
    closest = distances.of(chosen[:, 0])
    total = closest @ weights
    below = np.zeros((len(chance), n + 1))
    for c in range(1, k):
        wanted = chance[:, 1 + (c - 1) * n_tried : 1 + c * n_tried] * total[:, None]
        np.cumsum(closest * weights, axis=1, out=below[:, 1:])
        tried = np.array([sums.searchsorted(w) for sums, w in zip(below[:, 1:], wanted, strict=True)])
        np.minimum(tried, n - 1, out=tried)
        left, right = below[starts[:, None], tried], below[starts[:, None], tried + 1]
        after = distances.of(tried)
        np.minimum(after, closest[:, None, :], out=after)
        totals = after @ weights
        best = totals.argmin(axis=1)
        chosen[:, c] = tried[starts, best]
        total, closest = totals[starts, best], after[starts, best]
        as_good = (totals < (total + near)[:, None]) & (tried != chosen[:, c, None])
        if (right - wanted < near).any() or ((wanted - left < near) & (tried > 0)).any() or as_good.any():
            return None
    return cloud.points[chosen]


class _Distances:
    """Squared distances of all points from some of them, by one product of matrices."""

    def __init__(self, cloud: Cloud) -> None:
        self._from = np.column_stack([-2 * cloud.points, np.ones(len(cloud.rows)), cloud.squares])
        self._to = np.vstack([cloud.points.T, cloud.squares, np.ones(len(cloud.rows))])

    def of(self, numbers: np.ndarray) -> np.ndarray:
        """Return the shape of ``numbers``, by points."""
        squared = self._from[numbers.ravel()] @ self._to
        return np.asarray(np.maximum(squared, 0, out=squared).reshape(*numbers.shape, -1))
