"""How long the methods take: a province and the country, beside PyPI's `gower` where it is installed.

``PK_BENCH_FULL=1`` takes all 83,000 villages, and the 5,300 x 40 table for `gower` too (two minutes);
otherwise a tenth.
"""

from __future__ import annotations

import os
import time

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from pk_research.clusters import methods
from pk_research.clusters.gower import gower_matrix
from pk_research.clusters.mixed import mixed
from pk_research.clusters.partition import distinct_points

FULL = os.environ.get("PK_BENCH_FULL") == "1"
COUNTRY = 83_000 if FULL else 8_300
PROVINCE = 5_300


def mixed_frame(n: int) -> pd.DataFrame:
    """Twenty numbers and twenty categories, one value in twenty missing."""
    rng = np.random.default_rng(0)
    numbers = pd.DataFrame(rng.normal(size=(n, 20)), columns=[f"n{j}" for j in range(20)])
    texts = pd.DataFrame(rng.choice(list("abcde"), (n, 20)), columns=[f"c{j}" for j in range(20)])
    frame = pd.concat([numbers, texts], axis=1)
    return frame.mask(rng.random(frame.shape) < 0.05)


KINDS = {f"n{j}": "numeric" for j in range(20)} | {f"c{j}": "nominal" for j in range(20)}


@pytest.fixture(scope="module")
def country() -> tuple[np.ndarray, csr_array, list[str]]:
    """Made villages whose five variables vary over the land, with their six nearest neighbours."""
    rng = np.random.default_rng(0)
    place = rng.random((COUNTRY, 2))
    _, nearest = cKDTree(place).query(place, 7)
    one, other = np.repeat(np.arange(COUNTRY), 6), nearest[:, 1:].ravel()
    neighbours = csr_array((np.ones(len(one)), (one, other)), shape=(COUNTRY, COUNTRY))
    trend = np.column_stack([np.sin(5 * (j + 1) * place).sum(axis=1) for j in range(5)])
    values = trend + 0.3 * rng.normal(size=(COUNTRY, 5))
    return values, neighbours, [f"{i:010}" for i in range(COUNTRY)]


@pytest.mark.slow
@pytest.mark.benchmark(group="clusters: Gower's distance, 40 variables with gaps")
def test_gower(benchmark):
    n = PROVINCE if FULL else PROVINCE // 10
    frame = mixed_frame(n)
    matrix = benchmark.pedantic(lambda: gower_matrix(mixed(frame, KINDS)), rounds=3, warmup_rounds=1)
    assert matrix.shape == (n, n)
    benchmark.extra_info["n_villages"] = n
    try:
        import gower as plain
    except ImportError:
        return
    # It takes neither gaps nor the texts of pandas 3.
    start = time.perf_counter()
    plain.gower_matrix(
        frame.fillna(dict.fromkeys(KINDS, 0)).astype(object).astype({f"n{j}": float for j in range(20)})
    )
    plain_s = time.perf_counter() - start
    benchmark.extra_info["plain_s"] = round(plain_s, 1)
    if not benchmark.disabled:
        benchmark.extra_info["ratio_to_plain"] = round(plain_s / benchmark.stats.stats.min, 1)


@pytest.mark.slow
@pytest.mark.benchmark(group="clusters: regions of the country, five variables")
def test_regions_of_the_country(benchmark, country):
    values, neighbours, codes = country
    points = methods.each_village(values)
    start = time.process_time()
    found = benchmark.pedantic(
        methods.spatial_ward,
        (points, range(2, 21)),
        {"neighbours": neighbours, "codes": codes},
        rounds=1,
    )
    assert [grouping.k for grouping in found] == list(range(2, 21))
    benchmark.extra_info["cpu_s"] = round(time.process_time() - start, 1)
    benchmark.extra_info["n_villages"] = COUNTRY


@pytest.mark.slow
@pytest.mark.benchmark(group="clusters: the country by method, k = 5")
@pytest.mark.parametrize("method", [methods.ward, methods.gaussian_mixture, methods.hdbscan])
def test_the_country_by_method(benchmark, country, method):
    points = distinct_points(country[0])
    options = {"n_starts": 3} if method is methods.gaussian_mixture else {}
    arguments = (points,) if method is methods.hdbscan else (points, [5])
    found = benchmark.pedantic(method, arguments, options, rounds=1)
    assert len(found.labels if method is methods.hdbscan else found[0].labels) == COUNTRY
    benchmark.extra_info["n_villages"] = COUNTRY


@pytest.mark.slow
@pytest.mark.benchmark(group="clusters: mixed variables with gaps, k = 2..5")
@pytest.mark.parametrize("n", [PROVINCE, COUNTRY])
def test_medoids(benchmark, n):
    villages = mixed(mixed_frame(n), KINDS)
    found = benchmark.pedantic(methods.k_medoids, (villages, range(2, 6)), rounds=1)
    assert [grouping.k for grouping in found] == [2, 3, 4, 5]
    benchmark.extra_info["n_villages"] = n


@pytest.mark.slow
@pytest.mark.benchmark(group="clusters: latent classes of eight questions, k = 2..5, three starts")
def test_latent_classes(benchmark):
    columns = [f"c{j}" for j in range(8)]
    villages = mixed(mixed_frame(COUNTRY)[columns].dropna(how="all"), dict.fromkeys(columns, "nominal"))
    found = benchmark.pedantic(methods.latent_classes, (villages, range(2, 6)), {"n_starts": 3}, rounds=1)
    assert len(found) == 4
    benchmark.extra_info["n_villages"] = COUNTRY
