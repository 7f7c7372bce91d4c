"""Regions by sectors: the complete table that quotients, shifts and concentration are computed from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Message


@dataclass(frozen=True, eq=False)
class Cells:
    """Regions by sectors without a gap, at one or several times.

    Attributes
    ----------
    tables
        One frame a time, regions (the index) by sectors (the columns); the same regions and
        sectors in each.
    reference
        One series a time, by sector: what the regions are compared with.
    left_out
        One row a region that lacks a value somewhere: ``region``, ``reason`` (`Message`).
    """

    tables: tuple[pd.DataFrame, ...]
    reference: tuple[pd.Series, ...]
    left_out: pd.DataFrame


def cells(
    frame: pd.DataFrame,
    *,
    value: str,
    region: str,
    sector: str,
    reference: pd.DataFrame | None = None,
    year: str | None = None,
    years: Sequence[int] = (),
    absent_is_zero: bool = False,
) -> Cells:
    """Spread a long table into regions by sectors, leaving out regions with a gap.

    Parameters
    ----------
    frame
        One row a region and sector (and year).
    value
        Column of what is counted: jobs, enterprises, value added; zero or more.
    region, sector
        Columns that name the region and the sector.
    reference
        The area compared with, a province say: columns ``sector``, ``value`` (and ``year``). None
        takes the sum of the regions that are kept.
    year, years
        Column of the year and the years wanted; no column for data of one time.
    absent_is_zero
        True when the source lists only what there is, so that a combination without a row means
        none. An empty value stays missing all the same.

    Raises
    ------
    BadInput
        Listing columns that are absent, rows without a region or sector, repeated rows, values
        that are negative or not numbers, and years, sectors or totals that are not there.
    """
    wanted = [name for name in (region, sector, year, value) if name is not None]
    _check(frame, wanted, value)
    if reference is not None:
        _check(reference, [name for name in wanted if name != region], value)
    times = list(years) if year is not None else [None]
    per_time = [_at(frame, year, time) for time in times]
    spread = [_spread(rows, value, region, sector, absent_is_zero=absent_is_zero) for rows in per_time]
    named = [] if reference is None else list(reference[sector])
    sectors = sorted({*named, *(name for table in spread for name in table.columns)})
    regions = sorted({name for table in spread for name in table.index})
    fill = 0.0 if absent_is_zero else np.nan
    full = [_aligned(table, regions, sectors, fill) for table in spread]
    gaps = pd.concat([table.isna() for table in full], axis=1)
    incomplete = gaps.any(axis=1)
    kept = tuple(table[~incomplete] for table in full)
    if kept[0].empty:
        raise BadInput(
            Problem(value, "every region lacks a value of some sector", "Complete the table, or name fewer.")
        )
    totals = (
        tuple(table.sum() for table in kept)
        if reference is None
        else tuple(_total(_at(reference, year, time), value, sector, sectors) for time in times)
    )
    return Cells(kept, totals, _left_out(gaps[incomplete]))


def _check(frame: pd.DataFrame, wanted: Iterable[str], value: str) -> None:
    absent = [name for name in wanted if name not in frame.columns]
    if absent:
        raise BadInput(
            Problem(name, "there is no such column", f"Columns: {', '.join(map(str, frame.columns))}.")
            for name in absent
        )
    keys = [name for name in wanted if name != value]
    problems = [
        Problem(name, f"{n} rows have none", "Name it in every row, or remove the rows.")
        for name in keys
        if (n := int(frame[name].isna().sum()))
    ]
    n_repeated = int(frame.duplicated(keys).sum())
    if n_repeated:
        problems.append(
            Problem(
                ", ".join(keys), f"{n_repeated} rows repeat an earlier one", "Keep or add up one row each."
            )
        )
    if not pd.api.types.is_numeric_dtype(frame[value]):
        problems.append(Problem(value, "its values are not numbers", "Read it as numbers first."))
    elif not (numbers := frame[value].dropna().astype("float64")).between(0, np.finfo("float64").max).all():
        n_bad = int((~numbers.between(0, np.finfo("float64").max)).sum())
        problems.append(Problem(value, f"{n_bad} values are negative or not finite", "Correct them."))
    if problems:
        raise BadInput(problems)


def _at(frame: pd.DataFrame, year: str | None, time: int | None) -> pd.DataFrame:
    rows = frame if year is None else frame[frame[year] == time]
    if rows.empty:
        raise BadInput(Problem(str(year), f"there are no rows of {time}", "Choose years that the data has."))
    return rows


def _spread(
    rows: pd.DataFrame, value: str, region: str, sector: str, *, absent_is_zero: bool
) -> pd.DataFrame:
    numbers = rows.assign(**{value: rows[value].astype("float64")})
    table = numbers.pivot(index=region, columns=sector, values=value)  # noqa: PD010 - keys were checked
    if not absent_is_zero:
        return table
    listed = pd.crosstab(rows[region], rows[sector]).reindex_like(table).astype(bool)
    return table.where(listed, 0.0)


def _aligned(table: pd.DataFrame, regions: list[str], sectors: list[str], fill: float) -> pd.DataFrame:
    wider = table.reindex(columns=sectors, fill_value=fill)
    return wider.reindex(index=regions, fill_value=fill)


def _total(rows: pd.DataFrame, value: str, sector: str, sectors: list[str]) -> pd.Series:
    total = rows.set_index(sector)[value].astype("float64").reindex(sectors)
    lacking = total.index[total.isna()]
    if len(lacking):
        raise BadInput(
            Problem(f"reference, {name}", "it has no value", "Give the area's value of every sector.")
            for name in lacking
        )
    return total


def _left_out(gaps: pd.DataFrame) -> pd.DataFrame:
    reasons = [
        Message("no value for {variables}", {"variables": ", ".join(dict.fromkeys(map(str, names)))})
        for names in (gaps.columns[row] for row in gaps.to_numpy())
    ]
    return pd.DataFrame({"region": gaps.index, "reason": reasons})


def shares(table: pd.DataFrame) -> pd.DataFrame:
    """Return each sector's share of its region; missing where the region has nothing at all."""
    total = table.sum(axis=1)
    return table.div(total.where(total > 0), axis=0)
