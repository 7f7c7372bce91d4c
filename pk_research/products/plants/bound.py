"""How good a choice of sites can be at best: the Lagrangian bound, and what it rules out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pk_research.products.plants.interchange import interchange

MOST_STEPS = 1_000
PATIENCE = 20
SHRINK = 1.5
TRY_EVERY = 25
TIGHT = 1e-9


def proven_bound(dual: float | None) -> float:
    """Return what the solver has proven; no bound at all where it proved nothing.

    Examples
    --------
    >>> proven_bound(None)
    -inf
    """
    return -np.inf if dual is None else float(dual)


@dataclass(frozen=True, eq=False)
class Bounded:
    """A choice of sites and a proof of how good it is.

    Attributes
    ----------
    chosen
        The best sites found, ascending.
    cost
        What they cost.
    bound
        No choice costs less; never below 0.
    useful
        Sites that a cheaper choice could use; all others are ruled out.
    """

    chosen: np.ndarray
    cost: float
    bound: float
    useful: np.ndarray


def bounded(costs: np.ndarray, chosen: np.ndarray) -> Bounded:
    """Prove by how much a choice can be bettered, and better it on the way.

    Each village pays a price to be served; at given prices the best sites are those that collect
    most. The prices are moved by the subgradient until villages are served about once.

    Parameters
    ----------
    costs
        Finite; one row a village, one column a site.
    chosen
        Sites to begin with; as many as wanted.

    References
    ----------
    Cornuejols, Fisher and Nemhauser (1977), Location of bank accounts to optimize float.
    Beasley (1985), A note on solving large p-median problems.
    """
    p = len(chosen)
    chosen, cost = interchange(costs, chosen)
    prices = np.sort(costs[:, chosen], axis=1)[:, min(1, p - 1)]
    best, best_prices, best_values = -np.inf, prices, np.zeros(costs.shape[1])
    scale, waited = 2.0, 0
    for step in range(MOST_STEPS):
        gains = np.minimum(costs - prices[:, None], 0)
        values = gains.sum(axis=0)
        # A stable sort, so that ties are broken the same everywhere.
        sites = np.argsort(values, kind="stable")[:p]
        now = float(prices.sum() + values[sites].sum())
        waited += 1
        if now > best + TIGHT * cost:
            best, best_prices, best_values, waited = now, prices, values, 0
        elif waited >= PATIENCE:
            scale, waited, prices = scale / SHRINK, 0, best_prices
        if step % TRY_EVERY == 0:
            found, found_cost = interchange(costs, np.sort(sites))
            if found_cost < cost:
                chosen, cost = found, found_cost
        slope = 1 - (gains[:, sites] < 0).sum(axis=1)
        length = float(slope @ slope)
        if cost - best <= TIGHT * cost or scale < 1e-4 or length == 0:
            break
        prices = prices + scale * (cost - now) / length * slope
    last = np.sort(best_values)[p - 1]
    useful = np.flatnonzero(best + np.maximum(best_values - last, 0) < cost * (1 - TIGHT))
    return Bounded(chosen, cost, max(0.0, min(best, cost)), useful)
