"""The layouts offices publish in, on small made tables; the real ones are in test_sources_shared."""

from __future__ import annotations

import pytest

from pk_research import sources
from pk_research.codebook import Codebook, Variable
from pk_research.errors import BadInput
from pk_research.sources.vocabulary import IDM_STATUS


@pytest.fixture
def load(tmp_path):
    def load(text: str, **options):
        (tmp_path / "a.csv").write_text(text, encoding="utf-8")
        return sources.load(tmp_path / "a.csv", **options)

    return load


def steps(dataset) -> list[tuple[str, int]]:
    return [(step.what.text("en"), step.n_rows) for step in dataset.provenance.steps]


TOTAL = "is a total and was set aside; it equals the sum of its parts in"
NATIONAL = """\
KODE_PROV,NAMA_PROVINSI,KODE_KAB,NAMA_KABUPATEN,KODE_KEC,NAMA_KECAMATAN,KODE_DESA,NAMA_DESA,\
IKS_2024,IKE_2024,IKL_2024,NILAI_IDM_2024,STATUS_IDM_2024,Keterangan
32,JAWA BARAT,3216,BEKASI,321601,TARUMAJAYA,3216012001,SAGARA MAKMUR,0.9,0.8,0.7,0.8,MAJU,
32,JAWA BARAT,3216,BEKASI,321601,TARUMAJAYA,3216012002,SEGARAJAYA,,,,,,Update 2023
"""


def test_the_national_list_of_a_year(load):
    dataset = load(NATIONAL)
    assert dataset.provenance.layout == "idm-national"
    assert dataset.provenance.title == "Indeks Desa Membangun 2024"
    assert dataset.key == ("village_code", "year")
    assert list(dataset.frame.columns) == [
        "province_code", "province", "regency_code", "regency", "kecamatan_code", "kecamatan", "village_code",
        "village", "year", "iks", "ike", "ikl", "idm", "idm_status", "note",
    ]  # fmt: skip
    assert dataset.frame["year"].tolist() == [2024, 2024]
    assert dataset.frame["idm_status"].isna().tolist() == [False, True]
    assert dataset.codebook["idm_status"] == IDM_STATUS
    assert steps(dataset) == [
        ("idm_status: spellings of one category: “MAJU” → “Maju”", 1),
        ("The year 2024 was taken from the headings", 2),
    ]


def test_the_same_list_with_decimal_commas(load):
    text = NATIONAL.replace(",", ";").replace("0.", "0,")
    dataset = load(text)
    assert dataset.frame["idm"].tolist()[0] == 0.8
    assert any("points separate thousands, a comma decimals" in text for text, _ in steps(dataset))


def test_a_list_of_several_years_is_not_taken_for_one(load):
    text = NATIONAL.replace("IKE_2024", "IKE_2023")
    assert load(text).provenance.layout == "table"
    with pytest.raises(BadInput, match="its headings name 2 years"):
        load(text, layout="idm-national")


def test_a_status_that_does_not_exist(load):
    with pytest.raises(
        BadInput, match="Use one of: Sangat Tertinggal, Tertinggal, Berkembang, Maju, Mandiri"
    ):
        load(NATIONAL.replace("MAJU", "HEBAT"))


INDICATORS = """\
kode_desa,tahun,provinsi,kabupaten,kecamatan,desa,\
IKS01 Skor Akses Sarkes,IKE02 Skor Pertokoan,IKS,IKE,IKL,IDM,STATUS
3216012001,2023,JAWA BARAT,BEKASI,TARUMAJAYA,SAGARA MAKMUR,5,1,0.9,0.8,0.7,0.8,Maju
3216012001,2024,JAWA BARAT,BEKASI,TARUMAJAYA,SAGARA MAKMUR,4,3,0.9,0.8,0.7,0.8,Maju
"""


def test_the_indicators_are_the_declared_ones(load):
    dataset = load(INDICATORS)
    assert dataset.provenance.layout == "idm-indicators"
    iks01 = dataset.codebook["iks01"]
    assert (iks01.label("en"), iks01.kind) == ("Access to a health facility", "integer")
    assert (iks01.minimum, iks01.maximum) == (0, 5)
    assert dataset.frame[["year", "iks01", "ike02"]].values.tolist() == [[2023, 5, 1], [2024, 4, 3]]


JABAR = """\
kode_provinsi,nama_provinsi,bps_kode_kabupaten_kota,bps_nama_kabupaten_kota,bps_kode_desa_kelurahan,\
bps_nama_desa_kelurahan,kemendagri_kode_desa_kelurahan,kemendagri_nama_desa_kelurahan,jumlah_alat,satuan,tahun,id
32.0,JAWA BARAT,3216.0,KABUPATEN BEKASI,3216050001.0,SAGARA,32.16.01.2001,SAGARA MAKMUR,2.0,UNIT,2019.0,1
32.0,JAWA BARAT,3216.0,KABUPATEN BEKASI,3216050001.0,SAGARA,32.16.01.2009,SAGARA MAKMUR,3.0,UNIT,2020.0,2
"""


def test_open_data_jabar_has_both_codes_and_floats_become_codes(load):
    dataset = load(JABAR)
    assert dataset.provenance.layout == "jabar-village"
    assert dataset.frame.iloc[0].to_dict() == {
        "province_code": "32",
        "province": "JAWA BARAT",
        "bps_regency_code": "3216",
        "bps_regency": "KABUPATEN BEKASI",
        "bps_village_code": "3216050001",
        "bps_village": "SAGARA",
        "village_code": "3216012001",
        "village": "SAGARA MAKMUR",
        "jumlah_alat": 2,
        "year": 2019,
        "id": "1",
    }
    assert dataset.codebook["jumlah_alat"].unit == "unit"
    assert steps(dataset) == [
        ("The column satuan is unit in every row; it is now the unit of jumlah_alat", 2)
    ]


def test_units_that_differ_stay_in_the_rows(load):
    dataset = load(JABAR.replace("2.0,UNIT", "2.0,TON"))
    assert dataset.frame["satuan"].tolist() == ["TON", "UNIT"]
    assert dataset.codebook["jumlah_alat"].unit == ""


def test_the_crosswalk_knows_villages_that_were_renumbered(load):
    crosswalk = sources.crosswalk(load(JABAR))
    assert crosswalk["3216050001"] == ("3216012001", "3216012009")
    assert list(crosswalk.conflicts) == ["3216050001"]


def test_no_crosswalk_from_data_with_one_code(load):
    with pytest.raises(BadInput, match="no column bps_village_code"):
        sources.crosswalk(load(NATIONAL))


def test_open_data_jabar_by_regency(load):
    text = (
        "id,kode_provinsi,nama_provinsi,kode_kabupaten_kota,nama_kabupaten_kota,jenis_usaha,jumlah_umkm,satuan,tahun\n"
        "1,32,JAWA BARAT,3201,KABUPATEN BOGOR,BATIK,9,UNIT,2019\n"
        "2,32,JAWA BARAT,3201,KABUPATEN BOGOR,KOPI,4,UNIT,2019\n"
    )
    dataset = load(text)
    assert dataset.provenance.layout == "jabar-regency"
    assert dataset.key == ("regency_code", "jenis_usaha", "year")


BPS = """\
\ufeff38 Provinsi,,,
,Jumlah Desa menurut Provinsi dan Letak (Desa),,
,Tepi Laut,Bukan Tepi Laut,Jumlah
,2021,2021,2021
ACEH,10,20,30
RIAU,5,-,5
INDONESIA,15,20,35
"""


def test_a_table_of_bps(load):
    dataset = load(BPS)
    assert dataset.provenance.layout == "bps"
    assert dataset.provenance.title == "Jumlah Desa menurut Provinsi dan Letak"
    assert dataset.key == ("province", "year")
    assert dataset.frame.astype(object).where(dataset.frame.notna(), None).to_dict("list") == {
        "province": ["ACEH", "RIAU"],
        "year": [2021, 2021],
        "tepi_laut": [10, 5],
        "bukan_tepi_laut": [20, None],
        "jumlah": [30, 5],
    }
    tepi_laut = dataset.codebook["tepi_laut"]
    assert (tepi_laut.unit, tepi_laut.source) == ("desa", "Badan Pusat Statistik")
    assert tepi_laut.label("id") == "Jumlah Desa menurut Provinsi dan Letak: Tepi Laut"
    assert steps(dataset) == [
        (f"Row 7 (INDONESIA) {TOTAL} 3 of 3 columns", 1),
        ("“-” stands for no answer and was made missing", 1),
    ]


def test_years_that_stand_side_by_side_come_under_one_another(load):
    dataset = load(
        "38 Provinsi,,\n,Desa Mandiri Menurut Provinsi (Desa),\n,2020,2021\n"
        "ACEH,1,2\nRIAU,3,4\nINDONESIA,4,6\n"
    )
    assert dataset.frame.to_dict("list") == {
        "province": ["ACEH", "RIAU", "ACEH", "RIAU"],
        "year": [2020, 2020, 2021, 2021],
        "desa_mandiri": [1, 3, 2, 4],
    }
    assert [text for text, _ in steps(dataset)] == [
        "2 years stood side by side; each row is now of one year",
        f"Row 6 (INDONESIA) {TOTAL} 1 of 1 columns",
        f"Row 6 (INDONESIA) {TOTAL} 1 of 1 columns",
    ]


def test_two_columns_of_one_category_and_year_are_not_mixed_up(load):
    with pytest.raises(BadInput, match="two columns are headed 'Tepi Laut 2021'"):
        load(BPS.replace("Bukan Tepi Laut", "Tepi Laut"))


def test_a_codebook_for_a_table_of_bps(load):
    book = Codebook(
        (
            Variable("province"),
            Variable("year", kind="integer"),
            *(Variable(name, kind="number") for name in ("tepi_laut", "bukan_tepi_laut", "jumlah")),
        )
    )
    dataset = load(BPS, codebook=book)
    assert dataset.codebook == book
    assert dataset.frame["jumlah"].dtype == "float64"


def test_other_tables_are_not_taken_for_those_of_bps(load):
    with pytest.raises(BadInput, match="no header as BPS exports it"):
        load(NATIONAL, layout="bps")


GEOJSON = """{"type": "FeatureCollection", "features": [
  {"type": "Feature", "properties": {"kode": "32.16.01.2001"},
   "geometry": {"type": "Polygon", "coordinates": [[[107, -6], [108, -6], [108, -7], [107, -6]]]}},
  {"type": "Feature", "properties": {"kode": "3216012002"},
   "geometry": {"type": "MultiPolygon", "coordinates": [
     [[[1, 1], [2, 1], [2, 2], [1, 1]]], [[[3, 3], [4, 3], [4, 4], [3, 3]]]
   ]}}
]}"""


def test_boundaries_by_code(tmp_path):
    (tmp_path / "a.geojson").write_text(GEOJSON)
    found = sources.boundaries(tmp_path / "a.geojson")
    assert {code: [len(polygon) for polygon in polygons] for code, polygons in found.items()} == {
        "3216012001": [1],
        "3216012002": [1, 1],
    }
    assert found["3216012001"][0][0][0] == (107.0, -6.0)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('"kode": "3216012002"', '"nama": "A"', "feature 2: it has no code"),
        ("3216012002", "32.16.01.2001", "feature 2: the code 3216012001 stands there twice"),
        ("MultiPolygon", "Point", "feature 2: it is no polygon but Point"),
        ("[107, -6]]]", "[107, -5]]]", "feature 1: a ring is not closed"),
        ("107", "10700", "feature 1: positions are not longitude"),
        ('"features"', '"shapes"', "not a GeoJSON collection"),
        ("{", "", "not a GeoJSON collection"),
    ],
)
def test_boundaries_that_cannot_be_drawn(tmp_path, old, new, complaint):
    (tmp_path / "a.geojson").write_text(GEOJSON.replace(old, new))
    with pytest.raises(BadInput, match=complaint):
        sources.boundaries(tmp_path / "a.geojson")
