"""Weights of composite indices: published ones, those of judges, and those that favour each unit most."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pk_research.errors import BadInput
from pk_research.indicators import composite
from pk_research.indicators.composite.weights import against_the_others, weights_within


def test_the_published_weights_by_entropy_and_critic_against_pymcdm():
    """pymcdm as the second implementation; its entropy is wrong on zeros, so the table has none."""
    pymcdm = pytest.importorskip("pymcdm.weights")
    table = np.array([[7.0, 9, 9, 8], [8, 7, 8, 7], [9, 6, 8, 9], [6, 7, 8, 6]])
    ones = np.ones(4)
    critic = weights_within(table.T, "critic", declared=ones)
    assert critic == pytest.approx(pymcdm.critic_weights(table))
    scaled = (table - table.min(axis=0)) / np.ptp(table, axis=0)
    shares = scaled / scaled.sum(axis=0)
    evenness = [-sum(p * np.log(p) for p in column if p > 0) / np.log(4) for column in shares.T]
    by_hand = (1 - np.array(evenness)) / (4 - sum(evenness))
    assert weights_within(table.T, "entropy", declared=ones) == pytest.approx(by_hand)


def test_weights_by_the_first_component_against_scikit_learn():
    from sklearn.decomposition import PCA

    rng = np.random.default_rng(1)
    values = rng.normal(size=(200, 1)) + rng.normal(size=(200, 4)) * [0.3, 0.6, 1, 2]
    z = (values - values.mean(axis=0)) / values.std(axis=0)
    expected = PCA(1).fit(z).components_[0] ** 2
    assert weights_within(values.T, "pca", declared=np.ones(4)) == pytest.approx(expected)
    turned = np.vstack([values.T[:3], -values.T[0]])
    assert against_the_others(turned).tolist() == [False, False, False, True]


DRINKS = {
    ("coffee", "wine"): 9, ("coffee", "tea"): 5, ("coffee", "beer"): 2, ("coffee", "soda"): 1,
    ("coffee", "milk"): 1, ("coffee", "water"): 1 / 2, ("wine", "tea"): 1 / 3, ("wine", "beer"): 1 / 9,
    ("wine", "soda"): 1 / 9, ("wine", "milk"): 1 / 9, ("wine", "water"): 1 / 9, ("tea", "beer"): 1 / 3,
    ("tea", "soda"): 1 / 4, ("tea", "milk"): 1 / 3, ("tea", "water"): 1 / 9, ("beer", "soda"): 1 / 2,
    ("beer", "milk"): 1, ("beer", "water"): 1 / 3, ("soda", "milk"): 2, ("soda", "water"): 1 / 2,
    ("milk", "water"): 1 / 3,
}  # fmt: skip


def test_the_drinks_of_saaty():
    found = composite.ahp(DRINKS)
    assert found.weights["water"] == pytest.approx(0.327, abs=1e-3)
    assert found.weights["coffee"] == pytest.approx(0.177, abs=1e-3)
    assert found.is_consistent


def test_ahp_against_a_second_implementation():
    ahpy = pytest.importorskip("ahpy")
    theirs = ahpy.Compare("drinks", DRINKS, precision=6, random_index="saaty")
    ours = composite.ahp(DRINKS)
    assert ours.weights == pytest.approx(theirs.target_weights, abs=1e-4)
    assert ours.consistency_ratio == pytest.approx(theirs.consistency_ratio, abs=1e-3)


def test_the_worst_judgement_of_a_panel_is_named():
    found = composite.ahp(
        {("a", "b"): 2, ("b", "c"): 2, ("c", "d"): 2, ("a", "c"): 4, ("b", "d"): 4, ("a", "d"): 1 / 8}
    )
    assert not found.is_consistent
    assert found.worst == ("a", "d")
    assert "a terhadap d" in found.in_words("id")


def test_judgements_that_are_missing_or_doubled_are_all_named():
    with pytest.raises(BadInput) as caught:
        composite.ahp({("a", "b"): 2, ("b", "a"): 1, ("a", "c"): -1, ("d", "a"): 1})
    told = str(caught.value)
    assert "judged twice" in told
    assert "it is -1" in told
    assert "'b' against 'c': it is missing" in told


def test_benefit_of_the_doubt_by_hand():
    """Third unit (2, 2): the facet through (4, 1) and (1, 4) is x + y = 5, so it reaches 4/5."""
    found = composite.benefit_of_the_doubt(np.array([[4.0, 1, 2, np.nan], [1, 4, 2, 3]]))
    assert found.scores[:3] == pytest.approx([1, 1, 0.8])
    assert np.isnan(found.scores[3])


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_benefit_of_the_doubt_against_the_whole_programme(seed):
    from scipy.optimize import linprog

    values = np.random.default_rng(seed).uniform(0.1, 1, size=(3, 12))
    plain = [-linprog(-unit, A_ub=values.T, b_ub=np.ones(12), method="highs").fun for unit in values.T]
    assert composite.benefit_of_the_doubt(values).scores == pytest.approx(plain, abs=1e-7)
    bounded = composite.benefit_of_the_doubt(values, least_share=0.2, most_share=0.5)
    assert (bounded.shares > 0.2 - 1e-6).all()
    assert (bounded.shares < 0.5 + 1e-6).all()
    assert (bounded.scores <= np.array(plain) + 1e-9).all()


def plain_programme(values: np.ndarray, unit: int) -> float:
    from scipy.optimize import linprog

    n = values.shape[1]
    return float(-linprog(-values[:, unit], A_ub=values.T, b_ub=np.ones(n), method="highs").fun)


@given(st.integers(0, 1000))
@settings(max_examples=5, deadline=None)
def test_units_behind_one_face_get_what_their_own_programme_gives(seed):
    """Whole numbers: many ties, equal units, zeros, and corners where more constraints bind than needed."""
    values = np.random.default_rng(seed).integers(0, 5, size=(4, 40)).astype(float)
    values[:, 0] = 1.0
    found = composite.benefit_of_the_doubt(values)
    expected = [plain_programme(values, unit) for unit in range(40)]
    assert found.scores == pytest.approx(expected, abs=1e-7)
    assert (np.einsum("ji,jk->ik", found.weights, values) <= 1 + 1e-7).all()


@pytest.mark.slow
def test_benefit_of_the_doubt_of_the_country_against_the_whole_programme():
    values = np.random.default_rng(3).uniform(size=(4, 83_000)) ** 2
    found = composite.benefit_of_the_doubt(values)
    some = [0, 41_000, 82_999, int(found.scores.argmax()), int(found.scores.argmin())]
    assert found.scores[some] == pytest.approx([plain_programme(values, unit) for unit in some], abs=1e-7)
    assert found.scores.max() == pytest.approx(1)
