"""Neighbours that complement each other: who can supply whom, and who should sell together."""

from pk_research.products.synergy.groups import MarketingGroups, marketing_groups
from pk_research.products.synergy.supply import Supply, supply_links

__all__ = ["MarketingGroups", "Supply", "marketing_groups", "supply_links"]
