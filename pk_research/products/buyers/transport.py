"""The transportation problem of one product in one season (Hitchcock 1941), solved by HiGHS."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import LinearConstraint, linprog, milp

from pk_research.products.buyers.trade import Trade

SLACK = 1e-9
NOTHING = 1e-7


@dataclass(frozen=True, eq=False)
class Plan:
    """Who sells how much to whom.

    Attributes
    ----------
    units
        A month, of each pair.
    worth_capacity_idr, worth_wanted_idr
        What one more unit of each seller's capacity, or each buyer's demand, adds a month: dual prices
        of the linear programme (any amounts, also where contracts are whole).
    """

    units: np.ndarray
    worth_capacity_idr: np.ndarray
    worth_wanted_idr: np.ndarray


def plan(trade: Trade, contract_units: float | None) -> Plan:
    """Find the sales worth most; among those, most units; among those, the shortest ways."""
    allowed = trade.allowed
    sellers, buyers = np.nonzero(allowed)
    units = np.zeros(allowed.shape)
    if len(sellers) == 0:
        return Plan(units, np.zeros(len(trade.capacity)), np.zeros(len(trade.wanted)))
    rows, limits = _rows(sellers, buyers, trade.capacity, trade.wanted)
    gain = trade.gain_idr[sellers, buyers]
    relaxed = linprog(-gain, A_ub=rows, b_ub=limits, method="highs")
    units[sellers, buyers] = _shortest(gain, trade.km[sellers, buyers], rows, limits, contract_units)
    worth = -relaxed.ineqlin.marginals + 0.0
    return Plan(units, worth[: len(trade.capacity)], worth[len(trade.capacity) :])


def _rows(
    sellers: np.ndarray, buyers: np.ndarray, capacity: np.ndarray, wanted: np.ndarray
) -> tuple[sparse.csr_array, np.ndarray]:
    n = len(sellers)
    ends = np.concatenate([sellers, len(capacity) + buyers])
    columns = np.tile(np.arange(n), 2)
    rows = sparse.csr_array((np.ones(2 * n), (ends, columns)), shape=(len(capacity) + len(wanted), n))
    return rows, np.concatenate([capacity, wanted])


def _shortest(
    gain: np.ndarray, km: np.ndarray, rows: sparse.csr_array, limits: np.ndarray, contract_units: float | None
) -> np.ndarray:
    """Solve twice: for the gain, then with the gain kept for units and ways."""
    lot = 1.0 if contract_units is None else contract_units
    whole = np.full(len(gain), int(contract_units is not None))
    within = LinearConstraint(rows * lot, -np.inf, limits)
    scale = np.abs(gain).max() or 1.0
    best = milp(-gain / scale * lot, constraints=within, integrality=whole, options={"mip_rel_gap": 0.0})
    least = -best.fun - SLACK * max(1.0, abs(best.fun))
    # A unit more outweighs every detour that a chain of exchanges could need for it.
    ways = km - (1.0 + km.max()) * sum(rows.shape)
    kept = LinearConstraint(sparse.csr_array(gain[None, :] / scale * lot), least, np.inf)
    found = milp(
        ways / np.abs(ways).max(), constraints=[within, kept], integrality=whole, options={"mip_rel_gap": 0.0}
    )
    amounts = best.x if found.x is None else found.x
    amounts = np.round(amounts) if contract_units is not None else amounts
    return np.where(amounts * lot > NOTHING * limits.max(), amounts * lot, 0.0)


def most_units(
    allowed: np.ndarray, capacity: np.ndarray, held: np.ndarray, column: int, most: float
) -> float:
    """Return how many units one buyer could get at most, nobody else getting less than now.

    Parameters
    ----------
    allowed
        Pairs that may trade.
    capacity
        Of the sellers.
    held
        What each buyer gets now.
    column
        The buyer.
    most
        What it wants.
    """
    sellers, buyers = np.nonzero(allowed)
    if not (buyers == column).any():
        return 0.0
    wanted = held.copy()
    wanted[column] = most
    rows, limits = _rows(sellers, buyers, capacity, wanted)
    others = np.arange(len(held)) != column
    floors = rows[len(capacity) :][np.flatnonzero(others)]
    result = linprog(
        -(buyers == column).astype(float),
        A_ub=sparse.vstack([rows, -floors]),
        b_ub=np.concatenate([limits, SLACK - held[others] * (1 - SLACK)]),
        method="highs",
    )
    return 0.0 if result.x is None else -float(result.fun)
