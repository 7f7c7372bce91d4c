"""Synergy: who can supply whom, who should sell together, and what nobody near can give."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pk_research.errors import BadInput
from pk_research.products.synergy import marketing_groups, supply_links

# Four villages on a road, 4 km from one to the next.
KM = pd.DataFrame(
    4.0 * np.abs(np.subtract.outer(range(4), range(4))), index=list("ABCD"), columns=list("ABCD")
)
PLACES = pd.DataFrame(
    {"latitude": [-6.2, -6.21, -6.23, -6.24], "longitude": [107, 107.03, 107.05, 107.1]}, index=list("ABCD")
)


def candidates(*rows: tuple) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["village_code", "product", "raw_materials"])
    return frame.assign(capacity_units_month=10.0, season_months=[(1, 2)] * len(frame))


class TestSupply:
    def test_the_nearest_maker_of_a_material_comes_first(self):
        found = supply_links(
            candidates(("A", "chips", ("cassava",)), ("B", "cassava", ()), ("C", "cassava", ())),
            KM,
            max_km=10,
        )
        assert found.links[["from_village", "distance_km"]].to_numpy().tolist() == [["B", 4], ["C", 8]]
        assert found.by_village.loc["A", "n_supplied_by"] == 2

    def test_what_the_village_makes_itself_is_not_bought(self):
        found = supply_links(
            candidates(("A", "chips", ("cassava",)), ("A", "cassava", ()), ("B", "cassava", ())),
            KM,
            max_km=10,
        )
        assert found.links.empty
        assert found.at_home["what"].tolist() == ["cassava"]

    @pytest.mark.parametrize(
        ("maker", "nearest", "km"), [(("D", "cassava", ()), "D", 12), (("D", "salt", ()), None, np.nan)]
    )
    def test_a_need_that_nobody_near_meets_says_who_is_nearest(self, maker, nearest, km):
        found = supply_links(candidates(("A", "chips", ("cassava",)), maker), KM, max_km=10)
        row = found.unmet.iloc[0]
        assert (row["nearest_village"] or None) == nearest
        assert row["nearest_km"] == pytest.approx(km, nan_ok=True)

    def test_a_stage_is_lent_only_for_the_same_product(self):
        rows = candidates(("A", "chips", ()), ("B", "chips", ()), ("C", "shrimp", ()))
        stages = pd.DataFrame(
            [["A", "chips", "packing", False], ["B", "chips", "packing", True],
             ["C", "shrimp", "packing", False], ["C", "shrimp", "transport", None]],
            columns=["village_code", "product", "stage_code", "is_done_here"],
        )  # fmt: skip
        found = supply_links(rows, KM, max_km=5, stages=stages)
        assert found.links[["from_village", "to_village", "kind", "what"]].to_numpy().tolist() == [
            ["B", "A", "stage", "packing"]
        ]
        assert found.unmet[["village_code", "what"]].to_numpy().tolist() == [["C", "packing"]]

    def test_unknown_raw_material_is_not_taken_for_no_need(self):
        found = supply_links(candidates(("A", "chips", ()), ("B", "salt", ())), KM, max_km=5)
        assert found.unknown["village_code"].tolist() == ["A", "B"]
        assert "not known" in found.in_words("en")

    def test_every_need_is_told_once(self):
        rng = np.random.default_rng(0)
        goods = ["cassava", "salt", "fish", "chips", "crackers"]
        rows = [
            (village, good, tuple(rng.choice(goods[:3], rng.integers(0, 3), replace=False)))
            for village in "ABCD"
            for good in rng.choice(goods, 2, replace=False)
        ]
        found = supply_links(candidates(*rows), KM, max_km=5)
        met = found.links.drop_duplicates(["to_village", "what", "product"])
        assert len(met) + len(found.at_home) + len(found.unmet) == sum(len(row[2]) for row in rows)

    def test_no_way_is_no_supply(self):
        km = KM.copy()
        km.loc["B", "A"] = np.nan
        found = supply_links(candidates(("A", "chips", ("cassava",)), ("B", "cassava", ())), km, max_km=50)
        assert found.links.empty
        assert found.unmet["nearest_village"].isna().all()


class TestGroups:
    @settings(max_examples=40, deadline=None)
    @given(seed=st.integers(0, 999), most=st.floats(2, 12))
    def test_no_two_of_a_group_lie_further_apart(self, seed, most):
        place = 20 * np.random.default_rng(seed).random((12, 2))
        km = pd.DataFrame(np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1)))
        km = km.set_axis(map(str, range(12))).set_axis(map(str, range(12)), axis=1)
        found = marketing_groups(candidates(*((str(n), "chips", ()) for n in range(12))), km, max_km=most)
        for _, group in found.villages.groupby("group"):
            codes = group["village_code"]
            assert km.loc[codes, codes].to_numpy().max() <= most + 1e-9
        assert len(found.villages) + len(found.alone) == 12

    def test_products_are_not_mixed(self):
        rows = candidates(("A", "chips", ()), ("B", "salt", ()), ("C", "chips", ()))
        found = marketing_groups(rows, KM, max_km=20)
        assert found.groups["product"].tolist() == ["chips"]
        assert found.alone["village_code"].tolist() == ["B"]

    def test_unknown_capacity_is_not_zero(self):
        rows = candidates(("A", "chips", ()), ("B", "chips", ())).assign(
            capacity_units_month=[np.nan, np.nan]
        )
        group = marketing_groups(rows, KM, max_km=5).groups.loc[1]
        assert np.isnan(group["capacity_units_month"])
        assert group["n_without_capacity"] == 2

    def test_a_group_needs_two(self):
        with pytest.raises(BadInput, match="2 villages or more"):
            marketing_groups(candidates(("A", "chips", ())), KM, max_km=5, least=1)

    def test_nobody_near_anybody(self):
        found = marketing_groups(candidates(("A", "chips", ()), ("D", "chips", ())), KM, max_km=5)
        assert found.groups.empty
        assert found.table("id").empty
        assert found.in_words("en").startswith("0 groups")


class TestBadInput:
    def test_all_faults_at_once(self):
        rows = candidates(("A", "chips", ()), ("A", "chips", ()), ("Z", "chips", ()))
        with pytest.raises(BadInput) as told:
            supply_links(rows, KM - 1, max_km=5)
        assert len(told.value.problems) == 3

    def test_no_candidates(self):
        with pytest.raises(BadInput, match="there are none"):
            supply_links(candidates().iloc[:0], KM, max_km=5)

    @pytest.mark.parametrize("km", [0, -1, np.nan])
    def test_a_distance_is_positive(self, km):
        with pytest.raises(BadInput, match="max_km"):
            supply_links(candidates(("A", "chips", ())), KM, max_km=km)


class TestForPeople:
    def test_names_instead_of_codes(self):
        names = {"A": "Sukamaju", "B": "Sukamulya"}
        goods = {"cassava": "Singkong", "chips": "Keripik"}
        found = supply_links(
            candidates(("A", "chips", ("cassava",)), ("B", "cassava", ())),
            KM, max_km=5, names=names, product_names=goods, made=True,
        )  # fmt: skip
        assert found.table("id").iloc[0].tolist()[:4] == ["Sukamulya", "Singkong", "Sukamaju", "Keripik"]
        assert "Data buatan" in found.in_words("id")

    @pytest.mark.parametrize("language", ["id", "en"])
    def test_maps(self, language):
        rows = candidates(("A", "chips", ("cassava",)), ("B", "cassava", ()), ("C", "chips", ("cassava",)))
        supply_links(rows, KM, max_km=5).plot(language, PLACES).savefig("/dev/null", format="png")
        marketing_groups(rows, KM, max_km=9).plot(language, PLACES, width_px=360).savefig(
            "/dev/null", format="png"
        )
        with pytest.raises(BadInput, match="C"):
            marketing_groups(rows, KM, max_km=9).plot(language, PLACES.drop(index="C"))
