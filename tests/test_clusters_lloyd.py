"""k-means of many draws at once finds what scikit-learn's finds, label by label."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris

from pk_research.clusters import lloyd
from pk_research.clusters.cloud import Drawn
from pk_research.clusters.lloyd import k_means
from pk_research.clusters.threads import one_thread


def overlapping(n: int, variables: int, seed: int) -> np.ndarray:
    """Three types that overlap, so that Lloyd's steps are many."""
    rng = np.random.default_rng(seed)
    return 1.3 * rng.normal(size=(3, variables))[rng.integers(0, 3, n)] + rng.normal(size=(n, variables))


def draws_of(rows: np.ndarray, n_draws: int, *, heavy: bool = False) -> list[Drawn]:
    """Draws with replacement, each point once; ``heavy``: each as often as it was drawn."""
    drawn = []
    for seed in range(n_draws):
        n_times = np.bincount(np.random.default_rng(seed).integers(len(rows), size=len(rows)))
        among = np.flatnonzero(n_times)
        weights = n_times[among] if heavy else np.ones(len(among))
        drawn.append(Drawn(rows[among], weights, seed))
    return drawn


def by_scikit_learn(drawn: Drawn, k: int, n_starts: int) -> KMeans:
    with one_thread():
        return KMeans(k, n_init=n_starts, random_state=drawn.seed).fit(
            drawn.rows, sample_weight=drawn.weights
        )


@pytest.fixture
def fallen_back(monkeypatch) -> list[Drawn]:
    """The draws that were given to scikit-learn."""
    given, original = [], lloyd._by_scikit_learn

    def counted(drawn, *args, **options):
        given.append(drawn)
        return original(drawn, *args, **options)

    monkeypatch.setattr(lloyd, "_by_scikit_learn", counted)
    return given


@pytest.mark.parametrize("k", [2, 3, 7])
@pytest.mark.parametrize("heavy", [False, True])
def test_labels_are_those_of_scikit_learn_over_many_seeds(k, heavy, fallen_back):
    drawn = draws_of(overlapping(187, 8, seed=k), 40, heavy=heavy)
    for one, found in zip(drawn, k_means(drawn, k, n_starts=5), strict=True):
        theirs = by_scikit_learn(one, k, 5)
        assert found.labels.tolist() == theirs.labels_.tolist()
        assert found.centres == pytest.approx(theirs.cluster_centers_, abs=1e-12)
    assert not fallen_back


@pytest.mark.slow
@pytest.mark.parametrize("k", range(2, 11))
@pytest.mark.parametrize("variables", [1, 3, 8, 40])
def test_labels_are_those_of_scikit_learn_over_hundreds_of_seeds(k, variables, fallen_back):
    """With one variable ties are common: of two points left alone, either is as good a centre."""
    drawn = draws_of(overlapping(187, variables, seed=variables), 100)
    for one, found in zip(drawn, k_means(drawn, k, n_starts=5), strict=True):
        assert found.labels.tolist() == by_scikit_learn(one, k, 5).labels_.tolist()
    assert len(fallen_back) < (60 if variables == 1 else 2)


@pytest.mark.slow
@pytest.mark.parametrize("k", [2, 5, 10])
def test_labels_are_those_of_scikit_learn_for_thousands_of_villages(k, fallen_back):
    drawn = draws_of(overlapping(5_300, 8, seed=k), 10)
    for one, found in zip(drawn, k_means(drawn, k, n_starts=5), strict=True):
        assert found.labels.tolist() == by_scikit_learn(one, k, 5).labels_.tolist()
    assert not fallen_back


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
@pytest.mark.parametrize(
    ("rows", "k"),
    [
        pytest.param(load_iris().data, 3, id="flowers rounded to millimetres"),
        pytest.param(np.unique(np.random.default_rng(0).integers(1, 6, (80, 2)), axis=0) * 1.0, 4, id="grid"),
        pytest.param(1e9 + overlapping(60, 2, seed=0), 3, id="far from zero"),
        pytest.param(1e-30 * overlapping(60, 2, seed=0), 3, id="very small"),
        pytest.param(1e30 * overlapping(60, 2, seed=0), 3, id="very large"),
        pytest.param(1e-200 * overlapping(60, 2, seed=0), 3, id="squares vanish"),
        pytest.param(np.arange(300.0)[:, None], 130, id="more groups than eight bits count"),
        pytest.param(np.arange(6.0)[:, None], 5, id="almost as many groups as points"),
        pytest.param(np.arange(6.0)[:, None], 1, id="one group"),
    ],
)
def test_labels_are_those_of_scikit_learn_where_data_is_awkward(rows, k):
    drawn = [Drawn(rows, np.ones(len(rows)), seed) for seed in range(20)]
    for one, found in zip(drawn, k_means(drawn, k, n_starts=3), strict=True):
        assert found.labels.tolist() == by_scikit_learn(one, k, 3).labels_.tolist()


def test_a_tie_is_left_to_scikit_learn(fallen_back):
    """The point in the middle is as near to either end."""
    rows = np.array([[-2.0], [-1.0], [0.0], [1.0], [2.0]])
    drawn = [Drawn(rows, np.ones(5), seed) for seed in range(20)]
    found = k_means(drawn, 2, n_starts=3)
    assert [one.labels.tolist() for one in found] == [
        by_scikit_learn(one, 2, 3).labels_.tolist() for one in drawn
    ]
    assert fallen_back


def test_a_draw_does_not_depend_on_those_beside_it():
    drawn = draws_of(overlapping(100, 4, seed=1), 6)
    together = k_means(drawn, 4, n_starts=3)
    alone = [k_means([one], 4, n_starts=3)[0] for one in drawn]
    assert [one.labels.tolist() for one in together] == [one.labels.tolist() for one in alone]


def test_centres_may_be_given():
    drawn = draws_of(overlapping(300, 3, seed=2), 5)
    begun = [one.rows[:4] for one in drawn]
    for one, centres, found in zip(drawn, begun, k_means(drawn, 4, n_starts=1, centres=begun), strict=True):
        theirs = KMeans(4, n_init=1, init=centres).fit(one.rows, sample_weight=one.weights)
        assert found.labels.tolist() == theirs.labels_.tolist()


def test_values_that_are_missing_are_refused_as_by_scikit_learn():
    with pytest.raises(ValueError, match="NaN"):
        k_means([Drawn(np.array([[0.0], [np.nan], [1.0]]), np.ones(3), 0)], 2, n_starts=1)


def test_no_draws_have_no_groups():
    assert k_means([], 3, n_starts=5) == []
