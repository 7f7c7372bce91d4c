"""How firm groups are: bootstrap stability, gap, prediction strength, and the probability of a type."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from village_tables import dataset_of_values

from pk_research import clusters
from pk_research.clusters.certainty import certainty_of, match_labels
from pk_research.clusters.gap import gap_statistic
from pk_research.clusters.partition import Points, distinct_points, partitions
from pk_research.clusters.prediction import prediction_strength
from pk_research.clusters.stability import bootstrap_stability, drawn_weights, jaccard

IRIS = load_iris().data
MEASURES = ["gap", "gap_se", "prediction_strength", "jaccard", "bic"]


@pytest.fixture(scope="module")
def iris() -> Points:
    """The flowers in centimetres, as R's packages were given them."""
    return distinct_points(IRIS, scale="none")


def three_heaps(n: int = 60, apart: float = 6.0, seed: int = 0) -> np.ndarray:
    centres = apart * np.array([[0, 0], [1, 0], [0, 1]])
    return np.repeat(centres, n, axis=0) + np.random.default_rng(seed).normal(size=(3 * n, 2))


def test_stability_of_iris_is_that_of_fpc(iris):
    """R: fpc::clusterboot, k = 3, 100 draws: 0.953, 0.963, 1.000."""
    (firm,) = bootstrap_stability(iris, partitions(iris, [3]), n_draws=400)
    assert np.sort(firm.jaccard) == pytest.approx([0.953, 0.963, 1.000], abs=0.02)
    assert firm.standard_error.max() < 0.01


def test_stability_is_that_of_the_plain_loop():
    """The loop a researcher would write with scikit-learn, on the same draws."""
    points = distinct_points(three_heaps(apart=3.0))
    (cut,) = partitions(points, [3])
    (firm,) = bootstrap_stability(points, [cut], n_draws=20, n_starts=5)
    similar = []
    for draw in range(20):
        drawn = np.flatnonzero(drawn_weights(points, 0, draw))
        seed = int(np.random.SeedSequence(0, spawn_key=(7, draw, 3)).generate_state(1)[0])
        again = KMeans(3, n_init=5, random_state=seed).fit_predict(points.rows[drawn])
        own = cut.labels[drawn]
        similar.append(
            [
                max(
                    ((own == one) & (again == other)).sum() / ((own == one) | (again == other)).sum()
                    for other in range(3)
                )
                for one in range(3)
            ]
        )
    assert firm.jaccard == pytest.approx(np.mean(similar, axis=0), abs=1e-12)


def test_a_village_drawn_twice_counts_once():
    points = distinct_points(np.arange(50.0)[:, None])
    weights = drawn_weights(points, seed=0, draw=0)
    assert set(weights) == {0, 1}
    assert 20 < weights.sum() < 45


def test_groups_of_one_heap_are_less_firm_than_planted_ones():
    heap = distinct_points(np.random.default_rng(1).normal(size=(180, 2)))
    planted = distinct_points(three_heaps())
    lowest = [
        bootstrap_stability(points, partitions(points, [3]), n_draws=30)[0].lowest
        for points in (heap, planted)
    ]
    assert lowest[0] < 0.9 < lowest[1]


def test_starts_on_a_part_of_large_data_find_the_same_groups():
    points = distinct_points(three_heaps(n=4_000))
    (firm,) = bootstrap_stability(points, partitions(points, [3], n_starts=3), n_draws=3)
    assert firm.starts_on == 5_000
    assert firm.lowest > 0.99


def test_gap_of_iris_is_that_of_clusgap():
    """R: cluster::clusGap on scaled iris with k-means: 0.4685 for 2 and 0.4871 for 3 groups."""
    scaled = (IRIS - IRIS.mean(axis=0)) / IRIS.std(axis=0, ddof=1)
    found = gap_statistic(distinct_points(scaled, scale="none"), [2, 3], n_references=100, n_starts=3)
    assert found.ks == (1, 2, 3)
    assert found.gap[1:] == pytest.approx([0.4685, 0.4871], abs=0.005)


def test_gap_prefers_one_group_for_one_heap_and_three_for_three():
    heap = distinct_points(np.random.default_rng(2).normal(size=(120, 2)))
    planted = distinct_points(three_heaps(n=40))
    assert gap_statistic(heap, [2, 3, 4], n_references=20).k == 1
    assert gap_statistic(planted, [2, 3, 4], n_references=20).k == 3


def test_prediction_strength_falls_where_groups_are_cut_in_two():
    two, three, four = prediction_strength(distinct_points(three_heaps()), [2, 3, 4], n_splits=10)
    assert three > 0.95
    assert four < 0.8
    assert 0 <= two <= 1


def test_one_start_understates_prediction_strength(iris):
    """On iris with three groups: one start finds 0.68, ten find 0.74."""
    one = prediction_strength(iris, [3], n_splits=20, n_starts=1)[0]
    ten = prediction_strength(iris, [3], n_splits=20, n_starts=10)[0]
    assert one < ten


def test_half_of_too_few_villages_predicts_nothing():
    assert prediction_strength(distinct_points(np.array([[0.0], [1.0], [5.0]])), [3]).tolist() == [0.0]


def test_a_village_between_two_groups_has_a_middling_probability():
    values = np.vstack([three_heaps(n=30), [[3.0, 0.0]]])
    points = distinct_points(values)
    (cut,) = partitions(points, [3])
    certainty = certainty_of(points, cut.labels, n_draws=60)
    own = certainty.own(cut.labels)[points.index]
    assert own[-1] < 0.9
    assert np.median(own) == 1.0
    assert certainty.probability.sum(axis=1) == pytest.approx(np.ones(len(points.rows)))


def test_imputations_that_disagree_lower_the_probability():
    """A village whose value is not known, and may be of either group."""
    values = three_heaps(n=30)
    points = distinct_points(values)
    (cut,) = partitions(points, [3])
    unsure = int(points.index[0])
    other = points.rows.copy()
    other[unsure] = points.rows[points.index[30]]
    sure = certainty_of(points, cut.labels, n_draws=40)
    doubtful = certainty_of(points, cut.labels, variants=[other], n_draws=40)
    assert sure.own(cut.labels)[unsure] == 1.0
    assert doubtful.own(cut.labels)[unsure] == pytest.approx(0.5, abs=0.25)
    assert doubtful.second(cut.labels)[unsure] == cut.labels[points.index[30]]
    assert (sure.n_variants, doubtful.n_variants) == (1, 2)


@given(st.permutations(range(4)), st.lists(st.integers(0, 3), min_size=8, max_size=30))
def test_matching_undoes_any_renumbering(numbers, labels):
    own = np.array([0, 1, 2, 3, *labels])
    renumbered = np.array(numbers)[own]
    matched = match_labels(own, renumbered, np.ones(len(own)), 4)[renumbered]
    assert (matched == own).all()
    assert jaccard(own, renumbered, np.ones(len(own)), 4).tolist() == [1.0] * 4


def test_types_carry_probabilities_and_name_the_border():
    values = np.vstack([three_heaps(n=60, apart=8.0), [[4.0, 0.0]]])
    typology = clusters.find_types(dataset_of_values(values), ["x1", "x2"], n_draws=40)
    villages = typology.villages
    assert typology.k == typology.choice.recommended == 3
    assert villages["probability"].between(0, 1).all()
    assert villages["is_border"].iloc[-1]
    assert "In 40 repetitions with villages drawn anew" in typology.in_words("en")
    assert "Dalam 40 pengulangan" in typology.in_words("id")
    assert "Probability of the type" in typology.villages_table("en").columns
    assert "Peluang tipe" in typology.villages_table("id").columns


def test_draws_with_fewer_profiles_than_groups_form_as_many_as_they_can():
    points = distinct_points(np.array([[0.0], [1.0], [5.0], [6.0]]))
    (cut,) = partitions(points, [4])
    certainty = certainty_of(points, cut.labels, n_draws=20)
    assert np.nansum(certainty.probability, axis=1) == pytest.approx(np.ones(4))


def test_without_repetitions_no_probability_is_made_up():
    typology = clusters.find_types(dataset_of_values(three_heaps(n=20)), ["x1", "x2"])
    assert typology.certainty is None
    assert "probability" not in typology.villages


def test_a_thorough_comparison_adds_measures_and_tells_them():
    dataset = dataset_of_values(three_heaps(n=20, apart=8.0))
    choice = clusters.find_types(dataset, ["x1", "x2"], k_range=range(2, 6), thorough=True).choice
    assert choice.table[MEASURES].notna().all(axis=None)
    assert choice.table["bic"].idxmin() == 3
    assert choice.reasons[-1].text("en") == (
        "Other measures: the gap statistic prefers 3, the BIC of a Gaussian mixture 3; groups of one half of"
        " the villages predict the other up to 3; when villages are drawn anew, the least firm of 3 types is"
        " found again with a similarity of 1 (Jaccard; 0.75 and more is firm)"
    )


def test_the_number_of_workers_changes_nothing():
    dataset = dataset_of_values(three_heaps(n=20, apart=2.0))
    one, two = (
        clusters.find_types(dataset, ["x1", "x2"], k_range=[2, 3], n_draws=10, thorough=True, n_jobs=n_jobs)
        for n_jobs in (1, 2)
    )
    pd.testing.assert_frame_equal(one.villages, two.villages, check_exact=True)
    pd.testing.assert_frame_equal(one.choice.table, two.choice.table, check_exact=True)
