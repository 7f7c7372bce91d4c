"""Made submissions on products: the villages are real, every answer is made.

They are fillings of the real questionnaires, read as any others are. Filling takes a while, so what
comes out lies beside this module as tables, which `tables.write_made` writes anew.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pk_research.products.catalogue import Product, known_products
from pk_research.register import load_register

if TYPE_CHECKING:
    from pk_research.register import Village
    from pk_research.sources import Dataset

SEED = 2026
BEGUN_AT = datetime(2026, 11, 2, 2, tzinfo=UTC)
MOST_PRODUCTS = 4
YEAR = " ".join(str(month) for month in range(1, 13))
DRY = "4 5 6 7 8 9 10"

# Product: usual price (IDR a unit), usual capacity (units a month), share of the price that is cost.
USUAL: Mapping[str, tuple[int, int, float]] = {
    "rice": (13_000, 9_000, 0.80),
    "milkfish": (32_000, 1_800, 0.70),
    "shrimp": (85_000, 700, 0.68),
    "dried_fish": (60_000, 600, 0.62),
    "milkfish_presto": (38_000, 900, 0.60),
    "palm_sugar": (28_000, 800, 0.60),
    "salted_eggs": (4_000, 12_000, 0.66),
    "melon": (18_000, 2_200, 0.64),
    "vegetables": (9_000, 4_500, 0.70),
    "oyster_mushroom": (17_000, 1_600, 0.62),
    "catfish_tilapia": (27_000, 2_300, 0.74),
    "crackers": (15_000, 2_600, 0.60),
    "tempe_tofu": (5_000, 11_000, 0.68),
    "cakes_dodol": (30_000, 1_200, 0.58),
    "coffee": (35_000, 600, 0.57),
    "bamboo_craft": (25_000, 900, 0.50),
    "batik": (180_000, 120, 0.58),
    "garments": (75_000, 700, 0.72),
    "dolls": (40_000, 1_000, 0.66),
    "catering": (28_000, 2_000, 0.70),
}
MATERIALS = {"soybean": "kedelai", "flour": "tepung", "cloth": "kain", "cassava": "singkong",
             "duck_eggs": "telur bebek", "fish": "ikan", "bamboo": "bambu", "milkfish": "bandeng",
             "palm_sugar": "gula merah"}  # fmt: skip
NOT_LISTED = frozenset({"milkfish_presto", "palm_sugar"})
IN_SEASON = frozenset({"melon", "dried_fish", "rice"})
# How many buyers want it: five or more, so that what they need together may be told, or fewer.
BUYERS_OF: Mapping[str, int] = {
    "vegetables": 12, "salted_eggs": 10, "catfish_tilapia": 9, "tempe_tofu": 8, "rice": 8, "milkfish": 7,
    "oyster_mushroom": 6, "crackers": 4, "cakes_dodol": 3, "melon": 3, "shrimp": 2, "coffee": 1,
}  # fmt: skip
COAST = frozenset({"321601", "321602", "321614", "321615", "321616", "321617"})
BY_THE_SEA = frozenset({"milkfish", "shrimp", "dried_fish", "milkfish_presto"})
FRESH = frozenset({"vegetables", "catfish_tilapia", "oyster_mushroom", "tempe_tofu", "milkfish", "shrimp"})
# Times a month: how often villages can deliver, and how often buyers want what spoils, and what keeps.
DELIVERED = ("0", "2", "4", "8", "8", "12", "30", "-99")
WANTED_FRESH, WANTED_KEPT = ("8", "12", "30"), ("1", "2", "4", "-99")
KINDS = ("star_hotel", "hotel", "restaurant")


def made_submissions(villages: Sequence[Village] | None = None) -> tuple[Dataset, ...]:
    """Fill dossiers and questionnaires of enterprises for villages; **made**.

    Parameters
    ----------
    villages
        Of the register; by default all. Each draws from its own code, so that fewer villages give
        the same answers for those that remain.

    Returns
    -------
    tuple of Dataset
        As `catalogue.candidates_of` takes them.
    """
    chosen = tuple(load_register()) if villages is None else tuple(villages)
    known = known_products()
    answers = [(village, product) for village in chosen for product in _products_of(village)]
    return (
        *_filled("product_dossier", {f"{v.code} {p}": _dossier(v, known[p]) for v, p in answers}),
        *_filled("umkm", {f"{v.code} {p}": _enterprise(v, known[p]) for v, p in answers}),
    )


def made_demand(most_buyers: int | None = None) -> tuple[Dataset, ...]:
    """Fill questionnaires of hotels and restaurants, one need each, of all or of the first ones; **made**."""
    villages = tuple(load_register())
    wanted = [product for product, n_buyers in BUYERS_OF.items() for _ in range(n_buyers)]
    _draw("wanted").shuffle(wanted)
    buyers = enumerate(wanted[:most_buyers], start=1)
    return _filled("hotel_demand", {f"{n:02}": _buyer(n, product, villages) for n, product in buyers})


def _filled(name: str, answers: Mapping[str, Mapping[str, str]]) -> tuple[Dataset, ...]:
    from pk_research.sample import make_filling
    from pk_research.survey.exchange import datasets, from_filled
    from pk_research.survey.filled import Filled
    from pk_research.survey.questionnaires import find_questionnaire

    form = find_questionnaire(name).open()
    filled = [
        Filled(
            f"made {name} {key}",
            form.identifier,
            form.version,
            make_filling(form, seed=_draw(key).getrandbits(30), begun_at=BEGUN_AT, answers=given),
            BEGUN_AT,
        )
        for key, given in answers.items()
    ]
    return datasets(from_filled([form], filled, personal="leave out"))


def _draw(*parts: object) -> random.Random:
    return random.Random(" ".join(map(str, (SEED, *parts))))  # noqa: S311 - for made answers, not for secrets


def _products_of(village: Village) -> Iterator[str]:
    """Yield what a village makes: what its kecamatan is known for, and something of its own."""
    offered = [name for name in USUAL if name not in BY_THE_SEA or village.kecamatan_code in COAST]
    known_for = _draw(village.kecamatan_code).sample(offered, 3)
    draw = _draw(village.code)
    pool = [*known_for, *draw.sample(offered, 2)]
    yield from dict.fromkeys(draw.sample(pool, draw.randint(2, MOST_PRODUCTS)))


def _figures(village: Village, product: Product) -> tuple[int, int, int]:
    """Return price, capacity and cost."""
    price, capacity, cost = USUAL[product.product]
    draw = _draw(village.code, product.product)
    paid = round(price * draw.uniform(0.85, 1.2), -2)
    made = max(10, round(capacity * draw.lognormvariate(0, 0.5)))
    return int(paid), made, int(round(price * cost * draw.uniform(0.9, 1.1), -2))


def _place(village: Village) -> dict[str, str]:
    return {"consent": "yes", "kecamatan_code": village.kecamatan_code, "village_code": village.code}


def _named(product: Product) -> dict[str, str]:
    """Answer which product it is; the questionnaires do not list all that the catalogue knows."""
    if product.product in NOT_LISTED:
        return {"product": "other", "product_other": product.name.label_id}
    return {"product": product.product}


def _common(village: Village, product: Product) -> dict[str, str]:
    price, capacity, _ = _figures(village, product)
    known = [MATERIALS[name] for name in product.raw_materials if name in MATERIALS]
    draw = _draw("material", village.code, product.product)
    return {
        **_place(village),
        **_named(product),
        "unit_of_sale": product.unit_of_sale,
        "price_idr_unit": str(price),
        "capacity_units_month": str(capacity),
        "production_units_month": str(capacity * 4 // 5),
        "season_months": DRY if product.product in IN_SEASON else YEAR,
        "main_material": draw.choice(known) if known else "lainnya",
    }


def _dossier(village: Village, product: Product) -> dict[str, str]:
    *_, cost = _figures(village, product)
    draw = _draw("dossier", village.code, product.product)
    return {
        **_common(village, product),
        "product_sellers": str(draw.randint(2, 40)),
        "deliveries_month": _draw("deliveries", village.code, product.product).choice(DELIVERED),
        "pirt_status": draw.choice(["has", "has", "in_process", "none"]),
        "halal_status": draw.choice(["has", "has", "in_process", "none"]),
        "chain_stages": "processing",
        "chain_input_idr_unit": str(cost * 3 // 5),
        "stage_cost_idr_unit": str(cost - cost * 3 // 5),
        "stage_code": "processing",
        "stage_sell_idr_unit": str(_figures(village, product)[0]),
    }


def _enterprise(village: Village, product: Product) -> dict[str, str]:
    draw = _draw("enterprise", village.code, product.product)
    _, capacity, _ = _figures(village, product)
    local = draw.choice([20, 40, 60, 80])
    hotel = draw.choice([0, 0, 10, 20])
    online = draw.choice([0, 0, 10, 30])
    return {
        **_common(village, product),
        "product_count": "1",
        "sold_units_month": str(capacity * 4 // 5 * draw.randint(70, 100) // 100),
        "material_village_pct": str(local // 2),
        "material_regency_pct": str(local - local // 2),
        "material_outside_pct": str(100 - local),
        "sales_residents_pct": str(60 - hotel),
        "sales_market_pct": str(40 - online),
        "sales_middleman_pct": "0",
        "sales_hotel_pct": str(hotel),
        "sales_online_pct": str(online),
        "sales_other_pct": "0",
    }


def _buyer(number: int, wanted: str, villages: Sequence[Village]) -> dict[str, str]:
    draw = _draw("buyer", number)
    product = known_products()[wanted]
    price, capacity, _ = USUAL[product.product]
    offered = int(round(price * draw.uniform(0.85, 1.35), -2))
    needs = draw.choice(["none", "halal", "pirt halal", "halal"])
    kind = KINDS[number % len(KINDS)]
    return {
        **_place(draw.choice(villages)),
        "establishment_name": f"Contoh {number:02}",
        "establishment_kind": kind,
        "need_count": "1",
        "product": product.product,
        "unit_of_sale": product.unit_of_sale,
        "volume_units_month": str(max(20, round(capacity * draw.uniform(0.3, 6)))),
        "need_months": draw.choice([YEAR, YEAR, YEAR, "11 12 1"]),
        "need_certificates": needs,
        "price_now_idr_unit": str(int(round(offered * 0.95, -2))),
        "price_max_idr_unit": str(offered),
        "deliveries_month": _draw("deliveries", number).choice(
            WANTED_FRESH if product.product in FRESH else WANTED_KEPT
        ),
    }
