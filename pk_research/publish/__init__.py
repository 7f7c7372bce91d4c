"""Results on their way out: tables for people and machines, and the pictures beside them."""

from pk_research.publish.exhibits import (
    Difference,
    Exhibit,
    compare_exhibits,
    exhibits_of,
    read_exhibits,
    write_exhibits,
)
from pk_research.publish.results import write_index, write_typology

__all__ = [
    "Difference",
    "Exhibit",
    "compare_exhibits",
    "exhibits_of",
    "read_exhibits",
    "write_exhibits",
    "write_index",
    "write_typology",
]
