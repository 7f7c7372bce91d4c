"""The experiment the tests are about: a snack of four attributes, and what people think of it."""

from __future__ import annotations

from pk_research.codebook import Label
from pk_research.products.experiments import Attribute, ChoiceDesign, KnownTastes, choice_design

TASTE = Attribute(
    "taste",
    "Rasa",
    "Taste",
    (Label("plain", "Gurih", "Plain"), Label("spicy", "Pedas", "Spicy"), Label("sweet", "Manis", "Sweet")),
)
PACKAGING = Attribute(
    "packaging",
    "Kemasan",
    "Packaging",
    (
        Label("plastic", "Plastik polos", "Plain plastic"),
        Label("pouch", "Kantong berdiri", "Stand-up pouch"),
        Label("box", "Kotak berlabel", "Labelled box"),
    ),
    better="last",
)
PROMOTION = Attribute(
    "promotion",
    "Promosi",
    "Promotion",
    (Label("no", "Tanpa promosi", "No promotion"), Label("story", "Kisah desa", "Village story")),
)
PRICE = Attribute(
    "price_idr",
    "Harga",
    "Price",
    (
        Label("15000", "Rp15.000", "IDR 15,000"),
        Label("20000", "Rp20.000", "IDR 20,000"),
        Label("25000", "Rp25.000", "IDR 25,000"),
    ),
    coding="linear",
    better="first",
    unit=5000,
)
ATTRIBUTES = (TASTE, PACKAGING, PROMOTION, PRICE)
TRUTH = {
    "taste=spicy": 0.6,
    "taste=sweet": -0.3,
    "packaging=pouch": 0.5,
    "packaging=box": 0.8,
    "promotion=story": 0.4,
    "price_idr": -0.7,
    "none": -3.0,
}
TASTES = KnownTastes((TRUTH,))
LOVES_SPICY = {**TRUTH, "taste=spicy": 1.5, "price_idr": -1.5, "none": -5.0}
HATES_SPICY = {**TRUTH, "taste=spicy": -1.0, "price_idr": -0.3, "none": -2.0}
TWO_SEGMENTS = KnownTastes((LOVES_SPICY, HATES_SPICY), (0.6, 0.4))


def snack_design(**options: object) -> ChoiceDesign:
    """Twelve sets in two blocks, D-efficient for the true tastes."""
    return choice_design(ATTRIBUTES, **{"n_sets": 12, "n_blocks": 2, "priors": TRUTH, **options})
