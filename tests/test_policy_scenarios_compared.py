"""Would it work: scenarios side by side, what they cost, what they hang on, and how they are told."""

from __future__ import annotations

import re

import numpy as np
import pytest
from made_scenarios import (
    MARGIN,
    declared,
    faults,
    full_policy,
    many,
    simulated,
    villages,
)
from scipy import stats

from pk_research.language import LANGUAGES, Message
from pk_research.policy.costs import cash_flows, cost_benefit, uncertain
from pk_research.policy.scenarios import (
    Outcome,
    Prices,
    compare_scenarios,
    flows,
    impact,
    needed_effect,
    scenario_drivers,
    scenario_tornado,
    target,
)

# Side by side


def test_a_policy_against_itself_differs_in_nothing():
    first, second = (simulated(policy=full_policy(), outcome=MARGIN) for _ in range(2))
    pair = compare_scenarios([first, second]).pairs.iloc[0]
    assert pair.filter(like="difference").tolist() == [0.0] * 9
    assert (pair["dominates"], pair["stochastically"], pair["is_better"]) == ("none", "none", 0)


def test_common_drawings_take_the_common_doubt_out_of_a_difference():
    effect = impact(uncertain(10.0, low=2.0, high=18.0, shape="normal"), scale="percent")
    policies = [
        declared(impact=effect, target=target(rule, indicator="ike", n=3)) for rule in ("lowest", "highest")
    ]
    found = compare_scenarios([simulated(policy=policy, n_draws=2000) for policy in policies])
    first, second = (one.draws["gain"] for one in found.scenarios)
    np.testing.assert_allclose(first / 1200, second / 900)
    pair = found.pairs.iloc[0]
    assert pair["gain_difference"] == pytest.approx((first - second).mean())
    assert pair["gain_difference_low"] == pytest.approx(np.quantile(first - second, 0.05))


def test_a_cheaper_policy_that_brings_the_same_dominates():
    dear, cheap = (
        simulated(policy=declared(amount_idr=amount, take_up=0.5), outcome=MARGIN) for amount in (20, 10)
    )
    found = compare_scenarios([dear, cheap])
    assert found.best == 1
    assert found.pairs[["dominates", "stochastically"]].iloc[0].tolist() == ["second", "second"]
    assert sum(found.probability_best) == 1
    assert "“Grant” dominates “Grant”: in every draw it gains no less and costs no more." in found.in_words(
        "en"
    )
    assert [warning.text("en") for warning in found.warnings] == [
        (
            "The policies do not cost the same (IDR 29.2 to 58.4): part of the difference in gains is one in"
            " money. Look at the cost of a unit gained, or give all the same budget."
        )
    ]


def test_dominance_of_distributions_against_the_definition():
    effects = (
        uncertain(10.0, low=2.0, high=18.0, shape="normal"),
        uncertain(12.0, low=4.0, high=20.0, shape="normal"),
    )
    first, second = (
        simulated(many(1), declared(impact=impact(effect, scale="percent")), n_draws=1000)
        for effect in effects
    )
    pair = compare_scenarios([first, second]).pairs.iloc[0]
    reached = [
        [(one.draws["gain"] >= level).mean() for level in np.linspace(-5, 30, 500)] for one in (first, second)
    ]
    never_less = all(a <= b for a, b in zip(*reached, strict=True))
    assert (pair["stochastically"] == "second") == never_less
    assert pair["dominates"] == "none"


def test_what_was_not_drawn_alike_is_not_compared():
    first = simulated()
    others = [simulated(seed=2), simulated(rate=0.1), simulated(villages().head(4))]
    assert faults(lambda: compare_scenarios([first])) == ["scenarios: there are 1. Give two or more."]
    assert faults(lambda: compare_scenarios([first, *others])) == [
        "scenario 2, seed and n_draws: not as in scenario 1. Simulate both in the same way.",
        "scenario 3, rate and level: not as in scenario 1. Simulate both in the same way.",
        "scenario 4, villages: not as in scenario 1. Simulate both in the same way.",
    ]


# To the chapter of costs


def money(take_up=0.5):
    lasting = impact(
        uncertain(20.0, low=10.0, high=30.0, shape="normal"), scale="percent", years=3, lasting=0.5
    )
    return simulated(
        policy=declared(impact=lasting, take_up=take_up), outcome=MARGIN, n_draws=4000, rate=0.1
    )  # fmt: skip


@pytest.mark.parametrize(("take_up", "apart"), [(1.0, 0.02), (0.5, 0.1)])
def test_cash_flows_have_the_same_value(take_up, apart):
    """Where take-up moves cost and gain together, flows (which move apart) doubt more."""
    found = money(take_up)
    rows = flows(found, "en", first_year=2025)
    assert rows["year"].tolist() == [2025, 2025, 2026, 2027]
    appraised = cost_benefit(
        cash_flows(rows), rate=0.1, prices="real", rate_prices="real", n_draws=4000, seed=3
    )
    assert appraised.expected["npv"] == pytest.approx(found.measures.loc["net_idr", "expected"])
    assert 0 <= appraised.loss - (1 - found.probability_worth_it) < apart


def test_what_is_no_money_or_a_loss_has_no_cash_flows():
    assert faults(lambda: flows(simulated(), "en", first_year=2025)) == [
        "worth_idr: the outcome has no worth in rupiah. Say in `Outcome` what a unit is worth."
    ]
    loss = declared(impact=impact(uncertain(-1.0), scale="percent"))
    assert faults(lambda: flows(simulated(policy=loss, outcome=MARGIN), "en", first_year=2025)) == [
        (
            "the gain: in 2025 a loss is expected, which is no benefit. Look at net_idr of the scenario,"
            " which holds losses."
        )
    ]


def test_the_tornado_moves_one_figure_at_a_time():
    found = scenario_tornado(money(), "en").frame.set_index("factor")
    years = 1 + 0.5 / 1.1 + 0.25 / 1.1**2
    at_ends = [0.3 * 2100 * 0.5 * effect * years - 30 for effect in (0.1, 0.3)]
    np.testing.assert_allclose(found.loc["effect", ["at_low", "at_high"]].astype(float), at_ends)
    assert found.index.tolist() == ["effect", "worth of a unit gained"]


def test_drivers_share_out_the_variance_of_a_product():
    """For e w with independent e and w, the first-order share of e is Var e · E²w over Var(e w)."""
    found = scenario_drivers(money(), "en", n_base=1024).shares
    effect, worth = (20.0, (20.0 / (2 * stats.norm.ppf(0.95))) ** 2), (0.3, (0.2 / 0.9) ** 2 / 12)
    whole = effect[1] * worth[0] ** 2 + worth[1] * effect[0] ** 2 + effect[1] * worth[1]
    assert found.loc["effect", "first"] == pytest.approx(effect[1] * worth[0] ** 2 / whole, abs=0.04)
    assert found.loc["worth of a unit gained", "first"] == pytest.approx(
        worth[1] * effect[0] ** 2 / whole, abs=0.04
    )
    sure = simulated(outcome=Outcome("sales", Message("Sales"), worth_idr=uncertain(0.3)))
    assert faults(lambda: scenario_drivers(sure, "en")) == [
        "the policy: nothing in it is uncertain. Declare a figure by `uncertain`."
    ]


@pytest.mark.parametrize(
    ("scale", "expected"), [("percent", lambda g: 100 * g), ("log_percent", lambda g: 100 * np.log1p(g))]
)
def test_the_effect_that_is_needed_to_be_worth_the_cost(scale, expected):
    """Six villages cost 60 and sell 2100 with a margin of 0.3: they must sell 60 / 630 more."""
    effect = uncertain(5.0, low=-5.0, high=15.0, shape="normal")
    found = needed_effect(simulated(policy=declared(impact=impact(effect, scale=scale)), outcome=MARGIN))
    needed = expected(60 / (0.3 * 2100))
    assert found.effect == pytest.approx(needed)
    sd = 10 / stats.norm.ppf(0.95)
    assert found.reached == pytest.approx(stats.norm.sf(needed, loc=5.0, scale=sd))
    assert found.in_words("en").startswith("To be worth its cost, “Grant” needs an effect of 9.")


def test_where_prices_take_everything_no_effect_is_enough():
    policy = declared(prices=Prices(uncertain(-1.0)))
    found = needed_effect(simulated(policy=policy, outcome=MARGIN))
    assert np.isnan(found.effect)
    assert found.reached == 0
    assert found.in_words("en") == "No effect, however large, would make “Grant” worth its cost."


def test_effects_by_group_need_one_effect_for_all():
    by_group = impact(
        {"north": uncertain(4.0), "south": uncertain(8.0)}, scale="absolute", column="kecamatan"
    )
    found = needed_effect(simulated(policy=declared(impact=by_group), outcome=MARGIN))
    assert found.effect == pytest.approx(10 / 0.3)
    assert found.expected == 6
    assert np.isnan(found.reached)


# Told to people


@pytest.mark.parametrize("language", LANGUAGES)
def test_results_are_told_in_both_languages(language):
    found = simulated(
        policy=full_policy(), outcome=MARGIN, kecamatan="kecamatan", village_type="product", made=True
    )
    other = simulated(policy=declared(amount_idr=3.0), outcome=MARGIN, made=True)
    both = compare_scenarios([found, other])
    made = {"en": "Made data", "id": "Data buatan"}[language]
    for told in (x.in_words(language) for x in (found, both, needed_effect(found))):
        assert told.startswith(made)
        assert re.findall(r"[{}]|nan|None", told) == []
    for table in (
        found.table(language),
        found.village_table(language),
        found.group_table(language),
        both.table(language),
        both.pair_table(language),
        needed_effect(found).table(language),
    ):
        assert table.iloc[:, -1].str.startswith(made).all()
    figures = [found.plot(language), both.plot(language, width_px=400)]
    figures += [found.plot_groups(language, kind=kind) for kind in ("quintile", "type", "kecamatan")]
    for figure in figures:
        assert made in figure.get_suptitle()
        assert figure.axes[0].get_xlabel()


def test_a_scenario_in_words():
    rule = target("lowest", indicator="ike", n=2)
    policy = declared(target=rule, prices=Prices(uncertain(-2.0), "product"))
    worth = Outcome("sales", Message("Sales"), Message("million IDR"), worth_idr=uncertain(1.0))
    sentences = simulated(policy=policy, outcome=worth).in_words("en").split(". ")
    assert sentences[:10] == [
        (
            "Grant: 2 of 6 villages are served, 2 units take it up, and it costs IDR 20 (90% of the draws:"
            " 20 to 20)"
        ),
        "Sales: 39.6 million IDR are gained (90% of the draws: 39.6 to 39.6)",
        "In 100% of 100 draws something is gained",
        "A unit gained costs IDR 0.505 (90% of the draws: 0.505 to 0.505)",
        "The gain is worth IDR 39.6; less the cost, that is IDR 19.6 (90% of the draws: 19.6 to 19.6)",
        "In 100% of the draws it is worth more than it costs (by chance of drawing alone 96.3 to 100%)",
        (
            "Lower prices take away 40.4 of what would be gained at unchanged prices (50.5%), also from"
            " villages that get nothing: 4 villages are expected to lose"
        ),
        "What buyers save is not counted",
        "The fifth of villages with the lowest outcome before gains 16.07, the fifth with the highest 45.28",
        "The Gini ratio between villages goes from 0.278 to 0.285 (0.285 to 0.285)",
    ]


def test_a_kind_that_is_not_told_by_is_named():
    assert faults(lambda: simulated().plot_groups("en", kind="kecamatan")) == [
        "kind: the scenario is not told by 'kecamatan'. Known are: quintile."
    ]


def test_where_nothing_is_gained_no_price_buys_it():
    found = simulated(policy=declared(impact=impact(uncertain(-1.0), scale="percent")))
    assert found.measures.loc["cost_per_gain", "expected"] == np.inf
    assert found.probability_of_gain == 0
    assert "no limit" in found.table("en").to_string()
    assert "tanpa batas" in found.table("id").to_string()
