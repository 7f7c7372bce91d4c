"""How long grouping villages takes: a regency in the app, and the country against plain scikit-learn.

The plain loop runs on 20,000 villages; ``PK_BENCH_FULL=1`` runs it on all (about seven minutes).
"""

from __future__ import annotations

import os
import time

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score
from sklearn.preprocessing import StandardScaler
from village_tables import dataset_of_values, idm_dataset

from pk_research import clusters
from pk_research.sources.dataset import Dataset

IDM = ["iks", "ike", "ikl"]
K_RANGE = range(2, 11)
SUBSET = 20_000


def plain_sweep(values: np.ndarray) -> pd.DataFrame:
    """Run the loop a researcher would write: ten starts and three measures for every k."""
    scaled = StandardScaler().fit_transform(values)
    rows = []
    for k in K_RANGE:
        labels = KMeans(k, n_init=10, random_state=0).fit_predict(scaled)
        measures = (silhouette_score, calinski_harabasz_score, davies_bouldin_score)
        rows.append([measure(scaled, labels) for measure in measures])
    return pd.DataFrame(rows, index=K_RANGE, columns=["silhouette", "calinski_harabasz", "davies_bouldin"])


@pytest.mark.benchmark(group="clusters: 187 villages, 8 variables, k = 2..10 with choice and profile")
def test_a_regency(benchmark):
    rng = np.random.default_rng(0)
    values = 1.3 * rng.normal(size=(3, 8))[rng.integers(0, 3, 187)] + rng.normal(size=(187, 8))
    dataset, names = dataset_of_values(values), [f"x{n}" for n in range(1, 9)]
    typology = benchmark(clusters.find_types, dataset, names)
    assert len(typology.villages) == 187


@pytest.fixture(scope="module")
def country(shared) -> Dataset:
    """All villages; only 20,000 drawn ones unless the full comparison is asked for."""
    dataset = idm_dataset(shared / "data" / "idm-2024" / "idm2024_nasional.csv.gz")
    if os.environ.get("PK_BENCH_FULL") != "1":
        drawn = dataset.frame.sample(SUBSET, random_state=0).reset_index(drop=True)
        dataset = dataset.with_frame(drawn, dataset.codebook)
    return dataset


@pytest.fixture(scope="module")
def plain(country) -> tuple[pd.DataFrame, float]:
    """What the plain loop finds, and its seconds."""
    start = time.perf_counter()
    table = plain_sweep(country.frame[IDM].dropna().to_numpy())
    return table, time.perf_counter() - start


@pytest.mark.slow
@pytest.mark.benchmark(group="clusters: the country, three sub-indices, k = 2..10")
def test_the_country_against_plain_scikit_learn(benchmark, country, plain):
    typology = benchmark.pedantic(clusters.find_types, (country, IDM), rounds=3, warmup_rounds=1)
    table, plain_s = plain
    assert typology.k == table["silhouette"].idxmax()
    assert (typology.choice.table["silhouette"] - table["silhouette"]).abs().max() < 0.02
    benchmark.extra_info["n_villages"] = len(typology.villages)
    benchmark.extra_info["k"] = typology.k
    benchmark.extra_info["plain_s"] = round(plain_s, 1)
    if not benchmark.disabled:
        benchmark.extra_info["ratio_to_plain"] = round(plain_s / benchmark.stats.stats.min, 1)


@pytest.mark.slow
@pytest.mark.benchmark(group="clusters: the country, three sub-indices, k = 2..10")
def test_the_whole_country(benchmark, shared):
    dataset = idm_dataset(shared / "data" / "idm-2024" / "idm2024_nasional.csv.gz")
    typology = benchmark.pedantic(clusters.find_types, (dataset, IDM), rounds=3, warmup_rounds=1)
    assert len(typology.villages) == 74_756
    assert typology.k == 3
