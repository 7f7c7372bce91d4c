"""Capacitated location: how many plants, where, and who goes to which, when each takes only so much."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, vstack

from pk_research.compute.floats import floats_or_missing
from pk_research.errors import BadInput, Problem
from pk_research.products.distances import some
from pk_research.products.naming import Names
from pk_research.products.plants.bound import proven_bound
from pk_research.products.plants.inputs import Ground, ground
from pk_research.products.plants.result import Plants, served

NODES = 20_000
# What the solver lets pass as whole.
ROUNDING = 1e-6
SITE_COLUMNS = ("capacity_units_month", "fixed_cost_idr_month")


def capacitated(
    distances: pd.DataFrame,
    demand: pd.Series,
    sites: pd.DataFrame,
    *,
    haul_idr_unit_km: float,
    p: int | None = None,
    whole_villages: bool = False,
    node_limit: int = NODES,
    names: Names | None = None,
    made: bool = False,
) -> Plants:
    """Place plants of limited size so that building and hauling together cost least.

    Parameters
    ----------
    distances, demand, node_limit, names, made
        As in `p_median`.
    sites
        Indexed by site code: ``capacity_units_month`` and ``fixed_cost_idr_month``.
    haul_idr_unit_km
        Cost of bringing one unit one kilometre.
    p
        Number of plants; as many as pay by default.
    whole_villages
        True sends all of a village to one plant; otherwise it may be shared between plants.

    Returns
    -------
    Plants
        ``objective`` is rupiah a month.

    Raises
    ------
    BadInput
        When the tables are at fault, or the plants together cannot take what is brought.

    References
    ----------
    Sridharan (1995), The capacitated plant location problem.

    Examples
    --------
    >>> km = pd.DataFrame([[0.0, 5.0], [5.0, 0.0]], index=list("AB"), columns=list("AB"))
    >>> sites = pd.DataFrame({"capacity_units_month": [10, 10], "fixed_cost_idr_month": [100, 150]},
    ...                      index=list("AB"))
    >>> plants = capacitated(km, pd.Series({"A": 4, "B": 4}), sites, haul_idr_unit_km=3)
    >>> plants.sites, plants.objective
    (('A',), 160.0)
    """
    rows, faults = _read_sites(tuple(map(str, distances.columns)), sites, haul_idr_unit_km)
    given = ground(distances, demand, p=p, beside=faults)
    capacity, fixed = (rows[name].to_numpy() for name in SITE_COLUMNS)
    _check_capacity(given, capacity, p)
    ways = np.argwhere(np.isfinite(given.km))
    village, site = ways.T
    n, m, n_ways = len(given.villages), len(given.sites), len(ways)
    way = np.arange(n_ways)
    haul = haul_idr_unit_km * given.demand[village] * given.km[village, site]
    all_served = coo_array((np.ones(n_ways), (village, m + way)), shape=(n, m + n_ways))
    within = vstack(
        [
            coo_array((-capacity, (np.arange(m), np.arange(m))), shape=(m, m + n_ways))
            + coo_array((given.demand[village], (site, m + way)), shape=(m, m + n_ways)),
        ]
    )
    only_where_built = coo_array(
        (np.tile([1.0, -1.0], n_ways), (np.repeat(way, 2), np.column_stack([m + way, site]).ravel())),
        shape=(n_ways, m + n_ways),
    )
    constraints = [
        LinearConstraint(all_served.tocsr(), 1, 1),
        LinearConstraint(within.tocsr(), -np.inf, 0),
        LinearConstraint(only_where_built.tocsr(), -np.inf, 0),
    ]
    is_site = np.arange(m + n_ways) < m
    if p is not None:
        constraints.append(LinearConstraint(is_site[None].astype(float), p, p))
    solved = milp(
        np.concatenate([fixed, haul]),
        constraints=constraints,
        integrality=np.ones(m + n_ways) if whole_villages else is_site.astype(int),
        bounds=Bounds(0, 1),
        options={"node_limit": node_limit, "mip_rel_gap": 0},
    )
    if solved.x is None:
        raise BadInput(
            Problem(
                "sites",
                "no plan was found that takes everything that is brought",
                "Give more capacity, more plants, more ways, or a higher node_limit.",
            )
        )
    chosen = np.flatnonzero(solved.x[:m] > 0.5)
    share = np.zeros((n, m))
    share[village, site] = np.where(solved.x[m:] < ROUNDING, 0, solved.x[m:])
    share /= share.sum(axis=1, keepdims=True)
    objective = float(fixed[chosen].sum() + (share[village, site] * haul).sum())
    return Plants(
        kind="capacitated",
        sites=tuple(given.sites[at] for at in chosen),
        villages=served(given, share),
        objective=objective,
        bound=min(objective, max(0.0, proven_bound(solved.mip_dual_bound))),
        radius_km=None,
        names=dict(names or {}),
        made=made,
    )


def _read_sites(
    codes: tuple[str, ...], sites: pd.DataFrame, haul: float
) -> tuple[pd.DataFrame, list[Problem]]:
    """Return capacity and cost of each site, and what is wrong with them."""
    known = sites.set_axis(sites.index.astype(str))
    problems = []
    if not 0 <= haul < np.inf:
        problems.append(Problem("haul_idr_unit_km", f"it is {haul}", "Give rupiah, 0 or more."))
    absent = [name for name in SITE_COLUMNS if name not in known.columns]
    if absent:
        return known, [Problem("sites", f"there is no column {', '.join(absent)}", "Add it."), *problems]
    if known.index.has_duplicates:
        return known, [Problem("sites", "a site occurs twice", "Keep one row each."), *problems]
    rows = known.reindex(codes)[list(SITE_COLUMNS)].apply(floats_or_missing)
    for name in SITE_COLUMNS:
        wrong = rows.index[~((rows[name] >= 0) & np.isfinite(rows[name]))].tolist()
        if wrong:
            problems.append(
                Problem(
                    f"sites, {name} of {some(wrong)}",
                    "it is missing, negative, infinite or no number",
                    "Give 0 or more.",
                )
            )
    return rows, problems


def _check_capacity(given: Ground, capacity: np.ndarray, p: int | None) -> None:
    most = float(np.sort(capacity)[::-1][: p or len(capacity)].sum())
    total = float(given.demand.sum())
    if most < total:
        raise BadInput(
            Problem(
                "sites",
                f"{p or len(capacity)} plants take at most {most:g} units a month, {total:g} are brought",
                "Give more capacity or more plants, or bring less.",
            )
        )
