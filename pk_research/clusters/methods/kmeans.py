"""k-means in the common form of the methods."""

from __future__ import annotations

from collections.abc import Sequence

from pk_research.clusters.methods.grouping import (
    Grouping,
    canonical,
    check_complete,
    check_request,
    share_between,
    versions_of,
)
from pk_research.clusters.partition import Points, partitions


def k_means(
    points: Points, ks: Sequence[int], *, n_starts: int = 10, seed: int = 0, n_jobs: int | None = None
) -> tuple[Grouping, ...]:
    """Group around means: compact groups of similar extent.

    Parameters
    ----------
    points
        From `distinct_points`.
    ks
        Numbers of groups.
    n_starts
        Starts for each k; the best is kept.
    seed, n_jobs
        Seed of all starts; workers, as in joblib.

    References
    ----------
    Arthur and Vassilvitskii (2007), k-means++: the advantages of careful seeding.
    """
    check_request(points, ks, n_starts=n_starts, seed=seed)
    check_complete(points)
    return tuple(
        Grouping(
            method="k_means",
            k=found.k,
            labels=canonical(found.labels),
            criteria={"share_between": share_between(points, found.labels)},
            share_same=found.share_same,
            versions=versions_of("numpy", "scikit-learn"),
        )
        for found in partitions(points, ks, n_starts=n_starts, seed=seed, n_jobs=n_jobs)
    )
