"""Regions: GeoDa's figure, every region in one piece, islands and parts of the map that do not touch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from sklearn.metrics import adjusted_rand_score

from pk_research.clusters.methods import each_village, spatial_ward
from pk_research.errors import BadInput

GUERRY = ["Crm_prs", "Crm_prp", "Litercy", "Donatns", "Infants", "Suicids"]


def linked(n: int, pairs: list[tuple[int, int]]) -> csr_array:
    """Neighbours named one way only, as lists of borders often are."""
    first, second = zip(*pairs, strict=True) if pairs else ((), ())
    return csr_array(coo_array((np.ones(len(pairs)), (first, second)), shape=(n, n)))


def grid(side: int) -> csr_array:
    number = np.arange(side**2).reshape(side, side)
    across = zip(number[:, :-1].ravel(), number[:, 1:].ravel(), strict=True)
    down = zip(number[:-1].ravel(), number[1:].ravel(), strict=True)
    return linked(side**2, [*across, *down])


def codes(n: int) -> list[str]:
    return [f"321601{2000 + i}" for i in range(n)]


def test_the_departments_of_guerry(shared):
    """GeoDa: Ward, queen contiguity, z-scores, k = 5; 0.42417288 of the variance lies between."""
    geopandas = pytest.importorskip("geopandas", reason="geopandas reads the map of Guerry")
    weights = pytest.importorskip("libpysal.weights", reason="libpysal finds who shares a border")
    departments = geopandas.read_file(shared / "reference" / "clusters" / "guerry" / "Guerry.shp")
    queen = weights.Queen.from_dataframe(departments, use_index=False).sparse
    points = each_village(departments[GUERRY].to_numpy(dtype=float))
    found = spatial_ward(points, [5], neighbours=queen, codes=departments["dept"].astype(str))[0]
    assert found.criteria["share_between"] == pytest.approx(0.42417288, abs=1e-6)
    assert sorted(np.bincount(found.labels)) == [1, 8, 22, 27, 27]
    assert found.notes == ()


def test_where_all_are_neighbours_it_is_wards_method():
    values = np.random.default_rng(0).normal(size=(40, 3))
    points = each_village(values)
    found = spatial_ward(points, [2, 5, 9], neighbours=csr_array(np.ones((40, 40))), codes=codes(40))
    tree = linkage(points.rows, "ward")
    for grouping in found:
        assert adjusted_rand_score(fcluster(tree, grouping.k, "maxclust"), grouping.labels) == 1


maps = (
    st.integers(4, 25)
    .flatmap(
        lambda n: st.tuples(
            st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=n, max_size=n),
            st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=3 * n),
        )
    )
    .filter(lambda drawn: all(len(set(column)) > 1 for column in zip(*drawn[0], strict=True)))
)


@given(maps, st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_every_region_is_in_one_piece_whatever_the_map_and_the_order_of_its_rows(drawn, chance):
    values, neighbours = np.array(drawn[0], dtype=float), linked(len(drawn[0]), drawn[1])
    n_parts = connected_components(neighbours, directed=False)[0]
    n = len(values)
    ks = [n_parts, (n_parts + n) // 2, n]
    options = {"neighbours": neighbours, "codes": codes(n)}
    found = spatial_ward(each_village(values), ks, **options)
    for grouping, k in zip(found, ks, strict=True):
        assert len(set(grouping.labels)) == k
        for group in range(k):
            members = np.flatnonzero(grouping.labels == group)
            assert connected_components(neighbours[members][:, members], directed=False)[0] == 1
    order = list(range(n))
    chance.shuffle(order)
    options = {"neighbours": neighbours[order][:, order], "codes": [codes(n)[i] for i in order]}
    for grouping, other in zip(found, spatial_ward(each_village(values[order]), ks, **options), strict=True):
        assert adjusted_rand_score(grouping.labels[order], other.labels) == 1


ISLANDS = linked(7, [(0, 1), (1, 2), (3, 4)])
NAMES = ["Pantai Mekar", "Pantai Bahagia", "Pantai Sederhana", "Untung Jawa", "Pari", "Tidung", "Panggang"]


def test_parts_of_the_map_are_named_and_never_joined():
    points = each_village(np.array([[1.0], [1], [1], [1], [1], [1], [2]]))
    found = spatial_ward(points, [4, 5], neighbours=ISLANDS, codes=codes(7), names=NAMES)
    assert found[0].labels.tolist() == [0, 0, 0, 1, 1, 2, 3]
    assert found[1].notes[0].values == {"n": 4}
    assert [note.text("en") for note in found[1].notes[1:]] == [
        "Villages without any neighbour, each a type of its own (2): Tidung, Panggang",
        "Parts apart from the largest (1): Untung Jawa and 1 other villages",
    ]
    assert "tanpa tetangga, masing-masing menjadi tipe tersendiri (2): Tidung" in found[0].notes[1].text("id")


def test_the_cheapest_merge_comes_first_wherever_it_is():
    values = np.array([[0.0], [5], [9], [0], [1], [9]])
    neighbours = linked(6, [(0, 1), (1, 2), (3, 4), (4, 5)])
    found = spatial_ward(each_village(values, scale="none"), [5, 4, 3], neighbours=neighbours, codes=codes(6))
    assert [grouping.labels.tolist() for grouping in found] == [
        [0, 1, 2, 3, 3, 4],
        [0, 1, 1, 2, 2, 3],
        [0, 0, 0, 1, 1, 2],
    ]


def test_fewer_regions_than_parts_are_refused_with_the_names():
    points = each_village(np.arange(7.0)[:, None])
    with pytest.raises(BadInput) as error:
        spatial_ward(points, [3], neighbours=ISLANDS, codes=codes(7), names=NAMES)
    text = str(error.value)
    assert "3 regions were asked for, but the map has 4 parts" in text
    assert "Tidung, Panggang" in text
    assert "Ask for at least 4" in text


def test_neighbours_and_codes_have_to_fit_the_villages():
    points = each_village(np.arange(4.0)[:, None])
    with pytest.raises(BadInput, match=r"(?s)9 by 9, the villages are 4.*3 different codes for 4 villages"):
        spatial_ward(points, [2], neighbours=grid(3), codes=["a", "b", "c", "c"])


def test_many_islands_are_not_all_listed():
    neighbours = linked(30, [(i, i + 1) for i in range(0, 20, 2)])
    points = each_village(np.arange(30.0)[:, None])
    notes = spatial_ward(points, [25], neighbours=neighbours, codes=codes(30))[0].notes
    assert notes[1].text("en").endswith(f"{codes(30)[27]}, …")
    assert notes[2].text("en").endswith("and 1 more parts")
