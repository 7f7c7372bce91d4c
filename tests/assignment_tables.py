"""Small tables of what villages would earn by each product, and what a plan is worth, reckoned anew."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pk_research.products import assignment as ovop
from pk_research.products.assignment import AssignmentProblem

CIKARANG, TAMBUN = "321601", "321602"
NAMES = {
    CIKARANG: "Cikarang", TAMBUN: "Tambun", "3216012001": "Sukamaju", "3216012002": "Sukatani",
    "3216022001": "Mekarsari", "3216022002": "Karangjaya", "kecap": "Kecap", "batik": "Batik",
    "telur": "Telur asin", "kedelai": "kedelai",
}  # fmt: skip
VALUES = """
village     kecap  batik  telur
3216012001     90     60     50
3216012002     80     70     10
3216022001     70     20      -
3216022002     60     50     40
"""


def table(text: str, **errors: float) -> pd.DataFrame:
    """Read millions of rupiah a year; ``-`` is unknown."""
    head, *lines = [line.split() for line in text.split("\n") if line.strip()]
    rows = [
        (line[0], product, np.nan if cell == "-" else float(cell) * 1e6)
        for line in lines
        for product, cell in zip(head[1:], line[1:], strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["village_code", "product", "value_idr_year"])
    return frame.assign(se_idr_year=errors["se"] * 1e6) if errors else frame


def stated(text: str = VALUES, **limits: object) -> AssignmentProblem:
    return ovop.assignment_problem(table(text), names=NAMES, **limits)


def tiers(product: str, *steps: tuple[float | None, float]) -> pd.DataFrame:
    rows = [(product, end, loss * 1e6) for end, loss in steps]
    return pd.DataFrame(rows, columns=["product", "up_to", "loss_idr"])


def soy(amount: float, area: str = "3216") -> dict[str, pd.DataFrame]:
    return {
        "needs": pd.DataFrame({"product": ["kecap"], "material": "kedelai", "amount_per_village": 10.0}),
        "supplies": pd.DataFrame({"material": ["kedelai"], "area_code": area, "amount": amount}),
    }


def worth(problem: AssignmentProblem, plan: tuple[int, ...], dropped: set[str]) -> float:
    """The worth of a plan, limits written out anew; -inf where it breaks one that was not dropped."""
    names = [problem.products[p] if p >= 0 else None for p in plan]
    broken = {
        "every_village": problem.every_village and None in names,
        "decree": any(names[problem.villages.index(v)] != p for v, p in problem.decrees.items()),
        "least": any(0 < names.count(p) < n for p, n in problem.least_villages.items()),
        "diversity": any(
            inside(problem, names, area).count(p) > most
            for area, most in problem.most_per_kecamatan.items() for p in problem.products
        ),
        "material": any(
            sum(problem.needs.get((p, material), 0) for p in inside(problem, names, area)) > amount
            for (material, area), amount in problem.supplies.items()
        ),
    }  # fmt: skip
    if any(is_broken and kind not in dropped for kind, is_broken in broken.items()):
        return -np.inf
    total = sum(problem.value_idr_year[v, p] for v, p in enumerate(plan) if p >= 0)
    return total if "market" in dropped else total - lost(problem, names)


def inside(problem: AssignmentProblem, names: list[str | None], area: str) -> list[str | None]:
    return [name for name, code in zip(names, problem.villages, strict=True) if code.startswith(area)]


def lost(problem: AssignmentProblem, names: list[str | None]) -> float:
    loss = 0.0
    for product, steps in problem.market.items():
        left = float(names.count(product))
        for tier in steps:
            loss += min(left, tier.size) * tier.loss_idr
            left -= min(left, tier.size)
        loss += np.inf if left > 0 else 0.0
    return loss
