"""SPSS, Stata and Parquet files from elsewhere: labels and missing codes go into the codebook."""

from __future__ import annotations

import pandas as pd
import pyreadstat
import pytest

from pk_research import sources
from pk_research.codebook import Codebook, Label, Variable

FRAME = pd.DataFrame(
    {
        "KODE_DESA": ["3216012001", "3216012002", "3216012003"],
        "q1": [1.0, 2.0, -99.0],
        "q2": [1.0, 5.0, 10.0],
        "panen": [2.5, -99.0, -98.0],
        "tgl": pd.to_datetime(["2024-01-31", None, "2023-12-01"]),
    }
)
LABELS = {
    "column_labels": ["Kode desa", "Sumber air", "Kepuasan", "Panen (t)", None],
    "variable_value_labels": {
        "q1": {1.0: "Sumur", 2.0: "PDAM", -99.0: "Tidak tahu"},
        "q2": {1.0: "Tidak puas", 10.0: "Puas"},
        "panen": {-99.0: "Tidak tahu"},
    },
}


def test_an_spss_file(tmp_path):
    pyreadstat.write_sav(
        FRAME, tmp_path / "a.sav", missing_ranges={"q1": [-99], "panen": [{"lo": -99, "hi": -98}]}, **LABELS
    )
    dataset = sources.load(tmp_path / "a.sav")
    assert dataset.codebook.names == ("kode_desa", "q1", "q2", "panen", "tgl")
    q1 = dataset.codebook["q1"]
    assert (q1.kind, q1.label("id")) == ("category", "Sumber air")
    assert q1.categories == (Label("1", "Sumur", "Sumur"), Label("2", "PDAM", "PDAM"))
    assert q1.missing == (Label("-99", "Tidak tahu", "Tidak tahu"),)
    assert dataset.frame["q1"].tolist()[:2] == ["1", "2"]
    assert [label.value for label in dataset.codebook["panen"].missing] == ["-99", "-98"]
    assert dataset.frame["panen"].isna().tolist() == [False, True, True]
    assert dataset.codebook["q2"].kind == "integer"
    assert dataset.codebook["kode_desa"].kind == "code"
    assert dataset.frame["tgl"].tolist()[0] == pd.Timestamp("2024-01-31")
    assert [(step.what.text("en"), step.n_rows) for step in dataset.provenance.steps] == [
        ("q1: the missing code -99 (Tidak tahu) was made missing", 1),
        ("panen: the missing code -99 (Tidak tahu) was made missing", 1),
        ("panen: the missing code -98 (–) was made missing", 1),
        ("q2: some values have labels and others none; left out were “Tidak puas”, “Puas”", 3),
    ]


def test_a_stata_file_with_its_own_missing_values(tmp_path):
    frame = pd.DataFrame({"desa": ["A", "B", "C"], "panen": [2.5, "a", "b"]})
    pyreadstat.write_dta(
        frame,
        tmp_path / "a.dta",
        column_labels=["Desa", "Panen"],
        missing_user_values={"panen": ["a", "b"]},
        variable_value_labels={"panen": {"a": "Tidak tahu"}},
    )
    dataset = sources.load(tmp_path / "a.dta")
    assert dataset.codebook["panen"].kind == "number"
    assert dataset.frame["panen"].isna().tolist() == [False, True, True]
    assert {label.value for label in dataset.codebook["panen"].missing} == {"a", "b"}


@pytest.mark.parametrize("version", [8, 10, 12, 13, 15])
def test_every_version_of_stata(tmp_path, version):
    pyreadstat.write_dta(FRAME.drop(columns="tgl"), tmp_path / "a.dta", version=version)
    assert sources.load(tmp_path / "a.dta").frame["q2"].tolist() == [1, 5, 10]


def test_a_parquet_file(tmp_path):
    frame = pd.DataFrame(
        {
            "Kode": ["001", "002", "003", "004"],
            "Luas (ha)": [1.5, None, 2.0, 3.0],
            "n": [1, 2, 3, 4],
            "Air": pd.Categorical(["ada", "tidak", "ada", "tidak"]),
            "Angka": ["1.234", "5.678", "1", "2"],
            "Aktif": [True, False, True, False],
            "Isi": [[1], [2], None, [3]],
        }
    )
    frame.to_parquet(tmp_path / "a.parquet")
    dataset = sources.load(tmp_path / "a.parquet")
    kinds = {variable.name: variable.kind for variable in dataset.codebook}
    assert kinds == {
        "kode": "code",
        "luas_ha": "number",
        "n": "integer",
        "air": "category",
        "angka": "string",
        "aktif": "boolean",
        "isi": "string",
    }
    assert dataset.frame["luas_ha"].isna().tolist() == [False, True, False, False]


def test_a_codebook_corrects_what_the_file_says(tmp_path):
    pyreadstat.write_sav(FRAME[["q1", "panen"]], tmp_path / "a.sav")
    book = Codebook(
        (Variable("q1", kind="integer"), Variable("panen", kind="number", missing=(Label("-99", "", ""),)))
    )
    dataset = sources.load(tmp_path / "a.sav", codebook=book)
    assert dataset.codebook == book
    assert dataset.frame["panen"].isna().sum() == 1
