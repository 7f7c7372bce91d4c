"""Shared plants: where they stand, whom they serve, and the proof that no choice is better."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

from pk_research.errors import BadInput
from pk_research.products.distances import great_circle_km, road_km
from pk_research.products.plants import Robustness, capacitated, coverage, p_median, robustness
from pk_research.products.words import percent


def land(n: int, seed: int, n_sites: int | None = None) -> tuple[pd.DataFrame, pd.Series]:
    """Return made villages on a square of 20 km, and what each brings."""
    rng = np.random.default_rng(seed)
    place = 20 * rng.random((n, 2))
    km = np.hypot(*(place[:, None] - place[None, : n_sites or n]).transpose(2, 0, 1))
    codes = [f"v{i:03}" for i in range(n)]
    return pd.DataFrame(km, index=codes, columns=codes[: n_sites or n]), pd.Series(
        rng.integers(0, 50, n), index=codes
    )


def roads(n: int, seed: int) -> pd.DataFrame:
    """Return a made network of the size and kind of the OR-Library: n² / 50 roads of 1 to 100."""
    rng = np.random.default_rng(seed)
    start = np.r_[np.arange(n - 1), rng.integers(n, size=n * n // 50)]
    end = np.r_[np.arange(1, n), rng.integers(n, size=n * n // 50)]
    length = rng.integers(1, 100, size=len(start)).astype(float)
    direct = np.zeros((n, n))
    for one, other, km in sorted(zip(start, end, length, strict=True), key=lambda way: -way[2]):
        if one != other:
            direct[one, other] = direct[other, one] = km
    codes = [str(i) for i in range(n)]
    return pd.DataFrame(shortest_path(csr_array(direct), directed=False), index=codes, columns=codes)


class TestDistances:
    def test_a_degree_of_the_equator_is_111_km(self):
        places = pd.DataFrame({"latitude": [0.0, 0.0], "longitude": [106.0, 107.0]}, index=["A", "B"])
        assert great_circle_km(places).loc["A", "B"] == pytest.approx(6371.0088 * np.pi / 180)

    def test_they_agree_with_scikit_learn(self):
        from sklearn.metrics.pairwise import haversine_distances

        rng = np.random.default_rng(0)
        places = pd.DataFrame(
            {"latitude": rng.uniform(-7, -6, 30), "longitude": rng.uniform(107, 108, 30)}, index=range(30)
        )
        theirs = 6371.0088 * haversine_distances(np.radians(places.to_numpy()))
        assert great_circle_km(places).to_numpy() == pytest.approx(theirs, abs=1e-8)

    def test_every_place_without_coordinates_is_named(self):
        places = pd.DataFrame({"latitude": [0.0, np.nan, 95], "longitude": [0.0, 1, 2]}, index=list("ABC"))
        with pytest.raises(BadInput, match="B, C"):
            great_circle_km(places)

    def test_nashville_to_los_angeles_is_the_published_distance(self):
        """2887.26 km on a sphere of 6372.8 km: the worked example of the haversine on Rosetta Code."""
        places = pd.DataFrame(
            {"latitude": [36.12, 33.94], "longitude": [-86.67, -118.40]}, index=["BNA", "LAX"]
        )
        assert great_circle_km(places).loc["BNA", "LAX"] == pytest.approx(
            2887.26 * 6371.0088 / 6372.8, abs=0.01
        )

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=2, max_size=6),
    )
    def test_the_way_back_is_as_long_no_way_beats_half_the_earth_and_staying_is_0(self, at):
        places = pd.DataFrame(at, columns=["latitude", "longitude"], index=[f"v{n}" for n in range(len(at))])
        km = great_circle_km(places).to_numpy()
        assert (km == km.T).all()
        assert (np.diag(km) == 0).all()
        assert km.max() <= np.pi * 6371.0088 + 1e-6
        assert (km[:, None, :] <= km[:, :, None] + km[None] + 1e-3).all()

    def test_across_the_date_line_and_from_pole_to_pole(self):
        ends = pd.DataFrame({"latitude": [0.0, 0.0], "longitude": [179.5, -179.5]}, index=["A", "B"])
        assert great_circle_km(ends).loc["A", "B"] == pytest.approx(6371.0088 * np.pi / 180)
        poles = pd.DataFrame({"latitude": [90.0, -90.0], "longitude": [0.0, 107.0]}, index=["N", "S"])
        assert great_circle_km(poles).loc["N", "S"] == pytest.approx(6371.0088 * np.pi)

    @pytest.mark.parametrize(
        ("latitude", "longitude", "codes", "said"),
        [
            (
                pd.array([0.0, None], dtype="Float64"),
                [0.0, 1.0],
                ["A", "B"],
                "places, B: the coordinates are missing",
            ),
            (["0", "zero"], [0.0, 1.0], ["A", "B"], "places, B: the coordinates are missing"),
            ([0.0, np.inf], [0.0, 1.0], ["A", "B"], "places, B: the coordinates are missing"),
            ([0.0, 1.0], [0.0, 1.0], [1, "1"], "places, 1: the code occurs twice"),
        ],
    )
    def test_coordinates_that_are_none_are_named_however_they_are_written(
        self, latitude, longitude, codes, said
    ):
        places = pd.DataFrame(
            {"latitude": latitude, "longitude": longitude}, index=pd.Index(codes, dtype=object)
        )
        with pytest.raises(BadInput, match=said):
            great_circle_km(places)

    @pytest.mark.parametrize(
        ("ways", "said"),
        [
            ([("A", "B", "3,5")], "ways, A to B: the length is missing"),
            ([("A", "B", np.inf)], "ways, A to B: the length is missing"),
            ([("A", "A", 2.0), ("A", "B", 1.0)], "ways, A to A: a way from a village to itself is 0 km"),
            ([("A", None, 1.0), ("A", "B", 1.0)], "ways, row 1: it does not say from where to where"),
            ([("A", "B", 1.0), ("A", "C", 1.0)], "ways: no way leaves or reaches D"),
        ],
    )
    def test_ways_that_are_none_are_named(self, ways, said):
        with pytest.raises(BadInput, match=said):
            road_km(pd.DataFrame(ways, columns=["from", "to", "km"]), ["A", "B", "C", "D"])

    def test_a_way_is_the_same_way_however_its_code_is_written(self):
        ways = pd.DataFrame({"from": [1, "1"], "to": ["2", 2], "km": [3.0, 4.0]}, dtype=object)
        with pytest.raises(BadInput, match="ways, 1 to 2, 1 to 2: the way has two lengths"):
            road_km(ways, ["1", "2"])

    def test_a_code_that_is_asked_for_twice_is_named(self):
        ways = pd.DataFrame({"from": ["A"], "to": ["B"], "km": [1.0]})
        with pytest.raises(BadInput, match="villages, A: the code occurs twice"):
            road_km(ways, ["A", "A", "B"])

    def test_an_island_says_so_with_a_way_to_itself_and_is_served_by_a_plant_of_its_own(self):
        ways = pd.DataFrame({"from": list("ABI"), "to": list("BAI"), "km": [3.0, 4.0, 0.0]})
        km = road_km(ways, list("ABI"))
        assert km.loc["I"].isna().tolist() == [True, True, False]
        demand = pd.Series({"A": 1, "B": 1, "I": 1})
        assert p_median(km, demand, 2).sites == ("B", "I")
        with pytest.raises(BadInput, match="1 plants cannot reach every village"):
            p_median(km, demand, 1)

    def test_a_road_that_is_not_listed_does_not_exist(self):
        ways = pd.DataFrame({"from": ["A", "B"], "to": ["B", "A"], "km": [3.0, 4.0]})
        km = road_km(ways, ["A", "B"], ["A", "B", "C"])
        assert km.loc["A"].tolist()[:2] == [0, 3]
        assert km.loc["B", "A"] == 4
        assert km["C"].isna().all()

    def test_all_faults_of_a_road_table_at_once(self):
        ways = pd.DataFrame({"from": list("AAB"), "to": list("BBC"), "km": [1.0, 2.0, -1.0]})
        with pytest.raises(BadInput) as told:
            road_km(ways, ["A", "B", "D"], ["C"])
        assert len(told.value.problems) == 3


class TestPMedian:
    def test_san_francisco_stores(self, shared):
        policy = shared / "reference" / "policy"
        ways = pd.read_csv(policy / "SF_network_distance_candidateStore_16_censusTract_205_new.csv")
        km = ways.pivot_table(index="DestinationName", columns="name", values="distance")
        demand = ways.drop_duplicates("DestinationName").set_index("DestinationName")["demand"]
        plants = p_median(km, demand, 4)
        assert plants.is_optimal
        assert plants.mean_km == pytest.approx(2982.12686, abs=1e-6 * 2982)

    @settings(max_examples=40, deadline=None)
    @given(seed=st.integers(0, 10_000), p=st.integers(1, 4))
    def test_no_choice_of_all_is_better(self, seed, p):
        km, demand = land(9, seed)
        plants = p_median(km, demand, p)
        costs = demand.to_numpy()[:, None] * km.to_numpy()
        best = min(costs[:, list(sites)].min(axis=1).sum() for sites in combinations(range(9), p))
        assert plants.objective == pytest.approx(best)
        assert plants.is_optimal

    def test_a_regency(self):
        km, demand = land(187, 0)
        plants = p_median(km, demand, 12)
        assert plants.is_optimal
        assert len(plants.sites) == 12
        assert plants.villages["units_month"].sum() == demand.sum()

    @pytest.mark.slow
    @pytest.mark.parametrize(("p", "seed"), [(5, 2), (90, 4)])
    def test_a_network_of_the_size_of_the_or_library(self, p, seed):
        km = roads(900, seed)
        plants = p_median(km, pd.Series(1, index=km.index), p)
        assert plants.is_optimal

    def test_without_branches_the_gap_is_told(self):
        km = roads(100, 1)
        plants = p_median(km, pd.Series(1, index=km.index), 5, node_limit=0)
        assert 0 < plants.gap < 0.1
        assert "may exist" in plants.in_words("en")
        exact = p_median(km, pd.Series(1, index=km.index), 5)
        assert plants.bound <= exact.objective <= plants.objective

    def test_the_order_of_rows_and_columns_changes_nothing(self):
        km, demand = land(40, 3)
        one = p_median(km, demand, 5)
        other = p_median(km.iloc[::-1, ::-1], demand.sample(frac=1, random_state=0), 5)
        assert one.objective == pytest.approx(other.objective)
        assert set(one.sites) == set(other.sites)

    def test_a_village_goes_where_a_way_leads(self):
        km = pd.DataFrame([[0, np.nan], [np.nan, 0]], index=list("AB"), columns=list("AB"))
        demand = pd.Series({"A": 1, "B": 1})
        assert p_median(km, demand, 2).objective == 0
        with pytest.raises(BadInput, match="cannot reach every village"):
            p_median(km, demand, 1)


class TestCoverage:
    @settings(max_examples=30, deadline=None)
    @given(seed=st.integers(0, 10_000), p=st.integers(1, 3), radius=st.sampled_from([3.0, 6.0]))
    def test_no_choice_of_all_is_better(self, seed, p, radius):
        km, demand = land(9, seed)
        within = km.to_numpy() <= radius
        best = max(demand[within[:, list(sites)].any(axis=1)].sum() for sites in combinations(range(9), p))
        plants = coverage(km, demand, p, radius_km=radius)
        assert plants.objective == pytest.approx(best)
        assert plants.is_optimal

    def test_who_is_too_far_is_named(self):
        km = pd.DataFrame([[0, 2, 9], [2, 0, 9], [9, 9, 0]], index=list("ABC"), columns=list("ABC"))
        plants = coverage(km, pd.Series({"A": 3, "B": 1, "C": 2}), 1, radius_km=3, names={"C": "Cikarang"})
        assert not plants.villages.set_index("village_code").loc["C", "is_served"]
        assert "Cikarang" in plants.in_words("id")
        assert plants.by_plant["n_villages"].tolist() == [2]


class TestCapacitated:
    @settings(max_examples=25, deadline=None)
    @given(seed=st.integers(0, 10_000))
    def test_no_plan_of_all_is_cheaper_when_villages_stay_whole(self, seed):
        rng = np.random.default_rng(seed)
        km, demand = land(5, seed, 3)
        demand += 1
        sites = pd.DataFrame(
            {
                "capacity_units_month": rng.integers(demand.max(), demand.sum() + 1, 3),
                "fixed_cost_idr_month": rng.integers(0, 500, 3),
            },
            index=km.columns,
        )
        best = np.inf
        for plan in np.ndindex(*[3] * 5):
            load = np.bincount(plan, weights=demand, minlength=3)
            if (load <= sites["capacity_units_month"]).all():
                haul = 2 * (demand.to_numpy() * km.to_numpy()[range(5), plan]).sum()
                best = min(best, haul + sites["fixed_cost_idr_month"].iloc[sorted(set(plan))].sum())
        if np.isinf(best):
            with pytest.raises(BadInput):
                capacitated(km, demand, sites, haul_idr_unit_km=2, whole_villages=True)
            return
        plants = capacitated(km, demand, sites, haul_idr_unit_km=2, whole_villages=True)
        assert plants.objective == pytest.approx(best)

    def test_no_plant_takes_more_than_it_can(self):
        km, demand = land(30, 5, 6)
        sites = pd.DataFrame(
            {"capacity_units_month": 0.3 * demand.sum(), "fixed_cost_idr_month": 100.0}, index=km.columns
        )
        plants = capacitated(km, demand, sites, haul_idr_unit_km=1)
        assert plants.is_optimal
        load = plants.by_plant["units_month"]
        assert (load <= 0.3 * demand.sum() + 1e-6).all()
        assert load.sum() == pytest.approx(demand.sum())
        assert plants.villages.groupby("village_code")["share"].sum().to_numpy() == pytest.approx(1)

    def test_too_little_room_is_said_before_any_search(self):
        km, demand = land(5, 0, 2)
        sites = pd.DataFrame(
            {"capacity_units_month": [1, 2], "fixed_cost_idr_month": [1, 1]}, index=km.columns
        )
        with pytest.raises(BadInput, match="take at most 3 units"):
            capacitated(km, demand, sites, haul_idr_unit_km=1)


class TestRobustness:
    def test_losing_a_plant_costs_what_the_next_best_costs_more(self):
        km, demand = land(25, 7)
        solve = partial(_two, p=3)
        plants = solve(km, demand)
        found = robustness(plants, solve, km, demand, n_draws=20, n_jobs=2)
        for site in plants.sites:
            again = p_median(km.drop(columns=site), demand, 3)
            assert found.without.loc[site, "cost"] == pytest.approx(again.objective - plants.objective)
        assert (found.without["cost"] >= 0).all()

    def test_one_worker_or_two(self):
        km, demand = land(25, 8)
        solve = partial(_two, p=2)
        one, two = (robustness(solve(km, demand), solve, km, demand, n_draws=8, n_jobs=n) for n in (1, 2))
        pd.testing.assert_series_equal(one.chosen, two.chosen)
        assert one.chosen.sum() == pytest.approx(2)

    def test_certain_demand_chooses_the_same_sites_in_every_draw(self):
        km, demand = land(12, 9)
        solve = partial(_two, p=2)
        found = robustness(solve(km, demand), solve, km, demand, relative_se=0, n_draws=3)
        assert found.chosen.tolist() == [1, 1]
        assert "close call: –" in found.in_words("en")


def _two(km: pd.DataFrame, demand: pd.Series, p: int):
    return p_median(km, demand, p)


class TestBadInput:
    def test_everything_wrong_is_told_at_once(self):
        km = pd.DataFrame([[0, 1], [np.nan, np.nan], [-1, 2]], index=["A", "B", "C"], columns=["A", "B"])
        with pytest.raises(BadInput) as told:
            p_median(km, pd.Series({"A": np.nan, "B": -1, "X": 3}), 3)
        where = [problem.where for problem in told.value.problems]
        assert where == [
            "demand of A, C", "demand of B", "demand of X", "distances from C", "distances from B", "p",
        ]  # fmt: skip

    @pytest.mark.parametrize("radius", [0, -1, np.nan])
    def test_a_distance_is_positive(self, radius):
        km, demand = land(4, 0)
        with pytest.raises(BadInput, match="radius_km"):
            coverage(km, demand, 1, radius_km=radius)

    def test_somebody_brings_something(self):
        km, demand = land(4, 0)
        with pytest.raises(BadInput, match="no village brings anything"):
            p_median(km, 0 * demand, 1)

    def test_no_village_no_plant(self):
        with pytest.raises(BadInput, match="no village"):
            p_median(pd.DataFrame(), pd.Series(dtype=float), 1)


class TestFaultsOfNumbers:
    def test_a_village_at_three_plants_is_one_village(self):
        km = pd.DataFrame([[1.0, 2.0, 3.0]], index=["A"], columns=["X", "Y", "Z"])
        sites = pd.DataFrame({"capacity_units_month": 1.0, "fixed_cost_idr_month": 1.0}, index=km.columns)
        plants = capacitated(km, pd.Series({"A": 3}), sites, haul_idr_unit_km=1)
        assert len(plants.villages) == 3
        assert "Villages shared between plants: 1." in plants.in_words("en")

    def test_what_cannot_be_reached_is_within_no_distance(self):
        km = pd.DataFrame([[0, np.nan], [np.nan, 0]], index=list("AB"), columns=list("AB"))
        plants = coverage(km, pd.Series({"A": 5, "B": 0}), 1, radius_km=3)
        assert plants.sites == ("A",)
        assert plants.villages["is_served"].tolist() == [True, False]
        assert plants.mean_km == 0

    def test_the_mean_way_is_that_of_units_that_have_one(self):
        km = pd.DataFrame([[2.0, np.nan], [np.nan, 0]], index=list("AB"), columns=list("XY"))
        assert coverage(km, pd.Series({"A": 5, "B": 1}), 1, radius_km=3).mean_km == 2

    def test_an_unbounded_distance_is_refused(self):
        km, demand = land(4, 0)
        with pytest.raises(BadInput, match="radius_km"):
            coverage(km, demand, 1, radius_km=np.inf)

    def test_a_choice_that_costs_nothing_cannot_be_bettered(self):
        km = pd.DataFrame([[0.0, 9.0], [9.0, 0.0]], index=list("AB"), columns=list("AB"))
        demand = pd.Series({"A": 1, "B": 1})
        for p in (1, 2):
            assert p_median(km, demand, p, node_limit=0).bound >= 0
        plants = p_median(km, demand, 2, node_limit=0)
        assert (plants.objective, plants.bound, plants.gap) == (0, 0, 0)

    def test_the_gap_of_nothing_is_unbounded_and_said_so(self):
        km, demand = land(6, 0)
        nothing = replace(coverage(km, demand, 1, radius_km=5), objective=0.0, bound=7.0)
        assert nothing.gap == np.inf
        assert "by how much is not known" in nothing.in_words("en")
        assert "inf" not in nothing.in_words("id")

    def test_that_no_choice_reaches_all_is_claimed_only_when_proven(self):
        km = roads(60, 1).where(lambda way: way < 60)
        demand = pd.Series(1, index=km.index)
        told = {}
        for p in range(2, 25):
            try:
                p_median(km, demand, p, node_limit=0)
            except BadInput as fault:
                told[p] = str(fault)
        for p, words in told.items():
            if "cannot reach" in words:
                with pytest.raises(BadInput, match="cannot reach"):
                    p_median(km, demand, p)
        assert any("cannot reach" in words for words in told.values())

    def test_a_choice_that_is_not_proven_impossible_is_not_called_so(self, monkeypatch):
        km = pd.DataFrame([[0, np.nan], [np.nan, 0]], index=list("AB"), columns=list("AB"))
        module = sys.modules["pk_research.products.plants.p_median"]
        found = module.bounded
        monkeypatch.setattr(module, "bounded", lambda *given: replace(found(*given), bound=0.0))
        with pytest.raises(BadInput, match="whether there is one is not proven"):
            p_median(km, pd.Series({"A": 1, "B": 1}), 1, node_limit=0)

    @pytest.mark.parametrize("amount", [np.inf, -1.0, "many"])
    def test_an_impossible_demand_is_refused(self, amount):
        km, demand = land(4, 0)
        wrong = demand.astype(object)
        wrong["v001"] = amount
        with pytest.raises(BadInput, match="demand of v001"):
            p_median(km, wrong, 1)

    @pytest.mark.parametrize("column", ["capacity_units_month", "fixed_cost_idr_month"])
    def test_an_infinite_site_is_refused(self, column):
        km, demand = land(4, 0, 2)
        sites = pd.DataFrame({"capacity_units_month": 1e3, "fixed_cost_idr_month": 1.0}, index=km.columns)
        sites[column] = np.inf
        with pytest.raises(BadInput, match=column):
            capacitated(km, demand, sites, haul_idr_unit_km=1)

    def test_an_infinite_way_is_no_way(self):
        km = pd.DataFrame([[0, 1], [np.inf, np.inf]], index=list("AB"), columns=list("AX"))
        with pytest.raises(BadInput, match="no site can be reached"):
            p_median(km, pd.Series({"A": 1, "B": 1}), 1)


class TestDraws:
    def test_the_order_of_the_demand_table_changes_no_draw(self):
        km, demand = land(25, 8)
        solve = partial(_two, p=3)
        one, other = (
            robustness(solve(km, given), solve, km, given, relative_se=0.8, n_draws=20, n_jobs=1)
            for given in (demand, demand.sample(frac=1, random_state=4))
        )
        pd.testing.assert_series_equal(one.chosen, other.chosen)

    def test_a_draw_that_no_plan_takes_is_counted(self):
        km, demand = land(6, 1, 3)
        sites = pd.DataFrame(
            {"capacity_units_month": demand.sum() / 3 * 1.01, "fixed_cost_idr_month": 1.0}, index=km.columns
        )
        solve = partial(capacitated, sites=sites, haul_idr_unit_km=1)
        found = robustness(solve(km, demand), solve, km, demand, n_draws=20, n_jobs=1)
        assert 0 < found.n_not_servable < 20
        assert found.chosen.tolist() == [1, 1, 1]
        assert f"In {found.n_not_servable} of 20 draws" in found.in_words("en")
        assert f"Pada {found.n_not_servable} dari 20" in found.in_words("id")

    def test_a_fault_of_the_tables_is_no_draw_that_fails(self):
        km, demand = land(6, 1)
        solve = partial(_two, p=2)
        plants = solve(km, demand)
        with pytest.raises(BadInput, match="it is negative"):
            robustness(plants, solve, km, -demand - 1, n_draws=2)


class TestPlaces:
    PLACES = pd.DataFrame({"latitude": [-6.2, -6.3, -6.4], "longitude": [107.0, 107.1, 107.2]})

    def test_a_gap_in_another_column_is_no_lack_of_coordinates(self):
        places = self.PLACES.assign(note=[None, "x", None]).set_index(pd.Index(["v000", "v001", "v002"]))
        km, demand = land(3, 0)
        assert p_median(km, demand, 1).plot("id", places).axes

    def test_codes_may_be_whole_numbers(self):
        km = pd.DataFrame([[0, 1, 2], [1, 0, 1], [2, 1, 0]])
        plants = p_median(km, pd.Series(1, index=range(3)), 1)
        assert plants.plot("id", self.PLACES).axes

    def test_a_place_twice_or_a_column_less_is_told(self):
        km, demand = land(3, 0)
        plants = p_median(km, demand, 1)
        places = self.PLACES.set_index(pd.Index(["v000", "v001", "v002"]))
        with pytest.raises(BadInput, match="occurs twice"):
            plants.plot("id", pd.concat([places, places.iloc[:1]]))
        with pytest.raises(BadInput, match="no column latitude"):
            plants.plot("id", places.drop(columns="latitude"))


class TestForPeople:
    def test_made_data_is_said_to_be_made(self):
        km, demand = land(10, 0)
        plants = p_median(km, demand, 2, made=True)
        assert "Made data" in plants.in_words("en")
        assert "Data buatan" in plants.in_words("id")
        assert next(iter(plants.table("id").columns)) == "Pabrik di"

    def test_a_map_numbers_the_plants(self):
        km, demand = land(10, 0)
        places = pd.DataFrame(
            {"latitude": np.linspace(-6.3, -6.1, 10), "longitude": np.linspace(107, 107.3, 10)},
            index=km.index,
        )
        figure = p_median(km, demand, 2).plot("id", places)
        texts = {text.get_text() for text in figure.axes[0].texts}
        assert {"1", "2"} <= texts
        with pytest.raises(BadInput, match="v003"):
            p_median(km, demand, 2).plot("id", places.drop(index="v003"))


class TestRounding:
    """A share that is not all of it never reads as 100%, nor one that is something as 0%."""

    @pytest.mark.parametrize(
        ("share", "decimals", "said"),
        [
            (1.0, 0, 100), (0.0, 0, 0), (0.9996, 0, 99.96), (0.994, 0, 99), (0.004, 0, 0.4), (0.5, 0, 50),
            (1 - 1e-7, 0, 99.9999), (1e-7, 0, 0.0001), (0.98765, 1, 98.8), (1.5, 0, 150),
        ],
    )  # fmt: skip
    def test_percent(self, share, decimals, said):
        assert percent(share, decimals) == said

    @settings(max_examples=60, deadline=None)
    @given(st.floats(1e-8, 1 - 1e-8), st.integers(0, 2))
    def test_only_all_is_100_and_only_nothing_is_0(self, share, decimals):
        assert 0 < percent(share, decimals) < 100
        assert percent(share, decimals) == pytest.approx(100 * share, abs=0.5)

    def test_coverage_of_nearly_everything_is_not_called_all_of_it(self):
        km = pd.DataFrame([[0.0, 50.0], [50.0, 0.0]], index=list("AB"), columns=list("AB"))
        plants = coverage(km, pd.Series({"A": 9996, "B": 4}), 1, radius_km=5)
        assert "99.96% of what is brought (9,996 of 10,000 units a month)" in plants.in_words("en")
        assert "99,96%" in plants.in_words("id")

    @pytest.mark.parametrize("p", [1.5, True])
    def test_half_a_plant_is_no_plant(self, p):
        km, demand = land(4, 0)
        with pytest.raises(BadInput, match="p: "):
            p_median(km, demand, p)

    def test_a_site_that_one_draw_of_500_missed_is_not_in_all_of_them(self):
        km, demand = land(4, 0)
        plants = p_median(km, demand, 1)
        shares = pd.Series({plants.sites[0]: 0.998})
        without = pd.DataFrame({"cost": [1.0], "instead": [()]}, index=list(plants.sites))
        told = Robustness(plants, without, shares, 0, 500, 0.2, 0)
        assert told.table("en")["Chosen in the draws (%)"].tolist() == [99.8]


def test_faults_of_the_tables_and_of_what_stands_beside_them_are_told_together():
    km, demand = land(3, 0)
    with pytest.raises(BadInput) as caught:
        coverage(km, -1 - demand, 4, radius_km=np.inf)
    told = [problem.where for problem in caught.value.problems]
    assert [where.split(" ")[0] for where in told] == ["demand", "p", "radius_km"]
    sites = pd.DataFrame({"capacity_units_month": -1.0, "fixed_cost_idr_month": 0.0}, index=km.columns)
    with pytest.raises(BadInput) as caught:
        capacitated(km, -1 - demand, sites, haul_idr_unit_km=-5, p=4)
    assert len(caught.value.problems) == 4
