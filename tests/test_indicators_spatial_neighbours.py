"""Who are neighbours: by boundaries, by coordinates, by pairs, and on the map of Bekasi."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from village_grids import PYSAL, grid, square

from pk_research import sources
from pk_research.errors import BadInput, NotFound
from pk_research.indicators import spatial

# --- neighbours from boundaries


def test_queens_share_a_corner_and_rooks_a_stretch():
    queen, rook = spatial.contiguity(grid(3)), spatial.contiguity(grid(3), rule="rook")
    assert queen.of("0101") == ("0000", "0001", "0002", "0100", "0102", "0200", "0201", "0202")
    assert rook.of("0101") == ("0001", "0100", "0102", "0201")
    assert queen.of("0000") == ("0001", "0100", "0101")


def test_a_hole_and_a_second_polygon_have_borders_too():
    outer = [(0, 0), (3, 0), (3, 3), (0, 3), (0, 0)]
    hole = [(1, 1), (1, 2), (2, 2), (2, 1), (1, 1)]
    around = {"ring": [[outer, hole]], "inside": square(1, 1), "two": square(9, 9) + square(3, 0)}
    near = spatial.contiguity(around)
    assert near.of("inside") == ("ring",)
    assert near.of("two") == ("ring",)


def test_corners_that_differ_by_rounding_are_the_same():
    nearly = {"A": square(0, 0), "B": square(1 + 1e-12, 0)}
    assert spatial.contiguity(nearly, rule="rook").of("A") == ("B",)


def test_islands_and_parts_that_are_cut_off_are_named():
    map_ = {"A": square(0, 0), "B": square(1, 0), "C": square(2, 0)}
    map_ |= {"D": square(9, 0), "E": square(10, 0), "F": square(20, 0)}
    near = spatial.contiguity(map_)
    assert near.islands == ("F",)
    assert near.parts.to_dict() == {"A": 1, "B": 1, "C": 1, "D": 2, "E": 2, "F": 3}
    words = near.in_words("en")
    assert "Villages without a neighbour (1): F" in words
    assert "2 villages are connected with each other but not with the rest: D, E." in words
    joined = near.with_pairs([("C", "D"), ("E", "F")])
    assert set(joined.parts) == {1}
    assert "added by hand" in joined.in_words("en")
    assert near.islands == ("F",)


@pytest.mark.parametrize(
    ("boundaries", "what"), [({}, "there are none"), ({"A": []}, "no ring"), ({"A": [[]]}, "no ring")]
)
def test_boundaries_without_a_shape_are_refused(boundaries, what):
    with pytest.raises(BadInput, match=what):
        spatial.contiguity(boundaries)


# --- neighbours from coordinates

PLACES = pd.DataFrame(
    {"longitude": [107.0, 107.1, 107.2, 107.5, 107.0], "latitude": [-6.2, -6.2, -6.2, -6.2, -6.1]},
    index=list("ABCDE"),
)


def haversine_km(places: pd.DataFrame) -> np.ndarray:
    """Great-circle distances by another formula: the independent answer."""
    x, y = np.radians(places[["longitude", "latitude"]].to_numpy()).T
    half = np.sin((y[:, None] - y) / 2) ** 2
    half += np.cos(y[:, None]) * np.cos(y) * np.sin((x[:, None] - x) / 2) ** 2
    return 2 * 6371.0088 * np.arcsin(np.sqrt(half))


def test_nearest_need_not_be_mutual():
    near = spatial.nearest(PLACES, k=1)
    assert near.of("D") == ("C",)
    assert near.of("C") == ("B",)


def test_all_who_tie_at_the_last_place_count_whatever_the_order_of_rows():
    cross = pd.DataFrame(
        {"longitude": [0, 1, -1, 0, 0], "latitude": [0, 0, 0, 1, -1]}, index=list("MEWNS"), dtype=float
    )
    assert spatial.nearest(cross, k=1).of("M") == ("E", "W", "N", "S")
    assert set(spatial.nearest(cross.iloc[::-1], k=2).of("M")) == set("EWNS")


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.floats(95, 141), st.floats(-11, 6)), min_size=4, max_size=20, unique=True),
    st.floats(1, 2000),
)
def test_distances_follow_the_surface_of_the_earth(points, km):
    places = pd.DataFrame(
        points, columns=["longitude", "latitude"], index=[f"{n}" for n in range(len(points))]
    )
    distance = haversine_km(places)
    if np.isclose(distance, km, rtol=1e-9).any():
        return
    expected = (distance < km) & ~np.eye(len(points), dtype=bool)
    assert (spatial.within_km(places, km=km).matrix.toarray() == expected).all()


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_the_nearest_are_nearer_than_all_others(seed, k):
    random = np.random.default_rng(seed)
    places = pd.DataFrame(
        {"longitude": random.uniform(95, 141, 12), "latitude": random.uniform(-11, 6, 12)},
        index=[f"{n}" for n in range(12)],
    )
    distance = haversine_km(places)
    near = spatial.nearest(places, k=k).matrix.toarray().astype(bool)
    np.fill_diagonal(distance, np.nan)
    assert (near.sum(axis=1) == k).all()
    assert (
        np.nanmax(np.where(near, distance, np.nan), axis=1)
        <= np.nanmin(np.where(near, np.nan, distance), axis=1)
    ).all()


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda: spatial.nearest(PLACES, k=5), "5 neighbours of 5 villages"),
        (lambda: spatial.within_km(PLACES, km=0), "not a distance above zero"),
        (lambda: spatial.within_km(PLACES.assign(latitude=91), km=1), "missing or not degrees"),
        (lambda: spatial.within_km(PLACES.assign(latitude=np.nan), km=1), "missing or not degrees"),
        (lambda: spatial.nearest(PLACES.drop(columns="latitude"), k=1), "no such column"),
        (lambda: spatial.nearest(pd.concat([PLACES, PLACES.head(1)]), k=1), "stands there twice"),
    ],
)
def test_coordinates_that_cannot_be_used_are_refused_with_the_reason(call, what):
    with pytest.raises(BadInput, match=what):
        call()


# --- neighbours from pairs


def test_pairs_count_in_both_directions_and_once():
    near = spatial.from_pairs(list("ABC"), [("A", "B"), ("B", "A"), ("A", "B")])
    assert near.of("A") == ("B",)
    assert near.of("B") == ("A",)
    assert near.matrix.max() == 1


@pytest.mark.parametrize("pair", [("A", "A"), ("A", "Z")])
def test_a_pair_of_oneself_or_of_a_stranger_is_refused(pair):
    with pytest.raises(BadInput, match="both must be villages of the list, and different"):
        spatial.from_pairs(["A", "B"], [pair])


def test_a_village_that_is_not_there_is_not_found():
    with pytest.raises(NotFound, match="no such village"):
        spatial.contiguity(grid(2)).of("9999")


# --- real data


def test_real_villages_of_bekasi_are_one_piece(shared):
    """187 villages. The public tables here have no value for them: two regencies lack from IDM 2024."""
    path = shared / "data" / "boundaries" / "bekasi_desa_kelurahan.geojson"
    if not path.is_file():
        pytest.skip("the boundaries of Bekasi are not here")
    near = spatial.contiguity(sources.boundaries(path))
    assert len(near.codes) == 187
    assert near.islands == ()
    assert set(near.parts) == {1}


def test_real_villages_of_bekasi_are_those_of_libpysal(shared):
    geopandas = pytest.importorskip("geopandas", reason=PYSAL)
    graph = pytest.importorskip("libpysal.graph", reason=PYSAL)
    path = shared / "data" / "boundaries" / "bekasi_desa_kelurahan.geojson"
    if not path.is_file():
        pytest.skip("the boundaries of Bekasi are not here")
    frame = geopandas.read_file(path)
    second = graph.Graph.build_contiguity(frame.set_index(frame["kode"].str.replace(".", "")), rook=False)
    ours = spatial.contiguity(sources.boundaries(path))
    assert list(ours.codes) == list(second.unique_ids)
    assert (ours.matrix.toarray() == second.sparse.toarray()).all()
