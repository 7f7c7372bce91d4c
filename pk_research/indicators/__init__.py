"""One function per indicator, its formula and source cited.

`idm` recomputes the Indeks Desa Membangun (IDM, the village development index) from its parts,
compares it with what was published, and says which steps would raise it.
"""

from pk_research.indicators import idm

__all__ = ["idm"]
