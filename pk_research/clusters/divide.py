"""Cutting villages into groups by the method asked for, in the one form the rest of the chapter reads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pk_research.clusters.measures import total_spread
from pk_research.clusters.methods import Grouping, gaussian_mixture, k_medoids, latent_classes, ward
from pk_research.clusters.methods.grouping import share_between
from pk_research.clusters.mixed import Kind, Mixed
from pk_research.clusters.partition import Partition, Points, partitions
from pk_research.clusters.request import Method
from pk_research.clusters.stability import group_again
from pk_research.language import Message

BY_K_MEANS: tuple[Method, ...] = ("k_means", "famd_k_means")


def divide(
    points: Points, ks: Sequence[int], method: Method, *, n_starts: int, seed: int, n_jobs: int | None
) -> tuple[list[Partition], dict[int, tuple[Message, ...]]]:
    """Return a grouping for every k the method can form, and what must be said of each.

    Parameters
    ----------
    points
        The villages as points; components of a factor analysis for ``"famd_k_means"``.
    ks
        Numbers of groups.
    method
        One for points that needs no neighbours.
    n_starts, seed, n_jobs
        Starts for each k, seed of all chance, workers.
    """
    if method in BY_K_MEANS:
        found = partitions(points, ks, n_starts=n_starts, seed=seed, n_jobs=n_jobs)
        return list(found), {partition.k: () for partition in found}
    if method == "ward":
        return as_partitions(points, ward(points, ks, seed=seed))
    return as_partitions(points, gaussian_mixture(points, ks, n_starts=n_starts, seed=seed, n_jobs=n_jobs))


def as_partitions(
    points: Points, groupings: Sequence[Grouping]
) -> tuple[list[Partition], dict[int, tuple[Message, ...]]]:
    """Return groupings of two groups or more as partitions, each number of groups once."""
    by_k: dict[int, Grouping] = {}
    for grouping in groupings:
        by_k.setdefault(grouping.k, grouping)
    total = total_spread(points)
    found = [
        Partition(
            k=k,
            labels=grouping.labels,
            inertia=total * (1 - share_between(points, grouping.labels)),
            share_same=grouping.share_same,
        )
        for k, grouping in sorted(by_k.items())
        if k > 1
    ]
    return found, {k: grouping.notes for k, grouping in by_k.items()}


def divide_again(
    rows: np.ndarray,
    weights: np.ndarray,
    k: int,
    method: Method,
    *,
    kinds: tuple[Kind, ...] = (),
    n_starts: int,
    seed: int,
) -> np.ndarray:
    """Group drawn points by a method and return their labels.

    Parameters
    ----------
    rows, weights
        Drawn points, and how many villages each stands for.
    k
        Number of groups; fewer where the draw has fewer different points.
    method
        Any that can be repeated; see `NEEDS`.
    kinds
        What the columns are, for ``"k_medoids"`` and ``"latent_classes"``.
    n_starts, seed
        Starts (of ``"k_medoids"`` samples of large data), and the seed of this draw.
    """
    if method in BY_K_MEANS:
        return group_again(rows, weights, k, n_starts=n_starts, seed=seed)
    points = Points(rows=rows, weights=weights, index=np.repeat(np.arange(len(rows)), weights))
    ks = [min(k, len(rows))]
    if method == "ward":
        return ward(points, ks, seed=seed)[0].labels
    if method == "gaussian_mixture":
        return gaussian_mixture(points, ks, n_starts=n_starts, seed=seed, n_jobs=1)[0].labels
    villages = Mixed(points, kinds, tuple(map(str, range(len(kinds)))))
    if method == "latent_classes":
        return latent_classes(villages, ks, n_starts=n_starts, seed=seed, n_jobs=1)[0].labels
    return k_medoids(villages, ks, draws=n_starts, seed=seed, n_jobs=1)[0].labels
