"""The market simulator: a made choice experiment about a snack, fitted once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.codebook import Label
from pk_research.products.experiments import (
    Attribute,
    ChoiceModel,
    KnownTastes,
    choice_design,
    made_choices,
    multinomial_logit,
)
from pk_research.products.market import MarketShares, market_shares

if TYPE_CHECKING:
    from collections.abc import Mapping

CHEAPEST, DEAREST, STEP = 15_000, 25_000, 500
N_PEOPLE = 240
SEED = 5
OURS, RIVAL = "ours", "rival"
TASTE = Attribute(
    "taste", "Rasa", "Taste",
    (Label("plain", "Gurih", "Plain"), Label("spicy", "Pedas", "Spicy"), Label("sweet", "Manis", "Sweet")),
)  # fmt: skip
PACKAGING = Attribute(
    "packaging", "Kemasan", "Packaging",
    (
        Label("plastic", "Plastik polos", "Plain plastic"),
        Label("pouch", "Kantong berdiri", "Stand-up pouch"),
        Label("box", "Kotak berlabel", "Labelled box"),
    ),
    better="last",
)  # fmt: skip
PROMOTION = Attribute(
    "promotion", "Promosi", "Promotion",
    (Label("no", "Tanpa promosi", "No promotion"), Label("story", "Kisah desa", "Village story")),
)  # fmt: skip
PRICE = Attribute(
    "price_idr", "Harga", "Price",
    tuple(
        Label(str(value), f"Rp{value // 1000}.000", f"IDR {value // 1000},000")
        for value in (CHEAPEST, 20_000, DEAREST)
    ),
    coding="linear", better="first", unit=5000,
)  # fmt: skip
ATTRIBUTES = (TASTE, PACKAGING, PROMOTION, PRICE)
TRUTH = {
    "taste=spicy": 0.6, "taste=sweet": -0.3, "packaging=pouch": 0.5, "packaging=box": 0.8,
    "promotion=story": 0.4, "price_idr": -0.7, "none": -3.0,
}  # fmt: skip


@lru_cache(maxsize=1)
def fitted() -> ChoiceModel:
    """Return the tastes estimated from a choice experiment with made people."""
    design = choice_design(ATTRIBUTES, n_sets=12, n_blocks=2, priors=TRUTH)
    choices = made_choices(design, KnownTastes((TRUTH,)), N_PEOPLE, seed=SEED)
    return multinomial_logit(choices.data())


def shares_of(ours: Mapping[str, str], rival: Mapping[str, str], *, choices_month: int) -> MarketShares:
    """Return the shares of our product and of its rival, and of buying neither.

    Parameters
    ----------
    ours, rival
        Level of each attribute; the price may lie between its levels.
    choices_month
        Purchases in the whole market a month.
    """
    products = pd.DataFrame([dict(ours), dict(rival)], index=[OURS, RIVAL])
    return market_shares(fitted(), products, ATTRIBUTES, choices_month=float(choices_month))
