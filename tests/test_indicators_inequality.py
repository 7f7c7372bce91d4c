"""Inequality and poverty: values, zero and missing incomes, errors against other methods, parts."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from regional_tables import (
    INCOMES,
    by_weights,
    incomes,
    jackknife,
    survey,
    unequal,
)
from scipy import stats

from pk_research.errors import BadInput
from pk_research.indicators import regional

# --- inequality: the values


def test_gini_by_hand():
    """1, 1, 1, 5: mean difference (2 x 3 x 4) / 16 = 1.5, over twice the mean 2: 0.375."""
    assert regional.inequality(incomes([1, 1, 1, 5]), "income")["gini"].value == 0.375


def test_values_agree_with_pysal():
    inequality = pytest.importorskip("inequality", reason="PySAL's inequality is not installed")
    values = np.random.default_rng(0).lognormal(size=200)
    ours = regional.inequality(incomes(values), "income")
    assert ours["gini"].value == pytest.approx(inequality.gini.Gini(values).g, rel=1e-12)
    assert ours["theil_t"].value == pytest.approx(inequality.theil.Theil(values).T, rel=1e-12)


def test_a_lognormal_distribution_gives_its_known_inequality():
    """With sigma 0.8: Gini 2 Phi(sigma / sqrt 2) - 1; Theil-T and mean log deviation sigma² / 2."""
    levels = (np.arange(200_000) + 0.5) / 200_000
    ours = regional.inequality(incomes(np.exp(0.8 * stats.norm.ppf(levels))), "income")
    assert ours["gini"].value == pytest.approx(2 * stats.norm.cdf(0.8 / math.sqrt(2)) - 1, abs=1e-4)
    assert ours["theil_t"].value == pytest.approx(0.32, abs=1e-3)
    assert ours["mean_log_deviation"].value == pytest.approx(0.32, abs=1e-3)
    assert ours["williamson"].value == pytest.approx(math.sqrt(math.exp(0.64) - 1), abs=5e-3)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.floats(0.5, 1000), st.integers(1, 4)), min_size=2, max_size=15))
def test_a_weight_of_three_is_three_people_with_that_income(weighted):
    values, weights = zip(*weighted, strict=True)
    by_weight = regional.inequality(incomes(values, people=weights), "income", weight="people")
    one_by_one = regional.inequality(incomes(np.repeat(values, weights)), "income")
    assert np.allclose(by_weight.frame["value"], one_by_one.frame["value"], atol=1e-9)


@settings(deadline=None, max_examples=25)
@given(INCOMES, st.floats(0.01, 100), st.randoms(use_true_random=False))
def test_neither_the_unit_nor_the_order_of_rows_matters(values, factor, random):
    first = regional.inequality(incomes(values), "income").frame["value"]
    shuffled = random.sample(values, len(values))
    second = regional.inequality(incomes(np.array(shuffled) * factor), "income").frame["value"]
    assert np.allclose(first, second, atol=1e-9)


def test_equal_incomes_have_no_inequality_and_no_interval():
    result = regional.inequality(incomes([5.0, 5.0, 5.0]), "income")
    assert np.allclose(result.frame["value"], 0, atol=1e-12)
    assert result.frame["standard_error"].isna().all()
    assert "without an interval" in result.in_words("en")


# --- inequality: zero, negative and missing incomes


def test_zero_incomes_leave_the_mean_log_deviation_undefined_and_say_so():
    result = regional.inequality(incomes([0, 1, 2]), "income")
    assert result.frame["value"].isna().to_dict() == {
        "gini": False,
        "theil_t": False,
        "mean_log_deviation": True,
        "williamson": False,
    }
    assert "not defined, because 1 values are zero or negative" in result.in_words("en")
    assert result["theil_t"].value == pytest.approx(2 / 3 * math.log(2))


def test_rows_outside_are_left_out_only_when_asked_and_are_counted():
    result = regional.inequality(incomes([-1, 0, 1, 3]), "income", outside="leave_out")
    assert result.frame["n"].to_dict() == {
        "gini": 4,
        "theil_t": 3,
        "mean_log_deviation": 2,
        "williamson": 4,
    }
    words = result.in_words("en")
    assert "Left out because they are negative: 1 values" in words
    assert "Left out because they are zero or negative: 2 values" in words
    assert "Negative values: 1; the measure may exceed 1" in words


def test_a_mean_of_zero_defines_nothing():
    result = regional.inequality(incomes([-1, 1]), "income")
    assert result.frame["value"].isna().all()
    assert "the mean is not above zero" in result.in_words("en")


def test_missing_incomes_are_left_out_and_counted_never_zero():
    result = regional.inequality(incomes([1, None, 3], people=[1, 1, 0]), "income", weight="people")
    assert result["gini"].n == 1
    notes = [note.text("en") for note in result["gini"].notes]
    assert notes == [
        "Rows left out because income, people is missing: 1.",
        "Rows left out because their weight is zero: 1.",
    ]


@pytest.mark.parametrize(
    ("frame", "what"),
    [
        (incomes([1, 2], people=[1, -1]), "negative"),
        (incomes([1, np.inf], people=[1, 1]), "infinite"),
        (incomes(["a", "b"], people=[1, 1]), "not numbers"),
        (incomes([None, 2.0], people=[1, 0]), "no row can be computed"),
        (pd.DataFrame({"people": [1]}), "no such column"),
    ],
)
def test_incomes_that_cannot_be_used_are_refused_with_the_reason(frame, what):
    with pytest.raises(BadInput, match=what):
        regional.inequality(frame, "income", weight="people")


# --- standard errors: against other methods, and against the truth of a simulation


@pytest.mark.parametrize("cluster", [None, "village"])
def test_standard_errors_of_inequality_are_those_of_moving_the_weights(cluster):
    second = by_weights(survey(), lambda frame: unequal(frame)["value"], cluster)
    assert np.allclose(unequal(survey(), cluster)["standard_error"], second, rtol=1e-3)


def test_standard_errors_of_inequality_are_near_the_jackknife():
    frame = incomes(np.random.default_rng(3).lognormal(0, 0.4, 150))
    second = jackknife(frame, lambda frame: regional.inequality(frame, "income").frame["value"])
    assert np.allclose(regional.inequality(frame, "income").frame["standard_error"], second, rtol=0.08)


def test_ignoring_clusters_would_understate_the_error():
    alike = survey(300)
    ratio = unequal(alike, "village")["standard_error"] / unequal(alike)["standard_error"]
    assert (ratio > 1.1).all()


def test_intervals_cover_the_truth_as_often_as_they_say():
    """300 samples of 400 lognormal incomes with sigma 0.5: about 285 intervals hold the truth."""
    truth = {
        "gini": 2 * stats.norm.cdf(0.5 / math.sqrt(2)) - 1,
        "theil_t": 0.125,
        "mean_log_deviation": 0.125,
        "williamson": math.sqrt(math.exp(0.25) - 1),
    }
    random = np.random.default_rng(0)
    hits = dict.fromkeys(truth, 0)
    for _ in range(300):
        result = regional.inequality(incomes(random.lognormal(0, 0.5, 400)), "income")
        for name, value in truth.items():
            hits[name] += result[name].low <= value <= result[name].high
    assert all(270 <= n <= 295 for n in hits.values()), hits


def test_a_result_that_rests_on_one_row_says_so():
    """Nine like incomes and one hundred times as high: nearly all the doubt is about the one."""
    result = regional.inequality(incomes([1, 2, 1, 2, 1, 2, 1, 2, 1, 150]), "income")
    assert "A single row (or cluster) makes up" in result.in_words("en")
    many = regional.inequality(incomes(np.linspace(1, 2, 200)), "income")
    assert all(one.notes == () for one in many.by_name.values())


@settings(deadline=None, max_examples=25)
@given(INCOMES)
@example([1.0, 1.0, 1.000001])
def test_intervals_hold_the_value_and_stay_above_zero(values):
    frame = regional.inequality(incomes(values), "income").frame.dropna()
    assert (frame["low"] >= 0).all()
    assert (frame["low"] <= frame["value"]).all()
    assert (frame["value"] <= frame["high"]).all()


# --- poverty

POOR = incomes([100, 110, 150, 160])


def test_the_published_example_is_reproduced():
    """Haughton and Khandker (2009), Handbook on Poverty and Inequality, p. 72."""
    result = regional.foster_greer_thorbecke(POOR, "income", line=125).overall
    assert result["p0"].value == 0.5
    assert result["p1"].value == pytest.approx(0.08, abs=1e-12)
    assert result["p2"].value == pytest.approx(0.0136, abs=1e-6)


def test_who_is_exactly_on_the_line_is_not_poor():
    assert regional.foster_greer_thorbecke(POOR, "income", line=110).overall["p0"].value == 0.25


def test_each_row_may_have_a_line_of_its_own():
    lines = POOR.assign(line=[90, 120, 140, 170])
    result = regional.foster_greer_thorbecke(lines, "income", line="line").overall
    assert result["p0"].value == 0.5
    assert result["p1"].value == pytest.approx((10 / 120 + 10 / 170) / 4)


@pytest.mark.parametrize("line", [0, -5, float("nan"), float("inf")])
def test_a_line_that_is_none_is_refused(line):
    with pytest.raises(BadInput, match="not above zero"):
        regional.foster_greer_thorbecke(POOR, "income", line=line)


def test_the_error_of_the_share_of_the_poor_is_that_of_a_proportion():
    result = regional.foster_greer_thorbecke(survey(), "income", line=0.8).overall["p0"]
    assert result.standard_error == pytest.approx(math.sqrt(result.value * (1 - result.value) / 89))


@pytest.mark.parametrize("cluster", [None, "village"])
def test_standard_errors_of_poverty_are_those_of_moving_the_weights(cluster):
    def poor(frame, cluster=None):
        return regional.foster_greer_thorbecke(
            frame, "income", line=1.5, weight="people", cluster=cluster
        ).overall.frame

    second = by_weights(survey(), lambda frame: poor(frame)["value"], cluster)
    assert np.allclose(poor(survey(), cluster)["standard_error"], second, rtol=1e-3)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.floats(0, 20), st.integers(1, 5), st.sampled_from("ABC")), min_size=2))
def test_groups_weighted_by_their_people_sum_to_the_whole(rows):
    frame = pd.DataFrame(rows, columns=["income", "people", "kecamatan"])
    result = regional.foster_greer_thorbecke(frame, "income", line=10, weight="people", by="kecamatan")
    parts = result.groups["population_share"] * result.groups["value"]
    whole = result.overall.frame["value"]
    assert np.allclose(parts.groupby(result.groups["measure"]).sum(), whole)
    contributions = result.groups.groupby("measure")["contribution"].sum(min_count=1)
    assert np.allclose(contributions[whole > 0], 1)


def test_the_interval_of_a_share_stays_between_zero_and_one():
    """3 of 40 poor: symmetric on the log-odds, as for a logit."""
    frame = incomes([1.0] * 3 + [5.0] * 37)
    p0 = regional.foster_greer_thorbecke(frame, "income", line=2).overall["p0"]
    reach = stats.t.ppf(0.975, 39) * p0.standard_error / (p0.value * (1 - p0.value))
    logit = math.log(p0.value / (1 - p0.value))
    expected = [1 / (1 + math.exp(-(logit - reach))), 1 / (1 + math.exp(-(logit + reach)))]
    assert [p0.low, p0.high] == pytest.approx(expected)


def test_nobody_poor_leaves_no_interval_to_be_misread():
    result = regional.foster_greer_thorbecke(POOR, "income", line=50)
    assert result.overall.frame["value"].tolist() == [0, 0, 0]
    assert result.overall.frame["standard_error"].isna().all()


def test_negative_incomes_are_counted_where_they_deepen_the_gap():
    result = regional.foster_greer_thorbecke(incomes([-50, 200]), "income", line=100)
    assert result.overall["p1"].value == 0.75
    assert "whose gap is larger than the line: 1" in result.in_words("en")


# --- decomposition


def test_a_hand_worked_decomposition():
    """Means 2 and 4 around 3: between = 1/3 ln(2/3) + 2/3 ln(4/3); both groups are 1 : 3 inside."""
    frame = incomes([1, 3, 2, 6], kecamatan=["A", "A", "B", "B"])
    parts = regional.decompose(frame, "income", by="kecamatan").frame["value"]
    between = 1 / 3 * math.log(2 / 3) + 2 / 3 * math.log(4 / 3)
    within = 0.5 * (0.5 * math.log(0.5) + 1.5 * math.log(1.5))
    assert parts["theil_t"].tolist() == pytest.approx([between + within, within, between])


def test_the_decomposition_agrees_with_pysal():
    inequality = pytest.importorskip("inequality", reason="PySAL's inequality is not installed")
    frame = survey()
    second = inequality.theil.TheilD(frame["income"].to_numpy(), frame["kecamatan"].to_numpy())
    ours = regional.decompose(frame, "income", by="kecamatan").frame["value"]["theil_t"]
    assert ours.tolist() == pytest.approx([second.T, second.wg[0], second.bg[0]])


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.floats(0.5, 100), st.integers(1, 5), st.sampled_from("ABC")), min_size=2))
def test_parts_sum_to_the_total_and_none_is_negative(rows):
    frame = pd.DataFrame(rows, columns=["income", "people", "kecamatan"])
    result = regional.decompose(frame, "income", by="kecamatan", weight="people")
    for measure in ("theil_t", "mean_log_deviation", "gini"):
        parts = result.frame["value"][measure]
        assert parts.drop("total").sum() == pytest.approx(parts["total"], abs=1e-9)
        assert (parts > -1e-9).all()


def test_groups_that_do_not_overlap_leave_no_overlap():
    apart = incomes([1, 2, 3, 10, 11, 30], kecamatan=list("AAABBB"))
    gini = regional.decompose(apart, "income", by="kecamatan").frame["value"]["gini"]
    assert gini["overlap"] == pytest.approx(0, abs=1e-12)
    together = incomes([1, 10, 3, 2, 11, 30], kecamatan=list("AAABBB"))
    assert regional.decompose(together, "income", by="kecamatan").frame["value"]["gini", "overlap"] > 0.05


def test_within_weighs_groups_by_income_or_people_as_the_measure_has_it():
    result = regional.decompose(survey(), "income", by="kecamatan", weight="people")
    groups, parts = result.groups, result.frame["value"]
    assert (groups["income_share"] * groups["theil_t"]).sum() == pytest.approx(parts["theil_t", "within"])
    assert (groups["population_share"] * groups["mean_log_deviation"]).sum() == pytest.approx(
        parts["mean_log_deviation", "within"]
    )


def test_standard_errors_of_the_parts_are_those_of_moving_the_weights():
    def parts(frame):
        return regional.decompose(frame, "income", by="kecamatan", weight="people").frame

    additive = ["theil_t", "mean_log_deviation"]
    second = by_weights(survey(), lambda frame: parts(frame)["value"])
    assert np.allclose(parts(survey()).loc[additive, "standard_error"], second[additive], rtol=1e-3)


def test_zeros_are_left_out_of_the_parts_as_of_the_total_or_nothing_is_defined():
    frame = incomes([0, 1, 3, 2, 6], kecamatan=list("AAABB"))
    undefined = regional.decompose(frame, "income", by="kecamatan").frame["value"]["mean_log_deviation"]
    assert undefined.isna().all()
    left_out = regional.decompose(frame, "income", by="kecamatan", outside="leave_out")
    without = regional.decompose(frame.drop(index=0), "income", by="kecamatan")
    kept = left_out.frame["value"]["mean_log_deviation"]
    assert kept.tolist() == pytest.approx(without.frame["value"]["mean_log_deviation"].tolist())
    assert "zero or negative: 1 values" in left_out.in_words("en")
