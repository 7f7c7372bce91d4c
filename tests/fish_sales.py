"""A public source as a package declares it: what boats land and sell."""

from __future__ import annotations

from pk_research.publish import Source

FISH = Source(
    "Fish sales",
    "Dinas Perikanan",
    "CC BY 4.0",
    "public",
    ("data/fish.csv",),
    "In the package.",
    citation="Dinas Perikanan (2026). *Fish sales* [data].",
)
