"""A good choice of sites: each where it helps most, then swapped while that helps."""

from __future__ import annotations

import numpy as np

LEAST_GAIN = 1e-12


def greedy(costs: np.ndarray, p: int) -> np.ndarray:
    """Choose sites one after the other, each where it makes the cost smallest.

    Parameters
    ----------
    costs
        Finite; one row a village, one column a site.
    p
        Number of sites.

    Examples
    --------
    >>> greedy(np.array([[0.0, 5.0], [5.0, 0.0], [5.0, 0.0]]), 1).tolist()
    [1]
    """
    chosen: list[int] = []
    nearest = np.full(len(costs), costs.max() + 1)
    for _ in range(p):
        totals = np.minimum(costs, nearest[:, None]).sum(axis=0)
        totals[chosen] = np.inf
        chosen.append(int(totals.argmin()))
        nearest = np.minimum(nearest, costs[:, chosen[-1]])
    return np.array(chosen)


def interchange(costs: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, float]:
    """Swap a chosen site for another as long as that makes the cost smaller.

    All swaps are priced at once: what is gained by adding each site, and lost by removing each
    chosen one beside it.

    Returns
    -------
    tuple
        The sites in ascending order, and the sum over villages of the cost of the nearest.

    References
    ----------
    Teitz and Bart (1968), Heuristic methods for estimating the generalized vertex median of a
    weighted graph. Resende and Werneck (2007), A fast swap-based local search procedure for
    location problems.

    Examples
    --------
    >>> costs = np.array([[0.0, 1.0, 9.0], [1.0, 0.0, 9.0], [9.0, 9.0, 0.0]])
    >>> interchange(costs, np.array([0, 1]))[0].tolist()
    [1, 2]
    """
    chosen, p = chosen.copy(), len(chosen)
    rows = np.arange(len(costs))
    while True:
        to_chosen = costs[:, chosen]
        owner = to_chosen.argmin(axis=1)
        first = to_chosen[rows, owner]
        second = np.partition(to_chosen, 1, axis=1)[:, 1] if p > 1 else np.full(len(costs), costs.max())
        closer = np.minimum(costs, first[:, None])
        gain = (closer - first[:, None]).sum(axis=0)
        owned = (owner == np.arange(p)[:, None]).astype(float)
        change = gain + owned @ (np.minimum(costs, second[:, None]) - closer)
        change[:, chosen] = np.inf
        place, site = np.unravel_index(change.argmin(), change.shape)
        if not change[place, site] < -LEAST_GAIN * first.sum():
            return np.sort(chosen), float(first.sum())
        chosen[place] = site
