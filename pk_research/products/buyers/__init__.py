"""Hotels and restaurants matched with what villages make, and why something remains on either side.

`match` finds the sales worth most; `why_unmet` and `why_unsold` say what stands in the way of more.
"""

from pk_research.products.buyers.match import Matching, match
from pk_research.products.buyers.reasons import Reasons, why_unmet, why_unsold

__all__ = ["Matching", "Reasons", "match", "why_unmet", "why_unsold"]
