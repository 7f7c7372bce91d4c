"""The audit log notices whatever is changed past it: each way of tampering, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from store_house import (
    ADMIN,
    DATABASES,
    FORM,
    KEY,
    PHOTO,
    RESEARCHER,
    SITI,
    SUPERVISOR,
    filling,
    open_house,
    version_two,
)

from pk_research.store import Store, open_store
from pk_research.store.actors import NotAllowed
from pk_research.store.audit.chain import digest
from pk_research.store.audit.verification import verify


def a_busy_week(store: Store) -> str:
    """Let everything happen once; return the submission it happened to."""
    xml = filling("Tahu", photo="photo.jpg")
    name = store.submissions.receive(xml, by=SITI, via="survey", attachments={"photo.jpg": PHOTO}).instance_id
    store.submissions.receive(filling(), by=SITI, via="survey")
    store.submissions.review(name, "has issues", by=SUPERVISOR, comment="4?")
    store.submissions.edit(name, xml.replace(">4<", ">5<"), by=SUPERVISOR, reason="called")
    store.submissions.review(name, "approved", by=SUPERVISOR)
    store.forms.publish(version_two(), by=RESEARCHER, files={"help.txt": b"help"}, source=b"xlsx")
    store.forms.close("usaha", by=RESEARCHER)
    store.forms.reopen("usaha", by=RESEARCHER)
    return name


@pytest.fixture(params=DATABASES)
def store(request, tmp_path) -> Store:
    store = open_house(request, tmp_path)
    a_busy_week(store)
    return store


def kinds(store: Store, **options) -> set[str]:
    return {fault.kind for fault in store.audit.verify(**options).faults}


def test_a_log_nobody_touched_verifies_and_names_its_head(store):
    verification = store.audit.verify()
    assert verification.faults == ()
    newest, *older = store.audit.events()
    assert (verification.n_events, verification.head) == (newest.number, newest.hash)
    assert [event.kind for event in reversed(older)] == [
        "form published",
        "submission received",
        "submission received",
        "submission reviewed",
        "submission edited",
        "submission reviewed",
        "form published",
        "form closed",
    ]
    assert kinds(store, head=older[0].hash) == set(), "a log may have grown since"


def test_the_log_holds_no_answer_and_no_comment(store):
    told = json.dumps([dict(event.details) for event in store.audit.events()])
    for secret in ("Aminah", "photo.jpg", "Tahu", "called", "4?"):
        assert secret not in told


@dataclass(frozen=True)
class Tampering:
    """Something done to the database past the store, and what the log must say."""

    what: str
    statements: tuple[str, ...]
    found: set[str]


SLIPPED_IN = """
INSERT INTO submission (id, instance_id, code, form_id, submitted_at, submitter_id, device_id, via)
SELECT 99, 'uuid:x', 'PK-X', form_id, submitted_at, submitter_id, device_id, via FROM submission WHERE id = 1
"""
EXCHANGED = """
UPDATE blob SET content = other.content FROM blob AS other WHERE other.sha256 <> blob.sha256
"""

TAMPERINGS = [
    Tampering(
        "an answer is changed",
        ("UPDATE submission_version SET xml = replace(xml, '>4<', '>9<') WHERE number = 1",),
        {"row changed"},
    ),
    Tampering(
        "an answer is changed, and its own hash with it",
        ("UPDATE submission_version SET xml = 'x', sha256 = 'y' WHERE number = 2",),
        {"row changed"},
    ),
    Tampering("who sent it is changed", ("UPDATE submission SET submitter_id = 'other'",), {"row changed"}),
    Tampering(
        "when it was sent is changed",
        ("UPDATE submission_version SET at = published_at FROM form_version",),
        {"row changed"},
    ),
    Tampering("an edit is deleted", ("DELETE FROM submission_version WHERE number = 2",), {"row gone"}),
    Tampering("a review is deleted", ("DELETE FROM review_event WHERE state = 'approved'",), {"row gone"}),
    Tampering("a review is changed", ("UPDATE review_event SET state = 'rejected'",), {"row changed"}),
    Tampering("an attachment is deleted", ("DELETE FROM attachment",), {"row gone"}),
    Tampering(
        "a submission is deleted",
        ("DELETE FROM submission_version WHERE submission_id = 2", "DELETE FROM submission WHERE id = 2"),
        {"row gone"},
    ),
    Tampering(
        "a submission is slipped in",
        (SLIPPED_IN,),
        {"row unknown"},
    ),
    Tampering("a form is changed", ("UPDATE form_version SET title = 'x' WHERE id = 1",), {"row changed"}),
    Tampering("a form is reopened past the log", ("UPDATE form SET is_open = false",), {"row changed"}),
    Tampering("a file of a form is deleted", ("DELETE FROM form_file",), {"row gone"}),
    Tampering("a file is changed", (EXCHANGED,), {"file changed"}),
    Tampering("a file is emptied", ("UPDATE blob SET content = NULL",), {"file gone"}),
    Tampering(
        "an event is changed", ("UPDATE audit_event SET actor = 'x' WHERE number = 3",), {"event changed"}
    ),
    Tampering(
        "an event is deleted",
        ("DELETE FROM audit_event WHERE number = 4",),
        {"event missing", "row unknown"},
    ),
    Tampering(
        "the log begins later",
        ("DELETE FROM audit_event WHERE number = 1",),
        {"event missing", "row unknown"},
    ),
    Tampering("the log is emptied", ("DELETE FROM audit_event",), {"row unknown"}),
]  # fmt: skip


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda one: one.what)
def test_tampering_is_noticed(store, tampering):
    with store.engine.begin() as connection:
        for statement in tampering.statements:
            assert connection.execute(text(statement)).rowcount, "the test itself must change something"
    assert kinds(store) == tampering.found


def rewrite_from(connection: Connection, number: int, change: Callable[[dict], dict]) -> None:
    """Forge a chain that is sound in itself, from one event on."""
    rows = connection.execute(text("SELECT * FROM audit_event ORDER BY number")).mappings().all()
    previous = rows[number - 2]["hash"]
    for row in rows[number - 1 :]:
        event = change(dict(row)) | {"previous": previous}
        event.pop("hash")
        previous = digest(event)
        forged = (
            "UPDATE audit_event SET actor = :actor, previous = :previous, hash = :hash WHERE number = :number"
        )
        connection.execute(text(forged), {**event, "hash": previous})


def test_a_log_cut_shorter_is_noticed_by_a_head_noted_elsewhere(store):
    head = store.audit.verify().head
    with store.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_event WHERE kind = 'form reopened'"))
        connection.execute(text("UPDATE form SET is_open = false"))
    assert kinds(store) == set(), "alone, the shorter log is sound"
    assert kinds(store, head=head) == {"cut short"}


def test_a_log_written_anew_is_noticed_by_a_head_noted_elsewhere(store):
    head = store.audit.verify().head
    with store.engine.begin() as connection:
        rewrite_from(connection, 5, lambda event: event | {"actor": "somebody else"})
    assert kinds(store) == set(), "alone, the forged log is sound"
    assert kinds(store, head=head) == {"cut short"}


def test_a_file_in_a_folder_that_is_changed_or_gone_is_noticed(tmp_path):
    folder = tmp_path / "files"
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}", attachments=folder, key=KEY)
    store.forms.publish(FORM, by=RESEARCHER)
    a_busy_week(store)
    assert kinds(store) == set()
    (photo,) = (path for path in folder.glob("??/*") if path.read_bytes() == PHOTO)
    photo.write_bytes(b"another")
    assert kinds(store) == {"file changed"}
    photo.unlink()
    assert kinds(store) == {"file gone"}


def test_only_who_may_look_at_the_log_does(store):
    assert store.audit.events(by=ADMIN)
    for ask in (store.audit.events, store.audit.verify):
        with pytest.raises(NotAllowed):
            ask(by=SUPERVISOR)


@pytest.fixture(scope="module")
def a_store(tmp_path_factory) -> Store:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('audit') / 'store.sqlite'}", key=KEY)
    store.forms.publish(FORM, by=RESEARCHER)
    a_busy_week(store)
    return store


COVERED = ["submission", "submission_version", "review_event", "attachment", "form_version", "audit_event"]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_text_in_a_covered_row_can_change_unnoticed(a_store, data):
    """Whichever row and column: one character more, and the log does not verify."""
    table = data.draw(st.sampled_from(COVERED))
    with a_store.engine.connect() as connection:
        rows = connection.execute(text(f"SELECT rowid AS n, * FROM {table}")).mappings().all()
        row = data.draw(st.sampled_from(rows))
        texts = [name for name, value in row.items() if isinstance(value, str) and not name.endswith("at")]
        column = data.draw(st.sampled_from(sorted(set(texts) - {"file_names"})))
        connection.execute(text("PRAGMA foreign_keys=OFF"))
        connection.execute(
            text(f'UPDATE {table} SET "{column}" = "{column}" || :more WHERE rowid = :n'),
            {"more": data.draw(st.sampled_from(["x", " ", "\n", "0"])), "n": row["n"]},
        )
        assert verify(connection, a_store.blobs).faults
        connection.rollback()
    assert a_store.audit.verify().faults == ()
