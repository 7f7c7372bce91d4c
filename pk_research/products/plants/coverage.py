"""Maximal coverage: as much demand as possible within a distance of a plant."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack

from pk_research.errors import BadInput, Problem
from pk_research.products.naming import Names
from pk_research.products.plants.bound import proven_bound
from pk_research.products.plants.inputs import ground
from pk_research.products.plants.result import Plants, served_by_nearest

NODES = 100_000


def coverage(
    distances: pd.DataFrame,
    demand: pd.Series,
    p: int,
    *,
    radius_km: float,
    node_limit: int = NODES,
    names: Names | None = None,
    made: bool = False,
) -> Plants:
    """Place p plants so that as much as possible comes from within a distance of one.

    Parameters
    ----------
    distances, demand, p, node_limit, names, made
        As in `p_median`.
    radius_km
        How far a village may be from its plant; finite. A village without a way to a plant is never
        within it.

    Returns
    -------
    Plants
        ``objective`` is units a month within the distance; villages beyond it are marked.

    Raises
    ------
    BadInput
        When the tables are at fault, the distance is not positive and finite, or nothing lies within it.

    References
    ----------
    Church and ReVelle (1974), The maximal covering location problem.

    Examples
    --------
    >>> km = pd.DataFrame([[0, 2, 9], [2, 0, 9], [9, 9, 0]], index=list("ABC"), columns=list("ABC"))
    >>> plants = coverage(km, pd.Series({"A": 3, "B": 1, "C": 5}), 1, radius_km=2)
    >>> plants.sites, plants.objective
    (('C',), 5.0)
    """
    is_distance = 0 < radius_km < np.inf
    wrong = Problem("radius_km", f"it is {radius_km}", "Give finite kilometres above 0.")
    given = ground(distances, demand, p=p, beside=[] if is_distance else [wrong])
    within = given.km <= radius_km
    if not (within.any(axis=1) & (given.demand > 0)).any():
        raise BadInput(
            Problem("radius_km", f"no demand lies within {radius_km:g} km of a site", "Give a longer way.")
        )
    n, m = within.shape
    # A village counts when a plant within its distance is open.
    reached = hstack([csr_array(within.astype(float)), -eye_array(n)]).tocsr()
    solved = milp(
        np.concatenate([np.zeros(m), -given.demand]),
        constraints=[
            LinearConstraint(reached, 0, np.inf),
            LinearConstraint(np.concatenate([np.ones(m), np.zeros(n)])[None], p, p),
        ],
        integrality=np.concatenate([np.ones(m), np.zeros(n)]),
        bounds=Bounds(0, 1),
        options={"node_limit": node_limit, "mip_rel_gap": 0},
    )
    if solved.x is None:
        raise BadInput(Problem("node_limit", "no solution was found within it", "Give a higher one."))
    chosen = np.flatnonzero(solved.x[:m] > 0.5)
    objective = float(given.demand[within[:, chosen].any(axis=1)].sum())
    return Plants(
        kind="coverage",
        sites=tuple(given.sites[site] for site in chosen),
        villages=served_by_nearest(given, chosen, radius_km=radius_km),
        objective=objective,
        bound=max(objective, min(float(given.demand.sum()), -proven_bound(solved.mip_dual_bound))),
        radius_km=radius_km,
        names=dict(names or {}),
        made=made,
    )
