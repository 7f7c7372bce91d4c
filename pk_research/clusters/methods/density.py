"""HDBSCAN: dense groups of any form, and villages that belong to none."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree
from sklearn.cluster import HDBSCAN

from pk_research.clusters.methods.grouping import (
    NO_TYPE,
    Grouping,
    canonical_order,
    check_complete,
    check_request,
    versions_of,
)
from pk_research.clusters.partition import Points
from pk_research.clusters.threads import one_thread
from pk_research.compute.chance import derived_seed
from pk_research.errors import BadInput, Problem
from pk_research.language import Message

EXACT_VILLAGES = 20_000
SMALLEST_SHARE, SMALLEST = 0.02, 5


def hdbscan(points: Points, *, min_size: int | None = None, seed: int = 0) -> Grouping:
    """Find the groups that stay together while the villages are thinned out; k is found, not given.

    Up to `EXACT_VILLAGES` villages all take part. Above, that many are drawn, and each other one
    goes where its nearest drawn village went; the result says so.

    Parameters
    ----------
    points
        From `distinct_points`.
    min_size
        Fewest villages that are a group, 2 or more; 2 % of the villages, at least 5, by default.
    seed
        Seed of the draw; without chance below that size.

    Returns
    -------
    Grouping
        ``k`` may be 0. Villages in no dense group have the label `NO_TYPE`. ``membership`` holds
        HDBSCAN's strength in the village's own group, 0 elsewhere.

    References
    ----------
    Campello, Moulavi and Sander (2013), Density-based clustering based on hierarchical density
    estimates.
    """
    check_request(points, [1], seed=seed)
    check_complete(points)
    n = points.n_villages
    smallest = max(SMALLEST, round(SMALLEST_SHARE * n)) if min_size is None else min_size
    if not 2 <= smallest <= n:
        raise BadInput(
            Problem("min_size", f"groups of {smallest} among {n} villages", f"Give a number from 2 to {n}.")
        )
    notes = []
    if n <= EXACT_VILLAGES:
        found, strength = _dense(points.rows, points.weights, smallest)
    else:
        counts = _drawn(points, seed)
        among = np.flatnonzero(counts)
        few = max(2, round(smallest * EXACT_VILLAGES / n))
        sampled, strengths = _dense(points.rows[among], counts[among], few)
        nearest = cKDTree(points.rows[among]).query(points.rows)[1]
        found, strength = sampled[nearest], strengths[nearest]
        notes.append(
            Message(
                "Dense groups were sought among {n} villages drawn at random; every other one follows"
                " the drawn village most like it",
                {"n": EXACT_VILLAGES},
            )
        )
    old, labels = canonical_order(found)
    n_outside = int(points.weights[labels == NO_TYPE].sum())
    return Grouping(
        method="hdbscan",
        k=len(old),
        labels=labels,
        criteria={"share_no_type": n_outside / n},
        membership=strength[:, None] * (labels[:, None] == np.arange(len(old))),
        notes=(*notes, *_on_noise(len(old), n_outside, n)),
        versions=versions_of("numpy", "scipy", "scikit-learn"),
    )


def _drawn(points: Points, seed: int) -> np.ndarray:
    """Draw villages without replacement; return how many at each point."""
    rng = np.random.default_rng(derived_seed(seed, EXACT_VILLAGES))
    drawn = rng.choice(points.n_villages, size=EXACT_VILLAGES, replace=False)
    # By the order of the points, not of the rows given.
    return np.bincount(
        np.repeat(np.arange(len(points.rows)), points.weights)[drawn], minlength=len(points.rows)
    )


def _dense(rows: np.ndarray, weights: np.ndarray, smallest: int) -> tuple[np.ndarray, np.ndarray]:
    """Return label and strength of each point: those of the first village at it."""
    first = np.cumsum(weights) - weights
    with one_thread():
        model = HDBSCAN(min_cluster_size=smallest, copy=True).fit(np.repeat(rows, weights, axis=0))
    return model.labels_[first], model.probabilities_[first]


def _on_noise(k: int, n_outside: int, n: int) -> tuple[Message, ...]:
    if k == 0:
        return (Message("No dense groups were found: no village belongs to a type"),)
    if n_outside == 0:
        return ()
    return (
        Message(
            "Villages that belong to no type because they lie in no dense group: {n} ({percent}%)",
            {"n": n_outside, "percent": round(100 * n_outside / n)},
        ),
    )
