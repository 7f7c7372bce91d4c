"""The best plan for a budget, proven; or the rules that no plan can keep together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.policy.budget import words
from pk_research.policy.budget.model import Model, Rule, build, solve
from pk_research.policy.budget.problem import BudgetProblem
from pk_research.products.assignment.conflict import smallest

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Allocation:
    """A plan that keeps all rules.

    Attributes
    ----------
    problem
        What was asked.
    chosen
        Rows of the problem's table that are given, in its order.
    opened
        Policies with a cost of opening that are opened.
    spent_idr
        Costs and openings, IDR.
    effect
        Expected effect with bonuses, in the unit of the effects, nothing taken off for risk.
    effect_se
        Its standard error, as the errors of the problem hang together; missing where one is not known.
    value, bound
        What was maximised (risk taken off), and what no plan can exceed.
    """

    problem: BudgetProblem
    chosen: pd.DataFrame
    opened: tuple[str, ...]
    spent_idr: float
    effect: float
    effect_se: float
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """How much better a plan could be at most, as a share of this one's value."""
        missed = max(0.0, self.bound - self.value)
        return missed / abs(self.value) if missed > 0 and self.value else 0.0

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a village and policy for people."""
        return words.allocation_table(self, language)

    def group_table(self, language: Language) -> pd.DataFrame:
        """Return one row a group for people: villages, spending, share, floor."""
        return words.group_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say what is spent, what it brings, and how near the best it is."""
        return words.allocation_in_words(self, language)

    def plot(self, language: Language, *, width_px: int = 900) -> Figure:
        """Draw what each policy gets."""
        from pk_research.policy.budget.pictures import plot_allocation

        return plot_allocation(self, language, width_px=width_px)


@dataclass(frozen=True, eq=False)
class Conflict:
    """Rules that cannot be kept together.

    Attributes
    ----------
    problem
        What was asked.
    rules
        No plan keeps all of these; without any one of them, one keeps the others (both were solved for).
    """

    problem: BudgetProblem
    rules: tuple[Rule, ...]

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a rule."""
        return words.conflict_table(self, language)

    def in_words(self, language: Language) -> str:
        """Name the rules that conflict."""
        return words.conflict_in_words(self, language)


def allocate(problem: BudgetProblem, *, gap: float = 0.0, time_limit_s: float | None = None) -> Allocation:
    """Find the plan with the largest effect that keeps all rules.

    Parameters
    ----------
    problem
        From `budget_problem`.
    gap
        Share by which the plan may fall short of the best; 0 asks for the best itself.
    time_limit_s
        Seconds after which the solver gives the best plan found; the gap then says how good it is.

    Raises
    ------
    BadInput
        When no plan keeps all rules: naming a smallest set of them that conflict.
    NotReady
        When no plan was found in time.

    Examples
    --------
    >>> from pk_research.policy.budget.problem import budget_problem
    >>> rows = pd.DataFrame({"village_code": ["a", "b", "c"], "policy": ["road", "road", "road"],
    ...                      "cost_idr": [5.0, 3.0, 3.0], "effect": [9.0, 6.0, 5.0]})
    >>> allocate(budget_problem(rows, budget_idr=6)).chosen["village_code"].tolist()
    ['b', 'c']
    """
    if not 0 <= gap < 1:
        raise BadInput(Problem("gap", f"it is {gap!r}", "Give a share from 0 to below 1."))
    model = build(problem)
    solved = solve(model, gap=gap, time_limit_s=time_limit_s)
    if solved.x is None:
        found = conflict(problem)
        told = "no plan keeps all rules" if found is None else found.in_words("en")
        raise BadInput(Problem("the rules", told, "Drop or loosen one of them."))
    chosen = problem.frame[solved.x[: model.n_pairs] == 1]
    names = list(problem.opening_idr)
    opened = solved.x[model.n_pairs : model.n_pairs + len(names)] == 1
    # A policy may be opened in vain where opening costs nothing, or money is left.
    used = tuple(
        n for n, is_open in zip(names, opened, strict=True) if is_open and n in set(chosen["policy"])
    )
    return Allocation(
        problem=problem,
        chosen=chosen,
        opened=used,
        spent_idr=float(chosen["cost_idr"].sum()) + sum(problem.opening_idr[name] for name in used),
        effect=effect_of(model, solved.x, problem.frame["effect"].to_numpy()),
        effect_se=problem.error_of(chosen),
        value=float(model.worth @ solved.x),
        bound=solved.bound,
    )


def effect_of(model: Model, x: np.ndarray, effect: np.ndarray) -> float:
    """Return the effect of a plan, bonuses included, under these effects of the pairs."""
    pairs = model.n_pairs
    return float(effect @ x[:pairs] + model.worth[pairs:] @ x[pairs:])


def conflict(problem: BudgetProblem) -> Conflict | None:
    """Find a smallest set of rules that conflict; None where a plan keeps all.

    Smallest means that nothing can be left out of the set; another set of the same problem may have
    fewer.

    References
    ----------
    Junker (2004), QuickXplain: preferred explanations and relaxations for over-constrained problems.

    Examples
    --------
    >>> from pk_research.policy.budget.problem import budget_problem
    >>> rows = pd.DataFrame({"village_code": ["a", "b"], "policy": ["road", "road"],
    ...                      "cost_idr": [5.0, 3.0], "effect": [9.0, 6.0]})
    >>> found = conflict(budget_problem(rows, budget_idr=6, musts=[("a", "road"), ("b", "road")]))
    >>> [rule.kind for rule in found.rules]
    ['budget', 'must', 'must']
    """
    model = build(problem)
    blank = Model(
        model.worth * 0, model.cost, model.matrix, model.low, model.high, model.rules, model.n_pairs
    )
    rules = [rule for rule in dict.fromkeys(model.rules) if rule.kind != "link"]

    def can_keep(kept: Sequence[Rule]) -> bool:
        return solve(blank, without=set(rules) - set(kept)).x is not None

    return None if can_keep(rules) else Conflict(problem, tuple(smallest(rules, can_keep)))
