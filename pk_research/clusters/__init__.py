"""Which villages resemble one another: types of villages, what they are, and how sure that is.

`find_types` does the whole job by any method of `pk_research.clusters.methods`. Its result tells,
tabulates and draws itself. Pictures are in `pk_research.clusters.pictures`,
pieces of web pages in `pk_research.clusters.html`.
"""

from pk_research.clusters.choice import Choice
from pk_research.clusters.comparison import compare_typologies
from pk_research.clusters.effects import effects_against_rest
from pk_research.clusters.find import find_types
from pk_research.clusters.naming import with_names
from pk_research.clusters.over_time import types_over_time
from pk_research.clusters.profile import Profile
from pk_research.clusters.rules import rules_of
from pk_research.clusters.typology import Typology
from pk_research.clusters.usual import usual_types, usual_variables, with_official_names

__all__ = [
    "Choice",
    "Profile",
    "Typology",
    "compare_typologies",
    "effects_against_rest",
    "find_types",
    "rules_of",
    "types_over_time",
    "usual_types",
    "usual_variables",
    "with_names",
    "with_official_names",
]
