"""The whole job: planted groups are found, and nothing but data, options and seed decides."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score
from village_tables import dataset_of_values, idm_dataset

from pk_research import clusters
from pk_research.errors import BadInput

IDM = ["iks", "ike", "ikl"]


def planted(n_groups: int, *, seed: int = 0, n: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """Make villages around well separated centres."""
    rng = np.random.default_rng(seed)
    centres = 8 * np.eye(n_groups, 4)
    group = rng.integers(0, n_groups, n)
    return centres[group] + rng.normal(size=(n, 4)), group


@pytest.mark.parametrize("n_groups", [2, 3, 4])
def test_planted_groups_are_found_and_counted(n_groups):
    values, group = planted(n_groups)
    typology = clusters.find_types(
        dataset_of_values(values), ["x1", "x2", "x3", "x4"], k_range=range(2, 7), n_starts=4
    )
    assert typology.k == n_groups
    assert adjusted_rand_score(group, typology.villages["cluster"]) == 1
    assert typology.share_same_start >= 0.5


def test_each_village_knows_how_well_it_fits():
    values = np.array([[0.0, 0], [0.1, 0], [0, 0.1], [5, 5], [5.1, 5], [5, 5.1], [2.4, 2.5]])
    villages = clusters.find_types(dataset_of_values(values), ["x1", "x2"], k=2).villages
    assert villages["cluster"].tolist()[:6] == [2, 2, 2, 1, 1, 1]
    assert villages["second_cluster"].tolist() == [3 - cluster for cluster in villages["cluster"]]
    assert villages["is_border"].tolist() == [False] * 6 + [True]


def test_clusters_are_numbered_from_the_highest_values_down():
    values = np.repeat([[1.0], [9.0], [5.0]], 4, axis=0) + np.tile([[0.0], [0.1], [0.2], [0.3]], (3, 1))
    typology = clusters.find_types(dataset_of_values(values), ["x1"], k=3)
    assert typology.profile.wide("mean")["x1"].is_monotonic_decreasing
    assert typology.villages["cluster"].tolist() == [3] * 4 + [1] * 4 + [2] * 4


def test_typical_villages_are_the_closest_to_their_centre():
    values = np.array([[0.0], [0.5], [0.7], [10.0], [10.4], [10.5]])
    typical = clusters.find_types(dataset_of_values(values), ["x1"], k=2).typical
    first = typical[typical["rank"] == 1]
    assert first["village_code"].tolist() == ["3216012004", "3216012001"]
    assert (
        typical["distance"].is_monotonic_increasing
        or typical.groupby("cluster")["distance"].is_monotonic_increasing.all()
    )


small_tables = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4)), min_size=8, max_size=25
).filter(lambda rows: len(set(rows)) > 5 and all(len(set(column)) > 1 for column in zip(*rows, strict=True)))


@given(small_tables, st.randoms(use_true_random=False))
@settings(max_examples=12, deadline=None)
def test_the_order_of_the_rows_does_not_matter(rows, chance):
    dataset = dataset_of_values(np.array(rows, dtype=float))
    order = list(range(len(rows)))
    chance.shuffle(order)
    shuffled = dataset.with_frame(dataset.frame.iloc[order].reset_index(drop=True), dataset.codebook)
    options = {"k_range": range(2, 5), "n_starts": 2}
    one = clusters.find_types(dataset, ["x1", "x2", "x3"], **options)
    other = clusters.find_types(shuffled, ["x1", "x2", "x3"], **options)
    assert one.villages.to_csv() == other.villages.to_csv()
    assert one.profile.table.to_csv() == other.profile.table.to_csv()
    assert sorted(one.villages["cluster"].unique()) == list(range(1, one.k + 1))


PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from test_clusters_find import everything_told
print(everything_told(n_jobs=int(sys.argv[2])))
"""


def everything_told(*, n_jobs: int) -> str:
    """Write out a result with all its numbers and words."""
    dataset = dataset_of_values(np.random.default_rng(3).normal(size=(200, 3)).round(1))
    options = {"k_range": [2, 3, 4], "n_starts": 4, "n_draws": 4, "seed": 7}
    typology = clusters.find_types(dataset, ["x1", "x2", "x3"], n_jobs=n_jobs, **options)
    frames = typology.villages, typology.choice.table, typology.profile.table, typology.typical
    return " ".join([*(frame.to_csv() for frame in frames), typology.in_words("id")])


@pytest.mark.parametrize("n_jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_neither_workers_nor_the_hash_seed_change_a_byte(n_jobs):
    """Another interpreter, with a hash seed of its own, says the same."""
    elsewhere = subprocess.check_output(
        [sys.executable, "-c", PROGRAM, str(Path(__file__).parent), str(n_jobs)],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        text=True,
    )
    assert elsewhere == everything_told(n_jobs=1) + "\n"
    assert len(elsewhere) > 10_000


def test_the_seed_is_the_only_chance():
    values = np.random.default_rng(4).normal(size=(60, 3))
    options = {"k_range": [2, 3], "n_starts": 3, "n_draws": 2, "seed": 5}
    runs = [clusters.find_types(dataset_of_values(values), ["x1", "x2", "x3"], **options) for _ in range(2)]
    assert runs[0].villages.equals(runs[1].villages)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"seed": -1}, "seed: -1 was given. Give a whole number of 0 or more"),
        ({"n_draws": -1}, "n_draws: -1 was given. Give a whole number of 0 or more"),
        ({"n_starts": 0}, "n_starts: 0 was given. Give a whole number of 1 or more"),
        ({"scale": "minmax"}, "there is no 'minmax' here. Choose from: z, none"),
        ({"seed": -1, "min_size": 3}, r"(?s)seed: -1 was given.*min_size: it belongs to"),
    ],
)
def test_options_that_mean_nothing_are_refused_all_at_once(option, message):
    dataset = dataset_of_values(np.arange(12.0).reshape(6, 2))
    with pytest.raises(BadInput, match=message):
        clusters.find_types(dataset, ["x1", "x2"], k=2, **option)


def test_one_variable_is_enough():
    values = np.array([[1.0], [1.1], [1.2], [5.0], [5.1], [5.2]])
    assert clusters.find_types(dataset_of_values(values), ["x1"], k_range=range(2, 4)).k == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 1}, "Ask for 2 types or more"),
        ({"k_range": []}, "nothing was asked for"),
        ({"k": 4}, r"4 types .* but 4 villages can be compared, with 3 different .* at most 3 types"),
        ({"k_range": range(5, 9)}, "5 types were asked for"),
    ],
)
def test_impossible_numbers_of_types_are_refused(options, message):
    values = np.array([[0.0], [1.0], [9.0], [9.0]])
    with pytest.raises(BadInput, match=message):
        clusters.find_types(dataset_of_values(values), ["x1"], **options)


def test_two_villages_are_too_few():
    with pytest.raises(BadInput, match="2 villages can be compared"):
        clusters.find_types(dataset_of_values(np.array([[0.0], [1.0]])), ["x1"])


def test_numbers_of_types_the_data_does_not_allow_are_not_tried_and_that_is_said():
    values = np.array([[0.0], [1.0], [8.0], [9.0], [9.5]])
    choice = clusters.find_types(dataset_of_values(values), ["x1"]).choice
    assert choice.table.index.tolist() == [2, 3, 4]
    assert choice.reasons[-1].text("en") == (
        "5 types or more were not tried: only 5 different profiles can be compared"
    )


def test_villages_without_structure_are_said_to_have_none():
    values = np.random.default_rng(6).normal(size=(187, 8))
    typology = clusters.find_types(dataset_of_values(values), [f"x{n}" for n in range(1, 9)])
    assert "there are hardly any groups" in typology.in_words("en")
    assert "hampir tidak ada kelompok" in typology.in_words("id")


def test_the_result_knows_where_it_comes_from():
    dataset = dataset_of_values(planted(2)[0], made=True)
    typology = clusters.find_types(dataset, ["x1", "x2"], k=2, seed=9, n_starts=4)
    assert typology.input_hash == dataset.content_hash
    assert (typology.seed, typology.n_starts, typology.scale, typology.choice) == (9, 4, "z", None)
    assert typology.made
    assert set(typology.versions) == {"python", "numpy", "pandas", "scikit-learn"}


@pytest.mark.slow
def test_the_whole_country_is_grouped_and_no_village_lost(shared):
    dataset = idm_dataset(shared / "data" / "idm-2024" / "idm2024_nasional.csv.gz")
    typology = clusters.find_types(dataset, IDM, k_range=range(2, 6), n_starts=4)
    assert len(dataset.frame) == 74_760
    assert (len(typology.villages), len(typology.left_out)) == (74_756, 4)
    assert (typology.k, typology.choice.recommended) == (2, 2)
    assert typology.choice.table["silhouette"].idxmax() == 3
    assert typology.choice.table.loc[3, "silhouette"] == pytest.approx(0.3795, abs=5e-4)
    assert typology.n_reference == 74_756
