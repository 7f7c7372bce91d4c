"""The codebook: a variable is declared once, and the declaration survives every way out and in."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from frictionless import Schema
from hypothesis import given
from hypothesis import strategies as st

from pk_research.codebook import KINDS, Codebook, Label, Variable, read_codebook
from pk_research.errors import BadInput, NotFound

ROAD = Variable(
    "road",
    "Kondisi jalan",
    "Road condition",
    "category",
    universe="Semua desa",
    categories=(Label("1", "Baik", "Good"), Label("2", "Rusak; berlubang", "Broken | potholes")),
    missing=(Label("-99", "Tidak tahu", "Does not know"),),
    source="made for this test",
)
INCOME = Variable(
    "income_idr_month", "Pendapatan", "Income", "integer", unit="IDR/month", minimum=0, maximum=1e9
)
BOOK = Codebook((ROAD, INCOME))

texts = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\n\0", exclude_categories=("Cs",)), max_size=12
)
labels = st.lists(st.builds(Label, texts, texts, texts), max_size=3, unique_by=lambda label: label.value)
bounds = st.none() | st.floats(-1e9, 1e9)
variables = st.builds(
    Variable,
    st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True),
    texts,
    texts,
    st.sampled_from(KINDS),
    unit=texts,
    universe=texts,
    categories=labels.map(tuple),
    missing=labels.map(tuple),
    minimum=bounds,
    maximum=bounds,
    source=texts,
)
codebooks = st.lists(variables, min_size=1, max_size=4, unique_by=lambda variable: variable.name).map(
    lambda rows: Codebook(tuple(rows))
)


@given(codebooks)
def test_csv_gives_back_the_same_codebook(book: Codebook):
    assert Codebook.from_csv(book.to_csv()) == book


def test_a_table_schema_gives_back_the_same_codebook():
    assert Codebook.from_table_schema(json.loads(json.dumps(BOOK.to_table_schema()))) == BOOK


def test_frictionless_accepts_the_table_schema_and_reads_the_same_rules():
    schema = Schema.from_descriptor(BOOK.to_table_schema())
    road, income = schema.fields
    assert (road.type, road.constraints["enum"]) == ("string", ["1", "2"])
    assert (income.type, income.constraints) == ("integer", {"minimum": 0, "maximum": 1_000_000_000})


def test_a_plain_table_schema_is_enough():
    book = Codebook.from_table_schema(
        {
            "fields": [
                {"name": "village", "title": "Village"},
                {"name": "road", "constraints": {"enum": ["good", "bad"]}},
                {"name": "poor", "type": "integer", "missingValues": ["", "-99"]},
            ]
        }
    )
    assert [v.kind for v in book] == ["string", "category", "integer"]
    assert book["village"].label("id") == "Village"
    assert [label.value for label in book["poor"].missing] == ["-99"]


def test_a_file_is_read_by_its_ending(tmp_path):
    (tmp_path / "book.csv").write_text("\ufeff" + BOOK.to_csv(), encoding="utf-8")
    (tmp_path / "book.json").write_text(json.dumps(BOOK.to_table_schema()), encoding="utf-8")
    assert read_codebook(tmp_path / "book.csv") == read_codebook(tmp_path / "book.json") == BOOK


def test_cast_gives_declared_dtypes_and_keeps_missing_missing():
    raw = pd.DataFrame({"income_idr_month": ["2500000", None], "road": ["2", None]})
    frame = BOOK.cast(raw, where="a.csv")
    assert list(frame.columns) == ["road", "income_idr_month"]
    assert frame["income_idr_month"].dtype == "Int64"
    assert list(frame["road"].cat.categories) == ["1", "2"]
    assert frame.isna().sum().tolist() == [1, 1]


def test_cast_reports_every_fault_at_once():
    raw = pd.DataFrame({"road": ["1", "3"], "income_idr_month": ["12.5", "5"], "extra": [1, 2]})
    with pytest.raises(BadInput) as caught:
        BOOK.cast(raw, where="a.csv")
    assert [problem.where for problem in caught.value.problems] == [
        "a.csv, column 'extra'",
        "a.csv, column 'road'",
        "a.csv, column 'income_idr_month'",
    ]
    assert "row 2: '3'" in str(caught.value)
    assert "Use one of: 1, 2." in str(caught.value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name,colour\na,red\n", "columns not understood: colour"),
        ("label_id\nDesa\n", "no column name"),
        ("name,kind\na,integer\nb,money\n", "'money' is not a kind"),
        ("name,minimum\na,low\n", "could not convert string to float: 'low'"),
        ("name\na\na\n", "declared twice: a"),
        ("name,kind\n,integer\n", "a variable has no name"),
        ('name,missing\na,"-99=x|y; -99=z|w"\n', "listed twice"),
    ],
)
def test_a_faulty_codebook_is_explained(text, complaint):
    with pytest.raises(BadInput, match=complaint):
        Codebook.from_csv(text, where="book.csv")


def test_asking_for_an_unknown_variable_names_the_known_ones():
    with pytest.raises(NotFound, match="Known: road, income_idr_month"):
        BOOK["harvest"]


def test_reading_a_codebook_that_is_none(tmp_path):
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "list.json").write_text("[1]", encoding="utf-8")
    for name in ("broken.json", "list.json"):
        with pytest.raises(BadInput, match="not a codebook"):
            read_codebook(tmp_path / name)
    with pytest.raises(NotFound):
        read_codebook(tmp_path / "nowhere.csv")


def test_replacing_and_selecting_keeps_the_order():
    longer = BOOK.with_variables(Variable("road", "Jalan"), Variable("market"))
    assert longer.names == ("road", "income_idr_month", "market")
    assert longer["road"].label("en") == "Jalan"
    assert longer.select(["market", "road"]).names == ("market", "road")
