"""Everything wrong with a statement of the problem, found at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd

from pk_research.errors import Problem
from pk_research.products.tables import not_numbers, not_tables
from pk_research.products.words import some
from pk_research.register.village import KECAMATAN_LENGTH

COLUMNS = {
    "values": ("village_code", "product", "value_idr_year"),
    "market": ("product", "up_to", "loss_idr"),
    "needs": ("product", "material", "amount_per_village"),
    "supplies": ("material", "area_code", "amount"),
}
NUMBERS = {
    "values": ("value_idr_year", "se_idr_year", "volume_units_year"),
    "market": ("up_to", "loss_idr"),
    "needs": ("amount_per_village",),
    "supplies": ("amount",),
}
KEYS = {
    "values": ["village_code", "product"],
    "needs": ["product", "material"],
    "supplies": ["material", "area_code"],
}


@dataclass(frozen=True, eq=False)
class Statement:
    """What was given to `assignment_problem`, as it was given."""

    pairs: pd.DataFrame
    decrees: Mapping[str, str]
    most_per_kecamatan: int | Mapping[str, int] | None
    least_villages: int | Mapping[str, int] | None
    market: pd.DataFrame | None
    market_by_volume: bool
    needs: pd.DataFrame | None
    supplies: pd.DataFrame | None

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables that were given, by name."""
        given = {
            "values": self.pairs,
            "market": self.market,
            "needs": self.needs,
            "supplies": self.supplies,
        }
        return {name: table for name, table in given.items() if table is not None}


def faults_of(statement: Statement) -> list[Problem]:
    """List every fault; the tables are only read further when they have their columns."""
    shapes = list(_shapes(statement))
    if shapes:
        return shapes
    return [
        *_values(statement),
        *_keys(statement),
        *_codes(statement),
        *_numbers(statement),
        *_tiers(statement),
        *_uncovered(statement),
    ]


def _shapes(statement: Statement) -> Iterator[Problem]:
    strange = list(not_tables(statement.tables() | {"values": statement.pairs}))
    if strange:
        yield from strange
        return
    for name, table in statement.tables().items():
        yield from not_numbers(name, table, [column for column in NUMBERS[name] if column in table])
        missing = [column for column in COLUMNS[name] if column not in table]
        if missing:
            yield Problem(name, f"it has no column {', '.join(missing)}", f"Give {', '.join(COLUMNS[name])}.")
    if statement.pairs.empty and not any(c not in statement.pairs for c in COLUMNS["values"]):
        yield Problem("values", "it has no rows", "Give one row for each village and product it could make.")
    if (statement.needs is None) != (statement.supplies is None):
        yield Problem("needs, supplies", "only one of them was given", "Give both, or neither.")
    if statement.market_by_volume and statement.market is None:
        yield Problem("market_by_volume", "there is no market", "Give the tiers of the market.")
    if statement.market_by_volume and "volume_units_year" not in statement.pairs:
        yield Problem("values", "it has no column volume_units_year", "The tiers of the market count units.")


def _values(statement: Statement) -> Iterator[Problem]:
    values = statement.pairs
    codes = values["village_code"].astype("string")
    is_text = values["village_code"].map(lambda code: isinstance(code, str)).astype(bool)
    wrong = ~codes.str.fullmatch(r"\d{10}").fillna(value=False).astype(bool) | ~is_text
    if wrong.any():
        yield Problem(
            "values, village_code",
            f"not a village code: {some(codes[wrong].unique())}",
            "Give the 10 digits of the Kemendagri code as text.",
        )
    if values["product"].isna().any():
        yield Problem(
            "values, product", f"rows without a product: {values['product'].isna().sum()}", "Name it."
        )
    value = values["value_idr_year"].to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(value).any():
        yield Problem(
            "values, value_idr_year", f"infinite values: {np.isinf(value).sum()}", "Give IDR a year."
        )
    if np.isnan(value).all():
        yield Problem(
            "values, value_idr_year", "no pair has a value", "Give the value of what villages can make."
        )
    else:
        known = values["product"][~np.isnan(value)].unique()
        nobody = sorted(set(values["product"].dropna()) - set(known))
        if nobody:
            yield Problem(
                "values",
                f"products without a value in any village: {some(nobody)}",
                "Give one, or leave them out.",
            )
    for column in ("se_idr_year", "volume_units_year"):
        if column in values:
            amount = values[column].to_numpy(dtype=float, na_value=np.nan)[~np.isnan(value)]
            bad = int((~(np.isfinite(amount) & (amount >= 0))).sum())
            if bad:
                yield Problem(
                    f"values, {column}",
                    f"missing, negative or infinite for pairs with a value: {bad}",
                    "Give 0 or more for each of them.",
                )


def _keys(statement: Statement) -> Iterator[Problem]:
    tables = statement.tables()
    for name, keys in KEYS.items():
        if name in tables:
            missing = tables[name][keys].isna().any(axis=1)
            if name != "values" and missing.any():
                n = int(missing.sum())
                yield Problem(name, f"rows without {' or '.join(keys)}: {n}", "Fill them in.")
            twice = tables[name].loc[tables[name].duplicated(keys), keys]
            if len(twice):
                pairs = [" / ".join(map(str, pair)) for pair in twice.itertuples(index=False)]
                yield Problem(name, f"given more than once: {some(pairs)}", "Keep one row of each.")


def _codes(statement: Statement) -> Iterator[Problem]:
    values = statement.pairs
    villages, products = set(values["village_code"]), set(values["product"])
    kecamatan = {str(code)[:KECAMATAN_LENGTH] for code in villages}
    known = {
        "decrees, villages": (statement.decrees, villages),
        "decrees, products": (statement.decrees.values(), products),
        "most_per_kecamatan": (_keyed(statement.most_per_kecamatan), kecamatan),
        "least_villages": (_keyed(statement.least_villages), products),
    }
    for name in ("market", "needs"):
        if name in statement.tables():
            known[f"{name}, product"] = (statement.tables()[name]["product"], products)
    for where, (given, among) in known.items():
        unknown = sorted({str(code) for code in given} - {str(code) for code in among})
        if unknown:
            yield Problem(where, f"not in the table of values: {some(unknown)}", "Correct or remove them.")
    asked = values[values["village_code"].isin(list(statement.decrees)) & values["value_idr_year"].notna()]
    pairs = set(zip(asked["village_code"], asked["product"], strict=True))
    worthless = [f"{v} / {p}" for v, p in statement.decrees.items() if v in villages and (v, p) not in pairs]
    if worthless:
        yield Problem(
            "decrees", f"the value is not known: {some(worthless)}", "Give it in the table of values."
        )
    if statement.supplies is not None:
        areas = statement.supplies["area_code"].astype("string")
        lost = [
            a
            for a in areas.dropna().unique()
            if len(a) not in {4, 6, 10} or not any(str(v).startswith(a) for v in villages)
        ]
        lost += ["(missing)"] * bool(areas.isna().any())
        if lost:
            yield Problem(
                "supplies, area_code",
                f"no village of the table lies in: {some(lost)}",
                "Give the code of a regency (4 digits), kecamatan (6) or village (10) as text.",
            )


def _keyed(number: int | Mapping[str, int] | None) -> tuple[str, ...]:
    return tuple(number) if isinstance(number, Mapping) else ()


def _numbers(statement: Statement) -> Iterator[Problem]:
    for name, number in (
        ("most_per_kecamatan", statement.most_per_kecamatan),
        ("least_villages", statement.least_villages),
    ):
        given = number if isinstance(number, Mapping) else {} if number is None else {"": number}
        bad = [f"{key} {value}".strip() for key, value in given.items() if not _is_count(value)]
        if bad:
            yield Problem(name, f"not a number of villages: {some(bad)}", "Give 1, 2, 3 ...")
    for name, column in (("needs", "amount_per_village"), ("supplies", "amount"), ("market", "loss_idr")):
        if name in statement.tables():
            amount = statement.tables()[name][column].to_numpy(dtype=float, na_value=np.nan)
            bad_rows = np.flatnonzero(~(np.isfinite(amount) & (amount >= 0)))
            if len(bad_rows):
                yield Problem(
                    f"{name}, {column}",
                    f"missing, negative or infinite in rows {some(bad_rows + 1)}",
                    "Give 0 or more.",
                )


def _is_count(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    return float(value) >= 1 and float(value).is_integer()


def _tiers(statement: Statement) -> Iterator[Problem]:
    if statement.market is None:
        return
    for product, rows in statement.market.groupby("product", sort=True):
        ends = rows["up_to"].to_numpy(dtype=float, na_value=np.nan)
        if np.isnan(ends[:-1]).any():
            yield Problem(f"market, {product}", "only the last tier may be without end", "Give up_to.")
        elif not (np.diff(np.where(np.isnan(ends), np.inf, ends), prepend=0.0) > 0).all():
            yield Problem(
                f"market, {product}", "up_to does not rise", "List the tiers from the first village on."
            )
        if (np.diff(rows["loss_idr"].to_numpy(dtype=float, na_value=np.nan)) < 0).any():
            yield Problem(
                f"market, {product}",
                "loss_idr falls from one tier to the next",
                "A market that fills up loses more with each tier; otherwise this is not the place for it.",
            )


def _uncovered(statement: Statement) -> Iterator[Problem]:
    if statement.needs is None or statement.supplies is None:
        return
    values = statement.pairs[statement.pairs["value_idr_year"].notna()]
    needs = statement.needs[statement.needs["amount_per_village"] > 0]
    for material, rows in needs.groupby("material", sort=True):
        areas = tuple(
            statement.supplies.loc[statement.supplies["material"] == material, "area_code"]
            .dropna()
            .astype(str)
        )
        makers = values.loc[values["product"].isin(rows["product"]), "village_code"].astype(str).unique()
        lost = sorted(code for code in makers if not code.startswith(areas)) if areas else sorted(makers)
        if lost:
            yield Problem(
                f"supplies, {material}",
                f"not known for villages that may need it: {some(lost)}",
                "Give the amount of their village, kecamatan or regency; 0 where there is none.",
            )
