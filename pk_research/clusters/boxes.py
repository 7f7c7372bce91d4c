"""A small decision tree as boxes with rounded sides, of which exactly one holds for every village."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.tree import DecisionTreeClassifier

DEPTH = 3
MAY_CROSS = 0.005
DECIMALS = range(-9, 10)


@dataclass(frozen=True, eq=False)
class Box:
    """A leaf of the tree.

    Attributes
    ----------
    cluster
        The type it gives.
    low, high
        One a column: villages in it have values above ``low``, at most ``high``.
    lets_unknown
        One a column: whether villages whose value is missing may be in it too.
    """

    cluster: int
    low: np.ndarray
    high: np.ndarray
    lets_unknown: np.ndarray

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Say which rows are in it."""
        is_within = (values > self.low) & (values <= self.high)
        return np.asarray(np.where(np.isnan(values), self.lets_unknown, is_within).all(axis=1))


def boxes_of(values: np.ndarray, clusters: np.ndarray, k: int) -> list[Box]:
    """Grow the tree and return its leaves as boxes with rounded sides.

    Where a split asks for a value that a village lacks, the village goes the way that fits the
    types best; if none lacked it while the tree grew, the way most villages go.

    Parameters
    ----------
    values
        One row a village, one column a variable; NaN is missing.
    clusters
        Type of each village, from 1.
    k
        Number of types: the tree has at most twice as many leaves.

    References
    ----------
    Breiman, Friedman, Olshen and Stone (1984), Classification and regression trees. Twala, Jones
    and Hand (2008), Good methods for coping with missing data in decision trees.
    """
    model = DecisionTreeClassifier(max_depth=DEPTH, max_leaf_nodes=2 * k, random_state=0)
    tree = model.fit(values, clusters).tree_
    everywhere = np.full(values.shape[1], np.inf)
    boxes = []
    waiting = [(0, -everywhere, everywhere, np.ones(values.shape[1], dtype=bool))]
    while waiting:
        node, low, high, lets_unknown = waiting.pop()
        if tree.children_left[node] == -1:
            cluster = int(model.classes_[tree.value[node][0].argmax()])
            boxes.append(Box(cluster, low, high, lets_unknown))
            continue
        j = tree.feature[node]
        side = rounded(float(tree.threshold[node]), values[:, j])
        below, above = high.copy(), low.copy()
        below[j], above[j] = min(high[j], side), max(low[j], side)
        unknown_below, unknown_above = lets_unknown.copy(), lets_unknown.copy()
        (unknown_above if tree.missing_go_to_left[node] else unknown_below)[j] = False
        waiting += [
            (tree.children_left[node], low, below, unknown_below),
            (tree.children_right[node], above, high, unknown_above),
        ]
    return boxes


def rounded(threshold: float, values: np.ndarray) -> float:
    """Round a threshold as far as hardly any value crosses it; missing values cross nothing.

    Examples
    --------
    >>> rounded(2_137_450.0, np.array([1_900_000.0, 2_300_000.0]))
    2000000.0
    """
    tried = (round(threshold, decimals) for decimals in DECIMALS)
    known = values[~np.isnan(values)]
    below = known <= threshold
    return next((x for x in tried if ((known <= x) != below).mean() <= MAY_CROSS), threshold)


def told(boxes: Sequence[Box], values: np.ndarray) -> np.ndarray:
    """Return the type that the boxes give each row."""
    clusters = np.zeros(len(values), dtype=int)
    for box in boxes:
        clusters[box.holds(values)] = box.cluster
    return clusters
