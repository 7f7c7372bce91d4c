"""How long an index of the country takes: building it, moving a slider, and a thousand draws.

A hundred draws run by default; ``PK_BENCH_FULL=1`` runs the thousand of the aim (60 s, 2 GB).
"""

from __future__ import annotations

import os
import resource

import numpy as np
import pandas as pd
import pytest
from village_tables import dataset_of_values

from pk_research.indicators import composite

N_VILLAGES, N_INDICATORS, N_PARTS = 83_000, 50, 5
N_DRAWS = 1000 if os.environ.get("PK_BENCH_FULL") == "1" else 100
CHOICES = {
    "normalisation": ["min-max", "z"],
    "treatment": ["none", "winsorise or log"],
    "aggregation": ["arithmetic", "geometric"],
}


@pytest.fixture(scope="module")
def country() -> composite.CompositeIndex:
    """83,000 made villages, 50 indicators of which ten are skewed, five parts."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(N_VILLAGES, 1)) + rng.normal(size=(N_VILLAGES, N_INDICATORS))
    values[:, ::5] = np.exp(values[:, ::5])
    names = [f"x{n + 1}" for n in range(N_INDICATORS)]
    rows = [[name, 1, 1, f"part{n % N_PARTS}", 0.05] for n, name in enumerate(names)]
    rows += [[f"part{n}", 1, 1, "top", None] for n in range(N_PARTS)] + [["top", 1, 1, None, None]]
    columns = ["indicator", "direction", "weight", "parent", "relative_se"]
    dataset = dataset_of_values(values)
    options = composite.Options(treatment="winsorise or log", scale=(1, 100), z_mean=100, z_sd=10)
    return composite.build_index(
        dataset, composite.declare(pd.DataFrame(rows, columns=columns)), options=options
    )


def note(benchmark) -> None:
    benchmark.extra_info["n_draws"] = N_DRAWS
    benchmark.extra_info["peak_gb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2)


@pytest.mark.slow
@pytest.mark.benchmark(group="index: 83,000 villages x 50 indicators")
def test_a_slider(benchmark, country):
    moved = benchmark(composite.reweighted, country, {"x1": 0.5})
    assert moved.weights.loc["x1", "share"] > country.weights.loc["x1", "share"]


@pytest.mark.slow
@pytest.mark.benchmark(group="index: 83,000 villages x 50 indicators")
@pytest.mark.parametrize(
    "varied",
    [
        {"weight_noise": 0.25},
        {"weight_noise": 0.25, "alternatives": CHOICES},
        {"weight_noise": 0.25, "alternatives": CHOICES, "data_error": True},
    ],
    ids=["weights", "weights and choices", "weights, choices and data"],
)
def test_monte_carlo(benchmark, country, varied):
    found = benchmark.pedantic(
        composite.monte_carlo, (country,), {**varied, "n_draws": N_DRAWS, "n_jobs": 2}, rounds=1
    )
    note(benchmark)
    assert len(found.intervals) == N_VILLAGES
    assert (found.intervals["low"] <= found.intervals["high"]).all()
