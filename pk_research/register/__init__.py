"""Which village is meant.

The register holds the villages with their Kemendagri codes: Kabupaten Bekasi's 187 with the
project (`load_register`), the country's on request (`load_country`). `resolve` and `resolve_all`
take the codes and names that files really hold to a village, or to candidates and the reason for
doubt.
"""

from pk_research.register.book import Register
from pk_research.register.changes import CodeChange, find_changes
from pk_research.register.codes import normalise_code
from pk_research.register.country import country_file, load_country, write_reference
from pk_research.register.crosswalk import Crosswalk, make_crosswalk
from pk_research.register.files import load_register
from pk_research.register.resolution import Candidate, Resolution
from pk_research.register.resolve import resolve, resolve_all
from pk_research.register.village import Village, village_at

__all__ = [
    "Candidate",
    "CodeChange",
    "Crosswalk",
    "Register",
    "Resolution",
    "Village",
    "country_file",
    "find_changes",
    "load_country",
    "load_register",
    "make_crosswalk",
    "normalise_code",
    "resolve",
    "resolve_all",
    "village_at",
    "write_reference",
]
