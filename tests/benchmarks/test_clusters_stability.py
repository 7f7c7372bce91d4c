"""How long bootstrap stability takes against the loop a researcher would write with scikit-learn.

Both group the same drawn villages from the same starts, in one run, one after the other, so the
results are equal. The plain loop is measured as it comes, with a thread for every core in each
k-means, and on one thread, which is faster where other work keeps the cores busy. The country
(``PK_BENCH_FULL=1``) is measured alone, since there the starts are compared on 5,000 of the drawn
villages.
"""

from __future__ import annotations

import os
import time

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.cluster import KMeans

from pk_research.clusters.partition import Partition, Points, distinct_points, partitions
from pk_research.clusters.stability import DRAW, FIRST_ON, bootstrap_stability
from pk_research.clusters.threads import one_thread

K_RANGE = range(2, 11)
DRAWS = 100
STARTS = 5


def villages(n: int) -> Points:
    """Made villages of three types that overlap, eight variables each."""
    rng = np.random.default_rng(0)
    values = 1.3 * rng.normal(size=(3, 8))[rng.integers(0, 3, n)] + rng.normal(size=(n, 8))
    return distinct_points(np.unique(values, axis=0))  # in the order of the points


def plain_stability(rows: np.ndarray, cuts: tuple[Partition, ...]) -> list[np.ndarray]:
    """Draw villages, drop the copies, group them again, and keep the best Jaccard similarity."""
    means = []
    for cut in cuts:
        found = np.zeros((DRAWS, cut.k))
        for draw in range(DRAWS):
            drawn = np.random.default_rng(np.random.SeedSequence(0, spawn_key=(DRAW, draw)))
            among = np.unique(drawn.integers(len(rows), size=len(rows)))
            start = int(np.random.SeedSequence(0, spawn_key=(DRAW, draw, cut.k)).generate_state(1)[0])
            again = KMeans(cut.k, n_init=STARTS, random_state=start).fit(rows[among]).labels_
            before = cut.labels[among]
            for group in range(cut.k):
                mine = before == group
                others = [again == other for other in range(cut.k)]
                found[draw, group] = max((mine & other).sum() / (mine | other).sum() for other in others)
        means.append(found.mean(axis=0))
    return means


@pytest.mark.slow
@pytest.mark.benchmark(group="stability: k = 2..10, 100 draws, 5 starts, 8 variables")
@pytest.mark.parametrize("n", [187, 5_300])
def test_stability_against_plain_scikit_learn(benchmark, tabulate, n):
    points = villages(n)
    cuts = partitions(points, K_RANGE, n_starts=STARTS)
    started = time.perf_counter()
    plain = plain_stability(points.rows, cuts)
    plain_s = time.perf_counter() - started
    started = time.perf_counter()
    with one_thread():
        plain_stability(points.rows, cuts)
    one_thread_s = time.perf_counter() - started
    started = time.perf_counter()
    alone = bootstrap_stability(points, cuts, n_draws=DRAWS, n_starts=STARTS)
    alone_s = time.perf_counter() - started
    with parallel_config(n_jobs=2):
        bootstrap_stability(points, cuts[:1], n_draws=4)  # the workers are up
        firm = benchmark.pedantic(bootstrap_stability, (points, cuts), {"n_draws": DRAWS}, rounds=1)
    for one, two, theirs in zip(alone, firm, plain, strict=True):
        assert one.jaccard.tobytes() == two.jaccard.tobytes()
        assert two.jaccard == pytest.approx(theirs, abs=1e-12)
    if not benchmark.disabled:
        two_s = benchmark.stats.stats.min
        tabulate(
            "bootstrap stability", f"{n:,} villages", plain_s=round(plain_s, 1),
            plain_one_thread_s=round(one_thread_s, 1), alone_s=round(alone_s, 1), two_s=round(two_s, 1),
            ratio=round(plain_s / two_s, 1), ratio_one_thread=round(one_thread_s / two_s, 1),
        )  # fmt: skip


@pytest.mark.slow
@pytest.mark.benchmark(group="stability: the country, k = 2..10, 100 draws, 5 starts, 8 variables")
def test_the_stability_of_the_country(benchmark, tabulate):
    if os.environ.get("PK_BENCH_FULL") != "1":
        pytest.skip("83,000 villages take minutes: PK_BENCH_FULL=1 measures them")
    points = villages(83_000)
    cuts = partitions(points, K_RANGE, n_starts=2)
    with parallel_config(n_jobs=2):
        firm = benchmark.pedantic(bootstrap_stability, (points, cuts), {"n_draws": DRAWS}, rounds=1)
    assert [one.k for one in firm] == list(K_RANGE)
    assert {one.starts_on for one in firm} == {FIRST_ON}
    assert firm[1].lowest > 0.9
    if not benchmark.disabled:
        tabulate("stability of the country", "83,000 villages", two_s=round(benchmark.stats.stats.min, 1))
