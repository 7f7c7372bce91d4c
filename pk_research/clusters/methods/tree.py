"""A tree of merges, kept as the pairs of points through which groups were joined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pk_research.clusters.methods.grouping import canonical


@dataclass(frozen=True, eq=False)
class Tree:
    """Merges in the order in which they were made.

    Attributes
    ----------
    pairs
        A point of each of the two groups merged, one row a merge. The pairs form a spanning forest
        of the points, so the first of them are the groups at any moment.
    heights
        Ward's height of each merge, as scipy's and scikit-learn's: the square root of twice the
        variance that it added.
    n_points
        Number of points.
    """

    pairs: np.ndarray
    heights: np.ndarray
    n_points: int

    def cut(self, k: int) -> np.ndarray:
        """Return the groups when k were left, numbered canonically."""
        first, second = self.pairs[: self.n_points - k].T
        graph = coo_array((np.ones(len(first)), (first, second)), shape=(self.n_points, self.n_points))
        return canonical(connected_components(graph, directed=False)[1])
