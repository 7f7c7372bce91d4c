"""Who should sell together: villages with the same product, none far from any other of the group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from pk_research.compute.floats import as_floats
from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.products.naming import Names
from pk_research.products.synergy import words
from pk_research.products.synergy.inputs import by_text, distance_faults, read_candidates

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_VILLAGES = 5_000


@dataclass(frozen=True, eq=False)
class MarketingGroups:
    """Groups of villages that make the same product near each other.

    Attributes
    ----------
    groups
        One row a group (the index, from 1): ``product``, ``n_villages``, ``capacity_units_month`` of
        those that gave it, ``n_without_capacity``, ``months`` (tuple: in which any of them sells),
        ``n_without_months``, ``widest_km`` between any two of them.
    villages
        One row a village in a group: ``group``, ``village_code``, ``product``.
    alone
        Candidates in no group: ``village_code``, ``product``.
    max_km, least
        How far two villages of a group may lie apart, and how many make a group.
    names, product_names
        For people.
    made
        True for made data.
    """

    groups: pd.DataFrame
    villages: pd.DataFrame
    alone: pd.DataFrame
    max_km: float
    least: int
    names: Names
    product_names: Names
    made: bool

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a group for people."""
        return words.groups_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell how many groups there are and what they gain."""
        return words.groups_account(self, language)

    def plot(self, language: Language, places: pd.DataFrame, *, width_px: float = 800) -> Figure:
        """Draw the groups where the villages lie; ``places`` as in `Plants.plot`."""
        from pk_research.products.synergy.pictures import plot_groups

        return plot_groups(self, places, language, width_px=width_px)


def marketing_groups(
    candidates: pd.DataFrame,
    distances: pd.DataFrame,
    *,
    max_km: float,
    least: int = 2,
    names: Names | None = None,
    product_names: Names | None = None,
    made: bool = False,
) -> MarketingGroups:
    """Group the villages of each product so that no two of a group lie further apart than a distance.

    Complete linkage, so that a group is a neighbourhood and not a chain. Of two directions the
    longer way counts.

    Parameters
    ----------
    candidates
        One row a village and product: ``village_code``, ``product``, ``capacity_units_month`` and
        ``season_months`` (tuple of 1 to 12; empty where not known).
    distances
        Kilometres between villages, square; missing where there is no way.
    max_km
        How far two villages of a group may lie apart.
    least
        Villages that make a group.
    names, product_names
        For people.
    made
        True for made data.

    Raises
    ------
    BadInput
        When tables are at fault, or one product has more than 5,000 villages.

    Examples
    --------
    >>> km = pd.DataFrame([[0.0, 4.0, 9.0], [4.0, 0.0, 5.0], [9.0, 5.0, 0.0]], index=list("ABC"),
    ...                   columns=list("ABC"))
    >>> candidates = pd.DataFrame({"village_code": list("ABC"), "product": "chips",
    ...     "capacity_units_month": [10, None, 30], "season_months": [(1, 2), (2, 3), ()]})
    >>> found = marketing_groups(candidates, km, max_km=6)
    >>> found.villages["village_code"].tolist(), found.groups["months"].tolist()
    (['A', 'B'], [(1, 2, 3)])
    """
    faults = distance_faults(max_km)
    if least < 2:
        faults.append(Problem("least", f"{least} villages", "A group has 2 villages or more."))
    rows = read_candidates(candidates, distances, ("capacity_units_month", "season_months"), also=faults)
    table = by_text(distances)
    parts, groups, alone = [], [], []
    for product, makers in rows.groupby("product", sort=True):
        codes = makers["village_code"].tolist()
        if len(codes) > MOST_VILLAGES:
            raise BadInput(
                Problem(
                    f"product {product!r}", f"{len(codes)} villages make it", "Group a regency at a time."
                )
            )
        km = _both_ways(table.loc[codes, codes].to_numpy(dtype=float))
        number = _neighbourhoods(km, max_km)
        for group in dict.fromkeys(number.tolist()):
            members = np.flatnonzero(number == group)
            if len(members) < least:
                alone.append(makers.iloc[members][["village_code", "product"]])
                continue
            here = makers.iloc[members]
            groups.append(_described(str(product), here, float(km[np.ix_(members, members)].max())))
            parts.append(here[["village_code", "product"]].assign(group=len(groups)))
    index = pd.RangeIndex(1, len(groups) + 1, name="group")
    empty = pd.DataFrame(columns=["village_code", "product", "group"])
    return MarketingGroups(
        groups=pd.DataFrame(groups, index=index, columns=list(GROUP_COLUMNS)),
        villages=pd.concat(parts or [empty], ignore_index=True)[["group", "village_code", "product"]],
        alone=pd.concat(alone or [empty[["village_code", "product"]]], ignore_index=True),
        max_km=max_km,
        least=least,
        names=dict(names or {}),
        product_names=dict(product_names or {}),
        made=made,
    )


GROUP_COLUMNS = (
    "product",
    "n_villages",
    "capacity_units_month",
    "n_without_capacity",
    "months",
    "n_without_months",
    "widest_km",
)


def _both_ways(km: np.ndarray) -> np.ndarray:
    km = np.where(np.isnan(km), np.inf, km)
    km = np.maximum(km, km.T)
    np.fill_diagonal(km, 0)
    return np.asarray(km)


def _neighbourhoods(km: np.ndarray, max_km: float) -> np.ndarray:
    if len(km) == 1:
        return np.array([1])
    # Trees take no infinite distance: no way is further than any way.
    far = 10 * (1 + max_km + np.where(np.isfinite(km), km, 0).max())
    tree = linkage(squareform(np.where(np.isfinite(km), km, far), checks=False), method="complete")
    return np.asarray(fcluster(tree, t=max_km, criterion="distance"))


def _described(product: str, members: pd.DataFrame, widest_km: float) -> dict[str, object]:
    capacity = as_floats(members["capacity_units_month"])
    months = sorted({month for season in members["season_months"] for month in season})
    return {
        "product": product,
        "n_villages": len(members),
        "capacity_units_month": capacity.sum(min_count=1),
        "n_without_capacity": int(capacity.isna().sum()),
        "months": tuple(months),
        "n_without_months": sum(not season for season in members["season_months"]),
        "widest_km": widest_km,
    }
