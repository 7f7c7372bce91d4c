"""From the village codes of BPS to those of Kemendagri, as a dataset has them side by side."""

from __future__ import annotations

from pk_research.errors import BadInput, Problem
from pk_research.register import Crosswalk, make_crosswalk
from pk_research.sources.dataset import Dataset

_CODES = ["bps_village_code", "village_code"]


def crosswalk(dataset: Dataset) -> Crosswalk:
    """Read the crosswalk off a dataset that has both codes, such as those of Open Data Jabar.

    Parameters
    ----------
    dataset
        With the columns ``bps_village_code`` and ``village_code``.

    Returns
    -------
    Crosswalk
        BPS code -> the Kemendagri codes beside it, by year where there is one; to be handed to
        ``register.resolve``.

    Raises
    ------
    BadInput
        When it lacks one of the codes.
    """
    lacking = [name for name in _CODES if name not in dataset.codebook]
    if lacking:
        what = f"it has no column {' and no column '.join(lacking)}"
        raise BadInput(Problem(f"dataset {dataset.name}", what, "Use a table of Open Data Jabar by village."))
    frame = dataset.frame.sort_values("year", kind="stable") if "year" in dataset.frame else dataset.frame
    return make_crosswalk(frame[_CODES].drop_duplicates())
