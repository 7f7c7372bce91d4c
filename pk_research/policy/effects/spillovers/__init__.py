"""When the policy of one village reaches the next: who is exposed, what it does, and how sure that is."""

from pk_research.policy.effects.spillovers.conley import Conley, conley_covariance
from pk_research.policy.effects.spillovers.counting import exposure
from pk_research.policy.effects.spillovers.estimate import effect_with_spillovers
from pk_research.policy.effects.spillovers.expected import ExpectedExposure, expected_exposure
from pk_research.policy.effects.spillovers.near import Near, near_by_km, near_by_place
from pk_research.policy.effects.spillovers.rings import Exposure
from pk_research.policy.effects.spillovers.rows import Exposed, read_exposed

__all__ = [
    "Conley",
    "ExpectedExposure",
    "Exposed",
    "Exposure",
    "Near",
    "conley_covariance",
    "effect_with_spillovers",
    "expected_exposure",
    "exposure",
    "near_by_km",
    "near_by_place",
    "read_exposed",
]
