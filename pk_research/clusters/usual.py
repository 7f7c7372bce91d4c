"""The types of villages that every app, page and report states when nobody has chosen otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from pk_research.clusters.find import find_types
from pk_research.clusters.typology import Typology
from pk_research.register import Register, load_register
from pk_research.sources.dataset import Dataset

INDEX_PARTS = ("iks", "ike", "ikl")
WELL_FILLED = 0.8
FEW = 3
N_DRAWS, FEWEST_DRAWN = 50, 5


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


def usual_types(
    dataset: Dataset, *, variables: Sequence[str] = (), year: int | None = None, k: int | None = None
) -> Typology:
    """Find types as everything that is shown to stakeholders does, so that all of it states the same.

    Parameters
    ----------
    dataset
        Rows by village.
    variables
        What to compare by; `usual_variables` when empty.
    year
        The latest when None.
    k
        How many types; chosen from the data when None.

    Returns
    -------
    Typology
        Villages and kecamatan are named as the register names their codes. Villages are drawn anew 50
        times; never where a draw might hold a single one.

    Raises
    ------
    BadInput
        As `find_types` does.

    Examples
    --------
    >>> from pk_research.sample import load_sample
    >>> usual_types(load_sample()).summary["n_villages"].tolist()
    [68, 111]
    """
    if year is None and "year" in dataset.frame:
        known = dataset.frame["year"].dropna()
        year = int(known.max()) if len(known) else None
    chosen = tuple(variables) or usual_variables(dataset, year=year)
    rows = dataset.frame if year is None else dataset.frame[dataset.frame["year"] == year]
    is_enough = len(rows[[name for name in chosen if name in rows]].dropna()) >= FEWEST_DRAWN
    found = find_types(dataset, chosen, year=year, k=k, n_draws=N_DRAWS if is_enough else 0)
    return with_official_names(found, load_register())


def with_official_names(typology: Typology, register: Register) -> Typology:
    """Return the typology with villages and kecamatan named as the register names their codes.

    A survey holds names as people wrote them; a code that the register does not know keeps them.
    """

    def named(frame: pd.DataFrame) -> pd.DataFrame:
        known = {str(code): register.by_code(str(code)) for code in frame[typology.code_column].dropna()}
        columns = {
            column: [
                getattr(village, attribute) if (village := known.get(str(code))) else written
                for code, written in zip(frame[typology.code_column], frame[column], strict=True)
            ]
            for column, attribute in (("village", "name"), ("kecamatan", "kecamatan"))
            if column in frame
        }
        return frame.assign(**columns)

    return replace(
        typology,
        villages=named(typology.villages),
        left_out=named(typology.left_out),
        typical=named(typology.typical),
    )
