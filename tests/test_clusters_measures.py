"""k-means and the measures of k, against scikit-learn and published figures for iris."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.metrics import (
    adjusted_rand_score,
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_samples,
    silhouette_score,
)

from pk_research.clusters import silhouette
from pk_research.clusters.choice import compare
from pk_research.clusters.measures import calinski_harabasz, davies_bouldin
from pk_research.clusters.partition import adjusted_rand_index, distinct_points, partitions
from pk_research.clusters.silhouette import mean_widths, point_widths, widths_by_point
from pk_research.errors import BadInput


@pytest.fixture(scope="module")
def repeated() -> np.ndarray:
    """300 villages in three loose groups, values so coarse that many villages share them."""
    rng = np.random.default_rng(1)
    centres = np.array([[0, 0], [4, 1], [1, 5]])[rng.integers(0, 3, 300)]
    return (centres + rng.normal(size=(300, 2))).round()


def test_iris_in_three_groups_as_published():
    """Adjusted Rand index 0.7302, silhouette 0.5528, Calinski-Harabasz 561.63 (unscaled)."""
    iris = load_iris()
    points = distinct_points(iris.data, scale="none")
    (best,) = partitions(points, [3])
    choice = compare(points, [best])
    assert adjusted_rand_score(iris.target, best.labels[points.index]) == pytest.approx(0.7302, abs=1e-3)
    assert choice.table.loc[3, "silhouette"] == pytest.approx(0.5528, abs=1e-3)
    assert choice.table.loc[3, "calinski_harabasz"] == pytest.approx(561.63, abs=0.01)


def test_scaled_variables_weigh_alike(repeated):
    points = distinct_points(repeated * [1, 1000])
    villages = points.rows[points.index]
    assert villages.mean(axis=0) == pytest.approx(0, abs=1e-12)
    assert villages.std(axis=0) == pytest.approx(1)


@pytest.mark.parametrize("k", [2, 3, 7])
def test_measures_equal_scikit_learn_on_all_villages(repeated, k):
    points = distinct_points(repeated)
    (best,) = partitions(points, [k])
    villages, labels = points.rows[points.index], best.labels[points.index]
    (widths,) = point_widths(points, [best.labels])
    assert len(points.rows) < len(villages) / 2
    assert widths.width[points.index] == pytest.approx(silhouette_samples(villages, labels), abs=1e-9)
    assert calinski_harabasz(points, best.labels) == pytest.approx(calinski_harabasz_score(villages, labels))
    assert davies_bouldin(points, best.labels) == pytest.approx(davies_bouldin_score(villages, labels))


def test_silhouettes_of_all_groupings_at_once_equal_those_one_by_one(repeated):
    points = distinct_points(repeated)
    groupings = [candidate.labels for candidate in partitions(points, range(2, 11))]
    together = mean_widths(points, groupings)
    villages = points.rows[points.index]
    alone = [silhouette_score(villages, labels[points.index]) for labels in groupings]
    assert together.means == pytest.approx(alone, abs=1e-9)
    assert together.standard_errors == (0.0,) * 9
    assert together.n_measured == 300


def test_a_village_alone_in_its_group_has_width_zero():
    points = distinct_points(np.array([[0.0], [1.0], [9.0]]), scale="none")
    (widths,) = point_widths(points, [np.array([0, 0, 1])])
    assert widths.width.tolist() == pytest.approx([8 / 9, 7 / 8, 0])
    assert widths.second.tolist() == [1, 1, 0]


def test_distinct_points_give_what_scikit_learn_gives_on_all_villages(repeated):
    points = distinct_points(repeated)
    villages = points.rows[points.index]
    for best in partitions(points, [2, 3]):
        plain = KMeans(best.k, n_init=10, tol=0, random_state=5).fit(villages)
        assert best.inertia == pytest.approx(plain.inertia_)


def test_a_grouping_does_not_depend_on_the_other_k_tried(repeated):
    points = distinct_points(repeated)
    alone, together = partitions(points, [4])[0], partitions(points, [2, 3, 4, 5])[2]
    assert (alone.labels == together.labels).all()
    assert alone.share_same == together.share_same


def test_agreement_of_groupings_equals_scikit_learn(repeated):
    points = distinct_points(repeated)
    first, second = (candidate.labels for candidate in partitions(points, [3, 5]))
    expected = adjusted_rand_score(first[points.index], second[points.index])
    assert adjusted_rand_index(first, second, weights=points.weights) == pytest.approx(expected)


def test_at_least_one_start_is_needed(repeated):
    with pytest.raises(BadInput, match="Give 1 or more"):
        partitions(distinct_points(repeated), [2], n_starts=0)


@pytest.fixture
def sampled(monkeypatch) -> None:
    """Make every dataset large, and the samples small."""
    monkeypatch.setattr(silhouette, "EXACT_POINTS", 0)
    monkeypatch.setattr(silhouette, "SAMPLE", 400)
    monkeypatch.setattr(silhouette, "REFERENCE_PER_GROUP", 200)


@pytest.fixture(scope="module")
def many() -> np.ndarray:
    """2,000 villages in three groups."""
    rng = np.random.default_rng(2)
    return np.array([[0, 0], [4, 1], [1, 5]])[rng.integers(0, 3, 2_000)] + rng.normal(size=(2_000, 2))


@pytest.mark.usefixtures("sampled")
def test_a_sample_tells_the_same_k_within_its_standard_error(many):
    points = distinct_points(many)
    candidates = partitions(points, range(2, 7), n_starts=4)
    villages = points.rows[points.index]
    exact = np.array([silhouette_score(villages, candidate.labels[points.index]) for candidate in candidates])
    for seed in range(5):
        choice = compare(points, candidates, seed=seed)
        error = choice.table["silhouette_se"].to_numpy()
        assert (error > 0).all()
        assert (np.abs(choice.table["silhouette"] - exact) < 4 * error).all()
        assert choice.k == range(2, 7)[exact.argmax()]
        assert any("standard error" in reason.text("en") for reason in choice.reasons)


@pytest.mark.usefixtures("sampled")
def test_widths_against_a_sample_of_each_group_are_close(many):
    points = distinct_points(many)
    (best,) = partitions(points, [3])
    (exact,) = point_widths(points, [best.labels])
    near = widths_by_point(points, best.labels)
    assert np.abs(near.width - exact.width).max() < 0.08
    assert (near.second == exact.second).mean() > 0.97
