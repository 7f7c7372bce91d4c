"""A tree of merges, kept as the pairs of points through which groups were joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pk_research.clusters.methods.grouping import Grouping, canonical, share_between, versions_of
from pk_research.clusters.partition import Points
from pk_research.language import Message


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

    def groupings(
        self, method: str, points: Points, ks: Sequence[int], *, at: np.ndarray, notes: tuple[Message, ...]
    ) -> tuple[Grouping, ...]:
        """Return the groups for every k.

        Parameters
        ----------
        method, notes
            Which method made the tree, and what must be said of it.
        points, ks
            What was grouped, and the numbers of groups.
        at
            For each of the points, its place in the tree.
        """
        groups = [canonical(self.cut(k)[at]) for k in ks]
        return tuple(
            Grouping(
                method=method,
                k=k,
                labels=labels,
                criteria={"share_between": share_between(points, labels)},
                notes=notes,
                versions=versions_of("numpy", "scipy", "scikit-learn"),
            )
            for k, labels in zip(ks, groups, strict=True)
        )
