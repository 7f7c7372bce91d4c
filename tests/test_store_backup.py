"""The whole store in one file: made while others write, tried out, and brought back anywhere."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pandas as pd
import pytest
from sqlalchemy import create_engine, text
from store_house import (
    DATABASES,
    PHOTO,
    RESEARCHER,
    SITI,
    SUPERVISOR,
    filling,
    newest,
    open_house,
)

from pk_research.codebook import Codebook, Variable
from pk_research.errors import BadInput
from pk_research.sources import Dataset, Provenance
from pk_research.store import Store
from pk_research.store.actors import NotAllowed
from pk_research.store.backup import backup, restore, verify_backup


@pytest.fixture(params=DATABASES)
def store(request, tmp_path) -> Store:
    store = open_house(request, tmp_path, folder=tmp_path / "files")
    xml = filling("Tahu", photo="photo.jpg")
    name = store.submissions.receive(xml, by=SITI, via="survey", attachments={"photo.jpg": PHOTO}).instance_id
    store.submissions.edit(name, xml.replace(">4<", ">5<"), by=SUPERVISOR, reason="called")
    store.submissions.review(name, "approved", by=SUPERVISOR)
    store.drafts.open(newest(store), by=SITI)
    book = Codebook((Variable("n", kind="integer"),))
    origin = Provenance("A", "a.csv", "0" * 64, "table", n_rows_read=1)
    store.keep(Dataset("a", book.cast(pd.DataFrame({"n": [1]}), where="a.csv"), book, origin, key=("n",)))
    return store


@pytest.fixture
def kept(store, tmp_path) -> Path:
    return backup(store, tmp_path / "backups" / "monday.sqlite").path


def everything(store: Store) -> tuple:
    """What a person would notice missing."""
    listed = store.submissions.list("usaha", by=SUPERVISOR)
    return (
        listed,
        store.forms.versions("usaha"),
        [store.submissions.history(one.instance_id, by=SUPERVISOR) for one in listed],
        [store.submissions.events(one.instance_id, by=SUPERVISOR) for one in listed],
        [store.submissions.attachment(listed[0].instance_id, "photo.jpg", by=SUPERVISOR)],
        store.datasets(),
        store.read("a").content_hash,
    )


def test_a_backup_is_one_file_that_verifies(store, tmp_path):
    made = backup(store, tmp_path / "backups" / "monday.sqlite")
    assert [path.name for path in (tmp_path / "backups").iterdir()] == ["monday.sqlite"]
    check = verify_backup(made.path)
    assert (check.faults, check.backup) == ((), made)
    assert made.rows["submission_version"] == 2
    assert made.rows["dataset_version"] == 1
    assert check.n_events == made.rows["audit_event"]
    newest_event = store.audit.events()[0]
    assert (newest_event.kind, newest_event.details) == ("backup made", {"head": made.head})


@pytest.fixture(params=DATABASES)
def new_url(request, tmp_path) -> str:
    """The address of a second, empty store."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new.sqlite'}"
    server = request.getfixturevalue("postgresql_server")
    engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    name = f"restored_{uuid4().hex}"
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{server}/{name}"


@pytest.mark.parametrize("in_folder", [True, False])
def test_what_comes_back_is_what_was_there_on_either_database(store, kept, tmp_path, new_url, in_folder):
    back = restore(kept, new_url, attachments=tmp_path / "new-files" if in_folder else None)
    assert everything(back) == everything(store)
    assert back.audit.verify().faults == ()
    assert (tmp_path / "new-files").is_dir() == in_folder
    back.submissions.receive(filling(), by=SITI, via="survey")
    assert back.audit.verify().faults == (), "and work goes on"


def test_a_backup_made_while_others_send_is_of_one_moment(store, tmp_path):
    stop, sent = threading.Event(), []

    def keep_sending():
        while not stop.is_set():
            sent.append(store.submissions.receive(filling(), by=SITI, via="survey").instance_id)

    senders = [threading.Thread(target=keep_sending) for _ in range(2)]
    for sender in senders:
        sender.start()
    made = [backup(store, tmp_path / f"{n}.sqlite") for n in range(3)]
    stop.set()
    for sender in senders:
        sender.join()
    assert [verify_backup(one.path).faults for one in made] == [()] * 3
    assert made[0].rows["submission"] <= made[2].rows["submission"] <= len(sent) + 1
    assert store.audit.verify().faults == ()


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM review_event",
        "UPDATE submission_version SET xml = 'x' WHERE number = 1",
        "UPDATE draft SET revision = 7",
        "UPDATE dataset_version SET title = 'B'",
        "UPDATE blob SET content = NULL",
        "DROP TABLE attachment",
        "DELETE FROM audit_event WHERE number = (SELECT max(number) FROM audit_event)",
    ],
)
def test_a_damaged_backup_is_noticed_before_it_is_needed(kept, damage):
    with closing(sqlite3.connect(kept)) as connection, connection:
        connection.execute(damage)
    assert verify_backup(kept).faults


def is_noticed(path: Path) -> bool:
    try:
        return bool(verify_backup(path).faults)
    except BadInput as error:
        return "is not a backup" in str(error)


def test_a_backup_overwritten_or_cut_short_is_noticed(kept):
    content = bytearray(kept.read_bytes())
    content[8192:16384] = b"\xff" * 8192
    kept.write_bytes(content)
    assert is_noticed(kept)
    kept.write_bytes(content[: len(content) // 2])
    assert is_noticed(kept)


def test_what_is_no_backup_is_said_to_be_none(tmp_path):
    (tmp_path / "letter").write_text("Dear house")
    for path in (tmp_path / "letter", tmp_path / "nothing", tmp_path):
        with pytest.raises(BadInput, match="is not a backup of a store"):
            verify_backup(path)
        with pytest.raises(BadInput, match="is not a backup of a store"):
            restore(path, f"sqlite:///{tmp_path / 'new.sqlite'}")
    assert not (tmp_path / "new.sqlite").exists()


def test_nothing_that_is_there_is_overwritten(store, kept):
    with pytest.raises(BadInput, match="it is there already"):
        backup(store, kept)
    before = everything(store)
    with pytest.raises(BadInput, match="it is not empty"):
        restore(kept, store.engine.url.render_as_string(hide_password=False))
    assert everything(store) == before


def test_only_who_may_back_up_does(store, tmp_path):
    with pytest.raises(NotAllowed):
        backup(store, tmp_path / "mine.sqlite", by=RESEARCHER)
    assert not (tmp_path / "mine.sqlite").exists()
