"""Hotels and restaurants: what they need, what villages can meet, and why the rest is not met."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pk_research.apps.products.material import Material
from pk_research.apps.products.trouble import NO_BUYERS
from pk_research.apps.trouble import CannotShow
from pk_research.language import Language
from pk_research.products.buyers import Matching, Reasons, match, why_unmet


@dataclass(frozen=True, eq=False)
class Buying:
    """Sales from villages to buyers, and why something is not met.

    Attributes
    ----------
    matching, reasons
        Of `products.buyers`.
    """

    matching: Matching
    reasons: Reasons


def buying_of(material: Material, language: Language) -> Buying:
    """Match needs with villages.

    Where buyers lie is not read, so that distance keeps nobody apart; quality was not asked of
    villages, so that it does not either. An unknown season, delivery frequency or price does
    not exclude a village.

    Raises
    ------
    CannotShow
        When there are no needs or no village with a known capacity.
    """
    if material.demand.empty:
        raise CannotShow(NO_BUYERS)
    told = material.candidates[material.candidates["capacity_units_month"].notna()]
    if told.empty:
        raise CannotShow(NO_BUYERS)
    supply = told.assign(
        quality=float("nan"),
        capacity_units_month=told["capacity_units_month"].astype(float),
        price_idr_unit=told["price_idr_unit"].astype(float),
    )
    km = pd.DataFrame(
        0.0, index=sorted(set(supply["village_code"])), columns=sorted(set(material.demand["buyer_code"]))
    )
    found = match(
        supply, material.demand, km, unknown="passes", names=material.names_in(language),
        made=material.made or material.is_demand_made,
    )  # fmt: skip
    return Buying(found, why_unmet(found, n_jobs=1))
