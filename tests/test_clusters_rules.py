"""What the types mean: a few rules that sum them up, and how far each stands from the rest."""

from __future__ import annotations

import numpy as np
import pytest
from village_tables import dataset_of_values, idm_dataset

from pk_research import clusters
from pk_research.clusters.effects import cliff_delta, cohen_d, effects_against_rest
from pk_research.clusters.rules import Rules, _leaves, _told, rounded, rules_of


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
    leaves = _leaves(values, rng.integers(1, 4, 300), 3)
    assert (sum(leaf.holds(values).astype(int) for leaf in leaves) == 1).all()
    assert len(leaves) <= 6
    assert set(_told(leaves, values)) <= {1, 2, 3}


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
