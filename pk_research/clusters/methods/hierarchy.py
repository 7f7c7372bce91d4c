"""Ward's tree over weighted points: exact without a table of distances, by chains of neighbours.

scikit-learn and scipy know no weights and need all pairs; villages repeat their values, and means
of villages stand for many. A chain of nearest neighbours finds the same tree in memory that grows
with the points only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.cluster import MiniBatchKMeans

from pk_research.clusters.measures import centres
from pk_research.clusters.methods.grouping import (
    Grouping,
    canonical,
    check_complete,
    check_request,
)
from pk_research.clusters.methods.tree import Tree
from pk_research.clusters.partition import Points
from pk_research.clusters.threads import one_thread
from pk_research.compute.chance import derived_seed
from pk_research.language import Message

EXACT_POINTS = 20_000
BUNDLES = 2_000


def ward(points: Points, ks: Sequence[int], *, seed: int = 0) -> tuple[Grouping, ...]:
    """Merge the two groups that add least to the variance within, until k are left.

    Exact up to `EXACT_POINTS` distinct points. Above, mini-batch k-means first bundles them into
    `BUNDLES`, whose means are merged with their weights; the result says so.

    Parameters
    ----------
    points
        From `distinct_points`.
    ks
        Numbers of groups; one tree serves all.
    seed
        Seed of the bundles; without chance below that size.

    References
    ----------
    Ward (1963), Hierarchical grouping to optimize an objective function.
    Murtagh (1983), A survey of recent advances in hierarchical clustering algorithms.
    """
    check_request(points, ks, seed=seed)
    check_complete(points)
    notes: tuple[Message, ...] = ()
    if len(points.rows) <= EXACT_POINTS:
        tree, bundle = ward_tree(points), np.arange(len(points.rows))
    else:
        bundle = _bundles(points, seed)
        sizes = np.bincount(bundle, weights=points.weights)
        tree = ward_tree(Points(centres(points, bundle), sizes, bundle))
        notes = (
            Message(
                "{n} different profiles were first bundled into {bundles} by mini-batch k-means; the tree"
                " is that of the bundles",
                {"n": len(points.rows), "bundles": len(sizes)},
            ),
        )
    return tree.groupings("ward", points, ks, at=bundle, notes=notes)


def _bundles(points: Points, seed: int) -> np.ndarray:
    model = MiniBatchKMeans(
        BUNDLES, n_init=1, batch_size=4 * BUNDLES, random_state=derived_seed(seed, BUNDLES)
    )
    with one_thread():
        model.fit(points.rows, sample_weight=points.weights)
    return canonical(model.labels_)


def ward_tree(points: Points) -> Tree:
    """Build the whole tree; ties go to the point that comes first.

    Examples
    --------
    >>> points = Points(np.array([[0.0], [1.0], [5.0]]), np.array([1, 1, 1]), np.arange(3))
    >>> tree = ward_tree(points)
    >>> tree.pairs.tolist(), tree.heights.round(3).tolist()
    ([[0, 1], [0, 2]], [1.0, 5.196])
    """
    n = len(points.rows)
    means, sizes = points.rows.T.copy(), points.weights.astype(float)
    pairs, heights = np.zeros((n - 1, 2), dtype=int), np.zeros(n - 1)
    is_left = np.ones(n, dtype=bool)
    chain: list[int] = []
    for merge in range(n - 1):
        chain = chain or [int(is_left.argmax())]
        squares = _squared_heights(means, sizes, chain[-1])
        # Where the previous link is as near as any, the two are each other's nearest.
        while len(chain) == 1 or squares[chain[-2]] > squares.min():
            chain.append(int(squares.argmin()))
            squares = _squared_heights(means, sizes, chain[-1])
        last, previous = chain.pop(), chain.pop()
        kept, gone = sorted((last, previous))
        pairs[merge], heights[merge] = (kept, gone), np.sqrt(squares[previous])
        _merge(means, sizes, kept, gone)
        is_left[gone] = False
    order = np.argsort(heights, kind="stable")
    return Tree(pairs[order], heights[order], n)


def _squared_heights(means: np.ndarray, sizes: np.ndarray, group: int) -> np.ndarray:
    """Return the squared height at which a group would merge with each other one."""
    away = means - means[:, group, None]
    squares = np.einsum("ij,ij->j", away, away)
    squares *= 2 * sizes[group] * sizes / (sizes[group] + sizes)
    squares[group] = np.inf
    return np.asarray(squares)


def _merge(means: np.ndarray, sizes: np.ndarray, kept: int, gone: int) -> None:
    """Put the merged group in the place of one, and the other out of reach."""
    total = sizes[kept] + sizes[gone]
    means[:, kept] += (means[:, gone] - means[:, kept]) * (sizes[gone] / total)
    sizes[kept], means[:, gone] = total, np.inf
