"""Rank intervals, what drives them, and the same numbers on any number of workers."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from composite_tables import flat
from village_tables import dataset_of_values

from pk_research.errors import BadInput, NotFound
from pk_research.indicators import composite


def index_of(n: int = 30, m: int = 4, *, gaps: int = 0, **options: object) -> composite.CompositeIndex:
    rng = np.random.default_rng(5)
    values = rng.lognormal(size=(n, m))
    values.flat[rng.choice(n * m, gaps, replace=False)] = np.nan
    declared = flat(m, relative_se=0.1)
    return composite.build_index(dataset_of_values(values), declared, options=composite.Options(**options))


ALTERNATIVES = {
    "normalisation": ["min-max", "rank"],
    "treatment": ["none", "winsorise or log"],
    "imputation": ["mean", "median"],
}


def test_ishigami():
    """First-order indices 0.314, 0.442 and 0, as published for a = 7, b = 0.1."""

    def ishigami(places: np.ndarray) -> np.ndarray:
        x = np.pi * (2 * places - 1)
        return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])

    found = composite.sobol_indices(ishigami, ["x1", "x2", "x3"], n_base=4096)
    assert found.shares["first"].tolist() == pytest.approx([0.314, 0.442, 0], abs=0.01)
    assert found.shares["total"].tolist() == pytest.approx([0.558, 0.442, 0.244], abs=0.01)


def test_a_village_better_in_everything_is_first_in_every_draw():
    values = np.vstack([np.random.default_rng(0).uniform(size=(20, 3)), [[2, 2, 2]]])
    index = composite.build_index(dataset_of_values(values), flat(3))
    found = composite.monte_carlo(
        index, alternatives={"normalisation": ["min-max", "z", "rank"]}, weight_noise=0.9, n_draws=60, top=1
    )
    best = found.intervals.iloc[20]
    assert best[["rank", "median", "low", "high", "share_top", "share_scored"]].tolist() == [1] * 6
    assert found.intervals["share_top"].sum() == pytest.approx(1)


def test_the_data_error_alone_moves_ranks_as_a_plain_loop_does():
    """Two villages at 1 and 1.2 with standard error 0.1 each: the second leads with P(Z > -sqrt 2)."""
    values = np.array([[1.0], [1.2], [0], [3]])
    index = composite.build_index(dataset_of_values(values), flat(1, se=0.1))
    found = composite.monte_carlo(index, data_error=True, n_draws=4000, top=2)
    assert found.intervals["share_top"].iloc[1] == pytest.approx(0.9214, abs=0.02)


def test_intervals_widen_with_what_is_varied():
    index = index_of()
    little, much = (composite.monte_carlo(index, weight_noise=noise, n_draws=200) for noise in (0.05, 0.9))
    width = [float((each.intervals["high"] - each.intervals["low"]).mean()) for each in (little, much)]
    assert width[0] < width[1]
    assert (much.intervals["low"] <= much.intervals["median"]).all()
    assert (much.intervals["median"] <= much.intervals["high"]).all()


def test_more_draws_do_not_change_the_first_ones():
    index = index_of()
    few, many = (composite.monte_carlo(index, weight_noise=0.3, n_draws=n) for n in (20, 70))
    assert np.array_equal(few.mean_shift, many.mean_shift[:20])


def test_a_village_without_a_score_in_some_draws_says_so():
    index = index_of(gaps=10)
    found = composite.monte_carlo(index, alternatives={"imputation": ["none", "mean"]}, n_draws=60)
    incomplete = index.rank.isna().to_numpy()
    assert incomplete.any()
    assert found.intervals["share_scored"][incomplete].between(0.3, 0.7).all()
    assert (found.intervals["share_scored"][~incomplete] == 1).all()
    assert found.intervals["median"].notna().all()


def test_draws_of_a_multiple_imputation_spread_the_ranks_of_what_was_imputed():
    index = index_of(20, 3, gaps=8, imputation="multiple", n_imputations=3)
    found = composite.monte_carlo(index, n_draws=40)
    had_gap = np.isnan(index.inputs.measured).any(axis=0)
    spread = (found.intervals["high"] - found.intervals["low"]).to_numpy()
    assert spread[had_gap].max() > 0
    assert spread[had_gap].mean() > spread[~had_gap].mean()


def test_sobol_names_what_drives_the_ranks():
    index = index_of()
    found = composite.drivers_of_ranks(
        index, alternatives={"normalisation": ["min-max", "rank"]}, weight_noise=0.001, n_base=64
    )
    assert found.shares["total"].idxmax() == "normalisation"
    assert found.shares.loc["weights", "total"] < 0.1
    assert found.n_runs == 64 * 4
    assert "Normalisasi" in found.in_words("id")
    assert found.table("en").iloc[0, 0] == "Normalisation"


def test_what_moves_nothing_has_no_indices():
    values = np.array([[1.0, 1], [2, 2], [3, 3]])
    index = composite.build_index(dataset_of_values(values), flat(2))
    found = composite.drivers_of_ranks(index, weight_noise=0.5, n_base=8)
    assert found.shares.isna().all().all()
    assert found.in_words("en") == "Nothing that was varied moves the ranks."


def test_the_rank_of_one_village_can_be_explained():
    index = index_of()
    key = index.inputs.key[3]
    found = composite.drivers_of_ranks(index, weight_noise=0.5, data_error=True, unit=key, n_base=32)
    assert list(found.shares.index) == ["weights", "data"]
    with pytest.raises(NotFound, match="no unit 'x'"):
        composite.drivers_of_ranks(index, weight_noise=0.5, unit="x", n_base=8)


def test_everything_wrong_with_a_variation_is_named_at_once():
    values = np.random.default_rng(0).normal(size=(9, 2))
    index = composite.build_index(dataset_of_values(values), flat(2))
    with pytest.raises(BadInput) as caught:
        composite.monte_carlo(
            index,
            alternatives={
                "normalisation": ["z", "goalposts"], "aggregation": ["geometric"], "treatment": ["zap"]
            },
            data_error=True,
            weight_noise=2,
        )  # fmt: skip
    told = str(caught.value)
    for part in ("it is 2", "no standard errors were declared", "'zap' is unknown", "not negative"):
        assert part in told
    with pytest.raises(BadInput, match="nothing varies"):
        composite.monte_carlo(index)
    with pytest.raises(BadInput, match="'colour' cannot vary"):
        composite.monte_carlo(index, alternatives={"colour": ["red"]})


PROGRAM = """
import sys
sys.path.insert(0, sys.argv[2])
from test_indicators_composite_uncertainty import fingerprint
print(fingerprint(int(sys.argv[1])))
"""


def fingerprint(n_jobs: int) -> str:
    """Hash every number of a run that varies everything."""
    index = index_of(40, gaps=6, imputation="mean")
    found = composite.monte_carlo(
        index, alternatives=ALTERNATIVES, weight_noise=0.3, data_error=True, n_draws=120, n_jobs=n_jobs
    )
    drivers = composite.drivers_of_ranks(
        index, alternatives=ALTERNATIVES, weight_noise=0.3, n_base=16, n_jobs=n_jobs
    )
    parts = (found.intervals.to_numpy(dtype=float), found.mean_shift, drivers.shares.to_numpy(dtype=float))
    return hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest()


@pytest.mark.parametrize("n_jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_the_same_bytes_for_any_number_of_workers_and_hash_seed(n_jobs):
    """Another interpreter, with a hash seed of its own, finds the same."""
    elsewhere = subprocess.check_output(
        [sys.executable, "-c", PROGRAM, str(n_jobs), str(Path(__file__).parent)],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        text=True,
    )
    assert elsewhere.strip() == fingerprint(1)


def test_rivals_are_those_whose_intervals_overlap():
    found = composite.monte_carlo(index_of(gaps=6), weight_noise=0.6, n_draws=80)
    low, high = found.intervals["low"], found.intervals["high"]
    by_hand = [
        pd.NA if pd.isna(low.iloc[i]) else int(((low <= high.iloc[i]) & (high >= low.iloc[i])).sum()) - 1
        for i in range(len(low))
    ]
    assert found.n_rivals.tolist() == by_hand
    first = found.intervals["rank"].fillna(0).tolist().index(1)
    assert f"intervals of {by_hand[first]} others overlap its own" in found.in_words("en")


def test_each_draw_takes_one_of_the_completed_tables_evenly():
    index = index_of(15, 3, gaps=8, imputation="multiple", n_imputations=4)
    shifts = composite.monte_carlo(index, n_draws=200).mean_shift
    counts = np.unique(shifts.round(9), return_counts=True)[1]
    assert 2 <= len(counts) <= 4
    assert counts.min() > 30


def test_what_was_imputed_has_no_measurement_error_of_its_own():
    """Two villages filled with the same median stay level in every draw, whatever errors the others have."""
    values = np.array([[0.0], [10], [np.nan], [np.nan], [5], [5.5], [4.5]])
    values = np.hstack([values, np.full((7, 1), 3.0)])
    values[:2, 1] = 1, 9
    options = composite.Options(imputation="median")
    index = composite.build_index(dataset_of_values(values), flat(2, se=[1.0, None]), options=options)
    intervals = composite.monte_carlo(index, data_error=True, n_draws=200, top=3).intervals
    assert intervals["share_top"].iloc[2] == intervals["share_top"].iloc[3]
    assert intervals["median"].iloc[2] == intervals["median"].iloc[3]
    assert intervals["low"].iloc[4] < intervals["high"].iloc[4]
