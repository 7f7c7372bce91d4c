"""Hiding cells of tables of enterprises: one programme asked again, beside one set up anew each time."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from pk_research.disclosure import cells_of, suppress, suppression
from pk_research.disclosure.programme import Programme

TABLES = {
    "6 kecamatan, 5 trades": (300, 6, ["kecamatan", "trade"], None),
    "24 villages in 6 kecamatan, 5 trades": (700, 6, [("kecamatan", "village"), "trade"], None),
    "the same, sales": (700, 6, [("kecamatan", "village"), "trade"], "sales"),
    "16 villages in 4 kecamatan, 5 trades, sex": (1500, 4, [("kecamatan", "village"), "trade", "sex"], None),
}


class Anew(Programme):
    """The obvious way: scipy's own copy of the solver, set up for each programme."""

    def __init__(self, equations, right):
        self.equations, self.right = equations, right

    def least(self, cost, low, high):
        solved = linprog(cost, A_eq=self.equations, b_eq=self.right, bounds=np.column_stack([low, high]))
        return solved.x if solved.status == 0 else None


def enterprises(n, n_kecamatan):
    rng = np.random.default_rng(0)
    kecamatan, village = rng.integers(0, n_kecamatan, n), rng.integers(0, 4, n)
    return pd.DataFrame(
        {
            "kecamatan": kecamatan.astype(str),
            "village": [f"{one}-{other}" for one, other in zip(kecamatan, village, strict=True)],
            "sex": rng.choice(["f", "m"], n),
            "trade": rng.choice(list("abcde"), n, p=np.array([5, 4, 3, 2, 1]) / 15),
            "sales": np.round(rng.lognormal(15, 1, n)),
        }
    )


@pytest.mark.parametrize("name", [*list(TABLES)[:-1], pytest.param(list(TABLES)[-1], marks=pytest.mark.slow)])
def test_one_programme_asked_again(benchmark, tabulate, monkeypatch, name):
    n, n_kecamatan, by, sum_of = TABLES[name]
    cells = cells_of(enterprises(n, n_kecamatan), by, sum_of=sum_of)
    found = benchmark.pedantic(suppress, [cells], rounds=1)
    monkeypatch.setattr(suppression, "Programme", Anew)
    begun = time.perf_counter()
    old = suppress(cells)
    anew, ours = time.perf_counter() - begun, benchmark.stats.stats.min if benchmark.stats else np.nan
    tabulate(
        "Hiding cells", name, cells=len(cells.frame), small=int(found.is_primary.sum()),
        hidden=int(found.is_hidden.sum()), hidden_anew=int(old.is_hidden.sum()),
        seconds=f"{ours:.2f}", anew=f"{anew:.2f}", ratio=f"{anew / ours:.0f}",
    )  # fmt: skip
    assert set(np.flatnonzero(found.is_primary)) == set(np.flatnonzero(old.is_primary))
