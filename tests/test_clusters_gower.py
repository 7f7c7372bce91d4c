"""Gower's distance: R's figures, the definition worked out pair by pair, gaps, and bad tables."""

from __future__ import annotations

from io import StringIO

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pk_research.clusters import gower
from pk_research.clusters.gower import gower_matrix
from pk_research.clusters.mixed import Mixed, mixed
from pk_research.errors import BadInput

KINDS = ("numeric", "ordinal", "nominal", "asymmetric")


def table(text: str) -> pd.DataFrame:
    return pd.read_csv(StringIO(text), sep=r"\s+", na_values="-")


def by_village(villages: Mixed, **options) -> np.ndarray:
    """Distances between the villages of the table, not only the distinct ones."""
    index = villages.points.index
    return gower_matrix(villages, **options)[np.ix_(index, index)]


def by_definition(values: np.ndarray, kinds: tuple[str, ...], weights: np.ndarray) -> np.ndarray:
    """Gower's formula in its own words, one pair and variable after the other; 0 to oneself."""
    n = len(values)
    ranges = np.nanmax(values, axis=0) - np.nanmin(values, axis=0)
    answer = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            total = weight = 0.0
            for v, kind in enumerate(kinds):
                a, b = values[i, v], values[j, v]
                if np.isnan(a) or np.isnan(b) or (kind == "asymmetric" and a == b == 0):
                    continue
                weight += weights[v]
                if kind in {"numeric", "ordinal"}:
                    total += weights[v] * abs(a - b) / (ranges[v] or 1)
                else:
                    total += weights[v] * (a != b)
            is_same = np.array_equal(values[i], values[j], equal_nan=True)
            answer[i, j] = 0 if is_same else total / weight if weight else np.nan
    return answer


@pytest.mark.parametrize("tubers", ["asymmetric", "nominal"])
def test_the_flowers_of_r(shared, tubers):
    """``cluster::daisy(flower, type = list(asymm = 3))``: whichever way, the first pair is 0.8875408."""
    flowers = pd.read_csv(shared / "reference" / "clusters" / "flower.csv")
    kinds = dict.fromkeys(["V1", "V2", "V4"], "nominal") | {"V3": tubers}
    kinds |= dict.fromkeys(["V5", "V6"], "ordinal") | dict.fromkeys(["V7", "V8"], "numeric")
    assert by_village(mixed(flowers, kinds))[0, 1] == pytest.approx(0.8875408, abs=1e-6)


cells = st.one_of(st.none(), st.integers(0, 3))
tables = st.lists(st.tuples(cells, cells, cells, cells, cells, cells), min_size=2, max_size=12)


@given(tables, st.permutations(["numeric", "numeric", "ordinal", "nominal", "asymmetric", "nominal"]))
@settings(max_examples=150, deadline=None)
def test_the_table_is_the_definition(rows, kinds):
    values = np.array(rows, dtype=float)
    values = np.where(np.array(kinds) == "asymmetric", np.minimum(values, 1), values)
    values = values[~np.isnan(values).all(axis=1)]
    if not len(values) or np.isnan(values).all(axis=0).any():
        return
    weights = np.array([1.0, 0.3, 2.0, 0.7, 1.5, 1.0])
    frame = pd.DataFrame(values, columns=list("abcdef"))
    villages = mixed(frame, dict(zip("abcdef", kinds, strict=True)))
    found = by_village(villages, weights=dict(zip("abcdef", weights, strict=True)))
    expected = by_definition(values, tuple(kinds), weights)
    assert np.allclose(found, expected, atol=1e-12, equal_nan=True)
    assert np.array_equal(found, found.T, equal_nan=True)
    assert np.nanmax(found) <= 1 + 1e-12


def test_a_variable_missing_in_either_village_is_skipped():
    villages = mixed(
        table("""
        road   km
        earth  0
        paved  -
        earth  10
        """),
        {"road": "nominal", "km": "numeric"},
    )
    assert by_village(villages).tolist() == [[0, 1, 0.5], [1, 0, 1], [0.5, 1, 0]]


def test_villages_without_a_variable_in_common_have_no_distance():
    villages = mixed(table("a b\n 1 -\n - 2\n 3 4"), {"a": "numeric", "b": "numeric"})
    assert np.isnan(by_village(villages)[0, 1])
    assert not np.isnan(by_village(villages)[[0, 1], 2]).any()


def test_not_having_something_in_common_makes_nobody_alike():
    frame = table("market km\n 0 0\n 0 1\n 1 0\n 1 1")
    alike = by_village(mixed(frame, {"market": "asymmetric", "km": "numeric"}))
    assert alike[0, 1] == 1
    assert alike[2, 3] == 0.5


def test_the_order_of_the_rows_and_the_workers_change_no_byte():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(700, 3)).round(1), columns=list("abc"))
    frame = frame.mask(rng.random(frame.shape) < 0.1).assign(d=rng.choice(list("xyz"), 700))
    kinds = {"a": "numeric", "b": "numeric", "c": "ordinal", "d": "nominal"}
    matrix = gower_matrix(mixed(frame, kinds))
    assert matrix.tobytes() == gower_matrix(mixed(frame, kinds), n_jobs=2).tobytes()
    assert matrix.tobytes() == gower_matrix(mixed(frame.iloc[::-1], kinds)).tobytes()


def test_texts_booleans_grades_and_gaps_of_pandas_are_understood():
    frame = pd.DataFrame(
        {
            "road": pd.array(["earth", None, "paved"], dtype="string"),
            "market": pd.array([True, None, False], dtype="boolean"),
            "grade": pd.Categorical(
                ["low", "high", None], categories=["low", "middle", "high"], ordered=True
            ),
            "n": pd.array([1, 2, None], dtype="Int64"),
        }
    )
    villages = mixed(frame, {"road": "nominal", "market": "asymmetric", "grade": "ordinal", "n": "numeric"})
    expected = [[0, 1, 0, 1], [np.nan, np.nan, 2, 2], [1, 0, np.nan, np.nan]]
    assert np.array_equal(villages.points.rows[villages.points.index], expected, equal_nan=True)
    assert villages.n_missing == 4


def test_everything_wrong_with_a_table_is_said_at_once():
    frame = pd.DataFrame(
        {"a": ["x", "1"], "b": [1.0, np.inf], "c": [0, 2], "d": [None, None], "e": ["low", "high"]}
    )
    kinds = {"a": "numeric", "b": "numeric", "c": "asymmetric", "d": "nominal", "e": "ordinal"}
    with pytest.raises(BadInput) as error:
        mixed(frame, {**kinds, "f": "numeric", "c2": "numeric"} | {"e": "ordinal"})
    assert [str(problem).partition(".")[0] for problem in error.value.problems] == [
        "variable 'a': 'x' is not a finite number",
        "variable 'b': 'inf' is not a finite number",
        "variable 'c': it holds 2",
        "variable 'd': no village has a value",
        "variable 'e': 'low' is not a finite number",
        "variable 'f': there is no such column",
        "variable 'c2': there is no such column",
    ]


@pytest.mark.parametrize(
    ("kinds", "message"),
    [({}, "none was chosen"), ({"a": "colour"}, "'colour' is not a kind. Choose from: numeric, ordinal")],
)
def test_kinds_have_to_be_given(kinds, message):
    with pytest.raises(BadInput, match=message):
        mixed(pd.DataFrame({"a": [1, 2]}), kinds)


def test_villages_of_which_nothing_is_known_are_named():
    frame = table("a b\n 1 2\n - -\n 3 4").set_axis(["Setiadarma", "Mekarsari", "Lambangsari"])
    with pytest.raises(BadInput, match=r"rows Mekarsari: 1 villages have no value .* Leave them out"):
        mixed(frame, {"a": "numeric", "b": "numeric"})


def test_weights_have_to_be_positive_and_of_a_variable():
    villages = mixed(table("a b\n 1 2\n 3 4"), {"a": "numeric", "b": "numeric"})
    with pytest.raises(BadInput, match=r"(?s)no variable 'x'.*'a' has weight 0"):
        gower_matrix(villages, weights={"x": 1, "a": 0})


def test_a_table_of_all_pairs_has_a_limit(monkeypatch):
    monkeypatch.setattr(gower, "MATRIX_ROWS", 2)
    with pytest.raises(BadInput, match=r"all pairs of 3 villages .* at most 2 villages, or k_medoids"):
        gower_matrix(mixed(table("a\n 1\n 2\n 3"), {"a": "numeric"}))
