"""The supervise app without a browser: who sees what, who decides what, and what is kept of it."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import ipywidgets as widgets
import pytest
from store_house import ADMIN, BUDI, FORM, KEY, PHOTO, RESEARCHER, SITI, SUPERVISOR, VILLAGE, filling

from pk_research.apps import supervise
from pk_research.apps.supervise import model as model_module
from pk_research.apps.supervise import trouble
from pk_research.apps.supervise.dossier import read_dossier
from pk_research.apps.supervise.model import SuperviseModel
from pk_research.apps.supervise.states import LOOKS
from pk_research.apps.supervise.view import SuperviseView
from pk_research.language import Language
from pk_research.palette import luminance
from pk_research.store import Store, open_store
from pk_research.store.actors import Actor, Role
from pk_research.store.receiving import ZONE
from pk_research.survey import Surroundings, parse_form

RESPONDENT = Actor("invitation", "i-1", Role.RESPONDENT, frozenset({"usaha"}), VILLAGE)
NEIGHBOUR = "3216012002"


@pytest.fixture
def store() -> Store:
    """Siti sent two submissions from one village, Budi one from the next and one from nowhere."""
    opened = open_store("sqlite://", key=KEY)
    opened.forms.publish(FORM, by=RESEARCHER)
    for by, answers in [
        (SITI, {"owner": "Ibu Aminah", "workers": "4"}),
        (SITI, {"owner": "Pak Joko", "workers": "2"}),
        (BUDI, {"owner": "Ibu Rini", "village_code": NEIGHBOUR}),
        (BUDI, {"owner": "Pak Darto", "village_code": "9999999999"}),
    ]:
        opened.submissions.receive(filling(**answers), by=by, via="survey")
    return opened


def looked_at_by(actor: Actor | None, store: Store) -> SuperviseView:
    return SuperviseView(SuperviseModel(store, who=lambda: actor))


def first_sent(view: SuperviseView) -> str:
    return view.model.fieldwork.entries[-1].filled.instance_id


def all_widgets(root: widgets.Widget) -> Iterator[widgets.Widget]:
    yield root
    for child in getattr(root, "children", ()):
        yield from all_widgets(child)


def page_of(view: SuperviseView) -> str:
    """Everything the page says, choices included; the style left out."""
    said = []
    for widget in all_widgets(view.root):
        if isinstance(widget, widgets.HTML):
            said.append(widget.value)
        elif isinstance(widget, widgets.Dropdown):
            said.extend(str(option) for option in widget.options)
    return re.sub("<style>.*?</style>", "", "\n".join(said), flags=re.DOTALL)


def text_of(view: SuperviseView) -> str:
    return " ".join(re.sub("<[^>]*>", " ", page_of(view)).split())


def is_shown(widget: widgets.Widget) -> bool:
    return widget.layout.display != "none"


# Who sees what


@pytest.mark.parametrize("actor", [RESPONDENT, SITI, ADMIN], ids=lambda actor: str(actor.role))
def test_whoever_may_not_read_submissions_sees_one_sentence_and_no_data(store, actor):
    view = looked_at_by(actor, store)
    assert view.model.message == trouble.NOT_ALLOWED
    assert "Halaman ini untuk penyelia dan peneliti." in text_of(view)
    assert not is_shown(view.results)
    assert re.findall(r"PK-\w{4}-\w{4}|Usaha|Aminah|a-siti", page_of(view)) == []
    assert view.model.export("central") is None


def test_whoever_is_limited_to_another_form_sees_none_of_this_one(store):
    other = Actor("account", "a-other", Role.SUPERVISOR, frozenset({"another"}))
    view = looked_at_by(other, store)
    assert view.model.fieldwork is None
    view.model.form_id = "usaha"  # as a forged message from the browser would set it
    assert view.model.message == trouble.NO_RIGHT
    assert "Aminah" not in page_of(view)


def test_a_session_that_ends_takes_what_was_shown_with_it(store):
    visitor: list[Actor | None] = [SUPERVISOR]
    view = SuperviseView(SuperviseModel(store, who=lambda: visitor[0]))
    view.model.selected = first_sent(view)
    assert "Ibu Aminah" in page_of(view)
    visitor[0] = None
    assert not view.model.review("approved")
    assert view.model.message == trouble.SIGNED_OUT
    assert "Ibu Aminah" not in page_of(view)
    assert not is_shown(view.results)


def test_a_supervisor_sees_how_far_it_is(store):
    text = text_of(looked_at_by(SUPERVISOR, store))
    assert "2 dari 187 desa/kelurahan sudah menjawab" in text
    assert "1 kiriman menyebut desa/kelurahan yang tidak dikenal" in text
    assert "185 desa/kelurahan belum menjawab" in text
    assert "M Menunggu pemeriksaan 4" in text
    assert "4 kiriman" in text


def test_a_supervisor_reads_personal_answers_and_may_decide(store):
    view = looked_at_by(SUPERVISOR, store)
    assert not is_shown(view.desk.reviewing), "nothing is looked at yet"
    view.model.selected = first_sent(view)
    assert "owner Ibu Aminah" in text_of(view)
    assert is_shown(view.desk.reviewing)
    assert is_shown(view.desk.correcting)


def test_a_researcher_sees_no_personal_answer_and_no_review_buttons(store):
    supervisor = looked_at_by(SUPERVISOR, store)
    supervisor.model.selected = first_sent(supervisor)
    supervisor.model.review("has issues", comment="Ask Ibu Aminah again")

    view = looked_at_by(RESEARCHER, store)
    view.model.selected = first_sent(view)
    assert "workers 4" in text_of(view)
    assert "owner Data pribadi: tidak untuk peran Anda" in text_of(view)
    assert re.findall("Aminah|Joko|Rini|Darto", page_of(view)) == []
    assert not is_shown(view.desk.reviewing)
    assert not is_shown(view.desk.correcting)
    assert not view.model.review("approved"), "hidden buttons are not what protects"
    assert view.model.message == trouble.NO_RIGHT
    assert not view.model.edit(view.model.dossier.filled.xml, reason="to try")


# Who they are called


PASSWORD = "empat kata acak lagi"


def acting(store: Store, name: str, role: Role, display_name: str = "") -> Actor:
    """Somebody with an account."""
    return store.access.add_account(name, PASSWORD, role, by=ADMIN, display_name=display_name).actor


def test_who_sent_corrected_and_reviewed_is_called_by_name(store):
    sender = acting(store, "siti", Role.ENUMERATOR, "Siti Aminah")
    ratna = acting(store, "ratna", Role.SUPERVISOR)
    store.submissions.receive(filling(owner="Pak Amir"), by=sender, via="survey")
    view = looked_at_by(ratna, store)
    view.model.selected = view.model.fieldwork.entries[0].filled.instance_id
    view.model.review("has issues", comment="Count again")
    corrected = view.model.dossier.filled.xml.replace("<workers>4<", "<workers>5<")
    assert view.model.edit(corrected, reason="Counted again")
    text = text_of(view)
    assert "Diterima · Siti Aminah (siti)" in text
    assert "Diperbaiki · ratna" in text
    assert "Perlu perbaikan · ratna" in text
    assert sender.identifier not in page_of(view)
    assert ratna.identifier not in page_of(view)


def test_a_researcher_can_tell_senders_apart_and_does_not_know_them(store):
    sender = acting(store, "siti", Role.ENUMERATOR, "Siti Aminah")
    store.submissions.receive(filling(), by=sender, via="survey")
    text = text_of(looked_at_by(RESEARCHER, store))
    assert f"Pencacah {sender.identifier[-6:]}" in text
    assert re.findall("siti|Siti", text.replace("a-siti", "")) == []


def test_whoever_came_by_invitation_is_called_as_the_invitation_says(store):
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    invited = store.access.invite("usaha", by=SUPERVISOR, expires_at=tomorrow, respondent="Pak Lurah")
    guest = Actor("invitation", f"{invited.identifier}/v-1", Role.RESPONDENT, frozenset({"usaha"}))
    store.submissions.receive(filling(), by=guest, via="survey")
    assert "Pak Lurah (lewat undangan)" in text_of(looked_at_by(SUPERVISOR, store))
    text = text_of(looked_at_by(RESEARCHER, store))
    assert "Lurah" not in text
    assert f"Undangan {guest.identifier[-6:]}" in text


# A form that asks for no village


@pytest.fixture
def without_village() -> Store:
    """One submission of a form whose question on the village was taken out."""
    form = FORM.replace("<village_code/>", "").replace('<input ref="/data/village_code"/>', "")
    opened = open_store("sqlite://", key=KEY)
    opened.forms.publish(form, by=RESEARCHER)
    session = parse_form(form).start()
    session.answer("/data/owner", "Ibu Aminah")
    opened.submissions.receive(session.finish(), by=SITI, via="survey")
    return opened


def test_a_form_without_a_village_says_so_and_shows_no_villages(without_village):
    view = looked_at_by(SUPERVISOR, without_village)
    view.language.value = "en"
    text = text_of(view)
    assert "1 submission received A Approved 0 W Waiting for review 1" in text
    assert "This form does not ask for a village, so villages are not counted." in text
    assert "Not counted above" not in text
    assert not is_shown(view.villages)
    assert not is_shown(view.kecamatan)
    assert "pk-tiles" not in page_of(view)
    assert "Village" not in re.sub("Village by village", "", text)


def test_a_form_with_a_village_shows_them(store):
    view = looked_at_by(SUPERVISOR, store)
    assert is_shown(view.villages)
    assert is_shown(view.kecamatan)


@pytest.mark.parametrize(
    ("villages", "said"),
    [
        (["9999999999"], "1 submission names a village we do not know."),
        (["", ""], "2 submissions name no village."),
        (
            ["9999999999", ""],
            "1 submission names a village we do not know and 1 submission names no village.",
        ),
    ],
)
def test_one_is_not_said_of_many(villages, said):
    opened = open_store("sqlite://", key=KEY)
    opened.forms.publish(FORM, by=RESEARCHER)
    for code in [VILLAGE, *villages]:
        opened.submissions.receive(filling(village_code=code), by=SITI, via="survey")
    view = looked_at_by(SUPERVISOR, opened)
    view.language.value = "en"
    text = text_of(view)
    assert "1 of 187 villages has answered" in text
    assert f"Not counted above: {said}" in text
    assert f"{1 + len(villages)} submissions" in text


# What is read first


def first_read(store: Store, actor: Actor, language: Language = "en") -> str:
    page = re.sub("<style>.*?</style>", "", supervise.first_page(store, language, by=actor), flags=re.DOTALL)
    return " ".join(re.sub("<[^>]*>", " ", page).split())


def test_the_first_page_counts_each_form_by_state_and_says_when_the_last_came(store):
    store.forms.publish(FORM.replace('"usaha"', '"kosong"').replace(">Usaha<", ">A first<"), by=RESEARCHER)
    view = looked_at_by(SUPERVISOR, store)
    view.model.selected = first_sent(view)
    view.model.review("approved")
    text = first_read(store, SUPERVISOR)
    assert re.search(r"Usaha Last received \d{4}-\d\d-\d\d \d\d:\d\d WIB 4 1 3 0 0", text)
    assert "A first Nothing received yet 0 0 0 0 0" in text
    assert text.index("Usaha") < text.index("A first"), "the one answered last comes first"


@pytest.mark.parametrize("actor", [RESPONDENT, SITI, ADMIN], ids=lambda actor: str(actor.role))
def test_the_first_page_shows_nothing_to_whom_the_app_shows_nothing(store, actor):
    assert "Usaha" not in first_read(store, actor)


def test_the_first_page_shows_only_the_forms_somebody_is_limited_to(store):
    other = Actor("account", "a-other", Role.SUPERVISOR, frozenset({"another"}))
    text = first_read(store, other)
    assert "Usaha" not in text
    assert "No form has been published yet." in text


def test_the_live_app_speaks_the_language_its_visitor_chose(monkeypatch, store):
    monkeypatch.setattr("pk_research.apps.live.log_to_file", lambda home, **_: home)
    monkeypatch.setattr("pk_research.store.store_of", lambda _: store)
    monkeypatch.setenv("PK_LANGUAGE", "en")
    said = " ".join(
        widget.value for widget in all_widgets(supervise.show()) if isinstance(widget, widgets.HTML)
    )
    assert "2 of 187 villages have answered" in said


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


# Choosing


def test_it_opens_on_the_form_that_was_answered_last(store):
    store.forms.publish(FORM.replace('"usaha"', '"kosong"').replace(">Usaha<", ">A first<"), by=RESEARCHER)
    model = looked_at_by(SUPERVISOR, store).model
    assert [form.form_id for form in model.offered] == ["kosong", "usaha"]
    assert model.form_id == "usaha"


def test_without_any_submission_it_opens_on_the_first_form():
    empty = open_store("sqlite://", key=KEY)
    empty.forms.publish(FORM, by=RESEARCHER)
    assert looked_at_by(SUPERVISOR, empty).model.form_id == "usaha"


def test_the_list_is_narrowed_by_state_kecamatan_and_flags(store):
    model = looked_at_by(SUPERVISOR, store).model
    model.selected = model.fieldwork.entries[0].filled.instance_id
    model.review("approved")
    model.state = "approved"
    assert [entry.village_code for entry in model.listed] == ["9999999999"]
    model.state, model.kecamatan_code = "", VILLAGE[:6]
    assert [entry.village_code for entry in model.listed] == [NEIGHBOUR, VILLAGE, VILLAGE]
    model.only_flagged = True
    assert model.listed == ()


def test_flags_are_told_with_their_reason(store):
    """Eight businesses earn about the same, the ninth a thousand times as much."""
    for n in range(8):
        store.submissions.receive(filling(income=str(1000 + 10 * n)), by=SITI, via="survey")
    store.submissions.receive(filling(income="1000000"), by=BUDI, via="survey")
    view = looked_at_by(SUPERVISOR, store)
    view.model.only_flagged = True
    view.model.selected = view.model.fieldwork.entries[0].filled.instance_id
    assert view.model.entry in view.model.listed
    assert "income" in " ".join(flag.message.text("id") for flag in view.model.entry.flags)
    assert "bukan putusan" in text_of(view)


# Deciding


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


# Taking away


@pytest.mark.parametrize(
    ("layout", "name", "holds"),
    [
        ("central", "usaha-salinan-internal.zip", "usaha.csv"),
        ("kobo", "usaha-salinan-internal.xlsx", "xl/workbook.xml"),
        ("spss", "usaha-spss-salinan-internal.zip", ".sav"),
        ("stata", "usaha-stata-salinan-internal.zip", ".dta"),
        ("parquet", "usaha-parquet-salinan-internal.zip", ".parquet"),
    ],
)
def test_submissions_are_taken_away_in_each_layout(store, layout, name, holds):
    model = looked_at_by(SUPERVISOR, store).model
    model.is_internal = True
    file = model.export(layout)
    assert file.name == name
    names = zipfile.ZipFile(io.BytesIO(file.content)).namelist()
    assert any(inside.endswith(holds) for inside in names), names
    assert store.audit.events()[0].kind == "submissions exported"


@pytest.mark.parametrize(("language", "asked"), [("id", "Tentang siapa?"), ("en", "About whom?")])
def test_labels_are_taken_away_in_the_language_chosen(language, asked):
    spoken = """<itext>
      <translation lang="Bahasa (id)"><text id="w"><value>Tentang siapa?</value></text></translation>
      <translation lang="English (en)"><text id="w"><value>About whom?</value></text></translation></itext>"""
    form = FORM.replace("<model>", f"<model>{spoken}").replace(
        '<input ref="/data/workers"/>',
        '<input ref="/data/workers"><label ref="jr:itext(\'w\')"/></input>',
    )
    opened = open_store("sqlite://", key=KEY)
    opened.forms.publish(form, by=RESEARCHER)
    view = looked_at_by(SUPERVISOR, opened)
    assert view.labels.value == "id", "the page's language, until another is chosen"
    view.labels.value = language
    view.internal.value = True
    archive = zipfile.ZipFile(io.BytesIO(view.model.export("spss").content))
    assert opened.audit.events()[0].details["language"] == language
    assert asked.encode() in archive.read("usaha.sav")
    assert b"About whom?" in archive.read("usaha.codebook.csv")


def test_an_answer_that_a_later_version_marks_is_said_to_be_hidden(store):
    marked = FORM.replace('<bind nodeset="/data/workers"', '<bind nodeset="/data/workers" pk:personal="yes"')
    store.forms.publish(marked.replace('version="1"', 'version="2"'), by=RESEARCHER)
    name = store.submissions.list("usaha", by=SUPERVISOR)[0].instance_id
    hidden = {
        actor.role: {
            answer.question.id: answer.is_hidden for answer in read_dossier(store, name, by=actor).answers
        }
        for actor in (SUPERVISOR, RESEARCHER)
    }
    assert hidden[Role.RESEARCHER]["workers"]
    assert not hidden[Role.SUPERVISOR]["workers"]


def test_what_was_left_out_is_told_beside_the_files(store):
    model = looked_at_by(RESEARCHER, store).model
    model.is_internal = True
    archive = zipfile.ZipFile(io.BytesIO(model.export("stata").content))
    notes = archive.read("notes.txt").decode()
    assert "Data pribadi tidak disertakan" in notes
    assert "Personal data is left out" in notes


def test_a_researcher_takes_no_personal_answer_away(store):
    files = {}
    for actor in (SUPERVISOR, RESEARCHER):
        model = looked_at_by(actor, store).model
        model.is_internal = True
        files[actor.role] = model.export("central")
    texts = {}
    for role, file in files.items():
        archive = zipfile.ZipFile(io.BytesIO(file.content))
        texts[role] = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Ibu Aminah" in texts[Role.SUPERVISOR]
    assert b"Aminah" not in texts[Role.RESEARCHER]


def test_what_a_supervisor_takes_away_is_a_release_unless_a_copy_is_asked_for(store):
    view = looked_at_by(SUPERVISOR, store)
    file = view.model.export("central")
    archive = zipfile.ZipFile(io.BytesIO(file.content))
    assert file.name == "usaha.zip"
    assert b"Aminah" not in b"".join(archive.read(name) for name in archive.namelist())
    assert store.audit.events()[0].kind == "data released"
    assert "Teks bebas ditahan sampai ada yang membaca dan menyetujuinya" in text_of(view)


# Never raw


def test_hostile_text_is_escaped_wherever_it_is_shown(store):
    hostile = "<img src=x onerror=alert(1)>"
    sent = filling(hostile, owner=hostile, village_code=hostile)
    store.submissions.receive(sent, by=Actor("account", hostile, Role.ENUMERATOR), via="survey")
    view = looked_at_by(SUPERVISOR, store)
    view.model.selected = view.model.fieldwork.entries[0].filled.instance_id
    view.model.review("rejected", comment=hostile)
    changed = view.model.dossier.filled.xml.replace("<workers>4<", "<workers>5<")
    view.model.edit(changed, reason=hostile)
    html = [widget.value for widget in all_widgets(view.root) if isinstance(widget, widgets.HTML)]
    assert sum("&lt;img src=x" in piece for piece in html) >= 4
    assert [piece for piece in html if "<img" in piece] == []


def test_what_fails_is_a_sentence_on_screen_and_no_answer_in_the_log(store, monkeypatch, caplog):
    def fail(given: Store, instance_id: str, *, by: Actor) -> None:
        raise ValueError(given.submissions.read(instance_id, by=by).xml)

    view = looked_at_by(SUPERVISOR, store)
    monkeypatch.setattr(model_module, "read_dossier", fail)
    view.model.selected = first_sent(view)
    assert view.model.message == trouble.UNEXPECTED
    assert "Terjadi kesalahan di sini." in text_of(view)
    assert "ValueError" in caplog.text
    assert "Aminah" not in caplog.text


def test_a_house_without_forms_says_so():
    view = looked_at_by(SUPERVISOR, open_store("sqlite://", key=KEY))
    assert view.model.message == trouble.NO_FORM
    assert not is_shown(view.results)


def test_the_app_that_cannot_start_says_so(monkeypatch, caplog):
    monkeypatch.setattr("pk_research.apps.live.log_to_file", lambda home, **_: home)
    monkeypatch.setenv("PK_DATABASE_URL", "nonsense://")
    assert "belum dapat ditampilkan" in supervise.show().value
    assert "could not start" in caplog.text


def test_it_speaks_english_when_asked(store):
    view = looked_at_by(SUPERVISOR, store)
    view.language.value = "en"
    assert "2 of 187 villages have answered" in text_of(view)
    assert view.state.options[0][0] == "All"


def test_states_can_be_told_apart_in_grey_and_by_letter():
    greys = sorted(luminance(look.colour) for look in LOOKS.values())
    assert all(lighter - darker > 0.03 for darker, lighter in itertools.pairwise(greys))
    for language in ("id", "en"):
        assert len({look.letters[language] for look in LOOKS.values()}) == len(LOOKS)
