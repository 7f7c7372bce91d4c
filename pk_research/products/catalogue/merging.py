"""All mentions of a product in a village merged into one candidate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from pk_research.products.catalogue.known import Product, known_materials
from pk_research.products.catalogue.names import product_key

VILLAGE_WIDE = ("village_potential", "product_dossier")
IN_UNITS = ("price_idr_unit", "capacity_units_month", "cost_idr_unit")
COLUMNS = {
    "village_code": "string",
    "product": "string",
    "product_name": "string",
    "kbli": "string",
    "unit_of_sale": "string",
    "raw_materials": object,
    "season_months": object,
    "capacity_units_month": "float64",
    "price_idr_unit": "float64",
    "cost_idr_unit": "float64",
    "n_enterprises": "Int64",
    "n_workers": "Int64",
    "sales_idr_month": "float64",
    "local_material_pct": "float64",
    "markets": object,
    "certificates": object,
    "sources": object,
    "n_submissions": "Int64",
}
_FIVE_DIGITS = r"\d{5}"


def in_one_unit(frame: pd.DataFrame, known: Mapping[str, Product]) -> tuple[pd.DataFrame, int]:
    """Keep prices, costs and capacities in one unit a village and product; say how many rows lost theirs."""
    units = {
        pair: _most_common(group, known[pair[1]].unit_of_sale)
        for pair, group in frame.groupby(["village_code", "product"])["unit_of_sale"]
    }
    unit = pd.Series(
        [units[pair] for pair in zip(frame["village_code"], frame["product"], strict=True)],
        index=frame.index,
        dtype="string",
    )
    has_figures = frame[list(IN_UNITS)].notna().any(axis=1)
    differs = (frame["unit_of_sale"] != unit).fillna(value=True).astype(bool) & has_figures
    kept = frame.assign(**{name: frame[name].where(~differs) for name in IN_UNITS}, unit_of_sale=unit)
    return kept, int(differs.sum())


def _most_common(units: pd.Series, usual: str) -> str:
    counts = units.value_counts()
    if counts.empty:
        return usual
    most = sorted(counts.index[counts == counts.max()])
    return usual if usual in most else str(most[0])


def merged(frame: pd.DataFrame, known: Mapping[str, Product]) -> pd.DataFrame:
    """Return one row a village and product."""
    rows = [
        _candidate(pair, group, known)
        for pair, group in frame.groupby(["village_code", "product"], sort=True)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _candidate(pair: tuple[str, str], group: pd.DataFrame, known: Mapping[str, Product]) -> dict[str, object]:
    village, product = pair
    by_form = {str(form): part for form, part in group.groupby("form")}
    answered = by_form["umkm"]["submission"].nunique() if "umkm" in by_form else 0
    sellers = _median_of(by_form, "n_enterprises", VILLAGE_WIDE)
    return {
        "village_code": village,
        "product": product,
        "product_name": known[product].name.label_id,
        "kbli": known[product].kbli or _agreed_kbli(group["kbli"]),
        "unit_of_sale": group["unit_of_sale"].iloc[0],
        "raw_materials": _materials(group["material"]) or known[product].raw_materials,
        "season_months": _united(group["season_months"]),
        "capacity_units_month": _told(by_form, "capacity_units_month", ("product_dossier",), "sum"),
        "price_idr_unit": _told(by_form, "price_idr_unit", ("product_dossier",), "median"),
        "cost_idr_unit": _median_of(by_form, "cost_idr_unit", ("product_dossier",)),
        "n_enterprises": _sellers(sellers, answered),
        "n_workers": _workers(by_form),
        "sales_idr_month": _told(by_form, "sales_idr_month", ("village_potential",), "sum"),
        "local_material_pct": group["local_material_pct"].mean(),
        "markets": _united(group["markets"]),
        "certificates": _united(group["certificates"]),
        "sources": tuple(sorted(by_form)),
        "n_submissions": group["submission"].nunique(),
    }


def _median_of(by_form: Mapping[str, pd.DataFrame], name: str, forms: Sequence[str]) -> float:
    """Return the median of the first of these forms that knows."""
    for form in forms:
        if form in by_form and by_form[form][name].notna().any():
            return float(by_form[form][name].median())
    return np.nan


def _told(by_form: Mapping[str, pd.DataFrame], name: str, forms: Sequence[str], how: str) -> float:
    """Return what the village tells, else what the enterprises that answered come to, else the BUMDes."""
    village_wide = _median_of(by_form, name, forms)
    if not np.isnan(village_wide):
        return village_wide
    # A BUMDes may sell what the enterprises make: the two are not added up.
    for form in ("umkm", "bumdes_profile"):
        known = by_form[form][name].dropna() if form in by_form else pd.Series(dtype="float64")
        if len(known):
            return float(known.sum() if how == "sum" else known.median())
    return np.nan


def _sellers(told: float, answered: int) -> float | None:
    if np.isnan(told):
        return answered or None
    return max(round(told), answered)


def _workers(by_form: Mapping[str, pd.DataFrame]) -> float | None:
    known = [by_form[form]["n_workers"].dropna() for form in ("umkm", "bumdes_profile") if form in by_form]
    told = pd.concat(known) if known else pd.Series(dtype="float64")
    return None if told.empty else round(float(told.sum()))


def _agreed_kbli(codes: pd.Series) -> str | None:
    """Return the code that all who gave one gave; None where they differ."""
    told = codes[codes.str.fullmatch(_FIVE_DIGITS).fillna(value=False).astype(bool)].unique()
    return str(told[0]) if len(told) == 1 else None


def _materials(texts: pd.Series) -> tuple[str, ...]:
    materials = known_materials()
    return tuple(sorted({materials[key] for key in map(product_key, texts.dropna()) if key in materials}))


def _united(sets: Iterable[object]) -> tuple[object, ...]:
    return tuple(sorted(frozenset().union(*(one for one in sets if isinstance(one, tuple)))))
