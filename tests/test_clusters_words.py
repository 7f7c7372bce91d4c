"""Profiles, names, tables and the account of a typology in both languages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from village_tables import dataset_from, dataset_of_values

from pk_research import clusters
from pk_research.clusters import choice, naming
from pk_research.clusters.choice import strength
from pk_research.clusters.naming import propose_names
from pk_research.clusters.pictures.choice import PANELS
from pk_research.clusters.profile import describe
from pk_research.codebook import Variable
from pk_research.language import catalogue
from pk_research.writing import MADE

IKS = Variable("iks", "Indeks Ketahanan Sosial", "Social resilience index", "number")
IKE = Variable("ike", "Indeks Ketahanan Ekonomi", "Economic resilience index", "number")

EIGHT = """
    village_code  year  village     kecamatan   iks   ike   ikl
    3216012001    2024  Pusaka      Tarumajaya  0.90  0.80  0.70
    3216012002    2024  Samudra     Tarumajaya  0.88  0.82  0.72
    3216012003    2024  Segara      Tarumajaya  0.92  0.79  0.69
    3216012004    2024  Pantai      Tarumajaya  0.60  0.40  0.71
    3216022005    2024  Babelan     Babelan     0.62  0.38  0.70
    3216022006    2024  Kedung      Babelan     0.58  0.41  0.69
    3216022007    2024  Muara       Babelan     0.75  0.61  0.70
    3216022008    2024  Hurip       Babelan     -     0.61  0.70
"""


@pytest.fixture(scope="module")
def typology() -> clusters.Typology:
    return clusters.find_types(dataset_from(EIGHT, made=True), ["iks", "ike"], k=2, n_starts=1)


def test_a_profile_worked_by_hand():
    """Values 1 1 3 7: mean 3, sd sqrt(6); clusters (1, 1) and (3, 7); SS between 16, total 24."""
    profile = describe(np.array([[1.0], [1.0], [3.0], [7.0]]), np.array([1, 1, 2, 2]), ["x"])
    first, second = profile.table.to_dict("records")
    assert (first["n"], first["mean"], first["sd"]) == (2, 1, 0)
    assert second["mean"] == 5
    assert second["sd"] == pytest.approx(8**0.5)
    assert second["effect"] == pytest.approx(2 / 6**0.5)
    # t with 1 degree of freedom: 12.7062 standard errors of 2 each way
    assert second["effect_high"] == pytest.approx((2 + 12.7062 * 2) / 6**0.5, abs=1e-4)
    assert second["effect_low"] == pytest.approx((2 - 12.7062 * 2) / 6**0.5, abs=1e-4)
    assert profile.overall.loc["x", "eta_squared"] == pytest.approx(16 / 24)


def test_one_village_alone_has_no_interval():
    profile = describe(np.array([[1.0], [1.2], [3.0]]), np.array([1, 1, 2]), ["x"])
    alone = profile.table.set_index("cluster").loc[2]
    assert np.isnan([alone["sd"], alone["effect_low"], alone["effect_high"]]).all()
    assert alone["effect"] > 1


def test_a_category_is_described_by_its_share():
    """In 10 of 20 villages, in 8 of the 10 of type 1: Wilson's interval of 0.8 is 0.4902 to 0.9433."""
    own, other = [1.0] * 8 + [0.0] * 2, [1.0] * 2 + [0.0] * 8
    values, clusters_ = np.array([own + other]).T, np.repeat([1, 2], 10)
    profile = describe(values, clusters_, ["road=earth"], category_of={"road=earth": "road"})
    first = profile.table.iloc[0]
    assert (first["n"], first["mean"]) == (10, 0.8)
    assert first["effect"] == pytest.approx(0.3 / 0.5)
    assert first["effect_low"] == pytest.approx((0.4902 - 0.5) / 0.5, abs=1e-3)
    assert first["effect_high"] == pytest.approx((0.9433 - 0.5) / 0.5, abs=1e-3)


def test_missing_values_count_nowhere_in_a_profile():
    values = np.array([[1.0, 5], [3.0, np.nan], [np.nan, 6], [5.0, 7]])
    profile = describe(values, np.array([1, 1, 2, 2]), ["a", "b"])
    table = profile.table.set_index(["cluster", "variable"])
    assert table["n"].tolist() == [2, 1, 1, 2]
    assert table["mean"].tolist() == [2, 5, 5, 6.5]
    assert profile.overall["mean"].tolist() == [3, 6]
    # a: means 2, 2 and 5 against values 1, 3 and 5: 6 of 8 lie between.
    assert profile.overall.loc["a", "eta_squared"] == pytest.approx(6 / 8)


def test_a_variable_nobody_of_a_type_has_does_not_name_it():
    values = np.array([[0.0, np.nan], [0.1, np.nan], [9.0, 1.0], [9.1, 2.0]])
    profile = describe(values, np.array([1, 1, 2, 2]), ["iks", "ike"])
    assert [name.text("en") for name in propose_names(profile, [IKS, IKE])] == [
        "low social resilience index",
        "high social resilience index",
    ]


def test_villages_in_no_type_count_among_all():
    profile = describe(np.array([[0.0], [2.0], [10.0]]), np.array([1, 2, 0]), ["x"])
    assert set(profile.table["cluster"]) == {1, 2}
    assert profile.overall.loc["x", "mean"] == 4


def test_what_stands_out_comes_furthest_first():
    values = np.array([[0, 0, 5.0], [0, 1, 5], [9, 3, 5.1], [9, 4, 5.1]])
    profile = describe(values, np.array([1, 1, 2, 2]), ["a", "b", "c"])
    notable = profile.notable(2)
    assert set(notable["variable"]) == {"a", "b", "c"}
    assert notable["effect"].abs().is_monotonic_decreasing
    assert profile.notable(2, at_least=2).empty


def names_of(means: list[list[float]], variables: list[Variable], language: str = "en") -> list[str]:
    """Name clusters of ten equal villages each."""
    values = np.repeat(np.array(means), 10, axis=0)
    profile = describe(values, np.repeat(np.arange(len(means)) + 1, 10), [v.name for v in variables])
    return [name.text(language) for name in propose_names(profile, variables)]


def test_names_say_what_stands_out():
    assert names_of([[1, 0], [0, 1], [0.5, 0.5]], [IKS, IKE]) == [
        "high social resilience index, low economic resilience index",
        "low social resilience index, high economic resilience index",
        "near the average of all villages",
    ]
    assert names_of([[1, 0], [0, 1]], [IKS, IKE], "id") == [
        "Indeks Ketahanan Sosial tinggi, Indeks Ketahanan Ekonomi rendah",
        "Indeks Ketahanan Sosial rendah, Indeks Ketahanan Ekonomi tinggi",
    ]


def test_clusters_that_stand_out_everywhere_are_named_so():
    assert names_of([[9, 9], [1, 1]], [IKS, IKE]) == ["high on every indicator", "low on every indicator"]
    assert names_of([[9, 9], [1, 1]], [IKS, IKE], "id") == [
        "semua indikator tinggi",
        "semua indikator rendah",
    ]


def test_equal_names_are_told_apart_by_the_variable_that_differs_most():
    names = names_of([[9, 9.0], [8, 8.9], [0, 0], [0.5, 0.1]], [IKS, IKE], "id")
    assert names == [
        "semua indikator tinggi (Indeks Ketahanan Sosial 9)",
        "semua indikator tinggi (Indeks Ketahanan Sosial 8)",
        "semua indikator rendah (Indeks Ketahanan Sosial 0)",
        "semua indikator rendah (Indeks Ketahanan Sosial 0,5)",
    ]


@given(
    st.lists(st.lists(st.integers(0, 6), min_size=3, max_size=3), min_size=3, max_size=8, unique_by=tuple),
    st.sampled_from([1.0, 1e-6, 1e6]),
)
@settings(max_examples=60, deadline=None)
def test_no_two_clusters_share_a_name(means, size):
    columns = np.array(means, dtype=float)
    if (columns.max(axis=0) == columns.min(axis=0)).any():
        return
    variables = [IKS, IKE, Variable("omzet_bumdes", "Omzet BUMDes", "Turnover of the BUMDes", "number")]
    for language in ("en", "id"):
        names = names_of((columns * size + 100).tolist(), variables, language)
        assert len(set(names)) == len(means)


def test_the_account_tells_data_choice_types_and_doubt(typology):
    expected = """
        Made data (an example), not observed. 7 villages were sorted into 2 types by their values of 2024:
        social resilience index (IKS), economic resilience index (IKE). Records that could not be compared
        and were left out, listed with the reason: 1.

        The number of types was given, not chosen from the data. By a mean silhouette of 0.74 the groups
        are strong: villages clearly fall into types.

        Type 1: high on every indicator. Villages: 4 (57%), such as Pusaka (Tarumajaya),
        Samudra (Tarumajaya), Segara (Tarumajaya).

        Type 2: low on every indicator. Villages: 3 (43%), such as Pantai (Tarumajaya), Kedung (Babelan),
        Babelan (Babelan).

        Villages on the border of two types, that could as well belong to the other one: 1 (14%); do not
        decide about them by their type alone. 1 of 1 starts of the calculation found practically the same
        groups. Types describe averages: a village may differ from its type in any single value.
    """
    paragraphs = [" ".join(paragraph.split()) for paragraph in expected.split("\n\n")]
    assert typology.in_words("en").splitlines() == paragraphs


def test_the_account_in_indonesian_has_no_english_left(typology):
    text = typology.in_words("id")
    assert text.startswith("Data buatan (contoh), bukan hasil pengamatan. 7 desa/kelurahan dikelompokkan")
    assert not {"the", "of", "villages", "types"} & set(text.lower().split())


def test_a_long_list_of_variables_is_cut_short():
    values = np.random.default_rng(9).normal(size=(40, 12))
    typology = clusters.find_types(dataset_of_values(values), [f"x{n}" for n in range(1, 13)], k=2)
    assert "x7, x8 and 4 more." in typology.in_words("en")
    assert "x7, x8, dan 4 lainnya." in typology.in_words("id")


@pytest.mark.parametrize(
    ("silhouette", "reading"),
    [
        (0.71, "strong"),
        (0.70, "reasonable"),
        (0.51, "reasonable"),
        (0.50, "weak"),
        (0.26, "weak"),
        (0.25, "hardly"),
    ],
)
def test_silhouettes_are_read_as_kaufman_and_rousseeuw_do(silhouette, reading):
    assert reading in strength(silhouette).text("en")


def test_tables_have_readable_headings_and_say_that_the_data_is_made(typology):
    table = typology.table("id")
    assert table.columns.tolist() == [
        "Tipe", "Nama", "Desa/kelurahan", "Persentase (%)", "Rata-rata silhouette", "Di perbatasan",
        "Rata-rata: Indeks Ketahanan Sosial", "Rata-rata: Indeks Ketahanan Ekonomi", "Catatan",
    ]  # fmt: skip
    assert table["Desa/kelurahan"].tolist() == [4, 3]
    assert set(table["Catatan"]) == {"Data buatan (contoh), bukan hasil pengamatan"}
    villages = typology.villages_table("en")
    assert villages.loc[villages["Village"] == "Muara", "On the border"].item() == "yes"
    reason = typology.left_out_table("id").loc[0, "Alasan"]
    assert reason == "tidak ada nilai untuk Indeks Ketahanan Sosial"


def test_columns_that_share_a_label_stay_apart():
    dataset = dataset_from(EIGHT)
    same = [replace(variable, label_en="Index") for variable in dataset.codebook.select(["iks", "ike"])]
    dataset = dataset.with_frame(dataset.frame, dataset.codebook.with_variables(*same))
    table = clusters.find_types(dataset, ["iks", "ike"], k=2).table("en")
    assert table.columns.tolist()[-2:] == ["Mean: Index (iks)", "Mean: Index (ike)"]


def test_observed_data_carries_no_such_note():
    observed = clusters.find_types(dataset_from(EIGHT), ["iks", "ike"], k=2)
    assert "Note" not in observed.table("en")
    assert "Made data" not in observed.in_words("en")


def test_the_reasons_for_k_name_rivals_and_disagreement():
    values = np.random.default_rng(8).normal(size=(90, 3))
    found = clusters.find_types(dataset_of_values(values), ["x1", "x2", "x3"]).choice
    shown = found.table[["silhouette", "calinski_harabasz", "davies_bouldin"]]
    assert shown["silhouette"].round(3).to_dict() == {
        2: 0.263, 3: 0.249, 4: 0.269, 5: 0.287, 6: 0.273, 7: 0.250, 8: 0.267, 9: 0.274, 10: 0.281,
    }  # fmt: skip
    assert (shown["calinski_harabasz"].idxmax(), shown["davies_bouldin"].idxmin()) == (2, 10)
    assert [reason.text("en") for reason in found.reasons] == [
        (
            "No groups were found: nowhere among the villages is there a valley that parts them (100% of the "
            "ways to look agree). The 5 types cut one continuum for convenience"
        ),
        "Of 2 to 10 types, 5 have the highest mean silhouette (0.29)",
        "The measures disagree: Calinski-Harabasz prefers 2 types, Davies-Bouldin 10",
        (
            "By that silhouette the groups are weak: neighbouring types run into each other and may be "
            "partly artificial"
        ),
        "10 types are practically as good (silhouette within 0.01)",
    ]


@pytest.mark.parametrize(
    ("calinski_harabasz", "davies_bouldin", "told"),
    [
        ([1, 9, 1], [5, 1, 5], "The Calinski-Harabasz and Davies-Bouldin measures agree"),
        ([1, 9, 1], [5, 5, 1], "The Calinski-Harabasz measure agrees; Davies-Bouldin prefers 4 types"),
        ([9, 1, 1], [5, 1, 5], "The Davies-Bouldin measure agrees; Calinski-Harabasz prefers 2 types"),
        ([9, 1, 1], [5, 5, 1], "The measures disagree: Calinski-Harabasz prefers 2 types, Davies-Bouldin 4"),
    ],
)
def test_the_other_two_measures_are_heard(monkeypatch, calinski_harabasz, davies_bouldin, told):
    """Silhouettes prefer 3 of 2, 3 and 4 types; the two other measures are given."""
    given = {"calinski_harabasz": iter(calinski_harabasz), "davies_bouldin": iter(davies_bouldin)}
    for name, values in given.items():
        monkeypatch.setattr(choice, name, lambda *_, values=values: float(next(values)))
    values = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]], 10, axis=0)
    values += np.random.default_rng(2).normal(size=values.shape)
    found = clusters.find_types(dataset_of_values(values), ["x1", "x2"], k_range=range(2, 5)).choice
    assert found.k == 3
    assert found.reasons[2].text("en") == told


def test_texts_kept_in_tables_are_translated():
    kept = {*naming.ONE.values(), *naming.ONE_CATEGORY.values(), MADE, *(title for _, title in PANELS)}
    assert kept <= set(catalogue("id"))
