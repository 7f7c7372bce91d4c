"""Types that are dense groups, with villages that belong to none."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from pk_research.clusters.choice import Choice
from pk_research.clusters.grouped import Grouped, number_groups
from pk_research.clusters.methods import NO_TYPE, Grouping, hdbscan
from pk_research.clusters.partition import Points
from pk_research.clusters.request import Request
from pk_research.clusters.silhouette import EXACT_POINTS, REFERENCE_PER_GROUP, Widths, widths_by_point
from pk_research.clusters.typology import BORDER
from pk_research.errors import BadInput, Problem
from pk_research.language import Message


def by_density(points: Points, request: Request) -> Grouped:
    """Find dense groups; how many is what the method finds.

    A dense group may be bent around another, so that means of distances say little of its border.
    The other type of a village is that of the nearest village of another type, and it is on the
    border when that one is hardly further away than the nearest of its own.
    """
    found = hdbscan(points, min_size=request.min_size, seed=request.seed)
    if found.k < 2:
        raise BadInput(
            Problem(
                "method",
                f"hdbscan found no dense groups among {points.n_villages} villages: none belongs to a type",
                "Take it as the answer, give a smaller min_size, or use a method that cuts a continuum.",
            )
        )
    typed = np.flatnonzero(found.labels != NO_TYPE)
    some = points.of(np.flatnonzero(found.labels[points.index] != NO_TYPE))
    own = number_groups(some, found.labels[typed])
    width = widths_by_point(some, own, seed=request.seed, n_jobs=request.n_jobs).width
    second, is_border = _nearest_other(some, own)
    is_exact = len(some.rows) <= EXACT_POINTS
    return Grouped(
        points=points,
        k=found.k,
        labels=_everywhere(own, typed, points, NO_TYPE),
        choice=_choice(found, some, width),
        certainty=None,
        probability=None,
        widths=Widths(
            width=_everywhere(width, typed, points, np.nan),
            second=_everywhere(second, typed, points, NO_TYPE),
        ),
        is_border=_everywhere(is_border, typed, points, other=False),
        away=1 - np.asarray(found.membership).max(axis=1),
        share_same=1.0,
        n_reference=some.n_villages if is_exact else REFERENCE_PER_GROUP * found.k,
        notes=found.notes,
    )


def _everywhere(values: np.ndarray, typed: np.ndarray, points: Points, other: float) -> np.ndarray:
    """Return the values of all points, ``other`` where they have no type."""
    whole = np.full(len(points.rows), other, dtype=values.dtype)
    whole[typed] = values
    return whole


def _nearest_other(points: Points, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the type of the nearest village of another type, and whether it is about as near."""
    nearest = np.full((labels.max() + 1, len(labels)), np.inf)
    for group in range(labels.max() + 1):
        members = points.rows[labels == group]
        nearest[group] = cKDTree(members).query(points.rows, k=1)[0]
        if len(members) > 1:
            nearest[group, labels == group] = cKDTree(members).query(members, k=2)[0][:, 1]
    each = np.arange(len(labels))
    # A village that has its like at the same place is at home, however near the others are.
    within = np.where(points.weights > 1, 0, nearest[labels, each])
    nearest[labels, each] = np.inf
    second = nearest.argmin(axis=0)
    return second, (nearest[second, each] - within) < BORDER * np.maximum(nearest[second, each], within)


def _choice(found: Grouping, points: Points, width: np.ndarray) -> Choice:
    share = found.criteria["share_no_type"]
    table = pd.DataFrame(
        {"silhouette": [float(np.average(width, weights=points.weights))], "share_no_type": [share]},
        index=pd.Index([found.k], name="k"),
    )
    reason = Message(
        "The number of types, {k}, comes from the method: that many groups stay together while villages"
        " are thinned out",
        {"k": found.k},
    )
    return Choice(table, found.k, found.k, (reason,), points.n_villages, None)
