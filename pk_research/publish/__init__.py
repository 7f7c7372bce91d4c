"""Results on their way out: tables for people and machines, and the pictures beside them."""

from pk_research.publish.exhibits import (
    RECORD,
    Difference,
    Exhibit,
    compare_exhibits,
    exhibits_of,
    read_exhibits,
    read_record,
    write_exhibits,
)
from pk_research.publish.explain import Explanation, explain
from pk_research.publish.guard import why_withheld
from pk_research.publish.package import About, Source, cited, write_package
from pk_research.publish.results import write_index, write_typology

__all__ = [
    "RECORD",
    "About",
    "Difference",
    "Exhibit",
    "Explanation",
    "Source",
    "cited",
    "compare_exhibits",
    "exhibits_of",
    "explain",
    "read_exhibits",
    "read_record",
    "why_withheld",
    "write_exhibits",
    "write_index",
    "write_package",
    "write_typology",
]
