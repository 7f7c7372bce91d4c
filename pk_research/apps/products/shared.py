"""Shared plants of one product, and who can supply whom."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pk_research.apps.products.material import DIGITS, Material
from pk_research.apps.products.trouble import NO_MAKERS
from pk_research.apps.trouble import CannotShow
from pk_research.products.plants import Plants, p_median
from pk_research.products.synergy import MarketingGroups, Supply, marketing_groups, supply_links

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
        One row a village that makes it (the index) and told how much: ``capacity_units_month``.
    n_silent
        Villages that make it and did not say how much; they are left out.
    plants
        Where shared plants should stand; None where places are not known.
    supply, groups
        Of all products.
    """

    product: str
    makers: pd.Series
    n_silent: int
    plants: Plants | None
    supply: Supply
    groups: MarketingGroups

    @property
    def by_kecamatan(self) -> pd.DataFrame:
        """One row a kecamatan (the index): ``n_villages`` and ``capacity_units_month``, most first."""
        by = self.makers.groupby(self.makers.index.str[:DIGITS])
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
        When no village said how much it can make.
    """
    rows = material.candidates[material.candidates["product"] == product]
    told = rows[rows["capacity_units_month"].notna()]
    if told.empty:
        raise CannotShow(NO_MAKERS)
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
        n_silent=len(rows) - len(told),
        plants=plants,
        supply=supply_links(
            material.candidates,
            km,
            max_km=reach,
            made=material.made,
        ),
        groups=marketing_groups(
            material.candidates,
            km,
            max_km=reach,
            made=material.made,
        ),
    )
