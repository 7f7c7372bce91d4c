"""How small an effect a design can find: published figures, a second library, and simulation."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestIndPower
from statsmodels.stats.proportion import power_proportions_2indep

from pk_research.errors import BadInput
from pk_research.language import LANGUAGES
from pk_research.policy.design import Design, clusters_needed, detectable_effect, power_of

VILLAGES = Design(clusters=40, cluster_size=20, icc=0.05)


@pytest.mark.parametrize(("n", "share", "effect"), [(100, 0.5, 0.5), (60, 0.25, 0.8), (400, 0.5, 0.2)])
def test_people_drawn_singly_agree_with_statsmodels(n, share, effect):
    theirs = TTestIndPower()
    ratio = (1 - share) / share
    design = Design(clusters=n, share_treated=share)
    expected = theirs.power(effect, nobs1=n * share, alpha=0.05, ratio=ratio)
    assert power_of(design, effect).power == pytest.approx(expected, abs=1e-9)
    smallest = theirs.solve_power(nobs1=n * share, alpha=0.05, power=0.8, ratio=ratio)
    assert detectable_effect(design).effect == pytest.approx(smallest, abs=1e-5)


def test_shares_of_people_drawn_singly_agree_with_statsmodels():
    expected = power_proportions_2indep(0.1, 0.3, 300, return_results=False)
    found = power_of(Design(clusters=600, share_before=0.3), 0.1).power
    assert found == pytest.approx(expected, abs=0.005), "theirs takes the normal, and pools under no effect"


def test_clusters_agree_with_the_figures_published_for_cluster_power():
    """R package clusterPower, documentation of cpa.normal and its own test against a reference value."""
    design = Design(clusters=32, cluster_size=10, icc=0.1, sd=math.sqrt(5))
    assert power_of(design, 1).power == pytest.approx(0.801766, abs=2e-6)
    assert clusters_needed(design, 1).design.clusters == 2 * 16
    few = Design(clusters=10, cluster_size=150, icc=0.05)
    assert detectable_effect(few).effect == pytest.approx(0.4804988, abs=2e-5), "solved to 1e-4"


def test_shares_in_clusters_agree_with_the_figures_published_for_cluster_power():
    """R package clusterPower, documentation of cpa.binary: 38 an arm find 0.198922 against 0.1.

    Its figures take the normal: the effect is 2.8016 standard errors. The t test wants a little more.
    """
    design = Design(clusters=76, cluster_size=10, icc=0.1, share_before=0.1)
    normal = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    assert 0.098922 / design.standard_error(0.098922) == pytest.approx(normal, abs=1e-4)
    assert clusters_needed(design, 0.1).design.clusters == 77
    assert 0.0989 < detectable_effect(design).effect < 0.1011


def test_change_in_clusters_agrees_with_the_figure_published_for_cluster_power():
    """R package clusterPower, documentation of cpa.did.normal: 4.683 an arm (Teerenstra 2012)."""
    design = Design(
        clusters=4,
        cluster_size=100,
        icc=0.05,
        analysis="change",
        autocorrelation=0.7,
        cluster_autocorrelation=0.5,
    )
    assert clusters_needed(design, 0.5).design.clusters == math.ceil(2 * 4.683358)


def test_the_design_effect_agrees_with_published_figures():
    """Killip, Mahfoud and Pearce (2004), table for an intra-cluster correlation of 0.017."""
    sizes = {10: 1.153, 20: 1.323, 40: 1.663, 80: 2.343}
    for size, published in sizes.items():
        assert Design(clusters=4, cluster_size=size, icc=0.017).design_effect == pytest.approx(published)


def test_rounds_agree_with_mckenzie():
    """McKenzie (2012): change needs 2 / (1 + r) times the people of ancova."""
    after = Design(clusters=400, autocorrelation=0.25)
    change, ancova = replace(after, analysis="change"), replace(after, analysis="ancova")
    variance = {name: d.standard_error() ** 2 for name, d in [("a", after), ("c", change), ("n", ancova)]}
    assert variance["c"] / variance["n"] == pytest.approx(2 / 1.25)
    assert variance["c"] / variance["a"] == pytest.approx(2 * (1 - 0.25))
    assert variance["n"] / variance["a"] == pytest.approx(1 - 0.25**2)
    many = replace(after, rounds_after=4)
    assert many.standard_error() ** 2 / variance["a"] == pytest.approx((1 + 3 * 0.25) / 4)


def test_the_standard_error_is_blooms():
    """Bloom (2005): sqrt((icc (1 - R2c) + (1 - icc)(1 - R2w) / n) / (P (1 - P) J))."""
    design = replace(VILLAGES, r2_between=0.4, r2_within=0.2, share_treated=0.3, n_covariates=2)
    by_hand = math.sqrt((0.05 * 0.6 + 0.95 * 0.8 / 20) / (0.3 * 0.7 * 40))
    assert design.standard_error() == pytest.approx(by_hand)
    assert design.degrees_of_freedom == 36
    multiplier = stats.t.ppf(0.975, 36) + stats.t.ppf(0.8, 36)
    assert detectable_effect(design).effect == pytest.approx(multiplier * by_hand, rel=0.005)


def test_unequal_clusters_and_lost_people_cost_power():
    uneven = replace(VILLAGES, size_variation=0.5)
    assert uneven.design_effect == pytest.approx(1 + ((1 + 0.25) * 20 - 1) * 0.05)
    expected = math.sqrt(uneven.design_effect / VILLAGES.design_effect)
    assert uneven.standard_error() / VILLAGES.standard_error() == pytest.approx(expected)
    assert replace(VILLAGES, lost=0.5).standard_error() == pytest.approx(
        replace(VILLAGES, cluster_size=10).standard_error()
    )


def test_few_clusters_need_more_than_the_normal_says():
    few = detectable_effect(replace(VILLAGES, clusters=6))
    assert few.effect > 1.1 * 2.8016 * few.design.standard_error()


def test_the_three_questions_answer_each_other():
    found = detectable_effect(VILLAGES)
    assert power_of(VILLAGES, found.effect).power == pytest.approx(0.8)
    assert clusters_needed(VILLAGES, found.effect).design.clusters in {40, 41}
    needed = clusters_needed(VILLAGES, 0.2)
    fewer = replace(needed.design, clusters=needed.design.clusters - 1)
    assert needed.power >= 0.8 > power_of(fewer, 0.2).power


def test_a_fall_of_yes_is_a_rise_of_no():
    shares = Design(clusters=60, share_before=0.3)
    fall = detectable_effect(shares, falls=True)
    rise = detectable_effect(replace(shares, share_before=0.7))
    assert fall.effect == pytest.approx(-rise.effect)
    assert power_of(shares, fall.effect).power == pytest.approx(0.8)
    assert detectable_effect(VILLAGES, falls=True).effect == -detectable_effect(VILLAGES).effect
    with pytest.raises(BadInput, match=r"no fall from 0\.1"):
        detectable_effect(replace(shares, share_before=0.1), falls=True)


def test_no_effect_is_found_at_the_level_of_the_test_and_a_huge_one_always():
    assert power_of(VILLAGES, 0).power == pytest.approx(0.05)
    assert power_of(VILLAGES, 100).power == 1.0


@pytest.mark.parametrize("clusters", [3, 4, 6, 40, 2000])
def test_power_never_falls_as_the_effect_grows(clusters):
    design = Design(clusters=clusters)
    effects = np.linspace(0, 15, 76) * design.standard_error()
    assert (np.diff([power_of(design, effect).power for effect in effects]) >= -1e-12).all()


def share_found(estimate, error, freedom):
    """Share of tests that find something."""
    return float(np.mean(np.abs(estimate) / error > stats.t.ppf(0.975, freedom)))


def arms_compared(means, is_treated):
    """Difference of arms and its standard error, from one mean a cluster; one row a simulation."""
    n_treated, n = int(is_treated.sum()), len(is_treated)
    first, second = means[:, is_treated], means[:, ~is_treated]
    squares = sum(((part - part.mean(1, keepdims=True)) ** 2).sum(1) for part in (first, second))
    error = np.sqrt(squares / (n - 2) * (1 / n_treated + 1 / (n - n_treated)))
    return first.mean(1) - second.mean(1), error


@pytest.mark.parametrize(("clusters", "share"), [(10, 0.5), (40, 0.5), (40, 0.25)])
def test_simulated_clusters_agree(clusters, share):
    rng, n = np.random.default_rng(1), 20_000
    design = replace(VILLAGES, clusters=clusters, share_treated=share)
    effect = detectable_effect(design).effect
    is_treated = np.arange(clusters) < round(share * clusters)
    means = rng.normal(0, math.sqrt(0.05 + 0.95 / 20), (n, clusters)) + effect * is_treated
    found = share_found(*arms_compared(means, is_treated), clusters - 2)
    assert found == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize(("analysis", "rounds"), [("after", (1, 3)), ("change", (1, 1)), ("change", (2, 3))])
def test_simulated_rounds_agree(analysis, rounds):
    rng, n, before = np.random.default_rng(2), 10_000, rounds[0]
    design = Design(
        clusters=60, analysis=analysis, rounds_before=before, rounds_after=rounds[1], autocorrelation=0.4
    )
    effect = detectable_effect(design).effect
    is_treated = np.arange(60) < 30
    own = rng.normal(0, math.sqrt(0.4), (n, 60, 1))
    asked = own + rng.normal(0, math.sqrt(0.6), (n, 60, sum(rounds)))
    values = asked[:, :, before:].mean(2) + effect * is_treated
    if analysis == "change":
        values = values - asked[:, :, :before].mean(2)
    assert share_found(*arms_compared(values, is_treated), 58) == pytest.approx(0.8, abs=0.02)


def test_simulated_ancova_agrees():
    rng, n = np.random.default_rng(3), 4_000
    design = Design(clusters=60, analysis="ancova", autocorrelation=0.5)
    effect = detectable_effect(design).effect
    is_treated = (np.arange(60) < 30).astype(float)
    found = 0
    for _ in range(n):
        own = rng.normal(0, math.sqrt(0.5), 60)
        before, after = own + rng.normal(0, math.sqrt(0.5), (2, 60))
        x = np.column_stack([np.ones(60), is_treated, before])
        beta, (squares,), *_ = np.linalg.lstsq(x, after + effect * is_treated)
        error = math.sqrt(squares / 57 * np.linalg.inv(x.T @ x)[1, 1])
        found += abs(beta[1]) / error > stats.t.ppf(0.975, 57)
    assert found / n == pytest.approx(0.8, abs=0.02)


def test_simulated_shares_in_clusters_agree():
    rng, n, icc, size = np.random.default_rng(4), 10_000, 0.05, 20
    design = Design(clusters=60, cluster_size=size, icc=icc, share_before=0.3)
    effect = detectable_effect(design).effect
    is_treated = np.arange(60) < 30
    share = np.where(is_treated, 0.3 + effect, 0.3)
    a = (1 - icc) / icc
    chances = rng.beta(share * a, (1 - share) * a, (n, 60))
    means = rng.binomial(size, chances) / size
    assert share_found(*arms_compared(means, is_treated), 58) == pytest.approx(0.8, abs=0.02)


def test_simulated_unequal_clusters_agree():
    """People count alike, so large clusters count more; the clusters' own errors are allowed for (CR1)."""
    rng, n, clusters, icc = np.random.default_rng(5), 10_000, 80, 0.1
    sizes = np.tile([5, 15, 25, 35], clusters // 4)
    rng.shuffle(sizes)
    design = Design(clusters=clusters, cluster_size=20, size_variation=sizes.std() / sizes.mean(), icc=icc)
    effect = detectable_effect(design).effect
    is_treated = np.tile([True, False], clusters // 2)
    own = rng.normal(0, math.sqrt(icc), (n, clusters))
    means = own + rng.normal(0, np.sqrt((1 - icc) / sizes), (n, clusters)) + effect * is_treated
    estimate, variance = 0.0, 0.0
    for arm, sign in ((is_treated, 1), (~is_treated, -1)):
        weights = sizes[arm] / sizes[arm].sum()
        mean = means[:, arm] @ weights
        estimate = estimate + sign * mean
        variance = variance + ((weights * (means[:, arm] - mean[:, None])) ** 2).sum(1)
    error = np.sqrt(variance * clusters / (clusters - 1))
    assert share_found(estimate, error, clusters - 2) == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"icc": 1.2}, "icc: it is 1.2. Give a number from 0 to 1."),
        ({"icc": -0.1}, "icc"),
        ({"icc": math.nan}, "icc: it is nan"),
        ({"share_treated": 0}, "share_treated: it is 0. Give a number above 0 and below 1."),
        ({"share_treated": 1}, "share_treated"),
        ({"share_treated": 0.01}, "leave an arm empty"),
        ({"clusters": 2}, "clusters: it is 2"),
        ({"clusters": 40.5}, "clusters: it is 40.5. Give a whole number"),
        ({"n_covariates": 38}, "leave no degree of freedom"),
        ({"cluster_size": 0}, "cluster_size: it is 0"),
        ({"cluster_size": 1}, "clusters of one person have no `icc`"),
        ({"lost": 1}, "nobody is found again"),
        ({"icc": 1, "r2_between": 1}, "nothing is left to chance"),
        ({"analysis": "change", "autocorrelation": 1}, "nothing is left to chance"),
        ({"sd": 0}, "sd: it is 0"),
        ({"sd": "wide"}, "sd: it is wide"),
        ({"share_before": 1}, "share_before: it is 1"),
        ({"analysis": "before"}, "Known are: after, change, ancova."),
        ({"alpha": 0}, "alpha: it is 0"),
        ({"rounds_after": 0}, "rounds_after: it is 0"),
        ({"autocorrelation": -0.5}, "autocorrelation: it is -0.5"),
    ],
)
def test_a_design_that_cannot_be_is_refused(change, told):
    with pytest.raises(BadInput) as caught:
        power_of(replace(VILLAGES, **change), 0.2)
    assert told in str(caught.value)


def test_everything_wrong_is_told_at_once():
    with pytest.raises(BadInput) as caught:
        detectable_effect(replace(VILLAGES, icc=2, share_treated=1, lost=-1), power=1.5)
    assert len(caught.value.problems) == 4


def test_questions_that_cannot_be_answered_are_refused():
    shares = Design(clusters=6, share_before=0.9)
    with pytest.raises(BadInput, match=r"no rise from 0\.9"):
        detectable_effect(shares)
    with pytest.raises(BadInput, match="are no share"):
        power_of(shares, 0.2)
    with pytest.raises(BadInput, match="not zero"):
        clusters_needed(VILLAGES, 0)
    with pytest.raises(BadInput, match="do not find"):
        clusters_needed(VILLAGES, 1e-9)
    with pytest.raises(BadInput, match="between alpha and 1"):
        clusters_needed(VILLAGES, 0.2, power=0.04)


def test_the_answer_is_told_in_both_languages():
    results = [power_of(VILLAGES, 0.1), detectable_effect(VILLAGES), clusters_needed(VILLAGES, 0.2)]
    for language in LANGUAGES:
        for result in results:
            assert len(result.table(language)) == 17
    assert "less than the usual 80%" in results[0].in_words("en")
    assert results[1].in_words("en").startswith("40 clusters of 20 people find an effect of 0.28")
    assert "seluruhnya diperlukan" in results[2].in_words("id")
    assert power_of(Design(clusters=1200), 0.2).in_words("id").startswith("1.200 orang dapat menemukan")


def test_the_curve_shows_half_and_twice_the_clusters():
    axes = detectable_effect(VILLAGES).plot("en").axes[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "20 clusters of 20 people",
        "40 clusters of 20 people",
        "80 clusters of 20 people",
    ]
    for shares in (
        power_of(Design(clusters=60, share_before=0.3), -0.2),
        detectable_effect(Design(clusters=5)),
    ):
        shares.plot("id").canvas.draw()
