"""Silhouettes on Gower's distance: the library's where all is known, and samples of large data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import silhouette_samples

from pk_research.clusters import gower_widths as module
from pk_research.clusters.gower import gower, gower_matrix
from pk_research.clusters.gower_widths import gower_widths, mean_gower_widths, n_reference
from pk_research.clusters.mixed import Mixed, mixed

KINDS = {"road": "nominal", "km": "numeric"}


def villages(n: int = 60, *, gaps: float = 0.0) -> Mixed:
    rng = np.random.default_rng(0)
    group = np.arange(n) % 2
    frame = pd.DataFrame(
        {"road": np.where(group, "earth", "paved"), "km": (10 * group + rng.normal(size=n)).round()}
    )
    frame["road"] = frame["road"].mask(rng.random(n) < gaps)
    return mixed(frame, KINDS)


def groups(table: Mixed) -> np.ndarray:
    return (table.points.rows[:, 1] > 5).astype(int) + (table.points.rows[:, 1] > 10)


def test_complete_villages_are_measured_as_the_library_does():
    table = villages()
    labels = groups(table)
    index = table.points.index
    matrix = gower_matrix(table)[np.ix_(index, index)]
    expected = silhouette_samples(matrix, labels[index], metric="precomputed")
    found = gower_widths(gower(table), table.points, labels)
    assert found.width[index] == pytest.approx(expected)
    assert found.second[labels == 0].tolist() == [1] * int((labels == 0).sum())
    mean = mean_gower_widths(gower(table), table.points, [labels, labels % 2])
    assert mean.means[0] == pytest.approx(expected.mean())
    assert (mean.standard_errors, mean.n_measured) == ((0.0, 0.0), 60)


def test_pairs_without_a_variable_in_common_count_nowhere():
    """A knows only its road, B only its distance: worked by hand from the other pairs."""
    frame = pd.DataFrame({"road": ["earth", None, "earth", "paved"], "km": [None, 0.0, 0.0, 10.0]})
    table = mixed(frame, KINDS)
    of_village = table.points.index
    labels = np.array([0, 0, 0, 1])[np.argsort(of_village)]
    width = gower_widths(gower(table), table.points, labels).width[of_village]
    # All distances within the group that are known are 0, and all to the other group 1.
    assert width.tolist() == [1.0, 1.0, 1.0, 0.0]


def test_large_data_is_sampled_with_its_error(monkeypatch):
    table = villages(400, gaps=0.1)
    labels = groups(table)
    exact = mean_gower_widths(gower(table), table.points, [labels])
    width = gower_widths(gower(table), table.points, labels).width[table.points.index]
    monkeypatch.setattr(module, "MATRIX_ROWS", 3)
    monkeypatch.setattr(module, "SAMPLE", 100)
    monkeypatch.setattr(module, "REFERENCE_PER_GROUP", 40)
    sampled = mean_gower_widths(gower(table), table.points, [labels], seed=1)
    assert sampled.n_measured == 100
    assert abs(sampled.means[0] - exact.means[0]) < 4 * sampled.standard_errors[0]
    about = gower_widths(gower(table), table.points, labels, seed=1).width[table.points.index]
    assert np.abs(about - width).mean() < 0.05
    assert n_reference(table.points, 3) == 120
    again = gower_widths(gower(table), table.points, labels, seed=1, n_jobs=2).width
    assert np.array_equal(again[table.points.index], about)
