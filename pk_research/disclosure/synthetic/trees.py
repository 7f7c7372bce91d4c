"""Trees whose leaves hold enough people, and what is drawn from a leaf."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pk_research.compute.chance import derived_rng

if TYPE_CHECKING:
    from collections.abc import Iterator

STEPS = (1, 5)
SHUFFLES, SHARE = 20, 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """A tree grown on the answers of a column.

    Attributes
    ----------
    fitted
        The scikit-learn tree; None where there was nothing to split by.
    home
        Node -> the node whose rows are drawn from: itself, or the nearest above it with enough people.
    rows
        Node -> the training rows in it.
    """

    fitted: Any
    home: np.ndarray
    rows: dict[int, np.ndarray]

    def nodes_of(self, features: np.ndarray) -> np.ndarray:
        """Return the node each row draws from."""
        if self.fitted is None or not len(features):
            return np.zeros(len(features), dtype=int)
        return np.asarray(self.home[self.fitted.apply(features)])


def grown(
    features: np.ndarray, target: np.ndarray, people: np.ndarray, *, is_discrete: bool, k: int, seed: int
) -> Tree:
    """Grow a tree whose every leaf holds at least ``k`` different people.

    Parameters
    ----------
    features
        One row an answer; NaN where unknown.
    target
        The answers.
    people
        Of each row: whose it is. A leaf whose rows are of fewer than ``k`` people draws from the node above.
    is_discrete
        Whether answers are places in a list.
    k
        The least number of people.
    seed
        Of the order in which equally good splits are tried.

    Notes
    -----
    Reiter (2005), *Using CART to generate partially synthetic public use microdata*; Nowok, Raab and Dibben
    (2016), *synthpop*, Journal of Statistical Software 74(11), whose least leaf is 5 rows; here people count.
    A split is kept where it explains more of the whole than the best first split explains of the answers
    shuffled, in 19 of 20 shuffles: splits by chance would carry single people into the twin and nothing that
    is true. Other rules were compared (``docs/twins.md``).
    """
    whole = np.arange(len(target))
    if features.shape[1] == 0 or len(target) < 2 * k:
        return Tree(None, np.zeros(1, dtype=int), {0: whole})
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    kind = DecisionTreeClassifier if is_discrete else DecisionTreeRegressor
    stump = kind(min_samples_leaf=k, max_depth=1, random_state=seed)
    least = gain_by_chance(stump, features, target, seed=seed)
    fitted = kind(min_samples_leaf=k, min_impurity_decrease=least, random_state=seed).fit(features, target)
    inside = fitted.decision_path(features).tocsc()
    above = np.full(inside.shape[1], -1)
    for parent, pair in enumerate(zip(fitted.tree_.children_left, fitted.tree_.children_right, strict=True)):
        for child in pair:
            if child >= 0:
                above[child] = parent
    home, rows = np.arange(inside.shape[1]), {}
    for node in range(inside.shape[1]):
        members = inside.indices[inside.indptr[node] : inside.indptr[node + 1]]
        is_enough = len(np.unique(people[members])) >= k or above[node] < 0
        home[node] = node if is_enough else home[above[node]]
        if is_enough:
            rows[node] = np.sort(members)
    return Tree(fitted, home, rows)


def gain_by_chance(
    stump: Any,  # noqa: ANN401 - either kind of scikit-learn's trees
    features: np.ndarray,
    target: np.ndarray,
    *,
    seed: int,
) -> float:
    """Return how much the best first split explains of the answers shuffled, in 19 of 20 shuffles at most."""
    gains = [
        gain_of(stump.fit(features, derived_rng(seed, one).permutation(target)))
        for one in range(1, SHUFFLES + 1)
    ]
    return float(np.quantile(gains, SHARE))


def gain_of(stump: Any) -> float:  # noqa: ANN401 - as above
    """Return by how much the one split of a tree lessens the impurity."""
    tree = stump.tree_
    if tree.node_count == 1:
        return 0.0
    parts = tree.weighted_n_node_samples[1:] @ tree.impurity[1:] / tree.weighted_n_node_samples[0]
    return float(tree.impurity[0] - parts)


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """What may be told of the numbers of a column.

    Attributes
    ----------
    low, high
        Means of the lowest and of the highest answers of ``k`` people; nothing drawn lies beyond.
    common
        Answers that at least ``k`` people gave, such as zero or a round number; they are given as they are.
    decimals
        With which the column is written.
    """

    low: float
    high: float
    common: np.ndarray
    decimals: int


def scale_of(values: np.ndarray, people: np.ndarray, *, k: int, decimals: int) -> Scale:
    """Return what may be told of a column's numbers.

    Examples
    --------
    >>> scale_of(np.array([1.0, 2, 3, 4, 90]), np.arange(5), k=2, decimals=0)
    Scale(low=1.5, high=47.0, common=array([], dtype=float64), decimals=0)
    """
    order = np.argsort(values, kind="stable")
    low = values[order[: _first_of(people[order], k)]].mean()
    high = values[order[::-1][: _first_of(people[order[::-1]], k)]].mean()
    pairs = np.unique(np.column_stack([values, people]), axis=0)
    different, n_people = np.unique(pairs[:, 0], return_counts=True)
    return Scale(float(low), float(high), different[n_people >= k], decimals)


def _first_of(people: np.ndarray, k: int) -> int:
    """Return how many rows from the first it takes to hold ``k`` people."""
    first = np.sort(np.unique(people, return_index=True)[1])
    return int(first[min(k, len(first)) - 1]) + 1


def drawn_places(tree: Tree, target: np.ndarray, nodes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw places in a list, each as often as it stands in the leaf."""
    found = np.empty(len(nodes))
    for rows, at in _by_node(tree, nodes):
        found[at] = target[rows[rng.integers(len(rows), size=len(at))]]
    return found


def drawn_numbers(
    tree: Tree,
    target: np.ndarray,
    people: np.ndarray,
    nodes: np.ndarray,
    *,
    scale: Scale,
    k: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw numbers from leaves, none of which is one person's own.

    Notes
    -----
    A row of the leaf is drawn. An answer common to ``k`` people is given as it is. For any other, the rows
    of ``k`` people nearest to it in rank give their mean, and chance of their standard deviation is added;
    it is rounded as the drawn answer was, and kept within the means of the ``k`` lowest and highest of the
    column. So every number given rests on ``k`` people, and an outlier, the largest above all, stays unseen.
    """
    found = np.empty(len(nodes))
    for rows, at in _by_node(tree, nodes):
        values = np.clip(target[rows], scale.low, scale.high)
        is_common = np.isin(target[rows], scale.common)
        means, spreads = _windows(values, people[rows], is_common, k)
        picked, chance = rng.integers(len(rows), size=len(at)), rng.standard_normal(len(at))
        smooth = means[picked] + spreads[picked] * chance
        rounded = _rounded(smooth, target[rows][picked], scale)
        found[at] = np.where(is_common[picked], target[rows][picked], rounded)
    return found


def _by_node(tree: Tree, nodes: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for node in np.unique(nodes):
        yield tree.rows[int(node)], np.flatnonzero(nodes == node)


def _windows(
    values: np.ndarray, people: np.ndarray, is_common: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and spread of the answers of ``k`` people around each answer of a leaf."""
    own = np.flatnonzero(~is_common)
    if len(np.unique(people[own])) < k:
        own = np.arange(len(values))
    order = own[np.argsort(values[own], kind="stable")]
    ordered = values[order]
    most = int(np.unique(people[order], return_counts=True)[1].max())
    width = min(len(order), k * most)
    start = np.clip(np.searchsorted(ordered, values) - width // 2, 0, len(order) - width)
    sums, squares = (
        np.concatenate([[0.0], np.cumsum((ordered - ordered.mean()) ** power)]) for power in (1, 2)
    )
    mean = (sums[start + width] - sums[start]) / width
    variance = (squares[start + width] - squares[start]) / width - mean**2
    return mean + ordered.mean(), np.sqrt(np.maximum(variance, 0))


def _rounded(values: np.ndarray, model: np.ndarray, scale: Scale) -> np.ndarray:
    """Round numbers as coarsely as others are, at most to a tenth, and keep them on the scale."""
    unit = 10.0**-scale.decimals
    step = np.full(len(values), unit)
    whole = np.round(model / unit)
    size = 1.0
    while size * 10 <= np.abs(whole).max(initial=0):
        for factor in STEPS:
            fits = (whole % (size * factor) == 0) & (np.abs(whole) >= 10 * size * factor)
            step = np.where(fits, size * factor * unit, step)
        size *= 10
    found = np.round(values / step) * step
    low, high = np.ceil(scale.low / unit - 1e-9) * unit, np.floor(scale.high / unit + 1e-9) * unit
    return np.asarray(np.round(np.clip(found, min(low, high), high), scale.decimals))
