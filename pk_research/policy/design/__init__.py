"""Before the data: a declared study, its power, who is drawn, and whether the arms are alike."""

from pk_research.policy.design.balance import Balance, Joint, balance
from pk_research.policy.design.deviations import Done, deviations
from pk_research.policy.design.draw import Draw, draw, seed_of, verify_draw
from pk_research.policy.design.plan import Plan
from pk_research.policy.design.plan_file import plan_template, read_plan
from pk_research.policy.design.power import Design, Power, clusters_needed, detectable_effect, power_of
from pk_research.policy.design.seals import Seal, seal, verify_register

__all__ = [
    "Balance",
    "Design",
    "Done",
    "Draw",
    "Joint",
    "Plan",
    "Power",
    "Seal",
    "balance",
    "clusters_needed",
    "detectable_effect",
    "deviations",
    "draw",
    "plan_template",
    "power_of",
    "read_plan",
    "seal",
    "seed_of",
    "verify_draw",
    "verify_register",
]
