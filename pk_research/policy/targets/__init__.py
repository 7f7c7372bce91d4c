"""Are we on the way: baseline, yearly targets and realised values, as an RPJMD sets them.

`track` lights each year as on track, behind, or not to be said because the value's interval holds the
target, and says how likely the last target is reached if the trend goes on (`chance_of_reaching`).
"""

from pk_research.policy.targets.tracking import Baseline, Tracking, light_of, track
from pk_research.policy.targets.trend import Reaching, chance_of_reaching

__all__ = ["Baseline", "Reaching", "Tracking", "chance_of_reaching", "light_of", "track"]
