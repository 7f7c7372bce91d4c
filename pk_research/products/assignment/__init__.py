"""One village, one product: the plan that is worth most under limits, and what the limits cost.

`assignment_problem` states who could make what; `assign` plans; `limit_costs`, `leads`,
`alternatives` and `robustness` say what each limit costs, how much each village's product matters, which
other plans are nearly as good, and how firm the plan is; `conflict` explains why there is none.
"""

from pk_research.products.assignment.alternatives import Alternatives, alternatives
from pk_research.products.assignment.assign import Assignment, assign
from pk_research.products.assignment.conflict import Conflict, conflict
from pk_research.products.assignment.costs import LimitCosts, limit_costs
from pk_research.products.assignment.leads import Leads, leads
from pk_research.products.assignment.limits import Limit
from pk_research.products.assignment.problem import AssignmentProblem, Tier, assignment_problem
from pk_research.products.assignment.robustness import Robustness, robustness

__all__ = [
    "Alternatives",
    "Assignment",
    "AssignmentProblem",
    "Conflict",
    "Leads",
    "Limit",
    "LimitCosts",
    "Robustness",
    "Tier",
    "alternatives",
    "assign",
    "assignment_problem",
    "conflict",
    "leads",
    "limit_costs",
    "robustness",
]
