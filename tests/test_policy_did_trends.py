"""Parallel trends: what the test before the policy can say, and how much doubt the effect survives."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from diff_diff import CallawaySantAnna, HonestDiD, PreTrendsPower
from scipy.optimize import linprog

from pk_research.compute.chance import derived_rng
from pk_research.errors import BadInput
from pk_research.language import Message
from pk_research.policy.effects.did import (
    detectable_slope,
    honest,
    power_against,
    pre_trends,
    staggered,
    twfe,
)
from pk_research.policy.effects.did.honest import _corners, relative_interval
from pk_research.policy.effects.did.leads import EventStudy, event_study
from pk_research.policy.effects.effect import Effect
from pk_research.policy.effects.panel import Panel, read_panel

INCOME = Message("Income")


def villages(*, drift: float = 0.0, jump: float = 1.0, n: int = 40, seed: int = 0) -> Panel:
    """Made villages: a third each begins in periods 4 and 5; those drift apart steadily."""
    rng = np.random.default_rng(seed)
    start = np.repeat([0, 4, 5], n)
    rows = pd.DataFrame(
        {
            "village": np.repeat(np.arange(3 * n), 6),
            "year": np.tile(np.arange(1, 7), 3 * n),
            "start": np.repeat(start, 6),
        }
    )
    has = (rows["start"] > 0) & (rows["year"] >= rows["start"])
    rows["income"] = (
        rng.normal(size=len(rows))
        + jump * has
        + drift * rows["year"] * (rows["start"] > 0)
        + 0.2 * rows["year"]
    )
    return read_panel(rows, unit="village", period="year", outcome="income", start="start")


@pytest.fixture(scope="module")
def effect() -> Effect:
    return staggered(villages(), outcome=INCOME)


# --- before the policy -------------------------------------------------------------------------------


def test_a_test_that_does_not_reject_never_holds(effect):
    found = pre_trends(effect)
    assert found.value > 0.05
    assert found.verdict == "cannot_be_said"
    account = found.account.text("en")
    assert "does not show that there was none" in account
    assert "80%" in account


def test_a_strong_drift_is_found_and_the_remedy_named():
    found = pre_trends(staggered(villages(drift=1.0), outcome=INCOME))
    assert found.verdict == "fails"
    assert "`honest`" in found.account.text("en")


def test_the_event_study_carries_the_check(effect):
    assert [check.verdict for check in effect.diagnostics] == ["cannot_be_said"]


def test_the_detectable_drift_is_the_library_s():
    panel = villages()
    fit = CallawaySantAnna(base_period="universal").fit(panel.rows, "outcome", "unit", "period", "start")
    theirs = PreTrendsPower(pretest_form="wald", violation_type="linear").fit(fit.aggregate("event_study"))
    ours = detectable_slope(staggered(panel, outcome=INCOME))
    assert ours == pytest.approx(theirs.mdv, rel=1e-3)


def test_the_power_is_what_simulation_finds(effect):
    study = event_study(effect)
    leads = study.is_lead
    covariance = study.covariance[np.ix_(leads, leads)]
    slope = detectable_slope(effect)
    drawn = derived_rng(0).multivariate_normal(slope * (study.times[leads] + 1), covariance, size=20_000)
    statistics = np.einsum("ij,jk,ik->i", drawn, np.linalg.inv(covariance), drawn)
    critical = {2: 5.991, 3: 7.815}[int(leads.sum())]
    assert (statistics > critical).mean() == pytest.approx(0.80, abs=0.01)
    assert power_against(effect, slope) == pytest.approx(0.80, abs=1e-6)


def test_an_effect_without_event_study_is_refused():
    with pytest.raises(BadInput, match="no event study"):
        pre_trends(twfe(villages(), outcome=INCOME))


def test_powers_that_are_none_are_refused(effect):
    with pytest.raises(BadInput, match="power the larger"):
        detectable_slope(effect, power=0.01)


# --- how much doubt the effect survives --------------------------------------------------------------


def test_without_violation_the_interval_is_the_effect_s(effect):
    found = honest(effect, sizes=[0.0])
    low, high = effect.interval
    assert found.intervals[["low", "high"]].to_numpy()[0] == pytest.approx(
        [low, high], abs=0.1 * effect.standard_error
    )


def test_larger_violations_widen_and_the_breakdown_is_told(effect):
    found = honest(effect)
    width = (found.intervals["high"] - found.intervals["low"]).to_numpy()
    assert (np.diff(width) > 0).all()
    assert 0 < found.breakdown < 5
    just_before, just_after = honest(
        effect, sizes=[found.breakdown, found.breakdown + 0.02]
    ).intervals.itertuples(index=False)
    assert just_before.low > 0 > just_after.low
    assert "times the largest before the policy" in found.in_words("en")
    assert "kali yang terbesar sebelum kebijakan" in found.in_words("id")
    assert found.plot("id").axes


def test_an_effect_within_doubt_survives_nothing():
    found = honest(staggered(villages(jump=0.0), outcome=INCOME), sizes=[1.0])
    assert found.breakdown == 0
    assert "does not survive" in found.in_words("en")


def test_the_same_seed_gives_the_same_interval(effect):
    one, other = (honest(effect, sizes=[1.0], seed=3).intervals for _ in range(2))
    pd.testing.assert_frame_equal(one, other)


def test_varying_base_periods_and_bad_sizes_are_refused():
    effect = staggered(villages(), outcome=INCOME, base_period="varying")
    with pytest.raises(BadInput, match="base_period='universal'") as error:
        honest(effect, sizes=[-1.0], event_time=99)
    assert "sizes" in str(error.value)
    assert "event_time" in str(error.value)


@pytest.mark.parametrize("weights", [[0.25, 0.25, 0.25, 0.25], [0.0, 1.0, 0.0, 0.0]])
def test_the_corners_are_the_linear_programme_s(weights):
    n = len(weights)
    changes = np.eye(n) - np.eye(n, k=-1)
    rng = derived_rng(5)
    errors = rng.uniform(0.5, 2, 2 * n)
    nuisance = np.vstack([changes, -changes]) @ np.linalg.svd(np.array([weights]))[2][1:].T
    corners = _corners(changes, errors, np.array(weights))
    for excess in rng.normal(size=(20, 2 * n)):
        # Least eta with excess - nuisance @ x <= eta * errors for some x.
        found = linprog(
            [1] + [0] * (n - 1), A_ub=-np.column_stack([errors, nuisance]), b_ub=-excess, bounds=(None, None)
        )
        assert (corners @ excess).max() == pytest.approx(found.fun, abs=1e-8)


@pytest.mark.slow
def test_smoothness_is_the_library_s_public_interval():
    panel = villages()
    effect = staggered(panel, outcome=INCOME)
    fit = CallawaySantAnna(base_period="universal").fit(panel.rows, "outcome", "unit", "period", "start")
    size = effect.standard_error / 2
    times = fit.aggregate("event_study")
    n_after = int((times.event_time >= 0).sum())
    theirs = HonestDiD(method="smoothness", M=size, l_vec=np.full(n_after, 1 / n_after)).fit(times)
    ours = honest(effect, restriction="smoothness", sizes=[size]).intervals.iloc[0]
    assert (ours["low"], ours["high"]) == pytest.approx((theirs.ci_lb, theirs.ci_ub), abs=1e-4)


def covered(method, *, n_draws: int, size: float) -> float:
    """Share of intervals that hold the effect where the drift after is as large as the size allows."""
    times = np.array([-3, -2, 0, 1])
    covariance = 0.04 * (0.5 * np.eye(4) + 0.5)
    # Before: changes of 0.6 and 0; after: twice ``size`` times the largest, away from the true effect of 1.
    drift = np.array([-0.6, 0.0, size * 0.6, 2 * size * 0.6])
    truth = np.array([0, 0, 1.0, 1.0])
    weights = np.full(2, 0.5)
    rng = derived_rng(7)
    held = 0
    for _ in range(n_draws):
        effects = rng.multivariate_normal(truth + drift, covariance)
        low, high = method(EventStudy(times, effects, covariance), weights, size)
        held += low <= 1.0 <= high
    return held / n_draws


@pytest.mark.slow
def test_the_interval_of_relative_magnitudes_covers_where_the_largest_taken_for_known_does_not():
    draws = derived_rng(0).standard_normal((5_000, 4))

    def ours(study: EventStudy, weights: np.ndarray, size: float) -> tuple[float, float]:
        return relative_interval(study, weights, size, level=0.95, draws=draws)

    def plug_in(study: EventStudy, weights: np.ndarray, size: float) -> tuple[float, float]:
        # As the library does it: the largest change before is taken for known.
        lead = np.append(study.effects[:2], 0.0)
        reach = size * np.abs(np.diff(lead)).max() * (weights @ [1, 2])
        error = np.sqrt(weights @ study.covariance[2:, 2:] @ weights)
        middle = weights @ study.effects[2:]
        return middle - reach - 1.96 * error, middle + reach + 1.96 * error

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours_covers = covered(ours, n_draws=500, size=1.0)
        plug_in_covers = covered(plug_in, n_draws=500, size=1.0)
    assert ours_covers >= 0.935
    assert plug_in_covers < 0.90


# --- simulated coverage ------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("method", ["callaway_santanna", "sun_abraham", "imputation"])
def test_intervals_hold_the_truth_as_often_as_they_say(method):
    n, n_seeds, held = 187, 100, 0
    starts = np.repeat([0, 3, 4, 5], [67, 40, 40, 40])
    for seed in range(n_seeds):
        rng = derived_rng(11, seed)
        rows = pd.DataFrame(
            {
                "village": np.repeat(np.arange(n), 6),
                "year": np.tile(np.arange(1, 7), n),
                "start": np.repeat(starts, 6),
            }
        )
        since = np.where(rows["start"] > 0, rows["year"] - rows["start"] + 1, 0).clip(min=0)
        own, noise = np.repeat(rng.normal(size=n), 6), rng.normal(size=6 * n)
        rows["income"] = own + 0.2 * rows["year"] + 0.3 * since + noise
        panel = read_panel(rows, unit="village", period="year", outcome="income", start="start")
        effect = staggered(panel, outcome=INCOME, method=method, aggregation="simple")
        truth = 0.3 * since[since > 0].mean()
        low, high = effect.interval
        held += low <= truth <= high
    # 95 of 100 are expected; fewer than 88 would be chance less than once in 200.
    assert held >= 88
