"""Hotels and restaurants matched with what villages make, and why something remains on either side.

`needs_of` reads what buyers need from their questionnaires; `match` finds the sales worth most,
`match_anywhere` where places and quality are not known; `why_unmet` and `why_unsold` say what stands in
the way of more.
"""

from pk_research.products.buyers.anywhere import match_anywhere
from pk_research.products.buyers.match import Matching, match
from pk_research.products.buyers.needs import Needs, needs_of
from pk_research.products.buyers.reasons import Reasons, why_unmet, why_unsold

__all__ = ["Matching", "Needs", "Reasons", "match", "match_anywhere", "needs_of", "why_unmet", "why_unsold"]
