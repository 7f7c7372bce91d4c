"""Products, criteria and villages for the tests of flagship products."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd

from pk_research.products import flagship

DRINKS = {
    ("coffee", "wine"): 9, ("coffee", "tea"): 5, ("coffee", "beer"): 2, ("coffee", "soda"): 1,
    ("coffee", "milk"): 1, ("coffee", "water"): 1 / 2, ("wine", "tea"): 1 / 3, ("wine", "beer"): 1 / 9,
    ("wine", "soda"): 1 / 9, ("wine", "milk"): 1 / 9, ("wine", "water"): 1 / 9, ("tea", "beer"): 1 / 3,
    ("tea", "soda"): 1 / 4, ("tea", "milk"): 1 / 3, ("tea", "water"): 1 / 9, ("beer", "soda"): 1 / 2,
    ("beer", "milk"): 1, ("beer", "water"): 1 / 3, ("soda", "milk"): 2, ("soda", "water"): 1 / 2,
    ("milk", "water"): 1 / 3,
}  # fmt: skip


def table(text: str, index: str | list[str] = "product") -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text.strip()), sep=r"\s+", dtype={"kecamatan_code": str}).set_index(index)


FIGHTERS = table(
    """
    product  speed  range  payload  cost  reliability  manoeuvrability
    A1       2.0    1500   20000    5.5   5            9
    A2       2.5    2700   18000    6.5   3            5
    A3       1.8    2000   21000    4.5   7            7
    A4       2.2    1800   20000    5.0   5            5
    """
)
FIGHTER_WEIGHTS = dict(zip(FIGHTERS, [0.2, 0.1, 0.1, 0.1, 0.2, 0.3], strict=True))
PRODUCTS = table(
    """
    product       market  price  skilled_labour
    batik         5       3      2
    rice          4       1      5
    salted_eggs   2       4      4
    crackers      1       2      1
    """
)
WEIGHTS = {"market": 3, "price": 2, "skilled_labour": 1}


def random_decision(seed: int, *, n: int = 6, m: int = 4) -> flagship.Decision:
    rng = np.random.default_rng(seed)
    names = [f"c{number}" for number in range(m)]
    scores = pd.DataFrame(rng.uniform(1, 9, size=(n, m)), [f"p{number}" for number in range(n)], names)
    weights = dict(zip(names, rng.uniform(0.1, 1, size=m), strict=True))
    return flagship.decision(scores, weights, less_is_better=("c1",))


CANDIDATES = pd.DataFrame(
    [
        ("3216012001", "batik", 10, ("residents",), 5e6, 20.0),
        ("3216012002", "batik", None, ("online", "residents"), 7e6, None),
        ("3216012001", "rice", 30, ("market", "middleman", "residents"), 9e6, 100.0),
        ("3216022001", "rice", 20, ("market",), 4e6, 90.0),
        ("3216022001", "crackers", 5, ("market", "residents"), 1e6, 50.0),
        ("3216022002", "dolls", 3, (), 1e6, 50.0),
    ],
    columns=["village_code", "product", "n_enterprises", "markets", "sales_idr_month", "local_material_pct"],
).astype({"village_code": "string", "product": "string"})
KPJU = {"enterprises": 4, "market_reach": 3, "contribution": 2, "local_material": 1}
