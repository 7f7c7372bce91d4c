"""k-medoids: R's medoids, the best of all sets on small data, and samples of large data."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.datasets import load_iris
from sklearn.metrics import adjusted_rand_score

from pk_research.clusters.gower import gower_matrix
from pk_research.clusters.methods import k_medoids, pam, representatives
from pk_research.clusters.methods.medoids import build, swapped
from pk_research.clusters.mixed import mixed
from pk_research.errors import BadInput


def cost(distances: np.ndarray, medoids: np.ndarray, weights: np.ndarray) -> float:
    return float(weights @ distances[medoids].min(axis=0))


def by_definition(distances: np.ndarray, k: int, weights: np.ndarray) -> np.ndarray:
    """BUILD and SWAP as the book has them: every swap tried, the best made, until none helps."""
    n, medoids = len(distances), []
    for _ in range(k):
        others = [i for i in range(n) if i not in medoids]
        medoids.append(min(others, key=lambda i: cost(distances, np.array([*medoids, i]), weights)))
    while True:
        swaps = [
            [*medoids[:place], i, *medoids[place + 1 :]]
            for place in range(k)
            for i in range(n)
            if i not in medoids
        ]
        best = min(swaps, key=lambda swap: cost(distances, np.array(swap), weights), default=medoids)
        if cost(distances, np.array(best), weights) >= cost(distances, np.array(medoids), weights) - 1e-9:
            return np.sort(medoids)
        medoids = best


def test_the_medoids_of_iris():
    """R: ``cluster::pam(iris[1:4], 3)$id.med`` is 8 79 113."""
    iris = load_iris().data
    found = pam(cdist(iris, iris), [2, 3])
    assert (found[1].medoids + 1).tolist() == [8, 79, 113]
    assert found[1].cost / 150 == pytest.approx(0.6542077, abs=1e-7)
    assert np.bincount(found[1].labels).tolist() == [50, 62, 38]


@given(
    st.lists(st.tuples(st.floats(0, 9), st.floats(0, 9)), min_size=5, max_size=14, unique=True),
    st.integers(1, 4),
    st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_it_is_the_method_of_the_book(places, k, seed):
    distances = cdist(places, places)
    weights = np.random.default_rng(seed).integers(1, 5, len(places))
    found = pam(distances, [k], weights=weights)[0]
    assert found.cost == pytest.approx(cost(distances, by_definition(distances, k, weights), weights))
    every = [cost(distances, np.array(medoids), weights) for medoids in combinations(range(len(places)), k)]
    assert min(every) <= found.cost + 1e-9


@given(st.integers(0, 999), st.integers(1, 6))
@settings(max_examples=30, deadline=None)
def test_swaps_never_make_the_cost_larger_and_in_the_end_none_makes_it_smaller(seed, k):
    places = np.random.default_rng(seed).normal(size=(40, 2))
    distances, weights = cdist(places, places), np.ones(40)
    first = build(distances, k, weights)
    found = swapped(distances, first, weights)
    assert found.cost <= cost(distances, first, weights)
    for place in range(k):
        for other in range(40):
            medoids = found.medoids.copy()
            medoids[place] = other
            assert cost(distances, medoids, weights) >= found.cost - 1e-9


def villages_of_two_kinds(n: int = 60) -> tuple[pd.DataFrame, np.ndarray]:
    """Made villages: fishing ones with earth roads, farming ones with paved roads; some gaps."""
    rng = np.random.default_rng(0)
    fishes = rng.random(n) < 0.5
    frame = pd.DataFrame(
        {
            "work": np.where(fishes, "fishing", "farming"),
            "road": np.where(rng.random(n) < 0.9, np.where(fishes, "earth", "paved"), "gravel"),
            "km": np.where(fishes, 20, 5) + rng.normal(size=n).round(1),
        }
    )
    return frame.mask(rng.random(frame.shape) < 0.1).fillna({"km": 8.0}), fishes


KINDS = {"work": "nominal", "road": "nominal", "km": "numeric"}


def test_villages_with_gaps_are_grouped_around_real_ones():
    frame, fishes = villages_of_two_kinds()
    villages = mixed(frame, KINDS)
    found = k_medoids(villages, [2])[0]
    labels = found.labels[villages.points.index]
    assert adjusted_rand_score(fishes, labels) > 0.85
    matrix = gower_matrix(villages)
    assert found.labels[found.medoids].tolist() == [0, 1]
    away = matrix[found.medoids[found.labels], np.arange(len(matrix))]
    assert found.criteria["mean_distance"] == pytest.approx(np.average(away, weights=villages.points.weights))
    assert np.array_equal(away, matrix[found.medoids].min(axis=0))


@pytest.fixture
def small_limits(monkeypatch):
    monkeypatch.setattr(representatives, "MATRIX_ROWS", 100)
    monkeypatch.setattr(representatives, "SAMPLE", 80)


@pytest.mark.usefixtures("small_limits")
def test_large_data_is_sampled_and_the_result_says_so():
    frame, fishes = villages_of_two_kinds(600)
    villages = mixed(frame, KINDS)
    assert len(villages.points.rows) > 100
    found = k_medoids(villages, [2, 3], draws=3)
    assert adjusted_rand_score(fishes, found[0].labels[villages.points.index]) > 0.85
    assert found[0].notes[0].text("en") == (
        "The villages that represent the types were sought in 3 random samples of 80 villages; every"
        " village then went to the nearest of them"
    )
    assert found[1].criteria["mean_distance"] < found[0].criteria["mean_distance"]
    for again in (
        k_medoids(villages, [2, 3], draws=3, n_jobs=2),
        k_medoids(mixed(frame[::-1], KINDS), [2, 3], draws=3),
    ):
        assert all(np.array_equal(one.labels, other.labels) for one, other in zip(found, again, strict=True))
        assert found[0].criteria == again[0].criteria


@pytest.mark.usefixtures("small_limits")
def test_a_sample_has_to_hold_enough_different_villages():
    villages = mixed(villages_of_two_kinds(600)[0], KINDS)
    with pytest.raises(BadInput, match=r"90 groups were asked for, but only \d+ of 80 drawn villages differ"):
        k_medoids(villages, [90])


def test_villages_with_nothing_in_common_are_named_by_their_row():
    frame = pd.DataFrame({"a": [1, None, 2, 3], "b": [None, 5, 6, 7]})
    with pytest.raises(BadInput, match=r"2 different ones have no variable in common .* row 2, 1|row 1, 2"):
        k_medoids(mixed(frame, {"a": "numeric", "b": "numeric"}), [2])
