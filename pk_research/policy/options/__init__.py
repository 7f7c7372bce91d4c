"""Which policy: options by several criteria, weighed by each group of stakeholders.

`stakeholder_choice` ranks for each group and for all together (by the methods of
`pk_research.products.flagship`), `turning` says which weights would turn the first place,
`option_intervals` how sure each rank is; `dominated_options` and `never_first` name what nobody should
choose.
"""

from pk_research.policy.options.choice import StakeholderChoice, stakeholder_choice
from pk_research.policy.options.dominance import dominated_options, never_first
from pk_research.policy.options.turning import OptionIntervals, Turning, option_intervals, turning

__all__ = [
    "OptionIntervals",
    "StakeholderChoice",
    "Turning",
    "dominated_options",
    "never_first",
    "option_intervals",
    "stakeholder_choice",
    "turning",
]
