"""How many groups there are, one included: the dip of a list, and valleys between villages."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from village_tables import dataset_of_values

from pk_research import clusters
from pk_research.clusters.dip import dip, dip_p_value, simulated_quantiles
from pk_research.clusters.partition import distinct_points
from pk_research.clusters.valleys import find_valleys

N = 187


def dip_by_linear_programmes(sample: np.ndarray) -> float:
    """Find the closest distribution with one mode, one linear programme for every place of the mode.

    Unlike in the dip of Hartigan and Hartigan it may put weight on the mode itself, so it is
    never larger than the dip.
    """
    x, counts = np.unique(sample, return_counts=True)
    after = np.cumsum(counts) / len(sample)
    before = after - counts / len(sample)
    return min(_closest_with_mode(x, before, after, place / 2) for place in range(2 * len(x) - 1))


def _closest_with_mode(x: np.ndarray, before: np.ndarray, after: np.ndarray, mode: float) -> float:
    n = len(x)
    rows, bounds, equal = [], [], []

    def at_most(bound: float, *terms: tuple[int, float]) -> None:
        row = np.zeros(2 * n + 1)
        for column, factor in terms:
            row[column] += factor
        rows.append(row)
        bounds.append(bound)

    for i in range(n):
        for column, height in ((i, before[i]), (n + i, after[i])):
            at_most(height, (column, 1), (2 * n, -1))
            at_most(-height, (column, -1), (2 * n, -1))
        at_most(0, (i, 1), (n + i, -1))
        if i < n - 1:
            at_most(0, (n + i, 1), (i + 1, -1))
        if i != mode:
            equal.append(np.eye(2 * n + 1)[i] - np.eye(2 * n + 1)[n + i])
    for i in range(n - 2):
        first, last = 1 / (x[i + 1] - x[i]), 1 / (x[i + 2] - x[i + 1])
        if i + 2 <= mode:
            at_most(0, (n + i, -first), (i + 1, first + last), (i + 2, -last))
        if i >= mode:
            at_most(0, (n + i, first), (n + i + 1, -first - last), (i + 2, last))
    found = linprog(
        np.eye(2 * n + 1)[-1],
        A_ub=np.array(rows),
        b_ub=bounds,
        A_eq=np.array(equal) if equal else None,
        b_eq=np.zeros(len(equal)) if equal else None,
        bounds=[(None, None)] * (2 * n) + [(0, None)],
    )
    return float(found.fun)


def test_the_dip_of_two_points_is_the_largest_there_is():
    assert dip(np.array([1.0, 1.0, 2.0, 2.0])) == 0.25


def test_the_dip_of_a_bent_line_is_the_smallest_there_is():
    assert dip(np.cumsum([0.0, 1.0, 2.0, 3.0])) == 1 / 8


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ([0, 0, 0, 1, 1, 3, 3, 3, 4, 4], 1 / 6),
        ([1, 2, 4, 8, 16, 32], 1 / 12),
        ([1, 2, 3, 11, 12, 13], 0.2),
        ([5, 1, 1, 1, 9, 9, 2], 1 / 7),
        ([0, 3, 3, 3, 3, 4, 7, 7, 7, 8], 0.15),
    ],
)
def test_the_dip_is_that_of_the_diptest_package(sample, expected):
    """Figures of diptest 0.12, the port of the code of R's package."""
    assert dip(np.array(sample)) == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.integers(0, 9), min_size=4, max_size=14).filter(lambda values: len(set(values)) > 1))
def test_no_distribution_with_one_mode_is_farther_than_the_dip(values):
    sample = np.array(values, dtype=float)
    assert dip_by_linear_programmes(sample) <= dip(sample) + 1e-9


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=4, max_size=40))
def test_the_dip_does_not_depend_on_direction_or_unit(values):
    sample = np.array(values)
    assert dip(-sample) == pytest.approx(dip(sample), abs=1e-9)
    assert dip(4 * sample) == pytest.approx(dip(sample), abs=1e-9)


def test_the_table_of_the_dip_is_what_a_simulation_gives():
    """Hartigan and Hartigan (1985), table 1, give 0.0471 as the 90% point for 100 values."""
    ninety, ninety_five = simulated_quantiles(100, [0.90, 0.95], n_draws=3_000, seed=1)
    assert ninety == pytest.approx(0.471, abs=0.01)
    lower, upper = np.r_[0:0.5:50j, 0.5:1:50j], np.r_[0:0.4:50j, 0.6:1:50j]
    assert dip_p_value(lower) > 0.9
    assert dip_p_value(upper) < 0.05
    assert 10 * dip(upper) > ninety_five


def test_a_list_too_short_to_tell_has_no_small_probability():
    assert dip_p_value(np.array([0.0, 0.1, 9.0])) == 1.0


def without_groups(kind: str, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if kind == "uniform":
        return rng.random((N, 3))
    heap = rng.normal(size=(N, 4)) @ rng.normal(size=(4, 4))
    return np.exp(heap / 2) if kind == "skewed" else heap


def with_groups(kind: str, seed: int) -> tuple[np.ndarray, int]:
    """Plant groups: 3 to 5 alike; 3 of 110, 55 and 22 villages and different width; 3 long parallel ones."""
    rng = np.random.default_rng(seed)
    if kind == "elongated":
        values = rng.normal(size=(N, 2)) * [4, 0.5]
        values[:, 1] += 4 * (np.arange(N) % 3)
        angle = rng.uniform(0, np.pi)
        return values @ [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], 3
    sizes, widths = ([110, 55, 22], [1.5, 1, 0.5]) if kind == "unequal" else ([40] * (3 + seed % 3), [1] * 5)
    centres = _apart(len(sizes), 7, rng)
    heaps = [
        centre + width * rng.normal(size=(size, 3))
        for centre, width, size in zip(centres, widths, sizes, strict=False)
    ]
    return np.vstack(heaps), len(sizes)


def _apart(k: int, least: float, rng: np.random.Generator) -> np.ndarray:
    while True:
        centres = rng.uniform(-8, 8, size=(k, 3))
        distances = np.linalg.norm(centres[:, None] - centres, axis=2)[np.triu_indices(k, 1)]
        if distances.min() >= least:
            return centres


SEEDS = [pytest.param(10), pytest.param(100, marks=pytest.mark.slow)]


@pytest.mark.parametrize("n_seeds", SEEDS)
@pytest.mark.parametrize("kind", ["uniform", "heap", "skewed"])
def test_data_without_groups_is_said_to_have_none(kind, n_seeds):
    found = [find_valleys(distinct_points(without_groups(kind, seed))).k for seed in range(n_seeds)]
    assert found.count(1) >= 0.95 * n_seeds


@pytest.mark.parametrize("n_seeds", SEEDS)
@pytest.mark.parametrize("kind", ["easy", "unequal", "elongated"])
def test_planted_groups_are_counted(kind, n_seeds):
    right = 0
    for seed in range(n_seeds):
        values, k = with_groups(kind, seed)
        right += find_valleys(distinct_points(values)).k == k
    assert right >= 0.9 * n_seeds


def test_rounded_values_are_not_groups():
    """Scores in whole tens make twenty heaps for a naive test of every value."""
    values = np.random.default_rng(3).normal(size=(N, 3)).round(0)
    assert find_valleys(distinct_points(values)).k == 1


def test_too_few_villages_are_not_judged():
    values = np.array([[0.0], [1.0], [2.0], [9.0], [9.5]])
    assert find_valleys(distinct_points(values)) is None
    choice = clusters.find_types(dataset_of_values(values), ["x1"]).choice
    assert choice.reasons[0].text("en") == "5 villages are too few to tell whether there are groups"


def test_large_data_is_judged_on_drawn_villages():
    values = np.vstack([np.random.default_rng(1).normal(centre, size=(1_500, 2)) for centre in (0, 9)])
    found = find_valleys(distinct_points(values))
    assert (found.k, found.n_measured) == (2, 2_000)


def test_one_skewed_variable_is_not_strong_groups():
    """Its silhouette is large, since most villages crowd at the low end; there is no valley."""
    values = np.exp(np.random.default_rng(5).normal(size=(N, 1)))
    typology = clusters.find_types(dataset_of_values(values), ["x1"])
    assert typology.choice.recommended == 1
    assert typology.choice.table["silhouette"].max() > 0.5
    told = typology.in_words("en")
    assert "No groups were found" in told
    assert "comes from values with a long tail, not from groups" in told
    assert "strong" not in told


def test_long_groups_are_counted_and_k_means_is_said_to_miss_them():
    values, _ = with_groups("elongated", 1)
    typology = clusters.find_types(dataset_of_values(values), ["x1", "x2"])
    assert typology.choice.recommended == 3
    assert "k-means draws them differently" in typology.in_words("en")
    assert "k-means memotongnya dengan cara lain" in typology.in_words("id")


@pytest.mark.slow
def test_the_number_of_workers_changes_nothing():
    values, _ = with_groups("unequal", 4)
    one, two = (find_valleys(distinct_points(values), n_jobs=n_jobs) for n_jobs in (1, 2))
    assert one.by_pieces == two.by_pieces
    assert (one.labels == two.labels).all()
