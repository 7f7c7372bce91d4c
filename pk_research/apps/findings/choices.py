"""What can be chosen in a dataset, and what to start with."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pk_research.codebook import Variable
from pk_research.language import Language, translate
from pk_research.register.village import REGENCY_LENGTH
from pk_research.sources import Dataset

MOST_VILLAGES = 1_000
HOME_REGENCY = "3216"


@dataclass(frozen=True, slots=True)
class Area:
    """A regency or city whose villages can be looked at on their own.

    Attributes
    ----------
    code
        Its four digits.
    name
        Its name; the code where the data has none.
    n_villages
        How many villages the data has there.
    """

    code: str
    name: str
    n_villages: int


def areas(dataset: Dataset) -> tuple[Area, ...]:
    """List the regencies to choose from; none when all villages fit on one screen.

    Parameters
    ----------
    dataset
        Rows keyed by village code. Rows without a code are counted in no area.
    """
    frame = dataset.frame
    if frame["village_code"].nunique() <= MOST_VILLAGES:
        return ()
    names = frame["regency"] if "regency" in frame else pd.Series(pd.NA, frame.index)
    listed = pd.DataFrame(
        {
            "regency": frame["village_code"].str[:REGENCY_LENGTH],
            "village": frame["village_code"],
            "name": names,
        }
    )
    found = listed.groupby("regency").agg(n=("village", "nunique"), name=("name", "first"))
    return tuple(
        Area(str(code), str(code) if pd.isna(row["name"]) else str(row["name"]), int(row["n"]))
        for code, row in found.iterrows()
    )


def first_area(offered: tuple[Area, ...]) -> str:
    """Return the code of the area to start with: Kabupaten Bekasi where it is offered."""
    codes = [area.code for area in offered]
    if HOME_REGENCY in codes:
        return HOME_REGENCY
    return codes[0] if codes else ""


def within(dataset: Dataset, area: str) -> Dataset:
    """Return the rows of one area; the whole dataset when ``area`` is empty."""
    if not area:
        return dataset
    # A row without a code may be anybody's: it stays, to be listed among those left out.
    inside = dataset.frame["village_code"].str.startswith(area).fillna(value=True)
    return dataset.with_frame(dataset.frame[inside].reset_index(drop=True), dataset.codebook)


def years(dataset: Dataset) -> tuple[int, ...]:
    """List the years of the data, the latest first."""
    if "year" not in dataset.frame:
        return ()
    return tuple(sorted((int(year) for year in dataset.frame["year"].dropna().unique()), reverse=True))


def indicators(dataset: Dataset) -> tuple[Variable, ...]:
    """List the measures that have at least one value."""
    return tuple(variable for variable in dataset.measures() if dataset.frame[variable.name].notna().any())


def indicator_label(variable: Variable, language: Language) -> str:
    """Return the label of an indicator with its unit, where the catalogue knows it in ``language``."""
    label = variable.label(language)
    return f"{label} ({translate(variable.unit, language)})" if variable.unit else label
