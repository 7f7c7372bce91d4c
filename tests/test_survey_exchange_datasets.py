"""Submissions as datasets: labels and codebook arrive in SPSS, Stata and Parquet; missing is never zero."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pyreadstat
import pytest
from harvest_form import ANNA, BUDI, filled, first_version, second_version, two_fillings

from pk_research.sources import Dataset, load, save
from pk_research.survey import parse_form
from pk_research.survey.codebook_of_form import codebook_of
from pk_research.survey.exchange import datasets, from_filled
from pk_research.survey.exchange.labelled import SUFFIXES, labelled_files
from pk_research.survey.questionnaires import find_questionnaire


@pytest.fixture(scope="module")
def all_four():
    form = first_version()
    return datasets(from_filled([form], two_fillings(form)))


def test_there_is_one_dataset_a_table_and_one_of_what_is_missing(all_four) -> None:
    assert [one.name for one in all_four] == ["harvest", "harvest_crop", "harvest_sale", "harvest_missing"]
    assert [one.key for one in all_four] == [("key",), ("key",), ("key",), ("key", "variable")]


def test_values_have_their_kinds_and_missing_ones_are_missing(all_four) -> None:
    frame = all_four[0].frame
    anna, budi = frame.iloc[0], frame.iloc[1]
    assert (anna["workers"], anna["income"], anna["kind"]) == (4, 1250000.5, "other")
    assert anna["started"] == pd.Timestamp(2021, 3, 1)
    assert (anna["wants__loan"], anna["wants__training"]) == (True, True)
    for name in ("workers", "income", "started", "wants", "wants__loan", "other"):
        assert pd.isna(budi[name]), name


def test_a_zero_is_a_zero(all_four) -> None:
    assert all_four[2].frame["kg"].tolist() == [12.5, 3.0, 0.0]


def test_why_a_value_is_missing_is_told_for_each(all_four) -> None:
    missing = all_four[3].frame
    budi = missing[missing["key"] == BUDI].set_index("variable")["reason"].astype(str).to_dict()
    assert budi["workers"] == "-99"
    assert budi["other"] == "not_relevant"
    assert budi["village"] == "unanswered"
    assert all_four[3].codebook["reason"].categories[-1].text("en") == "Don't know"


@pytest.mark.parametrize("written", ["-99", "-99.0", "-9.9e1"])
def test_a_code_for_no_answer_is_one_however_a_decimal_question_writes_it(written: str) -> None:
    form = second_version()
    dewi = filled(form, "uuid:4", {"name": "Dewi", "workers": "-99"})
    dewi = replace(dewi, xml=re.sub("<workers>[^<]*<", f"<workers>{written}<", dewi.xml))
    root, *_, missing = datasets(from_filled([form], [dewi]))
    assert root.frame["workers"].isna().all()
    assert missing.frame.set_index("variable")["reason"]["workers"] == "-99"


OF_SEVERAL = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
<h:head><h:title>Izin</h:title><model><instance><data id="permits"><held/></data></instance>
</model></h:head><h:body><select ref="/data/held"><label>Izin apa?</label>
  <item><label>NIB</label><value>nib</value></item><item><label>Halal</label><value>halal</value></item>
  <item><label>Tidak ada</label><value>none</value></item>
  <item><label>Tidak tahu</label><value>-99</value></item>
  <item><label>Tidak bersedia</label><value>-88</value></item></select></h:body></h:html>"""


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("nib", {"nib": True, "halal": False, "none": False}),
        ("none", {"nib": False, "halal": False, "none": True}),
        ("nib -99", {"nib": True, "halal": False, "none": False}),
        ("-99", {"nib": None, "halal": None, "none": None}),
        ("-88 -99", {"nib": None, "halal": None, "none": None}),
        ("", {"nib": None, "halal": None, "none": None}),
    ],
)
def test_who_does_not_know_has_not_said_that_nothing_was_chosen(answer, told) -> None:
    form = parse_form(OF_SEVERAL)
    root, missing = datasets(from_filled([form], [filled(form, "uuid:1", {"held": answer})]))
    row = root.frame.iloc[0]
    found = {choice: row[f"held__{choice}"] for choice in told}
    assert {choice: None if pd.isna(value) else bool(value) for choice, value in found.items()} == told
    assert pd.isna(row["held"]) == (told["nib"] is None)
    assert missing.frame["variable"].tolist() == (["held"] if told["nib"] is None else [])


def test_what_was_made_missing_is_counted_in_the_history(all_four) -> None:
    steps = [(step.what.text("en"), step.n_rows) for step in all_four[0].provenance.steps]
    assert ("workers is missing: the answer was -99", 1) in steps
    assert ("other is missing: it did not apply", 1) in steps
    assert ("village is missing: it was not answered", 1) in steps


def test_repeats_are_linked_to_what_they_belong_to(all_four) -> None:
    root, crops, sales, _ = (one.frame for one in all_four)
    linked = sales.merge(crops, left_on="parent_key", right_on="key", suffixes=("", "_crop"))
    assert linked["what"].tolist() == ["padi", "padi", "melon"]
    assert set(crops["parent_key"]) == {ANNA} <= set(root["key"])


def test_labels_in_both_languages_come_from_the_form(all_four) -> None:
    kind = all_four[0].codebook["kind"]
    assert (kind.label_id, kind.label_en) == ("Usaha apa?", "Which business?")
    assert [label.text("en") for label in kind.categories] == ["Food", "Other"]
    assert all_four[0].codebook["workers"].missing[0].value == "-99"
    assert all_four[0].codebook["other"].universe == "kind = 'other'"


@pytest.mark.parametrize(("ending", "reader"), [("sav", pyreadstat.read_sav), ("dta", pyreadstat.read_dta)])
def test_labels_are_read_back_from_spss_and_stata(all_four, tmp_path, ending: str, reader) -> None:
    path = tmp_path / f"harvest.{ending}"
    save(all_four[0], path, language="en")
    frame, about = reader(path)
    assert about.column_names_to_labels["kind"] == "Which business?"
    assert set(about.variable_value_labels["kind"].values()) >= {"Food", "Other"}
    assert frame["workers"].tolist()[0] == 4
    assert pd.isna(frame["workers"].tolist()[1])


@pytest.mark.parametrize("ending", ["sav", "dta", "parquet", "xlsx", "csv"])
def test_every_format_gives_back_the_dataset_with_its_codebook(all_four, tmp_path, ending: str) -> None:
    for one in all_four:
        save(one, tmp_path / f"{one.name}.{ending}")
        back = load(tmp_path / f"{one.name}.{ending}")
        assert back.codebook == one.codebook, one.name
        pd.testing.assert_frame_equal(back.frame, one.frame)


def test_versions_are_one_dataset_with_the_choices_of_both() -> None:
    first, second = first_version(), second_version()
    cici = filled(second, "uuid:3", {"name": "Cici", "workers": "1.5", "since": "2020", "wants": "market"})
    root, *_, missing = datasets(from_filled([first, second], [*two_fillings(first), cici]))
    assert root.frame["workers"].tolist()[0] == 4
    assert root.frame["workers__decimal"].tolist()[2] == 1.5
    assert root.frame["wants__market"].tolist()[2] is True
    reasons = missing.frame.set_index(["key", "variable"])["reason"]
    assert reasons[ANNA, "since"] == "not_in_version"
    assert reasons["uuid:3", "workers"] == "not_in_version"


def test_personal_answers_left_out_are_in_no_dataset() -> None:
    form = first_version()
    made = datasets(from_filled([form], two_fillings(form), personal="leave out"))
    assert {"name", "greeting"} & set(made[0].frame) == set()
    assert not any("Anna" in one.frame.to_csv() for one in made)


CALCULATED = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
<h:head><h:title>Desa</h:title><model>
  <instance><data id="desa" version="1"><men/><women/><people/><share/><code/><whole/></data></instance>
  <bind nodeset="/data/men" type="int"/><bind nodeset="/data/women" type="int"/>
  <bind nodeset="/data/people" calculate="if(/data/men &gt;= 0, /data/men + /data/women, '')"/>
  <bind nodeset="/data/share" calculate="round(/data/women div /data/people, 2)"/>
  <bind nodeset="/data/code" calculate="concat('0', /data/men)"/>
  <bind nodeset="/data/whole" type="int" calculate="/data/men * 2"/>
</model></h:head><h:body><input ref="/data/men"/><input ref="/data/women"/></h:body></h:html>"""


def calculated(*rows: dict[str, str]) -> Dataset:
    form = parse_form(CALCULATED)
    sent = [filled(form, f"uuid:{number}", row) for number, row in enumerate(rows, start=1)]
    return datasets(from_filled([form], sent))[0]


def test_a_calculation_that_gives_numbers_is_a_number_and_its_codebook_says_so() -> None:
    made = calculated({"men": "60", "women": "40"}, {"women": "7"})
    kinds = {variable.name: variable.kind for variable in made.codebook}
    assert kinds["people"] == kinds["share"] == "number"
    assert kinds["whole"] == "integer", "declared by the form"
    assert kinds["code"] == "string", "a text, however like a number"
    assert made.frame["people"].tolist()[0] == 100
    assert made.frame["share"].tolist()[0] == 0.4
    assert made.frame["code"].tolist()[0] == "060"
    assert pd.isna(made.frame["people"].tolist()[1])
    assert made.codebook["people"].source == "desa 1; calculated, kept as a number"
    assert made.codebook["code"].source == "desa 1"


def test_a_calculation_with_a_value_that_is_no_number_stays_a_text() -> None:
    form = parse_form(CALCULATED)
    sent = [
        replace(one, xml=one.xml.replace("<people>100<", "<people>about 100<"))
        for one in [filled(form, "uuid:1", {"men": "60", "women": "40"})]
    ]
    made, _ = datasets(from_filled([form], sent))
    assert made.codebook["people"].kind == "string"
    assert made.frame["people"].tolist() == ["about 100"]


def test_a_calculation_that_was_a_text_in_an_earlier_version_stays_one() -> None:
    older = CALCULATED.replace("round(/data/women div /data/people, 2)", "concat(/data/women, ' %')")
    forms = [parse_form(older), parse_form(CALCULATED.replace('version="1"', 'version="2"'))]
    sent = [filled(form, f"uuid:{form.version}", {"men": "60", "women": "40"}) for form in forms]
    root, _ = datasets(from_filled(forms, sent))
    assert root.frame["share"].tolist() == ["40 %", "0.4"]
    assert (root.codebook["share"].kind, root.codebook["share"].source) == ("string", "desa 2")


@pytest.mark.parametrize(("language", "asked"), [("id", "Usaha apa?"), ("en", "Which business?")])
@pytest.mark.parametrize(
    ("layout", "reader"), [("spss", pyreadstat.read_sav), ("stata", pyreadstat.read_dta)]
)
def test_labels_come_in_the_language_asked_for_and_both_in_the_codebook_beside(
    tmp_path, layout, reader, language, asked
) -> None:
    form = first_version()
    files = labelled_files(from_filled([form], two_fillings(form)), layout, language=language)
    path = tmp_path / f"harvest{SUFFIXES[layout]}"
    path.write_bytes(files[path.name])
    _, about = reader(path)
    assert about.column_names_to_labels["kind"] == asked
    codebook = files["harvest.codebook.csv"].decode()
    assert "Usaha apa?" in codebook
    assert "Which business?" in codebook


def test_our_own_questionnaires_keep_the_codebook_they_are_published_with(tmp_path) -> None:
    questionnaire = find_questionnaire("village_potential")
    form = questionnaire.open(cache=tmp_path)
    root, *_ = datasets(from_filled([form], []))
    assert root.codebook.variables[4:] == codebook_of(form).variables
