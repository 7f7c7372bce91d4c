"""Differences in differences: before and after, with and without, and how far to trust them."""

from pk_research.policy.effects.did.bacon import GoodmanBacon, goodman_bacon
from pk_research.policy.effects.did.fixed_effects import twfe, two_by_two
from pk_research.policy.effects.did.honest import Honest, honest
from pk_research.policy.effects.did.leads import detectable_slope, power_against, pre_trends
from pk_research.policy.effects.did.staggered import staggered

__all__ = [
    "GoodmanBacon",
    "Honest",
    "detectable_slope",
    "goodman_bacon",
    "honest",
    "power_against",
    "pre_trends",
    "staggered",
    "twfe",
    "two_by_two",
]
