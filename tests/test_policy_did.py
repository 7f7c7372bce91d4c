"""Differences in differences: published figures again, two implementations, and every misuse answered."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pyfixest
import pytest
from diff_diff import CallawaySantAnna

from pk_research.errors import BadInput
from pk_research.language import Message
from pk_research.policy.effects.did import goodman_bacon, staggered, twfe, two_by_two
from pk_research.policy.effects.did.fixed_effects import demeaned_estimate
from pk_research.policy.effects.did.group_time import by_hand
from pk_research.policy.effects.panel import Panel, read_panel

EMPLOYMENT = Message("Employment")


def villages(starts: dict[int, int], n_periods: int = 6, seed: int = 0, jump: float = 1.0) -> pd.DataFrame:
    """Made villages: so many begin in each period (0 never); the effect grows by ``jump`` a period."""
    rng = np.random.default_rng(seed)
    start = np.repeat(list(starts), list(starts.values()))
    n = len(start)
    frame = pd.DataFrame(
        {
            "village": np.repeat(np.arange(n), n_periods),
            "year": np.tile(np.arange(1, n_periods + 1), n),
            "start": np.repeat(start, n_periods),
            "rain": rng.normal(size=n * n_periods),
            "size": np.repeat(rng.normal(size=n), n_periods),
        }
    )
    since = np.where(frame["start"] > 0, frame["year"] - frame["start"] + 1, 0).clip(min=0)
    own = np.repeat(rng.normal(size=n), n_periods)
    return frame.assign(income=own + 0.3 * frame["year"] + jump * since + rng.normal(size=len(frame)))


def panel_of(frame: pd.DataFrame, **options) -> Panel:
    return read_panel(frame, unit="village", period="year", outcome="income", start="start", **options)


@pytest.fixture(scope="module")
def counties(shared) -> pd.DataFrame:
    """Teen employment in 500 counties (Callaway and Sant'Anna), as published."""
    path = shared / "reference" / "policy" / "mpdta.csv"
    if not path.exists():
        pytest.skip("the published data of Callaway and Sant'Anna is not here")
    return pd.read_csv(path)


def counties_panel(frame: pd.DataFrame, **options) -> Panel:
    names = {"unit": "countyreal", "period": "year", "outcome": "lemp", "start": "first.treat"}
    return read_panel(frame, **names, **options)


# --- published figures -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("aggregation", "published"), [("dynamic", -0.0772), ("group", -0.0310), ("simple", -0.0400)]
)
def test_published_without_covariates(counties, aggregation, published):
    effect = staggered(
        counties_panel(counties), outcome=EMPLOYMENT, aggregation=aggregation, cross_check=True
    )
    assert effect.estimate == pytest.approx(published, abs=5e-5)
    assert effect.cross_check.agrees


def test_published_standard_error_and_event_times(counties):
    panel = counties_panel(counties)
    simple = staggered(panel, outcome=EMPLOYMENT, aggregation="simple")
    assert simple.standard_error == pytest.approx(0.0120, rel=0.05)
    terms = staggered(panel, outcome=EMPLOYMENT).of_kind("event_time").set_index("term")["estimate"]
    assert terms.loc[[0, 1, 2, 3]].to_numpy() == pytest.approx([-0.0199, -0.0510, -0.1373, -0.1008], abs=5e-5)


@pytest.mark.parametrize(
    ("aggregation", "published"), [("simple", -0.0418), ("dynamic", -0.0804), ("group", -0.0328)]
)
def test_published_doubly_robust(counties, aggregation, published):
    panel = counties_panel(counties, covariates=["lpop"])
    effect = staggered(panel, outcome=EMPLOYMENT, aggregation=aggregation)
    assert effect.estimate == pytest.approx(published, abs=5e-5)


# --- two implementations -----------------------------------------------------------------------------


@pytest.mark.parametrize("comparison", ["never_treated", "not_yet_treated"])
@pytest.mark.parametrize("base_period", ["universal", "varying"])
def test_group_time_effects_by_hand_are_the_library_s(comparison, base_period):
    panel = panel_of(villages({0: 20, 3: 15, 5: 10}))
    hand = by_hand(panel.rows, comparison=comparison, base_period=base_period)
    fit = CallawaySantAnna(control_group=comparison, base_period=base_period).fit(
        panel.rows, "outcome", "unit", "period", "start"
    )
    for column, key in enumerate(zip(hand.start, hand.period, strict=True)):
        cell = fit.group_time_effects[key]
        assert hand.effect[column] == pytest.approx(cell["effect"], abs=1e-10)
        error = np.sqrt((hand.influence[:, column] ** 2).sum())
        if np.isfinite(cell["se"]):
            assert error == pytest.approx(cell["se"], abs=1e-10)


def test_our_averages_are_the_library_s():
    panel = panel_of(villages({0: 20, 3: 15, 5: 10}), covariates=["size"])
    fit = CallawaySantAnna(base_period="universal").fit(
        panel.rows, "outcome", "unit", "period", "start", covariates=["size"]
    )
    simple = staggered(panel, outcome=EMPLOYMENT, aggregation="simple")
    theirs = fit.aggregate("simple")
    assert (simple.estimate, simple.standard_error) == pytest.approx((theirs.att[0], theirs.se[0]))
    times = fit.aggregate("event_study")
    ours = staggered(panel, outcome=EMPLOYMENT).of_kind("event_time")
    assert ours["standard_error"].to_numpy() == pytest.approx(times.se[~times.is_reference])


def test_sun_abraham_is_pyfixest_s(counties):
    panel = counties_panel(counties)
    effect = staggered(panel, outcome=EMPLOYMENT, method="sun_abraham", cross_check=True)
    assert effect.cross_check.agrees
    fit = pyfixest.event_study(
        panel.rows, "outcome", "unit", "period", "start", estimator="saturated", att=False
    )
    theirs = fit.aggregate(agg="period", weighting="shares")["Estimate"].astype(float)
    ours = effect.of_kind("event_time").set_index("term")["estimate"]
    for time in (0, 1, 2, 3):
        assert theirs.loc[theirs.index.astype(float) == time].iloc[0] == pytest.approx(ours[time], abs=1e-8)


@pytest.mark.parametrize("aggregation", ["simple", "dynamic", "group"])
def test_imputation_by_hand_gives_the_same(aggregation):
    panel = panel_of(villages({0: 20, 3: 15, 5: 10}))
    effect = staggered(
        panel, outcome=EMPLOYMENT, method="imputation", aggregation=aggregation, cross_check=True
    )
    assert effect.cross_check.agrees
    assert np.isfinite(effect.estimates["standard_error"]).all()


def test_every_aggregation_averages_the_truth():
    frame = villages({0: 400, 3: 300, 5: 300})
    terms = staggered(panel_of(frame), outcome=EMPLOYMENT).of_kind("event_time").set_index("term")
    for time in (0, 1, 2, 3):
        assert abs(terms.loc[time, "estimate"] - (time + 1)) < 4 * terms.loc[time, "standard_error"]
    by_period = staggered(panel_of(frame), outcome=EMPLOYMENT, aggregation="period").of_kind("period")
    assert by_period["term"].tolist() == [3, 4, 5, 6]
    assert by_period["estimate"].iloc[0] == pytest.approx(1, abs=4 * by_period["standard_error"].iloc[0])


def test_clusters_of_several_villages_widen_the_doubt():
    frame = villages({0: 40, 3: 40})
    kecamatan = frame["village"] // 4
    shock = np.random.default_rng(1).normal(size=(20, 6))[kecamatan, frame["year"] - 1]
    frame = frame.assign(kecamatan=kecamatan, income=frame["income"] + 2 * shock)
    alone = staggered(panel_of(frame), outcome=EMPLOYMENT)
    clustered = staggered(panel_of(frame, cluster="kecamatan"), outcome=EMPLOYMENT)
    assert clustered.estimate == pytest.approx(alone.estimate)
    assert clustered.standard_error > 1.3 * alone.standard_error


# --- the regression with constants -------------------------------------------------------------------


def test_regression_agrees_with_algebra_and_warns_of_forbidden_comparisons():
    panel = panel_of(villages({0: 10, 3: 15, 5: 10}), covariates=["rain"])
    effect = twfe(panel, outcome=EMPLOYMENT, errors="clustered")
    assert effect.cross_check.agrees
    assert effect.standard_error == pytest.approx(effect.cross_check.standard_error, rel=1e-6)
    assert any("Use `staggered`" in warning.text("en") for warning in effect.warnings)
    assert "Pakailah `staggered`" in effect.in_words("id")


def test_one_start_brings_no_warning_of_staggered_starts():
    effect = twfe(panel_of(villages({0: 30, 4: 30})), outcome=EMPLOYMENT)
    assert effect.warnings == ()


def test_unbalanced_rows_kept_agree_with_algebra_too():
    frame = villages({0: 20, 4: 20}).drop(index=[3, 50, 111])
    effect = twfe(panel_of(frame, unbalanced="keep"), outcome=EMPLOYMENT)
    assert effect.cross_check.agrees
    assert any("not seen in every period" in warning.text("en") for warning in effect.warnings)


def test_two_by_two_is_the_difference_of_mean_changes():
    frame = villages({0: 30, 4: 30})
    effect = two_by_two(panel_of(frame), outcome=EMPLOYMENT)
    after = frame["year"] >= 4
    change = (
        frame[after].groupby("village")["income"].mean() - frame[~after].groupby("village")["income"].mean()
    )
    has = frame.groupby("village")["start"].first() > 0
    assert effect.estimate == pytest.approx(change[has].mean() - change[~has].mean())
    assert effect.cross_check.agrees


HASHED = """
from tests_panel import panel
from pk_research.language import Message
from pk_research.policy.effects.did import staggered, twfe
for effect in (twfe(panel, outcome=Message("x")), staggered(panel, outcome=Message("x"))):
    print(effect.estimates.to_csv(float_format="%.17g"), effect.input_hash)
"""


@pytest.mark.slow
def test_standard_errors_do_not_change_with_the_hash_seed(tmp_path, project):
    villages({0: 20, 3: 15, 5: 10}).to_csv(tmp_path / "villages.csv", index=False)
    (tmp_path / "tests_panel.py").write_text(
        "import pandas as pd\n"
        "from pathlib import Path\n"
        "from pk_research.policy.effects.panel import read_panel\n"
        "frame = pd.read_csv(Path(__file__).with_name('villages.csv'))\n"
        "panel = read_panel(frame, unit='village', period='year', outcome='income', start='start',"
        " covariates=['rain'])\n",
        encoding="utf-8",
    )
    answers = set()
    for seed in ("0", "1", "17"):
        done = subprocess.run(
            [sys.executable, "-c", HASHED],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": f"{tmp_path}{os.pathsep}{project}"},
            capture_output=True,
            text=True,
            check=True,
        )
        answers.add(done.stdout)
    assert len(answers) == 1
    assert "overall" in answers.pop()


# --- what the regression averages --------------------------------------------------------------------


def test_goodman_bacon_weights_sum_to_one_and_give_the_regression():
    panel = panel_of(villages({0: 10, 3: 15, 5: 10}))
    parts = goodman_bacon(panel, outcome=EMPLOYMENT)
    comparisons = parts.comparisons
    assert comparisons["weight"].sum() == pytest.approx(1)
    assert (comparisons["weight"] * comparisons["estimate"]).sum() == pytest.approx(
        demeaned_estimate(panel.rows)[0]
    )
    assert set(comparisons["kind"]) == {"treated_vs_never", "earlier_vs_later", "later_vs_earlier"}
    assert "staggered" in parts.in_words("id")
    assert len(parts.table("en")) == 3


def test_goodman_bacon_of_one_start_has_nothing_forbidden():
    parts = goodman_bacon(panel_of(villages({0: 10, 3: 15})), outcome=EMPLOYMENT, made=True)
    assert parts.forbidden_share == 0
    assert "made" in parts.in_words("en").lower()
    assert parts.plot("id").axes


# --- misuse ------------------------------------------------------------------------------------------


def refusal(call) -> str:
    with pytest.raises(BadInput) as error:
        call()
    return str(error.value)


ESTIMATORS = {
    "two_by_two": two_by_two,
    "twfe": twfe,
    "callaway_santanna": staggered,
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_one_treated_unit_is_sent_to_synthetic_control(name):
    panel = panel_of(villages({0: 20, 4: 1}))
    assert "synthetic control" in refusal(lambda: ESTIMATORS[name](panel, outcome=EMPLOYMENT))


@pytest.mark.parametrize("method", ["callaway_santanna", "sun_abraham"])
def test_nobody_never_treated_names_the_remedy(method):
    panel = panel_of(villages({3: 10, 5: 10}))
    text = refusal(lambda: staggered(panel, outcome=EMPLOYMENT, method=method))
    assert "comparison='not_yet_treated'" in text


@pytest.mark.parametrize("method", ["callaway_santanna", "imputation"])
def test_nobody_never_treated_is_told_where_those_not_yet_treated_serve(method):
    panel = panel_of(villages({3: 10, 5: 10}))
    effect = staggered(
        panel, outcome=EMPLOYMENT, method=method, comparison="not_yet_treated", cross_check=True
    )
    assert any("the last to begin serve" in warning.text("en") for warning in effect.warnings)
    assert effect.cross_check.agrees


def test_unbalanced_is_refused_or_balanced_and_counted():
    frame = villages({0: 20, 4: 20}).drop(index=[3, 50])
    assert "not seen in every period" in refusal(lambda: panel_of(frame))
    kept = panel_of(frame, unbalanced="keep")
    assert "unbalanced='balance'" in refusal(lambda: staggered(kept, outcome=EMPLOYMENT))
    balanced = staggered(panel_of(frame, unbalanced="balance"), outcome=EMPLOYMENT)
    assert sum(n for _, n in balanced.sample.left_out) == 10


def test_duplicate_rows_are_refused():
    frame = villages({0: 10, 4: 10})
    assert "same unit and period" in refusal(lambda: panel_of(pd.concat([frame, frame.head(2)])))


def test_a_policy_that_ends_is_refused():
    frame = villages({0: 10, 4: 10})
    has = ((frame["start"] > 0) & (frame["year"] == 4)).astype(int)
    text = refusal(
        lambda: read_panel(
            frame.assign(has=has), unit="village", period="year", outcome="income", treated="has"
        )
    )
    assert "ends again in 10 units" in text


def test_a_policy_written_as_text_is_refused():
    frame = villages({0: 10, 4: 10}).assign(has="yes")
    text = refusal(lambda: read_panel(frame, unit="village", period="year", outcome="income", treated="has"))
    assert "Write 1 where" in text


def test_one_cluster_and_missing_outcomes_are_refused():
    frame = villages({0: 10, 4: 10}).assign(province=1)
    assert "one cluster" in refusal(lambda: panel_of(frame, cluster="province"))
    frame.loc[5, "income"] = np.nan
    assert "gaps='leave_out'" in refusal(lambda: panel_of(frame))


@pytest.mark.parametrize("name", ["twfe", "callaway_santanna"])
def test_collinear_covariates_are_named(name):
    frame = villages({0: 20, 4: 20})
    frame["rain_mm"] = 10 * frame["rain"] + 3
    panel = panel_of(frame, covariates=["rain", "rain_mm"])
    text = refusal(lambda: ESTIMATORS[name](panel, outcome=EMPLOYMENT))
    assert "rain_mm" in text
    assert "collinear" in text


@pytest.mark.parametrize("method", ["sun_abraham", "imputation"])
def test_a_covariate_the_constants_take_up_is_not_dropped_in_silence(method):
    panel = panel_of(villages({0: 20, 4: 20}), covariates=["size"])
    assert "do not change within a unit" in refusal(
        lambda: staggered(panel, outcome=EMPLOYMENT, method=method)
    )


def test_everything_wrong_is_told_at_once():
    panel = panel_of(villages({3: 10, 5: 10}))
    text = refusal(
        lambda: staggered(panel, outcome=EMPLOYMENT, method="sun_abraham", aggregation="group", level=95)
    )
    assert "never has it" in text
    assert "no 'group'" in text
    assert "level" in text


def test_small_starting_groups_are_told():
    effect = staggered(panel_of(villages({0: 40, 3: 10, 5: 2})), outcome=EMPLOYMENT)
    assert any("Starting groups of fewer than 5" in warning.text("en") for warning in effect.warnings)


def test_small_starting_groups_are_not_said_to_be_understated_where_they_are_not():
    panel = panel_of(villages({0: 40, 3: 10, 5: 2}))
    told, corrected = (
        staggered(panel, outcome=EMPLOYMENT, method="sun_abraham", errors=errors)
        for errors in ("clustered", "bias_reduced")
    )
    assert any("understated" in warning.text("en") for warning in told.warnings)
    assert not any("understated" in warning.text("en") for warning in corrected.warnings)
    reach = [
        effect.estimates.set_index("term").loc[0, ["low", "high"]].diff().iloc[1]
        for effect in (told, corrected)
    ]
    assert reach[1] > reach[0]


def test_different_starts_are_too_much_for_two_by_two():
    panel = panel_of(villages({0: 10, 3: 10, 5: 10}))
    assert "Use `staggered`" in refusal(lambda: two_by_two(panel, outcome=EMPLOYMENT))


# --- told --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "id"])
def test_an_event_study_is_drawn_and_told(language):
    effect = staggered(panel_of(villages({0: 20, 3: 20})), outcome=EMPLOYMENT, made=True)
    assert effect.plot(language).axes
    words = effect.in_words(language)
    assert ("parallel trends" if language == "en" else "tren sejajar") in words
    assert len(effect.table(language)) == len(effect.estimates)


def test_the_hash_tells_other_rows():
    frame = villages({0: 20, 3: 20})
    one = staggered(panel_of(frame), outcome=EMPLOYMENT).input_hash
    frame.loc[0, "income"] += 1e-9
    panel = panel_of(frame)
    assert staggered(panel, outcome=EMPLOYMENT).input_hash != one
    assert staggered(replace(panel), outcome=EMPLOYMENT).input_hash != one
