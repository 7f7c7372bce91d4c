"""Types found by other methods than k-means, through the same entry and with the same result."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.sparse.csgraph import connected_components
from village_tables import dataset_of_values

from pk_research import clusters
from pk_research.clusters.partition import adjusted_rand_index
from pk_research.errors import BadInput
from pk_research.indicators.spatial import from_pairs


def long_groups(seed: int = 1, n: int = 180) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    group = np.arange(n) % 3
    values = rng.normal(size=(n, 2)) * [4, 0.5]
    values[:, 1] += 4 * group
    return values, group


def agreement(typology: clusters.Typology, group: np.ndarray) -> float:
    own = typology.villages["cluster"].to_numpy() - 1
    return adjusted_rand_index(own, group, weights=np.ones(len(own)))


def test_a_gaussian_mixture_finds_the_long_groups_that_k_means_cuts():
    values, group = long_groups()
    dataset = dataset_of_values(values)
    options = {"k_range": range(2, 6), "n_starts": 3}
    by_k_means = clusters.find_types(dataset, ["x1", "x2"], **options)
    by_mixture = clusters.find_types(dataset, ["x1", "x2"], method="gaussian_mixture", **options)
    assert by_k_means.choice.recommended == by_mixture.choice.recommended == by_mixture.k == 3
    assert agreement(by_k_means, group) < 0.5
    assert agreement(by_mixture, group) > 0.95
    told = by_mixture.in_words("en")
    assert "k-means draws them differently" not in told
    assert "The types were found as a Gaussian mixture" in told
    assert "Tipe-tipe ditentukan sebagai campuran Gauss" in by_mixture.in_words("id")


@pytest.mark.parametrize("method", ["ward", "gaussian_mixture"])
def test_repetitions_use_the_method_itself(method):
    centres = np.repeat([[0.0, 0.0], [8.0, 0.0], [0.0, 8.0]], 25, axis=0)
    values = centres + np.random.default_rng(3).normal(size=centres.shape)
    typology = clusters.find_types(
        dataset_of_values(values), ["x1", "x2"], method=method, k=3, n_starts=2, n_draws=8
    )
    assert typology.villages["probability"].median() == 1.0
    assert agreement(typology, np.repeat([0, 1, 2], 25)) == 1.0


def test_a_tree_has_no_starts_to_tell_of():
    values, _ = long_groups(n=60)
    typology = clusters.find_types(dataset_of_values(values), ["x1", "x2"], method="ward", k=2)
    assert "starts of the calculation" not in typology.in_words("en")


def test_regions_are_each_in_one_piece():
    """A chain of 40 villages whose values alternate: alike villages are not neighbours."""
    values = np.column_stack([np.arange(40) % 2, np.arange(40) / 10.0])
    dataset = dataset_of_values(values)
    codes = dataset.frame["village_code"].astype(str).tolist()
    chain = from_pairs(codes, list(pairwise(codes)))
    typology = clusters.find_types(dataset, ["x1", "x2"], k=4, method="spatial_ward", neighbours=chain)
    assert typology.k == 4
    for _, members in typology.villages.groupby("cluster"):
        among = chain.only(members["village_code"].astype(str).tolist()).matrix
        assert connected_components(among, directed=False)[0] == 1
    assert "each in one piece" in typology.in_words("en")


def test_everything_wrong_with_the_method_is_told():
    dataset = dataset_of_values(np.arange(12.0)[:, None])
    with pytest.raises(BadInput, match="there is no 'kmeans' here"):
        clusters.find_types(dataset, ["x1"], k=2, method="kmeans")
    with pytest.raises(BadInput, match="they belong to the method 'spatial_ward'") as told:
        clusters.find_types(dataset, ["x1"], k=2, method="spatial_ward", n_draws=5)
    assert "no longer neighbours" in str(told.value)


@pytest.mark.slow
def test_the_number_of_workers_changes_nothing():
    values, _ = long_groups(n=60)
    one, two = (
        clusters.find_types(
            dataset_of_values(values),
            ["x1", "x2"],
            k_range=[2, 3],
            method="gaussian_mixture",
            n_starts=2,
            n_draws=4,
            n_jobs=n_jobs,
        )
        for n_jobs in (1, 2)
    )
    pd.testing.assert_frame_equal(one.villages, two.villages, check_exact=True)


def test_a_number_of_types_that_the_method_did_not_fill_is_not_blamed_on_the_villages():
    """Three heaps without any width: a mixture of more types leaves some of them empty."""
    heaps = np.repeat([[0.0, 0.0], [9.0, 9.0], [20.0, 0.0]], 10, axis=0)
    values = heaps + np.random.default_rng(0).normal(size=heaps.shape) * 0.01
    choice = clusters.find_types(
        dataset_of_values(values), ["x1", "x2"], method="gaussian_mixture", k_range=[3, 8], n_starts=2
    ).choice
    assert choice.k == 3
    assert 8 not in choice.table.index
    last = choice.reasons[-1]
    assert last.text("en") == "The method did not fill so many types, and ended with fewer: 8"
    assert last.text("id").endswith("berakhir dengan lebih sedikit: 8")
