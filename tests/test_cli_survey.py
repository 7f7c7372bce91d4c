"""A survey run from the shell: publish, invite, count, export, move to another house, keep safe."""

from __future__ import annotations

import io
import re
import sqlite3
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from pk_research.errors import NotFound
from pk_research.sample import make_filling
from pk_research.settings import read_settings
from pk_research.store import open_store
from pk_research.store.access import NotEntered
from pk_research.store.actors import HOUSE, Role

FORM = "coordination_log"
PASSWORD = "empat kata acak lagi"


@pytest.fixture
def published(pk):
    code, out, err = pk("form", "publish", FORM)
    assert (code, err) == (0, "")
    assert f"open    {FORM}  " in out
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
    assert "1 versions" in pk("form", "list")[1]
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

    assert pk("user", "role", "siti", "supervisor")[1] == "changed siti: supervisor\n"
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


def test_what_was_sent_is_counted_and_exported_without_personal_answers_and_recorded(pk, published, tmp_path):
    receive(published, 3)
    assert f"{FORM}: 3 received" in pk("submissions", "list")[1]
    whole, lean = tmp_path / "whole", tmp_path / "lean"
    assert pk("submissions", "export", FORM, "--as", "supervisor", "--out", whole)[0] == 0
    assert pk("submissions", "export", FORM, "--out", lean)[0] == 0
    with zipfile.ZipFile(whole / f"{FORM}.zip") as archive:
        all_answers = pd.read_csv(archive.open(f"{FORM}.csv"), dtype=str)
    with zipfile.ZipFile(lean / f"{FORM}.zip") as archive:
        fewer = pd.read_csv(archive.open(f"{FORM}.csv"), dtype=str)
    assert len(all_answers) == len(fewer) == 3
    assert set(fewer.columns) < set(all_answers.columns)
    assert pk("audit", "log")[1].count("submissions exported") == 2


def test_an_export_moves_into_another_house_whole(pk, published, tmp_path, monkeypatch):
    receive(published, 3)
    pk("submissions", "export", FORM, "--as", "supervisor", "--out", tmp_path)
    monkeypatch.setenv("PK_HOME", str(tmp_path / "elsewhere"))
    pk("form", "publish", FORM)
    assert pk("submissions", "import", FORM, tmp_path / f"{FORM}.zip")[1] == (
        "3 new, 0 here already, 0 problems\n"
    )
    assert "0 new, 3 here already" in pk("submissions", "import", FORM, tmp_path / f"{FORM}.zip")[1]


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
    assert pk("submissions", "forget-drafts", "--days", "90")[1] == "1 drafts deleted\n"
    assert published.drafts.find(fresh.draft_id, by=HOUSE[Role.SUPERVISOR])
    with pytest.raises(NotFound):
        published.drafts.find(old.draft_id, by=HOUSE[Role.SUPERVISOR])
