"""Hotels and restaurants: what they need, what villages can meet, and why the rest is not met.

Their questionnaire promises that prices and volumes of single establishments are not published. What is told
of one of them is therefore what it needs and in which months, who could sell it, and what stands in the way;
amounts only where many stand behind them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.apps.products.material import Material
from pk_research.apps.products.trouble import ALL_OF_FEW, NO_BUYERS
from pk_research.apps.trouble import CannotShow
from pk_research.disclosure import Rules
from pk_research.products.buyers import Matching, Reasons, match_anywhere, why_unmet

if TYPE_CHECKING:
    from collections.abc import Iterable

ROUNDING = 1e-9
NOTHING, LESS, MORE, ALL = MET = ("nothing", "less than half", "half or more", "all")


@dataclass(frozen=True, eq=False)
class Buying:
    """Sales from villages to buyers, and why something is not met.

    Attributes
    ----------
    matching, reasons
        Of `products.buyers`: amounts in them are of single buyers, and are not for showing.
    products
        One row a product (the index), that of which most is met last: ``n_buyers``, ``wanted_units_year``
        (missing where it would tell too much of one buyer), and ``met``, one of `MET`. No closer share: of a
        product that one buyer gets, it would tell what that one wants.
    value_idr_year
        What all buyers would pay in a year; missing where it would tell of one of them.
    n_withheld
        Capacities of villages, needs of single buyers and sums that are not told.
    """

    matching: Matching
    reasons: Reasons
    products: pd.DataFrame
    value_idr_year: float
    n_withheld: int


def buying_of(material: Material) -> Buying:
    """Match needs with what may be told of villages, as `products.buyers.match_anywhere` does.

    Raises
    ------
    CannotShow
        When there are no needs or no village with a known capacity, or none that may be told.
    """
    is_made = material.made or material.is_demand_made
    found = match_anywhere(material.shown, material.demand, made=is_made)
    if found is None:
        is_known = len(material.demand) and material.candidates["capacity_units_month"].notna().any()
        raise CannotShow(ALL_OF_FEW if is_known else NO_BUYERS)
    products = _by_product(found.demand)
    flows = found.flows
    paid = (flows["value_idr_month"] * flows["months"].map(len)).groupby(flows["buyer_code"]).sum()
    value = _sum_to_tell(paid)
    n_sums = int(products["wanted_units_year"].isna().sum()) + int(np.isnan(value))
    n_few = int(material.few["capacity_units_month"].sum())
    return Buying(found, why_unmet(found, n_jobs=1), products, value, n_few + len(material.demand) + n_sums)


def _by_product(demand: pd.DataFrame) -> pd.DataFrame:
    n_months = demand["months"].map(len)
    year = demand.assign(
        wanted=demand["wanted_units_month"] * n_months, delivered=demand["delivered_units_month"] * n_months
    )
    by_buyer = year.groupby(["product", "buyer_code"])[["wanted", "delivered"]].sum()
    rows = {
        str(product): {
            "n_buyers": len(part),
            "wanted_units_year": _sum_to_tell(part["wanted"]),
            "met": _met(float(part["delivered"].sum() / part["wanted"].sum())),
        }
        for product, part in by_buyer.groupby(level="product")
    }
    found = pd.DataFrame.from_dict(rows, orient="index")
    return found.sort_values("met", key=lambda met: met.map(MET.index), kind="stable")


def _met(share: float) -> str:
    """Return how much is met; only what is wholly met counts as all."""
    if share >= 1 - ROUNDING:
        return ALL
    return NOTHING if share <= ROUNDING else MORE if share >= 1 / 2 else LESS


def _sum_to_tell(parts: Iterable[float]) -> float:
    """Return a sum over buyers; missing where it would tell too much of one of them."""
    amounts = np.fromiter(parts, dtype=float)
    return float("nan") if Rules().forbids(amounts) else float(amounts.sum())
