"""The supervise app without a browser: who sees what, in which words, and never raw."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime, timedelta

import ipywidgets as widgets
import pytest
from store_house import ADMIN, BUDI, FORM, KEY, RESEARCHER, SITI, SUPERVISOR, VILLAGE, filling
from supervise_pages import (
    NEIGHBOUR,
    RESPONDENT,
    all_widgets,
    first_sent,
    is_shown,
    looked_at_by,
    page_of,
    text_of,
)

from pk_research.apps import supervise
from pk_research.apps.supervise import model as model_module
from pk_research.apps.supervise import trouble
from pk_research.apps.supervise.model import SuperviseModel
from pk_research.apps.supervise.states import LOOKS
from pk_research.apps.supervise.view import SuperviseView
from pk_research.language import Language
from pk_research.palette import luminance
from pk_research.store import Store, open_store
from pk_research.store.actors import Actor, Role
from pk_research.survey import parse_form

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
