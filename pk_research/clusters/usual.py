"""What to compare villages by when nobody has chosen yet."""

from __future__ import annotations

from pk_research.sources.dataset import Dataset

INDEX_PARTS = ("iks", "ike", "ikl")
WELL_FILLED = 0.8
FEW = 3


def usual_variables(dataset: Dataset, *, year: int | None = None) -> tuple[str, ...]:
    """Name the variables to start with.

    The three sub-indices of the IDM where the data has them, else the first three measures that
    at least 80% of the year's villages have and that differ between them.

    Parameters
    ----------
    dataset
        Rows by village.
    year
        The year that will be compared; all rows count when None.

    Returns
    -------
    tuple of str
        Empty when the data has no measure with a value.
    """
    offered = [variable.name for variable in dataset.measures() if dataset.frame[variable.name].notna().any()]
    if set(INDEX_PARTS) <= set(offered):
        return INDEX_PARTS
    rows = dataset.frame if year is None else dataset.frame[dataset.frame["year"] == year]
    filled = [
        name
        for name in offered
        if rows[name].notna().mean() >= WELL_FILLED and rows[name].min() < rows[name].max()
    ]
    return tuple((filled or offered)[:FEW])
