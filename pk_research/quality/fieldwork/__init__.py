"""Is the fieldwork sound: who has answered, and which interviews deserve a second look.

`coverage` counts villages and submissions by kecamatan. `flags` points at interviews that are
unlike the others; a flag is a reason to look, never a verdict.
"""

from pk_research.quality.fieldwork.coverage import Coverage, KecamatanCoverage, VillageCoverage, coverage
from pk_research.quality.fieldwork.flags import Flag, flags
from pk_research.quality.fieldwork.interviews import Interview, asks_for_village, interviews

__all__ = [
    "Coverage",
    "Flag",
    "Interview",
    "KecamatanCoverage",
    "VillageCoverage",
    "asks_for_village",
    "coverage",
    "flags",
    "interviews",
]
