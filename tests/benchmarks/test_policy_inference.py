"""Randomisation inference, 1,000 lots of 187 villages, beside pyfixest's `ritest` of the same slope."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyfixest
import pytest

from pk_research.language import Message
from pk_research.policy.effects.cross_section import read_study
from pk_research.policy.inference import randomisation_test

N_DRAWS = 1000


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    has = (rng.permutation(187) < 93).astype(int)
    roads = rng.normal(size=187)
    return pd.DataFrame({"income": 0.2 * has + roads + rng.normal(size=187), "has": has, "roads": roads})


def test_ours(benchmark, frame):
    study = read_study(frame, outcome="income", treated="has", covariates=["roads"])
    test = benchmark(randomisation_test, study, outcome=Message("income"), n_draws=N_DRAWS, seed=0)
    benchmark.extra_info["p"] = test.p_value


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The inplace keyword")
@pytest.mark.parametrize("statistic", ["randomization-c", "randomization-t"])
def test_pyfixest(benchmark, frame, statistic):
    fit = pyfixest.feols("income ~ has + roads", frame)
    result = benchmark.pedantic(
        lambda: fit.ritest("has", reps=N_DRAWS, rng=np.random.default_rng(0), type=statistic), rounds=1
    )
    benchmark.extra_info["p"] = float(result["Pr(>|t|)"])
