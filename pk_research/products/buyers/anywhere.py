"""Villages and buyers matched as long as nobody knows where buyers lie and how good the goods are."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pk_research.products.buyers.match import Matching, match


def match_anywhere(
    candidates: pd.DataFrame,
    demand: pd.DataFrame,
    *,
    names: Mapping[str, str] | None = None,
    made: bool = False,
) -> Matching | None:
    """Match needs with candidate products, whatever the distance.

    Where buyers lie is not read, so that distance keeps nobody apart; quality was not asked of villages, so
    that it does not either. An unknown season, delivery frequency or price excludes no village.

    Parameters
    ----------
    candidates
        One row a village and product, as in `products.catalogue.Catalogue.candidates`; a row without a
        capacity offers nothing.
    demand
        One row a buyer and need, as in `products.buyers.Needs.frame`.
    names
        Code or id -> name shown, for villages and products.
    made
        Whether the data is made.

    Returns
    -------
    Matching or None
        None when nobody needs anything, or no village has told a capacity.

    Examples
    --------
    >>> offered = pd.DataFrame({"village_code": ["3216012001"], "product": "telur_asin",
    ...     "capacity_units_month": 100, "price_idr_unit": 2500, "season_months": [(1,)],
    ...     "certificates": [()]})
    >>> wanted = pd.DataFrame({"buyer_code": ["H1"], "buyer_name": "Hotel Melati", "product": "telur_asin",
    ...     "volume_units_month": 150.0, "months": [(1, 2)], "price_idr_unit": 3000.0, "quality": 3.0,
    ...     "certificates": [()]})
    >>> match_anywhere(offered, wanted).value_idr_year
    300000.0
    >>> match_anywhere(offered.assign(capacity_units_month=None), wanted) is None
    True
    """
    if demand.empty or candidates.empty:
        return None
    told = candidates[candidates["capacity_units_month"].notna()]
    if told.empty:
        return None
    supply = told.assign(
        quality=float("nan"),
        capacity_units_month=told["capacity_units_month"].astype(float),
        price_idr_unit=told["price_idr_unit"].astype(float),
    )
    km = pd.DataFrame(
        0.0, index=sorted(set(supply["village_code"])), columns=sorted(set(demand["buyer_code"]))
    )
    return match(supply, demand, km, unknown="passes", names=names, made=made)
