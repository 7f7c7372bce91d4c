"""The best product for every village, how sure it is that none is better, and what limits are worth."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, NotReady, Problem
from pk_research.language import Language
from pk_research.products.assignment import words
from pk_research.products.assignment.conflict import conflict
from pk_research.products.assignment.frames import price_frame, product_frame, proven_leads, village_frame
from pk_research.products.assignment.model import NOBODY, Model, build
from pk_research.products.assignment.problem import AssignmentProblem
from pk_research.products.assignment.solver import MOST_NODES, option_faults, relax, solve

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PROVEN = 1e-6


@dataclass(frozen=True, eq=False)
class Assignment:
    """One product for each village.

    Attributes
    ----------
    problem
        What was asked.
    chosen
        Number of each village's product; -1 for none.
    value_idr_year
        Of the whole plan, less what full markets lose.
    bound_idr_year
        No plan that keeps the limits is worth more: proven.
    villages
        One row a village: ``village_code``, ``product`` (missing for none), ``value_idr_year``,
        ``runner_up`` (the next best product for it, prices of the limits counted), its
        ``runner_up_value_idr_year``, and ``lead_at_least_idr_year``: what the plan loses at least if
        the village makes anything else or nothing, as far as the relaxation proves it (`leads` finds
        it exactly). Infinite where there is no such plan; missing for villages without a product or
        with one by decree.
    products
        One row a product: ``product``, ``n_villages``, ``value_idr_year`` and of that
        ``loss_idr_year`` to a full market.
    prices
        Dual prices of the linear programme in which villages may be divided, with the products
        that are taken up kept, of limits that several villages share: ``limit`` (`Limit`),
        ``product`` (missing where it is about all), ``price_idr_year``: what one more unit of the
        limit's right side is worth. Only those that are not zero; where several sets of prices are
        right, one of them.
    stopped_by_clock
        Whether the time limit ended the search; then another machine may find another plan.
    status, seconds
        What the solver said, and how long it took; they are no part of the result's tables.
    """

    problem: AssignmentProblem
    chosen: np.ndarray
    value_idr_year: float
    bound_idr_year: float
    villages: pd.DataFrame
    products: pd.DataFrame
    prices: pd.DataFrame
    stopped_by_clock: bool
    status: str = field(repr=False)
    seconds: float = field(repr=False)

    @property
    def gap_share(self) -> float:
        """By what share of its value a better plan could at most exceed this one."""
        return (self.bound_idr_year - self.value_idr_year) / max(abs(self.value_idr_year), 1.0)

    @property
    def is_best(self) -> bool:
        """Whether no better plan exists, to one part in a million."""
        return self.gap_share <= PROVEN

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a village, headings and names in a language."""
        return words.village_table(self, language)

    def product_table(self, language: Language) -> pd.DataFrame:
        """Return one row a product, headings and names in a language."""
        return words.product_table(self, language)

    def price_table(self, language: Language) -> pd.DataFrame:
        """Return one row a price, the limit in words."""
        return words.price_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell the plan's worth, how sure it is, what is unknown, and what prices mean."""
        return words.account(self, language)

    def plot(self, language: Language, *, width_px: int = 1200) -> Figure:
        """Draw how many villages of each kecamatan make each product."""
        from pk_research.products.assignment.pictures import plot_assignment

        return plot_assignment(self, language, width_px=width_px)


def assign(problem: AssignmentProblem, *, gap: float = PROVEN, time_limit_s: float = np.inf) -> Assignment:
    """Give every village the product that makes the whole worth most.

    Parameters
    ----------
    problem
        From `assignment_problem`.
    gap
        The solver may stop when no plan can be better by more than this share.
    time_limit_s
        When the solver stops with what it has; then another machine may find another plan, and the
        words say so. Infinite (no clock): the search ends at the gap or after 20,000 nodes of its
        tree, which are the same everywhere.

    Returns
    -------
    Assignment
        Solved by HiGHS (branch and cut). With more than 40,000 pairs, pairs that cannot pay at the
        prices of the relaxation are left out; the bound counts them all the same.

    Raises
    ------
    BadInput
        When no plan keeps all limits; the smallest set of limits that conflict is named. Also when
        the gap or the time limit makes no sense.
    NotReady
        When the search stopped before any plan was found.

    References
    ----------
    Huangfu and Hall (2018), Parallelizing the dual revised simplex method, Mathematical Programming
    Computation 10 (HiGHS).

    Examples
    --------
    >>> from pk_research.products.assignment import assignment_problem
    >>> values = pd.DataFrame({"village_code": ["3216012001"] * 2 + ["3216012002"] * 2,
    ...                        "product": ["kecap", "telur_asin"] * 2,
    ...                        "value_idr_year": [9e6, 8e6, 7e6, 2e6]})
    >>> plan = assign(assignment_problem(values, most_per_kecamatan=1))
    >>> plan.villages["product"].tolist(), plan.value_idr_year
    (['telur_asin', 'kecap'], 15000000.0)
    """
    problems = option_faults(gap, time_limit_s)
    if problems:
        raise BadInput(problems)
    started = time.perf_counter()
    model = build(problem)
    relaxation = relax(model)
    found = None if relaxation is None else solve(
        model, gap=gap, time_limit_s=time_limit_s, relaxation=relaxation
    )  # fmt: skip
    if relaxation is None or found is None or found.is_infeasible:
        raise BadInput(_no_plan(problem))
    if found.x is None:
        raise NotReady(_no_plan_yet(time_limit_s, stopped_by_clock=found.stopped_by_clock))
    value = float(model.gain @ found.x)
    chosen = chosen_products(model, found.x, len(problem.villages))
    priced = relax(with_products_kept(model, found.x), columns=relaxation.columns) or relaxation
    return Assignment(
        problem=problem,
        chosen=chosen,
        value_idr_year=value,
        bound_idr_year=max(value, min(found.bound, relaxation.bound)),
        villages=village_frame(
            problem, model, chosen, priced, proven_leads(problem, model, chosen, value, relaxation)
        ),
        products=product_frame(problem, model, found.x, chosen),
        prices=price_frame(problem, model, chosen, priced),
        stopped_by_clock=found.stopped_by_clock,
        status=found.status,
        seconds=time.perf_counter() - started,
    )


def _no_plan(problem: AssignmentProblem) -> Problem:
    found = conflict(problem)
    what = "no plan keeps all limits" if found is None else found.in_words("en")
    return Problem("limits", what, "Loosen or drop one of them.")


def _no_plan_yet(time_limit_s: float, *, stopped_by_clock: bool) -> Problem:
    if stopped_by_clock:
        what, remedy = f"no plan was found in {time_limit_s:g} s", "Allow more time, or loosen limits."
        return Problem("time_limit_s", what, remedy)
    return Problem("limits", f"no plan was found in {MOST_NODES:,} nodes of the search", "Loosen limits.")


def chosen_products(model: Model, x: np.ndarray, n_villages: int) -> np.ndarray:
    """Return the number of each village's product; -1 for none."""
    chosen = np.full(n_villages, NOBODY)
    taken = np.flatnonzero(x[: model.n_pairs] > 0.5)
    chosen[model.village[taken]] = model.product[taken]
    return chosen


def with_products_kept(model: Model, x: np.ndarray) -> Model:
    """Fix which products are taken up, so that the relaxation's prices speak of this plan."""
    gates = model.is_whole & (np.arange(len(x)) >= model.n_pairs)
    return replace(model, lower=np.where(gates, x, model.lower), upper=np.where(gates, x, model.upper))
