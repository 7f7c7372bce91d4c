"""Would it work: a policy declared as data, drawn on the villages with every doubt, and compared.

`target` says who gets it, `impact` what it does, `declare_policy` puts them together with amounts, take-up,
budget and `Prices`; `simulate` draws what would come of it for an `Outcome`; `compare_scenarios` puts several
side by side on the same drawings. `flows` hands a scenario to `pk_research.policy.costs`; `scenario_tornado`
and `scenario_drivers` say which doubt matters, `needed_effect` how large the effect must be.
"""

from pk_research.policy.scenarios.comparison import ScenarioComparison, compare_scenarios
from pk_research.policy.scenarios.declared import Outcome, Policy, Prices, declare_policy
from pk_research.policy.scenarios.impact import Impact, Study, impact
from pk_research.policy.scenarios.money import flows, scenario_drivers, scenario_tornado
from pk_research.policy.scenarios.needed import NeededEffect, needed_effect
from pk_research.policy.scenarios.scenario import Scenario, simulate
from pk_research.policy.scenarios.target import Target, target

__all__ = [
    "Impact",
    "NeededEffect",
    "Outcome",
    "Policy",
    "Prices",
    "Scenario",
    "ScenarioComparison",
    "Study",
    "Target",
    "compare_scenarios",
    "declare_policy",
    "flows",
    "impact",
    "needed_effect",
    "scenario_drivers",
    "scenario_tornado",
    "simulate",
    "target",
]
