"""Would it work: what is refused, with everything told at once, and what is warned of."""

from __future__ import annotations

import pandas as pd
import pytest
from made_scenarios import (
    declared,
    estimated,
    faults,
    many,
    served,
    simulated,
    villages,
    warned,
)

from pk_research.language import Message
from pk_research.policy.costs import uncertain
from pk_research.policy.scenarios import (
    Prices,
    Study,
    impact,
    target,
)

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
            "The effect may be none at all: its interval (−5 to 15) holds zero. A mean gain is still shown;"
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
            "With an elasticity of −0.5 demand hardly answers to the price: all villages together earn less"
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
