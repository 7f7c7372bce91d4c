"""Outside data in."""

from pk_research.sources.dataset import Dataset, Provenance, Step

__all__ = ["Dataset", "Provenance", "Step"]
