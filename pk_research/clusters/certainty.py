"""How sure each village's type is: the share of repetitions that put it there.

A repetition draws the villages anew (with replacement, copies dropped), starts anew, and may take
other values for what is not known (imputations) or another choice of the analyst. Its groups are
matched to the types by the villages they share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from scipy.optimize import linear_sum_assignment

from pk_research.clusters.divide import divide_again
from pk_research.clusters.mixed import Kind
from pk_research.clusters.partition import Points, adjusted_rand_index
from pk_research.clusters.request import Method
from pk_research.clusters.stability import drawn_weights
from pk_research.compute.chance import derived_seed

DRAW = 8


@dataclass(frozen=True, eq=False)
class Certainty:
    """Membership of every point over the repetitions.

    Attributes
    ----------
    probability
        One row a point, one column a group: share of the repetitions in which the point took
        part that put it there; a row sums to 1, or is missing where the point never took part.
    agreement
        Adjusted Rand index of each repetition with the types, over the points that took part.
    n_draws
        Number of repetitions.
    n_variants
        Number of versions of the values they took turns with; 1 when there is only one.
    """

    probability: np.ndarray
    agreement: np.ndarray
    n_draws: int
    n_variants: int

    def own(self, labels: np.ndarray) -> np.ndarray:
        """Return the probability of each point's own group."""
        return np.asarray(self.probability[np.arange(len(labels)), labels])

    def second(self, labels: np.ndarray) -> np.ndarray:
        """Return the most probable other group of each point, from 0."""
        others = self.probability.copy()
        others[np.arange(len(labels)), labels] = -1
        return np.asarray(np.nan_to_num(others, nan=-1).argmax(axis=1))


def certainty_of(
    points: Points,
    labels: np.ndarray,
    *,
    method: Method = "k_means",
    kinds: tuple[Kind, ...] = (),
    variants: Sequence[np.ndarray] = (),
    n_draws: int = 100,
    n_starts: int = 5,
    seed: int = 0,
    n_jobs: int | None = None,
) -> Certainty:
    """Repeat the grouping and count where every point ends up.

    Parameters
    ----------
    points
        The villages as points.
    labels
        Type of each point, from 0.
    method
        How the types were found, and are found again.
    kinds
        What the columns are, for the methods that ask.
    variants
        Other values of the same points, one array like ``points.rows`` each: imputations, or the
        values as another choice would scale them. The repetitions take turns with them and the
        values themselves.
    n_draws
        Number of repetitions.
    n_starts
        Starts in each.
    seed
        Seed of all chance; each repetition has a seed of its own derived from it.
    n_jobs
        Workers, as in joblib.

    References
    ----------
    Monti, Tamayo, Mesirov and Golub (2003), Consensus clustering: a resampling-based method for
    class discovery and visualization of gene expression microarray data.

    Examples
    --------
    >>> from pk_research.clusters.partition import distinct_points
    >>> points = distinct_points(np.r_[0:1:20j, 9:10:20j][:, None])
    >>> certainty_of(points, np.repeat([0, 1], 20), n_draws=20).probability[0].tolist()
    [1.0, 0.0]
    """
    k = int(labels.max()) + 1
    values = [points.rows, *variants]
    repeated = Parallel(n_jobs=n_jobs)(
        delayed(_repeat)(
            Points(values[draw % len(values)], points.weights, points.index),
            labels,
            method,
            kinds=kinds,
            n_starts=n_starts,
            seed=seed,
            draw=draw,
        )
        for draw in range(n_draws)
    )
    counts = np.zeros((len(labels), k))
    for among, again, _ in repeated:
        counts[among, again] += 1
    took_part = counts.sum(axis=1, keepdims=True)
    probability = np.divide(counts, took_part, out=np.full_like(counts, np.nan), where=took_part > 0)
    return Certainty(
        probability=probability,
        agreement=np.array([agreement for *_, agreement in repeated]),
        n_draws=n_draws,
        n_variants=len(values),
    )


def _repeat(
    points: Points,
    labels: np.ndarray,
    method: Method,
    *,
    kinds: tuple[Kind, ...],
    n_starts: int,
    seed: int,
    draw: int,
) -> tuple[np.ndarray, np.ndarray, float]:
    k = int(labels.max()) + 1
    weights = drawn_weights(points, seed, draw)
    among = np.flatnonzero(weights)
    start = derived_seed(seed, DRAW, draw)
    again = divide_again(
        points.rows[among], weights[among], k, method, kinds=kinds, n_starts=n_starts, seed=start
    )
    matched = match_labels(labels[among], again, weights[among], k)[again]
    return among, matched, adjusted_rand_index(labels[among], again, weights=weights[among])


def match_labels(labels: np.ndarray, others: np.ndarray, weights: np.ndarray, k: int) -> np.ndarray:
    """Return for each of the other groups the group of ``labels`` that it corresponds to.

    The one-to-one correspondence that keeps most villages together (Kuhn 1955, the Hungarian
    method).

    Parameters
    ----------
    labels, others
        Group of each point, from 0, at most ``k`` groups in each.
    weights
        Number of villages at each point.
    k
        Number of groups.

    Examples
    --------
    >>> match_labels(np.array([0, 0, 1]), np.array([1, 1, 0]), np.ones(3), 2).tolist()
    [1, 0]
    """
    together = np.bincount(others * k + labels, weights=weights, minlength=k * k).reshape(k, k)
    return np.asarray(linear_sum_assignment(together, maximize=True)[1])
