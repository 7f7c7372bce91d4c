"""Missing numbers imputed many times: the types rest on the mean, and the doubt is told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from village_tables import dataset_of_values

from pk_research import clusters
from pk_research.clusters.imputed import imputed_points
from pk_research.clusters.partition import adjusted_rand_index
from pk_research.errors import BadInput

NAMES = ["x1", "x2", "x3"]


def three_groups(n: int = 90, *, noise: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Three groups on a line: what a village lacks can be read off what it has."""
    rng = np.random.default_rng(3)
    group = np.arange(n) % 3
    return 4.0 * group[:, None] + noise * rng.normal(size=(n, 3)), group


def with_gaps(values: np.ndarray) -> np.ndarray:
    """Every fifth village lacks one value in turn; one lacks all."""
    values = values.copy()
    for n in range(0, len(values), 5):
        values[n, (n // 5) % 3] = np.nan
    values[7] = np.nan
    return values


@pytest.mark.parametrize("method", ["k_means", "gaussian_mixture", "ward"])
def test_villages_with_gaps_find_their_group(method):
    values, group = three_groups(60)
    dataset = dataset_of_values(with_gaps(values))
    options = {"method": method, "k_range": [2, 3], "n_starts": 1}
    typology = clusters.find_types(dataset, NAMES, gaps="impute", n_imputations=2, **options)
    assert typology.k == 3
    assert typology.left_out["village_code"].tolist() == ["3216012007"]
    own = np.delete(group, 7)
    found = typology.villages["cluster"].to_numpy() - 1
    assert adjusted_rand_index(found, own, weights=np.ones(59)) == 1
    assert len(clusters.find_types(dataset, NAMES, **options).villages) == 59 - 12


def test_what_was_imputed_is_counted_marked_and_stays_missing():
    values, _ = three_groups()
    dataset = dataset_of_values(with_gaps(values), made=True)
    typology = clusters.find_types(dataset, NAMES, k=3, gaps="impute", n_imputations=2, n_starts=2)
    assert typology.steps[-1].n_rows == 18
    assert typology.steps[-1].what.text("en") == (
        "Villages had missing values imputed 2 times for the grouping only: 18 values"
    )
    villages = typology.villages
    assert (villages["n_imputed"] == villages[NAMES].isna().sum(axis=1)).all()
    assert villages["n_imputed"].sum() == 18
    assert typology.villages_table("en")["Values imputed"].sum() == 18
    assert (typology.certainty.n_draws, typology.certainty.n_variants) == (2, 2)
    assert "18 values of 18 villages. The types rest on the mean of the imputations" in typology.in_words(
        "en"
    )
    assert "Nilai kosong diimputasi 2 kali" in typology.in_words("id")
    known = villages.loc[villages["cluster"] == 1, "x1"]
    first = typology.profile.table.query("cluster == 1 and variable == 'x1'").iloc[0]
    assert (first["n"], first["mean"]) == (known.notna().sum(), pytest.approx(known.mean()))


def test_a_village_whose_missing_value_decides_is_doubtful():
    """Only x1 tells two groups apart, and nothing tells the missing x1."""
    rng = np.random.default_rng(8)
    values = np.column_stack([np.repeat([0.0, 10.0], 40), 0.1 * rng.normal(size=80)])
    values[:4, 0] = np.nan
    villages = clusters.find_types(
        dataset_of_values(values),
        ["x1", "x2"],
        k=2,
        scale="none",
        gaps="impute",
        n_imputations=12,
        n_starts=1,
    ).villages
    assert (villages["probability"][:4] < 0.9).all()
    assert villages["is_border"][:4].any()
    assert (villages["probability"][4:] == 1).all()


@given(st.integers(0, 999), st.sampled_from(["k_means", "ward"]), st.sampled_from(["z", "none"]))
@settings(max_examples=4, deadline=None)
def test_without_gaps_nothing_is_imputed_and_nothing_differs(seed, method, scale):
    dataset = dataset_of_values(np.random.default_rng(seed).normal(size=(30, 3)))
    options = {"method": method, "scale": scale, "k_range": [2, 3], "n_starts": 2, "n_draws": 2}
    plain = clusters.find_types(dataset, NAMES, **options)
    imputed = clusters.find_types(dataset, NAMES, gaps="impute", **options)
    assert imputed.villages["n_imputed"].sum() == 0
    pd.testing.assert_frame_equal(
        imputed.villages.drop(columns="n_imputed"), plain.villages, check_exact=True
    )
    assert imputed.in_words("en") == plain.in_words("en")


def test_the_seed_is_the_only_chance():
    dataset = dataset_of_values(with_gaps(three_groups()[0]))
    options = {"k": 3, "gaps": "impute", "n_imputations": 2, "n_starts": 1, "n_draws": 3}
    one = clusters.find_types(dataset, NAMES, **options)
    shuffled = dataset.with_frame(dataset.frame[::-1].reset_index(drop=True), dataset.codebook)
    again = clusters.find_types(shuffled, NAMES, **options)
    pd.testing.assert_frame_equal(one.villages, again.villages, check_exact=True)
    assert (one.certainty.n_draws, one.certainty.n_variants) == (3, 2)
    other = clusters.find_types(dataset, NAMES, **options, seed=1)
    assert not np.array_equal(one.certainty.probability, other.certainty.probability)


@pytest.mark.slow
def test_the_number_of_workers_changes_nothing():
    dataset = dataset_of_values(with_gaps(three_groups()[0]))
    options = {"k": 3, "gaps": "impute", "n_imputations": 4, "n_starts": 2, "n_draws": 8}
    one, two = (clusters.find_types(dataset, NAMES, **options, n_jobs=n_jobs) for n_jobs in (1, 2))
    pd.testing.assert_frame_equal(one.villages, two.villages, check_exact=True)


def test_villages_are_the_same_only_where_every_imputation_says_so():
    values = np.array([[1.0, 1.0], [1.0, 1.0], [3.0, 2.0], [5.0, 3.5], [4.0, np.nan], [4.0, np.nan]])
    found = imputed_points(values, n_imputations=2, seed=1)
    assert found.points.weights.tolist() == [2, 1, 1, 1, 1]
    assert all(variant.shape == found.points.rows.shape for variant in found.variants)
    complete = found.points.index[:4]
    for variant in found.variants:
        assert np.array_equal(variant[complete], found.points.rows[complete])
    assert len({float(variant[found.points.index[4], 1]) for variant in found.variants}) > 1


def test_one_imputation_is_none():
    dataset = dataset_of_values(with_gaps(three_groups()[0]))
    with pytest.raises(BadInput, match=r"1 were asked for\. Ask for 2 or more"):
        clusters.find_types(dataset, NAMES, k=3, gaps="impute", n_imputations=1)
