"""What more money would bring, and how often the same villages would be chosen if effects were others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from pk_research.compute.chance import derived_rng
from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.policy.budget import words
from pk_research.policy.budget.allocation import Allocation, allocate, effect_of
from pk_research.policy.budget.model import Model, build, solve
from pk_research.policy.budget.problem import BudgetProblem

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STEPS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)


@dataclass(frozen=True, eq=False)
class BudgetCurve:
    """The best effect at several budgets.

    Attributes
    ----------
    problem
        What was asked.
    frame
        One row a budget, ascending: ``budget_idr``, ``spent_idr``, ``value`` (what was maximised),
        ``price_per_million`` (value that each further million IDR brought since the row before).
        Missing where no plan keeps all rules at that budget.
    """

    problem: BudgetProblem
    frame: pd.DataFrame

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a budget for people."""
        return words.curve_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say what further money brings."""
        return words.curve_in_words(self, language)

    def plot(self, language: Language, *, width_px: int = 900) -> Figure:
        """Draw the best effect against the budget."""
        from pk_research.policy.budget.pictures import plot_curve

        return plot_curve(self, language, width_px=width_px)


@dataclass(frozen=True, eq=False)
class Robustness:
    """How often each pair of village and policy is in the best plan when the effects are drawn anew.

    Attributes
    ----------
    plan
        The plan at expected effects.
    pairs
        One row a pair, most often chosen first: ``village_code``, ``policy``, ``share`` (of the drawings),
        ``is_planned``.
    villages
        One row a village: ``village_code``, ``share`` (of the drawings in which it gets anything),
        ``is_planned``.
    regret
        Mean effect by which the plan falls short of the best one for the drawn effects: what perfect
        knowledge would be worth.
    regret_se
        Its standard error from drawing.
    n_draws, seed
        Drawings, and the seed of all chance.
    """

    plan: Allocation
    pairs: pd.DataFrame
    villages: pd.DataFrame
    regret: float
    regret_se: float
    n_draws: int
    seed: int

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a village and policy for people."""
        return words.robustness_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say which choices hold whatever the effects."""
        return words.robustness_in_words(self, language)

    def plot(self, language: Language, *, width_px: int = 900) -> Figure:
        """Draw how often each pair is chosen, planned ones told apart."""
        from pk_research.policy.budget.pictures import plot_robustness

        return plot_robustness(self, language, width_px=width_px)


def budget_curve(problem: BudgetProblem, *, budgets_idr: Sequence[float] | None = None) -> BudgetCurve:
    """Find the best plan at several budgets: the shadow price of money.

    Parameters
    ----------
    problem
        From `budget_problem`; floors stay the same shares of each budget.
    budgets_idr
        Budgets, IDR; by default from half to twice the problem's.

    Raises
    ------
    BadInput
        When a budget is not above 0, or there are fewer than two.

    Examples
    --------
    >>> from pk_research.policy.budget.problem import budget_problem
    >>> rows = pd.DataFrame({"village_code": ["a", "b"], "policy": ["road", "road"],
    ...                      "cost_idr": [3e6, 2e6], "effect": [5.0, 4.0]})
    >>> budget_curve(budget_problem(rows, budget_idr=2e6), budgets_idr=[2e6, 5e6]).frame["value"].tolist()
    [4.0, 9.0]
    """
    given = [problem.budget_idr * step for step in STEPS] if budgets_idr is None else list(budgets_idr)
    budgets = sorted(set(given))
    if len(budgets) < 2 or not all(np.isfinite(b) and b > 0 for b in budgets):
        raise BadInput(Problem("budgets_idr", f"they are {given}", "Give two or more amounts above 0."))
    rows = [_best_at(replace(problem, budget_idr=amount)) for amount in budgets]
    frame = pd.DataFrame(rows, columns=["budget_idr", "spent_idr", "value"])
    frame["price_per_million"] = frame["value"].diff() / frame["budget_idr"].diff() * 1e6
    return BudgetCurve(problem, frame)


def robustness(
    problem: BudgetProblem,
    *,
    effect_draws: np.ndarray | None = None,
    n_draws: int = 200,
    gap: float = 0.0,
    seed: int = 0,
    n_jobs: int | None = None,
) -> Robustness:
    """Draw the effects anew, solve again each time, and count.

    Parameters
    ----------
    problem
        From `budget_problem`. What risk aversion takes off is taken off the drawn effects too.
    effect_draws
        Effects drawn elsewhere (a posterior, a bootstrap), which may move together: one row a drawing, one
        column a row of ``problem.frame``. By default normal errors are drawn from the standard errors,
        which every row then needs, as the errors of the problem hang together.
    n_draws
        Drawings; where they are given, their number is taken.
    gap
        As in `allocate`: 0.001, say, where each drawing is a large problem.
    seed
        Seed of all chance; each drawing derives its own.
    n_jobs
        Workers, as in joblib; the result does not depend on it.

    Raises
    ------
    BadInput
        When a standard error is missing, all are 0, given drawings do not fit the table, or an option is
        out of range; and when no plan keeps all rules.

    Examples
    --------
    >>> from pk_research.policy.budget.problem import budget_problem
    >>> rows = pd.DataFrame({"village_code": ["a", "b"], "policy": ["road", "road"],
    ...                      "cost_idr": [3.0, 3.0], "effect": [9.0, 5.0], "se": [0.1, 0.1]})
    >>> robustness(budget_problem(rows, budget_idr=3), n_draws=10).pairs["share"].tolist()
    [1.0, 0.0]
    """
    problems = _of_draws(problem, effect_draws) if effect_draws is not None else _of_errors(problem)
    n_draws = n_draws if effect_draws is None else len(effect_draws)
    if n_draws < 2 or seed < 0:
        problems.append(
            Problem("n_draws and seed", f"they are {n_draws} and {seed}", "Give 2 or more, and 0 or more.")
        )
    if problems:
        raise BadInput(problems)
    plan = allocate(problem, gap=gap)
    planned = problem.frame.index.isin(plan.chosen.index)
    again = _Drawing(problem, build(problem), planned, effect_draws, gap, seed)
    drawn = Parallel(n_jobs=n_jobs)(delayed(again.best)(n) for n in range(n_draws))
    chosen = np.stack([x for x, _ in drawn])
    regret = np.array([missed for _, missed in drawn])
    keys = problem.frame[["village_code", "policy"]]
    pairs = keys.assign(share=chosen.mean(axis=0), is_planned=planned)
    anything = pd.DataFrame(chosen.T).groupby(keys["village_code"].to_numpy()).max().mean(axis=1)
    villages = pd.DataFrame({"village_code": anything.index, "share": anything.to_numpy()})
    villages["is_planned"] = villages["village_code"].isin(plan.chosen["village_code"])
    return Robustness(
        plan=plan,
        pairs=pairs.sort_values(
            ["share", "village_code", "policy"], ascending=[False, True, True], ignore_index=True
        ),
        villages=villages.sort_values(["share", "village_code"], ascending=[False, True], ignore_index=True),
        regret=float(regret.mean()),
        regret_se=float(regret.std(ddof=1) / np.sqrt(n_draws)),
        n_draws=n_draws,
        seed=seed,
    )


def _best_at(problem: BudgetProblem) -> tuple[float, float, float]:
    model = build(problem)
    x = solve(model).x
    if x is None:
        return problem.budget_idr, np.nan, np.nan
    return problem.budget_idr, float(model.cost @ x), float(model.worth @ x)


@dataclass(frozen=True, eq=False)
class _Drawing:
    """All that a worker needs to draw once more."""

    problem: BudgetProblem
    model: Model
    planned: np.ndarray
    effect_draws: np.ndarray | None
    gap: float
    seed: int

    def best(self, n: int) -> tuple[np.ndarray, float]:
        """Return the best plan for drawn effects, and what the plan made before falls short of it."""
        worth, n_pairs = self._worth(n), self.model.n_pairs
        model = replace(self.model, worth=np.concatenate([worth, self.model.worth[n_pairs:]]))
        best = solve(model, gap=self.gap).x
        if best is None:
            raise BadInput(Problem("the rules", "no plan keeps all of them", "Ask for `conflict`."))
        planned = float(worth[self.planned].sum()) + _bonus(self.problem, self.planned)
        return best[:n_pairs], effect_of(model, best, worth) - planned

    def _worth(self, n: int) -> np.ndarray:
        frame, worth = self.problem.frame, self.problem.worth
        if self.effect_draws is not None:
            return np.asarray(worth - frame["effect"].to_numpy() + self.effect_draws[n])
        return np.asarray(worth + self.problem.drawn_errors(derived_rng(self.seed, n)))


def _bonus(problem: BudgetProblem, chosen: np.ndarray) -> float:
    given = set(
        zip(problem.frame.loc[chosen, "village_code"], problem.frame.loc[chosen, "policy"], strict=True)
    )
    villages = {village for village, _ in given}
    return sum(
        bonus
        for (first, second), bonus in problem.bonuses.items()
        for village in villages
        if (village, first) in given and (village, second) in given
    )


def _of_errors(problem: BudgetProblem) -> list[Problem]:
    se, remedy = problem.frame["se"], "Give each effect its error, or drawings of the effects."
    if se.isna().any():
        return [Problem("column 'se'", f"{int(se.isna().sum())} rows have none", remedy)]
    return [] if (se > 0).any() else [Problem("column 'se'", "all are 0, so nothing varies", remedy)]


def _of_draws(problem: BudgetProblem, effect_draws: np.ndarray) -> list[Problem]:
    n_rows = len(problem.frame)
    if effect_draws.ndim != 2 or effect_draws.shape[1] != n_rows:
        what = f"their shape is {effect_draws.shape}, but {n_rows} rows may be chosen"
        return [Problem("effect_draws", what, "Give one row a drawing, one column a row of problem.frame.")]
    if np.isfinite(effect_draws).all():
        return []
    return [Problem("effect_draws", "a drawn effect is not finite", "Leave that drawing out yourself.")]
