"""k-medoids: each group is represented by one of its villages, whatever the distance is.

BUILD and SWAP as Kaufman and Rousseeuw describe them, with the swaps of a whole piece of candidates
for all medoids priced at once (Schubert and Rousseeuw) and the best of the piece made at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

PIECE = 2**21
# A swap has to gain more than the rounding of the sums it compares.
LEAST_GAIN = 1e-12


@dataclass(frozen=True, eq=False)
class Medoids:
    """Points that represent the others.

    Attributes
    ----------
    medoids
        The points that represent, in ascending order.
    labels
        For each point, the place in ``medoids`` of the nearest; the first where two are as near.
    cost
        Sum over villages of the distance to their medoid.
    """

    medoids: np.ndarray
    labels: np.ndarray
    cost: float


def pam(
    distances: np.ndarray, ks: Sequence[int], *, weights: np.ndarray | None = None
) -> tuple[Medoids, ...]:
    """Partition around medoids: until no single swap of a medoid makes the cost smaller.

    Parameters
    ----------
    distances
        Square and symmetric, nothing missing.
    ks
        Numbers of medoids; what BUILD finds for the most serves all.
    weights
        Number of villages at each point; 1 by default.

    References
    ----------
    Kaufman and Rousseeuw (1990), Finding groups in data, chapter 2.
    Schubert and Rousseeuw (2021), Fast and eager k-medoids clustering.

    Examples
    --------
    >>> places = np.array([0.0, 1.0, 2.0, 10.0, 11.0, 12.0])
    >>> pam(np.abs(places[:, None] - places), [2])[0].medoids.tolist()
    [1, 4]
    """
    weight = np.ones(len(distances)) if weights is None else weights.astype(float)
    first = build(distances, max(ks), weight)
    return tuple(swapped(distances, first[:k], weight) for k in ks)


def build(distances: np.ndarray, k: int, weights: np.ndarray) -> np.ndarray:
    """Choose medoids one after the other, each where it makes the cost smallest."""
    chosen: list[int] = []
    nearest = np.full(len(distances), np.inf)
    for _ in range(k):
        costs = np.concatenate([np.minimum(piece, nearest) @ weights for _, piece in _pieces(distances)])
        costs[chosen] = np.inf
        chosen.append(int(costs.argmin()))
        nearest = np.minimum(nearest, distances[chosen[-1]])
    return np.array(chosen)


def swapped(distances: np.ndarray, medoids: np.ndarray, weights: np.ndarray) -> Medoids:
    """Swap medoids for other points as long as that makes the cost smaller."""
    medoids = medoids.copy()
    has_gained = True
    while has_gained:
        has_gained = False
        for first, piece in _pieces(distances):
            changes = _changes(piece, distances[medoids], weights)
            place, candidate = np.unravel_index(changes.argmin(), changes.shape)
            if changes[place, candidate] < -LEAST_GAIN * float(weights @ distances[medoids].min(axis=0)):
                medoids[place] = first + candidate
                has_gained = True
    return assigned(distances[np.sort(medoids)], np.sort(medoids), weights)


def assigned(to_medoids: np.ndarray, medoids: np.ndarray, weights: np.ndarray) -> Medoids:
    """Give every point to its nearest medoid; ``to_medoids`` has one row a medoid."""
    labels = to_medoids.argmin(axis=0)
    # A medoid stands for itself, even where another one is at no distance.
    labels[medoids] = np.arange(len(medoids))
    return Medoids(medoids, labels, float(weights @ to_medoids.min(axis=0)))


def _changes(candidates: np.ndarray, to_medoids: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return by how much the cost changes when a candidate replaces a medoid: medoids by candidates."""
    k = len(to_medoids)
    owner = to_medoids.argmin(axis=0)
    nearest, second = np.sort(to_medoids, axis=0)[:2] if k > 1 else (to_medoids[0], np.inf)
    closer = np.minimum(candidates, nearest)
    gain_of_adding = (closer - nearest) @ weights
    loss_of_removing = (np.minimum(candidates, second) - closer) @ (
        weights[:, None] * (owner[:, None] == np.arange(k))
    )
    return np.asarray((gain_of_adding[:, None] + loss_of_removing).T)


def _pieces(distances: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Return the first row and the rows of pieces that fit the cache."""
    step = max(1, PIECE // len(distances))
    return [(first, distances[first : first + step]) for first in range(0, len(distances), step)]
