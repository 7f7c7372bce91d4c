"""A survey run from the shell: publish, invite, count, export, move to another house, keep safe."""

from __future__ import annotations

import io
import json
import re
import shutil
import socket
import sqlite3
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from xlsxwriter import Workbook

from pk_research.errors import NotFound
from pk_research.sample import make_filling
from pk_research.settings import read_settings
from pk_research.store import open_store
from pk_research.store.access import NotEntered
from pk_research.store.actors import HOUSE, Role

FORM = "coordination_log"
PASSWORD = "empat kata acak lagi"


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A house in which the form was published; each test has a copy."""
    return tmp_path_factory.mktemp("published") / "home"


@pytest.fixture
def published(pk, first, tmp_path):
    if not first.exists():
        code, out, err = pk("form", "publish", FORM)
        assert (code, err) == (0, "")
        assert f"open    {FORM}  " in out
        shutil.copytree(tmp_path / "home", first)
    shutil.copytree(first, tmp_path / "home", dirs_exist_ok=True)
    return open_store(read_settings().database_url)


def receive(store, n: int) -> list[str]:
    """Send made fillings of the form; return their XML."""
    form = store.forms.open(store.forms.find(FORM))
    begun = datetime(2026, 11, 2, 8, tzinfo=UTC)
    sent = [make_filling(form, seed=seed, begun_at=begun) for seed in range(n)]
    for xml in sent:
        store.submissions.receive(xml.encode(), by=HOUSE[Role.RESEARCHER], via="import")
    return sent


def type_password(monkeypatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{text}\n"))


def test_a_form_is_published_listed_closed_and_opened_again(pk, published):
    del published
    assert pk("form", "publish", FORM)[0] == 0
    assert f"open    {FORM}" in pk("form", "list")[1]
    assert ", 1 version\n" in pk("form", "list")[1]
    assert pk("form", "close", FORM)[0] == 0
    assert f"closed  {FORM}" in pk("form", "list")[1]
    assert pk("form", "reopen", FORM)[0] == 0
    assert f"open    {FORM}" in pk("form", "list")[1]


def test_an_account_is_added_changed_closed_and_opened_again(pk, published, monkeypatch):
    access = published.access
    type_password(monkeypatch, PASSWORD)
    code, out, _ = pk("user", "add", "Siti", "--role", "enumerator", "--form", FORM)
    assert (code, out) == (0, f"added   siti, enumerator, on {FORM}\n")
    assert access.sign_in("siti", PASSWORD, origin="127.0.0.1").token

    assert pk("user", "role", "siti", "supervisor")[1] == f"changed siti: supervisor, on {FORM}\n"
    assert pk("user", "role", "siti", "supervisor", "--all-forms")[1] == "changed siti: supervisor\n"
    assert pk("user", "list")[1] == "open    siti, supervisor\n"
    type_password(monkeypatch, f"{PASSWORD} baru")
    assert pk("user", "password", "siti")[0] == 0
    with pytest.raises(NotEntered):
        access.sign_in("siti", PASSWORD, origin="127.0.0.1")
    pk("user", "disable", "siti")
    assert pk("user", "list")[1] == "closed  siti, supervisor\n"
    with pytest.raises(NotEntered):
        access.sign_in("siti", f"{PASSWORD} baru", origin="127.0.0.1")
    pk("user", "enable", "siti")
    assert access.sign_in("siti", f"{PASSWORD} baru", origin="127.0.0.1").token


@pytest.mark.parametrize(
    "verb", [("add", "budi", "--role", "enumerator"), ("role", "siti", "enumerator")], ids=" ".join
)
def test_a_form_nobody_published_limits_nobody(pk, published, monkeypatch, verb):
    type_password(monkeypatch, PASSWORD)
    pk("user", "add", "siti", "--role", "supervisor")
    type_password(monkeypatch, PASSWORD)
    code, out, err = pk("user", *verb, "--form", FORM, "--form", "coordnation_log")
    assert (code, out) == (1, "")
    assert f"there is no form 'coordnation_log'. Did you mean '{FORM}'?" in err
    assert pk("user", "list")[1] == "open    siti, supervisor\n"


def test_all_forms_and_one_form_contradict_each_other(pk, published, monkeypatch):
    type_password(monkeypatch, PASSWORD)
    pk("user", "add", "siti", "--role", "supervisor", "--form", FORM)
    code, _, err = pk("user", "role", "siti", "enumerator", "--form", FORM, "--all-forms")
    assert code == 1
    assert "--form: it contradicts --all-forms" in err
    assert pk("user", "list")[1] == f"open    siti, supervisor, on {FORM}\n"


def test_the_log_names_accounts_by_what_they_sign_in_with(pk, published, monkeypatch):
    type_password(monkeypatch, PASSWORD)
    pk("user", "add", "siti", "--role", "supervisor")
    siti = published.access.accounts(by=HOUSE[Role.ADMIN])[0]
    published.access.invite(FORM, by=siti.actor, expires_at=datetime.now(UTC) + timedelta(days=1))
    log = pk("audit", "log")[1]
    assert re.search(r"house-admin +account added +siti$", log, re.MULTILINE)
    assert re.search(r"siti +invitation made", log)
    assert siti.identifier not in log


def test_a_weak_password_adds_nobody(pk, monkeypatch):
    type_password(monkeypatch, "siti")
    code, out, err = pk("user", "add", "siti", "--role", "admin")
    assert (code, out) == (1, "")
    assert "password" in err
    assert pk("user", "list")[1] == ""


def test_a_link_opens_its_form_until_it_is_taken_back(pk, published):
    options = ("--village", "3216012001", "--uses", "1", "--address", "https://survei.example.id")
    code, out, _ = pk("invite", "make", FORM, *options)
    assert code == 0
    token = re.search(r"open {4}https://survei\.example\.id/i/(\S+)", out)[1]
    assert f"collect https://survei.example.id/key/{token}" in out
    entered = published.access.enter(token, origin="127.0.0.1")
    actor = published.access.who(entered.token)
    assert (actor.forms, actor.village_code) == (frozenset({FORM}), "3216012001")

    listed = pk("invite", "list")[1]
    assert token not in listed
    identifier = re.match(r"open {4}(\S+)", listed)[1]
    assert "village 3216012001, 0 of 1 used" in listed
    assert pk("invite", "revoke", identifier)[0] == 0
    assert pk("invite", "list")[1].startswith("closed")
    with pytest.raises(NotEntered):
        published.access.enter(token, origin="127.0.0.1")


def made_link(pk, *options: str) -> str:
    """Make a link and return the address it begins with."""
    return re.search(r"open {4}(\S+)/i/", pk("invite", "make", FORM, *options)[1])[1]


def test_a_link_begins_where_the_apps_run_now(pk, published, tmp_path):
    assert made_link(pk) == "http://127.0.0.1:8866"
    with socket.create_server(("127.0.0.1", 0)) as apps:
        port = apps.getsockname()[1]
        noted = tmp_path / "home" / "run" / "apps.json"
        noted.parent.mkdir()
        noted.write_text(json.dumps({"address": f"http://127.0.0.1:{port}/", "port": port}), encoding="utf-8")
        assert made_link(pk) == f"http://127.0.0.1:{port}"
        assert made_link(pk, "--address", "https://survei.example.id/") == "https://survei.example.id"


@pytest.mark.parametrize(
    ("address", "is_local"),
    [
        ("http://127.0.0.1:9000/", True),
        ("http://localhost:9000/", True),
        ("http://192.168.1.7:8866/", False),
        ("https://survei.example.id/", False),
    ],
)
def test_a_link_nobody_else_can_open_is_said_to_be_one(pk, published, address, is_local):
    out = pk("invite", "make", FORM, "--address", address)[1]
    assert ("The links are for this machine" in out) is is_local


def test_a_link_to_a_form_that_is_not_there_is_refused_with_the_likely_one(pk, published):
    code, _, err = pk("invite", "make", "cordination_log")
    assert code == 1
    assert f"Did you mean '{FORM}'?" in err


def test_a_link_that_was_used_up_or_expired_is_not_listed_as_open(pk, published):
    admin, past = HOUSE[Role.ADMIN], datetime.now(UTC) - timedelta(days=2)
    long_ago = replace(published.access, clock=lambda: past)
    long_ago.invite(FORM, by=admin, expires_at=past + timedelta(days=1))
    once = published.access.invite(
        FORM, by=admin, expires_at=datetime.now(UTC) + timedelta(days=1), max_uses=1
    )
    visitor = published.access.who(published.access.enter(once.token, origin="127.0.0.1").token)
    form = published.forms.open(published.forms.find(FORM))
    xml = make_filling(form, seed=1, begun_at=datetime(2026, 11, 2, 8, tzinfo=UTC))
    published.submissions.receive(
        xml.encode(),
        by=visitor,
        via="survey",
        in_transaction=published.access.used(visitor),
    )
    assert [line[:8] for line in pk("invite", "list")[1].splitlines()] == ["used up ", "expired "]


def test_what_was_sent_is_counted_and_exported_without_personal_answers_and_recorded(pk, published, tmp_path):
    receive(published, 3)
    assert f"{FORM}: 3 received" in pk("submissions", "list")[1]
    whole, lean, safe = tmp_path / "whole", tmp_path / "lean", tmp_path / "safe"
    assert pk("submissions", "export", FORM, "--as", "supervisor", "--out", whole)[0] == 0
    assert pk("submissions", "export", FORM, "--as", "researcher", "--out", lean)[0] == 0
    assert "withheld until somebody has read" in pk("submissions", "export", FORM, "--out", safe)[1]
    with zipfile.ZipFile(whole / f"{FORM}.zip") as archive:
        all_answers = pd.read_csv(archive.open(f"{FORM}.csv"), dtype=str)
    with zipfile.ZipFile(lean / f"{FORM}.zip") as archive:
        fewer = pd.read_csv(archive.open(f"{FORM}.csv"), dtype=str)
    assert len(all_answers) == len(fewer) == 3
    assert set(fewer.columns) < set(all_answers.columns)
    with zipfile.ZipFile(safe / f"{FORM}.zip") as archive:
        released = pd.read_csv(archive.open(f"{FORM}.csv"), dtype=str)
    assert not {*released["KEY"]} & {*all_answers["KEY"]}
    assert "SALINAN INTERNAL" in (whole / f"{FORM}.notes.txt").read_text(encoding="utf-8")
    log = pk("audit", "log")[1]
    assert (log.count("submissions exported"), log.count("data released")) == (2, 1)
    assert "    Free text is withheld until somebody has read and approved it" in log


@pytest.mark.parametrize(
    ("language", "asked"), [("id", "Pertemuan apa ini?"), ("en", "What kind of meeting is it?")]
)
def test_labels_are_exported_in_the_language_asked_for(pk, published, tmp_path, language, asked):
    receive(published, 1)
    code, *_ = pk(
        "submissions", "export", FORM, "--layout", "stata", "--language", language, "--out", tmp_path
    )
    assert code == 0
    _, about = pyreadstat.read_dta(tmp_path / f"{FORM}.dta")
    assert about.column_names_to_labels["meeting_kind"] == asked


def test_an_export_moves_into_another_house_whole(pk, published, tmp_path, monkeypatch):
    receive(published, 3)
    pk("submissions", "export", FORM, "--as", "supervisor", "--out", tmp_path)
    monkeypatch.setenv("PK_HOME", str(tmp_path / "elsewhere"))
    pk("form", "publish", FORM)
    assert pk("submissions", "import", FORM, tmp_path / f"{FORM}.zip")[1] == (
        "3 new, 0 here already, 0 problems\n"
    )
    assert "0 new, 3 here already" in pk("submissions", "import", FORM, tmp_path / f"{FORM}.zip")[1]


def instance_id(xml: str) -> str:
    return re.search("<(?:orx:)?instanceID>(.*?)</", xml)[1]


@pytest.mark.parametrize(
    "case",
    [
        ("central", f"{FORM}.zip", f"{FORM}.csv, row 3"),
        ("odata", f"{FORM}.odata.json", "Submissions, row 2"),
        ("kobo", f"{FORM}.xlsx", "row 3"),
    ],
)
def test_a_refused_row_is_named_with_its_reason_and_the_others_are_kept(
    pk, published, tmp_path, monkeypatch, case
):
    layout, file, place = case
    sent = receive(published, 3)
    pk("submissions", "export", FORM, "--as", "supervisor", "--layout", layout, "--out", tmp_path)
    monkeypatch.setenv("PK_HOME", str(tmp_path / "elsewhere"))
    pk("form", "publish", FORM)
    elsewhere = open_store(read_settings().database_url)
    form = elsewhere.forms.open(elsewhere.forms.find(FORM))
    other = make_filling(form, seed=9, begun_at=datetime(2026, 11, 2, 8, tzinfo=UTC))
    other = other.replace(instance_id(other), instance_id(sent[1]))
    elsewhere.submissions.receive(other.encode(), by=HOUSE[Role.RESEARCHER], via="import")

    code, out, _ = pk("submissions", "import", FORM, tmp_path / file)
    assert code == 1
    (refused,) = [line for line in out.splitlines() if line.startswith("  not kept")]
    assert f"{place}: {instance_id(sent[1])}: " in refused
    assert "2 new, 0 here already, 1 problem\n" in out
    code, again, _ = pk("submissions", "import", FORM, tmp_path / file)
    assert (code, refused in again) == (1, True)
    assert "0 new, 2 here already, 1 problem\n" in again
    assert {one.instance_id for one in elsewhere.submissions.list(FORM, by=HOUSE[Role.RESEARCHER])} == {
        instance_id(xml) for xml in sent
    }


def spreadsheet(path: Path, survey: str, choices: str = "list_name | name | label") -> Path:
    with Workbook(str(path)) as book:
        for name, table in (("survey", survey), ("choices", choices)):
            sheet = book.add_worksheet(name)
            for row, line in enumerate(table.strip().splitlines()):
                sheet.write_row(row, 0, [cell.strip() for cell in line.split("|")])
    return path


BROKEN = """
    type    | name  | label      | constraint  | relevant
    TEXT    | name  | Name       | . != ‘x’    |
    integer | sales | Sales      | . > 0 and   | ${nmae} != ''
"""


def test_every_fault_of_a_form_is_told_and_what_can_be_mended(pk, tmp_path):
    code, out, err = pk("form", "check", spreadsheet(tmp_path / "shop.xlsx", BROKEN))
    assert (code, err) == (1, "")
    places = ["row 2, column 'type'", "row 3, column 'relevant'", "row 3, column 'constraint'"]
    told = [
        "the type 'TEXT' has capitals. Write 'text'.",
        "there is no question named 'nmae'. Did you mean 'name'?",
        "the expression '. > 0 and' cannot be read: it ends too early. Correct the expression.",
    ]
    *lines, doubt, total = out.splitlines()
    assert lines == [
        f"  fault   sheet 'survey', {place}: {what}" for place, what in zip(places, told, strict=True)
    ]
    assert doubt.startswith(
        "  doubt   sheet 'survey', row 2, column 'constraint': the quotes in . != ‘x’ are"
    )
    assert doubt.endswith("Write: . != 'x'")
    assert total == "3 faults; --repair FILE mends 1 of them in a copy"


def test_a_repair_says_what_it_mended_and_where_the_copy_is(pk, tmp_path):
    mendable = BROKEN.replace(". > 0 and", ". > 0").replace("nmae", "name")
    path, copy = spreadsheet(tmp_path / "shop.xlsx", mendable), tmp_path / "mended.xlsx"
    code, out, _ = pk("form", "check", path, "--repair", copy)
    assert code == 0
    assert out.splitlines()[:3] == [
        "mended  Sheet survey, row 2: the type TEXT is now text.",
        "mended  Sheet survey, row 2, column constraint: curly quotes are now straight: . != 'x'",
        f"wrote   {copy}",
    ]
    assert out.splitlines()[3].startswith("sound   mended: 2 questions")
    assert "doubt" not in out
    code, out, _ = pk("form", "check", copy, "--repair", tmp_path / "again.xlsx")
    assert out.splitlines()[0] == "mended  nothing: there is no mechanical fault"


def test_a_copy_elsewhere_finds_the_files_beside_the_original(pk, tmp_path):
    survey = """
        type                            | name  | label | calculation
        select_one_from_file places.csv | place | Place |
        Calculate                       | twice |       | 2 *
    """
    folder = tmp_path / "forms"
    folder.mkdir()
    (folder / "places.csv").write_text("name,label\na,A\n", encoding="utf-8")
    path = spreadsheet(folder / "shop.xlsx", survey)
    out = pk("form", "check", path, "--repair", tmp_path / "mended.xlsx")[1]
    fault, total = (line for line in out.splitlines() if "fault" in line)
    assert "row 3, column 'calculation': the expression '2 *' cannot be read" in fault
    assert total == "1 fault"


def test_what_is_personal_is_told_when_a_form_is_checked_and_published(pk, tmp_path):
    marked = """
        type    | name     | label | bind::pk:personal | calculation
        text    | owner    | Owner | yes               |
        calculate | greeting |     |                   | concat('Bu ', ${owner})
        integer | sales    | Sales |                   |
    """
    for verb in ("check", "publish"):
        out = pk("form", verb, spreadsheet(tmp_path / f"{verb}.xlsx", marked))[1]
        assert "private 2 personal answers, left out of a researcher's export: owner, greeting\n" in out
        plain = spreadsheet(tmp_path / f"{verb}_plain.xlsx", marked.replace("yes", ""))
        out = pk("form", verb, plain)[1]
        assert "private no answer is marked as personal" in out
        assert "Mark names and telephones with yes in a column bind::pk:personal." in out


def test_a_form_with_faults_is_not_published_and_all_of_them_are_told(pk, tmp_path):
    survey = BROKEN.replace("TEXT", "text").replace("nmae", "name").replace("integer", "select_one size")
    choices = "list_name | name | label\nsize | s | Small\nsize | s | Smaller"
    code, _, err = pk("form", "publish", spreadsheet(tmp_path / "shop.xlsx", survey, choices))
    assert code == 1
    assert "sheet 'survey', row 3, column 'constraint'" in err
    assert "sheet 'choices', row 3" in err
    assert pk("form", "list")[1] == ""


def test_a_backup_is_verified_and_restored_and_the_log_holds(pk, published, tmp_path, monkeypatch):
    receive(published, 2)
    copy = tmp_path / "copy.zip"
    assert pk("backup", "make", copy)[0] == 0
    assert pk("backup", "verify", copy)[0] == 0
    monkeypatch.setenv("PK_HOME", str(tmp_path / "restored"))
    restored = tmp_path / "restored" / "store.sqlite"
    restored.parent.mkdir()
    assert pk("backup", "restore", copy, f"sqlite:///{restored}")[0] == 0
    assert f"{FORM}: 2 received" in pk("submissions", "list")[1]
    code, out, _ = pk("audit", "verify")
    assert code == 0
    assert "0 faults" in out


def test_a_changed_row_is_found_by_the_command(pk, published, tmp_path):
    receive(published, 1)
    with sqlite3.connect(tmp_path / "home" / "store.sqlite") as database:
        database.execute("UPDATE submission_version SET xml = replace(xml, 'instanceID', 'instanceId')")
    code, out, _ = pk("audit", "verify")
    assert code == 1
    assert "fault" in out


def test_drafts_left_alone_for_long_are_forgotten_and_counted(pk, published):
    version = published.forms.find(FORM)
    fresh = published.drafts.open(version, by=HOUSE[Role.SUPERVISOR])
    long_ago = replace(published, clock=lambda: datetime.now(UTC) - timedelta(days=100))
    old = long_ago.drafts.open(version, by=HOUSE[Role.SUPERVISOR])
    assert pk("submissions", "forget-drafts", "--days", "90")[1] == "1 draft deleted\n"
    assert published.drafts.find(fresh.draft_id, by=HOUSE[Role.SUPERVISOR])
    with pytest.raises(NotFound):
        published.drafts.find(old.draft_id, by=HOUSE[Role.SUPERVISOR])
