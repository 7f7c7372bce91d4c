"""How long the best plan takes: a regency (aim: 2 s) and a province (aim: 60 s, with a proven gap)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pk_research.products import assignment

TITLE = "One village, one product"
CODES_A_REGENCY = 50


def made_problem(n_villages: int, n_products: int, n_kecamatan: int) -> assignment.AssignmentProblem:
    """Seven in ten pairs known, with every kind of limit."""
    rng = np.random.default_rng(0)
    areas = [f"{3200 + n // CODES_A_REGENCY}{n % CODES_A_REGENCY + 1:02d}" for n in range(n_kecamatan)]
    codes = np.array([f"{areas[n % n_kecamatan]}{2001 + n // n_kecamatan}" for n in range(n_villages)])
    products = np.array([f"p{n:03d}" for n in range(n_products)])
    worth = rng.lognormal(0, 0.4, n_products) * rng.lognormal(18.4, 0.5, (n_villages, n_products))
    villages, made = np.nonzero(rng.random(worth.shape) < 0.7)
    values = pd.DataFrame(
        {"village_code": codes[villages], "product": products[made], "value_idr_year": worth[villages, made]}
    )
    size = round(3 * n_villages / n_products)
    steps = ((size // 3, 0.0), (2 * size // 3, 2e7), (size, 6e7))
    market = [(name, end, loss) for name in products for end, loss in steps]
    needs = [(name, f"m{n % 5}", 1.0 + n % 3) for n, name in enumerate(products) if n % 2 == 0]
    regencies = sorted({code[:4] for code in codes})
    supplies = [(f"m{n}", code, n_villages / len(regencies) / 4) for n in range(5) for code in regencies]
    return assignment.assignment_problem(
        values,
        decrees={values["village_code"].iloc[0]: values["product"].iloc[0]},
        most_per_kecamatan=2 if n_kecamatan < 100 else 4,
        least_villages=max(2, n_villages // n_products // 3),
        market=pd.DataFrame(market, columns=["product", "up_to", "loss_idr"]),
        needs=pd.DataFrame(needs, columns=["product", "material", "amount_per_village"]),
        supplies=pd.DataFrame(supplies, columns=["material", "area_code", "amount"]),
        made=True,
    )


@pytest.mark.parametrize(
    ("sizes", "gap", "proven"),
    [
        pytest.param((187, 60, 23), 1e-6, 1e-6, id="187 x 60"),
        pytest.param((5300, 200, 250), 1e-3, 5e-3, id="5,300 x 200", marks=pytest.mark.slow),
    ],
)
def test_the_best_plan(benchmark, tabulate, sizes, gap, proven):
    problem = made_problem(*sizes)
    options = {"gap": gap, "time_limit_s": 600.0}
    plan = benchmark.pedantic(assignment.assign, (problem,), options, rounds=1)
    assert (plan.chosen >= 0).all()
    assert plan.gap_share <= proven
    tabulate(
        TITLE, f"{sizes[0]:,} x {sizes[1]}",
        seconds=f"{plan.seconds:.2f}", gap=f"{100 * plan.gap_share:.4f}%",
    )  # fmt: skip
