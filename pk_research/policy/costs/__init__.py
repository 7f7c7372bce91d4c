"""Is a policy worth it: costs against benefits, discounted, with every doubt carried through.

A table becomes `cash_flows`, appraised by `cost_benefit`; `tornado` and `drivers` say which doubt
matters, `break_even` where the verdict would turn. `npv`, `internal_rates`, `benefit_cost_ratio` and
`discounted_payback` are the measures by themselves.
"""

from pk_research.policy.costs.appraisal import CostBenefit, Project, cost_benefit
from pk_research.policy.costs.flows import CashFlows, cash_flows
from pk_research.policy.costs.influence import BreakEven, Drivers, Tornado, break_even, drivers, tornado
from pk_research.policy.costs.measures import (
    benefit_cost_ratio,
    discount_factors,
    discounted_payback,
    internal_rates,
    npv,
)
from pk_research.policy.costs.uncertain import Uncertain, uncertain

__all__ = [
    "BreakEven",
    "CashFlows",
    "CostBenefit",
    "Drivers",
    "Project",
    "Tornado",
    "Uncertain",
    "benefit_cost_ratio",
    "break_even",
    "cash_flows",
    "cost_benefit",
    "discount_factors",
    "discounted_payback",
    "drivers",
    "internal_rates",
    "npv",
    "tornado",
    "uncertain",
]
