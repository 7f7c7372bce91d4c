"""Synergy: who can supply whom, who should sell together, and what nobody near can give."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.markers import MarkerStyle

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


STAGE_COLUMNS = ["village_code", "product", "stage_code", "is_done_here"]


class TestStageAnswers:
    ROWS = candidates(("A", "chips", ()), ("B", "chips", ()))

    def test_an_answer_given_twice_makes_one_link(self):
        stages = pd.DataFrame(
            [["A", "chips", "packing", False]] * 3 + [["B", "chips", "packing", True]] * 2,
            columns=STAGE_COLUMNS,
        )
        found = supply_links(self.ROWS, KM, max_km=5, stages=stages)
        assert len(found.links) == 1
        assert found.n_stages_repeated == 3
        assert "Stage answers given more than once, counted once: 3 rows" in found.in_words("en")

    def test_two_answers_that_contradict_each_other_are_refused(self):
        stages = pd.DataFrame(
            [["A", "chips", "packing", False], ["A", "chips", "packing", True]], columns=STAGE_COLUMNS
        )
        with pytest.raises(BadInput, match="A chips packing"):
            supply_links(self.ROWS, KM, max_km=5, stages=stages)

    def test_answers_that_are_not_used_are_counted(self):
        stages = pd.DataFrame(
            [["D", "chips", "packing", True], ["A", "salt", "packing", True], ["A", "chips", "packing", None],
             ["A", "chips", None, True]],
            columns=STAGE_COLUMNS,
        )  # fmt: skip
        found = supply_links(self.ROWS, KM, max_km=20, stages=stages)
        assert (found.n_stages_elsewhere, found.n_stages_unanswered) == (2, 2)
        assert "not candidates, not used: 2" in found.in_words("en")
        assert "tidak dijawab: 2" in found.in_words("id")

    @pytest.mark.parametrize("answer", ["no", 2])
    def test_an_answer_is_yes_or_no(self, answer):
        stages = pd.DataFrame([["A", "chips", "packing", answer]], columns=STAGE_COLUMNS)
        with pytest.raises(BadInput, match="is_done_here"):
            supply_links(self.ROWS, KM, max_km=5, stages=stages)

    @pytest.mark.parametrize("dtype", ["bool", "boolean", "object", "Int64", "float64"])
    def test_answers_of_any_type_of_truth(self, dtype):
        stages = pd.DataFrame(
            [["A", "chips", "packing", False], ["B", "chips", "packing", True]], columns=STAGE_COLUMNS
        ).astype({"is_done_here": dtype})
        assert len(supply_links(self.ROWS, KM, max_km=5, stages=stages).links) == 1


class TestMaterials:
    @pytest.mark.parametrize("wrong", ["cassava", 3, ("cassava", None), ("",)])
    def test_materials_are_several_ids(self, wrong):
        rows = candidates(("A", "chips", wrong), ("B", "cassava", ()))
        with pytest.raises(BadInput, match="raw_materials of A chips"):
            supply_links(rows, KM, max_km=5)

    @pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
    def test_missing_materials_are_not_known(self, missing):
        found = supply_links(candidates(("A", "chips", missing), ("B", "cassava", ())), KM, max_km=5)
        assert found.unknown["village_code"].tolist() == ["A", "B"]

    @pytest.mark.parametrize("kind", [tuple, list, np.array])
    def test_a_material_named_twice_is_one_need(self, kind):
        rows = candidates(("A", "chips", kind(["cassava", "cassava"])), ("B", "cassava", ()))
        assert len(supply_links(rows, KM, max_km=5).links) == 1

    def test_all_faults_of_all_tables_at_once(self):
        rows = candidates(("A", "chips", "salt"), ("Z", "chips", ()))
        stages = pd.DataFrame(
            [["A", "chips", "dreaming", "no"], ["A", "chips", "packing", "no"]], columns=STAGE_COLUMNS
        )
        with pytest.raises(BadInput) as told:
            supply_links(rows, KM - 1, max_km=np.inf, stages=stages)
        assert len(told.value.problems) == 6


class TestGroups:
    @pytest.mark.parametrize("capacity", [-1.0, np.inf, "many"])
    def test_an_impossible_capacity_is_refused(self, capacity):
        rows = candidates(("A", "chips", ()), ("B", "chips", ())).assign(capacity_units_month=[capacity, 1.0])
        with pytest.raises(BadInput, match="capacity_units_month of A chips"):
            marketing_groups(rows, KM, max_km=5)

    @pytest.mark.parametrize("months", ["1, 2", (0, 13), 3])
    def test_an_impossible_season_is_refused(self, months):
        rows = candidates(("A", "chips", ()), ("B", "chips", ()))
        rows["season_months"] = pd.Series([months, (1,)], dtype=object)
        with pytest.raises(BadInput, match="season_months of A chips"):
            marketing_groups(rows, KM, max_km=5)

    def test_a_missing_season_is_not_known(self):
        rows = candidates(("A", "chips", ()), ("B", "chips", ()))
        rows["season_months"] = pd.Series([None, (1,)], dtype=object)
        assert marketing_groups(rows, KM, max_km=5).groups.loc[1, "n_without_months"] == 1

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

    def test_a_code_twice_in_the_distances_is_told(self):
        twice = KM.set_axis(list("AACD")).set_axis(list("AACD"), axis=1)
        with pytest.raises(BadInput, match="occurs twice"):
            supply_links(candidates(("A", "chips", ()), ("C", "salt", ())), twice, max_km=5)

    @pytest.mark.parametrize("km", [0, -1, np.nan, np.inf])
    def test_a_distance_is_positive(self, km):
        with pytest.raises(BadInput, match="max_km"):
            supply_links(candidates(("A", "chips", ())), KM, max_km=km)


class TestForPeople:
    def test_codes_may_be_whole_numbers(self):
        numbers = KM.set_axis(range(4)).set_axis(range(4), axis=1)
        rows = candidates((0, "chips", ("cassava",)), (1, "cassava", ()), (2, "chips", ()))
        places = PLACES.set_axis(range(4)).assign(note=None)
        assert supply_links(rows, numbers, max_km=5).plot("id", places).axes
        assert marketing_groups(rows, numbers, max_km=9).plot("id", places).axes

    def test_names_instead_of_codes(self):
        names = {"A": "Sukamaju", "B": "Sukamulya"}
        goods = {"cassava": "Singkong", "chips": "Keripik"}
        found = supply_links(
            candidates(("A", "chips", ("cassava",)), ("B", "cassava", ())),
            KM, max_km=5, names=names, product_names=goods, made=True,
        )  # fmt: skip
        assert found.table("id").iloc[0].tolist()[:4] == ["Sukamulya", "Singkong", "Sukamaju", "Keripik"]
        assert "Data buatan" in found.in_words("id")

    @pytest.mark.parametrize("width_px", [360, 800])
    @pytest.mark.parametrize("n", [3, 8, 9, 20])
    def test_no_two_products_look_alike_and_the_legend_names_each(self, n, width_px):
        products = [f"product {k:02} of a long name" for k in range(n)]
        rows = candidates(*[(village, product, ()) for product in products for village in ("A", "B")])
        found = marketing_groups(rows, KM, max_km=9)
        figure = found.plot("id", PLACES, width_px=width_px)
        figure.draw_without_rendering()
        axes = figure.axes[0]
        legend = axes.get_legend()
        assert [text.get_text() for text in legend.get_texts()] == products
        looks = [(line.get_marker(), line.get_color()) for line in legend.get_lines()]
        assert len(set(looks)) == n
        drawn = [dots for dots in axes.collections if dots.get_zorder() == 2]
        assert len(drawn) == n
        of_group = found.villages.drop_duplicates("group").set_index("group")["product"]
        for group, dots in zip(sorted(found.villages["group"].unique()), drawn, strict=True):
            mark, colour = looks[products.index(of_group[group])]
            assert to_hex(dots.get_facecolor()[0]) == colour
            shape = MarkerStyle(mark)
            path = shape.get_path().transformed(shape.get_transform())
            assert np.allclose(dots.get_paths()[0].vertices, path.vertices)
        box = legend.get_window_extent()
        assert box.x0 >= 0
        assert box.x1 <= width_px + 1
        assert box.y1 <= axes.get_window_extent().y0 + 1
        for text in figure.texts:  # title and key
            said = text.get_window_extent()
            assert said.x1 <= width_px
            assert said.y1 <= box.y0 or said.y0 >= axes.get_window_extent().y1

    @pytest.mark.parametrize("language", ["id", "en"])
    def test_maps(self, language):
        rows = candidates(("A", "chips", ("cassava",)), ("B", "cassava", ()), ("C", "chips", ("cassava",)))
        supply_links(rows, KM, max_km=5).plot(language, PLACES).savefig("/dev/null", format="png")
        marketing_groups(rows, KM, max_km=9).plot(language, PLACES, width_px=360).savefig(
            "/dev/null", format="png"
        )
        with pytest.raises(BadInput, match="C"):
            marketing_groups(rows, KM, max_km=9).plot(language, PLACES.drop(index="C"))
