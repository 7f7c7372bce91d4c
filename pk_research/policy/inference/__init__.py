"""How sure: lots drawn again, clusters turned about, and many questions asked at once."""

from pk_research.policy.inference.many import Family, adjusted_p_values
from pk_research.policy.inference.randomisation import RandomisationTest, randomisation_test
from pk_research.policy.inference.wild import WildTest, wild_bootstrap

__all__ = [
    "Family",
    "RandomisationTest",
    "WildTest",
    "adjusted_p_values",
    "randomisation_test",
    "wild_bootstrap",
]
