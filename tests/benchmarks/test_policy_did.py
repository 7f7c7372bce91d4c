"""What the checks around the doubly robust event study cost, beside the bare library call.

5,000 villages x 10 periods, five starting groups, one covariate; the two are timed in turn, so that what
else the machine does falls on both.
"""

from __future__ import annotations

import statistics
import time

import numpy as np
import pandas as pd
import pytest
from diff_diff import CallawaySantAnna

from pk_research.language import Message
from pk_research.policy.effects.did import staggered
from pk_research.policy.effects.panel import Panel, read_panel

N_VILLAGES, N_PERIODS, N_ROUNDS = 5_000, 10, 7


@pytest.fixture(scope="module")
def panel() -> Panel:
    rng = np.random.default_rng(0)
    start = np.repeat(rng.choice([0, 0, 4, 5, 6, 7, 8], N_VILLAGES), N_PERIODS)
    year = np.tile(np.arange(1, N_PERIODS + 1), N_VILLAGES)
    frame = pd.DataFrame(
        {
            "village": np.repeat(np.arange(N_VILLAGES), N_PERIODS),
            "year": year,
            "start": start,
            "size": np.repeat(rng.normal(size=N_VILLAGES), N_PERIODS),
            "income": rng.normal(size=len(year)) + ((start > 0) & (year >= start)),
        }
    )
    return read_panel(
        frame, unit="village", period="year", outcome="income", start="start", covariates=["size"]
    )


@pytest.mark.slow
@pytest.mark.benchmark(group="differences in differences: doubly robust event study, 5,000 x 10")
def test_event_study_beside_the_bare_library(benchmark, panel):
    def bare():
        fit = CallawaySantAnna(base_period="universal").fit(
            panel.rows, "outcome", "unit", "period", "start", covariates=["size"]
        )
        return fit.aggregate("event_study")

    def ours():
        return staggered(panel, outcome=Message("Income"))

    theirs, seconds = bare(), {bare: [], ours: []}
    terms = ours().of_kind("event_time")
    assert terms["estimate"].to_numpy() == pytest.approx(theirs.att[~theirs.is_reference])
    for call in (bare, ours) * N_ROUNDS:
        began = time.perf_counter()
        call()
        seconds[call].append(time.perf_counter() - began)
    benchmark.extra_info["bare_seconds"] = statistics.median(seconds[bare])
    benchmark.extra_info["times_the_bare_call"] = statistics.median(seconds[ours]) / statistics.median(
        seconds[bare]
    )
    benchmark.pedantic(ours, rounds=3)
