"""Outside data in: files that people really have become datasets, and datasets become files.

``load`` reads text files, workbooks, SPSS, Stata and Parquet, in the layouts that Indonesian
offices publish; ``save`` writes a dataset with its codebook. A loaded dataset says in
``provenance.steps`` what was done to its rows.

Naming a dataset's type costs nothing; the readers, and pandas with them, are imported when one is
first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from pk_research.sources.dataset import Dataset, Provenance, Step

if TYPE_CHECKING:
    from pk_research.sources.bps_codes import crosswalk
    from pk_research.sources.geojson import boundaries
    from pk_research.sources.read import load
    from pk_research.sources.saving import save

_MODULES = {"load": "read", "save": "saving", "crosswalk": "bps_codes", "boundaries": "geojson"}

__all__ = ["Dataset", "Provenance", "Step", "boundaries", "crosswalk", "load", "save"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - one of the functions above
    """Import a function's module when the function is first used."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
