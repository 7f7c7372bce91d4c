"""Synthetic twins of restricted tables: made rows on which every program runs.

`twin_of` makes the twin of a table and `twins_of` those of linked tables; `utility_of` tells how far a twin
resembles its table, `risk_of` and `membership_of` what it may give away, and `record_twin` writes down that
it leaves. **A twin is for running programs, not for conclusions; no differential privacy is claimed.**
"""

from pk_research.disclosure.synthetic.hints import Hints
from pk_research.disclosure.synthetic.leaving import record_twin, seed_from, twin_files
from pk_research.disclosure.synthetic.links import (
    Declared,
    Link,
    Linked,
    groups_of,
    identified,
    linked_tables,
    wrong_declared,
)
from pk_research.disclosure.synthetic.risk import Attribute, Membership, Risk, membership_of, risk_of
from pk_research.disclosure.synthetic.twin import Twin, twin_of, twins_of
from pk_research.disclosure.synthetic.utility import Propensity, Utility, utility_of

__all__ = [
    "Attribute",
    "Declared",
    "Hints",
    "Link",
    "Linked",
    "Membership",
    "Propensity",
    "Risk",
    "Twin",
    "Utility",
    "groups_of",
    "identified",
    "linked_tables",
    "membership_of",
    "record_twin",
    "risk_of",
    "seed_from",
    "twin_files",
    "twin_of",
    "twins_of",
    "utility_of",
    "wrong_declared",
]
