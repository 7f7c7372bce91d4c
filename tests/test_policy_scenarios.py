"""Would it work: closed forms, a loop that draws the same by hand, and who gets it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from made_scenarios import (
    MARGIN,
    close,
    declared,
    estimated,
    faults,
    full_policy,
    many,
    served,
    simulated,
    villages,
    warned,
)
from scipy import stats

from pk_research.indicators.regional import inequality
from pk_research.language import Message
from pk_research.policy import welfare
from pk_research.policy.costs import uncertain
from pk_research.policy.design import draw
from pk_research.policy.scenarios import (
    Outcome,
    Prices,
    impact,
    target,
)
from pk_research.policy.scenarios.lots import blocks
from pk_research.policy.scenarios.spread import gini

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
