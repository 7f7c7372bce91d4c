"""Tables as offices publish them: titles, notes, totals, blank rows, and what columns hold."""

from __future__ import annotations

import pytest

from pk_research import sources
from pk_research.codebook import Codebook, Label, Variable
from pk_research.errors import BadInput


@pytest.fixture
def load(tmp_path):
    def load(text: str, **options):
        (tmp_path / "a.csv").write_text(text, encoding="utf-8")
        return sources.load(tmp_path / "a.csv", **options)

    return load


def steps(dataset) -> list[tuple[str, int]]:
    return [(step.what.text("en"), step.n_rows) for step in dataset.provenance.steps]


TOTAL = "is a total and was set aside; it equals the sum of its parts in"
COMMAS = "commas separate thousands, a point decimals"
MINISTRY = """\
JUMLAH PENDAMPING DESA,,,
Juni 2024,,,
No,Provinsi,"
PD","
 PLD"
1,ACEH,856,"1,573"
2,RIAU,277,412
,,,
JUMLAH TOTAL,,"1,133","1,985"
,,,
Catatan,,,
1) Termasuk UPT,,,
"""


def test_a_ministry_table(load):
    dataset = load(MINISTRY)
    assert dataset.provenance.title == "JUMLAH PENDAMPING DESA Juni 2024"
    assert dataset.frame.to_dict("list") == {
        "no": [1, 2],
        "province": ["ACEH", "RIAU"],
        "pd": [856, 277],
        "pld": [1573, 412],
    }
    assert dataset.provenance.n_rows_read == 3
    assert steps(dataset) == [
        ("Rows above the header were set aside as the title", 2),
        ("Notes under the table were set aside: Catatan / 1) Termasuk UPT", 2),
        ("Blank rows were left out", 2),
        (f"Row 7 (JUMLAH TOTAL) {TOTAL} 2 of 2 columns", 1),
        (f"pld: {COMMAS}; only so do the values add up to the total “1,985”", 1),
    ]


def test_a_sign_that_only_the_total_has_is_read_as_the_sum_says(load):
    dataset = load("provinsi,jumlah\nACEH,8.0\nRIAU,17.0\nTOTAL,25\n")
    assert steps(dataset)[0][0].endswith("in 1 of 1 columns")
    dataset = load("provinsi,jumlah\nACEH,9001\nRIAU,8202\nTOTAL,17.203\n")
    assert dataset.frame["jumlah"].tolist() == [9001, 8202]
    assert steps(dataset)[0][0].endswith("in 1 of 1 columns")


def test_a_total_that_differs_is_reported(load):
    dataset = load("provinsi,jumlah,luas\nACEH,10,1\nRIAU,20,2\nIndonesia,31,3\n")
    assert steps(dataset) == [
        (f"Row 4 (Indonesia) {TOTAL} 1 of 2 columns", 1),
        ("Row 4 (Indonesia) gives 31 for jumlah, but its parts add up to 30", 1),
    ]


def test_subtotals_are_compared_with_the_rows_above_them(load):
    dataset = load("desa,n\nA,1\nB,2\nJumlah,3\nC,4\nD,5\nJumlah,9\nTotal,12\n")
    assert dataset.frame["village"].tolist() == ["A", "B", "C", "D"]
    assert [text.partition("; ")[2] for text, _ in steps(dataset)] == [
        "it equals the sum of its parts in 1 of 1 columns",
        "it equals the sum of its parts in 1 of 1 columns",
        "it equals the sum of its parts in 1 of 1 columns",
    ]


def test_a_village_called_total_is_no_total(load):
    dataset = load("kecamatan,desa,n\nBABELAN,TOTAL,1\nSETU,BURANGKENG,2\n")
    assert len(dataset.frame) == 2
    assert steps(dataset) == []


def test_countries_are_no_totals_among_countries(load):
    assert len(load("negara,ekspor\nINDONESIA,1\nMALAYSIA,2\n").frame) == 2


def test_two_header_rows_are_joined(load):
    dataset = load("Provinsi,Penduduk,,Luas\n,Laki-laki,Perempuan,(ha)\nACEH,1,2,3\nRIAU,4,5,6\nBALI,7,8,9\n")
    assert list(dataset.frame.columns) == ["province", "penduduk_laki_laki", "penduduk_perempuan", "luas_ha"]
    assert dataset.codebook["luas_ha"].label("id") == "Luas (ha)"


def test_column_numbers_under_the_header_are_left_out(load):
    dataset = load("Provinsi,L,P\n(1),(2),(3)\nACEH,1,2\nRIAU,3,4\n")
    assert dataset.frame["l"].tolist() == [1, 3]
    assert steps(dataset) == [("A row of column numbers under the header was left out", 1)]


def test_headings_that_repeat_or_lack_get_names_that_do_not(load):
    dataset = load(",n,n,n_2\nA,1,2,3\n")
    assert list(dataset.frame.columns) == ["column_1", "n", "n_3", "n_2"]


def test_one_category_in_three_spellings(load):
    rows = ["Tidak ada"] * 5 + ["TIdak ada"] * 2 + ["Tidak\tada"] + ["Ada"] * 4 + ["ADA"]
    dataset = load("air\n" + "\n".join(f'"{row}"' for row in rows))
    assert dataset.frame["air"].value_counts().to_dict() == {"Tidak ada": 8, "Ada": 5}
    assert steps(dataset) == [
        (
            "air: spellings of one category: “ADA” → “Ada”; “TIdak ada”, “Tidak\\tada” → “Tidak ada”",
            4,
        )
    ]


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (["1", "2"], "integer"),
        (["1.5", "2"], "number"),
        (["1.0", "2.0"], "integer"),
        (["007", "012"], "code"),
        (["3216012001234567", "3216012001234568"], "code"),
        (["2024-01-31", "2023-12-01"], "date"),
        (["31/01/2024", "01/02/2024"], "string"),
        (["true", "FALSE"], "boolean"),
        (["a", "b"], "string"),
        (["a", "b", "a", "b"], "category"),
        (["1.234", "5.678"], "string"),
        (["5", "tidak tahu"], "string"),
    ],
)
def test_the_kind_of_an_undeclared_column(load, column, kind):
    assert load("x\n" + "\n".join(column)).codebook["x"].kind == kind


@pytest.mark.parametrize("heading", ["Kode", "kode usaha", "id", "NIK"])
def test_codes_are_told_by_their_heading(load, heading):
    dataset = load(f"{heading},n\n12,1\n34.0,2\n")
    assert dataset.codebook[dataset.codebook.names[0]].kind == "code"
    assert dataset.frame.iloc[:, 0].tolist() == ["12", "34"]


def test_a_few_words_among_numbers_are_named(load):
    dataset = load("desa,n\n" + "".join(f"D{n},{n}\n" for n in range(9)) + "D9,tidak tahu\n")
    assert dataset.codebook["n"].kind == "string"
    assert steps(dataset) == [("n was kept as text: words stand among its numbers: “tidak tahu”", 1)]


@pytest.mark.parametrize(
    "cells",
    [["5%", "12.5%"], ["Rp 1.200.000", "Rp5.000,-"], ["(12)", "14"], ["120 m2", "95 ha"], ["12*", "7", "-"]],
)
def test_a_column_kept_as_text_although_it_looks_like_numbers_says_so(load, cells):
    dataset = load("n;m\n" + "".join(f"{cell};a\n" for cell in cells))
    assert dataset.codebook["n"].kind == "string"
    assert any(
        text.startswith("n was kept as text although most of its values look like numbers: “")
        for text, _ in steps(dataset)
    )


def test_many_words_among_numbers_are_named_wherever_they_stand(load):
    dataset = load("n;m\ntidak tahu;a\n1;b\n2;c\n3;d\n")
    assert steps(dataset) == [("n was kept as text: words stand among its numbers: “tidak tahu”", 1)]


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("kode_usaha", ["5%", "6%"]),
        ("kode", ["12", "13a"]),
        ("telepon", ["08121234", "(0812) 99"]),
        ("tanggal", ["31/01/2024", "2 Januari 2024"]),
        ("jawaban", ["1. Ya", "2. Tidak"]),
        ("rumah", ["12A", "14B"]),
        ("nama_desa", ["5 Saudara", "7 Sumur"]),
        ("lama", ["5", "tidak tahu"]),
    ],
)
def test_codes_dates_and_answers_with_numbers_are_only_texts(load, heading, cells):
    assert steps(load(f"{heading};m\n" + "".join(f"{cell};a\n" for cell in cells))) == []


def test_one_zero_in_front_does_not_make_texts_codes(load):
    assert load("x,y\n007,1\nRT 12.0,2\n").frame["x"].tolist() == ["007", "RT 12.0"]


def test_signs_for_no_answer_are_missing_and_counted(load):
    dataset = load("desa,a,b\nA,1,-\nB,-,-\n-,3,4\n")
    assert dataset.frame.isna().sum().tolist() == [1, 1, 2]
    assert steps(dataset) == [("“-” stands for no answer and was made missing", 3)]
    assert dataset.provenance.steps[0].columns == ("village", "a", "b")


BOOK = Codebook(
    (
        Variable("desa"),
        Variable("air", kind="category", categories=(Label("1", "Ada", "Yes"), Label("2", "Tidak", "No"))),
        Variable(
            "panen",
            kind="number",
            missing=(Label("-99", "Tidak tahu", "Does not know"), Label("-98", "", "")),
        ),
    )
)


def test_declared_missing_codes_become_missing_with_a_count_each(load):
    dataset = load("desa,air,panen\nA,1,-99\nB,2,-99.0\nC,1,-98\nD,,2.5\n", codebook=BOOK)
    assert dataset.codebook == BOOK
    assert dataset.frame["panen"].isna().tolist() == [True, True, True, False]
    assert steps(dataset) == [
        ("panen: the missing code -99 (Does not know) was made missing", 2),
        ("panen: the missing code -98 (–) was made missing", 1),
    ]
    told = dataset.provenance.steps[0].what.text("id")
    assert told == "panen: kode data hilang -99 (Tidak tahu) dijadikan data hilang"


def test_values_outside_the_declared_categories_are_named_with_their_rows(load):
    with pytest.raises(BadInput, match=r"2 values are not of kind category \(row 3: '3', row 4: '3'\)"):
        load("desa,air,panen\nA,1,2\nB,3.0,2\nC,3.0,2\n".replace("3.0", "3"), codebook=BOOK)


def test_a_codebook_decides_what_the_values_do_not(load):
    text = "desa,luas\nA,1.234\nB,5.678\n"
    book = Codebook((Variable("desa"), Variable("luas", kind="integer")))
    assert load(text, codebook=book).frame["luas"].tolist() == [1234, 5678]
    book = Codebook((Variable("desa"), Variable("luas", kind="number")))
    assert load(text, codebook=book).frame["luas"].tolist() == [1.234, 5.678]
    with pytest.raises(BadInput, match="luas"):
        load(text.replace(".", ";"), codebook=book)


def test_village_tables_get_the_names_and_the_key_all_sources_share(load):
    dataset = load("Kode Desa,Nama Desa,Tahun,Penduduk\n32.16.01.2001,SAGARA MAKMUR,2024,1000\n")
    assert list(dataset.frame.columns) == ["village_code", "village", "year", "penduduk"]
    assert dataset.key == ("village_code", "year")
    assert dataset.frame["village_code"].tolist() == ["3216012001"]


def test_bps_codes_are_not_taken_for_kemendagri_codes(load):
    dataset = load("kode_desa,n\n3201190006,1\n3201190010,2\n")
    assert list(dataset.frame.columns) == ["bps_village_code", "n"]
    assert dataset.key == ()
    assert steps(dataset) == [("kode_desa does not hold Kemendagri village codes", 2)]


def test_the_same_file_gives_the_same_dataset(load):
    assert load(MINISTRY).content_hash == load(MINISTRY).content_hash
    assert load(MINISTRY).provenance == load(MINISTRY).provenance
