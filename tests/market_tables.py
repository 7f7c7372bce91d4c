"""A small market: what a product may be, buyers whose tastes are known, and what people answer."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pk_research.codebook import Label
from pk_research.products.experiments import Attribute, ChoiceModel
from pk_research.products.market import maxdiff_design

TASTE = Attribute(
    "taste", "Rasa", "Taste", (Label("mild", "Gurih", "Mild"), Label("spicy", "Pedas", "Spicy"))
)
PRICE = Attribute(
    "price_idr", "Harga", "Price",
    tuple(Label(str(n), f"Rp{n}", f"IDR {n}") for n in (10_000, 15_000, 20_000)),
    coding="linear", better="first", unit=1000,
)  # fmt: skip
ATTRIBUTES = [TASTE, PRICE]
FOUR = ["too_cheap_idr", "cheap_idr", "expensive_idr", "too_expensive_idr"]
NAMES = ("taste=spicy", "price_idr", "none")


def tastes(
    spicy: float = 1.0, price: float = -0.1, none: float = -1.0, *, sd: float = 0.1, made: bool = False
):
    """Return a multinomial logit with known estimates and independent standard errors."""
    return ChoiceModel(
        kind="multinomial",
        names=NAMES,
        estimates=pd.Series([spicy, price, none], index=list(NAMES)),
        covariance=pd.DataFrame(np.diag([sd**2, (sd / 10) ** 2, sd**2]), index=NAMES, columns=NAMES),
        log_likelihood=-90.0,
        log_likelihood_null=-110.0,
        n_choices=100,
        n_respondents=20,
        utility_names=NAMES,
        alternatives=("a", "b", "none"),
        made=made,
    )


def products(*rows: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["taste", "price_idr"], index=[f"p{n + 1}" for n in range(len(rows))])


def asked(n: int, seed: int) -> pd.DataFrame:
    """Return answers of people who would pay up to a lognormal sum around Rp 10,000."""
    rng = np.random.default_rng(seed)
    prices = np.array([6000, 8000, 10_000, 12_000, 15_000])
    most = 10_000 * np.exp(0.3 * rng.normal(size=(n, 1)))
    return pd.DataFrame(
        {
            "respondent": np.repeat(np.arange(n), 5),
            "price_idr": np.tile(prices, n),
            "would_buy": (most >= prices).astype(int).ravel(),
        }
    )


WANTED = {"halal": 1.5, "price": 0.8, "taste": 0.3, "pack": -0.4, "brand": 0.0}


def best_worst(n: int, seed: int, utility: dict[str, float]) -> pd.DataFrame:
    """Return made answers of people who choose with Gumbel noise: the best, then the worst of the rest."""
    rng = np.random.default_rng(seed)
    sets = maxdiff_design(list(utility), n_sets=6, size=3, seed=seed)
    rows = []
    for person in range(n):
        for number, shown in sets.groupby("set"):
            items = shown["item"].tolist()
            value = np.array([utility[item] for item in items])
            best = int((value + rng.gumbel(size=len(items))).argmax())
            rest = [k for k in range(len(items)) if k != best]
            worst = rest[int((-value[rest] + rng.gumbel(size=len(rest))).argmax())]
            for k, item in enumerate(items):
                choice = "best" if k == best else "worst" if k == worst else None
                rows.append((person, number, item, choice))
    return pd.DataFrame(rows, columns=["respondent", "set", "item", "choice"])
