"""Indeks Desa Membangun: recomputed, compared with what was published, and what would raise it.

Fifty indicators are scored 0 to 5: 35 of social resilience (IKS), 12 of economic resilience (IKE)
and 3 of environmental resilience (IKL). A sub-index is the sum of its scores over the greatest
possible sum; IDM is the mean of the three sub-indices; five status labels follow from IDM.

References
----------
Peraturan Menteri Desa, Pembangunan Daerah Tertinggal, dan Transmigrasi 2/2016 tentang Indeks Desa
Membangun.
"""

from pk_research.indicators.idm.formula import (
    STATUS_CUTOFFS,
    SUB_INDICES,
    idm_from_points,
    status,
    sub_index_from_points,
)
from pk_research.indicators.idm.gains import Gains, gains
from pk_research.indicators.idm.recompute import Recomputation, recompute
from pk_research.indicators.idm.steps import Steps, steps_to
from pk_research.sources.idm_indicators import VARIABLES, indicator_names

__all__ = [
    "STATUS_CUTOFFS",
    "SUB_INDICES",
    "VARIABLES",
    "Gains",
    "Recomputation",
    "Steps",
    "gains",
    "idm_from_points",
    "indicator_names",
    "recompute",
    "status",
    "steps_to",
    "sub_index_from_points",
]
