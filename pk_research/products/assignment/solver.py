"""HiGHS asked three things: the best plan, the best with fractions of villages, and prices.

Large problems are solved by column generation (Dantzig and Wolfe 1960; Desaulniers, Desrosiers and
Solomon 2005, Column Generation, ch. 1): only pairs that can pay at the prices found so far are
given to HiGHS. The bound is the Lagrangian one, over all pairs, so that the gap is proven whatever
was left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.optimize import LinearConstraint, linprog, milp

from pk_research.errors import Problem
from pk_research.products.assignment.model import Model

MOST_AT_ONCE = 40_000
FIRST_COLUMNS = 8
NEW_COLUMNS = 3
# Pairs that lose more than this share of the largest gain are not worth trying in a whole plan.
NEAR = 0.05
ROUNDING = 1e-9
LP_GAP = 1e-7
# Counted, not timed, so that every machine stops at the same plan.
MOST_NODES = 20_000


@dataclass(frozen=True, eq=False)
class Relaxation:
    """The best plan when villages may be divided.

    Attributes
    ----------
    bound
        No plan is worth more, in IDR a year.
    prices
        Of each row: what one more unit of its right side is worth, IDR a year.
    columns
        Those that were given to HiGHS.
    net
        Of each column: gain less the prices of what it uses.
    """

    bound: float
    prices: np.ndarray
    columns: np.ndarray
    net: np.ndarray


@dataclass(frozen=True, eq=False)
class Solved:
    """A plan; ``x`` is None when there is none or none was found before the search stopped."""

    x: np.ndarray | None
    bound: float
    is_infeasible: bool
    stopped_by_clock: bool
    status: str


def option_faults(gap: float, time_limit_s: float) -> list[Problem]:
    """List what is wrong with how long to search; infinite is no clock."""
    checks = [
        ("gap", gap, 0 <= gap < np.inf, "Give a share, 0 or more."),
        ("time_limit_s", time_limit_s, time_limit_s > 0, "Give seconds above 0, or math.inf for no clock."),
    ]
    return [
        Problem(name, f"{value!r} cannot be used", remedy)
        for name, value, is_right, remedy in checks
        if not is_right
    ]


def solve(
    model: Model, *, gap: float, time_limit_s: float = np.inf, relaxation: Relaxation | None = None
) -> Solved:
    """Find the best plan: of all pairs, or among those that the relaxation left of very many.

    Without a clock the search ends at the gap or after `MOST_NODES` nodes of the tree.
    """
    if relaxation is None or model.n_pairs <= MOST_AT_ONCE:
        return _solve(model, gap=gap, time_limit_s=time_limit_s)
    near = relaxation.net[relaxation.columns] > -NEAR * _scale(model)
    columns = relaxation.columns[near | (relaxation.columns >= model.n_pairs)]
    part, _ = _part(model, columns)
    found = _solve(part, gap=gap, time_limit_s=time_limit_s)
    if found.x is None:
        return _solve(model, gap=gap, time_limit_s=time_limit_s)
    x = np.zeros(len(model.gain))
    x[columns] = found.x
    return replace(found, x=x, bound=relaxation.bound)


def is_feasible(model: Model) -> bool:
    """Say whether any plan keeps all limits."""
    return not _solve(replace(model, gain=model.gain * 0), gap=1.0, most_nodes=None).is_infeasible


def relax(model: Model, *, columns: np.ndarray | None = None) -> Relaxation | None:
    """Solve the relaxation over all pairs; None where even that has no solution.

    ``columns`` are those to begin with.
    """
    if model.n_pairs <= MOST_AT_ONCE:
        columns = np.arange(len(model.gain))
    elif columns is None:
        columns = _first_columns(model)
    while True:
        part, rows = _part(model, columns)
        solution = _linear(part)
        if solution is None:
            if len(columns) == len(model.gain):
                return None
            columns = np.arange(len(model.gain))
            continue
        value, part_prices = solution
        prices = np.zeros(len(model.low))
        prices[rows] = part_prices
        net = model.gain - model.matrix.T @ prices
        bound = _bound(model, prices, net)
        more = _new_columns(model, net, columns)
        if len(more) == 0 or bound - value <= LP_GAP * abs(value):
            return Relaxation(bound, prices, columns, net)
        columns = np.union1d(columns, more)


def _bound(model: Model, prices: np.ndarray, net: np.ndarray) -> float:
    """Return the Lagrangian bound, which holds at any prices whose sign suits the rows."""
    limit = np.where(prices > 0, model.high, model.low)
    used = prices != 0
    at_best = np.where(net > 0, net * model.upper, net * model.lower)
    return float((prices[used] * limit[used]).sum() + at_best.sum())


def _first_columns(model: Model) -> np.ndarray:
    """Take the best pairs of each village, those that a row forces, and all that are not pairs."""
    forced = model.matrix[model.low > 0]
    single = forced[np.diff(forced.indptr) == 1].indices
    others = np.arange(model.n_pairs, len(model.gain))
    return np.unique(np.concatenate([_best_pairs(model, model.gain, FIRST_COLUMNS), single, others]))


def _new_columns(model: Model, net: np.ndarray, columns: np.ndarray) -> np.ndarray:
    scale = np.abs(model.gain).max()
    pays = net > ROUNDING * scale
    pays[columns] = False
    best = _best_pairs(model, np.where(pays, net, -np.inf)[: len(net)], NEW_COLUMNS)
    return np.asarray(best[pays[best]])


def _best_pairs(model: Model, worth: np.ndarray, most: int) -> np.ndarray:
    order = np.lexsort((-worth[: model.n_pairs], model.village))
    village = model.village[order]
    first = np.searchsorted(village, village)
    return np.sort(order[np.arange(len(order)) - first < most])


def _part(model: Model, columns: np.ndarray) -> tuple[Model, np.ndarray]:
    """Return the model of some columns, without the rows that they cannot break, and those rows."""
    matrix = model.matrix if len(columns) == len(model.gain) else model.matrix[:, columns]
    most, least = matrix.maximum(0) @ model.upper[columns], matrix.minimum(0) @ model.upper[columns]
    rows = np.flatnonzero((most > model.high) | (least < model.low))
    pairs = columns[columns < model.n_pairs]
    part = replace(
        model,
        gain=model.gain[columns], matrix=matrix[rows], low=model.low[rows], high=model.high[rows],
        lower=model.lower[columns], upper=model.upper[columns], is_whole=model.is_whole[columns],
        owner=model.owner[rows], row_product=model.row_product[rows],
        village=model.village[pairs], product=model.product[pairs],
    )  # fmt: skip
    return part, rows


def _scale(model: Model) -> float:
    return float(np.abs(model.gain).max()) or 1.0


def _linear(model: Model) -> tuple[float, np.ndarray] | None:
    """Return value and prices of the rows; None where infeasible."""
    below, above = np.isfinite(model.high), np.isfinite(model.low)
    scale = _scale(model)
    result = linprog(
        -model.gain / scale,
        A_ub=sparse.vstack([model.matrix[below], -model.matrix[above]]),
        b_ub=np.concatenate([model.high[below], -model.low[above]]),
        bounds=np.column_stack([model.lower, model.upper]),
        method="highs",
    )
    if result.x is None:
        return None
    prices = np.zeros(len(model.low))
    prices[below] -= result.ineqlin.marginals[: below.sum()] * scale
    prices[above] += result.ineqlin.marginals[below.sum() :] * scale
    return -float(result.fun) * scale, prices


def _solve(
    model: Model, *, gap: float, time_limit_s: float = np.inf, most_nodes: int | None = MOST_NODES
) -> Solved:
    scale = _scale(model)
    clock = {} if np.isinf(time_limit_s) else {"time_limit": time_limit_s}
    nodes = {} if most_nodes is None else {"node_limit": most_nodes}
    result = milp(
        -model.gain / scale,
        constraints=LinearConstraint(model.matrix, model.low, model.high),
        bounds=(model.lower, model.upper),
        integrality=model.is_whole.astype(int),
        options={"mip_rel_gap": gap} | clock | nodes,
    )
    x = None if result.x is None else np.where(model.is_whole, np.round(result.x), result.x)
    bound = np.inf if result.mip_dual_bound is None else -float(result.mip_dual_bound) * scale
    return Solved(
        x, bound, is_infeasible=result.status == 2, stopped_by_clock=result.status == 1,
        status=str(result.message),
    )  # fmt: skip
