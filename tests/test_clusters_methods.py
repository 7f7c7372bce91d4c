"""Every method finds what was planted, in one form, and neither order nor workers decide anything."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.cluster import HDBSCAN
from sklearn.datasets import load_iris
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from pk_research.clusters import methods
from pk_research.clusters.famd import famd
from pk_research.clusters.methods import density, hierarchy
from pk_research.clusters.methods.grouping import share_between
from pk_research.clusters.mixed import mixed
from pk_research.clusters.partition import distinct_points
from pk_research.errors import BadInput

ON_POINTS = [methods.k_means, methods.gaussian_mixture, methods.ward]
CHANCE = [methods.k_means, methods.gaussian_mixture]


def planted(n: int = 120, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Three well separated groups."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 3, n)
    return (10 * np.eye(3, 4)[group] + rng.normal(size=(n, 4))).round(2), group


def answers(n: int = 300, *, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Two classes that answer five questions differently; one answer in twenty is missing."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 2, n)
    likely = np.array([[0.9, 0.8, 0.9, 0.85, 0.9], [0.1, 0.2, 0.1, 0.2, 0.1]])
    given_ = np.where(rng.random((n, 5)) < likely[group], "yes", "no").astype(object)
    given_[rng.random((n, 5)) < 0.05] = None
    return pd.DataFrame(given_, columns=list("abcde")), group


QUESTIONS = dict.fromkeys("abcde", "nominal")


@pytest.mark.parametrize("method", ON_POINTS)
def test_planted_groups_are_found(method):
    values, group = planted()
    points = distinct_points(values)
    found = method(points, [2, 3])
    assert [grouping.k for grouping in found] == [2, 3]
    assert adjusted_rand_score(group, found[1].labels[points.index]) == 1
    assert found[1].share_same > 0.5
    assert found[1].versions["numpy"] == np.__version__


@pytest.mark.parametrize("method", ON_POINTS)
def test_one_group_holds_all(method):
    found = method(distinct_points(planted()[0]), [1])[0]
    assert (found.k, set(found.labels)) == (1, {0})


tables = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=12, max_size=30).filter(
    lambda rows: len(set(rows)) > 6 and all(len(set(column)) > 1 for column in zip(*rows, strict=True))
)


@pytest.mark.parametrize("method", [*ON_POINTS, methods.hdbscan])
@given(tables, st.randoms(use_true_random=False))
@settings(max_examples=12, deadline=None)
def test_the_order_of_the_rows_does_not_matter(method, rows, chance):
    def labels(values: list[tuple[int, int]]) -> np.ndarray:
        points = distinct_points(np.array(values, dtype=float))
        options = {"n_starts": 2} if method in CHANCE else {}
        found = method(points) if method is methods.hdbscan else method(points, [3], **options)[0]
        assert sorted(set(found.labels) - {methods.NO_TYPE}) == list(range(found.k))
        return found.labels[points.index]

    order = list(range(len(rows)))
    chance.shuffle(order)
    assert np.array_equal(labels(rows)[order], labels([rows[i] for i in order]))


PROGRAM = """
import sys
import numpy as np, pandas as pd
from scipy.sparse import csr_array
from pk_research.clusters import methods
from pk_research.clusters.mixed import mixed
from pk_research.clusters.partition import distinct_points
n_jobs = int(sys.argv[1])
rng = np.random.default_rng(3)
values = rng.normal(size=(150, 3)).round(1)
road, work = rng.choice(["earth", "paved", "gravel"], 150), rng.choice(list("ab"), 150)
frame = pd.DataFrame({"road": road, "work": work})
categories = mixed(frame, {"road": "nominal", "work": "nominal"})
everything = mixed(frame.assign(km=values[:, 0]), {"road": "nominal", "work": "nominal", "km": "numeric"})
points, options = distinct_points(values), {"seed": 7, "n_jobs": n_jobs}
line, codes = csr_array(np.eye(150, k=1)), [f"{i:03}" for i in range(150)]
found = [
    *methods.k_means(points, [2, 3], **options),
    *methods.gaussian_mixture(points, [2, 3], n_starts=2, **options),
    *methods.ward(points, [2, 3]), methods.hdbscan(points), *methods.k_medoids(everything, [2, 3], **options),
    *methods.latent_classes(categories, [1, 2], n_starts=3, **options),
    *methods.famd_k_means(everything, [2, 3], **options),
    *methods.spatial_ward(methods.each_village(values), [2, 3], neighbours=line, codes=codes),
]
for grouping in found:
    membership = None if grouping.membership is None else grouping.membership.tolist()
    notes = [note.text("id") for note in grouping.notes]
    print(grouping.method, grouping.labels.tolist(), membership, dict(grouping.criteria), notes)
"""


def test_neither_workers_nor_the_hash_seed_change_a_byte():
    def run(n_jobs: int, hash_seed: str) -> bytes:
        return subprocess.check_output(
            [sys.executable, "-c", PROGRAM, str(n_jobs)], env={**os.environ, "PYTHONHASHSEED": hash_seed}
        )

    first = run(1, "0")
    assert first == run(2, "1")
    assert first == run(2, "2")
    assert len(first) > 10_000


def test_ward_builds_the_tree_of_scipy():
    points = distinct_points(np.random.default_rng(0).normal(size=(200, 4)))
    tree = linkage(points.rows, "ward")
    assert hierarchy.ward_tree(points).heights == pytest.approx(tree[:, 2])
    for found in methods.ward(points, range(2, 12)):
        assert adjusted_rand_score(fcluster(tree, found.k, "maxclust"), found.labels) == 1


def test_a_village_that_stands_for_many_weighs_as_many_in_ward():
    values = np.random.default_rng(1).normal(size=(60, 2)).round(1)
    values = np.repeat(values, np.random.default_rng(2).integers(1, 6, 60), axis=0)
    points = distinct_points(values, scale="none")
    assert len(points.rows) < len(values)
    tree = linkage(values, "ward")
    merged = tree[tree[:, 2] > 0, 2]
    assert hierarchy.ward_tree(points).heights == pytest.approx(merged)


def test_wards_tree_of_large_data_is_that_of_bundles_and_says_so(monkeypatch):
    monkeypatch.setattr(hierarchy, "EXACT_POINTS", 500)
    monkeypatch.setattr(hierarchy, "BUNDLES", 60)
    values, group = planted(2_000)
    points = distinct_points(values)
    found = methods.ward(points, [3])[0]
    assert adjusted_rand_score(group, found.labels[points.index]) == 1
    assert (
        found.notes[0]
        .text("en")
        .endswith("first bundled into 60 by mini-batch k-means; the tree is that of the bundles")
    )
    assert np.array_equal(found.labels, methods.ward(points, [3])[0].labels)


def test_the_mixture_of_iris():
    """R's mclust: VVV with 2 components has a BIC of -574.02, the best of all its models."""
    points = distinct_points(load_iris().data, scale="none")
    found = {
        grouping.k: grouping for grouping in methods.gaussian_mixture(points, [1, 2, 3], shapes=["full"])
    }
    assert found[2].criteria["bic"] == pytest.approx(574.02, abs=0.01)
    assert min(found, key=lambda k: found[k].criteria["bic"]) == 2
    plain = GaussianMixture(2, n_init=5, random_state=0).fit(load_iris().data)
    assert plain.bic(load_iris().data) == pytest.approx(found[2].criteria["bic"], abs=0.01)


def test_the_mixture_says_how_probable_each_type_is():
    values = np.concatenate(
        [np.random.default_rng(0).normal(-3, 1, 200), np.random.default_rng(1).normal(3, 1, 200), [0]]
    )
    points = distinct_points(values[:, None])
    found = methods.gaussian_mixture(points, [2], shapes=["tied"])[0]
    assert found.membership.sum(axis=1) == pytest.approx(1)
    assert found.membership[0].max() > 0.999
    assert found.membership[points.index[-1]].max() < 0.95
    assert np.array_equal(found.labels, found.membership.argmax(axis=1))
    assert found.notes[0].text("en") == "The mixture is of slanted types, all alike in extent"


def test_a_mixture_that_fits_repeated_values_warns():
    values = np.column_stack([np.repeat([0.0, 1.0], 40), np.random.default_rng(0).normal(size=80)])
    notes = methods.gaussian_mixture(distinct_points(values), [2], n_starts=3)[0].notes
    assert any("hardly any spread" in note.text("en") for note in notes)


def test_villages_in_no_dense_group_are_said_to_belong_to_no_type():
    rng = np.random.default_rng(0)
    values = np.concatenate(
        [rng.normal(0, 0.3, (60, 2)), rng.normal(6, 0.3, (60, 2)), [[3, -9], [-9, 20], [30, 0]]]
    )
    points = distinct_points(values, scale="none")
    found = methods.hdbscan(points)
    labels = found.labels[points.index]
    assert found.k == 2
    assert (labels[-3:] == methods.NO_TYPE).all()
    assert (found.membership[points.index[-3:]] == 0).all()
    n_outside = int((labels == methods.NO_TYPE).sum())
    assert found.criteria["share_no_type"] == n_outside / 123
    assert f"lie in no dense group: {n_outside}" in found.notes[0].text("en")
    assert "tidak termasuk tipe mana pun" in found.notes[0].text("id")
    plain = HDBSCAN(min_cluster_size=5, copy=True).fit_predict(points.rows)
    assert adjusted_rand_score(plain, found.labels) == 1


def test_where_nothing_is_dense_nobody_belongs_to_a_type():
    found = methods.hdbscan(distinct_points(np.random.default_rng(5).uniform(size=(40, 6))), min_size=15)
    assert (found.k, found.membership.shape) == (0, (40, 0))
    assert found.notes[0].text("en") == "No dense groups were found: no village belongs to a type"


def test_dense_groups_of_large_data_are_sought_in_a_sample_and_that_is_said(monkeypatch):
    monkeypatch.setattr(density, "EXACT_VILLAGES", 300)
    values, group = planted(1_000)
    points = distinct_points(values)
    found = methods.hdbscan(points)
    belongs = found.labels[points.index] != methods.NO_TYPE
    assert belongs.mean() > 0.9
    assert adjusted_rand_score(group[belongs], found.labels[points.index][belongs]) == 1
    assert "among 300 villages drawn at random" in found.notes[0].text("en")


def test_classes_are_those_of_stepmix():
    stepmix = pytest.importorskip("stepmix.stepmix", reason="stepmix is the second implementation")
    frame, group = answers()
    villages = mixed(frame, QUESTIONS)
    found = methods.latent_classes(villages, [2])[0]
    assert adjusted_rand_score(group, found.labels[villages.points.index]) > 0.85
    assert "because some are missing" in found.notes[0].text("en")
    other = stepmix.StepMix(
        2, measurement="categorical_nan", n_init=5, random_state=0, verbose=0, progress_bar=0
    )
    rows, weights = villages.points.rows, villages.points.weights
    other.fit(rows, sample_weight=weights)
    log_likelihood = other.score(rows, sample_weight=weights) * weights.sum()
    assert found.criteria["log_likelihood"] == pytest.approx(log_likelihood, abs=1e-4)
    bic = other.n_parameters * np.log(300) - 2 * log_likelihood
    assert found.criteria["bic"] == pytest.approx(bic, abs=1e-3)
    swapped = other.predict_proba(rows)[:, :: 1 if other.predict(rows)[0] == found.labels[0] else -1]
    assert found.membership == pytest.approx(swapped, abs=1e-4)


def test_bic_prefers_the_planted_number_of_classes():
    found = methods.latent_classes(mixed(answers(600)[0], QUESTIONS), [1, 2, 3], n_starts=4)
    assert min(found, key=lambda grouping: grouping.criteria["bic"]).k == 2


def test_components_are_those_of_prince():
    prince = pytest.importorskip("prince", reason="prince is the second implementation")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(80, 3)), columns=["a", "b", "c"])
    frame = frame.assign(d=rng.choice(list("xyz"), 80), e=np.where(frame["a"] > 0, "p", "q"))
    villages = mixed(frame, dict.fromkeys("abc", "numeric") | dict.fromkeys("de", "nominal"))
    found = famd(villages, share=0.6)
    other = prince.FAMD(n_components=found.n_kept).fit(frame)
    theirs = other.row_coordinates(frame).to_numpy()
    ours = found.points.rows[villages.points.index]
    assert np.abs(ours) == pytest.approx(np.abs(theirs), abs=1e-8)
    assert found.eigenvalues.sum() == pytest.approx(3 + 2 + 1)
    assert (ours**2).mean(axis=0) == pytest.approx(found.eigenvalues[: found.n_kept])


def test_numbers_and_categories_are_grouped_together():
    values, group = planted()
    frame = pd.DataFrame(values[:, :2], columns=["a", "b"]).assign(c=np.array(["x", "y", "z"])[group])
    villages = mixed(frame, {"a": "numeric", "b": "numeric", "c": "nominal"})
    found = methods.famd_k_means(villages, [3])[0]
    assert adjusted_rand_score(group, found.labels[villages.points.index]) == 1
    assert found.method == "famd_k_means"
    assert "turned into 2 components that keep" in found.notes[0].text("en")


def test_the_share_between_is_that_of_k_means_on_iris():
    """R: ``kmeans(iris[1:4], 3)``: between_SS / total_SS is 88.4 %."""
    points = distinct_points(load_iris().data, scale="none")
    found = methods.k_means(points, [3])[0]
    assert found.criteria["share_between"] == pytest.approx(0.884, abs=5e-4)
    assert share_between(points, np.zeros(len(points.rows), dtype=int)) == pytest.approx(0)


@pytest.mark.parametrize("method", [*ON_POINTS, methods.latent_classes, methods.k_medoids])
def test_everything_wrong_with_a_request_is_said_at_once(method):
    villages = (
        distinct_points(np.arange(4.0)[:, None])
        if method in ON_POINTS
        else mixed(pd.DataFrame({"a": list("wxyz")}), {"a": "nominal"})
    )
    with pytest.raises(BadInput, match=r"(?s)0 groups .* 9 groups .* only 4 villages differ.*-1 is negative"):
        method(villages, [0, 2, 9], seed=-1)
    with pytest.raises(BadInput, match="no number of groups"):
        method(villages, [])


@pytest.mark.parametrize("method", ON_POINTS)
def test_gaps_are_refused_with_the_methods_that_allow_them(method):
    points = distinct_points(np.array([[1.0], [2.0], [np.nan]]), scale="none")
    with pytest.raises(
        BadInput, match=r"1 villages have a value that is missing .* k_medoids or latent_classes"
    ):
        method(points, [2])


def test_options_of_single_methods_are_checked():
    points = distinct_points(planted()[0])
    with pytest.raises(BadInput, match=r"\['cube'\] was given. Choose from: spherical"):
        methods.gaussian_mixture(points, [2], shapes=["cube"])
    with pytest.raises(BadInput, match=r"groups of 1 among 120 villages. Give a number from 2 to 120"):
        methods.hdbscan(points, min_size=1)
    numbers = mixed(pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}), {"a": "numeric", "b": "nominal"})
    with pytest.raises(BadInput, match="variable 'a': it is numeric"):
        methods.latent_classes(numbers, [2])


def test_components_need_complete_values_that_vary():
    frame = pd.DataFrame({"a": [1.0, None, 2.0], "b": ["x", "x", "x"]})
    with pytest.raises(
        BadInput, match=r"(?s)'b': all villages have the same.*1 are missing.*share: 2 was given"
    ):
        famd(mixed(frame, {"a": "numeric", "b": "nominal"}), share=2)
