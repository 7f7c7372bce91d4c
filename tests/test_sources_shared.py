"""The real files: all of them load, and what is known of them is found."""

from __future__ import annotations

import re
from collections import Counter

import pandas as pd
import pytest

from pk_research import sources
from pk_research.errors import BadInput

N_FILES = 32


@pytest.fixture(scope="module")
def datasets(shared):
    paths = sorted((shared / "data").glob("*/*.csv")) + sorted((shared / "data").glob("*/*.csv.gz"))
    return {path.name: sources.load(path) for path in paths}


def totals_of(dataset) -> list[dict[str, object]]:
    """What the steps say of rows that are totals."""
    steps = [step.what for step in dataset.provenance.steps if "is a total" in step.what.template]
    return [what.to_dict()["values"] for what in steps]


def test_every_table_loads_in_its_layout(datasets):
    assert len(datasets) == N_FILES
    assert Counter(dataset.provenance.layout for dataset in datasets.values()) == {
        "bps": 15,
        "jabar-village": 4,
        "idm-national": 2,
        "idm-indicators": 1,
        "jabar-regency": 1,
        "table": 9,
    }


def test_rows_kept_and_rows_set_aside_are_the_rows_read(datasets):
    for name, dataset in datasets.items():
        assert dataset.provenance.n_rows_read == len(dataset.frame) + len(totals_of(dataset)), name


def test_no_code_is_a_number_and_every_name_could_be_stored(datasets):
    for dataset in datasets.values():
        assert re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,119}", dataset.name)
        for variable in dataset.codebook:
            assert dataset.frame[variable.name].dtype == variable.dtype
            if variable.kind == "code":
                assert not dataset.frame[variable.name].str.contains(r"\.0$").any()


def test_the_national_list(datasets):
    national = datasets["idm2024_nasional.csv.gz"]
    frame = national.frame
    assert (national.provenance.n_rows_read, len(frame)) == (74_760, 74_760)
    assert frame["village_code"].is_unique
    assert frame["village_code"].str.fullmatch(r"[0-9]{10}").all()
    assert frame[["iks", "ike", "ikl", "idm", "idm_status"]].isna().sum().tolist() == [4] * 5
    assert frame["idm_status"].value_counts().to_dict() == {
        "Berkembang": 24_267,
        "Maju": 22_924,
        "Mandiri": 17_103,
        "Tertinggal": 6_099,
        "Sangat Tertinggal": 4_363,
    }


def test_one_regency_is_the_same_in_its_own_file(datasets):
    own, national = (datasets[name].frame for name in ("idm2024_karawang.csv", "idm2024_nasional.csv.gz"))
    part = national[national["regency_code"] == "3215"]
    columns = [name for name in own.columns if name != "note"]
    pd.testing.assert_frame_equal(
        own[columns].sort_values("village_code", ignore_index=True),
        part[columns].sort_values("village_code", ignore_index=True),
    )


def test_the_indicators(datasets):
    dataset = datasets["idm_indicators_2021_2024.csv.gz"]
    scores = [name for name in dataset.codebook.names if re.fullmatch(r"ik[sel]\d\d", name)]
    assert len(scores) == 50
    assert dataset.frame.shape[0] == 9_930
    assert dataset.frame[scores].min().min() == 0
    assert dataset.frame[scores].max().max() == 5
    assert dataset.codebook["ikl03"].label("id") == "Tanggap bencana"


def test_every_published_total_of_bps_is_the_sum_of_its_provinces(datasets):
    for dataset in datasets.values():
        if dataset.provenance.layout == "bps":
            assert len(dataset.frame) == 38
            totals = totals_of(dataset)
            assert [total["label"] for total in totals] == ["INDONESIA"]
            assert totals[0]["n"] == totals[0]["m"]


@pytest.mark.parametrize(
    ("file", "n_rows", "label", "n_columns"),
    [
        ("12_Jumlah Desa_Kelurahan Menurut Provinsi, 2024.csv", 38, "Indonesia", 1),
        ("13_jumlah-pendamping-desa-yang-diberdayakan.csv", 38, "JUMLAH TOTAL", 6),
        ("21_Jumlah Desa Manfaat SP.csv", 36, "Grand Total", 66),
    ],
)
def test_ministry_tables_have_a_total_that_is_set_aside(datasets, file, n_rows, label, n_columns):
    dataset = datasets[file]
    (total,) = totals_of(dataset)
    assert len(dataset.frame) == n_rows
    assert (total["label"], total["n"], total["m"]) == (label, n_columns, n_columns)


def test_thousands_of_a_ministry(datasets):
    pld = datasets["13_jumlah-pendamping-desa-yang-diberdayakan.csv"].frame
    assert pld["pld"].sum() == 18_966
    aid = datasets["20_jumlah-desa-penerima-bantuan-pow.csv"].frame
    assert aid["nominal_bantuan"].dtype == "Int64"
    assert aid["nominal_bantuan"].max() == 2_400_000_000


def test_the_file_that_is_not_utf_8(datasets):
    dataset = datasets["16_jumlah-bumdesa-dan-bumdesa-bersama-yang-berbadan-hukum.csv"]
    assert [
        (step.what.to_dict()["values"].get("encoding"), step.n_rows) for step in dataset.provenance.steps
    ] == [
        ("windows-1252", 5),
        (None, 2),
    ]
    assert dataset.frame["village"].str.contains("PA’TENGKO").sum() == 1
    assert dataset.frame["kategori"].nunique() == 3


def test_open_data_jabar(datasets):
    signal = datasets["sinyal_telepon.csv.gz"]
    assert signal.frame["village_code"].nunique() == 5_134
    assert not signal.frame.duplicated(list(signal.key)).any()
    crosswalk = sources.crosswalk(signal)
    assert len(crosswalk) == 5_132
    assert crosswalk["3201190006"] == ("3201022001",)
    assert len(crosswalk.conflicts) == 2


def test_the_other_tables(datasets):
    assert datasets["umkm_binaan_jenis_usaha.csv"].key == ("regency_code", "jenis_usaha", "year")
    farms = datasets["RiceFarms.csv"]
    assert (len(farms.frame), farms.frame["id"].nunique()) == (1_026, 171)
    assert datasets["bekasi_desa_kelurahan_centroid.csv"].key == ("village_code",)


def test_the_boundaries(shared):
    folder = shared / "data" / "boundaries"
    assert len(sources.boundaries(folder / "bekasi_desa_kelurahan.geojson")) == 187
    assert len(sources.boundaries(folder / "bekasi_kecamatan.geojson")) == 23


def test_published_data_of_other_fields_load_too(shared):
    reference = shared / "reference"
    paths = [*reference.glob("*/*.csv"), *reference.glob("*/*.tab"), *reference.glob("*/*.dta")]
    assert len(paths) == 13
    shapes = {path.name: sources.load(path).frame.shape for path in paths}
    assert shapes["lalonde_matchit.tab"] == (614, 10)
    assert shapes["synth_smoking.dta"] == (1_209, 7)


def test_documents_beside_the_data_are_refused(shared):
    with pytest.raises(BadInput, match="a web page"):
        sources.load(shared / "data" / "rice-farms" / "RiceFarms.html")
