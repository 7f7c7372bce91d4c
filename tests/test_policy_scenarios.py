"""Would it work: closed forms, a loop that draws the same by hand, who gets it, what is refused."""

from __future__ import annotations

import re
from io import StringIO

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from pk_research.errors import BadInput
from pk_research.indicators.regional import inequality
from pk_research.language import LANGUAGES, Message
from pk_research.policy import welfare
from pk_research.policy.costs import cash_flows, cost_benefit, uncertain
from pk_research.policy.design import draw
from pk_research.policy.effects import Effect, Estimator, Sample
from pk_research.policy.effects.effect import estimates_table, row
from pk_research.policy.scenarios import (
    Outcome,
    Prices,
    Study,
    compare_scenarios,
    declare_policy,
    flows,
    impact,
    needed_effect,
    scenario_drivers,
    scenario_tornado,
    simulate,
    target,
)
from pk_research.policy.scenarios.lots import blocks
from pk_research.policy.scenarios.spread import gini

VILLAGES = """
    code sales ike producers product kecamatan
    v01  100   0.9 4         kecap   north
    v02  200   0.1 3         kecap   north
    v03  300   0.5 2         kopi    north
    v04  400   0.3 5         kopi    south
    v05  500   0.7 1         kecap   south
    v06  600   0.2 2         kopi    south
"""
SALES = Outcome("sales", Message("Sales"))
SURE = impact(uncertain(10.0), scale="percent")
EVERYBODY = target("all")


def villages():
    frame = pd.read_csv(StringIO(VILLAGES), sep=r"\s+").rename(columns={"code": "village_code"})
    return frame.astype({"sales": float})


def many(n, **columns):
    """Villages that are all alike, but for what is given."""
    return pd.DataFrame({"village_code": [f"v{k:04}" for k in range(n)], "sales": 100.0} | columns)


def declared(**options):
    return declare_policy(
        Message("Grant"), **{"amount_idr": 10.0, "target": EVERYBODY, "impact": SURE} | options
    )


def simulated(frame=None, policy=None, outcome=SALES, **options):
    return simulate(
        villages() if frame is None else frame,
        policy or declared(),
        outcome,
        **{"n_draws": 100, "seed": 1} | options,
    )


def served(scenario):
    return set(scenario.villages.loc[scenario.villages["is_chosen"], "village_code"])


def faults(call):
    with pytest.raises(BadInput) as caught:
        call()
    return [str(problem) for problem in caught.value.problems]


def warned(scenario):
    return [warning.text("en") for warning in scenario.warnings]


def close(values, mean, variance, n_errors=4.5):
    """Hold mean and variance of drawings against what they must be, within the chance of drawing."""
    n = len(values)
    assert abs(values.mean() - mean) < n_errors * np.sqrt(variance / n)
    fourth = ((values - values.mean()) ** 4).mean()
    assert abs(values.var() - variance) < n_errors * np.sqrt((fourth - values.var() ** 2) / n)


# Closed forms


def test_a_normal_effect_on_a_binomial_number_of_takers():
    """G = e N with N binomial: E G = mu n p, E G² = (mu² + s²)(n p (1 - p) + n² p²)."""
    mu, s, p, n = 5.0, 2.0, 0.3, 40
    half = stats.norm.ppf(0.975) * s
    effect = uncertain(mu, low=mu - half, high=mu + half, shape="normal", level=0.95)
    policy = declared(impact=impact(effect, scale="absolute", per="unit"), units="units", take_up=p)
    found = simulated(many(8, units=5), policy, n_draws=20_000)
    gain = found.draws["gain"]
    second = (mu**2 + s**2) * (n * p * (1 - p) + n**2 * p**2)
    close(gain, mu * n * p, second - (mu * n * p) ** 2)
    close(found.draws["n_units"], n * p, n * p * (1 - p))
    assert (found.draws["cost_idr"] == 10.0 * found.draws["n_units"]).all()


def test_an_uncertain_take_up_makes_the_cost_uncertain_too():
    """N given p is binomial: Var N = n E[p (1 - p)] + n² Var p."""
    n, low, high = 60, 0.2, 0.8
    rate = uncertain(0.5, low=low, high=high, shape="uniform", level=1.0)
    found = simulated(many(6, units=10), declared(units="units", take_up=rate), n_draws=20_000)
    spread = (high - low) ** 2 / 12
    variance = n * (0.5 - 0.5**2 - spread) + n**2 * spread
    close(found.draws["cost_idr"], 10.0 * n * 0.5, 100 * variance)


def test_whole_villages_take_it_up_or_not():
    found = simulated(many(50), declared(take_up=0.4), n_draws=20_000)
    close(found.draws["n_units"], 20.0, 50 * 0.4 * 0.6)
    close(found.draws["gain"], 200.0, 100 * 50 * 0.4 * 0.6)


@pytest.mark.parametrize("elasticity", [-0.5, -1.0, -2.0, -50.0])
@pytest.mark.parametrize("local_share", [1.0, 0.25])
def test_constant_elasticity(elasticity, local_share):
    """All sell a share g more: the price is (1 + g a)^(1/η), and each earns (1 + g) times that."""
    prices = Prices(uncertain(elasticity), local_share=local_share)
    found = simulated(policy=declared(prices=prices))
    before = villages()["sales"]
    price = (1 + 0.1 * local_share) ** (1 / elasticity)
    np.testing.assert_allclose(found.villages["gain"], before * (1.1 * price - 1), rtol=1e-9, atol=1e-9)
    lost = found.measures.loc["lost_to_price", "expected"]
    np.testing.assert_allclose(lost, 1.1 * (1 - price) * before.sum(), rtol=1e-9)


def test_at_an_elasticity_of_minus_one_a_market_earns_the_same_and_the_others_pay():
    policy = declared(
        target=target("lowest", indicator="ike", n=1), prices=Prices(uncertain(-1.0), "product")
    )
    found = simulated(policy=policy)
    by_product = found.villages.assign(product=villages()["product"]).groupby("product")["gain"].sum()
    np.testing.assert_allclose(by_product, 0, atol=1e-9)
    gain = found.villages.set_index("village_code")["gain"]
    assert gain["v02"] > 0
    assert (gain[["v01", "v05"]] < 0).all()
    assert (gain[["v03", "v04", "v06"]] == 0).all()
    assert found.measures.loc["n_losers", "expected"] == 2


def test_effects_fade_years_are_discounted_and_months_add_up():
    lasting = impact(uncertain(10.0), scale="percent", years=3, lasting=0.5)
    monthly = Outcome("sales", Message("Sales"), periods_per_year=12)
    found = simulated(policy=declared(impact=lasting), outcome=monthly, rate=0.25)
    expected = 12 * 210.0 * (1 + 0.5 / 1.25 + 0.25 / 1.25**2)
    np.testing.assert_allclose(found.measures.loc["gain", "expected"], expected)
    np.testing.assert_allclose(found.years["gain"], 12 * 210.0 * np.array([1, 0.5, 0.25]))


def test_logarithms_amounts_and_leakage():
    logs = impact(uncertain(10.0), scale="log_percent", studied_amount_idr=20.0, dose=0.5)
    found = simulated(policy=declared(impact=logs, leakage=0.2))
    expected = 2100 * 0.8 * np.expm1(0.1 * np.sqrt(0.5))
    np.testing.assert_allclose(found.measures.loc["gain", "expected"], expected)
    assert found.measures.loc["cost_idr", "expected"] == 60.0


def test_half_the_amount_for_all_brings_what_the_whole_brings_to_half_of_equal_villages():
    """With an effect in proportion to the amount, at the same cost."""
    dosed = impact(uncertain(10.0), scale="percent", studied_amount_idr=10.0)
    half = declared(amount_idr=5.0, impact=dosed)
    lottery = declared(impact=dosed, target=target("lottery", share=0.5))
    first, second = (simulated(many(40), policy) for policy in (half, lottery))
    for name in ("gain", "cost_idr"):
        np.testing.assert_allclose(first.draws[name], second.draws[name])


def test_a_lottery_brings_everybody_the_same_share_of_what_it_would_gain():
    found = simulated(policy=declared(target=target("lottery", n=2)), n_draws=20_000)
    np.testing.assert_allclose(found.villages["probability"], 1 / 3, atol=0.02)
    np.testing.assert_allclose(
        found.villages["gain"], 0.1 * found.villages["before"] * found.villages["probability"]
    )
    assert found.measures.loc["n_served", ["low", "high"]].tolist() == [2, 2]


def test_an_indicator_read_with_error_serves_by_the_normal_distribution():
    sd, line = 0.2, 0.4
    rule = target("below", indicator="ike", threshold=line, measurement_sd=sd)
    found = simulated(policy=declared(target=rule), n_draws=20_000)
    expected = stats.norm.cdf((line - villages()["ike"]) / sd)
    np.testing.assert_allclose(found.villages["probability"], expected, atol=0.02)
    assert served(found) == {"v02", "v04", "v06"}
    missed = (1 - expected)[[1, 3, 5]].mean()
    assert abs(found.measures.loc["exclusion_error", "expected"] - missed) < 0.01


# Second implementations


def by_hand(frame, policy, outcome, seed, n_draws):
    """Draw village by village, in loops, from the same streams."""
    rows = frame.sort_values("village_code").to_dict("records")
    codes = [one["village_code"] for one in rows]
    found = []
    for block in blocks(n_draws, seed):
        rate = block.figure("take-up ", policy.take_up[""])
        effect = block.figure("effect \x1f", policy.impact.by_group[""])
        lasting = block.figure("lasting", policy.impact.lasting)
        elasticity = block.figure("elasticity", policy.prices.elasticity)
        worth = block.figure("worth", outcome.worth_idr)
        places, read = block.places("take-up", codes), block.normals("reading", codes)
        apart = block.normals("between", codes)
        for d in range(block.n):
            seen = [one["ike"] + policy.target.measurement_sd * read[d, k] for k, one in enumerate(rows)]
            line = sorted(range(len(rows)), key=lambda k: (seen[k], codes[k]))[: policy.target.n]
            paid, taking = 0.0, dict.fromkeys(range(len(rows)), 0)
            cost = 0.0
            for k in line:
                paid += policy.fixed_idr + policy.amount_idr * rows[k]["producers"]
                if paid > policy.budget_idr:
                    break
                taking[k] = quantile_of_binomial(places[d, k], rows[k]["producers"], rate[d])
                cost += policy.fixed_idr + policy.amount_idr * taking[k]
            total = 0.0
            for year in range(policy.impact.years):
                more = [
                    one["sales"]
                    * (effect[d] + policy.impact.between_sd * apart[d, k]) / 100
                    * lasting[d] ** year
                    * taking[k] / one["producers"]
                    for k, one in enumerate(rows)
                ]  # fmt: skip
                for k, one in enumerate(rows):
                    market = [j for j, other in enumerate(rows) if other["product"] == one["product"]]
                    growth = 1 + sum(more[j] for j in market) / sum(rows[j]["sales"] for j in market)
                    price = growth ** (1 / elasticity[d])
                    total += price * (one["sales"] + more[k]) - one["sales"]
            found.append((cost, total, worth[d] * total))
    return pd.DataFrame(found, columns=["cost_idr", "gain", "worth_idr"])


def quantile_of_binomial(place, n, p):
    """Return the smallest number whose distribution function reaches a place."""
    reached = 0.0
    for k in range(n + 1):
        reached += stats.binom.pmf(k, n, p)
        if reached >= place:
            return k
    return n


def full_policy():
    effect = uncertain(20.0, low=5.0, high=35.0, shape="normal")
    lasting = uncertain(0.75, low=0.5, high=1.0, shape="uniform", level=1.0)
    return declared(
        fixed_idr=3.0,
        units="producers",
        take_up=uncertain(0.5, low=0.3, high=0.7, shape="uniform", level=1.0),
        impact=impact(effect, scale="percent", years=2, lasting=lasting, between_sd=3.0),
        target=target("lowest", indicator="ike", n=4, measurement_sd=0.2),
        budget_idr=90.0,
        prices=Prices(uncertain(-1.5, low=-2.0, high=-1.0, shape="uniform", level=1.0), "product"),
    )


MARGIN = Outcome("sales", Message("Sales"), worth_idr=uncertain(0.3, low=0.2, high=0.4, shape="uniform"))


def test_a_loop_that_draws_by_hand_says_the_same():
    found = simulated(policy=full_policy(), outcome=MARGIN, n_draws=600)
    expected = by_hand(villages(), full_policy(), MARGIN, seed=1, n_draws=600)
    pd.testing.assert_frame_equal(found.draws[expected.columns.tolist()], expected, rtol=1e-9)


@settings(max_examples=60, deadline=None)
@given(arrays(float, 12, elements=st.floats(0.5, 1e6)), arrays(float, 12, elements=st.floats(0.5, 50)))
def test_gini_as_the_two_others_of_the_house(values, weights):
    frame = pd.DataFrame({"y": values, "w": weights})
    mine = gini(values[None, :], weights)[0]
    assert mine == pytest.approx(inequality(frame, "y", weight="w")["gini"].value, abs=1e-9)
    survey = welfare.survey_design(frame, weights="w")
    assert mine == pytest.approx(welfare.inequality(survey, "y").value, abs=1e-9)


def test_gini_and_line_of_the_outcome_after():
    lined = Outcome("sales", Message("Sales"), line=250.0)
    doubled = impact(uncertain(100.0), scale="percent")
    policy = declared(impact=doubled, target=target("lowest", indicator="sales", n=2))
    found = simulated(policy=policy, outcome=lined, weight="producers")
    after = villages().assign(sales=[200, 400, 300, 400, 500, 600])
    for frame, value in ((villages(), found.gini_before), (after, found.measures.loc["gini", "expected"])):
        assert value == pytest.approx(inequality(frame, "sales", weight="producers")["gini"].value)
    assert found.poor_before == pytest.approx(7 / 17)
    assert found.measures.loc["poor", "expected"] == pytest.approx(4 / 17)
    assert found.measures.loc["poor_change", "expected"] == pytest.approx(-3 / 17)


def test_the_same_bytes_for_any_order_of_rows_and_number_of_workers():
    first = simulated(policy=full_policy(), outcome=MARGIN, n_draws=1200, kecamatan="kecamatan")
    frame = villages().sample(frac=1, random_state=5)
    second = simulated(frame, full_policy(), MARGIN, n_draws=1200, kecamatan="kecamatan", n_jobs=2)
    for name in ("draws", "villages", "groups", "measures", "years"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name), check_exact=True)
    assert first.input_hash == second.input_hash


def test_a_village_draws_the_same_whoever_else_is_there():
    rule = declared(take_up=0.5)
    alone = simulated(villages().head(1), rule).draws["gain"]
    both = [simulated(villages().iloc[rows], rule).draws["gain"] for rows in ([0, 3], [3])]
    np.testing.assert_allclose(both[0] - both[1], alone)


# Who gets it


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (target("all"), "v01 v02 v03 v04 v05 v06"),
        (target("lowest", indicator="ike", n=2), "v02 v06"),
        (target("highest", indicator="ike", share=0.5), "v01 v03 v05"),
        (target("below", indicator="ike", threshold=0.3), "v02 v06"),
        (target("above", indicator="ike", threshold=0.5), "v01 v05"),
        (target("types", column="product", values=("kopi",)), "v03 v04 v06"),
        (target("quota", column="kecamatan", quotas=1, indicator="ike"), "v02 v06"),
        (target("quota", column="kecamatan", quotas={"north": 2, "*": 1}, indicator="ike"), "v02 v03 v06"),
        (target("quota", column="kecamatan", quotas={"south": 2}, indicator="ike"), "v04 v06"),
    ],
)
def test_rules(rule, expected):
    found = simulated(policy=declared(target=rule))
    assert " ".join(sorted(served(found))) == expected
    assert found.villages["probability"].tolist() == found.villages["is_chosen"].astype(float).tolist()


def test_a_public_lot_is_the_one_of_the_design_chapter():
    text = "lottery of 5 January: 7 21 33"
    found = simulated(policy=declared(target=target("lottery", n=2, public_text=text)))
    drawn = draw(villages(), text, arms={"treatment": 2, "control": 4}).assignment
    assert served(found) == set(drawn.loc[drawn["arm"] == "treatment", "village_code"])
    assert found.villages["probability"].isin([0.0, 1.0]).all()


@pytest.mark.parametrize(
    ("budget", "expected"), [(30, "v02"), (79, "v02"), (80, "v02 v04"), (99, "v02 v04"), (100, "v02 v04 v03")]
)
def test_a_budget_reaches_down_the_line(budget, expected):
    """In line they cost 30, 50 and 20; the first that does not fit ends it."""
    frame = villages()[villages()["village_code"].isin(["v02", "v03", "v04"])]
    rule = target("lowest", indicator="ike", n=3)
    policy = declared(target=rule, units="producers", budget_idr=float(budget))
    assert served(simulated(frame, policy)) == set(expected.split())


def test_where_nothing_orders_them_a_lot_says_who_goes_without():
    found = simulated(many(10), declared(budget_idr=45.0), n_draws=5000)
    assert found.draws["n_served"].tolist() == [4] * 5000
    np.testing.assert_allclose(found.villages["probability"], 0.4, atol=0.04)
    assert not found.villages["is_chosen"].any()
    assert warned(found)[-2] == (
        "The budget of IDR 45 does not reach for all who are meant: 6 villages go without, by lot."
    )


@settings(max_examples=40, deadline=None)
@given(
    st.floats(10, 200),
    st.floats(0, 100),
    st.sampled_from(["lowest", "highest", "quota", "lottery"]),
    st.floats(0, 0.5),
)
def test_no_drawing_spends_more_than_the_budget_and_more_money_serves_no_fewer(budget, more, rule, sd):
    named = {} if rule == "lottery" else {"indicator": "ike", "measurement_sd": sd}
    counted = {"column": "kecamatan", "quotas": 2} if rule == "quota" else {"n": 4}
    aim = target(rule, **named, **counted)
    first, second = (
        simulated(policy=declared(target=aim, budget_idr=amount, take_up=0.5))
        for amount in (budget, budget + more)
    )
    assert (first.draws["cost_idr"] <= budget * (1 + 1e-9)).all()
    assert (first.draws["n_served"] <= second.draws["n_served"]).all()
    assert (first.villages["probability"] <= second.villages["probability"]).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31))
def test_groups_and_villages_add_up(seed):
    found = simulated(policy=full_policy(), outcome=MARGIN, kecamatan="kecamatan", seed=seed)
    gain, cost = found.measures.loc[["gain", "cost_idr"], "expected"]
    assert found.villages["gain"].sum() == pytest.approx(gain)
    assert found.villages["cost_idr"].sum() == pytest.approx(cost)
    for _, of_kind in found.groups.groupby("kind"):
        assert of_kind["gain"].sum() == pytest.approx(gain)
        assert of_kind["cost_idr"].sum() == pytest.approx(cost)
        assert of_kind["n_villages"].sum() == 6
    assert set(found.groups["kind"]) == {"quintile", "kecamatan"}


def test_missing_indicators_are_refused_or_counted():
    frame = villages().assign(ike=[0.9, None, 0.5, 0.3, 0.7, 0.2])
    assert faults(
        lambda: simulated(frame, declared(target=target("lowest", indicator="ike", n=2)))
    ) == [
        ("column 'ike': 1 villages have no value, so nobody knows whether they are meant. Complete them, or"
        " say"
        " missing='leave_out' in the target: they are then not eligible, and counted.")
    ]  # fmt: skip
    rule = target("lowest", indicator="ike", n=2, missing="leave_out")
    found = simulated(frame, declared(target=rule))
    assert served(found) == {"v04", "v06"}
    assert [(reason.text("en"), n) for reason, n in found.left_out] == [
        ("not eligible: no value of “ike”", 1)
    ]
    assert len(found.villages) == 6


def test_missing_outcomes_are_refused_or_set_aside():
    frame = villages().assign(sales=[None, 200, 300, 400, 500, 600])
    assert faults(lambda: simulated(frame)) == [
        (
            "column 'sales': 1 rows have no value. Complete them, or say gaps='leave_out': the rows are"
            " then counted in the result."
        )
    ]
    found = simulated(frame, gaps="leave_out")
    assert len(found.villages) == 5
    assert [(reason.text("en"), n) for reason, n in found.left_out] == [("no value of “sales”", 1)]


def test_villages_without_units_get_nothing():
    frame = villages().assign(producers=[4, 0, 2, 5, 1, 2])
    policy = declared(
        target=target("lowest", indicator="ike", n=2), units="producers", fixed_idr=1.0, take_up=0.5
    )
    found = simulated(frame, policy)
    assert served(found) == {"v04", "v06"}
    assert [(reason.text("en"), n) for reason, n in found.left_out] == [
        ("not eligible: no unit that could take it up", 1)
    ]


# Effects and rates by group


def estimated(rows):
    return Effect(
        estimates=estimates_table([row(*one, level=0.95) for one in rows]),
        outcome=Message("Sales"),
        unit=Message("per cent"),
        estimator=Estimator(Message("means"), "", "pk_research"),
        sample=Sample(10, 10, 5, 5),
        comparison=Message("others"),
        assumptions=(),
    )


def test_an_effect_of_the_effects_chapter_is_taken_with_its_standard_error():
    effect = estimated([("all", "overall", 8.0, 3.0)])
    found = simulated(many(1), declared(impact=impact(effect, scale="percent")), n_draws=20_000)
    close(found.draws["gain"], 8.0, 9.0)


def test_effects_and_take_up_by_group():
    effect = estimated(
        [("all", "overall", 8.0, 3.0), ("north", "group", 10.0, 0.0), ("south", "group", 20.0, 0.0)]
    )
    policy = declared(
        impact=impact(effect, scale="percent", column="kecamatan"),
        take_up={"kecap": uncertain(1.0), "kopi": uncertain(0.0)},
        take_up_column="product",
    )
    assert simulated(policy=policy).villages["gain"].tolist() == pytest.approx([10, 20, 0, 0, 100, 0])


def test_groups_without_a_figure_are_named():
    policy = declared(
        impact=impact({"north": uncertain(1.0)}, scale="percent", column="kecamatan"),
        take_up={"kecap": uncertain(0.5)},
        take_up_column="product",
    )
    assert faults(lambda: simulated(policy=policy)) == [
        "effect by 'kecamatan': 3 villages are 'south', which has none. Give one for that group.",
        "take-up by 'product': 3 villages are 'kopi', which has none. Give one for that group.",
    ]


# What is refused


def test_a_policy_that_makes_no_sense_is_told_everything_at_once():
    wide = uncertain(0.9, low=0.7, high=1.1, shape="normal")
    assert faults(lambda: declared(amount_idr=-5.0, take_up=wide, leakage=2.0)) == [
        "amount_idr: it is -5.0. Give IDR, 0 or more.",
        (
            "take-up: it must lie between 0 and 1, and a normal figure from 0.7 to 1.1 can lie outside it."
            " Correct it, or declare it triangular or uniform, which have ends."
        ),
        "leakage: it must lie between 0 and 1, and it is 2. Correct it.",
    ]


def test_prices_answer_downwards():
    high = uncertain(-0.5, low=-1.5, high=0.5, shape="uniform")
    assert faults(lambda: declared(prices=Prices(high, local_share=0.0))) == [
        (
            "elasticity: it is -0.5 (as declared it can be 0 or more): more would be bought at higher"
            " prices. Give it below 0, such as -1.5; a triangular or uniform figure keeps its ends."
        ),
        "local_share: it is 0.0. Give a share above 0, up to 1.",
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"budget_idr": 9.0},
            (
                "budget_idr: IDR 9 does not pay for one village with one unit (IDR 10). Raise the budget or"
                " lower the amount."
            ),
        ),
        ({"amount_idr": 0.0}, "amount_idr and fixed_idr: both are 0. Say what the policy costs."),
        ({"take_up": -0.1}, "take-up: it must lie between 0 and 1, and it is -0.1. Correct it."),
        ({"take_up": float("nan")}, "take-up: mean is nan, which is no number. Give a finite number."),
        (
            {"take_up": {"a": uncertain(0.5)}},
            (
                "take_up_column: rates by group need the column that names the group, one rate for all must"
                " have none. Give both or neither."
            ),
        ),
    ],
)
def test_policies_that_are_refused(options, expected):
    assert faults(lambda: declared(**options)) == [expected]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"rule": "poorest"},
            (
                "rule: 'poorest' is unknown. Choose one of all, lowest, highest, below, above, types,"
                " quota, lottery."
            ),
        ),
        ({"rule": "lowest", "n": 3}, "target 'lowest': it has no indicator. Give indicator."),
        (
            {"rule": "lowest", "indicator": "ike", "n": 3, "share": 0.5},
            "target 'lowest': it needs either n or share. Give one of the two.",
        ),
        (
            {"rule": "all", "threshold": 3.0},
            "target 'all': it does not use threshold. Leave that out, or change the rule.",
        ),
        ({"rule": "lottery", "n": 0}, "n: it is 0. Give a whole number of villages, 1 or more."),
        (
            {"rule": "all", "measurement_sd": 0.1},
            "measurement_sd: there is no indicator to be read with error. Leave it out.",
        ),
    ],
)
def test_targets_that_are_refused(options, expected):
    assert faults(lambda: target(**options)) == [expected]


@pytest.mark.parametrize(
    ("effect", "options", "expected"),
    [
        (
            uncertain(-60.0, low=-90.0, high=-30.0, shape="normal"),
            {"scale": "percent"},
            (
                "effect: it can lie at -169.4 per cent, and nobody can lose more than all. Give it in"
                " 'log_percent', or triangular with ends above -100."
            ),
        ),
        (
            uncertain(1.0),
            {"scale": "share"},
            "scale: it is 'share'. Choose one of absolute, percent, log_percent.",
        ),
        (
            uncertain(1.0),
            {"scale": "percent", "per": "unit"},
            "per: a relative effect is one of the village's outcome. Say per='village'.",
        ),
        (
            uncertain(1.0),
            {"scale": "percent", "lasting": 1.5},
            "lasting: it must lie between 0 and 1, and it is 1.5. Correct it.",
        ),
        (
            estimated([("all", "overall", 8.0, float("nan"))]),
            {"scale": "percent"},
            (
                "found, term 'all': it has no estimate or no standard error. Use a method that gives one,"
                " or declare the figure by `uncertain`."
            ),
        ),
    ],
)
def test_effects_that_are_refused(effect, options, expected):
    assert faults(lambda: impact(effect, **options)) == [expected]


def test_a_rule_that_means_nobody_and_a_budget_that_reaches_nobody():
    nobody = declared(target=target("below", indicator="ike", threshold=0.0))
    assert faults(lambda: simulated(policy=nobody)) == [
        (
            "target: the rule 'below' means none of the 6 villages (6 are eligible). Change the rule, or"
            " the threshold."
        )
    ]
    poor = declared(budget_idr=12.0, units="producers", target=target("lowest", indicator="ike", n=2))
    assert faults(lambda: simulated(policy=poor)) == [
        (
            "budget_idr: IDR 12 does not pay for the first village in line (the cheapest that is meant"
            " costs IDR 20 where all its units take it up). Raise the budget or lower the amount."
        )
    ]


def test_a_table_that_cannot_be_used():
    frame = villages().assign(sales=[-1, 200, 300, 400, 500, 600], producers=[1.5, 1, 1, 1, 1, 1])
    assert faults(lambda: simulated(frame, declared(units="producers"))) == [
        "column 'producers': 1 villages have no whole number of units, 0 or more. Correct them.",
        (
            "column 'sales': 1 villages are below 0, where an effect in per cent or on prices means"
            " nothing. Correct them, or give the effect in the unit of the outcome and no prices."
        ),
    ]
    twice = pd.concat([villages(), villages().head(1)])
    assert faults(lambda: simulated(twice)) == [
        "column 'village_code': these stand more than once: v01. Keep one row a village."
    ]
    assert faults(lambda: simulated(policy=declared(units="makers"))) == [
        (
            "column 'makers': it is not in the table. The table has: village_code, sales, ike, producers,"
            " product, … (6)."
        )
    ]
    unknown = declared(target=target("types", column="product", values=("madu",)))
    assert faults(lambda: simulated(policy=unknown)) == [
        "target 'types': no village is of type 'madu'. Known are: kecap, kopi."
    ]


def test_options_of_a_simulation():
    assert faults(lambda: simulated(n_draws=10, level=2.0, rate=-1.0)) == [
        "n_draws and seed: they are 10 and 1. Give 100 or more, and 0 or more.",
        "level: it is 2.0. Give a share between 0 and 1, such as 0.9.",
        "rate: it is -1.0. Give a share above -1, such as 0.08.",
    ]


def test_a_market_that_sells_nothing_any_more_has_no_price():
    ruin = impact(uncertain(-150.0), scale="absolute")
    policy = declared(impact=ruin, prices=Prices(uncertain(-2.0)))
    assert faults(lambda: simulated(many(3), policy)) == [
        (
            "the market: in some drawings nothing is sold any more, and no price is known for that. Give"
            " the effect in 'log_percent', or a distribution with ends."
        )
    ]


# What is warned of


def test_what_a_borrowed_effect_is_told():
    study = Study(Message("Karawang, 2021"), frozenset({"v01", "v02"}), {"sales": (150.0, 450.0)})
    doubtful = uncertain(5.0, low=-5.0, high=15.0, shape="normal")
    given_there = impact(doubtful, scale="percent", studied_amount_idr=20.0, study=study)
    found = simulated(policy=declared(impact=given_there, prices=Prices(uncertain(-0.5))))
    assert warned(found) == [
        (
            "The effect may be none at all: its interval (-5 to 15) holds zero. A mean gain is still shown;"
            " look at how often there is none."
        ),
        "Everybody who is served is taken to take it up. Give a take-up where that is not sure.",
        (
            "The effect was found out in Karawang, 2021; 4 of the 6 villages that may be served were not"
            " looked at there. That it holds in them is assumed."
        ),
        (
            "3 of the 6 villages that may be served lie outside the villages of the study in “sales” (150"
            " to 450): there the effect is extrapolated."
        ),
        (
            "In the study a unit got IDR 20, here it gets IDR 10: that the effect then is 50% as large is"
            " assumed, not observed."
        ),
        (
            "With an elasticity of -0.5 demand hardly answers to the price: all villages together earn less"
            " the more they sell."
        ),
    ]


def test_what_is_told_when_nothing_is_known():
    found = simulated(villages().assign(sales=[0.0, 200, 300, 400, 500, 600]), declared(take_up=0.5))
    assert warned(found) == [
        (
            "1 villages that may be served start from zero, of which an effect in per cent makes nothing:"
            " what they would gain is not known."
        ),
        (
            "Nobody said where the effect was found out, so whether it holds in these villages is not"
            " known. Name the study."
        ),
        (
            "Prices are taken not to answer. Where many villages sell the same, more supply lowers its"
            " price, and the gain is smaller."
        ),
    ]


def test_ties_too_few_villages_and_quotas_are_told():
    frame = villages().assign(ike=0.5)
    tied = simulated(frame, declared(target=target("lowest", indicator="ike", n=2)))
    assert served(tied) == {"v01", "v02"}
    assert warned(tied)[2].startswith("6 villages stand at the last place with the same value")
    few = simulated(policy=declared(target=target("highest", indicator="ike", n=9)))
    assert warned(few)[2] == ("The rule asks for 9 villages; only 6 are eligible, and all of them are meant.")
    quota = target("quota", column="kecamatan", quotas={"north": 4, "south": 1}, indicator="ike")
    assert warned(simulated(policy=declared(target=quota)))[2] == (
        "These have fewer eligible villages than their quota: north."
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
