"""A budget over villages: the best plan against every plan there is, rules one by one, and clashes."""

from __future__ import annotations

from io import StringIO
from itertools import product

import numpy as np
import pandas as pd
import pytest

from pk_research.errors import BadInput
from pk_research.policy.budget import allocate, budget_curve, budget_problem, conflict, robustness

VILLAGES = """
    village_code policy cost_idr effect se  group
    a            road   30       9      1   north
    a            market 20       5      1   north
    b            road   25       8      1   north
    b            market 20       7      1   north
    c            road   40       6      1   south
    c            market 25       5      1   south
    d            road   35       4      1   south
    d            market 15       2      1   south
"""


def villages():
    return pd.read_csv(StringIO(VILLAGES), sep=r"\s+").astype({"effect": float})


def asked(frame=None, **options):
    return budget_problem(villages() if frame is None else frame, **({"budget_idr": 80} | options))


def given(found):
    return set(zip(found.chosen["village_code"], found.chosen["policy"], strict=True))


def faults(call):
    with pytest.raises(BadInput) as caught:
        call()
    return [str(problem) for problem in caught.value.problems]


def best_by_trying_all(problem):
    """Return the largest value over every subset of the pairs that keeps all rules; None for none."""
    rows = list(problem.frame.assign(worth=problem.worth).itertuples())
    plans = (
        [row for row, is_taken in zip(rows, taken, strict=True) if is_taken] for taken in all_subsets(rows)
    )
    return max((value_of(problem, plan) for plan in plans if is_kept(problem, plan)), default=None)


def all_subsets(rows):
    return product([False, True], repeat=len(rows))


def policies_by_village(plan):
    return [{row.policy for row in plan if row.village_code == v} for v in {row.village_code for row in plan}]


def is_kept(problem, plan):
    opened = sum(
        cost for name, cost in problem.opening_idr.items() if any(row.policy == name for row in plan)
    )
    villages = policies_by_village(plan)
    return (
        sum(row.cost_idr for row in plan) + opened <= problem.budget_idr
        and all(len(policies) <= problem.most_per_village for policies in villages)
        and set(problem.musts) <= {(row.village_code, row.policy) for row in plan}
        and all(
            sum(row.cost_idr for row in plan if row.group == group) >= share * problem.budget_idr - 1e-9
            for group, share in problem.floors.items()
        )
        and not any(a in policies and b not in policies for a, b in problem.needs for policies in villages)
        and not any({*pair} <= policies for pair in problem.conflicts for policies in villages)
    )


def value_of(problem, plan):
    bonus = sum(
        worth
        for pair, worth in problem.bonuses.items()
        for policies in policies_by_village(plan)
        if {*pair} <= policies
    )
    return sum(row.worth for row in plan) + bonus


RULES = {
    "the budget alone": {},
    "two policies a village": {"most_per_village": 2},
    "a floor for the south": {"floors": {"south": 0.4}},
    "a cost of opening": {"opening_idr": {"road": 30}, "most_per_village": 2},
    "markets only with roads": {"needs": [("market", "road")], "most_per_village": 2, "budget_idr": 110},
    "roads against markets": {"conflicts": [("road", "market")], "most_per_village": 2},
    "a bonus for both": {"bonuses": {("road", "market"): 6}, "most_per_village": 2},
    "a loss for both": {"bonuses": {("road", "market"): -4}, "most_per_village": 2, "budget_idr": 120},
    "a decided pair": {"musts": [("d", "road")]},
    "caution": {"risk_aversion": 2.5},
}


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
def test_no_plan_is_better(rules):
    problem = asked(**rules)
    found = allocate(problem)
    assert found.value == pytest.approx(best_by_trying_all(problem))
    assert found.bound == pytest.approx(found.value)
    assert found.gap == 0
    assert found.spent_idr <= problem.budget_idr


@pytest.mark.parametrize("seed", range(5))
def test_random_problems_with_all_rules_at_once(seed):
    rng = np.random.default_rng(seed)
    frame = villages().assign(
        cost_idr=rng.integers(5, 40, 8), effect=rng.normal(3, 3, 8).round(2), se=rng.uniform(0, 1, 8)
    )
    problem = asked(
        frame, most_per_village=2, floors={"south": 0.15, "north": 0.1}, opening_idr={"market": 10},
        bonuses={("market", "road"): 1.5}, risk_aversion=0.3, needs=[("market", "road")],
    )  # fmt: skip
    expected = best_by_trying_all(problem)
    if expected is None:
        assert conflict(problem) is not None
    else:
        assert allocate(problem).value == pytest.approx(expected)


def test_row_order_does_not_matter():
    assert given(allocate(asked())) == given(allocate(asked(villages().iloc[::-1])))


def test_rows_that_are_not_eligible_are_left_out_and_counted():
    frame = villages().assign(eligible=lambda rows: rows["village_code"] != "b")
    found = allocate(asked(frame))
    assert "b" not in set(found.chosen["village_code"])
    assert "Rows left out because they are not eligible: 2." in found.in_words("en")


def test_billions_of_rupiah_do_not_blur_the_budget():
    frame = villages().assign(cost_idr=lambda rows: rows["cost_idr"] * 1e9)
    assert given(allocate(asked(frame, budget_idr=80e9))) == given(allocate(asked()))


def test_clashing_rules_are_named_and_each_of_them_is_needed():
    rules = {"musts": [("a", "road"), ("b", "road")], "floors": {"south": 0.5, "north": 0.1}}
    found = conflict(asked(**rules))
    assert [rule.kind for rule in found.rules] == ["budget", "floor", "must", "must"]
    assert best_by_trying_all(asked(**rules)) is None
    assert allocate(asked(**rules | {"musts": [("a", "road")]}))
    assert allocate(asked(**rules | {"floors": {"north": 0.1}}))
    told = faults(lambda: allocate(asked(**rules)))[0]
    assert "at least 50% of the budget for south" in told
    assert "Drop or loosen one of them." in told
    assert conflict(asked()) is None


def test_a_budget_below_the_floor_of_its_only_pairs():
    # The cheapest pair of the south costs 15, more than the whole budget.
    found = conflict(asked(budget_idr=12, floors={"south": 0.5}))
    assert [rule.kind for rule in found.rules] == ["budget", "floor"]


def test_more_money_never_brings_less_and_its_price_is_the_slope():
    frame = budget_curve(asked(), budgets_idr=[15, 40, 80, 120, 400]).frame
    assert frame["value"].is_monotonic_increasing
    assert frame["price_per_million"].iloc[1] == pytest.approx(
        (frame["value"].iloc[1] - frame["value"].iloc[0]) / 25 * 1e6
    )
    assert budget_curve(asked(), budgets_idr=[400, 800]).frame["price_per_million"].iloc[1] == 0


def test_a_budget_too_small_for_the_rules_is_a_gap_in_the_curve():
    found = budget_curve(asked(musts=[("c", "road")]), budgets_idr=[20, 80])
    assert found.frame["value"].isna().tolist() == [True, False]
    assert "At 1 of these budgets no plan keeps all rules." in found.in_words("en")


def test_how_often_a_village_is_chosen_is_the_chance_that_it_is_better():
    frame = pd.DataFrame(
        {"village_code": ["a", "b"], "policy": "road", "cost_idr": 1.0, "effect": [5.0, 4.0], "se": 1.0}
    )
    found = robustness(budget_problem(frame, budget_idr=1), n_draws=300)
    # The difference is normal with mean 1 and variance 2: 76.02 % of it lies above 0.
    assert found.pairs["share"].iloc[0] == pytest.approx(0.7602, abs=0.07)
    # The mean of what is missed: sd (phi(z) - z (1 - Phi(z))) with z = 1 / sqrt 2.
    assert found.regret == pytest.approx(0.1996, abs=3 * found.regret_se)
    assert found.villages["share"].sum() == pytest.approx(1)


def test_drawings_made_elsewhere_may_move_together():
    frame = pd.DataFrame(
        {"village_code": ["a", "b"], "policy": "road", "cost_idr": 1.0, "effect": [5.0, 4.0]}
    )
    together = np.array([[5, 4], [7, 6], [2, 1]])
    problem = budget_problem(frame, budget_idr=1)
    assert robustness(problem, effect_draws=together).pairs["share"].tolist() == [1, 0]
    apart = robustness(problem, effect_draws=np.array([[5, 4], [5, 7], [5, 4], [5, 6]]))
    assert apart.pairs["share"].tolist() == [0.5, 0.5]
    assert apart.regret == pytest.approx((0 + 2 + 0 + 1) / 4)
    told = faults(lambda: robustness(problem, effect_draws=np.ones((4, 3))))[0]
    assert "their shape is (4, 3), but 2 rows may be chosen" in told


def test_regret_is_never_negative_with_bonuses_and_openings():
    rules = {"most_per_village": 2, "bonuses": {("road", "market"): 6}, "opening_idr": {"road": 5}}
    assert robustness(asked(**rules), n_draws=20).regret >= 0


def test_workers_do_not_change_the_draws():
    one, two = (robustness(asked(), n_draws=20, n_jobs=n) for n in (1, 2))
    pd.testing.assert_frame_equal(one.pairs, two.pairs)
    assert one.regret == two.regret


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_view_in_both_languages_says_when_data_is_made(language):
    problem = asked(made=True, floors={"south": 0.2}, risk_aversion=0.5)
    clash = asked(made=True, musts=[("a", "road"), ("b", "road"), ("c", "road")])
    note = {"id": "Data buatan", "en": "Made data"}[language]
    drawn = [allocate(problem), budget_curve(problem), robustness(problem, n_draws=10)]
    for view in (*drawn, conflict(clash)):
        assert view.in_words(language).startswith(note)
        assert view.table(language).iloc[0, -1].startswith(note)
    for view in drawn:
        assert note in view.plot(language)._suptitle.get_text()
    assert drawn[0].group_table(language).iloc[1, 4] == 20


def test_without_standard_errors_it_is_said_that_nothing_is_known_of_the_doubt():
    found = allocate(asked(villages().drop(columns="se")))
    assert np.isnan(found.effect_se)
    assert "how sure it is cannot be said" in found.in_words("en")


def test_one_estimate_behind_all_villages_of_a_policy_makes_the_plan_less_sure():
    rows = villages()[["village_code", "policy", "cost_idr", "effect", "se"]]
    rows = rows[rows["policy"] == "road"]
    apart, together = (
        allocate(asked(rows, budget_idr=1000, errors=errors)) for errors in ("apart", "by_policy")
    )
    assert (apart.effect_se, together.effect_se) == (2.0, 4.0)  # the root of four, and four, errors of one
    assert "(95%: 23.08 to 30.92, if the errors" in apart.in_words("en")
    assert "(95%: 19.16 to 34.84; one estimate stands behind all villages" in together.in_words("en")


def test_errors_of_one_estimate_never_turn_the_order_of_a_policys_villages():
    rows = villages()[lambda rows: rows["policy"] == "road"].assign(cost_idr=10, se=lambda r: r["effect"] / 4)
    apart, together = (
        robustness(asked(rows, budget_idr=20, errors=errors), n_draws=100).pairs
        for errors in ("apart", "by_policy")
    )
    assert together["share"].tolist() == [1, 1, 0, 0]
    assert apart["share"].between(0, 1, inclusive="neither").any()


@pytest.mark.parametrize("errors", ["apart", "by_policy"])
def test_the_error_told_is_that_of_the_draws(errors):
    rng = np.random.default_rng(0)
    problem = asked(villages().assign(se=rng.uniform(0.1, 2, 8)), errors=errors)
    drawn = np.array([problem.drawn_errors(rng).sum() for _ in range(20_000)])
    assert drawn.std() == pytest.approx(problem.error_of(problem.frame), rel=0.02)


def test_errors_hang_together_in_a_known_way():
    assert faults(lambda: asked(errors="all")) == ["errors: it is 'all'. Choose from: apart, by_policy."]


# What cannot be solved


def test_every_fault_of_the_rows_at_once():
    frame = villages()
    frame.loc[0, "cost_idr"] = -3
    frame["cost_idr"] = frame["cost_idr"].astype(float)
    frame.loc[1, "cost_idr"] = np.nan
    frame.loc[2, "effect"] = np.inf
    frame.loc[7, ["village_code", "policy"]] = ["c", "market"]
    frame.loc[3, "group"] = "south"
    told = "\n".join(faults(lambda: asked(frame)))
    for part in (
        "column 'cost_idr': no usable value in rows 1, 2",
        "column 'effect': no usable value in rows 3",
        "c, 'market': the pair stands twice",
        "village b: it stands in several groups",
    ):
        assert part in told


def test_every_wrong_rule_at_once():
    told = "\n".join(
        faults(
            lambda: asked(
                budget_idr=0, most_per_village=0, floors={"east": 0.7, "south": 0.6}, risk_aversion=-1,
                opening_idr={"canal": 5, "road": -5}, needs=[("road", "road")], musts=[("z", "road")],
                conflicts=[("road", "dam")], bonuses={("road", "market"): np.nan},
            )
        )
    )  # fmt: skip
    for part in (
        "budget_idr: it is 0",
        "most_per_village: it is 0",
        "floor of 'east': no village is in this group",
        "floors: together they are 1.3 of the budget",
        "risk_aversion: it is -1",
        "the policy 'canal' is unknown",
        "opening_idr of 'road': it is -5",
        "it names one policy twice",
        "musts, ('z', 'road'): the pair is not among the eligible rows",
        "the policy 'dam' is unknown",
        "bonus of ('road', 'market'): it is nan",
    ):
        assert part in told


def test_text_numbers_codes_as_numbers_and_missing_columns():
    frame = villages().astype({"cost_idr": str}).assign(village_code=range(8), eligible="yes")
    told = "\n".join(faults(lambda: asked(frame)))
    assert "column 'cost_idr': it does not hold numbers" in told
    assert "column 'village_code': it holds something other than text" in told
    assert "column 'eligible': it does not hold True and False" in told
    assert len(faults(lambda: asked(pd.DataFrame({"policy": []})))) == 4


def test_caution_and_robustness_need_standard_errors():
    frame = villages()
    frame["se"] = frame["se"].astype(float)
    frame.loc[4, "se"] = np.nan
    assert "column 'se': no usable value in rows 5" in faults(lambda: asked(frame, risk_aversion=1.0))[0]
    told = faults(lambda: robustness(asked(frame), n_draws=1))
    assert [text.split(":")[0] for text in told] == ["column 'se'", "n_draws and seed"]


def test_options_of_the_solver_and_the_curve():
    assert "gap: it is 1.5" in faults(lambda: allocate(asked(), gap=1.5))[0]
    assert "two or more amounts above 0" in faults(lambda: budget_curve(asked(), budgets_idr=[0, 5]))[0]
