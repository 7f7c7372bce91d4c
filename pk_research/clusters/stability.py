"""How firm the groups are: the same villages drawn again, grouped again, and compared.

Villages are drawn with replacement; a village drawn twice counts once, as in R's ``fpc``, since
copies make groups look firmer for k-means and less firm elsewhere. Every group of all villages is
compared with the most similar group of each draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from sklearn.cluster import KMeans

from pk_research.clusters.chance import derived_rng, derived_seed
from pk_research.clusters.partition import Partition, Points
from pk_research.clusters.threads import one_thread

DRAW = 7
FIRST_ON = 5_000


@dataclass(frozen=True, eq=False)
class Stability:
    """How often the groups of one grouping are found again.

    Attributes
    ----------
    k
        Number of groups.
    jaccard
        For each group, the mean over draws of its Jaccard similarity to the most similar group
        of the draw, 0 to 1: 0.75 and more is firm, below 0.5 dissolved.
    standard_error
        Of those means, from the draws.
    n_draws
        Number of draws.
    starts_on
        Number of drawn points on which starts were compared; all of a draw unless the data is large.
    """

    k: int
    jaccard: np.ndarray
    standard_error: np.ndarray
    n_draws: int
    starts_on: int

    @property
    def lowest(self) -> float:
        """Mean similarity of the least firm group."""
        return float(self.jaccard.min())


def bootstrap_stability(
    points: Points,
    candidates: Sequence[Partition],
    *,
    n_draws: int = 100,
    n_starts: int = 5,
    seed: int = 0,
    n_jobs: int | None = None,
) -> tuple[Stability, ...]:
    """Measure how firm the groups of every candidate are under k-means.

    Parameters
    ----------
    points
        The villages as points.
    candidates
        Groupings to compare with, each with its k.
    n_draws
        Number of bootstrap draws; the same draws for every candidate.
    n_starts
        Starts of k-means in each draw: a single one understates how firm groups are. Where a
        draw has more than 5,000 points the starts are compared on 5,000 of them, and the best is
        carried through on all.
    seed
        Seed of all chance; each draw has a seed of its own derived from it.
    n_jobs
        Workers, as in joblib.

    References
    ----------
    Hennig (2007), Cluster-wise assessment of cluster stability.
    """
    tasks = [(candidate, draw) for candidate in candidates for draw in range(n_draws)]
    # Arrays by themselves, since joblib sends an array once to all who need it.
    arrays = points.rows, points.weights, points.index
    found = Parallel(n_jobs=n_jobs)(
        delayed(_of_draw)(*arrays, candidate.labels, k=candidate.k, n_starts=n_starts, seed=seed, draw=draw)
        for candidate, draw in tasks
    )
    by_candidate = [np.array(found[n * n_draws : (n + 1) * n_draws]) for n in range(len(candidates))]
    return tuple(
        Stability(
            k=candidate.k,
            jaccard=similar.mean(axis=0),
            standard_error=similar.std(axis=0, ddof=1) / np.sqrt(n_draws),
            n_draws=n_draws,
            starts_on=min(FIRST_ON, len(points.rows)),
        )
        for candidate, similar in zip(candidates, by_candidate, strict=True)
    )


def drawn_weights(points: Points, seed: int, draw: int) -> np.ndarray:
    """Draw villages with replacement; return for each point how many different villages were drawn."""
    n = points.n_villages
    villages = np.unique(derived_rng(seed, DRAW, draw).integers(n, size=n))
    return np.bincount(points.index[villages], minlength=len(points.rows))


def group_again(rows: np.ndarray, weights: np.ndarray, k: int, *, n_starts: int, seed: int) -> np.ndarray:
    """Group drawn points by k-means from several starts and return their labels.

    Parameters
    ----------
    rows, weights
        Drawn points, and how many villages each stands for.
    k
        Number of groups; fewer where the draw has fewer different points.
    n_starts
        Starts; above 5,000 points they are compared on 5,000 drawn ones first.
    seed
        Seed of this draw.
    """
    k = min(k, len(rows))
    with one_thread():
        if len(rows) <= FIRST_ON:
            return np.asarray(
                KMeans(k, n_init=n_starts, random_state=seed).fit(rows, sample_weight=weights).labels_
            )
        some = np.sort(np.random.default_rng(seed).choice(len(rows), size=FIRST_ON, replace=False))
        first = KMeans(k, n_init=n_starts, random_state=seed).fit(rows[some], sample_weight=weights[some])
        last = KMeans(k, n_init=1, init=first.cluster_centers_).fit(rows, sample_weight=weights)
    return np.asarray(last.labels_)


def _of_draw(
    rows: np.ndarray,
    n_at: np.ndarray,
    index: np.ndarray,
    labels: np.ndarray,
    *,
    k: int,
    n_starts: int,
    seed: int,
    draw: int,
) -> np.ndarray:
    weights = drawn_weights(Points(rows, n_at, index), seed, draw)
    among = np.flatnonzero(weights)
    start = derived_seed(seed, DRAW, draw, k)
    again = group_again(rows[among], weights[among], k, n_starts=n_starts, seed=start)
    return jaccard(labels[among], again, weights[among], k)


def jaccard(labels: np.ndarray, others: np.ndarray, weights: np.ndarray, k: int) -> np.ndarray:
    """Return for each of k groups its Jaccard similarity to the most similar of the other groups.

    Parameters
    ----------
    labels, others
        Group of each point, from 0, in two groupings.
    weights
        Number of villages at each point.
    k
        Number of groups in ``labels``; a group without villages has similarity 0.

    Examples
    --------
    >>> jaccard(np.array([0, 0, 1, 1]), np.array([1, 1, 1, 0]), np.ones(4), 2).round(2).tolist()
    [0.67, 0.5]
    """
    n_others = int(others.max()) + 1
    both = np.bincount(labels * n_others + others, weights=weights, minlength=k * n_others).reshape(
        k, n_others
    )
    either = both.sum(axis=1)[:, None] + both.sum(axis=0) - both
    return np.asarray((both / np.maximum(either, 1)).max(axis=1))
