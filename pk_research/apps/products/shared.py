"""Shared plants of one product, and who can supply whom."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pk_research.apps.products.material import Material
from pk_research.apps.products.trouble import ALL_OF_FEW, NO_MAKERS
from pk_research.apps.trouble import CannotShow
from pk_research.products.plants import Plants, p_median
from pk_research.products.synergy import MarketingGroups, Supply, marketing_groups, supply_links
from pk_research.register.village import KECAMATAN_LENGTH

NODE_LIMIT = 500
SAME_KECAMATAN_KM = 1.0


@dataclass(frozen=True, eq=False)
class Shared:
    """Plants for one product, supplies between villages, and who could sell together.

    Attributes
    ----------
    product
        Which product.
    makers
        One row a village that makes it (the index) and told how much: ``capacity_units_month``, where that
        may be told.
    n_silent
        Villages that make it and did not say how much; they are left out.
    n_withheld
        Capacities, of all products, that rest on too few makers: nothing here is reckoned with them.
    plants
        Where shared plants should stand; None where places are not known.
    supply, groups
        Of all products.
    """

    product: str
    makers: pd.Series
    n_silent: int
    n_withheld: int
    plants: Plants | None
    supply: Supply
    groups: MarketingGroups

    @property
    def by_kecamatan(self) -> pd.DataFrame:
        """One row a kecamatan (the index): ``n_villages`` and ``capacity_units_month``, most first."""
        by = self.makers.groupby(self.makers.index.str[:KECAMATAN_LENGTH])
        table = pd.DataFrame({"n_villages": by.size(), "capacity_units_month": by.sum()})
        return table.sort_values("capacity_units_month", ascending=False, kind="stable")


def shared_of(material: Material, product: str, *, n_plants: int, max_km: int) -> Shared:
    """Place plants of a product and find who can supply whom.

    Parameters
    ----------
    material
        Candidates and places.
    product
        Of which plants are placed.
    n_plants
        How many; no more than there are villages that make it.
    max_km
        How far a supply may come; where places are not known, the same kecamatan counts instead.

    Raises
    ------
    CannotShow
        When no village said how much it can make, or none of which it may be told.
    """
    is_of_it = material.candidates["product"] == product
    n_known = int(material.candidates.loc[is_of_it, "capacity_units_month"].notna().sum())
    told = material.shown[is_of_it & material.shown["capacity_units_month"].notna()]
    if told.empty:
        raise CannotShow(ALL_OF_FEW if n_known else NO_MAKERS)
    makers = told.set_index("village_code")["capacity_units_month"].astype(float).sort_index()
    km = material.distances()
    reach = float(max_km) if material.is_mapped else SAME_KECAMATAN_KM
    plants = None
    if material.is_mapped:
        between = km.loc[makers.index, makers.index]
        plants = p_median(
            between, makers, min(n_plants, len(makers)), node_limit=NODE_LIMIT,
            made=material.made,
        )  # fmt: skip
    return Shared(
        product=product,
        makers=makers,
        n_silent=int(is_of_it.sum()) - n_known,
        n_withheld=int(material.few["capacity_units_month"].sum()),
        plants=plants,
        supply=supply_links(
            material.candidates,
            km,
            max_km=reach,
            made=material.made,
        ),
        groups=marketing_groups(
            material.shown,
            km,
            max_km=reach,
            made=material.made,
        ),
    )
