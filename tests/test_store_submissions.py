"""Submissions are received once, never changed, and read by whom their role lets."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from store_house import (
    ADMIN,
    BUDI,
    DATABASES,
    FORM,
    PHOTO,
    RESEARCHER,
    SITI,
    SUPERVISOR,
    VILLAGE,
    filling,
    open_house,
    version_two,
)

from pk_research.errors import BadInput, NotFound
from pk_research.store import Store
from pk_research.store.actors import Actor, NotAllowed, Role
from pk_research.store.exports import read_tables
from pk_research.store.refusals import Refused
from pk_research.survey import parse_form


@pytest.fixture(params=DATABASES)
def store(request, tmp_path) -> Store:
    return open_house(request, tmp_path)


def send(store: Store, xml: str, **options) -> str:
    return store.submissions.receive(xml, **{"by": SITI, "via": "survey", **options}).instance_id


def refusal(store: Store, xml: str | bytes, **options) -> Refused:
    with pytest.raises(Refused) as caught:
        send(store, xml, **options)
    assert caught.value.message.text("id") != caught.value.message.text("en")
    return caught.value


# --- receiving


def test_a_sound_filling_is_kept_as_it_was_sent(store):
    xml = filling("Tahu", "Tempe")
    receipt = store.submissions.receive(xml.encode(), by=SITI, via="survey", device_id="phone 1")
    kept = store.submissions.read(receipt.instance_id, by=SITI)
    assert kept.xml == xml
    assert (kept.form_id, kept.version, kept.submitter_id) == ("usaha", "1", "a-siti")
    assert (kept.device_id, kept.review_state, kept.edits) == ("phone 1", "received", 0)
    assert (receipt.number, receipt.is_new, receipt.received_at) == (1, True, kept.submitted_at)
    assert receipt.received_at.utcoffset() == timedelta(0)
    assert re.fullmatch(r"PK-[0-9A-Z]{4}-[0-9A-Z]{4}", receipt.code)


def test_sending_again_gives_the_same_receipt_and_keeps_one(store):
    xml = filling()
    first, *others = [store.submissions.receive(xml, by=SITI, via="survey") for _ in range(3)]
    assert first.is_new
    assert not any(other.is_new for other in others)
    assert {(other.code, other.received_at) for other in others} == {(first.code, first.received_at)}
    assert len(store.submissions.list("usaha", by=SUPERVISOR)) == 1
    assert store.audit.verify().faults == ()


def test_a_receipt_is_found_by_its_code_however_it_is_typed(store):
    receipt = store.submissions.receive(filling(), by=SITI, via="survey")
    typed = receipt.code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert store.submissions.find_receipt(typed).instance_id == receipt.instance_id
    wrong = receipt.code[:-1] + ("A" if receipt.code[-1] != "A" else "B")
    with pytest.raises(NotFound, match="no submission has this code"):
        store.submissions.find_receipt(wrong)


@pytest.mark.parametrize(
    ("change", "reason", "flaws"),
    [
        (("<workers>4", "<workers>four"), "flaws", ["type"]),
        (("<workers>4", "<workers>-4"), "flaws", ["constraint"]),
        (("<tax>100.0</tax>", "<tax>0.0</tax>"), "flaws", ["calculated"]),
        (('id="usaha"', 'id="hotel"'), "form", []),
        (('version="1"', 'version="9"'), "form", []),
        (("<data", "<?xml version='1.0'?><!DOCTYPE d [<!ENTITY a 'a'>]><data"), "flaws", ["unreadable"]),
        (("uuid:", "uuid with spaces: "), "identifier", []),
        (("<photo/>", "<photo>../../etc/passwd</photo>"), "attachment", []),
        (("<photo/>", "<photo>a\\b.jpg</photo>"), "attachment", []),
    ],
)
def test_an_unsound_filling_is_refused_and_leaves_only_a_note(store, change, reason, flaws):
    xml = filling()
    assert change[0] in xml
    refused = refusal(store, xml.replace(*change))
    assert (refused.reason, [flaw.kind for flaw in refused.flaws]) == (reason, flaws)
    assert store.submissions.list("usaha", by=SUPERVISOR) == ()
    note = store.audit.events()[0]
    assert (note.kind, note.actor) == ("submission refused", "a-siti")
    assert note.details == {"reason": reason, "flaws": flaws, "via": "survey"}


def test_what_is_not_utf_8_is_refused(store):
    assert refusal(store, filling().encode("utf-16")).flaws[0].kind == "unreadable"


def test_another_filling_under_a_known_identifier_is_refused(store):
    xml = filling()
    send(store, xml)
    assert refusal(store, xml.replace("<workers>4", "<workers>5")).reason == "replay"


def test_a_closed_form_takes_nothing_new_but_still_acknowledges_what_it_has(store):
    xml = filling()
    send(store, xml)
    store.forms.close("usaha", by=RESEARCHER)
    assert refusal(store, filling()).reason == "closed"
    assert not store.submissions.receive(xml, by=SITI, via="survey").is_new
    store.forms.reopen("usaha", by=RESEARCHER)
    send(store, filling())


def test_an_invitation_for_one_village_answers_for_no_other(store):
    invited = Actor("invitation", "i-1", Role.RESPONDENT, forms=frozenset({"usaha"}), village_code=VILLAGE)
    send(store, filling(), by=invited)
    send(store, filling(village_code="32.16.01.2001"), by=invited)
    assert refusal(store, filling(village_code="3216012002"), by=invited).reason == "village"
    assert refusal(store, filling(village_code=""), by=invited).reason == "village"


def test_a_calculation_on_times_is_worked_out_where_the_telephone_was(store):
    """Half past nine in Jayapura is half past seven in Bekasi: neither is wrong."""
    form = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
      <h:head><h:title>Time</h:title><model>
      <instance><data id="time"><met/><hour/><meta><instanceID/></meta></data></instance>
      <bind nodeset="/data/met" type="dateTime"/>
      <bind nodeset="/data/hour" calculate="format-date-time(/data/met, '%H')"/>
      </model></h:head><h:body><input ref="/data/met"/></h:body></h:html>"""
    store.forms.publish(form, by=RESEARCHER)
    sent = (
        '<data id="time"><met>2026-03-01T21:30:00.000+09:00</met><hour>{}</hour>'
        "<meta><instanceID>uuid:{}</instanceID></meta></data>"
    )
    send(store, sent.format("21", "1"))
    assert [flaw.kind for flaw in refusal(store, sent.format("03", "2")).flaws] == ["calculated"]


def test_what_goes_with_a_submission_happens_in_its_transaction_or_undoes_it(store):
    def fail(_connection):
        raise RuntimeError("no more uses")

    with pytest.raises(RuntimeError):
        send(store, filling(), in_transaction=fail)
    assert store.submissions.list("usaha", by=SUPERVISOR) == ()
    assert [event.kind for event in store.audit.events()] == ["form published"]


# --- files


def test_files_may_come_with_the_filling_or_later_and_are_given_back_unchanged(store):
    xml = filling(photo="photo.jpg", licence="licence.jpg")
    name = send(store, xml, attachments={"photo.jpg": PHOTO})
    kept = store.submissions.read(name, by=SITI).attachments
    assert [*kept] == ["photo.jpg", "licence.jpg"]
    assert kept["licence.jpg"] is None
    send(store, xml, attachments={"licence.jpg": b"scan"})
    send(store, xml, attachments={"licence.jpg": b"scan", "photo.jpg": PHOTO})
    assert store.submissions.attachment(name, "photo.jpg", by=SITI) == PHOTO
    assert store.submissions.attachment(name, "licence.jpg", by=SITI) == b"scan"
    assert store.audit.verify().faults == ()


def test_a_file_is_never_replaced_and_never_one_the_filling_does_not_name(store):
    xml = filling(photo="photo.jpg")
    name = send(store, xml, attachments={"photo.jpg": PHOTO})
    assert refusal(store, xml, attachments={"photo.jpg": b"another"}).reason == "replay"
    assert refusal(store, xml, attachments={"other.jpg": PHOTO}).reason == "attachment"
    assert store.submissions.attachment(name, "photo.jpg", by=SITI) == PHOTO


# --- editing


def test_an_edit_is_a_new_version_with_who_when_why_and_what(store):
    xml = filling("Tahu")
    first = store.submissions.receive(xml, by=SITI, via="survey")
    corrected = xml.replace("<workers>4", "<workers>40").replace("Tahu", "Tempe")
    second = store.submissions.edit(
        first.instance_id, corrected, by=SUPERVISOR, reason="asked again by telephone"
    )
    assert (second.instance_id, second.code, second.number) == (first.instance_id, first.code, 2)
    entries = store.submissions.history(first.instance_id, by=SITI)
    assert [(entry.number, entry.by, entry.reason) for entry in entries] == [
        (1, "a-siti", ""),
        (2, "house-supervisor", "asked again by telephone"),
    ]
    changed = store.submissions.diff(first.instance_id, 1, 2, by=SITI)
    assert [(one.path, one.before, one.after) for one in changed] == [
        ("/data/workers", "4", "40"),
        ("/data/product[1]/name", "Tahu", "Tempe"),
    ]
    assert store.submissions.read(first.instance_id, by=SITI, number=1).xml == xml
    newest = store.submissions.read(first.instance_id, by=SITI)
    assert f"<deprecatedID>{first.instance_id}</deprecatedID>" in newest.xml
    assert entries[1].instance_id in newest.xml
    assert (newest.edits, newest.updated_at) == (1, second.received_at)
    assert store.audit.verify().faults == ()


def test_an_edit_needs_a_reason_the_right_and_sound_answers(store):
    xml = filling()
    name = send(store, xml)
    with pytest.raises(BadInput, match="no reason is given"):
        store.submissions.edit(name, xml.replace(">4<", ">5<"), by=SUPERVISOR, reason=" ")
    with pytest.raises(NotAllowed):
        store.submissions.edit(name, xml, by=RESEARCHER, reason="even without a change")
    with pytest.raises(Refused) as caught:
        store.submissions.edit(name, xml.replace(">4<", ">-5<"), by=SUPERVISOR, reason="typing error")
    assert caught.value.reason == "flaws"
    assert len(store.submissions.history(name, by=SITI)) == 1


def test_a_file_that_never_came_may_be_added_without_changing_an_answer(store):
    xml = filling(photo="photo.jpg")
    name = store.submissions.receive(xml, by=SITI, via="api").instance_id
    files = {"photo.jpg": PHOTO}
    store.submissions.edit(name, xml, by=SUPERVISOR, reason="sent by e-mail", attachments=files)
    assert store.submissions.attachment(name, "photo.jpg", by=SUPERVISOR) == PHOTO
    assert len(store.submissions.history(name, by=SUPERVISOR)) == 1
    assert store.audit.verify().faults == ()


def test_an_edit_that_changes_nothing_or_is_sent_twice_writes_nothing(store):
    xml = filling()
    name = send(store, xml)
    edits = [
        store.submissions.edit(name, text, by=SUPERVISOR, reason="asked again")
        for text in (xml, xml.replace(">4<", ">5<"), xml.replace(">4<", ">5<"))
    ]
    assert [(edit.number, edit.is_new) for edit in edits] == [(1, False), (2, True), (2, False)]


def test_an_edit_made_from_an_older_version_does_not_undo_the_newer_one(store):
    xml = filling()
    name = send(store, xml)
    store.submissions.edit(name, xml.replace(">4<", ">5<"), by=SUPERVISOR, reason="asked again")
    with pytest.raises(Refused) as caught:
        store.submissions.edit(name, xml.replace(">4<", ">6<"), by=SUPERVISOR, reason="asked again")
    assert caught.value.reason == "superseded"


def replacing(xml: str, name: str, workers: int) -> str:
    """What a telephone sends after editing a finished form: a new identifier, and the old one named."""
    ids = f"<instanceID>uuid:edit-{workers}</instanceID><deprecatedID>{name}</deprecatedID>"
    xml = re.sub("<instanceID>.*?</instanceID>", ids, xml)
    return xml.replace("<workers>4", f"<workers>{workers}")


def test_somebody_may_replace_their_own_filling_until_its_review_is_finished(store):
    xml = filling()
    name = send(store, xml)
    assert send(store, replacing(xml, name, 5), via="openrosa") == name
    with pytest.raises(NotAllowed):
        send(store, replacing(xml, "uuid:edit-5", 6), by=BUDI)
    store.submissions.review(name, "approved", by=SUPERVISOR)
    assert refusal(store, replacing(xml, "uuid:edit-5", 7)).reason == "state"
    assert send(store, replacing(xml, "uuid:edit-5", 8), by=SUPERVISOR) == name
    assert store.submissions.read(name, by=SITI).review_state == "received", "8 was never approved"
    assert refusal(store, replacing(xml, "uuid:unheard-of", 9)).reason == "predecessor"
    assert refusal(store, replacing(xml, name, 9)).reason == "superseded"


def test_a_closed_form_takes_corrections_of_supervisors_only(store):
    xml = filling()
    name = send(store, xml)
    changed = replacing(xml, name, 5)
    assert send(store, changed, via="openrosa") == name
    store.forms.close("usaha", by=RESEARCHER)
    assert refusal(store, replacing(xml, "uuid:edit-5", 6), via="openrosa").reason == "closed"
    assert not store.submissions.receive(changed, by=SITI, via="openrosa").is_new, "it was kept before"
    with pytest.raises(NotAllowed):
        store.submissions.edit(name, xml, by=RESEARCHER, reason="typing error")
    with pytest.raises(Refused) as caught:
        store.submissions.edit(name, replacing(xml, "uuid:edit-5", 6), by=SITI, reason="typing error")
    assert caught.value.reason == "closed"
    corrected = replacing(xml, "uuid:edit-5", 7)
    assert store.submissions.edit(name, corrected, by=SUPERVISOR, reason="asked again").number == 3


def test_an_edit_may_move_to_a_newer_version_of_the_form(store):
    xml = filling()
    name = send(store, xml)
    store.forms.publish(version_two(), by=RESEARCHER)
    moved = xml.replace('version="1"', 'version="2"').replace("<income>", "<women>2</women><income>")
    store.submissions.edit(name, moved, by=SUPERVISOR, reason="the form asks for women now")
    assert [entry.form_version for entry in store.submissions.history(name, by=SITI)] == ["1", "2"]
    (change,) = store.submissions.diff(name, 1, 2, by=SITI)
    assert (change.path, change.before, change.after) == ("/data/women", None, "2")


# --- reviewing


def test_a_review_has_states_and_comments_in_order(store):
    name = send(store, filling())
    store.submissions.review(name, "has issues", by=SUPERVISOR, comment="Is it really 4?")
    store.submissions.comment(name, "Called, yes.", by=SUPERVISOR)
    store.submissions.review(name, "approved", by=SUPERVISOR)
    assert [(event.state, event.comment) for event in store.submissions.events(name, by=SITI)] == [
        ("has issues", "Is it really 4?"),
        (None, "Called, yes."),
        ("approved", ""),
    ]
    assert store.submissions.read(name, by=SITI).review_state == "approved"
    assert len(store.submissions.list("usaha", by=SUPERVISOR, states=["approved"])) == 1
    assert store.submissions.list("usaha", by=SUPERVISOR, states=["received", "rejected"]) == ()
    with pytest.raises(NotAllowed):
        store.submissions.review(name, "approved", by=SITI)
    with pytest.raises(BadInput, match="there is no state 'perfect'"):
        store.submissions.review(name, "perfect", by=SUPERVISOR)
    assert "Called" not in "".join(str(event.details) for event in store.audit.events())


# --- reading


def test_everyone_reads_what_their_role_needs_and_no_more(store):
    siti, budi = send(store, filling(), by=SITI), send(store, filling(), by=BUDI)
    lists = store.submissions.list
    assert [kept.instance_id for kept in lists("usaha", by=SUPERVISOR)] == [siti, budi]
    assert [kept.instance_id for kept in lists("usaha", by=SITI)] == [siti]
    with pytest.raises(NotFound, match="there is no submission"):
        store.submissions.read(budi, by=SITI)
    elsewhere = Actor("account", "s", Role.SUPERVISOR, forms=frozenset({"hotel"}))
    for outsider in (ADMIN, elsewhere):
        with pytest.raises(NotAllowed):
            lists("usaha", by=outsider)


ASKED = {
    "read": lambda submissions, name, by: submissions.read(name, by=by),
    "history": lambda submissions, name, by: submissions.history(name, by=by),
    "diff": lambda submissions, name, by: submissions.diff(name, 1, 1, by=by),
    "events": lambda submissions, name, by: submissions.events(name, by=by),
    "attachment": lambda submissions, name, by: submissions.attachment(name, "photo.jpg", by=by),
    "review": lambda submissions, name, by: submissions.review(name, "approved", by=by),
    "comment": lambda submissions, name, by: submissions.comment(name, "Here?", by=by),
    "edit": lambda submissions, name, by: submissions.edit(name, filling(), by=by, reason="Here?"),
}
OUTSIDERS = [
    Actor("account", "s", Role.SUPERVISOR, forms=frozenset({"hotel"})),
    Actor("account", "e", Role.ENUMERATOR, forms=frozenset({"hotel"})),
    Actor("account", "r", Role.RESEARCHER, forms=frozenset({"hotel"})),
    BUDI,
    ADMIN,
]


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_a_submission_one_may_not_know_of_is_as_missing_as_none(store, ask):
    name = send(store, filling())
    for outsider in OUTSIDERS:
        said = []
        for instance_id in (name, "uuid:nowhere"):
            with pytest.raises(NotFound) as missing:
                ask(store.submissions, instance_id, outsider)
            said.append(str(missing.value).replace(instance_id, "…"))
        assert said[0] == said[1]
        assert "usaha" not in said[0]
    assert store.submissions.read(name, by=SITI).review_state == "received"


def test_a_researcher_reads_answers_but_not_who_gave_them(store):
    """The name of a filling is put together from the owner's: it goes, too."""
    xml = filling(photo="photo.jpg", licence="licence.jpg")
    xml = xml.replace("</meta>", "<userID>Aminah</userID></meta>")
    files = {"photo.jpg": PHOTO, "licence.jpg": b"scan"}
    name = send(store, xml, attachments=files)
    store.submissions.edit(name, xml.replace("Aminah", "Zainab"), by=SUPERVISOR, reason="misheard")
    store.submissions.comment(name, "Ibu Aminah called", by=SUPERVISOR)
    assert [entry.reason for entry in store.submissions.history(name, by=RESEARCHER)] == ["", ""]
    assert [event.comment for event in store.submissions.events(name, by=RESEARCHER)] == [""]
    seen = store.submissions.read(name, by=RESEARCHER)
    assert "<workers>4</workers>" in seen.xml
    for hidden in ("Aminah", "Zainab", "licence.jpg"):
        assert hidden not in seen.xml
    assert [*seen.attachments] == ["photo.jpg"]
    assert store.submissions.list("usaha", by=RESEARCHER) == (seen,)
    assert store.submissions.attachment(name, "photo.jpg", by=RESEARCHER) == PHOTO
    with pytest.raises(NotFound):
        store.submissions.attachment(name, "licence.jpg", by=RESEARCHER)
    changes = store.submissions.diff(name, 1, 2, by=RESEARCHER)
    assert {(change.path, change.before, change.after) for change in changes} == {
        ("/data/owner", "", ""),
        ("/data/meta/instanceName", "", ""),
    }


PERSONAL = ' pk:personal="yes"'
CHANGES_OF_MIND = {
    "the mark comes later": ("", PERSONAL),
    "the mark is forgotten": (PERSONAL, ""),
}


@pytest.mark.parametrize(("first", "second"), CHANGES_OF_MIND.values(), ids=CHANGES_OF_MIND)
def test_what_any_version_marks_as_personal_is_hidden_in_all(store, first, second):
    """The second version greets the owner: what repeats a name is hidden by whoever marks the name."""
    one = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
      xmlns:jr="http://openrosa.org/javarosa" xmlns:pk="http://pabrik-kampoeng.example/form">
      <h:head><h:title>Kios</h:title><model>
      <instance><data id="kios" version="1"><owner/><size/><meta><instanceID/></meta></data></instance>
      <bind nodeset="/data/owner"PERSONAL/>
      <bind nodeset="/data/meta/instanceID" jr:preload="uid"/>
      </model></h:head><h:body><input ref="/data/owner"/><input ref="/data/size"/></h:body></h:html>"""
    greets = '<bind nodeset="/data/greeting" calculate="concat(\'Ibu \', /data/owner)"/></model>'
    two = one.replace('version="1"', 'version="2"').replace("<size/><meta>", "<size/><greeting/><meta>")
    versions = [one.replace("PERSONAL", first), two.replace("PERSONAL", second).replace("</model>", greets)]
    names = []
    for xml in versions:
        store.forms.publish(xml, by=RESEARCHER)
        session = parse_form(xml).start()
        session.answer("/data/owner", "Aminah")
        session.answer("/data/size", "12")
        names.append(send(store, session.finish()))
    listed = store.submissions.list("kios", by=RESEARCHER)
    assert listed == tuple(store.submissions.read(name, by=RESEARCHER) for name in names)
    for seen in listed:
        assert "Aminah" not in seen.xml
        assert "<size>12</size>" in seen.xml
    tables = read_tables(store, "kios", by=RESEARCHER)
    assert [row.answers["/data/size"] for row in tables.rows[""]] == ["12", "12"]
    assert "Aminah" not in str(tables.rows)
    assert "Aminah" in str(read_tables(store, "kios", by=SUPERVISOR).rows)


def test_a_question_marked_in_one_version_is_hidden_in_another_where_its_answers_are_of_another_kind(store):
    marked = FORM.replace('<bind nodeset="/data/workers"', '<bind nodeset="/data/workers" pk:personal="yes"')
    marked = marked.replace('version="1"', 'version="2"').replace('type="int"', 'type="string"')
    send(store, filling())
    assert "/data/workers" in str(read_tables(store, "usaha", by=RESEARCHER).layout)
    store.forms.publish(marked, by=RESEARCHER)
    assert "<workers></workers>" in store.submissions.list("usaha", by=RESEARCHER)[0].xml.replace(
        "<workers/>", "<workers></workers>"
    )
    tables = read_tables(store, "usaha", by=RESEARCHER).layout.tables
    assert "/data/workers" not in [field.path for table in tables for field in table.fields]


def test_of_what_a_client_added_a_researcher_sees_nothing(store):
    """A question's name in meta, an attribute, a comment: nothing of it is an answer."""
    xml = filling("Tahu")
    receipt = store.submissions.receive(
        xml.replace("</meta>", "<workers>zz</workers></meta>")
        .replace("<data ", '<data submissionDate="zz" ')
        .replace("<workers>4", "<!-- zz --><workers>4"),
        by=SITI,
        via="api",
    )
    assert store.submissions.read(receipt.instance_id, by=SUPERVISOR).xml.count("zz") == 3
    seen = store.submissions.read(receipt.instance_id, by=RESEARCHER).xml
    assert "zz" not in seen
    assert 'id="usaha" version="1"' in seen
    assert "<name>Tahu</name>" in seen


def test_a_submission_or_version_that_is_not_there_is_said_to_be_missing(store):
    name = send(store, filling())
    with pytest.raises(NotFound, match="there is no submission 'uuid:x'"):
        store.submissions.read("uuid:x", by=SUPERVISOR)
    with pytest.raises(NotFound, match="no version 2"):
        store.submissions.read(name, by=SUPERVISOR, number=2)
    with pytest.raises(NotFound, match="no file"):
        store.submissions.attachment(name, "x.jpg", by=SUPERVISOR)
