"""The flagship product: who makes it, how it is sold, who buys it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pk_research.sample.district.chance import Array
from pk_research.sample.district.ground import Answers, Ground, Texts, Vary, graded, named, whole
from pk_research.sample.questionnaire.products import PRODUCTS


def product(ground: Ground, known: Mapping[str, Array]) -> Answers:
    """Answer the chapter on the flagship product."""
    favoured = np.array([item.favoured for item in PRODUCTS]).T
    name = ground.choices("product", (ground.shares**1.5) @ favoured, [item.name for item in PRODUCTS])
    by_name = {item.name: item for item in PRODUCTS}
    price = np.vectorize(lambda text: by_name[text].price_factor, otypes=[float])(name)
    kitchens = np.vectorize(lambda text: by_name[text].for_kitchens, otypes=[float])(name)
    sellers = known["households"] * ground.amounts("sellers", (6, 7, 14, 16, 11), Vary(0.5, 0.1, 0.03)) / 1000
    sellers = np.maximum(whole(sellers), 2)
    sales = ground.amounts("sales", (7.5e6,) * 5, Vary(0.3, 0.12, 0.05, prosperity=0.15, governance=0.1))
    quality = ground.lean(
        "product quality", (0.6, 0.5, -0.2, -0.5, -0.1), Vary(0.7, 0.2, 0.15, governance=0.4)
    )
    reach = kitchens * np.exp(0.5 * quality + 0.3 * ground.prosperity[:, None])
    buyers = whole(2.2 * reach * ground.amounts("buyers", (1,) * 5, Vary(0.5, 0.3, 0.08)))
    online = ground.percents("online", (18, 15, 5, 3, 6), Vary(0.5, 0.2, 0.3)) * np.exp(0.25 * quality)
    return {
        "flagship_product": name,
        "product_sellers": sellers,
        "product_sales_idr_month": whole(sellers * sales * price, to=100_000),
        "product_packaging": graded(
            quality, ("Kemasan berlabel", "Kemasan polos", "Tanpa kemasan"), (0.7, -0.5)
        ),
        "product_permit": graded(
            quality + 0.5 * ground.chance.normal("permit", ground.shape[:1])[:, None],
            ("PIRT dan halal", "PIRT/NIB", "Tidak ada"),
            (1.2, 0.2),
        ),
        "product_buyer": _main_buyer(ground, kitchens, quality),
        "hotel_restaurant_buyers": buyers,
        "online_sales_pct": np.minimum(online, 95).round(0),
    }


def _main_buyer(ground: Ground, kitchens: Array, quality: Array) -> Texts:
    rural = 1 - ground.shares[:, :2].sum(axis=1, keepdims=True)
    appeal = {
        "Warga sekitar": np.full(ground.shape, 0.3),
        "Pasar": np.full(ground.shape, 0.6),
        "Tengkulak": 1.3 * rural - 0.3 * quality,
        "Hotel/restoran": 1.4 * kitchens + 0.4 * quality - 1,
        "Daring": 0.8 * quality - 0.9,
    }
    taste = -np.log(-np.log(ground.chance.uniform("main buyer", (len(appeal), len(rural), 1))))
    return named(list(appeal), (np.stack(list(appeal.values())) + 0.7 * taste).argmax(axis=0))
