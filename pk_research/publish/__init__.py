"""Results on their way out: tables for people and machines, and the pictures beside them."""

from pk_research.publish.citation import About, cited
from pk_research.publish.comparison import Comparison, Difference, compare_exhibits
from pk_research.publish.declared import read_sources
from pk_research.publish.exhibits import (
    KEPT_RECORD,
    RECORD,
    Exhibit,
    exhibits_of,
    read_exhibits,
    read_record,
    run_of,
    runs_in,
    write_exhibits,
)
from pk_research.publish.explain import Explanation, explain
from pk_research.publish.guard import why_withheld
from pk_research.publish.inputs import inputs_of, machine, off_the_lock, unlike
from pk_research.publish.package import write_package
from pk_research.publish.results import write_index, write_typology
from pk_research.publish.sources import Source

__all__ = [
    "KEPT_RECORD",
    "RECORD",
    "About",
    "Comparison",
    "Difference",
    "Exhibit",
    "Explanation",
    "Source",
    "cited",
    "compare_exhibits",
    "exhibits_of",
    "explain",
    "inputs_of",
    "machine",
    "off_the_lock",
    "read_exhibits",
    "read_record",
    "read_sources",
    "run_of",
    "runs_in",
    "unlike",
    "why_withheld",
    "write_exhibits",
    "write_index",
    "write_package",
    "write_typology",
]
