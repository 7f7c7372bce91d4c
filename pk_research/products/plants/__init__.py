"""Where shared plants ("pabrik") should stand, and whom each of them serves.

`p_median` makes the way to the plants as short as possible, `coverage` reaches as much as possible
within a distance, and `capacitated` weighs building against hauling where a plant can take only so
much. Each says how far from the best it can be at most (`Plants.gap`).
"""

from pk_research.products.plants.capacitated import capacitated
from pk_research.products.plants.coverage import coverage
from pk_research.products.plants.p_median import p_median
from pk_research.products.plants.result import Plants
from pk_research.products.plants.robustness import Robustness, robustness

__all__ = ["Plants", "Robustness", "capacitated", "coverage", "p_median", "robustness"]
