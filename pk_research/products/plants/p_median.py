"""The p-median: plants where the way to them, weighted by what is brought, is shortest."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from pk_research.errors import BadInput, Problem
from pk_research.products.naming import Names
from pk_research.products.plants.bound import Bounded, bounded
from pk_research.products.plants.inputs import Ground, ground
from pk_research.products.plants.interchange import greedy
from pk_research.products.plants.result import Plants, served_by_nearest

NODES = 5_000
TIGHT = 1e-9


def p_median(
    distances: pd.DataFrame,
    demand: pd.Series,
    p: int,
    *,
    node_limit: int = NODES,
    names: Names | None = None,
    made: bool = False,
) -> Plants:
    """Place p plants so that the total way to the nearest plant is as short as possible.

    A good choice is found by swapping sites, a Lagrangian bound says how good it is and rules out
    most sites, and what is left is solved by branch and bound (HiGHS).

    Parameters
    ----------
    distances
        Kilometres, one row a village and one column a site; missing where there is no way.
    demand
        What each village brings, in units a month, by village code.
    p
        Number of plants.
    node_limit
        Most branches to look into; 0 for none. A limit of time would give another result on
        another machine.
    names
        Village code -> name, for people; that of the register where there is none.
    made
        True for made data.

    Returns
    -------
    Plants
        ``objective`` is unit-kilometres a month; ``gap`` is what is not proven.

    Raises
    ------
    BadInput
        When the tables are at fault, p plants cannot reach every village, or no choice that reaches
        every village was found within the limit.

    References
    ----------
    Hakimi (1964), Optimum locations of switching centers. Elloumi (2010), A tighter formulation of
    the p-median problem.

    Examples
    --------
    >>> km = pd.DataFrame([[0, 2, 9], [2, 0, 9], [9, 9, 0]], index=list("ABC"), columns=list("ABC"))
    >>> plants = p_median(km, pd.Series({"A": 3, "B": 1, "C": 1}), 2)
    >>> plants.sites, plants.objective, plants.is_optimal
    (('A', 'C'), 2.0, True)
    """
    given = ground(distances, demand, p=p)
    costs, out_of_reach = _costs(given)
    found = bounded(costs, greedy(costs, p))
    chosen, bound = found.chosen, found.bound
    if found.cost - bound > TIGHT * found.cost and node_limit:
        chosen, bound = _exact(costs, found, node_limit)
    if costs[:, chosen].min(axis=1).max() >= out_of_reach:
        raise BadInput(_not_reached(p, is_proven=bound >= out_of_reach / 2))
    return Plants(
        kind="p_median",
        sites=tuple(given.sites[site] for site in chosen),
        villages=served_by_nearest(given, chosen),
        objective=float(costs[:, chosen].min(axis=1).sum()),
        bound=bound,
        radius_km=None,
        names=dict(names or {}),
        made=made,
    )


def _costs(given: Ground) -> tuple[np.ndarray, float]:
    """Return unit-kilometres; no way costs more than all ways together, so that it is avoided."""
    weighted = given.demand[:, None] * np.where(np.isfinite(given.km), given.km, 0)
    out_of_reach = 1 + 2 * float(weighted.max(axis=1).sum())
    return np.where(np.isfinite(given.km), weighted, out_of_reach), out_of_reach


def _not_reached(p: int, *, is_proven: bool) -> Problem:
    """Say that villages are out of reach; it is proven when no choice that reaches all is so dear."""
    if is_proven:
        return Problem("distances", f"{p} plants cannot reach every village", "Ask for more, or add ways.")
    return Problem(
        "node_limit",
        f"no {p} sites that reach every village were found within it; whether there is one is not proven",
        "Give a higher one, ask for more plants, or add ways.",
    )


def _exact(costs: np.ndarray, found: Bounded, node_limit: int) -> tuple[np.ndarray, float]:
    """Search the sites that are left; return the cheapest choice and the bound then proven.

    One variable for each village and distance: is there no plant within it? Many sites at the same
    distance share one.
    """
    useful, p = found.useful, len(found.chosen)
    if len(useful) < p:
        return found.chosen, found.cost
    bound = found.bound
    near = costs[:, useful]
    most = np.sort(near, axis=1)[:, len(useful) - p]
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    least: list[float] = []
    weights = [0.0] * len(useful)
    for village, line in enumerate(near):
        steps, step_of = np.unique(line, return_inverse=True)
        for step in range(int(np.searchsorted(steps, most[village]))):
            row, variable = len(least), len(weights)
            here = np.flatnonzero(step_of == step)
            rows += [row] * (len(here) + 1 + (step > 0))
            columns += [*here, variable, *([variable - 1] if step else [])]
            values += [1.0] * (len(here) + 1) + ([-1.0] if step else [])
            least.append(0.0 if step else 1.0)
            weights.append(steps[step + 1] - steps[step])
    is_site = np.arange(len(weights)) < len(useful)
    matrix = coo_array((values, (rows, columns)), shape=(len(least), len(weights))).tocsr()
    solved = milp(
        weights,
        constraints=[
            LinearConstraint(matrix, np.array(least), np.inf),
            LinearConstraint(is_site[None].astype(float), p, p),
        ],
        integrality=is_site.astype(int),
        bounds=Bounds(0, 1),
        options={"node_limit": node_limit, "mip_rel_gap": 0},
    )
    base = float(near.min(axis=1).sum())
    if solved.mip_dual_bound is not None:
        bound = min(max(bound, base + float(solved.mip_dual_bound)), found.cost)
    if solved.x is None:
        return found.chosen, bound
    chosen = useful[np.flatnonzero(solved.x[: len(useful)] > 0.5)]
    cost = float(costs[:, chosen].min(axis=1).sum())
    return (chosen, min(bound, cost)) if cost < found.cost else (found.chosen, bound)
