"""Everything wrong with the tables of supply, demand and distance, found at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pk_research.errors import Problem
from pk_research.products.buyers.trade import DELIVERIES
from pk_research.products.tables import not_numbers, not_tables
from pk_research.products.words import some

SUPPLY = (
    "village_code", "product", "capacity_units_month", "price_idr_unit", "quality", "season_months",
    "certificates",
)  # fmt: skip
DEMAND = (
    "buyer_code", "buyer_name", "product", "volume_units_month", "months", "price_idr_unit", "quality",
    "certificates",
)  # fmt: skip
NUMBERS = {
    "capacity_units_month", "volume_units_month", "price_idr_unit", "quality", "cost_idr_unit",
    DELIVERIES,
}  # fmt: skip


def faults_of(
    supply: pd.DataFrame, demand: pd.DataFrame, distances_km: pd.DataFrame, *, needs_cost: bool
) -> list[Problem]:
    """List every fault; tables are only read further when they have their columns and rows."""
    columns = {"supply": (*SUPPLY, *["cost_idr_unit"] * needs_cost), "demand": DEMAND}
    tables = {"supply": supply, "demand": demand}
    strange = list(not_tables(tables | {"distances_km": distances_km}))
    if strange:
        return strange
    shapes = [problem for name in tables for problem in _shape(name, tables[name], columns[name])]
    shapes += not_numbers("distances_km", distances_km, dict.fromkeys(distances_km.columns))
    if shapes:
        return shapes
    return [
        *_keys("supply", supply, ["village_code", "product"]),
        *_keys("demand", demand, ["buyer_code", "product"]),
        *_amounts("supply", supply["capacity_units_month"], "capacity_units_month", may_be_missing=False),
        *_amounts("supply", supply["price_idr_unit"], "price_idr_unit", may_be_missing=True),
        *(
            _amounts("supply", supply["cost_idr_unit"], "cost_idr_unit", may_be_missing=False)
            if needs_cost
            else ()
        ),
        *_amounts("demand", demand["volume_units_month"], "volume_units_month", may_be_missing=False),
        *_amounts("demand", demand["price_idr_unit"], "price_idr_unit", may_be_missing=False),
        *(
            problem
            for name, table in tables.items()
            if DELIVERIES in table
            for problem in _amounts(name, table[DELIVERIES], DELIVERIES, may_be_missing=True)
        ),
        *_quality("supply", supply, may_be_missing=True),
        *_quality("demand", demand, may_be_missing=False),
        *_months("supply, season_months", supply["season_months"], may_be_empty=True),
        *_months("demand, months", demand["months"], may_be_empty=False),
        *_lists("supply", supply),
        *_lists("demand", demand),
        *_distances(supply, demand, distances_km),
    ]


def _shape(name: str, table: pd.DataFrame, columns: tuple[str, ...]) -> Iterator[Problem]:
    missing = [column for column in columns if column not in table]
    if missing:
        yield Problem(name, f"it has no column {', '.join(missing)}", f"Give {', '.join(columns)}.")
        return
    if table.empty:
        yield Problem(name, "it has no rows", "Give one row for each product of each of them.")
    yield from not_numbers(
        name, table, [column for column in table if column in NUMBERS.intersection((*columns, DELIVERIES))]
    )


def _keys(name: str, table: pd.DataFrame, keys: list[str]) -> Iterator[Problem]:
    missing = table[keys].isna().any(axis=1)
    if missing.any():
        yield Problem(name, f"rows without {' or '.join(keys)}: {missing.sum()}", "Fill them in.")
    twice = table.loc[table.duplicated(keys) & ~missing, keys]
    if len(twice):
        pairs = [" / ".join(map(str, pair)) for pair in twice.itertuples(index=False)]
        yield Problem(name, f"given more than once: {some(pairs)}", "Keep one row of each.")


def _amounts(name: str, column: pd.Series, heading: str, *, may_be_missing: bool) -> Iterator[Problem]:
    amount = column.to_numpy(dtype=float, na_value=np.nan)
    bad = ~(np.isfinite(amount) & (amount >= 0)) & ~(may_be_missing & np.isnan(amount))
    if bad.any():
        what = "negative or infinite" if may_be_missing else "missing, negative or infinite"
        yield Problem(
            f"{name}, {heading}", f"{what} in rows {some(np.flatnonzero(bad) + 1)}", "Give 0 or more."
        )


def _quality(name: str, table: pd.DataFrame, *, may_be_missing: bool) -> Iterator[Problem]:
    quality = table["quality"].to_numpy(dtype=float, na_value=np.nan)
    bad = ~((quality >= 1) & (quality <= 5)) & ~(may_be_missing & np.isnan(quality))
    if bad.any():
        rows = some(np.flatnonzero(bad) + 1)
        yield Problem(f"{name}, quality", f"not from 1 to 5 in rows {rows}", "Give 1 (least) to 5.")


def _months(where: str, column: pd.Series, *, may_be_empty: bool) -> Iterator[Problem]:
    wrong = [row for row, months in enumerate(column, start=1) if not _are_months(months)]
    if wrong:
        yield Problem(where, f"not a list of months in rows {some(wrong)}", "Give numbers from 1 to 12.")
    empty = [row for row, months in enumerate(column, start=1) if _is_list(months) and not len(months)]
    if empty and not may_be_empty:
        yield Problem(where, f"no month in rows {some(empty)}", "Say in which months it is wanted.")


def _are_months(months: object) -> bool:
    return _is_list(months) and all(month in range(1, 13) for month in months)  # type: ignore[attr-defined]


def _is_list(cell: object) -> bool:
    return isinstance(cell, list | tuple | set | frozenset | np.ndarray)


def _are_names(cell: object) -> bool:
    return _is_list(cell) and all(isinstance(name, str) for name in cell)  # type: ignore[attr-defined]


def _lists(name: str, table: pd.DataFrame) -> Iterator[Problem]:
    wrong = [row for row, cell in enumerate(table["certificates"], start=1) if not _are_names(cell)]
    if wrong:
        yield Problem(
            f"{name}, certificates",
            f"not a list of names in rows {some(wrong)}",
            'Give a tuple such as ("PIRT", "halal"); () for none.',
        )


def _distances(supply: pd.DataFrame, demand: pd.DataFrame, distances_km: pd.DataFrame) -> Iterator[Problem]:
    for where, axis, wanted in (
        ("distances_km, rows", distances_km.index, supply["village_code"]),
        ("distances_km, columns", distances_km.columns, demand["buyer_code"]),
    ):
        lost = sorted(set(wanted.dropna()) - set(axis))
        if lost:
            yield Problem(where, f"without: {some(lost)}", "Give a distance, or NaN where there is no way.")
        if axis.duplicated().any():
            yield Problem(where, f"more than once: {some(axis[axis.duplicated()])}", "Keep one of each.")
    km = distances_km.to_numpy(dtype=float)
    if ((km < 0) | np.isinf(km)).any():
        n = int(((km < 0) | np.isinf(km)).sum())
        yield Problem("distances_km", f"negative or infinite distances: {n}", "Give km; NaN for no way.")
    shown = distances_km.loc[
        distances_km.index.isin(supply["village_code"]), distances_km.columns.isin(demand["buyer_code"])
    ]
    for who, cut_off in (
        ("villages", shown.index[shown.isna().all(axis=1)]),
        ("buyers", shown.columns[shown.isna().all(axis=0)]),
    ):
        if len(cut_off):
            yield Problem(
                "distances_km",
                f"{who} without a way to anybody: {some(cut_off)}",
                "Check their coordinates or the roads, or leave them out.",
            )
