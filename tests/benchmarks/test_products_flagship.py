"""How long the choice of flagships takes for a regency, and how often damaged names find their product."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest

from pk_research.products import flagship
from pk_research.products.catalogue import Product, known_products, match_products

ALPHABET = "abcdefghijklmnoprstuy"


@pytest.fixture(scope="module")
def decision() -> flagship.Decision:
    """Thirty products on eleven criteria, as a panel scores them."""
    rng = np.random.default_rng(0)
    criteria = list(flagship.IN_REGENCY)
    scores = pd.DataFrame(rng.integers(1, 6, size=(30, 11)), list(known_products())[:30], criteria)
    return flagship.decision(scores, dict(zip(criteria, rng.integers(1, 5, size=11), strict=True)))


@pytest.mark.parametrize("method", ["bayes", "topsis", "vikor", "promethee"])
@pytest.mark.benchmark(group="flagship: rank intervals, 30 products, 11 criteria, 1,000 drawings")
def test_rank_intervals(benchmark, decision, method):
    found = benchmark.pedantic(
        flagship.rank_intervals,
        args=(decision,),
        kwargs={"method": method, "score_sd": 0.5, "bounds": (1, 5), "weight_noise": 0.25},
        rounds=1,
    )
    benchmark.extra_info["pairs told apart of 435"] = len(found.told_apart)


@pytest.mark.parametrize("is_known", [True, False], ids=["product in the list", "product not in the list"])
@pytest.mark.benchmark(group="catalogue: 2,000 damaged names")
def test_damaged_names(benchmark, is_known):
    """Names with one wrong letter, words in another order and words that say nothing."""
    draw = random.Random(1)
    owners = [(alias, p.product) for p in known_products().values() for alias in p.aliases if len(alias) >= 5]
    asked = [draw.choice(owners) for _ in range(2000)]
    lists = {product: without(product) for product in known_products()}
    damaged = [damage(alias, draw) for alias, _ in asked]

    def answers() -> list[str | None]:
        return [
            match_products([name], known_products() if is_known else lists[product])[0].product
            for name, (_, product) in zip(damaged, asked, strict=True)
        ]

    found = benchmark.pedantic(answers, rounds=1)
    answered = [(one, product) for one, (_, product) in zip(found, asked, strict=True) if one is not None]
    wrong = sum(one != product for one, product in answered)
    benchmark.extra_info["answered (%)"] = round(100 * len(answered) / len(asked), 1)
    benchmark.extra_info["wrong (% of all)"] = round(100 * wrong / len(asked), 2)
    assert wrong <= 0.02 * len(asked)


def without(product: str) -> dict[str, Product]:
    return {name: one for name, one in known_products().items() if name != product}


def damage(name: str, draw: random.Random) -> str:
    place = draw.randrange(1, len(name))
    letter = draw.choice(ALPHABET)
    kind = draw.randrange(4)
    cut = place if kind == 0 else place + 1
    middle = {0: letter, 1: letter, 2: "", 3: name[place : place + 1] * 2}[kind]
    words = (name[:place] + middle + name[cut:]).split()
    draw.shuffle(words)
    return " ".join([*draw.choice([[], ["aneka"], ["usaha"]]), *words, *draw.choice([[], ["khas bekasi"]])])
