"""How long neighbours and local patterns take: a regency in the app, and as many villages as the country.

The country is made: 83,000 squares side by side, for want of boundaries. PySAL's esda, without numba,
is measured beside ours.
"""

from __future__ import annotations

import resource
import time
import warnings

import numpy as np
import pandas as pd
import pytest

from pk_research.indicators import spatial

SIDE = 288
PERMUTATIONS = 999


def squares(side: int) -> dict[str, list]:
    return {
        f"{n:010}": [[[(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1), (x, y)]]]
        for n, (y, x) in enumerate(divmod(n, side) for n in range(side * side))
    }


def noise(codes) -> pd.Series:
    return pd.Series(np.random.default_rng(0).normal(size=len(codes)), index=list(codes))


@pytest.mark.benchmark(group="spatial: 187 places, the 6 nearest, local Moran with 9,999 permutations")
def test_a_regency(benchmark):
    random = np.random.default_rng(0)
    places = pd.DataFrame(
        {"longitude": random.uniform(107, 107.4, 187), "latitude": random.uniform(-6.5, -6, 187)},
        index=[f"{n:010}" for n in range(187)],
    )
    near = spatial.nearest(places, k=6)
    result = benchmark(spatial.local_moran, noise(near.codes), near)
    assert len(result.frame) == 187


@pytest.fixture(scope="module")
def country() -> spatial.Neighbours:
    return spatial.contiguity(squares(SIDE))


@pytest.mark.slow
@pytest.mark.benchmark(group="spatial: 83,000 villages, queen contiguity from boundaries")
def test_contiguity_of_the_country(benchmark):
    boundaries = squares(SIDE)
    near = benchmark.pedantic(spatial.contiguity, (boundaries,), rounds=3, warmup_rounds=1)
    assert near.counts.max() == 8


@pytest.mark.slow
@pytest.mark.benchmark(group="spatial: 83,000 villages, Moran's I with 999 permutations")
def test_moran_of_the_country(benchmark, country):
    values = noise(country.codes)
    result = benchmark.pedantic(spatial.moran, (values, country), rounds=1)
    assert result.n == SIDE**2


@pytest.mark.slow
@pytest.mark.benchmark(group="spatial: 83,000 villages, local Moran with 999 permutations, beside esda")
def test_local_moran_of_the_country_against_esda(benchmark, country):
    values = noise(country.codes)
    result = benchmark.pedantic(
        spatial.local_moran,
        (values, country),
        {"n_permutations": PERMUTATIONS},
        rounds=3,
        warmup_rounds=1,
    )
    benchmark.extra_info["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        esda = pytest.importorskip("esda", reason="PySAL's esda is not installed")
        graph = pytest.importorskip("libpysal.graph", reason="PySAL's libpysal is not installed")
        weights = graph.Graph.from_sparse(country.matrix, ids=list(country.codes)).transform("r")
        start = time.perf_counter()
        second = esda.Moran_Local(
            values.to_numpy(), weights, permutations=PERMUTATIONS, keep_simulations=False, seed=1
        )
        esda_s = time.perf_counter() - start
    assert np.allclose(result.frame["statistic"], second.Is)
    benchmark.extra_info["esda_s"] = round(esda_s, 1)
    if not benchmark.disabled:
        benchmark.extra_info["ratio_to_esda"] = round(esda_s / benchmark.stats.stats.min, 1)
