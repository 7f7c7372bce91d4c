"""Submissions out, as ODK Central and KoboToolbox lay them out, read the way their documentation says."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from harvest_form import ANNA, BUDI, filled, first_version, second_version, two_fillings

from pk_research.errors import BadInput
from pk_research.survey import Form, parse_form
from pk_research.survey.exchange import central_odata, central_zip, from_filled, kobo_xlsx


@pytest.fixture(scope="module")
def form() -> Form:
    return first_version()


@pytest.fixture(scope="module")
def tables(form: Form):
    return from_filled([form], two_fillings(form))


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def read(content: bytes, name: str) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(unpacked(content)[name]), dtype=str, keep_default_na=False)


# --- ODK Central, CSV


def test_the_zip_holds_a_root_table_and_one_for_each_repeat(tables) -> None:
    assert list(unpacked(central_zip(tables))) == ["harvest.csv", "harvest-crop.csv", "harvest-sale.csv"]


def test_the_columns_stand_as_central_documents_them(tables) -> None:
    content = central_zip(tables)
    assert list(read(content, "harvest.csv")) == [
        "SubmissionDate",
        "name",
        "greeting",
        "location-village",
        "location-place-Latitude",
        "location-place-Longitude",
        "location-place-Altitude",
        "location-place-Accuracy",
        "kind",
        "other",
        "wants",
        "workers",
        "income",
        "started",
        "photo",
        "meta-instanceID",
        "KEY",
        "SubmitterID",
        "SubmitterName",
        "AttachmentsPresent",
        "AttachmentsExpected",
        "Status",
        "ReviewState",
        "DeviceID",
        "Edits",
        "FormVersion",
    ]
    assert list(read(content, "harvest-crop.csv")) == ["what", "PARENT_KEY", "KEY"]


def test_pandas_links_the_repeats_by_key_and_parent_key(tables) -> None:
    content = central_zip(tables)
    root, crops, sales = (read(content, f"harvest{name}.csv") for name in ("", "-crop", "-sale"))
    linked = sales.merge(crops, left_on="PARENT_KEY", right_on="KEY", suffixes=("", "_crop")).merge(
        root, left_on="PARENT_KEY_crop", right_on="KEY", suffixes=("", "_root")
    )
    assert linked[["name", "what", "kg"]].to_numpy().tolist() == [
        ["Anna", "padi", "12.5"],
        ["Anna", "padi", "3.0"],
        ["Anna", "melon", "0.0"],
    ]
    assert sales["KEY"].tolist() == [
        f"{ANNA}/crops/crop[1]/sale[1]",
        f"{ANNA}/crops/crop[1]/sale[2]",
        f"{ANNA}/crops/crop[2]/sale[1]",
    ]


def test_what_is_known_of_the_sending_is_in_the_last_columns(tables) -> None:
    anna, budi = read(central_zip(tables), "harvest.csv").to_dict("records")
    assert anna["SubmissionDate"] == "2026-05-17T09:30:00.000Z"
    assert (anna["SubmitterID"], anna["SubmitterName"], anna["DeviceID"]) == (
        "7",
        "Enumerator One",
        "phone:1",
    )
    assert (anna["AttachmentsPresent"], anna["AttachmentsExpected"]) == ("1", "1")
    assert (anna["ReviewState"], budi["ReviewState"]) == ("hasIssues", "edited")
    assert (budi["Edits"], budi["FormVersion"]) == ("1", "1")


def test_choices_get_columns_and_group_names_go_where_asked(tables) -> None:
    root = read(central_zip(tables, split_selects=True, group_names=False), "harvest.csv")
    assert root.loc[0, ["wants", "wants/loan", "wants/training"]].tolist() == ["loan training", "1", "1"]
    assert root.loc[1, ["wants", "wants/loan", "wants/training"]].tolist() == ["", "0", "0"]
    assert {"village", "place-Latitude", "instanceID"} <= set(root)


def test_cells_hold_exactly_what_was_answered_also_what_looks_like_a_formula(tables) -> None:
    assert read(central_zip(tables), "harvest.csv").loc[0, "other"] == "=HYPERLINK(1)"


def test_attached_files_come_along_but_only_those_a_column_names(tables) -> None:
    media = {(ANNA, "rumah.jpg"): b"a house", (ANNA, "stray.jpg"): b"?"}
    files = unpacked(central_zip(tables, media=media))
    assert [name for name in files if name.startswith("media/")] == ["media/rumah.jpg"]


def test_files_of_one_name_are_kept_apart(form: Form) -> None:
    both = [filled(form, key, {"name": "x", "photo": "a.jpg"}) for key in (ANNA, BUDI)]
    files = unpacked(
        central_zip(from_filled([form], both), media={(ANNA, "a.jpg"): b"1", (BUDI, "a.jpg"): b"2"})
    )
    assert sorted(files.values())[:2] == [b"1", b"2"]


def test_repeats_of_one_name_are_counted_as_central_counts_them() -> None:
    xml = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
    <h:head><h:title>T</h:title><model><instance><data id="t"><a><r><x/></r></a><b><r><x/></r></b></data>
    </instance></model></h:head><h:body><repeat nodeset="/data/a/r"><input ref="/data/a/r/x"/></repeat>
    <repeat nodeset="/data/b/r"><input ref="/data/b/r/x"/></repeat></h:body></h:html>"""
    assert list(unpacked(central_zip(from_filled([parse_form(xml)], [])))) == [
        "t.csv",
        "t-r~1.csv",
        "t-r~2.csv",
    ]


# --- ODK Central, OData


def test_odata_names_its_tables_in_a_service_document(tables) -> None:
    documents = central_odata(tables, base="https://example.org/harvest.svc")
    assert [entry["url"] for entry in documents[""]["value"]] == [
        "Submissions",
        "Submissions.crops.crop",
        "Submissions.crops.crop.sale",
    ]
    assert documents["Submissions"]["@odata.context"].endswith("/harvest.svc/$metadata#Submissions")
    assert documents["Submissions"]["@odata.count"] == 2


def test_an_odata_row_is_nested_typed_and_null_where_there_is_no_answer(tables) -> None:
    anna, budi = central_odata(tables)["Submissions"]["value"]
    assert anna["__id"] == ANNA
    assert anna["location"] == {
        "village": "Sukamaju, RT 3",
        "place": {
            "type": "Point",
            "coordinates": [107.01, -6.25, 12.0],
            "properties": {"accuracy": 5.0},
        },
    }
    assert (anna["workers"], anna["income"], anna["started"]) == (4, 1250000.5, "2021-03-01")
    assert anna["crops"] == {
        "crop@odata.navigationLink": "Submissions('uuid%3A00000000-0000-4000-8000-000000000001')/crops/crop"
    }
    assert budi["__system"]["reviewState"] == "edited"
    assert budi["location"]["place"] is None
    assert "crops" not in budi


def test_odata_rows_of_repeats_point_at_what_they_belong_to(tables) -> None:
    documents = central_odata(tables)
    crops = documents["Submissions.crops.crop"]["value"]
    sales = documents["Submissions.crops.crop.sale"]["value"]
    assert [row["__Submissions-id"] for row in crops] == [ANNA, ANNA]
    assert [row["__Submissions-crops-crop-id"] for row in sales] == [crops[0]["__id"]] * 2 + [
        crops[1]["__id"]
    ]
    assert crops[0]["sale@odata.navigationLink"].endswith(f"/crops/crop('{crops[0]['__id']}')/sale")


def test_odata_expands_repeats_into_their_submission(tables) -> None:
    anna, _ = central_odata(tables, expand=True)["Submissions"]["value"]
    assert [[sale["kg"] for sale in crop["sale"]] for crop in anna["crops"]["crop"]] == [[12.5, 3], [0]]
    assert json.loads(json.dumps(anna)) == anna


# --- KoboToolbox


def test_the_workbook_stands_as_kobotoolbox_documents_it(tables) -> None:
    book = openpyxl.load_workbook(io.BytesIO(kobo_xlsx(tables)))
    assert book.sheetnames == ["Panen", "crop", "sale"]
    heading = [cell.value for cell in book["Panen"][1]]
    assert heading[2:8] == [
        "location/village",
        "location/place",
        "location/_place_latitude",
        "location/_place_longitude",
        "location/_place_altitude",
        "location/_place_precision",
    ]
    assert heading[-10:] == [
        "_id",
        "_uuid",
        "_submission_time",
        "_validation_status",
        "_notes",
        "_status",
        "_submitted_by",
        "__version__",
        "_tags",
        "_index",
    ]
    assert [cell.value for cell in book["sale"][1]][:5] == [
        "crops/crop/sale/kg",
        "_index",
        "_parent_table_name",
        "_parent_index",
        "_submission__id",
    ]


def test_repeats_in_the_workbook_are_linked_by_index(tables) -> None:
    content = kobo_xlsx(tables)
    crops, sales = (
        pd.read_excel(io.BytesIO(content), name, dtype=str, engine="calamine") for name in ("crop", "sale")
    )
    linked = sales.merge(crops, left_on="_parent_index", right_on="_index")
    assert linked["crops/crop/what"].tolist() == ["padi", "padi", "melon"]
    assert linked["crops/crop/sale/kg"].tolist() == ["12.5", "3.0", "0.0"]
    assert set(sales["_parent_table_name"]) == {"crop"}


def test_choices_not_chosen_are_zero_only_where_something_was(tables) -> None:
    frame = pd.read_excel(io.BytesIO(kobo_xlsx(tables)), "Panen", dtype=str, engine="calamine")
    assert frame["wants/loan"].tolist()[0] == "1"
    assert pd.isna(frame.loc[1, "wants/loan"])


def test_no_cell_of_the_workbook_is_a_formula(tables) -> None:
    book = openpyxl.load_workbook(io.BytesIO(kobo_xlsx(tables)))
    types = {cell.data_type for row in book["Panen"].iter_rows() for cell in row if cell.value is not None}
    assert types == {"s"}


def test_a_text_too_long_for_a_cell_is_refused_not_cut(form: Form) -> None:
    long = from_filled([form], [filled(form, ANNA, {"name": "a" * 40_000})])
    with pytest.raises(BadInput, match="row 2, name: a text of 40,000 characters does not fit"):
        kobo_xlsx(long)


# --- versions, missing values, personal data


def test_versions_stand_side_by_side_and_a_changed_question_gets_its_own_column() -> None:
    first, second = first_version(), second_version()
    sent = [
        *two_fillings(first),
        filled(second, "uuid:3", {"name": "Cici", "workers": "1.5", "since": "2020"}),
    ]
    tables = from_filled([first, second], sent)
    root = read(central_zip(tables, split_selects=True), "harvest.csv")
    assert [name for name in root if name.startswith(("workers", "since", "wants"))] == [
        "since",
        "wants",
        "wants/loan",
        "wants/training",
        "wants/market",
        "workers",
        "workers__decimal",
    ]
    assert root[["workers", "workers__decimal"]].to_numpy().tolist() == [["4", ""], ["-99", ""], ["", "1.5"]]
    said = " ".join(message.text("en") for message in tables.report)
    assert "/data/workers changed its kind of answer to decimal in version 2" in said
    assert "/data/since is asked in version 2 only" in said


def test_adding_a_version_does_not_rename_or_move_what_was_there() -> None:
    first, second = first_version(), second_version()
    before = list(read(central_zip(from_filled([first], [])), "harvest.csv"))
    after = list(read(central_zip(from_filled([first, second], [])), "harvest.csv"))
    assert [name for name in after if name in before] == before


def test_forms_that_are_not_versions_of_one_are_not_mixed(form: Form) -> None:
    other = parse_form(second_version_named("reap"))
    with pytest.raises(BadInput, match="these are different forms: harvest, reap"):
        from_filled([form, other], [])


def second_version_named(name: str) -> str:
    from harvest_form import SECOND

    return SECOND.replace('id="harvest"', f'id="{name}"')


def test_not_answered_and_not_relevant_are_told_apart(tables) -> None:
    _, budi = tables.rows[""]
    assert budi.answers["/data/location/village"] == ""
    assert "/data/other" not in budi.answers
    assert "Table harvest: 5 questions were asked and not answered, 2 did not apply." in [
        message.text("en") for message in tables.report
    ]


def test_a_filling_of_an_unknown_version_is_counted_not_dropped(form: Form) -> None:
    tables = from_filled([form], [replace(one, version="0") for one in two_fillings(form)])
    assert len(tables.rows[""]) == 2
    assert tables.report[0].text("en").startswith("2 fillings are of version 0, which was not given")


def test_personal_answers_and_what_quotes_them_are_left_out(form: Form) -> None:
    tables = from_filled([form], two_fillings(form), personal="leave out")
    everything = [
        *unpacked(central_zip(tables)).values(),
        json.dumps(central_odata(tables)).encode(),
        *unpacked(kobo_xlsx(tables)).values(),
    ]
    for secret in (b"Anna", b"Budi", b"Enumerator One", b"phone:1"):
        assert not any(secret in content for content in everything)
    assert "name, /data/greeting" in tables.report[0].text("en")


def bare_form(binds: str = "") -> Form:
    """A form of two questions; what a device says of itself is the second."""
    return parse_form(
        f"""<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
        xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>Desa</h:title><model>
        <instance><data id="desa" version="1"><kk/><device/></data></instance>
        <bind nodeset="/data/kk" type="int"/>{binds}</model></h:head>
        <h:body><input ref="/data/kk"/></h:body></h:html>"""
    )


def said_when_leaving_out(form: Form) -> list[str]:
    return [message.text("en") for message in from_filled([form], [], personal="leave out").report]


def test_where_no_question_is_marked_as_personal_it_says_so_and_how_to_mark_one() -> None:
    (said,) = said_when_leaving_out(bare_form())
    assert said.startswith("The form marks no question as personal, so no answer is left out")
    assert "bind::pk:personal" in said


def test_what_a_device_says_of_itself_is_named_where_it_is_kept() -> None:
    binds = '<bind nodeset="/data/device" jr:preload="property" jr:preloadParams="deviceid"/>'
    _, said = said_when_leaving_out(bare_form(binds))
    assert said.startswith("The form asks the device about itself, and these answers are kept: /data/device.")


# --- ways of working


def test_the_same_fillings_give_the_same_bytes(form: Form) -> None:
    first, second = (from_filled([form], two_fillings(form)) for _ in range(2))
    assert central_zip(first) == central_zip(second)
    assert kobo_xlsx(first) == kobo_xlsx(second)
    assert json.dumps(central_odata(first)) == json.dumps(central_odata(second))


def test_exports_do_not_load_pandas() -> None:
    code = (
        "import sys, pk_research.survey.exchange as e; from harvest_form import *; form = first_version();"
        "t = e.from_filled([form], two_fillings(form)); e.central_zip(t); e.kobo_xlsx(t); e.central_odata(t);"
        "e.read_central_zip(form, e.central_zip(t)); print('pandas' in sys.modules)"
    )
    out = subprocess.check_output([sys.executable, "-c", code], text=True, cwd=__file__.rpartition("/")[0])
    assert out.strip() == "False"
