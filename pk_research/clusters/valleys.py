"""How many groups are there, one included: groups are real where a valley lies between them.

Villages are first cut by k-means into more pieces than there can be groups. Two pieces belong
together unless a valley lies between them: unless the dip test finds two heaps when their
villages are projected on the line that tells the two apart best. Pieces without a valley between
them are merged until every two are apart. What is left may be long, bent, unequal or skewed; it
may be one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed

from pk_research.clusters.dip import dip_p_value
from pk_research.clusters.partition import Points, partitions
from pk_research.clusters.threads import one_thread
from pk_research.compute.chance import derived_rng, drawn

PIECES = (5, 6, 7, 8, 9, 10, 12)
APART = 0.01
MEASURED = 2_000
SMALLEST_PIECE = 4
STARTS = 5
DRAW = (0, 2)
SPREAD = (0, 3)


@dataclass(frozen=True, eq=False)
class Valleys:
    """Groups with valleys between them.

    Attributes
    ----------
    k
        Number of groups, found from most of the numbers of pieces; 1 when nothing parts the villages.
    by_pieces
        Number of groups found from each number of pieces.
    n_measured
        Number of villages measured; all of them unless the data is large.
    rows
        Which villages were measured.
    labels
        Group of each of those, from 0; of the fewest pieces that gave ``k``.
    """

    k: int
    by_pieces: dict[int, int]
    n_measured: int
    rows: np.ndarray
    labels: np.ndarray

    @property
    def share(self) -> float:
        """Share of the numbers of pieces that gave ``k``, 0 to 1."""
        found = list(self.by_pieces.values())
        return found.count(self.k) / len(found)


def find_valleys(
    points: Points, *, pieces: Sequence[int] = PIECES, seed: int = 0, n_jobs: int | None = None
) -> Valleys | None:
    """Count the groups of villages that have a valley between them.

    Parameters
    ----------
    points
        The villages as points. Above `MEASURED` villages that many are drawn at random.
    pieces
        Numbers of pieces to start from; those that leave fewer than four villages a piece are not tried.
    seed
        Seed of the drawing, of the starts, and of the spreading of values that repeat: a value
        many villages share is rounded, and is spread evenly to half-way to its neighbours.
    n_jobs
        Workers, as in joblib.

    Returns
    -------
    Valleys
        The number found from most numbers of pieces; the smallest where that is shared. None for
        fewer villages than could fill the fewest pieces: too few to tell.

    References
    ----------
    Hennig (2010), Methods for merging Gaussian mixture components (the dip test on pairs).
    Hartigan and Hartigan (1985), The dip test of unimodality.

    Examples
    --------
    >>> from pk_research.clusters.partition import distinct_points
    >>> rng = np.random.default_rng(0)
    >>> one, two = rng.normal(0, 1, size=(60, 2)), rng.normal(8, 1, size=(60, 2))
    >>> find_valleys(distinct_points(one)).k, find_valleys(distinct_points(np.vstack([one, two]))).k
    (1, 2)
    """
    rows = drawn(points.n_villages, MEASURED, seed, *DRAW)
    values = _spread(points.rows[points.index[rows]], seed)
    possible = [n for n in pieces if n * SMALLEST_PIECE <= len(values)]
    if not possible:
        return None
    cuts = partitions(Points.each(values), possible, n_starts=STARTS, seed=seed, n_jobs=n_jobs)
    merged = Parallel(n_jobs=n_jobs)(delayed(_merge)(values, cut.labels) for cut in cuts)
    by_pieces = {n: int(labels.max()) + 1 for n, labels in zip(possible, merged, strict=True)}
    votes = Counter(by_pieces.values())
    k = min(votes, key=lambda found: (-votes[found], found))
    labels = next(labels for labels in merged if labels.max() + 1 == k)
    return Valleys(k=k, by_pieces=by_pieces, n_measured=len(rows), rows=rows, labels=labels)


def _spread(values: np.ndarray, seed: int) -> np.ndarray:
    """Spread values that repeat evenly over the interval they were rounded to."""
    rng = derived_rng(seed, *SPREAD)
    return np.column_stack([_spread_column(column, rng) for column in values.T])


def _spread_column(column: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    distinct, index, counts = np.unique(column, return_inverse=True, return_counts=True)
    if len(distinct) < 2:
        return column
    half = np.diff(distinct) / 2
    down = np.where(counts > 1, np.r_[half[0], half], 0)[index]
    up = np.where(counts > 1, np.r_[half, half[-1]], 0)[index]
    return column + rng.uniform(-down, up)


def _merge(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Merge the two pieces that are least apart until every two are apart; number the rest from 0."""
    labels = labels.copy()
    with one_thread():
        pairs = {pair: _Pair.of(values, labels, *pair) for pair in combinations(np.unique(labels), 2)}
        while pairs and max(pairs.values()).p_one_heap > APART:
            kept, gone = max(pairs, key=lambda pair: pairs[pair])
            labels[labels == gone] = kept
            pairs = {pair: apart for pair, apart in pairs.items() if gone not in pair and kept not in pair}
            others = [other for other in np.unique(labels) if other != kept]
            pairs |= {(kept, other): _Pair.of(values, labels, kept, other) for other in others}
    return np.unique(labels, return_inverse=True)[1]


class _Pair(NamedTuple):
    """Two pieces, in the order in which they would be merged."""

    p_one_heap: float
    nearness: float

    @classmethod
    def of(cls, values: np.ndarray, labels: np.ndarray, first: int, second: int) -> _Pair:
        """Test two pieces for being one heap, on the line that tells them apart best (Fisher's)."""
        one, two = values[labels == first], values[labels == second]
        between = one.mean(axis=0) - two.mean(axis=0)
        nearness = -float(between @ between)
        if min(len(one), len(two)) < SMALLEST_PIECE:
            return cls(1.0, nearness)
        within = _scatter(one) + _scatter(two)
        within /= len(one) + len(two) - 2
        # A little roundness, so that few villages in many variables do not make a line of their own.
        within += np.eye(len(within)) * max(1e-3 * np.trace(within) / len(within), 1e-12)
        line = np.linalg.solve(within, between)
        return cls(dip_p_value(np.concatenate([one, two]) @ line), nearness)


def _scatter(values: np.ndarray) -> np.ndarray:
    centred = values - values.mean(axis=0)
    return np.asarray(centred.T @ centred)
