"""What the field makes of the truth: gaps, slips, spellings, round numbers and duplicates."""

from pk_research.sample.fieldwork.returned import COUNTED_KINDS, Collected, collect

__all__ = ["COUNTED_KINDS", "Collected", "collect"]
