"""What a supervisor decides on submissions and corrects in them, and what is kept of it."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from store_house import FORM, KEY, PHOTO, RESEARCHER, SITI, SUPERVISOR, filling
from supervise_pages import first_sent, looked_at_by, text_of

from pk_research.apps.supervise import trouble
from pk_research.apps.supervise.view import SuperviseView
from pk_research.store import Store, open_store
from pk_research.store.receiving import ZONE
from pk_research.survey import Surroundings, parse_form


def test_approving_is_shown_and_recorded_in_the_audit(store):
    view = looked_at_by(SUPERVISOR, store)
    view.model.selected = first_sent(view)
    view.desk.comment.value = "Checked by telephone"
    view.desk.decisions["approved"].click()

    assert view.model.notice.text("en") == f"{view.model.entry.code}: Approved."
    assert view.model.fieldwork.n_by_state == {"received": 3, "approved": 1}
    assert "Checked by telephone" in text_of(view)
    assert view.desk.comment.value == ""
    (event, *_) = store.audit.events()
    assert (event.kind, event.actor) == ("submission reviewed", SUPERVISOR.identifier)
    assert event.details["state"] == "approved"
    assert store.audit.verify().faults == ()


@pytest.mark.parametrize("state", ["has issues", "rejected"])
def test_sending_back_needs_a_word_of_why(store, state):
    view = looked_at_by(SUPERVISOR, store)
    view.model.selected = first_sent(view)
    view.desk.decisions[state].click()
    assert view.model.message == trouble.SAY_WHY
    view.desk.comment.value = "The income is missing"
    view.desk.decisions[state].click()
    assert view.model.message is None
    assert view.model.entry.filled.review_state == state


def test_nobody_approves_what_was_corrected_meanwhile_unseen(store):
    view = looked_at_by(SUPERVISOR, store)
    view.model.selected = first_sent(view)
    xml = view.model.dossier.filled.xml.replace("<workers>4<", "<workers>40<")
    store.submissions.edit(view.model.selected, xml, by=SUPERVISOR, reason="A digit was lost")
    assert not view.model.review("approved")
    assert view.model.message == trouble.CHANGED_MEANWHILE
    assert "workers 40" in text_of(view)
    assert view.model.review("approved")


def test_a_comment_alone_changes_no_state(store):
    view = looked_at_by(SUPERVISOR, store)
    view.model.selected = first_sent(view)
    view.desk.comment.value = "Thank you"
    view.desk.say.click()
    assert view.model.entry.filled.review_state == "received"
    assert "Thank you" in text_of(view)


def test_a_correction_is_a_new_version_with_its_reason_and_what_it_changed(store):
    view = looked_at_by(SUPERVISOR, store)
    view.model.selected = first_sent(view)
    view.desk.correct.click()
    assert view.model.message == trouble.SAY_REASON
    view.desk.reason.value = "Counted again"
    view.desk.correct.click()
    (form,) = view.desk.place.children
    form.session.answer("/data/workers", "5")
    view.desk._send("Counted again", form.session.finish())

    assert view.desk.place.children == ()
    assert "workers 4 5" in text_of(view)
    assert "Counted again" in text_of(view)
    assert [version.number for version in view.model.dossier.history] == [1, 2]


def test_a_correction_keeps_the_files_of_the_original_and_takes_new_ones(store):
    sent = filling(photo="stall.jpg")
    store.submissions.receive(sent, by=SITI, via="survey", attachments={"stall.jpg": PHOTO})
    view = looked_at_by(SUPERVISOR, store)
    view.model.selected = view.model.fieldwork.entries[0].filled.instance_id
    view.desk.reason.value = "The licence was forgotten"
    view.desk.correct.click()
    (form,) = view.desk.place.children
    form._desk.upload("/data/licence", "licence.jpg", b"a licence")
    form._desk.upload("/data/licence", "unused.jpg", b"taken away again")
    form.session.answer("/data/licence", "licence.jpg")
    form._submit("tab", [])

    kept = {
        name: store.submissions.attachment(view.model.selected, name, by=SUPERVISOR)
        for name in view.model.dossier.filled.attachments
    }
    assert kept == {"stall.jpg": PHOTO, "licence.jpg": b"a licence"}


def test_a_correction_that_is_not_in_order_is_refused_in_a_sentence(store):
    view = looked_at_by(SUPERVISOR, store)
    view.model.selected = first_sent(view)
    wrong = view.model.dossier.filled.xml.replace("<workers>4<", "<workers>-4<")
    assert not view.model.edit(wrong, reason="to try")
    assert view.model.message is not None
    assert "workers 4" in text_of(view)


# What a device fills in by itself

TIMED = FORM.replace("<owner/>", "<owner/><start/><end/>").replace(
    "</model>",
    """<bind nodeset="/data/start" jr:preload="timestamp" jr:preloadParams="start"/>
    <bind nodeset="/data/end" jr:preload="timestamp" jr:preloadParams="end"/></model>""",
)


def timed_store(*hours: int) -> Store:
    """Siti held interviews that began at these hours and took ten minutes each."""
    opened = open_store("sqlite://", key=KEY)
    opened.forms.publish(TIMED, by=RESEARCHER)
    form = parse_form(TIMED)
    for hour in hours:
        times = [datetime(2026, 11, 2, hour, minute, tzinfo=ZONE) for minute in (0, 10)]
        session = form.start(Surroundings(zone=ZONE, clock=lambda times=times: times[0]))
        session.answer("/data/owner", f"Ibu {hour}")
        sent = re.sub("<end>[^<]*<", f"<end>{times[1].isoformat(timespec='milliseconds')}<", session.finish())
        opened.submissions.receive(sent, by=SITI, via="survey")
    return opened


def corrected(view: SuperviseView, owner: str) -> bool:
    """Send a correction as the form does: it stamps the time of finishing anew."""
    view.model.selected = first_sent(view)
    dossier = view.model.dossier
    session = dossier.form.start(instance=dossier.filled.xml, origin="restored")
    session.answer("/data/owner", owner)
    return view.model.edit(session.finish(), reason="Misheard")


def test_what_a_device_fills_in_by_itself_is_no_answer_and_no_correction():
    view = looked_at_by(SUPERVISOR, timed_store(8))
    assert corrected(view, "Ibu Siti")
    assert [answer.question.id for answer in view.model.dossier.answers] == ["owner", "instanceName"]
    changed = [difference.path for difference in view.model.dossier.changes[2]]
    assert changed == ["/data/owner", "/data/meta/instanceName"]


def test_a_correction_does_not_make_an_interview_last_until_it_was_corrected():
    view = looked_at_by(SUPERVISOR, timed_store(8, 9))
    assert corrected(view, "Ibu Siti")
    assert [entry.flags for entry in view.model.fieldwork.entries] == [(), ()]
