"""The arithmetic of totals: what other rows add up to."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pk_research.quality.subject import Subject
from pk_research.sources.vocabulary import (
    KECAMATAN,
    KECAMATAN_CODE,
    PROVINCE,
    PROVINCE_CODE,
    REGENCY,
    REGENCY_CODE,
    VILLAGE_CODE,
    YEAR,
)

AREAS = (
    KECAMATAN_CODE.name, KECAMATAN.name, REGENCY_CODE.name, REGENCY.name, PROVINCE_CODE.name, PROVINCE.name,
)  # fmt: skip
FEWEST_ADDENDS = 3
RELATIVE_TOLERANCE = 1e-6


def additive_columns(subject: Subject) -> list[str]:
    """Name the numeric columns that can be summed: those whose values may exceed 1."""
    limits = {name: subject.codebook[name].maximum for name in subject.numeric}
    return [name for name, limit in limits.items() if limit is None or limit > 1]


def agrees(stated: pd.DataFrame, expected: pd.DataFrame) -> pd.DataFrame:
    """Compare two tables of numbers, allowing for the rounding of sums; missing agrees with nothing."""
    same = np.isclose(stated.to_numpy(), expected.to_numpy(), rtol=RELATIVE_TOLERANCE, atol=0)
    return pd.DataFrame(same, stated.index, stated.columns)


def sums_of_others(subject: Subject, units: Subject, totals: pd.Index) -> pd.DataFrame:
    """Add up, for each total row, the units it most plausibly is the total of.

    Parameters
    ----------
    subject
        All rows.
    units
        Without the total rows.
    totals
        Numbers of the total rows.

    Returns
    -------
    pandas.DataFrame
        Total rows by additive columns. Of the areas the row names (its year, its kecamatan, the
        beginning of its code ...) the one whose sums agree in most columns, and of these the
        smallest.
    """
    columns = additive_columns(subject)
    values = units.frame[columns].astype("float64")
    stated = subject.frame.loc[totals, columns].astype("float64")
    sums = [
        _best_sum(stated.loc[row], [values[members] for members in _areas_of(subject.frame.loc[row], units)])
        for row in totals
    ]
    return pd.DataFrame(sums, index=totals, columns=columns, dtype="float64")


def _areas_of(row: pd.Series, units: Subject) -> list[pd.Series]:
    """Mark the units of every area a total row may be the total of."""
    frame = units.frame
    everything = pd.Series(True, frame.index)
    if YEAR.name in frame and pd.notna(row[YEAR.name]):
        everything = (frame[YEAR.name] == row[YEAR.name]).fillna(value=False).astype(bool)
    areas = [everything]
    for name in AREAS:
        if name in frame:
            members = frame[name].astype("string")
            areas += [members == str(row[name])] if pd.notna(row[name]) else []
            areas += [members.str.casefold() == area for area in _named_at_the_end(row, members)]
    code = row.get(VILLAGE_CODE.name)
    if isinstance(code, str) and code.isdigit():
        areas.append(frame[VILLAGE_CODE.name].astype("string").str.startswith(code))
    return [everything & area.fillna(value=False).astype(bool) for area in areas]


def _named_at_the_end(row: pd.Series, members: pd.Series) -> list[str]:
    """Return the areas that a label such as ``Jumlah Kecamatan Babelan`` names."""
    labels = [value.casefold() for value in row if isinstance(value, str)]
    areas = members.dropna().str.casefold().unique()
    return [area for area in areas if any(label.endswith(f" {area}") for label in labels)]


def _best_sum(stated: pd.Series, members: list[pd.DataFrame]) -> pd.Series:
    sums = [area.sum(min_count=1) for area in sorted(members, key=len) if len(area)]
    if not sums:
        return pd.Series(np.nan, stated.index)
    return max(sums, key=lambda total: np.isclose(stated, total, rtol=RELATIVE_TOLERANCE, atol=0).sum())


def rows_summed(units: Subject) -> pd.Index:
    """Find rows that hold exactly the sum of at least three others, though no label says so.

    Where there are village codes, only a row without one is suspect. Elsewhere a row whose name is
    missing may be the total of its area or of all; a named one only of all, in two columns or more.
    No column with a value may disagree.
    """
    columns = additive_columns(units)
    values = units.frame[columns].astype("float64")
    if units.has_village_codes:
        is_unit = is_named = units.is_coded
        suspects = ~is_unit
    else:
        is_unit = suspects = pd.Series(True, values.index)
        is_named = _is_named(units)
    if not columns or not suspects.any():
        return values.index[:0]
    of_all, *of_areas = (_holds_sum(values, is_unit, by) for by in _groupings(units))
    of_any = pd.concat([of_all, *of_areas], axis=1).max(axis=1)
    return values.index[suspects & ((of_all >= 2) | (~is_named & (of_any >= 1)))]


def _is_named(units: Subject) -> pd.Series:
    names = units.frame[units.identity]
    return names.notna().all(axis=1) & (names.shape[1] > 0)


def _holds_sum(values: pd.DataFrame, is_unit: pd.Series, by: list[pd.Series]) -> pd.Series:
    """Count the columns in which a row holds the sum of the others of its group; 0 if one disagrees."""
    addends = values.where(is_unit)
    expected = addends.groupby(by, sort=False).transform("sum") - addends.fillna(0)
    nonzero = addends.ne(0) & addends.notna()
    n_addends = nonzero.groupby(by, sort=False).transform("sum") - nonzero
    same = agrees(values, expected)
    agreeing = same & (values != 0) & (n_addends >= FEWEST_ADDENDS)
    return agreeing.sum(axis=1).where(~(values.notna() & ~same).any(axis=1), 0)


def _groupings(units: Subject) -> list[list[pd.Series]]:
    """Return what rows may be summed by: all of them, then each area; always within a year."""
    frame = units.frame
    year = [frame[YEAR.name]] if YEAR.name in frame else []
    everything = pd.Series(0, frame.index)
    return [[everything, *year], *([frame[name], *year] for name in AREAS if name in frame)]
