"""The made district: villages that hang together, and their true answers."""

from pk_research.sample.district.chance import Chance
from pk_research.sample.district.ground import OLD_CODES
from pk_research.sample.district.truth import make_truth

__all__ = ["OLD_CODES", "Chance", "make_truth"]
