"""What the types mean: a few rules that sum them up, and how far each stands from the rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mixed_villages import BANK, KM, ROAD, VARIABLES, declared, villages_of_kinds
from sklearn.tree import DecisionTreeClassifier
from village_tables import dataset_of_values, idm_dataset

from pk_research import clusters
from pk_research.clusters.boxes import boxes_of, rounded, told
from pk_research.clusters.columns import columns_of
from pk_research.clusters.effects import cliff_delta, cohen_d, effects_against_rest
from pk_research.clusters.rule_words import conditions
from pk_research.clusters.rules import Rules, rules_of
from pk_research.codebook import Label


@pytest.fixture(scope="module")
def rules() -> Rules:
    """Three clear types: income low; income high and the market near; income high and far."""
    spread = np.linspace(-1, 1, 12)
    near, far = np.full(12, 3.0) + spread, np.full(12, 30.0) + spread
    low, high = 1_000_000 + 50_000 * spread, 3_237_000 + 50_000 * spread
    values = np.vstack([np.c_[low, near], np.c_[high, near], np.c_[high, far]])
    return rules_of(clusters.find_types(dataset_of_values(values), ["x1", "x2"], k=3))


def test_clear_types_have_one_rule_each_with_round_numbers(rules):
    assert len(rules.rules) == 3
    assert [(rule.n, rule.n_right) for rule in rules.rules] == [(12, 12)] * 3
    sides = {side for rule in rules.rules for bounds in rule.bounds.values() for side in bounds}
    assert sides - {np.inf, -np.inf} == {2_000_000, 20}
    assert (rules.accuracy, rules.cross_validated) == (1, 1)
    assert rules.largest_share == pytest.approx(1 / 3)
    assert rules.recall.to_dict() == {1: 1, 2: 1, 3: 1}


def test_rules_are_told_in_both_languages_as_a_summary(rules):
    english, indonesian = rules.in_words("en"), rules.in_words("id")
    assert "x1 above 2,000,000" in english
    assert "x1 di atas 2.000.000" in indonesian
    assert english.endswith("The rules are a summary of the types, not their definition.")
    assert "always naming the largest type would give 33.3%" in english
    assert rules.table("id")["Aturan"].str.contains("paling tinggi").any()


def test_exactly_one_rule_holds_for_every_village():
    rng = np.random.default_rng(3)
    values = rng.normal(size=(300, 3))
    boxes = boxes_of(values, rng.integers(1, 4, 300), 3)
    assert (sum(box.holds(values).astype(int) for box in boxes) == 1).all()
    assert len(boxes) <= 6
    assert set(told(boxes, values)) <= {1, 2, 3}


def test_a_threshold_keeps_the_digits_it_needs():
    assert rounded(0.5432, np.array([0.5431, 0.5439])) == 0.5432
    assert rounded(0.5432, np.array([0.2, 0.9])) == 0.5


def test_real_types_are_summed_up_better_than_by_the_largest(shared):
    dataset = idm_dataset(shared / "data" / "idm-2024" / "idm2024_karawang.csv")
    found = rules_of(clusters.find_types(dataset, ["iks", "ike", "ikl"], k=3))
    assert found.largest_share < found.cross_validated <= 1
    assert sum(rule.n for rule in found.rules) == len(found.typology.villages)


def test_effects_against_the_rest(rules):
    effects = effects_against_rest(rules.typology).set_index(["cluster", "variable"])
    far = rules.typology.villages.groupby("cluster")["x2"].mean().idxmax()
    assert len(effects) == 6
    assert effects.loc[(far, "x2"), "cliff_delta"] == 1
    assert effects.loc[(far, "x2"), "cohen_d"] > 10


def test_a_long_tail_moves_the_means_and_not_the_ranks():
    group, rest = np.array([3.0, 5.0, 4.0]), np.array([0.0, 2.0, 4.5])
    tail = np.array([3.0, 500.0, 4.0])
    assert cliff_delta(group, rest) == cliff_delta(tail, rest) == pytest.approx(5 / 9)
    assert cohen_d(group, rest) > cohen_d(tail, rest)
    assert np.isnan(cohen_d(np.ones(2), np.zeros(2)))


ROAD_AND_MUD = replace(ROAD, categories=(*ROAD.categories, Label("mud", "Lumpur", "Mud")))


def villages_by_road(**columns: list[object]) -> clusters.Typology:
    """Make twelve villages in two types, the first seven and the last five."""
    codes = [f"32160120{n:02d}" for n in range(12)]
    frame = pd.DataFrame({"village_code": codes, **columns}).astype(object)
    chosen = [variable for variable in (ROAD, BANK, KM) if variable.name in columns]
    names = [variable.name for variable in chosen]
    return clusters.find_types(declared(frame, *chosen), names, method="k_medoids", k=2)


def test_a_category_is_a_condition_in_words():
    rules = rules_of(villages_by_road(road=["earth"] * 7 + ["gravel"] * 5))
    assert [*rules.table("id")["Aturan"]] == ["jalan: tanah", "jalan: kerikil"]
    assert [*rules.table("en")["Rule"]] == ["road: earth", "road: gravel"]
    assert "Lacking a value" not in rules.table("en")


def test_yes_and_no_are_told_as_such():
    rules = rules_of(villages_by_road(has_bank=[True] * 7 + [False] * 5))
    assert [*rules.table("id")["Aturan"]] == ["ada bank: ya", "ada bank: tidak"]
    assert [*rules.table("en")["Rule"]] == ["has a bank: yes", "has a bank: no"]


def test_a_village_without_the_value_is_counted_and_its_rule_says_that_it_may_be_missing():
    km = [1.0, 2.0, 3.0, 2.0, 1.0, None, None, 30.0, 31.0, 32.0, 30.0, 33.0]
    typology = villages_by_road(road=["earth"] * 7 + ["gravel"] * 5, km=km)
    only_km = replace(typology, variables=(KM,), kinds={"km": "numeric"})
    rules = rules_of(only_km)
    assert [*rules.table("en")["Rule"]] == [
        "distance to town at most 20 or not known",
        "distance to town above 20",
    ]
    assert rules.table("en")["Lacking a value"].tolist() == [2, 0]
    assert (rules.accuracy, rules.n_unknown) == (1, 2)
    assert "Villages that lack a value their rule asks for: 2. Nothing was filled in" in rules.in_words("en")
    assert "jarak ke kota paling tinggi 20 atau tidak diketahui" in rules.in_words("id")


def test_where_nothing_but_the_gap_tells_the_types_apart_the_rule_says_so():
    typology = villages_by_road(road=["earth"] * 7 + ["gravel"] * 5)
    known = typology.villages.assign(km=[None] * 7 + [4.0] * 5).astype({"km": "Float64"})
    rules = rules_of(replace(typology, villages=known, variables=(KM,), kinds={"km": "numeric"}))
    assert [*rules.table("en")["Rule"]] == ["distance to town not known", "distance to town known"]
    assert [*rules.table("id")["Aturan"]] == ["jarak ke kota tidak diketahui", "jarak ke kota diketahui"]
    assert (rules.accuracy, rules.n_unknown) == (1, 7)


def test_several_categories_that_it_is_not_are_one_condition():
    """A rule may end up with gaps alone: no village has two kinds of road at once."""
    road = [*4 * ["earth"], *3 * ["gravel"], *3 * ["paved"], "mud", "mud"]
    frame = pd.DataFrame({"road": road, "has_bank": 6 * [True, False]})
    columns = columns_of(frame, [ROAD_AND_MUD, BANK], {"road": "nominal", "has_bank": "nominal"})
    compared = {"variables": [ROAD_AND_MUD, BANK], "columns": columns}
    sides = {"road=earth": (-np.inf, 0.0), "road=gravel": (-np.inf, 0.0)}
    told = conditions(sides, {"road=earth"}, **compared)
    assert told.text("en") == "road: not earth, not gravel"
    assert told.text("id") == "jalan: bukan tanah, bukan kerikil"
    both = conditions(dict.fromkeys(sides, (0.0, np.inf)), sides, **compared)
    assert both.text("en") == "road not known"
    paved = conditions({**sides, "road=paved": (0.0, np.inf)}, (), **compared)
    assert paved.text("en") == "road: paved"
    but_mud = {**sides, "road=paved": (-np.inf, 0.0), "has_bank=yes": (-np.inf, np.inf)}
    mud = conditions(but_mud, (), **compared)
    assert mud.text("en") == "road: mud, has a bank known"
    assert conditions({}, (), **compared).text("id") == "semua desa/kelurahan"


def test_mixed_villages_with_gaps_are_summed_up_and_none_is_lost():
    dataset, _ = villages_of_kinds(gaps=0.1)
    rules = rules_of(clusters.find_types(dataset, VARIABLES, method="k_medoids", k=3))
    assert sum(rule.n for rule in rules.rules) == len(rules.typology.villages)
    assert rules.largest_share < rules.cross_validated <= rules.accuracy
    assert 0 < rules.n_unknown < len(dataset.frame)


def test_rules_do_not_speak_of_villages_in_no_type():
    heaps = np.array([0.0, 9.0]).repeat(20) + np.tile(np.linspace(0, 1, 20), 2)
    values = np.append(heaps, [40.0, 60.0])[:, None]
    rules = rules_of(clusters.find_types(dataset_of_values(values), ["x1"], method="hdbscan", min_size=6))
    assert sum(rule.n for rule in rules.rules) == 40
    assert "The rules know nothing of the 2 villages in no type" in rules.in_words("en")
    assert "Aturan ini tidak berlaku bagi 2 desa/kelurahan yang tidak termasuk tipe" in rules.in_words("id")


grades = st.lists(
    st.tuples(*[st.sampled_from([0.0, 1.0, 2.0, 3.0, np.nan])] * 3, st.integers(1, 3)),
    min_size=12,
    max_size=40,
)


@given(grades, st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_boxes_give_what_the_tree_gives_also_where_values_are_missing(rows, seed):
    table = np.array(rows)
    values, clusters = table[:, :3], table[:, 3].astype(int)
    boxes = boxes_of(values, clusters, 3)
    tree = DecisionTreeClassifier(max_depth=3, max_leaf_nodes=6, random_state=0).fit(values, clusters)
    with_more_gaps = np.where(np.random.default_rng(seed).random(values.shape) < 0.3, np.nan, values)
    for seen in (values, with_more_gaps):
        assert (sum(box.holds(seen).astype(int) for box in boxes) == 1).all()
        assert (told(boxes, seen) == tree.predict(seen)).all()
