"""One village, one product: the best plan, proven by trying all plans, and what limits cost."""

from __future__ import annotations

import itertools
import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from assignment_tables import CIKARANG, NAMES, VALUES, soy, stated, table, tiers, worth
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import OptimizeResult, linear_sum_assignment, milp

from pk_research.errors import BadInput, NotReady
from pk_research.products import assignment as ovop
from pk_research.products.assignment import AssignmentProblem, Limit, costs, solver
from pk_research.products.assignment.model import build
from pk_research.writing import csv_bytes


def products_of(plan: ovop.Assignment) -> list[str]:
    return plan.villages["product"].fillna("-").tolist()


# Reading the limits off a small table


def test_without_limits_every_village_makes_its_own_best():
    plan = ovop.assign(stated())
    assert products_of(plan) == ["kecap", "kecap", "kecap", "kecap"]
    assert plan.value_idr_year == 300e6
    assert plan.is_best


@pytest.mark.parametrize(
    ("limits", "products", "millions"),
    [
        ({"most_per_kecamatan": 1}, ["kecap", "batik", "kecap", "batik"], 280),
        ({"most_per_kecamatan": {CIKARANG: 1}}, ["kecap", "batik", "kecap", "kecap"], 290),
        ({"decrees": {"3216012001": "telur"}}, ["telur", "kecap", "kecap", "kecap"], 260),
        ({"market": tiers("kecap", (2, 0))}, ["kecap", "batik", "kecap", "batik"], 280),
        ({"market": tiers("kecap", (2, 0), (None, 15))}, ["kecap", "batik", "kecap", "batik"], 280),
        ({"market": tiers("kecap", (2, 0), (None, 5))}, ["kecap", "kecap", "kecap", "kecap"], 290),
        (soy(20), ["kecap", "batik", "kecap", "batik"], 280),
        (soy(20) | {"least_villages": 3}, ["batik", "batik", "batik", "batik"], 200),
        ({"decrees": {"3216012001": "telur"}, "least_villages": 2}, ["telur", "kecap", "kecap", "telur"], 240),  # noqa: E501
    ],
)  # fmt: skip
def test_each_limit_changes_the_plan_as_one_would_by_hand(limits, products, millions):
    plan = ovop.assign(stated(**limits))
    assert plan.value_idr_year == pytest.approx(millions * 1e6)
    assert products_of(plan) == products


def test_a_market_by_volume_counts_units():
    values = table(VALUES).assign(volume_units_year=[10.0, 1, 1] * 4)
    market = tiers("kecap", (30, 0))
    plan = ovop.assign(ovop.assignment_problem(values, market=market, market_by_volume=True))
    assert plan.products.set_index("product")["n_villages"].to_dict() == {"batik": 1, "kecap": 3, "telur": 0}


def test_losses_to_a_full_market_are_counted_and_told():
    plan = ovop.assign(stated(market=tiers("kecap", (2, 0), (None, 5))))
    kecap = plan.products.set_index("product").loc["kecap"]
    assert (kecap["value_idr_year"], kecap["loss_idr_year"]) == (300e6, 10e6)
    assert "hilang karena pasar jenuh" in plan.in_words("id")


def test_a_village_that_need_not_make_anything_makes_nothing_at_a_loss():
    text = "village kecap\n3216012001 5\n3216012002 -3"
    assert products_of(ovop.assign(stated(text, every_village=False))) == ["kecap", "-"]
    forced = ovop.assign(stated(text))
    assert products_of(forced) == ["kecap", "kecap"]
    said = "Villages whose product loses money, for the limits or a decree give them one: 1 (Sukatani)."
    assert said in forced.in_words("en")
    assert "loses money" not in ovop.assign(stated(text, every_village=False)).in_words("en")


def test_an_unknown_value_is_never_chosen_and_is_told():
    plan = ovop.assign(stated())
    assert "Pairs of village and product without a known value: 1 of 12." in plan.in_words("en")
    with pytest.raises(BadInput, match=r"the value is not known: 3216022001 / telur"):
        stated(decrees={"3216022001": "telur"})


def test_the_runner_up_counts_what_limits_are_worth():
    plan = ovop.assign(stated(market=tiers("kecap", (2, 0))))
    shown = plan.villages.set_index("village_code")
    # Sukamaju would give up 30 by batik, but frees a place of kecap for which Sukatani pays 10.
    assert shown.loc["3216012001", "runner_up"] == "batik"
    # All others keep their products or change with it: 300 - 280 is lost before, 280 - 260 by this.
    found = ovop.leads(plan).villages.set_index("village_code")
    assert found.loc["3216012001", "low_idr_year"] == pytest.approx(20e6, abs=300)
    assert 0 <= shown.loc["3216012001", "lead_at_least_idr_year"] <= 20e6 + 300
    assert shown.loc["3216022001", "runner_up_value_idr_year"] == 20e6


def test_prices_are_what_one_more_unit_brings():
    before = ovop.assign(stated(**soy(20)))
    price = before.prices.set_index("limit").loc[Limit("material", "kedelai", "3216"), "price_idr_year"]
    after = ovop.assign(stated(**soy(30)))
    assert 10 * price == pytest.approx(after.value_idr_year - before.value_idr_year)
    assert "harga bayangan" in before.in_words("id")


# Against trying all plans


def best_by_trying(problem: AssignmentProblem, *, dropped: set[str] = frozenset()) -> float:
    """The worth of the best plan, limits written out anew; -inf where there is none."""
    choices = [[-1, *np.flatnonzero(~np.isnan(row))] for row in problem.value_idr_year]
    plans = itertools.product(*choices)
    return max((worth(problem, plan, dropped) for plan in plans), default=-np.inf)


CODES = ("3216012001", "3216012002", "3216022001", "3216022002")


def every_product_is_made(cells: list[int | None]) -> bool:
    return all(any(value is not None for value in cells[k::3]) for k in range(3))


@st.composite
def problems(draw: st.DrawFn) -> AssignmentProblem:
    products = ("a", "b", "c")
    cell = st.one_of(st.none(), st.integers(-5, 20))
    cells = draw(st.lists(cell, min_size=12, max_size=12).filter(every_product_is_made))
    values = pd.DataFrame(itertools.product(CODES, products), columns=["village_code", "product"])
    values["value_idr_year"] = [np.nan if c is None else c * 1e6 for c in cells]
    known = values.dropna()
    decree = draw(st.sampled_from([None, *range(len(known))]))
    steps = sorted(draw(st.lists(st.integers(0, 6), min_size=2, max_size=2)))
    market = tiers("a", (1, steps[0]), (draw(st.sampled_from([2, 3, None])), steps[1]))
    return ovop.assignment_problem(
        values,
        every_village=draw(st.booleans()),
        decrees={} if decree is None else {known.iloc[decree]["village_code"]: known.iloc[decree]["product"]},
        most_per_kecamatan=draw(st.sampled_from([None, 1, 2])),
        least_villages=draw(st.sampled_from([None, 2, {"b": 3}])),
        market=draw(st.sampled_from([None, market])),
        needs=pd.DataFrame({"product": ["b", "c"], "material": "m", "amount_per_village": [1.0, 2.0]}),
        supplies=pd.DataFrame(
            {"material": "m", "area_code": ["3216", "321601"], "amount": [1.0 * draw(st.integers(0, 5)), 2.0]}
        ),
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(problems())
def test_the_plan_is_as_good_as_the_best_of_all_plans(problem):
    best = best_by_trying(problem)
    if best == -np.inf:
        with pytest.raises(BadInput, match=r"cannot be kept"):
            ovop.assign(problem)
        return
    plan = ovop.assign(problem)
    assert plan.value_idr_year == pytest.approx(best, abs=1)
    assert worth(problem, tuple(plan.chosen), set()) == pytest.approx(best, abs=1)
    assert plan.bound_idr_year >= best - 1


@settings(max_examples=25, deadline=None)
@given(problems())
def test_a_villages_lead_is_what_all_plans_without_its_product_lose(problem):
    best = best_by_trying(problem)
    if best == -np.inf:
        return
    plan = ovop.assign(problem)
    exact = ovop.leads(plan, n_jobs=1).villages.set_index("village_code")
    told = plan.villages.set_index("village_code")
    for v, code in enumerate(problem.villages):
        at_least = told.loc[code, "lead_at_least_idr_year"]
        if plan.chosen[v] < 0 or code in problem.decrees:
            assert np.isnan(at_least)
            assert code not in exact.index
            continue
        without = problem.value_idr_year.copy()
        without[v, plan.chosen[v]] = np.nan
        loss = best - best_by_trying(replace(problem, value_idr_year=without))
        low, high = exact.loc[code, ["low_idr_year", "high_idr_year"]]
        assert low == pytest.approx(loss, abs=100)
        assert high == pytest.approx(loss, abs=100)
        assert -100 <= at_least <= loss + 100


@settings(max_examples=25, deadline=None)
@given(problems())
def test_a_conflict_cannot_be_kept_but_without_any_one_limit_it_can(problem):
    found = ovop.conflict(problem)
    if best_by_trying(problem) > -np.inf:
        assert found is None
        return
    model = build(problem)
    others = set(model.limits) - set(found.limits)
    assert not solver.is_feasible(model.without(others))
    for limit in found.limits:
        assert solver.is_feasible(model.without(others | {limit}))


@settings(max_examples=15, deadline=None)
@given(problems())
def test_the_cost_of_each_kind_is_what_all_plans_without_it_gain(problem):
    best = best_by_trying(problem)
    if best == -np.inf:
        return
    costs = ovop.limit_costs(ovop.assign(problem), single=(), n_jobs=1).costs
    for row in costs.itertuples():
        gain = best_by_trying(problem, dropped={row.kind}) - best
        assert row.low_idr_year - 1 <= gain <= row.high_idr_year + 1
        assert row.high_idr_year - row.low_idr_year <= 1e3


@settings(max_examples=15, deadline=None)
@given(problems())
def test_limits_dropped_together_cost_what_they_cost_one_by_one(problem):
    if best_by_trying(problem) == -np.inf:
        return
    plan = ovop.assign(problem)
    quick = ovop.limit_costs(plan, n_jobs=1).costs
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(costs, "_unpriced", lambda model, assignment: set())
        slow = ovop.limit_costs(plan, n_jobs=1).costs
    key = ["kind", "limit"]
    pairs = quick.assign(limit=quick["limit"].map(str)).merge(
        slow.assign(limit=slow["limit"].map(str)), on=key, validate="1:1"
    )
    assert len(pairs) == len(quick) == len(slow)
    for bound in ("low_idr_year", "high_idr_year"):
        assert pairs[f"{bound}_x"].to_numpy() == pytest.approx(pairs[f"{bound}_y"].to_numpy(), abs=1e3)


def test_with_one_village_a_product_it_is_the_classic_assignment():
    rng = np.random.default_rng(3)
    value = rng.integers(1, 100, (9, 12)).astype(float)
    codes = [f"32160{n}2001" for n in range(1, 10)]
    rows = pd.DataFrame(
        itertools.product(codes, [f"p{n:02d}" for n in range(12)]), columns=["village_code", "product"]
    )
    market = pd.concat([tiers(f"p{n:02d}", (1, 0)) for n in range(12)])
    plan = ovop.assign(ovop.assignment_problem(rows.assign(value_idr_year=value.ravel()), market=market))
    assert plan.value_idr_year == pytest.approx(value[linear_sum_assignment(value, maximize=True)].sum())


def made_problem(seed: int, n: int = 30) -> AssignmentProblem:
    rng = np.random.default_rng(seed)
    codes = [f"32160{1 + v % 5}{2001 + v // 5}" for v in range(n)]
    rows = pd.DataFrame(
        itertools.product(codes, [f"p{p}" for p in range(12)]), columns=["village_code", "product"]
    )
    value = rng.lognormal(0, 0.6, len(rows)) * 1e8
    market = pd.concat([tiers(f"p{p}", (2, 0), (6, 20)) for p in range(12)])
    return ovop.assignment_problem(
        rows.assign(value_idr_year=value, se_idr_year=value / 10), market=market, most_per_kecamatan=2,
        least_villages=2, made=True,
    )  # fmt: skip


@pytest.mark.parametrize("seed", [0, 1])
def test_column_generation_proves_the_same_bound_as_all_columns(seed, monkeypatch):
    problem = made_problem(seed)
    model = build(problem)
    whole = solver.relax(model)
    best = ovop.assign(problem)
    monkeypatch.setattr(solver, "MOST_AT_ONCE", 50)
    monkeypatch.setattr(solver, "FIRST_COLUMNS", 2)
    part = solver.relax(model)
    assert part.bound == pytest.approx(whole.bound, rel=1e-6)
    assert len(part.columns) < len(whole.columns)
    plan = ovop.assign(problem)
    assert plan.value_idr_year <= best.value_idr_year * (1 + 1e-9)
    assert plan.bound_idr_year >= best.value_idr_year * (1 - 1e-9)
    assert worth(problem, tuple(plan.chosen), set()) == pytest.approx(plan.value_idr_year)
    if not plan.is_best:
        assert "whether a better one exists is not known" in plan.in_words("en")


# The clock


def test_without_being_asked_nothing_is_stopped_by_the_clock(monkeypatch):
    options = options_of_searches(monkeypatch)
    plan = ovop.assign(stated(most_per_kecamatan=1))
    ovop.limit_costs(plan, n_jobs=1)
    ovop.alternatives(plan)
    assert len(options) > 3
    assert not any("time_limit" in given for given in options)
    assert all(given["node_limit"] == solver.MOST_NODES for given in options)
    assert not plan.stopped_by_clock


def options_of_searches(monkeypatch: pytest.MonkeyPatch, status: int | None = None) -> list[dict[str, float]]:
    """Record how long each search may take; a status is reported instead of HiGHS's own."""
    options: list[dict[str, float]] = []

    def search(*arguments: object, **named: object) -> object:
        options.append(dict(named["options"]))
        result = milp(*arguments, **named)
        result.status = result.status if status is None else status
        return result

    monkeypatch.setattr(solver, "milp", search)
    return options


def test_a_result_that_the_clock_stopped_says_so(monkeypatch):
    options = options_of_searches(monkeypatch, status=1)
    plan = ovop.assign(stated(most_per_kecamatan=1), time_limit_s=30)
    results = [
        plan,
        ovop.limit_costs(plan, time_limit_s=30, n_jobs=1),
        ovop.alternatives(plan, time_limit_s=30),
    ]
    assert {given["time_limit"] for given in options} == {30}
    for result in results:
        assert result.stopped_by_clock
        assert "stopped by the clock; another machine may find another plan." in result.in_words("en")
        assert "Pencarian dihentikan oleh batas waktu; komputer lain mungkin menemukan" in (
            result.in_words("id")
        )


@pytest.mark.parametrize(
    ("status", "message"),
    [(1, "time_limit_s: no plan was found in 30 s"), (4, "limits: no plan was found in 20,000 nodes")],
)
def test_a_search_that_stops_before_any_plan_says_what_stopped_it(monkeypatch, status, message):
    nothing = OptimizeResult(x=None, status=status, message="", mip_dual_bound=None)
    monkeypatch.setattr(solver, "milp", lambda *_, **__: nothing)
    with pytest.raises(NotReady, match=message):
        ovop.assign(stated(), time_limit_s=30)


# How firm a plan is


def test_a_village_keeps_its_product_as_often_as_the_normal_distribution_says():
    # kecap leads batik by 1 with errors of 1 each: P(N(1, 2) > 0) = 0.760.
    values = table("village kecap batik\n3216012001 11 10", se=1.0)
    firm = ovop.robustness(ovop.assign(ovop.assignment_problem(values)), n_draws=300, n_jobs=1)
    row = firm.villages.iloc[0]
    assert row["low"] < 0.760 < row["high"]
    assert row["probability"] + row["other_probability"] == pytest.approx(1)
    assert row["other"] == "batik"
    assert firm.regret_share.min() >= 0


@pytest.mark.slow
def test_one_worker_or_two_give_the_same_bytes():
    plan = ovop.assign(made_problem(0, 15))
    one, two = (ovop.robustness(plan, n_draws=30, seed=1, n_jobs=n) for n in (1, 2))
    assert csv_bytes(one.table("id")) == csv_bytes(two.table("id"))
    assert one.regret_share.tobytes() == two.regret_share.tobytes()
    assert 0 < one.villages["probability"].mean() < 1
    assert "15 desa tetap pada produknya" in one.in_words("id")


def test_the_order_of_the_rows_decides_nothing():
    values = table(VALUES)
    limits = {"most_per_kecamatan": 1, "names": NAMES}
    one = ovop.assign(ovop.assignment_problem(values, **limits))
    two = ovop.assign(ovop.assignment_problem(values.sample(frac=1, random_state=1), **limits))
    assert csv_bytes(one.table("id")) == csv_bytes(two.table("id"))
    assert pickle.dumps(one.prices) == pickle.dumps(two.prices)


# What is shown


def test_tables_and_words_come_in_both_languages_and_say_that_data_is_made():
    plan = ovop.assign(replace(stated(most_per_kecamatan=1), made=True))
    shown = plan.table("id")
    assert shown["Desa/kelurahan"].tolist() == ["Sukamaju", "Sukatani", "Mekarsari", "Karangjaya"]
    assert shown["Produk"].tolist() == ["Kecap", "Batik", "Kecap", "Batik"]
    assert plan.in_words("id").startswith("Data buatan")
    assert "4 desa membuat 2 produk yang bersama-sama bernilai Rp280 juta setahun." in plan.in_words("id")
    assert plan.in_words("en").startswith("Made data")
    views = [
        plan.product_table("id"),
        plan.price_table("id"),
        shown,
        ovop.limit_costs(plan, n_jobs=1).table("id"),
    ]
    assert all(view.iloc[:, -1].str.startswith("Data buatan").all() for view in views)


@pytest.mark.parametrize("width_px", [380, 1200])
def test_the_picture_shows_a_number_for_each_cell(width_px):
    plan = ovop.assign(made_problem(1))
    figure = plan.plot("id", width_px=width_px)
    figure.draw_without_rendering()
    axes = figure.axes[0]
    numbers = [int(text.get_text()) for text in axes.texts]
    assert sum(numbers) == 30
    assert "Data buatan" in figure.get_supxlabel()
