"""Hotels and restaurants: what they need, what villages can meet, and why the rest is not met."""

from __future__ import annotations

from dataclasses import dataclass

from pk_research.apps.products.material import Material
from pk_research.apps.products.trouble import NO_BUYERS
from pk_research.apps.trouble import CannotShow
from pk_research.products.buyers import Matching, Reasons, match_anywhere, why_unmet


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


def buying_of(material: Material) -> Buying:
    """Match needs with villages, as `products.buyers.match_anywhere` does.

    Raises
    ------
    CannotShow
        When there are no needs or no village with a known capacity.
    """
    found = match_anywhere(
        material.candidates, material.demand,
        made=material.made or material.is_demand_made,
    )  # fmt: skip
    if found is None:
        raise CannotShow(NO_BUYERS)
    return Buying(found, why_unmet(found, n_jobs=1))
