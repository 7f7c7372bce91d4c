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

from pk_research.clusters.cloud import Drawn
from pk_research.clusters.lloyd import k_means
from pk_research.clusters.partition import Partition, Points
from pk_research.clusters.threads import one_thread
from pk_research.compute.chance import derived_rng, derived_seed

DRAW = 7
FIRST_ON = 5_000
DRAWS_A_TASK = 20


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
    together = [range(first, min(first + DRAWS_A_TASK, n_draws)) for first in range(0, n_draws, DRAWS_A_TASK)]
    # Arrays by themselves, since joblib sends an array once to all who need it.
    arrays = points.rows, points.weights, points.index
    found = Parallel(n_jobs=n_jobs)(
        delayed(_of_draws)(
            *arrays, candidate.labels, k=candidate.k, n_starts=n_starts, seed=seed, draws=draws
        )
        for candidate in candidates
        for draws in together
    )
    n = len(together)
    by_candidate = [np.concatenate(found[c * n : (c + 1) * n]) for c in range(len(candidates))]
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
    return group_all_again([Drawn(rows, weights, seed)], k, n_starts=n_starts)[0]


def group_all_again(draws: Sequence[Drawn], k: int, *, n_starts: int) -> list[np.ndarray]:
    """Group several draws by k-means and return the labels of each; as `group_again`, but sooner.

    Parameters
    ----------
    draws
        Drawn points, how many villages each stands for, and the seed of the draw.
    k, n_starts
        As for `group_again`.
    """
    by_k: dict[int, list[int]] = {}
    for n, drawn in enumerate(draws):
        by_k.setdefault(min(k, len(drawn.rows)), []).append(n)
    labels: dict[int, np.ndarray] = {}
    with one_thread():
        for fewer, numbers in by_k.items():
            found = _grouped([draws[n] for n in numbers], fewer, n_starts)
            labels.update(zip(numbers, found, strict=True))
    return [labels[n] for n in range(len(draws))]


def _grouped(draws: Sequence[Drawn], k: int, n_starts: int) -> list[np.ndarray]:
    found = k_means([_first_of(drawn) for drawn in draws], k, n_starts=n_starts)
    large = [n for n, drawn in enumerate(draws) if len(drawn.rows) > FIRST_ON]
    on_all = k_means([draws[n] for n in large], k, n_starts=1, centres=[found[n].centres for n in large])
    carried = dict(zip(large, on_all, strict=True))
    return [carried.get(n, first).labels for n, first in enumerate(found)]


def _first_of(drawn: Drawn) -> Drawn:
    """Return the points on which starts are compared."""
    if len(drawn.rows) <= FIRST_ON:
        return drawn
    some = np.sort(np.random.default_rng(drawn.seed).choice(len(drawn.rows), size=FIRST_ON, replace=False))
    return Drawn(drawn.rows[some], drawn.weights[some], drawn.seed)


def _of_draws(
    rows: np.ndarray,
    n_at: np.ndarray,
    index: np.ndarray,
    labels: np.ndarray,
    *,
    k: int,
    n_starts: int,
    seed: int,
    draws: Sequence[int],
) -> np.ndarray:
    points = Points(rows, n_at, index)
    weights = [drawn_weights(points, seed, draw) for draw in draws]
    among = [np.flatnonzero(n) for n in weights]
    drawn = [
        Drawn(rows[some], n[some], derived_seed(seed, DRAW, draw, k))
        for some, n, draw in zip(among, weights, draws, strict=True)
    ]
    again = group_all_again(drawn, k, n_starts=n_starts)
    return np.array(
        [
            jaccard(labels[some], found, one.weights, k)
            for some, found, one in zip(among, again, drawn, strict=True)
        ]
    )


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
