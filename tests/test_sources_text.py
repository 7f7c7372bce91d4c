"""Text files: encodings, separators and quotes, as people's programs write them."""

from __future__ import annotations

import codecs
import csv
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pk_research import sources
from pk_research.errors import BadInput
from pk_research.sources.text import decode, find_separator, read_rows

TEXT = "desa,penduduk\nMASSÁBU,10\nNANGGRÖ,20\n"


def load(tmp_path, data: bytes, name: str = "a.csv"):
    (tmp_path / name).write_bytes(data)
    return sources.load(tmp_path / name)


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-32"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        gzip.compress(TEXT.encode()),
    ],
    ids=["utf-8", "bom", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "crlf", "cr", "gzip"],
)
def test_the_same_table_whatever_the_encoding(data, tmp_path):
    dataset = load(tmp_path, data)
    assert dataset.frame["village"].tolist() == ["MASSÁBU", "NANGGRÖ"]
    assert dataset.frame["penduduk"].tolist() == [10, 20]
    assert dataset.provenance.steps == ()


def test_a_guessed_encoding_is_reported_with_its_rows():
    text, steps = decode("desa\nMASSA’BU\nA\nNANGGRÖ\n".encode("cp1252"), where="a.csv")
    assert "MASSA’BU" in text
    assert [(step.what.text("en"), step.n_rows) for step in steps] == [
        ("It is not UTF-8 and was read as windows-1252", 2)
    ]


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffd\ufeff"))
)
def test_utf_8_is_never_taken_for_anything_else(text):
    assert decode(text.encode(), where="a.csv") == (text, [])


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(separator, tmp_path):
    rows = [["desa", "luas", "catatan"], ["A", "1.5", "jalan, jembatan"], ["B", "2.25", "x; y | z"]]
    text = "\n".join(separator.join(f'"{cell}"' for cell in row) for row in rows)
    dataset = load(tmp_path, text.encode(), "a.tsv")
    assert dataset.frame["luas"].tolist() == [1.5, 2.25]
    assert dataset.frame["catatan"].tolist() == ["jalan, jembatan", "x; y | z"]


def test_decimal_commas_do_not_pass_for_separators():
    assert find_separator("desa;luas;padi\nA;1,5;2,5\nB;2,5;3,5\n") == ";"


def test_excel_may_name_the_separator(tmp_path):
    dataset = load(tmp_path, b"sep=;\ndesa;n\nA, B;1\n")
    assert dataset.frame["village"].tolist() == ["A, B"]


def test_r_leaves_out_the_heading_of_row_names(tmp_path):
    """As ``write.table`` does; the columns are separated by blanks."""
    dataset = load(tmp_path, b'"umur" "suku"\n"P1" 37 "Sunda"\n"P2" 22 "Jawa"\n', "a.tab")
    assert dataset.frame["column_1"].tolist() == ["P1", "P2"]
    assert dataset.frame["umur"].tolist() == [37, 22]


def test_one_column_is_a_table_too(tmp_path):
    assert load(tmp_path, b"desa\nA\nB\n").frame["village"].tolist() == ["A", "B"]


def test_quoted_cells_may_hold_lines_separators_and_quotes():
    rows = read_rows('a,b\n"x\ny","say ""ya"", then go"\n', ",", "a.csv")
    assert rows[1] == ["x\ny", 'say "ya", then go']


def test_a_huge_cell_is_refused_whatever_limit_another_library_set():
    before = csv.field_size_limit(2**31 - 1)
    try:
        with pytest.raises(BadInput, match="a cell near line 2 holds more than"):
            read_rows("desa,catatan\nA," + "x" * 200_000 + "\n", ",", "a.csv")
        assert csv.field_size_limit() == 2**31 - 1
    finally:
        csv.field_size_limit(before)
