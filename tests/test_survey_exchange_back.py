"""Submissions back in: every row rebuilt, checked as if just sent, and what is wrong said by row."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from hashlib import sha256
from pathlib import Path

import openpyxl
import pytest
from harvest_form import ANNA, BUDI, filled, first_version, second_version, two_fillings
from hypothesis import given, settings
from hypothesis import strategies as st
from test_survey_walks import REFUSED, REPAIRABLE, made_up_list, names, walk

from pk_research.errors import BadInput
from pk_research.survey import Filled, Form, parse_form
from pk_research.survey.exchange import (
    Imported,
    central_odata,
    central_zip,
    from_filled,
    kobo_xlsx,
    read_central_zip,
    read_kobo_xlsx,
    read_odata,
)
from pk_research.survey.xlsform.compiler import compile_file

FORM = first_version()


def ways(forms: list[Form], sent: list[Filled]) -> dict[str, Imported]:
    """Export and import again, in every layout."""
    tables = from_filled(forms, sent)
    feed = json.loads(json.dumps(central_odata(tables)))
    expanded = json.dumps(central_odata(tables, expand=True)["Submissions"])
    return {
        "central": read_central_zip(forms, central_zip(tables)),
        "central, choices split": read_central_zip(forms, central_zip(tables, split_selects=True)),
        "kobo": read_kobo_xlsx(forms, kobo_xlsx(tables)),
        "odata": read_odata(forms, feed),
        "odata, expanded": read_odata(forms, expanded),
    }


def said(imported: Imported) -> list[tuple[str, int | None, str, str]]:
    return [(one.table, one.row, one.column, one.message.text("en")) for one in imported.problems]


def changed(content: bytes, name: str, change: dict[str, str]) -> bytes:
    """Replace texts in one file of a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.namelist():
            data = old.read(entry).decode()
            for before, after in change.items() if entry == name else ():
                assert before in data
                data = data.replace(before, after)
            new.writestr(entry, data)
    return out.getvalue()


# --- the round trip


def test_what_comes_back_is_what_went_out() -> None:
    sent = two_fillings(FORM)
    for way, imported in ways([FORM], sent).items():
        assert said(imported) == [], way
        assert [one.xml for one in imported.fillings] == [one.xml for one in sent], way
        assert [one.instance_id for one in imported.fillings] == [ANNA, BUDI], way
        assert [one.submitted_at for one in imported.fillings] == [one.submitted_at for one in sent], way
        assert imported.fillings[0].review_state == "has issues", way


def test_central_gives_back_all_it_knows_of_the_sending() -> None:
    anna, budi = read_central_zip(FORM, central_zip(from_filled([FORM], two_fillings(FORM)))).fillings
    assert (anna.submitter_id, anna.submitter_name, anna.device_id) == ("7", "Enumerator One", "phone:1")
    assert budi.edits == 1


def test_versions_come_back_as_what_they_were() -> None:
    second = second_version()
    sent = [*two_fillings(FORM), filled(second, "uuid:3", {"name": "C", "workers": "1.5", "wants": "market"})]
    for way, imported in ways([FORM, second], sent).items():
        assert said(imported) == [], way
        assert [one.xml for one in imported.fillings] == [one.xml for one in sent], way


@pytest.fixture(scope="module")
def forms(shared: Path) -> Path:
    return shared / "conformance" / "xlsforms"


@pytest.mark.filterwarnings("ignore:Unknown extension")
def test_every_real_form_filled_at_random_comes_back_the_same(forms: Path) -> None:
    n_forms = 0
    for name in names(forms):
        if name in REPAIRABLE or name in REFUSED:
            continue
        form = parse_form(
            str(compile_file(forms / name)["xml"]), resource=made_up_list, missing_lists_are_empty=True
        )
        walks = (walk(form, seed=seed) for seed in range(1, 9))
        session = next(session for session in walks if not session.problems())
        xml = session.finish()
        key = session.value(f"/{form.root.name}/meta/instanceID")
        sent = [Filled(key, form.identifier, form.version, xml, two_fillings(FORM)[0].submitted_at)]
        for way, imported in ways([form], sent).items():
            assert said(imported) == [], (name, way)
            assert [one.xml for one in imported.fillings] == [xml], (name, way)
        n_forms += 1
    assert n_forms == 21


texts = st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n\t"), max_size=60)


@given(name=texts, other=texts)
@settings(max_examples=40, deadline=None)
def test_any_text_comes_back_letter_for_letter(name: str, other: str) -> None:
    sent = [filled(FORM, ANNA, {"name": f"x{name}", "kind": "other", "other": other})]
    for way, imported in ways([FORM], sent).items():
        assert [one.xml for one in imported.fillings] == [sent[0].xml], way


# --- what is wrong is said by row


@pytest.fixture(scope="module")
def content() -> bytes:
    return central_zip(from_filled([FORM], two_fillings(FORM)))


BROKEN = [
    (("loan training", "loan gold"), 2, "wants", "gold is not among the choices of /data/wants."),
    ((",Anna,Ibu/Bapak Anna,", ",,Ibu/Bapak ,"), 2, "name", "This question needs an answer."),
    ((",Ibu/Bapak Budi,", ",Ibu Budi,"), 3, "greeting", "should be Ibu/Bapak Budi, calculated from"),
    (("2021-03-01", "01/03/2021"), 2, "started", "/data/started is not of type date."),
    ((",other,=HYPERLINK(1)", ",food,=HYPERLINK(1)"), 2, "other", "answered although it does not apply."),
    ((",-99,", ",1000,"), 3, "workers", "This answer is not allowed here."),
    (("-6.25", "-96.25"), 2, "location-place-Latitude", "/data/location/place is not of type geopoint."),
]


@pytest.mark.parametrize(("change", "row", "column", "sentence"), BROKEN)
def test_a_row_that_breaks_a_rule_is_refused_and_named(
    content: bytes, change: tuple[str, str], row: int, column: str, sentence: str
) -> None:
    imported = read_central_zip(FORM, changed(content, "harvest.csv", dict([change])))
    assert len(imported.fillings) == 1
    assert len(imported.refused) == 1
    (problem,) = imported.problems
    assert (problem.table, problem.row, problem.column) == ("harvest.csv", row, column)
    assert sentence in problem.message.text("en")
    assert problem.message.text("id") != problem.message.template


def test_all_problems_of_a_file_are_reported_at_once(content: bytes) -> None:
    change = {"loan training": "gold", ",-99,": ",1000,", "2021-03-01": "yesterday"}
    imported = read_central_zip(FORM, changed(content, "harvest.csv", change))
    assert imported.fillings == ()
    assert {(problem.row, problem.column) for problem in imported.problems} >= {
        (2, "wants"),
        (2, "started"),
        (3, "workers"),
    }


def test_a_row_of_a_repeat_is_named_in_its_own_table(content: bytes) -> None:
    imported = read_central_zip(FORM, changed(content, "harvest-sale.csv", {"3.0,": "three,"}))
    assert said(imported) == [
        ("harvest-sale.csv", 3, "kg", "/data/crops/crop[1]/sale[2]/kg is not of type decimal.")
    ]


def test_a_row_that_belongs_to_nothing_is_reported(content: bytes) -> None:
    imported = read_central_zip(FORM, changed(content, "harvest-crop.csv", {f"melon,{ANNA}": "melon,uuid:9"}))
    assert ("harvest-crop.csv", 3, "", "It belongs to uuid:9, which is not there.") in said(imported)


def test_a_column_that_no_question_has_is_counted(content: bytes) -> None:
    imported = read_central_zip(FORM, changed(content, "harvest.csv", {"other,wants": "otter,wants"}))
    assert said(imported)[:2] == [
        (
            "harvest.csv",
            None,
            "otter",
            "No question of the form is called so: 1 answers are not taken over.",
        ),
        ("harvest.csv", None, "", "There is no column for other."),
    ]


def test_a_submission_that_is_there_twice_is_taken_once(content: bytes) -> None:
    imported = read_central_zip(FORM, changed(content, "harvest.csv", {BUDI: ANNA}))
    assert [one.instance_id for one in imported.fillings] == [ANNA]
    assert ("harvest.csv", 3, "", f"The submission {ANNA} is there twice.") in said(imported)


def test_another_version_is_refused_unless_it_is_said_to_be_welcome(content: bytes) -> None:
    old = changed(content, "harvest.csv", {",1\n": ",v7abc\n"})
    refused = read_central_zip(FORM, old)
    assert refused.fillings == ()
    assert "is for version v7abc of the form, not 1" in said(refused)[0][3]
    welcome = read_central_zip(FORM, old, any_version=True)
    assert [one.version for one in welcome.fillings] == ["1", "1"]
    assert said(welcome)[0] == (
        "harvest.csv",
        2,
        "",
        "It was filled in version v7abc; it is taken as version 1.",
    )


def test_an_answer_to_a_question_of_another_version_is_not_dropped_silently() -> None:
    second = second_version()
    sent = [*two_fillings(FORM), filled(second, "uuid:3", {"name": "C", "since": "2020"})]
    content = central_zip(from_filled([FORM, second], sent))
    imported = read_central_zip([FORM, second], changed(content, "harvest.csv", {",2\n": ",1\n"}))
    assert said(imported) == [("harvest.csv", 4, "since", "Version 1 of the form does not ask since.")]
    assert len(imported.fillings) == 2


# --- files as they are found


def test_a_kobo_project_without_groups_in_its_headings_moves_in() -> None:
    book = openpyxl.load_workbook(io.BytesIO(kobo_xlsx(from_filled([FORM], two_fillings(FORM)))))
    for sheet in book:
        for cell in sheet[1]:
            parts = cell.value.split("/")
            cell.value = cell.value if parts[0] == "wants" else parts[-1]
    for row in book["Panen"].iter_rows(min_row=2):
        for cell in row:
            if cell.value == "4":
                cell.value = 4  # a cell somebody made a number
    out = io.BytesIO()
    book.save(out)
    imported = read_kobo_xlsx(FORM, out.getvalue())
    assert said(imported) == []
    assert [one.xml for one in imported.fillings] == [one.xml for one in two_fillings(FORM)]


def test_choices_given_only_in_columns_are_put_together() -> None:
    content = central_zip(from_filled([FORM], two_fillings(FORM)), split_selects=True)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    rows = list(csv.reader(io.StringIO(files["harvest.csv"])))
    gone = rows[0].index("wants")
    out = io.StringIO()
    csv.writer(out).writerows([row[:gone] + row[gone + 1 :] for row in rows])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in {**files, "harvest.csv": out.getvalue()}.items():
            archive.writestr(name, text)
    imported = read_central_zip(FORM, packed.getvalue())
    assert [one.xml for one in imported.fillings] == [one.xml for one in two_fillings(FORM)]


def test_attached_files_are_read_and_known_by_their_hash() -> None:
    tables = from_filled([FORM], two_fillings(FORM))
    imported = read_central_zip(FORM, central_zip(tables, media={(ANNA, "rumah.jpg"): b"a house"}))
    assert imported.media == {"rumah.jpg": b"a house"}
    assert imported.fillings[0].attachments["rumah.jpg"] == sha256(b"a house").hexdigest()
    without = read_central_zip(FORM, central_zip(tables))
    assert without.fillings[0].attachments == {"rumah.jpg": None}


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.csv", "w") as file:
        for _ in range(600):
            file.write(b"0" * 2**20)
    return out.getvalue()


@pytest.mark.parametrize("junk", [b"", b"PK", b"not a zip", b"\x00" * 100])
def test_what_is_no_export_is_refused_in_words(junk: bytes) -> None:
    for reader in (read_central_zip, read_kobo_xlsx, read_odata):
        with pytest.raises(BadInput) as refusal:
            reader(FORM, junk)
        assert "Traceback" not in str(refusal.value)


def test_a_zip_that_would_fill_the_memory_is_refused() -> None:
    with pytest.raises(BadInput, match="it would unpack to more than"):
        read_central_zip(FORM, bomb())


@pytest.mark.parametrize(
    "document", ["[]", "{}", '{"value": 1}', '{"value": [1]}', '{"value": [{}]}', '{"Submissions": []}']
)
def test_json_that_is_no_feed_is_refused_in_words(document: str) -> None:
    with pytest.raises(BadInput):
        read_odata(FORM, document)


JUNK = ["", "\x00", "\x01", "a" * 1000, "<b>&]]>", "uuid:1", ANNA, "1e999", "nan", "2026-13-01T", "9" * 50]


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_no_cell_breaks_the_reader(data: st.DataObject) -> None:
    content = central_zip(from_filled([FORM], two_fillings(FORM)))
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            rows = list(csv.reader(io.StringIO(old.read(name).decode())))
            row = data.draw(st.sampled_from(rows))
            row[data.draw(st.integers(0, len(row) - 1))] = data.draw(st.sampled_from(JUNK))
            text = io.StringIO()
            csv.writer(text).writerows(rows)
            new.writestr(name, text.getvalue())
    try:
        imported = read_central_zip(FORM, packed.getvalue())
    except BadInput:
        return
    assert len(imported.fillings) + len(imported.refused) <= 2
    assert all(problem.message.text("id") for problem in imported.problems)
