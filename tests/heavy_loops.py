"""Run every heavy loop of the package where PK_COMPUTE says, and print a hash of each result's bytes.

Run as a program by `test_compute.py`; with arguments, only the loops named.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import fields, is_dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from threadpoolctl import threadpool_info
from village_tables import dataset_of_values

from pk_research import clusters
from pk_research.clusters import methods
from pk_research.clusters.certainty import certainty_of
from pk_research.clusters.mixed import mixed
from pk_research.clusters.partition import distinct_points, partitions
from pk_research.clusters.stability import bootstrap_stability
from pk_research.clusters.threads import one_thread
from pk_research.compute import computing
from pk_research.indicators import composite, spatial

SEED = 7
RNG = np.random.default_rng(3)
VALUES = (2 * RNG.normal(size=(3, 4))[RNG.integers(0, 3, 150)] + RNG.normal(size=(150, 4))).round(2)
MANY = RNG.normal(size=(4000, 6))


def bytes_of(result: object) -> bytes:
    """Return everything a result holds, to the last bit."""
    match result:
        case np.ndarray():
            written = repr((result.shape, result.dtype.str)).encode() + result.tobytes()
        case pd.DataFrame() | pd.Series():
            written = pd.DataFrame(result).to_csv(float_format=float.hex).encode()
        case tuple() | list():
            written = b"".join(map(bytes_of, result))
        case dict():
            written = bytes_of(list(result.items()))
        case float():
            written = result.hex().encode()
        case _ if is_dataclass(result):
            written = bytes_of([getattr(result, field.name) for field in fields(result)])
        case _:
            written = repr(result).encode()
    return written


def find_types() -> object:
    dataset = dataset_of_values(VALUES)
    return clusters.find_types(
        dataset, ["x1", "x2", "x3"], k_range=[2, 3], n_draws=30, thorough=True, seed=SEED
    )


def stability() -> object:
    points = distinct_points(VALUES)
    return bootstrap_stability(points, partitions(points, [2, 4], seed=SEED), n_draws=30, seed=SEED)


def long_stability() -> object:
    """Some seconds of work on data large enough to be sent by itself."""
    points = distinct_points(MANY)
    return bootstrap_stability(points, partitions(points, [5, 9], n_starts=2, seed=SEED), seed=SEED)


def certainty() -> object:
    points = distinct_points(VALUES)
    labels = partitions(points, [3], seed=SEED)[0].labels
    other = points.rows + np.random.default_rng(1).normal(scale=0.1, size=points.rows.shape)
    return certainty_of(points, labels, variants=[other], n_draws=40, seed=SEED)


def mixture() -> object:
    return methods.gaussian_mixture(distinct_points(VALUES), [2, 3], n_starts=2, seed=SEED)


def medoids() -> object:
    frame = pd.DataFrame(VALUES[:, :2], columns=["km", "umkm"]).assign(
        road=np.where(VALUES[:, 2] > 0, "a", "b")
    )
    villages = mixed(frame, {"km": "numeric", "umkm": "numeric", "road": "nominal"})
    return methods.k_medoids(villages, [2, 3], seed=SEED)


def index() -> object:
    table = [[f"x{n}", 1, 1, "index"] for n in (1, 2, 3, 4)] + [["index", 1, 1, None]]
    declared = composite.declare(pd.DataFrame(table, columns=["indicator", "direction", "weight", "parent"]))
    found = composite.monte_carlo(
        composite.build_index(dataset_of_values(VALUES), declared),
        alternatives={"normalisation": ["min-max", "z", "rank"], "weighting": ["equal", "pca"]},
        weight_noise=0.3,
        n_draws=150,
        seed=SEED,
    )
    return found.intervals, found.mean_shift


def permutations() -> object:
    places = pd.DataFrame({"longitude": VALUES[:, 0] / 9 + 107, "latitude": VALUES[:, 1] / 9 - 6})
    places.index = pd.Index([f"v{n:03}" for n in range(len(places))])
    values = pd.Series(VALUES[:, 2], places.index)
    return spatial.moran(values, spatial.nearest(places, k=4), n_permutations=499, seed=SEED)


def threads() -> object:
    """Return the most threads a task may use, task by task."""
    return Parallel()(delayed(most_threads)() for _ in range(4))


def most_threads() -> int:
    with one_thread():
        return max(pool["num_threads"] for pool in threadpool_info())


USUAL = [find_types, stability, certainty, mixture, medoids, index, permutations, threads]
LOOPS = {loop.__name__: loop for loop in [*USUAL, long_stability]}


def digest(result: object) -> str:
    return hashlib.sha256(bytes_of(result)).hexdigest()


if __name__ == "__main__":
    names = sys.argv[1:] or [loop.__name__ for loop in USUAL]
    with computing():
        for name in names:
            sys.stdout.write(f"{name} {digest(LOOPS[name]())}\n")
