"""The tables of a plan: one row a village, a product, a price."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pk_research.products.assignment.model import NOBODY, Model
from pk_research.products.assignment.problem import AssignmentProblem
from pk_research.products.assignment.solver import ROUNDING, Relaxation

OF_ONE_VILLAGE = ("every_village", "decree", None)


def village_frame(
    problem: AssignmentProblem,
    model: Model,
    chosen: np.ndarray,
    priced: Relaxation,
    lead: np.ndarray,
) -> pd.DataFrame:
    """Compare each village's product with its next best, what they use being paid at the prices."""
    net = _paid(problem, model, priced)
    rows, has = np.arange(len(chosen)), chosen >= 0
    others = net.copy()
    others[rows[has], chosen[has]] = -np.inf
    others[:, _idle(problem, chosen)] = -np.inf
    second = others.argmax(axis=1)
    has_second = np.isfinite(others[rows, second])
    names = np.array([*problem.products, None], dtype=object)
    return pd.DataFrame(
        {
            "village_code": list(problem.villages),
            "product": pd.array(names[np.where(has, chosen, NOBODY)], dtype="str"),
            "value_idr_year": np.where(has, problem.value_idr_year[rows, chosen], np.nan),
            "runner_up": pd.array(names[np.where(has_second, second, NOBODY)], dtype="str"),
            "runner_up_value_idr_year": np.where(has_second, problem.value_idr_year[rows, second], np.nan),
            "lead_at_least_idr_year": lead,
        }
    )


def proven_leads(
    problem: AssignmentProblem, model: Model, chosen: np.ndarray, value: float, relaxation: Relaxation
) -> np.ndarray:
    """Return what the plan loses at least without each village's product; 0 where nothing is proven.

    A village's part in the Lagrangian bound falls to that of its next best choice; what falls below the
    plan's value is lost. Missing where a decree fixes the product, or there is none.
    """
    net = _paid(problem, model, relaxation)
    rows, has = np.arange(len(chosen)), chosen >= 0
    own = [model.kind_of(row) in OF_ONE_VILLAGE for row in range(len(model.owner))]
    of_village = model.matrix[own].T @ relaxation.prices[own]
    price = np.zeros(len(chosen))
    price[model.village] = of_village[: model.n_pairs]
    # A decree's price would have the village's pairs differ; those villages are not looked at.
    part = price + np.maximum(net - price[:, None], 0.0).sum(axis=1)
    net[rows[has], chosen[has]] = -np.inf
    second = net.max(axis=1)
    if not problem.every_village:
        second = np.maximum(second, 0.0)
    lead = np.maximum(part - second - (relaxation.bound - value), 0.0)
    is_free = has & ~np.isin(problem.villages, list(problem.decrees))
    return np.where(is_free, np.where(np.isfinite(second), lead, np.inf), np.nan)


def _paid(problem: AssignmentProblem, model: Model, priced: Relaxation) -> np.ndarray:
    """Return the worth of each village and product, what they use being paid, but not their village."""
    own = np.array([model.kind_of(row) in OF_ONE_VILLAGE for row in range(len(model.owner))])
    paid = model.gain - model.matrix.T @ np.where(own, 0.0, priced.prices)
    net = np.full(problem.value_idr_year.shape, -np.inf)
    net[model.village, model.product] = paid[: model.n_pairs]
    return net


def product_frame(
    problem: AssignmentProblem, model: Model, x: np.ndarray, chosen: np.ndarray
) -> pd.DataFrame:
    """Count villages and add up values and losses of each product."""
    has = chosen >= 0
    n = len(problem.products)
    value = problem.value_idr_year[np.flatnonzero(has), chosen[has]]
    of_tier = [problem.products.index(name) for name, tiers in problem.market.items() for _ in tiers]
    losses = -(model.gain * x)[~model.is_whole]
    return pd.DataFrame(
        {
            "product": list(problem.products),
            "n_villages": np.bincount(chosen[has], minlength=n),
            "value_idr_year": np.bincount(chosen[has], value, minlength=n),
            "loss_idr_year": np.bincount(np.array(of_tier, dtype=int), losses, minlength=n) + 0.0,
        }
    )


def price_frame(
    problem: AssignmentProblem, model: Model, chosen: np.ndarray, priced: Relaxation
) -> pd.DataFrame:
    """List the prices that are not zero, of limits that several villages share.

    A row of a product that is not taken up has a price only because it is kept out.
    """
    idle = set(_idle(problem, chosen))
    shared = [
        row
        for row in np.flatnonzero(np.abs(priced.prices) > ROUNDING * np.abs(model.gain).max()).tolist()
        if model.kind_of(row) not in OF_ONE_VILLAGE and model.row_product[row] not in idle
    ]
    names = np.array([*problem.products, None], dtype=object)
    return pd.DataFrame(
        {
            "limit": pd.Series([model.limits[model.owner[row]] for row in shared], dtype=object),
            "product": pd.array(names[model.row_product[shared].astype(int)], dtype="str"),
            "price_idr_year": priced.prices[shared],
        }
    )


def _idle(problem: AssignmentProblem, chosen: np.ndarray) -> list[int]:
    """Return products with a least number of villages that are not taken up."""
    taken = set(chosen.tolist())
    return [p for p, name in enumerate(problem.products) if name in problem.least_villages and p not in taken]
