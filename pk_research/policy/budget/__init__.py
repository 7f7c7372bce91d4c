"""Where to spend: a budget over villages and policies, by its largest proven effect.

A table and its rules become a `budget_problem`, solved by `allocate`; where no plan keeps all rules
`conflict` names those that clash. `budget_curve` says what further money brings, `robustness` which
choices hold when the effects are not what they seem.
"""

from pk_research.policy.budget.allocation import Allocation, Conflict, allocate, conflict
from pk_research.policy.budget.doubt import BudgetCurve, Robustness, budget_curve, robustness
from pk_research.policy.budget.problem import BudgetProblem, budget_problem

__all__ = [
    "Allocation",
    "BudgetCurve",
    "BudgetProblem",
    "Conflict",
    "Robustness",
    "allocate",
    "budget_curve",
    "budget_problem",
    "conflict",
    "robustness",
]
