"""Saving and loading again: the same dataset comes back, or it is said what does not."""

from __future__ import annotations

import json
import math

import pandas as pd
import pyreadstat
import pytest
from frictionless import Package, system
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pk_research import sources
from pk_research.codebook import KINDS, Codebook, Label, Variable
from pk_research.errors import BadInput, NotReady
from pk_research.language import Message
from pk_research.sources import Dataset, Provenance, Step

ENDINGS = (".csv", ".parquet", ".sav", ".dta", ".xlsx")

BOOK = Codebook(
    (
        Variable("village_code", "Kode desa", "Village code", "code", source="Kemendagri"),
        Variable("year", "Tahun", "Year", "integer", minimum=2000, maximum=2100),
        Variable("note", "Catatan", "Note", "string", universe="Semua desa"),
        Variable(
            "road", "Kondisi jalan", "Road condition", "category",
            categories=(Label("1", "Baik", "Good"), Label("2", "Rusak; berlubang", "Broken | potholes")),
        ),
        Variable(
            "status", "Status IDM", "IDM status", "category",
            categories=(Label("Sangat Tertinggal", "", "Very underdeveloped"), Label("Maju", "", "")),
        ),
        Variable(
            "harvest_t", "Panen", "Harvest", "number", unit="t", minimum=0,
            missing=(Label("-99", "Tidak tahu", "Does not know"), Label("-98", "Menolak", "Refused")),
        ),
        Variable("has_market", "Ada pasar", "Has a market", "boolean"),
        Variable("founded", "Berdiri", "Founded", "date"),
    )
)  # fmt: skip
ROWS = {
    "village_code": ["3216012001", "0016012002", None],
    "year": [2023, 2024, None],
    "note": ['=SUM(A1), "x"', "baris satu\nbaris dua", None],
    "road": ["2", None, "1"],
    "status": ["Maju", None, "Sangat Tertinggal"],
    "harvest_t": [0.3, None, 1e-9],
    "has_market": [True, None, False],
    "founded": ["2001-02-03", None, "1945-08-17"],
}


def dataset_of(book: Codebook, rows: dict[str, list[object]]) -> Dataset:
    frame = book.cast(
        pd.DataFrame({name: pd.Series(rows[name], dtype=object) for name in book.names}), where="x"
    )
    steps = (Step(Message("Blank rows were left out"), 2, ("note",)),)
    provenance = Provenance(
        "Survei desa", "asli.csv", "0" * 64, "table", "BPS", "2024", made=True, steps=steps
    )
    return Dataset("survei", frame, book, provenance, ("village_code", "year"))


SURVEY = dataset_of(BOOK, ROWS)


def assert_same(found: Dataset, expected: Dataset) -> None:
    pd.testing.assert_frame_equal(found.frame, expected.frame)
    assert found.codebook == expected.codebook
    assert (found.name, found.key, found.provenance) == (expected.name, expected.key, expected.provenance)


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_same_dataset_comes_back(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    assert sources.save(SURVEY, path) == ()
    assert_same(sources.load(path), SURVEY)
    assert sources.load(path).content_hash == SURVEY.content_hash


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_same_dataset_gives_the_same_bytes(tmp_path, ending):
    for name in ("a", "b"):
        sources.save(SURVEY, tmp_path / name / f"x{ending}")
    assert (tmp_path / "a" / f"x{ending}").read_bytes() == (tmp_path / "b" / f"x{ending}").read_bytes()


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_rows_come_back_as_no_rows(tmp_path, ending):
    empty = dataset_of(BOOK, {name: [] for name in ROWS})
    sources.save(empty, tmp_path / f"a{ending}")
    assert_same(sources.load(tmp_path / f"a{ending}"), empty)


texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=12
).filter(lambda text: text == text.strip())
values = {
    "code": texts,
    "string": texts,
    "category": st.sampled_from(["a", "B", "Sangat Tertinggal"]),
    "integer": st.integers(-(2**31), 2**40),
    "number": st.floats(-1e300, 1e300).map(lambda x: float(f"{x:.15g}")),
    "boolean": st.booleans(),
    "date": st.dates(pd.Timestamp("1901-01-01").date(), pd.Timestamp("2100-12-31").date()),
}
CATEGORIES = tuple(Label(value, f"{value} id", f"{value} en") for value in ("a", "B", "Sangat Tertinggal"))


@st.composite
def datasets(draw):
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4))
    n_rows = draw(st.integers(0, 5))
    book = Codebook(
        tuple(
            Variable(
                f"x{n}", draw(texts), draw(texts), kind, categories=CATEGORIES if kind == "category" else ()
            )
            for n, kind in enumerate(kinds)
        )
    )
    rows = {
        variable.name: draw(st.lists(st.none() | values[variable.kind], min_size=n_rows, max_size=n_rows))
        for variable in book
    }
    return dataset_of(book, rows)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dataset=datasets(), ending=st.sampled_from(ENDINGS))
def test_any_dataset_comes_back(dataset, ending, tmp_path):
    """Numbers here have 15 digits and are below 1e300, which all formats hold; dates are after 1900."""
    path = tmp_path / f"a{ending}"
    assert sources.save(dataset, path) == ()
    assert_same(sources.load(path), dataset)


def one(kind: str, *cells: object) -> Dataset:
    return dataset_of(Codebook((Variable("x", "", "", kind),)), {"x": list(cells)})


def losses(dataset: Dataset, path) -> list[str]:
    return [loss.text("en") for loss in sources.save(dataset, path)]


def test_csv_and_parquet_hold_every_number_exactly(tmp_path):
    dataset = one("number", 0.1, 5e-324, 1.7976931348623157e308, -math.inf, 1 / 3)
    for ending in (".csv", ".parquet"):
        assert losses(dataset, tmp_path / f"a{ending}") == []
        assert_same(sources.load(tmp_path / f"a{ending}"), dataset)
    dataset = one("integer", 2**53 + 1, -(2**62))
    for ending in (".csv", ".parquet"):
        sources.save(dataset, tmp_path / f"b{ending}")
        assert_same(sources.load(tmp_path / f"b{ending}"), dataset)


@pytest.mark.parametrize(
    ("ending", "dataset", "complaint"),
    [
        (".sav", one("integer", 2**53 + 1), "1 numbers are too large to be held exactly by SPSS"),
        (".dta", one("integer", 2**53 + 1), "1 numbers are too large to be held exactly by Stata"),
        (".xlsx", one("integer", 2**53 + 1), "1 numbers are too large to be held exactly by Excel"),
        (".dta", one("number", math.inf, 1.0), "1 numbers are too large to be held exactly by Stata"),
        (".xlsx", one("string", "x" * 40_000), "a text has 40,000 characters; a cell holds 32,767"),
        (".txt", SURVEY, "files cannot be saved as '.txt'"),
        ("", SURVEY, "files cannot be saved as"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_and_nothing_written(tmp_path, ending, dataset, complaint):
    with pytest.raises(BadInput) as caught:
        sources.save(dataset, tmp_path / f"a{ending}")
    assert complaint in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_empty_texts_come_back_missing_where_the_format_has_no_difference(tmp_path):
    dataset = one("string", "", "a")
    for ending in (".csv", ".sav", ".dta", ".xlsx"):
        assert losses(dataset, tmp_path / f"a{ending}") == ["1 empty texts will be read back as missing"]
        assert sources.load(tmp_path / f"a{ending}").frame["x"].isna().tolist() == [True, False]
    assert losses(dataset, tmp_path / "a.parquet") == []
    assert_same(sources.load(tmp_path / "a.parquet"), dataset)


def test_excel_writes_sixteen_digits(tmp_path):
    dataset = one("number", 0.1 + 0.2, 0.12345678901234566)
    assert losses(dataset, tmp_path / "a.xlsx") == ["2 numbers were rounded to 16 digits"]
    found = sources.load(tmp_path / "a.xlsx").frame["x"]
    assert found.tolist() == pytest.approx(dataset.frame["x"].tolist(), rel=1e-15)


def test_times_of_day_are_kept(tmp_path):
    dataset = one("date", "2024-01-31T23:59:58", None)
    for ending in ENDINGS:
        sources.save(dataset, tmp_path / f"a{ending}")
        assert_same(sources.load(tmp_path / f"a{ending}"), dataset)


LONG = "jumlah_desa_yang_memiliki_fasilitas_sekolah"
REST = "with → with_, 2019 → v2019"


def test_names_a_format_does_not_take_are_changed_and_come_back(tmp_path):
    names = (LONG, f"{LONG}_2", "with", "2019", "Desa", "desa")
    book = Codebook(tuple(Variable(name, kind="integer") for name in names))
    dataset = dataset_of(book, {name: [n] for n, name in enumerate(names)})
    assert losses(dataset, tmp_path / "a.dta") == [
        f"Columns got other names in the file: {LONG} → {LONG[:32]}, {LONG}_2 → {LONG[:30]}_2, {REST}"
    ]
    assert losses(dataset, tmp_path / "a.sav") == [
        f"Columns got other names in the file: {REST}, desa → desa_2"
    ]
    frame, _ = pyreadstat.read_dta(tmp_path / "a.dta")
    assert list(frame.columns) == [LONG[:32], f"{LONG[:30]}_2", "with_", "v2019", "Desa", "desa"]
    for ending in (".dta", ".sav"):
        assert_same(sources.load(tmp_path / f"a{ending}"), dataset)


def test_labels_a_format_does_not_take_are_cut_and_come_back(tmp_path):
    book = Codebook((Variable("x", "é" * 100, "é" * 100, "integer"),))
    dataset = dataset_of(book, {"x": [1]})
    assert "Labels longer than 80 bytes were cut" in losses(dataset, tmp_path / "a.dta")[0]
    assert_same(sources.load(tmp_path / "a.dta"), dataset)


@pytest.mark.parametrize(
    ("language", "label", "value"), [("id", "Kondisi jalan", "Baik"), ("en", "Road condition", "Good")]
)
def test_spss_and_stata_show_labels_in_one_language(tmp_path, language, label, value):
    for ending, read in ((".sav", pyreadstat.read_sav), (".dta", pyreadstat.read_dta)):
        sources.save(SURVEY, tmp_path / f"a{ending}", language=language)
        _, about = read(tmp_path / f"a{ending}")
        assert about.column_names_to_labels["road"] == label
        assert about.variable_value_labels["road"][1] == value
        assert about.file_label == "Survei desa"


def test_spss_declares_the_missing_codes(tmp_path):
    sources.save(SURVEY, tmp_path / "a.sav")
    _, about = pyreadstat.read_sav(tmp_path / "a.sav", user_missing=True)
    assert [entry["lo"] for entry in about.missing_ranges["harvest_t"]] == [-99, -98]
    assert about.variable_value_labels["harvest_t"] == {-99: "Does not know", -98: "Refused"}


def test_more_missing_codes_than_spss_takes_are_said_and_come_back(tmp_path):
    missing = tuple(Label(str(-n), "", "") for n in range(1, 5))
    dataset = dataset_of(Codebook((Variable("x", kind="integer", missing=missing),)), {"x": [1]})
    assert losses(dataset, tmp_path / "a.sav") == ["SPSS does not show the missing codes of x"]
    assert_same(sources.load(tmp_path / "a.sav"), dataset)


def test_stata_without_its_descriptor_keeps_labels_and_values(tmp_path):
    sources.save(SURVEY, tmp_path / "a.dta", language="en")
    (tmp_path / "a.dta.datapackage.json").unlink()
    dataset = sources.load(tmp_path / "a.dta")
    assert dataset.provenance.layout == "typed"
    assert dataset.codebook["road"].categories == (
        Label("1", "Good", "Good"),
        Label("2", "Broken | potholes", "Broken | potholes"),
    )
    assert dataset.codebook["harvest_t"].label("id") == "Harvest"
    assert dataset.frame["harvest_t"].tolist()[0] == ROWS["harvest_t"][0]
    assert dataset.frame["founded"].tolist()[0] == pd.Timestamp("2001-02-03")
    lost = {name: dataset.codebook[name].kind for name in ("has_market", "status")}
    assert lost == {"has_market": "integer", "status": "category"}


def test_excel_has_sheets_that_people_can_read_and_texts_that_are_no_formulas(tmp_path):
    sources.save(SURVEY, tmp_path / "a.xlsx", language="id")
    sheets = pd.read_excel(tmp_path / "a.xlsx", sheet_name=None, dtype=str, engine="openpyxl")
    assert list(sheets) == ["data", "codebook", "about"]
    assert sheets["data"]["note"][0] == '=SUM(A1), "x"'
    assert list(sheets["codebook"]["label_id"])[:2] == ["Kode desa", "Tahun"]
    about = dict(sheets["about"].iloc[:, :2].to_numpy().tolist())
    assert about["Sumber"] == "BPS"
    assert about["Langkah"] == "Baris kosong dihilangkan"


def test_a_workbook_changed_by_hand_says_so(tmp_path):
    import openpyxl

    sources.save(SURVEY, tmp_path / "a.xlsx")
    workbook = openpyxl.load_workbook(tmp_path / "a.xlsx")
    workbook["data"]["A2"] = 3216012009
    workbook.save(tmp_path / "a.xlsx")
    dataset = sources.load(tmp_path / "a.xlsx")
    assert dataset.frame["village_code"].tolist()[0] == "3216012009"
    assert (
        dataset.provenance.steps[-1].what.template == "The file was changed after it was saved from a dataset"
    )


def test_sheets_of_those_names_from_elsewhere_are_only_sheets(tmp_path):
    with pd.ExcelWriter(tmp_path / "a.xlsx") as writer:
        for sheet in ("data", "codebook", "about"):
            pd.DataFrame({"desa": ["A"], "n": [1]}).to_excel(writer, sheet_name=sheet, index=False)
    dataset = sources.load(tmp_path / "a.xlsx")
    assert dataset.provenance.layout == "table"
    assert "Only the sheet data was read" in dataset.provenance.steps[0].what.text("en")


def test_a_csv_changed_by_hand_is_read_with_its_codebook_and_says_so(tmp_path):
    sources.save(SURVEY, tmp_path / "a.csv")
    text = (tmp_path / "a.csv").read_text(encoding="utf-8").replace("3216012001,2023", "32.16.01.2001,2023")
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    dataset = sources.load(tmp_path / "a.csv")
    assert dataset.codebook == SURVEY.codebook
    assert dataset.frame["village_code"].tolist()[0] == "3216012001"
    assert any("changed after it was saved" in step.what.template for step in dataset.provenance.steps)


def test_without_a_hash_nothing_says_that_a_csv_was_changed(tmp_path):
    sources.save(SURVEY, tmp_path / "a.csv")
    descriptor = tmp_path / "a.datapackage.json"
    package = json.loads(descriptor.read_text(encoding="utf-8"))
    del package["resources"][0]["hash"]
    descriptor.write_text(json.dumps(package), encoding="utf-8")
    dataset = sources.load(tmp_path / "a.csv")
    assert dataset.codebook == SURVEY.codebook
    assert not any("changed after it was saved" in step.what.template for step in dataset.provenance.steps)


def test_files_may_be_renamed_together(tmp_path):
    sources.save(SURVEY, tmp_path / "a.csv")
    (tmp_path / "a.csv").rename(tmp_path / "b.csv")
    (tmp_path / "a.datapackage.json").rename(tmp_path / "b.datapackage.json")
    assert_same(sources.load(tmp_path / "b.csv"), SURVEY)


def test_frictionless_reads_the_package_and_finds_nothing_wrong(tmp_path):
    """A second implementation of Data Package and Table Schema."""
    sources.save(SURVEY, tmp_path / "a.csv")
    with system.use_context(trusted=True):
        report = Package(str(tmp_path / "a.datapackage.json")).validate()
        assert report.valid, report.flatten(["type", "note"])
        rows = Package(str(tmp_path / "a.datapackage.json")).resources[0].read_rows()
    assert rows[0]["year"] == 2023
    assert float(rows[0]["harvest_t"]) == ROWS["harvest_t"][0]
    assert rows[0]["has_market"] is True
    assert rows[1]["note"] == "baris satu\nbaris dua"
    assert rows[1]["road"] is None


def test_frictionless_finds_what_breaks_the_codebook(tmp_path):
    sources.save(SURVEY, tmp_path / "a.csv")
    text = (tmp_path / "a.csv").read_text(encoding="utf-8").replace(",2023,", ",1023,")
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with system.use_context(trusted=True):
        report = Package(str(tmp_path / "a.datapackage.json")).validate()
    assert "constraint-error" in {kind for kind, *_ in report.flatten(["type"])}


def test_a_data_package_of_somebody_else(tmp_path):
    (tmp_path / "air.csv").write_text("Desa,air,panen\nA,ada,-9\nB,tidak,2.5\n")
    package = {
        "resources": [
            {
                "path": "air.csv",
                "schema": {
                    "fields": [
                        {"name": "Desa", "title": "Village"},
                        {"name": "air", "constraints": {"enum": ["ada", "tidak"]}},
                        {"name": "panen", "type": "number", "missingValues": ["", "-9"]},
                    ]
                },
            }
        ]
    }
    (tmp_path / "datapackage.json").write_text(json.dumps(package))
    dataset = sources.load(tmp_path / "air.csv")
    assert [variable.kind for variable in dataset.codebook] == ["string", "category", "number"]
    assert dataset.frame["panen"].isna().tolist() == [True, False]
    assert dataset.provenance.steps[0].n_rows == 1


def test_a_folder_that_cannot_be_written_to(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NotReady, match="cannot be written"):
        sources.save(SURVEY, tmp_path / "file" / "a.csv")


def test_a_codebook_given_replaces_what_the_file_says(tmp_path):
    sources.save(SURVEY, tmp_path / "a.parquet")
    book = SURVEY.codebook.with_variables(Variable("year", kind="number"))
    dataset = sources.load(tmp_path / "a.parquet", codebook=book)
    assert dataset.frame["year"].dtype == "float64"


def test_the_national_list_comes_back_from_every_text_format(shared, tmp_path):
    national = sources.load(shared / "data" / "idm-2024" / "idm2024_nasional.csv.gz")
    for ending in (".csv", ".parquet"):
        sources.save(national, tmp_path / f"a{ending}")
        assert_same(sources.load(tmp_path / f"a{ending}"), national)
