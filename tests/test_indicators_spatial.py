"""Whether neighbours are alike: Moran's I, local Moran and hot spots."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from village_grids import PYSAL, grid, square

from pk_research import sources
from pk_research.errors import BadInput
from pk_research.indicators import spatial
from pk_research.indicators.spatial.aligned import aligned
from pk_research.indicators.spatial.permutations import _draws, neighbour_p
from pk_research.language import LANGUAGES


def clustered(side: int) -> pd.Series:
    """A grid whose lower left corner is high."""
    codes = list(grid(side))
    random = np.random.default_rng(0)
    high = [int(code[:2]) < 3 and int(code[2:]) < 3 for code in codes]
    return pd.Series(random.normal(size=len(codes)) + 4.0 * np.array(high), index=codes, name="income")


# --- Guerry's departments of France: published figures, and PySAL as a second implementation


@pytest.fixture(scope="module")
def guerry(shared):
    geopandas = pytest.importorskip("geopandas", reason=PYSAL)
    path = shared / "reference" / "clusters" / "guerry" / "Guerry.shp"
    if not path.is_file():
        pytest.skip("Guerry's departments are not here")
    frame = geopandas.read_file(path)
    return frame.set_index(pd.Index([f"{n:02}" for n in range(len(frame))], name="code"))


def polygons(geometry) -> list:
    parts = geometry.geoms if geometry.geom_type == "MultiPolygon" else [geometry]
    return [[list(part.exterior.coords), *(list(ring.coords) for ring in part.interiors)] for part in parts]


@pytest.fixture(scope="module")
def departments(guerry):
    return spatial.contiguity({code: polygons(shape) for code, shape in guerry.geometry.items()})


def graph_of(neighbours):
    graph = pytest.importorskip("libpysal.graph", reason=PYSAL)
    ids = list(neighbours.codes)
    return graph.Graph.from_sparse(neighbours.matrix, ids=ids)


@pytest.fixture
def esda():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield pytest.importorskip("esda", reason=PYSAL)


@pytest.mark.parametrize("rule", ["queen", "rook"])
def test_contiguity_is_that_of_libpysal(guerry, rule):
    graph = pytest.importorskip("libpysal.graph", reason=PYSAL)
    second = graph.Graph.build_contiguity(guerry, rook=rule == "rook")
    boundaries = {code: polygons(shape) for code, shape in guerry.geometry.items()}
    ours = spatial.contiguity(boundaries, rule=rule).matrix
    assert (ours.toarray() == second.sparse.toarray()).all()


def test_the_published_local_moran_is_reproduced(guerry, departments):
    """GeoDa and esda: 0.015431978309803657 for the first department; R's spdep has n / (n - 1) of it."""
    frame = spatial.local_moran(guerry["Crm_prp"], departments, n_permutations=99).frame
    assert frame["statistic"].iloc[0] == pytest.approx(0.015431978309803657, abs=1e-12)


VARIABLES = ["Crm_prs", "Crm_prp", "Litercy", "Donatns", "Infants", "Suicids"]


@pytest.mark.parametrize("name", VARIABLES)
def test_statistics_are_those_of_esda(guerry, departments, esda, name):
    values, graph = guerry[name].astype(float), graph_of(departments)
    ours = spatial.local_moran(values, departments, n_permutations=99)
    second = esda.Moran_Local(values.to_numpy(), graph.transform("r"), permutations=0)
    assert np.allclose(ours.frame["statistic"], second.Is, atol=1e-12)
    hot = spatial.hot_spots(values, departments, n_permutations=99)
    third = esda.G_Local(values.to_numpy(), graph, transform="B", star=True, permutations=0)
    assert np.allclose(hot.frame["statistic"], third.Zs, atol=1e-10)
    moran = spatial.moran(values, departments)
    fourth = esda.Moran(values.to_numpy(), graph.transform("r"), permutations=0)
    assert moran.i == pytest.approx(fourth.I, abs=1e-12)
    assert moran.expected == pytest.approx(fourth.EI)
    assert moran.standard_deviation == pytest.approx(fourth.VI_rand**0.5, rel=0.1)


def test_probabilities_are_those_of_esda_but_two_sided(guerry, departments, esda):
    """Both draw neighbours anew, each by chances of its own: they agree within what that leaves."""
    values = guerry["Litercy"].astype(float)
    ours = spatial.local_moran(values, departments).frame["p"]
    second = esda.Moran_Local(
        values.to_numpy(), graph_of(departments).transform("r"), permutations=9_999, seed=3
    ).p_sim
    assert np.allclose(ours, np.minimum(1, 2 * second), atol=0.04)
    assert stats.spearmanr(ours, second).statistic > 0.995


def test_patterns_are_the_quadrants_of_esda(guerry, departments, esda):
    values = guerry["Litercy"].astype(float)
    ours = spatial.local_moran(values, departments, n_permutations=99).frame["pattern"]
    second = esda.Moran_Local(
        values.to_numpy(), graph_of(departments).transform("r"), permutations=99, seed=3
    )
    names = {1: "high-high", 2: "low-high", 3: "low-low", 4: "high-low"}
    assert ours.tolist() == [names[quadrant] for quadrant in second.q]


def test_hot_spots_serve_negative_values_where_esda_turns_them_round(guerry, departments, esda):
    """A z-score does not change when the same is taken from every value; esda 2.9 flips its sign."""
    values = guerry["Crm_prp"].astype(float)
    below_zero = values - 2 * values.max()
    ours = spatial.hot_spots(below_zero, departments, n_permutations=99).frame["statistic"]
    same = spatial.hot_spots(values, departments, n_permutations=99).frame["statistic"]
    assert np.allclose(ours, same)
    flipped = esda.G_Local(
        below_zero.to_numpy(), graph_of(departments), transform="B", star=True, permutations=0
    )
    assert np.allclose(flipped.Zs, -same)


def test_nothing_global_is_seeded(departments, guerry):
    """esda 2.9 sets NumPy's own seed on the way; whoever draws after it draws the same again."""
    np.random.seed(5)  # noqa: NPY002 - the legacy generator is what is looked at
    expected = np.random.random(2)  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    spatial.local_moran(guerry["Crm_prp"].astype(float), departments, n_permutations=99)
    assert (np.random.random(2) == expected).all()  # noqa: NPY002


# --- by hand


def test_moran_by_the_formula_of_a_double_sum():
    """n / S0 times the sum over pairs of w (x - mean) (x' - mean), over the sum of squares."""
    values, near = clustered(5), spatial.contiguity(grid(5))
    x = values.to_numpy() - values.mean()
    weights = near.matrix.toarray() / near.matrix.toarray().sum(axis=1, keepdims=True)
    total = sum(weights[i, j] * x[i] * x[j] for i in range(25) for j in range(25))
    by_hand = 25 / weights.sum() * total / sum(x**2)
    assert spatial.moran(values, near).i == pytest.approx(by_hand)


def test_getis_ord_by_the_formula_of_1995():
    """(sum over i and its neighbours - mean x count) / (s sqrt((n S1 - count²) / (n - 1)))."""
    values, near = clustered(4), spatial.contiguity(grid(4))
    x, with_self = values.to_numpy(), near.matrix.toarray() + np.eye(16)
    spread = np.sqrt((x**2).mean() - x.mean() ** 2)
    count, squares = with_self.sum(axis=1), (with_self**2).sum(axis=1)
    by_hand = (with_self @ x - x.mean() * count) / (spread * np.sqrt((16 * squares - count**2) / 15))
    assert np.allclose(spatial.hot_spots(values, near, n_permutations=99).frame["statistic"], by_hand)


def test_the_probability_of_a_small_case_is_that_of_all_ways_to_draw():
    """6 in a row; B's neighbours A and C are 2 of the 5 others: 10 ways, counted one by one."""
    values = pd.Series([5.0, 4.0, 4.5, 1.0, 2.0, 0.5], index=list("ABCDEF"))
    row = spatial.from_pairs(list("ABCDEF"), list(zip("ABCDE", "BCDEF", strict=True)))
    others = values.drop("B").to_numpy()
    sums = [others[i] + others[j] for i in range(5) for j in range(i)]
    exact = 2 * np.mean(np.array(sums) >= values["A"] + values["C"])
    p = spatial.local_moran(values, row).frame.set_index("code")["p"]
    assert p["B"] == pytest.approx(exact, abs=0.02)


def test_sums_shared_by_all_villages_are_those_drawn_for_each_alone():
    """Draws are shared, and put right where a village drew itself: the long way gives the same."""
    values, near = clustered(5), spatial.contiguity(grid(5))
    given = aligned(values, near)
    draws = _draws(24, int(given.degrees.max()), 499, 7)
    for village in range(25):
        others = np.append(given.z[:24], np.nan)
        others[village] = given.z[24]
        sums = others[draws[: given.degrees[village]]].sum(axis=0)
        observed = given.links.toarray()[village] @ given.z
        above, below = (sums >= observed - 1e-9).sum(), (sums <= observed + 1e-9).sum()
        expected = min(1, 2 * (min(above, below) + 1) / 500)
        assert neighbour_p(given, n_permutations=499, seed=7)[village] == pytest.approx(expected)


def test_false_discovery_and_bonferroni_by_hand():
    result = spatial.local_moran(clustered(8), spatial.contiguity(grid(8)))
    p = result.frame["p"].to_numpy()
    order = np.argsort(p)
    steps = p[order] * len(p) / np.arange(1, len(p) + 1)
    by_hand = np.empty_like(p)
    by_hand[order] = np.minimum(1, np.minimum.accumulate(steps[::-1])[::-1])
    assert np.allclose(result.frame["p_false_discovery"], by_hand)
    assert np.allclose(result.frame["p_bonferroni"], np.minimum(1, p * 64))


# --- what is found


def test_a_planted_cluster_is_found_and_named():
    values, near = clustered(10), spatial.contiguity(grid(10))
    middle = "0101"
    lisa = spatial.local_moran(values, near).frame.set_index("code")
    hot = spatial.hot_spots(values, near).frame.set_index("code")
    assert lisa.loc[middle, "category"] == "high-high"
    assert hot.loc[middle, "category"] == "hot spot"
    assert spatial.moran(values, near).p < 0.01


def test_an_outlier_is_low_among_high():
    values = clustered(10)
    values["0101"] = -3.0
    frame = spatial.local_moran(values, spatial.contiguity(grid(10))).frame.set_index("code")
    assert frame.loc["0101", "category"] == "low-high"


def test_control_keeps_false_findings_down_where_there_is_no_pattern():
    """25 maps of pure noise, 64 villages each: uncorrected some 3 of 64, controlled next to none."""
    near = spatial.contiguity(grid(8))
    found = pd.DataFrame(0, index=range(25), columns=["false_discovery", "bonferroni", "none"])
    for n in range(25):
        noise = pd.Series(np.random.default_rng(n).normal(size=64), index=list(near.codes))
        counts = spatial.local_moran(noise, near, n_permutations=4_999, seed=n).counts
        found.loc[n] = 64 - counts.loc["not significant"]
    assert 2 < found["none"].mean() < 4.5
    assert (found["false_discovery"] > 0).mean() <= 0.2
    assert (found["bonferroni"] > 0).mean() <= 0.2


def test_findings_shrink_from_none_to_false_discovery_to_bonferroni():
    result = spatial.local_moran(clustered(10), spatial.contiguity(grid(10)))
    n = 100 - result.counts.loc["not significant"]
    assert n["bonferroni"] <= n["false_discovery"] <= n["none"]
    assert n["false_discovery"] >= 3


def test_the_control_chosen_decides_the_category():
    values, near = clustered(10), spatial.contiguity(grid(10))
    for control in ("false_discovery", "bonferroni", "none"):
        result = spatial.local_moran(values, near, control=control)
        assert result.frame["category"].value_counts().to_dict() == {
            name: n for name, n in result.counts[control].items() if n
        }


def test_too_few_permutations_for_a_control_are_said_in_words():
    values, near = clustered(10), spatial.contiguity(grid(10))
    few = spatial.local_moran(values, near, n_permutations=999)
    assert (few.frame["p_bonferroni"] > 0.05).all()
    assert "can find nothing among 100 villages" in few.in_words("en")
    assert "from 3,999 permutations on" in few.in_words("en")
    enough = spatial.local_moran(values, near, n_permutations=3_999)
    assert "can find nothing" not in enough.in_words("en")
    assert (enough.frame["p_bonferroni"] <= 0.05).any()


def test_a_village_exactly_at_the_mean_is_in_no_quadrant():
    values = pd.Series([1.0, 2.0, 3.0, 1.0, 3.0], index=list("ABCDE"))
    row = spatial.from_pairs(list("ABCDE"), list(zip("ABCD", "BCDE", strict=True)))
    frame = spatial.local_moran(values, row, n_permutations=99).frame.set_index("code")
    assert frame.loc["B", "p"] == 1
    assert pd.isna(frame.loc["B", "pattern"])
    assert frame.loc["B", "category"] == "not significant"


def test_a_village_next_to_all_others_has_no_hot_spot():
    star = spatial.from_pairs(list("ABCDE"), [("A", other) for other in "BCDE"])
    values = pd.Series([9.0, 1.0, 2.0, 3.0, 4.0], index=list("ABCDE"))
    frame = spatial.hot_spots(values, star, n_permutations=99).frame.set_index("code")
    assert pd.isna(frame.loc["A", "statistic"])
    assert frame.loc["A", "category"] == "not significant"


# --- who is left out


def test_missing_values_and_islands_are_left_out_named_and_never_zero():
    values = clustered(5)
    values["0000"] = np.nan
    values["stranger"] = 3.0
    boundaries = grid(5) | {"far": square(50, 50), "empty": square(5, 0)}
    values["far"] = 100.0
    result = spatial.local_moran(values, spatial.contiguity(boundaries), n_permutations=99)
    assert result.left_out_table("en").to_numpy().tolist() == [
        ["0000", "it has no value"],
        ["empty", "it has no value"],
        ["far", "it has no neighbour with a value"],
        ["stranger", "it has no place on the map"],
    ]
    without = clustered(5).drop("0000")
    kept = {code: shape for code, shape in grid(5).items() if code != "0000"}
    second = spatial.local_moran(without, spatial.contiguity(kept), n_permutations=99)
    pd.testing.assert_frame_equal(result.frame, second.frame)
    assert "Left out, because it has no value (2): 0000, empty." in result.in_words("en")


def test_who_loses_the_only_neighbour_is_left_out_too():
    row = spatial.from_pairs(list("ABCDEF"), [("A", "B"), ("C", "D"), ("D", "E"), ("E", "F")])
    values = pd.Series([1.0, np.nan, 3.0, 4.0, 6.0, 2.0], index=list("ABCDEF"))
    result = spatial.moran(values, row)
    assert result.n == 4
    assert list(result.left_out["code"]) == ["A", "B"]


@pytest.mark.parametrize(
    ("values", "what"),
    [
        (pd.Series(1.0, index=list(grid(3))), "all values are equal"),
        (pd.Series("a", index=list(grid(3))), "not numbers"),
        (pd.Series(np.inf, index=list(grid(3))), "infinite"),
        (pd.Series([1.0, 2.0], index=["0000", "0001"]), "only 2 villages"),
        (pd.Series([1.0, 2.0], index=["0000", "0000"]), "stand there twice"),
    ],
)
def test_values_that_cannot_be_compared_are_refused_with_the_reason(values, what):
    with pytest.raises(BadInput, match=what):
        spatial.moran(values, spatial.contiguity(grid(3)))


@pytest.mark.parametrize(
    ("option", "what"),
    [
        ({"alpha": 5}, "not a level"),
        ({"control": "fdr"}, "no control"),
        ({"n_permutations": 9}, "too little"),
    ],
)
def test_options_out_of_range_are_refused(option, what):
    with pytest.raises(BadInput, match=what):
        spatial.local_moran(clustered(3), spatial.contiguity(grid(3)), **option)


# --- the same numbers always


def test_any_number_of_workers_gives_the_same_bytes():
    values, near = clustered(7), spatial.contiguity(grid(7))
    results = [repr(spatial.moran(values, near, n_permutations=199, n_jobs=n_jobs)) for n_jobs in (1, 2)]
    assert results[0] == results[1]


HASHED = """
import hashlib, numpy as np, pandas as pd
from pk_research.indicators import spatial
codes = [f"v{n}" for n in range(40)]
places = pd.DataFrame({"longitude": np.linspace(107, 108, 40), "latitude": np.sin(range(40)) / 9}, codes)
values = pd.Series(np.cos(range(40)), codes)
near = spatial.nearest(places, k=4)
local = spatial.local_moran(values, near, n_permutations=199)
whole = spatial.moran(values, near)
print(hashlib.sha256((local.frame.to_csv() + repr(whole.p) + local.in_words("id")).encode()).hexdigest())
"""


def test_any_hash_seed_gives_the_same_bytes():
    digests = {
        subprocess.check_output(
            [sys.executable, "-c", HASHED], env=os.environ | {"PYTHONHASHSEED": seed}, text=True
        )
        for seed in ("0", "1", "4242")
    }
    assert len(digests) == 1


def test_the_order_of_rows_changes_nothing_and_another_seed_only_the_probabilities():
    values, boundaries = clustered(6), grid(6)
    first = spatial.local_moran(values, spatial.contiguity(boundaries), n_permutations=199)
    turned = spatial.contiguity(dict(reversed(boundaries.items())))
    second = spatial.local_moran(values.iloc[::-1], turned, n_permutations=199)
    pd.testing.assert_frame_equal(first.frame, second.frame)
    other = spatial.local_moran(values, turned, n_permutations=199, seed=1).frame
    assert (other["statistic"] == first.frame["statistic"]).all()
    assert (other["p"] != first.frame["p"]).any()


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.integers(-50, 50), min_size=9, max_size=9).filter(lambda x: len(set(x)) > 1),
    st.floats(0.1, 10),
    st.floats(-100, 100),
)
def test_neither_unit_nor_origin_matters(numbers, factor, shift):
    near = spatial.contiguity(grid(3))
    values = pd.Series(numbers, index=list(grid(3)), dtype=float)
    first = spatial.local_moran(values, near, n_permutations=99).frame
    second = spatial.local_moran(values * factor + shift, near, n_permutations=99).frame
    assert np.allclose(first["statistic"], second["statistic"], atol=1e-9)
    assert (first["p"] == second["p"]).all()
    assert first["statistic"].sum() / 8 == pytest.approx(spatial.moran(values, near).i, abs=1e-9)


# --- words and pictures


@pytest.mark.parametrize("result", ["neighbours", "moran", "local_moran", "hot_spots"])
def test_every_result_speaks_both_languages(result):
    values, near = clustered(6), spatial.contiguity(grid(6) | {"far": square(9, 9)})
    made = {
        "neighbours": near,
        "moran": spatial.moran(values, near),
        "local_moran": spatial.local_moran(values, near, n_permutations=199),
        "hot_spots": spatial.hot_spots(values, near, n_permutations=199),
    }[result]
    assert made.in_words("en") != made.in_words("id")
    assert set(made.table("en").columns) & set(made.table("id").columns) == set()
    assert len(made.table("en")) == len(made.table("id"))


def test_categories_are_named_in_both_languages():
    result = spatial.local_moran(clustered(6), spatial.contiguity(grid(6)), n_permutations=199)
    assert result.counts_table("en")["Pattern"].tolist()[:2] == [
        "high-high: high among high",
        "low-low: low among low",
    ]
    assert result.counts_table("id")["Pola"].tolist()[:2] == [
        "tinggi-tinggi: nilai tinggi di antara yang tinggi",
        "rendah-rendah: nilai rendah di antara yang rendah",
    ]
    assert result.counts_table("id").iloc[:, 1:].sum().tolist() == [36, 36, 36]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["local_moran", "hot_spots"])
def test_pictures_tell_categories_apart_without_colour(language, kind):
    values, boundaries = clustered(6).drop("0505"), grid(6)
    result = getattr(spatial, kind)(values, spatial.contiguity(boundaries), n_permutations=199)
    drawn = result.map(boundaries, language)
    entries = drawn.legends[0].get_patches()
    assert len({(patch.get_facecolor(), patch.get_hatch()) for patch in entries}) == len(entries)
    grey = [np.dot(patch.get_facecolor()[:3], [0.2126, 0.7152, 0.0722]) for patch in entries]
    assert np.diff(sorted(grey)).min() > 0.04
    assert len(drawn.axes[0].patches) == 36
    scatter = result.plot(language)
    assert len(scatter.legends[0].get_texts()) == len(result.categories)


# --- real data


def test_real_villages_of_karawang_resemble_those_of_their_kecamatan(shared, esda):
    """IDM 2024 of 297 villages; without boundaries, all villages of one kecamatan are neighbours."""
    path = shared / "data" / "idm-2024" / "idm2024_karawang.csv"
    if not path.is_file():
        pytest.skip("the IDM of Karawang is not here")
    idm = sources.load(path).frame.set_index("village_code")["idm"]
    by_kecamatan = pd.Series(idm.index, index=idm.index).groupby(idm.index.str[:6])
    pairs = [pair for _, codes in by_kecamatan for pair in itertools.combinations(codes, 2)]
    near = spatial.from_pairs(list(idm.index), pairs)
    assert near.parts.nunique() == by_kecamatan.ngroups
    result = spatial.moran(idm, near)
    second = esda.Moran(idm.astype(float).to_numpy(), graph_of(near).transform("r"), permutations=0)
    assert result.n == len(idm)
    assert result.i == pytest.approx(second.I, abs=1e-12)
    assert (result.p < 0.05) == (2 * second.p_rand < 0.05)
