"""Who neighbours whom, and whether neighbours are alike: Moran's I, local Moran, hot spots.

`contiguity`, `nearest`, `within_km` and `from_pairs` say who is whose neighbour; `moran` asks
whether there is a pattern at all, `local_moran` and `hot_spots` where it is.
"""

from pk_research.indicators.spatial.borders import contiguity
from pk_research.indicators.spatial.distance import nearest, within_km
from pk_research.indicators.spatial.local import LocalPattern, hot_spots, local_moran
from pk_research.indicators.spatial.moran import Moran, moran
from pk_research.indicators.spatial.neighbours import Neighbours, from_pairs

__all__ = [
    "LocalPattern",
    "Moran",
    "Neighbours",
    "contiguity",
    "from_pairs",
    "hot_spots",
    "local_moran",
    "moran",
    "nearest",
    "within_km",
]
