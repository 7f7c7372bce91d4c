"""How long shared plants take: a regency beside spopt on the same problem, and the size of the OR-Library."""

from __future__ import annotations

import time
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

from pk_research.products.plants import p_median


@pytest.fixture(scope="module")
def regency() -> tuple[pd.DataFrame, pd.Series]:
    """187 made villages on a square of 40 km."""
    rng = np.random.default_rng(0)
    place = 40 * rng.random((187, 2))
    km = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1))
    codes = [f"v{n:03}" for n in range(187)]
    return pd.DataFrame(km, index=codes, columns=codes), pd.Series(rng.integers(1, 50, 187), index=codes)


@pytest.mark.slow
@pytest.mark.benchmark(group="plants: p-median, 187 villages and sites, p = 12")
def test_a_regency_beside_spopt(benchmark, tabulate, regency):
    km, demand = regency
    plants = benchmark(p_median, km, demand, 12)
    assert plants.is_optimal
    import pulp
    from spopt.locate import PMedian

    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = PMedian.from_cost_matrix(km.to_numpy(), demand.to_numpy().astype(float), p_facilities=12)
        theirs = theirs.solve(pulp.PULP_CBC_CMD(msg=False))
    plain_s = time.perf_counter() - start
    assert plants.objective == pytest.approx(pulp.value(theirs.problem.objective))
    if not benchmark.disabled:
        own_s = benchmark.stats.stats.median
        tabulate(
            "p-median", "187 villages, p = 12", own_s=round(own_s, 3), spopt_s=round(plain_s, 1),
            ratio=round(plain_s / own_s, 1),
        )  # fmt: skip


@pytest.mark.slow
@pytest.mark.benchmark(group="plants: p-median on made networks of 900 nodes")
@pytest.mark.parametrize("p", [5, 10, 90, 200])
def test_the_size_of_the_or_library(benchmark, tabulate, p):
    rng = np.random.default_rng(p)
    start = np.r_[np.arange(899), rng.integers(900, size=16_200)]
    end = np.r_[np.arange(1, 900), rng.integers(900, size=16_200)]
    direct = np.zeros((900, 900))
    direct[start, end] = direct[end, start] = rng.integers(1, 100, size=len(start))
    np.fill_diagonal(direct, 0)
    codes = [str(n) for n in range(900)]
    km = pd.DataFrame(shortest_path(csr_array(direct), directed=False), index=codes, columns=codes)
    plants = benchmark.pedantic(p_median, (km, pd.Series(1, index=codes), p), rounds=1)
    assert plants.gap < 0.01
    if not benchmark.disabled:
        tabulate(
            "p-median on 900 nodes", f"p = {p}", own_s=round(benchmark.stats.stats.median, 1), gap=plants.gap
        )
