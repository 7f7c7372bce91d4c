"""All mentions of a product in a village merged into one candidate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from pk_research.products.catalogue.known import Product, known_materials
from pk_research.products.catalogue.names import product_key

VILLAGE_WIDE = ("village_potential", "product_dossier", "table")
IN_UNITS = ("price_idr_unit", "capacity_units_month", "cost_idr_unit")
COLUMNS = {
    "village_code": "string",
    "product": "string",
    "product_name": "string",
    "kbli": "string",
    "kbli_from": "string",
    "unit_of_sale": "string",
    "raw_materials": object,
    "season_months": object,
    "deliveries_month": "float64",
    "capacity_units_month": "float64",
    "n_untold_capacity": "Int64",
    "price_idr_unit": "float64",
    "cost_idr_unit": "float64",
    "n_enterprises": "Int64",
    "n_workers": "Int64",
    "n_untold_workers": "Int64",
    "sales_idr_month": "float64",
    "n_untold_sales": "Int64",
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
    sellers = _sellers(_median_of(by_form, "n_enterprises", VILLAGE_WIDE), answered)
    kbli = known[product].kbli or _agreed_kbli(group["kbli"])
    capacity, untold_capacity = _summed(
        by_form, "capacity_units_month", ("product_dossier", "table"), sellers
    )
    sales, untold_sales = _summed(by_form, "sales_idr_month", ("village_potential", "table"), sellers)
    workers, untold_workers = _workers(by_form, sellers)
    return {
        "village_code": village,
        "product": product,
        "product_name": known[product].name.label_id,
        "kbli": kbli,
        "kbli_from": None if kbli is None else _origin(known[product]),
        "unit_of_sale": group["unit_of_sale"].iloc[0],
        "raw_materials": _materials(group["material"]) or known[product].raw_materials,
        "season_months": _united(group["season_months"]),
        "deliveries_month": _median_of(by_form, "deliveries_month", ("product_dossier", "table")),
        "capacity_units_month": capacity,
        "n_untold_capacity": untold_capacity,
        "price_idr_unit": _price(by_form),
        "cost_idr_unit": _median_of(by_form, "cost_idr_unit", ("product_dossier", "table")),
        "n_enterprises": sellers,
        "n_workers": workers,
        "n_untold_workers": untold_workers,
        "sales_idr_month": sales,
        "n_untold_sales": untold_sales,
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


def _summed(
    by_form: Mapping[str, pd.DataFrame], name: str, village_forms: Sequence[str], sellers: int | None
) -> tuple[float, int | None]:
    """Return what the village tells, else what those that answered come to and how many are not in it."""
    village_wide = _median_of(by_form, name, village_forms)
    if not np.isnan(village_wide):
        return village_wide, None
    # A BUMDes may sell what the enterprises make: the two are not added up.
    for form in ("umkm", "bumdes_profile"):
        if form in by_form and by_form[form][name].notna().any():
            return float(by_form[form][name].sum()), _untold(by_form, name, sellers, (form,))
    return np.nan, None


def _price(by_form: Mapping[str, pd.DataFrame]) -> float:
    """Return what the village tells, else the median of the enterprises that answered."""
    return _median_of(by_form, "price_idr_unit", ("product_dossier", "umkm", "bumdes_profile", "table"))


def _sellers(told: float, answered: int) -> int | None:
    if np.isnan(told):
        return answered or None
    return max(round(told), answered)


def _workers(by_form: Mapping[str, pd.DataFrame], sellers: int | None) -> tuple[int | None, int | None]:
    village_wide = _median_of(by_form, "n_workers", ("table",))
    if not np.isnan(village_wide):
        return round(village_wide), None
    forms = ("umkm", "bumdes_profile")
    known = [by_form[form]["n_workers"].dropna() for form in forms if form in by_form]
    told = pd.concat(known) if known else pd.Series(dtype="float64")
    if told.empty:
        return None, None
    return round(float(told.sum())), _untold(by_form, "n_workers", sellers, forms)


def _untold(by_form: Mapping[str, pd.DataFrame], name: str, sellers: int | None, forms: Sequence[str]) -> int:
    """Count those that are not in a sum over forms: enterprises of all that there are, units of a BUMDes."""
    n = sellers or 0
    if "umkm" in forms and "umkm" in by_form:
        n -= by_form["umkm"].dropna(subset=name)["submission"].nunique()
    if "bumdes_profile" in forms and "bumdes_profile" in by_form:
        n += int(by_form["bumdes_profile"][name].isna().sum())
    return n


def _origin(product: Product) -> str:
    """Say where a candidate's code is from, and how far the list's was checked."""
    return f"list {product.kbli_checked}".rstrip() if product.kbli else "told"


def _agreed_kbli(codes: pd.Series) -> str | None:
    """Return the code that all who gave one gave; None where they differ."""
    told = codes[codes.str.fullmatch(_FIVE_DIGITS).fillna(value=False).astype(bool)].unique()
    return str(told[0]) if len(told) == 1 else None


def _materials(texts: pd.Series) -> tuple[str, ...]:
    materials = known_materials()
    return tuple(sorted({materials[key] for key in map(product_key, texts.dropna()) if key in materials}))


def _united(sets: Iterable[object]) -> tuple[object, ...]:
    return tuple(sorted(frozenset().union(*(one for one in sets if isinstance(one, tuple)))))
