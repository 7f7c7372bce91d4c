"""One function per indicator, its formula and source cited.

`idm` recomputes the Indeks Desa Membangun (IDM, the village development index) from its parts,
compares it with what was published, and says which steps would raise it. `composite` builds an
index from a table that declares it, with intervals of its ranks; `regional` has location quotients,
shift-share, concentration, inequality and poverty, each with its error; `spatial` says where
neighbours are alike.
"""

from pk_research.indicators import idm

__all__ = ["idm"]
