"""Which villages resemble one another: types of villages, what they are, and how sure that is.

`find_types` does the whole job; its result tells, tabulates and draws itself. Pictures are in
`pk_research.clusters.pictures`, pieces of web pages in `pk_research.clusters.html`.
"""

from pk_research.clusters.choice import Choice
from pk_research.clusters.find import find_types
from pk_research.clusters.profile import Profile
from pk_research.clusters.typology import Typology
from pk_research.clusters.usual import usual_variables

__all__ = ["Choice", "Profile", "Typology", "find_types", "usual_variables"]
