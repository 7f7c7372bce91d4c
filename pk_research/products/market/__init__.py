"""From tastes to a decision: what sells beside what, at which price, and how new it is.

`market_shares` lets people choose between products, `best_design` looks for the product that does
best among rivals, `newness` measures how far a new product is from the original. `maxdiff` ranks
features by best and worst; `van_westendorp` and `gabor_granger` ask for prices directly.
"""

from pk_research.products.market.best_design import BestDesign, best_design
from pk_research.products.market.gabor_granger import GaborGranger, gabor_granger
from pk_research.products.market.maxdiff import MaxDiff, maxdiff
from pk_research.products.market.maxdiff_design import maxdiff_design
from pk_research.products.market.newness import Newness, newness
from pk_research.products.market.simulator import MarketShares, market_shares
from pk_research.products.market.van_westendorp import VanWestendorp, van_westendorp

__all__ = [
    "BestDesign",
    "GaborGranger",
    "MarketShares",
    "MaxDiff",
    "Newness",
    "VanWestendorp",
    "best_design",
    "gabor_granger",
    "market_shares",
    "maxdiff",
    "maxdiff_design",
    "newness",
    "van_westendorp",
]
