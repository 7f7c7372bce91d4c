"""The layouts tables are published in: one reader each, tried in this order."""

from pk_research.sources.layouts.bps import BPS
from pk_research.sources.layouts.idm import INDICATORS, NATIONAL
from pk_research.sources.layouts.jabar import REGENCY, VILLAGE
from pk_research.sources.layouts.reading import Layout, Reading
from pk_research.sources.layouts.table import TABLE

LAYOUTS: tuple[Layout, ...] = (NATIONAL, INDICATORS, VILLAGE, REGENCY, BPS, TABLE)

__all__ = ["LAYOUTS", "Layout", "Reading"]
