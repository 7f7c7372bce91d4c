"""Results on their way out: tables for people and machines, and the pictures beside them."""

from pk_research.publish.results import write_index, write_typology

__all__ = ["write_index", "write_typology"]
