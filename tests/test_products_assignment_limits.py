"""Limits of a plan: why there is none, what each limit costs, and what else is nearly as good."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from assignment_tables import CIKARANG, soy, stated, tiers, worth
from hypothesis import given
from hypothesis import strategies as st

from pk_research.errors import BadInput
from pk_research.products import assignment as ovop
from pk_research.products.assignment import Limit, costs, solver
from pk_research.products.assignment.conflict import smallest

# Why there is no plan


def test_a_conflict_is_told_in_plain_words():
    problem = stated("village kecap\n3216012001 90\n3216012002 80\n3216022001 70", most_per_kecamatan=1)
    found = ovop.conflict(problem)
    assert set(found.limits) == {
        Limit("every_village", "3216012001"), Limit("every_village", "3216012002"),
        Limit("diversity", CIKARANG),
    }  # fmt: skip
    text = found.in_words("id")
    assert text.startswith("3 batas ini tidak dapat dipatuhi bersama-sama")
    assert "Sukamaju harus mendapat produk; Sukatani harus mendapat produk" in text
    assert "batas 1 desa per produk di Cikarang" in text
    assert len(found.table("id")) == 3
    with pytest.raises(BadInput, match="Sukamaju must get a product"):
        ovop.assign(problem)


def test_of_many_limits_that_conflict_the_first_few_are_told_and_the_rest_counted():
    villages = "".join(f"\n321601200{n} 5" for n in range(1, 8))
    problem = stated(f"village kecap{villages}", market=tiers("kecap", (6, 0)))
    found = ovop.conflict(problem)
    assert len(found.limits) == len(found.table("id")) == 8
    assert (
        "Pahlawan Setia harus mendapat produk; dan 3 lagi yang sejenis; ukuran pasar Kecap"
        in found.in_words("id")
    )


def test_a_village_without_any_product_is_a_conflict_of_its_own():
    problem = stated("village kecap\n3216012001 90\n3216012002 -")
    assert ovop.conflict(problem).limits == (Limit("every_village", "3216012002"),)


def test_a_feasible_problem_has_no_conflict():
    assert ovop.conflict(stated()) is None


@given(st.lists(st.sets(st.integers(0, 7), min_size=1), min_size=1, max_size=4))
def test_the_smallest_conflict_is_minimal(conflicts):
    def can_keep(kept):
        return not any(conflict <= set(kept) for conflict in conflicts)

    found = smallest(list(range(8)), can_keep)
    assert not can_keep(found)
    assert all(can_keep([other for other in found if other != thing]) for thing in found)


# What limits cost, and other plans


def test_the_cost_of_a_limit_is_told_with_its_place():
    plan = ovop.assign(stated(most_per_kecamatan=1, decrees={"3216022001": "batik"}))
    costs = ovop.limit_costs(plan, n_jobs=1)
    single = costs.costs.dropna(subset="limit").set_index("limit")["low_idr_year"]
    assert single[Limit("decree", "3216022001")] == pytest.approx(40e6, abs=1e3)
    assert single[Limit("diversity", CIKARANG)] == pytest.approx(10e6, abs=1e3)
    assert "Batas 1 desa per produk di Cikarang menghilangkan Rp10 juta setahun." in costs.in_words("id")
    assert costs.table("id").columns[0] == "Batas"


def test_limits_that_are_far_from_binding_take_one_search_for_all(monkeypatch):
    plan = ovop.assign(stated(market=pd.concat([tiers(p, (4, 0)) for p in ("kecap", "batik", "telur")])))
    searches = []
    monkeypatch.setattr(
        costs, "solve", lambda model, **options: searches.append(model) or solver.solve(model, **options)
    )
    found = ovop.limit_costs(plan, n_jobs=1)
    assert len(searches) < len(found.costs)
    assert found.costs["high_idr_year"].to_numpy() == pytest.approx(0, abs=300)
    assert "Other limits or kinds of limits that, each dropped alone, would gain nothing: 5." in (
        found.in_words("en")
    )


def test_alternatives_differ_enough_and_are_the_next_best():
    plan = ovop.assign(stated(most_per_kecamatan=1))
    others = ovop.alternatives(plan, within_share=0.1, differing_share=0.5, most=50)
    assert others.is_complete
    plans = [plan.chosen, *others.chosen]
    for first, second in itertools.combinations(plans, 2):
        assert (first != second).sum() >= 2
    values = [worth(plan.problem, tuple(chosen), set()) for chosen in others.chosen]
    assert values == pytest.approx(others.values_idr_year)
    assert values == sorted(values, reverse=True)
    assert values[-1] >= 0.9 * plan.value_idr_year
    choices = [np.flatnonzero(~np.isnan(row)) for row in plan.problem.value_idr_year]
    every = [np.array(p) for p in itertools.product(*choices)]
    unlike = [p for p in every if (p != plan.chosen).sum() >= 2]
    assert values[0] == max(worth(plan.problem, tuple(p), set()) for p in unlike)
    assert len(others.changes()) == sum(int((chosen != plan.chosen).sum()) for chosen in others.chosen)
    assert "Terbukti bahwa tidak ada lagi" in others.in_words("id")
    assert len(others.table("id")) == len(values)


def test_a_village_that_gets_a_product_where_it_had_none_differs():
    plan = ovop.assign(stated("village kecap\n3216012001 5\n3216012002 -1", every_village=False))
    others = ovop.alternatives(plan, within_share=1, differing_share=0.5)
    assert others.chosen[0].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (
            soy(0) | {"decrees": {"3216012001": "kecap"}},
            "the decree that Sukamaju makes Kecap; the 0 of kedelai",
        ),
        (
            {"market": pd.concat([tiers(p, (1, 0)) for p in ("kecap", "batik", "telur")])},
            "must get a product",
        ),
        (
            {"decrees": {"3216012001": "telur"}, "least_villages": 4},
            r"least number of villages on Telur asin \(4",
        ),
        (
            {"decrees": {"3216012001": "kecap", "3216012002": "kecap"}, "most_per_kecamatan": 1},
            r"the limit of villages per product in Cikarang \(1\)",
        ),
    ],
)
def test_limits_that_no_plan_keeps_are_named(limits, message):
    with pytest.raises(BadInput, match=f"^limits: these . limits cannot be kept together.*{message}"):
        ovop.assign(stated(**limits))
