"""Drafts: kept while somebody types, found again with a code, sent once, then wiped."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from store_house import (
    BUDI,
    DATABASES,
    PHOTO,
    RESEARCHER,
    SITI,
    SUPERVISOR,
    filling,
    newest,
    open_house,
)

from pk_research.errors import BadInput, NotFound
from pk_research.settings import read_settings
from pk_research.store import Store
from pk_research.store.actors import NotAllowed
from pk_research.store.drafts import TooManyFiles
from pk_research.store.refusals import Conflict, Refused


@pytest.fixture(params=DATABASES)
def store(request, tmp_path) -> Store:
    return open_house(request, tmp_path)


def test_a_draft_comes_back_as_it_was_saved(store):
    draft = store.drafts.open(newest(store), by=SITI)
    assert (draft.revision, draft.snapshot, draft.is_finished) == (0, "", False)
    state = {"language": "id", "applied": {"phone": 12}}
    assert store.drafts.save(draft.draft_id, by=SITI, revision=0, snapshot="<data/>", state=state) == 1
    back = store.drafts.find(draft.draft_id, by=SITI)
    assert (back.revision, back.snapshot, back.state) == (1, "<data/>", state)
    assert (back.form_id, back.version, back.resume_code) == ("usaha", "1", None)


def test_two_windows_do_not_overwrite_one_another(store):
    draft = store.drafts.open(newest(store), by=SITI)
    store.drafts.save(draft.draft_id, by=SITI, revision=0, snapshot="a", state={})
    with pytest.raises(Conflict) as caught:
        store.drafts.save(draft.draft_id, by=SITI, revision=0, snapshot="b", state={})
    assert caught.value.current == 1
    assert store.drafts.find(draft.draft_id, by=SITI).snapshot == "a"


def test_the_code_finds_a_draft_from_another_device_however_it_is_typed(store):
    draft = store.drafts.open(newest(store), by=SITI)
    code = draft.resume_code
    typed = f" {code[:4]}-{code[4:]} ".lower().replace("0", "o").replace("1", "i")
    assert store.drafts.resume(typed, by=BUDI).draft_id == draft.draft_id
    store.drafts.save(draft.draft_id, by=BUDI, revision=0, snapshot="a", state={})
    assert store.drafts.find(draft.draft_id, by=SITI).snapshot == "a", "the first device goes on, too"


@pytest.mark.parametrize("code", ["", "ABCDEFGH", "not a code at all", "0" * 5000, "'; DROP TABLE draft; --"])
def test_a_wrong_code_says_no_more_than_an_unknown_one(store, code):
    store.drafts.open(newest(store), by=SITI)
    with pytest.raises(NotFound) as caught:
        store.drafts.resume(code, by=BUDI)
    assert str(caught.value) == "draft: there is none with this code or address. Check what you typed."


def test_the_database_does_not_hold_the_code(store):
    code = store.drafts.open(newest(store), by=SITI).resume_code
    with store.engine.connect() as connection:
        kept = str(connection.execute(text("SELECT * FROM draft")).all())
    assert code not in kept
    with pytest.raises(NotFound):
        replace(store, key=b"the key of another house").drafts.resume(code)


def test_a_draft_is_nobody_elses(store):
    draft = store.drafts.open(newest(store), by=SITI)
    store.drafts.attach(draft.draft_id, "photo.jpg", PHOTO, by=SITI)
    for ask in (
        lambda: store.drafts.find(draft.draft_id, by=BUDI),
        lambda: store.drafts.save(draft.draft_id, by=SUPERVISOR, revision=0, snapshot="", state={}),
        lambda: store.drafts.attachment(draft.draft_id, "photo.jpg", by=BUDI),
    ):
        with pytest.raises(NotFound):
            ask()
    with pytest.raises(NotAllowed):
        store.drafts.open(newest(store), by=RESEARCHER)


def test_a_closed_form_is_not_begun(store):
    store.forms.close("usaha", by=RESEARCHER)
    with pytest.raises(Refused, match="takes no more submissions"):
        store.drafts.open(newest(store), by=SITI)


def test_a_draft_holds_so_much_and_no_more(store):
    drafts = replace(store.drafts, most_bytes=10)
    draft_id = drafts.open(newest(store), by=SITI).draft_id
    drafts.attach(draft_id, "a.jpg", b"12345", by=SITI)
    drafts.attach(draft_id, "b.jpg", b"12345", by=SITI)
    with pytest.raises(TooManyFiles, match="MiB together"):
        drafts.attach(draft_id, "c.jpg", b"1", by=SITI)
    drafts.attach(draft_id, "a.jpg", b"retak", by=SITI)
    with pytest.raises(TooManyFiles):
        drafts.attach(draft_id, "a.jpg", b"larger", by=SITI)
    assert drafts.attachments(draft_id, by=SITI) == {"a.jpg": b"retak", "b.jpg": b"12345"}


def test_a_draft_holds_two_hundred_files_and_no_more(store):
    draft_id = store.drafts.open(newest(store), by=SITI).draft_id
    for n in range(200):
        store.drafts.attach(draft_id, f"{n}.jpg", PHOTO, by=SITI)
    with pytest.raises(TooManyFiles, match="too many files"):
        store.drafts.attach(draft_id, "one more.jpg", PHOTO, by=SITI)
    store.drafts.attach(draft_id, "0.jpg", b"retaken", by=SITI)


def test_a_file_that_is_one_too_many_never_reaches_the_disk(store, tmp_path):
    drafts = replace(store, folder=tmp_path / "files").drafts
    draft_id = drafts.open(newest(store), by=SITI).draft_id
    with pytest.raises(TooManyFiles):
        replace(drafts, most_bytes=1).attach(draft_id, "a.jpg", PHOTO, by=SITI)
    assert [path for path in tmp_path.glob("files/**/*") if path.is_file()] == []


@pytest.mark.parametrize(("given", "mib"), [({}, 100), ({"PK_DRAFT_MIB": "7"}, 7)])
def test_how_much_it_holds_is_a_setting(given, mib):
    assert read_settings(given).draft_bytes == mib * 1024 * 1024


@pytest.mark.parametrize("given", ["0", "-1", "much", "1.5", "9" * 5000])
def test_a_size_that_is_none_is_told(given):
    with pytest.raises(BadInput, match="PK_DRAFT_MIB"):
        read_settings({"PK_DRAFT_MIB": given})


def test_sending_a_draft_takes_its_files_along_and_wipes_it(store):
    draft = store.drafts.open(newest(store), by=SITI)
    store.drafts.save(draft.draft_id, by=SITI, revision=0, snapshot="Ibu Aminah", state={"page": 1})
    store.drafts.attach(draft.draft_id, "photo.jpg", b"blurred", by=SITI)
    store.drafts.attach(draft.draft_id, "photo.jpg", PHOTO, by=SITI)
    store.drafts.attach(draft.draft_id, "taken-out.jpg", b"no longer named", by=SITI)
    assert store.drafts.attachment(draft.draft_id, "photo.jpg", by=SITI) == PHOTO
    xml = filling(photo="photo.jpg")
    receipt = store.submissions.receive(xml, by=SITI, via="survey", draft=draft.draft_id)
    assert store.submissions.attachment(receipt.instance_id, "photo.jpg", by=SITI) == PHOTO
    after = store.drafts.find(draft.draft_id, by=SITI)
    assert (after.instance_id, after.snapshot, after.state) == (receipt.instance_id, "", {})
    assert store.drafts.attachments(draft.draft_id, by=SITI) == {}
    for change in (
        lambda: store.drafts.save(draft.draft_id, by=SITI, revision=1, snapshot="", state={}),
        lambda: store.drafts.attach(draft.draft_id, "x.jpg", b"", by=SITI),
    ):
        with pytest.raises(Conflict, match="already sent"):
            change()


def test_a_file_name_whose_accents_were_taken_apart_is_the_same_name(store):
    """As some telephones and every Macintosh do; fillings are sent with accents composed."""
    apart, composed = "caf" + "e\u0301.jpg", "caf\u00e9.jpg"
    draft = store.drafts.open(newest(store), by=SITI)
    store.drafts.attach(draft.draft_id, apart, PHOTO, by=SITI)
    assert store.drafts.attachment(draft.draft_id, apart, by=SITI) == PHOTO
    name = store.submissions.receive(
        filling(photo=apart), by=SITI, via="survey", draft=draft.draft_id
    ).instance_id
    assert [*store.submissions.read(name, by=SITI).attachments] == [composed]
    assert store.submissions.attachment(name, apart, by=SITI) == PHOTO


def test_a_draft_is_sent_once_whatever_is_sent_again(store):
    """When the receipt was lost on its way, the end of the filling is stamped anew: other XML."""
    draft = store.drafts.open(newest(store), by=SITI)
    first = store.submissions.receive(filling(), by=SITI, via="survey", draft=draft.draft_id)
    again = store.submissions.receive(filling(), by=SITI, via="survey", draft=draft.draft_id)
    assert (again.code, again.is_new) == (first.code, False)
    assert len(store.submissions.list("usaha", by=SUPERVISOR)) == 1


def test_a_refused_filling_leaves_the_draft_as_it_was(store):
    draft = store.drafts.open(newest(store), by=SITI)
    store.drafts.save(draft.draft_id, by=SITI, revision=0, snapshot="a", state={})
    with pytest.raises(Refused):
        store.submissions.receive(
            filling().replace(">4<", ">x<"), by=SITI, via="survey", draft=draft.draft_id
        )
    assert store.drafts.find(draft.draft_id, by=SITI).snapshot == "a"


def test_old_drafts_go_and_the_files_only_they_had(store):
    day = [datetime(2026, 1, 1, tzinfo=UTC)]
    store = replace(store, clock=lambda: day[0])
    old, kept = (store.drafts.open(newest(store), by=SITI).draft_id for _ in range(2))
    store.drafts.attach(old, "photo.jpg", PHOTO, by=SITI)
    store.drafts.attach(old, "scan.jpg", b"scan", by=SITI)
    store.submissions.receive(
        filling(photo="photo.jpg"), by=SITI, via="survey", attachments={"photo.jpg": PHOTO}
    )
    day[0] += timedelta(days=20)
    store.drafts.save(kept, by=SITI, revision=0, snapshot="a", state={})
    day[0] += timedelta(days=20)
    assert store.drafts.purge(timedelta(days=30)) == 1
    with pytest.raises(NotFound):
        store.drafts.find(old, by=SITI)
    assert store.drafts.find(kept, by=SITI).snapshot == "a"
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM blob")).scalar() == 1
    assert store.audit.verify().faults == ()
