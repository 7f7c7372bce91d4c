"""Regional economics: specialisation, change, types of regions, inequality and poverty.

Tables of regions by sectors give location quotients, shift-share and concentration; regions with
level and growth give Klassen's typology; incomes give inequality and poverty, each with its
standard error, within and between kecamatan.
"""

from pk_research.indicators.regional.concentration import Concentration, concentration
from pk_research.indicators.regional.decomposition import Decomposition, decompose
from pk_research.indicators.regional.estimates import Estimates
from pk_research.indicators.regional.inequality import inequality
from pk_research.indicators.regional.klassen import Klassen, klassen
from pk_research.indicators.regional.poverty import Poverty, foster_greer_thorbecke
from pk_research.indicators.regional.quotients import (
    DynamicLocationQuotients,
    LocationQuotients,
    dynamic_location_quotients,
    location_quotients,
)
from pk_research.indicators.regional.sample import Estimate
from pk_research.indicators.regional.shift_share import ShiftShare, shift_share

__all__ = [
    "Concentration",
    "Decomposition",
    "DynamicLocationQuotients",
    "Estimate",
    "Estimates",
    "Klassen",
    "LocationQuotients",
    "Poverty",
    "ShiftShare",
    "concentration",
    "decompose",
    "dynamic_location_quotients",
    "foster_greer_thorbecke",
    "inequality",
    "klassen",
    "location_quotients",
    "shift_share",
]
