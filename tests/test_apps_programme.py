"""The programme board without a browser: where its log comes from, what it shows, and what it keeps back."""

from __future__ import annotations

import io
import json
import re
import shutil
from base64 import b64encode
from datetime import UTC, date, datetime
from hashlib import sha256
from html import unescape

import pandas as pd
import pytest

from pk_research import sample
from pk_research.apps.programme import first_page
from pk_research.apps.programme.downloads import PURPOSE, file_of
from pk_research.apps.programme.evidence import evidence_in
from pk_research.apps.programme.log import FORM, log_of
from pk_research.apps.programme.material import material_from, material_of
from pk_research.apps.programme.model import TABS, ProgrammeModel
from pk_research.apps.programme.page import counts, found
from pk_research.apps.programme.view import ProgrammeView
from pk_research.language import translate
from pk_research.publish import Exhibit, write_exhibits
from pk_research.sample import make_filling
from pk_research.store import open_store
from pk_research.store.actors import HOUSE, Role
from pk_research.survey.questionnaires import find_questionnaire

RESEARCHER, SUPERVISOR = HOUSE[Role.RESEARCHER], HOUSE[Role.SUPERVISOR]
TODAY = date(2026, 11, 26)
FIGURE = "11-did-it-work.c07.1.png"
TABLE, SENTENCE, TELLING = (f"11-did-it-work.{cell}.1.{end}" for cell, end in
                            (("c08", "csv"), ("c09", "md"), ("c10", "csv")))  # fmt: skip
CELLS = b",gain,note\nyear,,\n" + b"".join(f"{year},{year / 2},<i>\n".encode() for year in range(2000, 2020))
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (400).to_bytes(4, "big") + (300).to_bytes(4, "big")
PERSON, PHONE = "Ratna Wulandari", "0812 3456 7890"


@pytest.fixture
def store(tmp_path):
    return open_store(f"sqlite:///{tmp_path / 'store.sqlite'}", key=b"a key for this test only, 32 b..")


@pytest.fixture(scope="module")
def material():
    log = sample.made_log().assign(approved=True)
    return material_from(log, as_of=sample.programme.AS_OF, made=True)


@pytest.fixture
def model(material) -> ProgrammeModel:
    return ProgrammeModel(material)


def text_of(html: str) -> str:
    bare = re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(bare))


def test_the_first_page_needs_no_script_says_how_things_stand_and_that_the_data_is_made(store):
    page = first_page(store)
    assert "Data contoh (buatan), bukan data sebenarnya" in page
    assert re.search(r"\d+ tindak lanjut belum selesai: \d+ terlambat, \d+ jatuh tempo", text_of(page))
    assert "Keadaan per 26 Nov 2026" in text_of(page)
    assert "<script" not in page


def test_what_was_sent_is_read_from_the_store_with_its_history_and_without_names(store):
    questionnaire = find_questionnaire(FORM)
    compiled = questionnaire.compile()
    store.forms.publish(compiled.xml, files=questionnaire.attachments(), by=RESEARCHER)
    form = store.forms.open(store.forms.find(FORM))
    answers = {
        "action_text": "Izin diperiksa", "decision_text": f"Hubungi {PHONE}", "evidence_ref": "policy",
        "action_organisation": "dpmd", "action_scope": "regency", "due_date": "2026-12-01",
        "start_date": "2026-11-01", "recorder_name": PERSON, "action_person_name": PERSON,
    }  # fmt: skip
    begun = datetime(2026, 11, 2, 2, tzinfo=UTC)
    xml = make_filling(form, seed=1, begun_at=begun, answers=answers)
    sent = store.submissions.receive(xml, by=SUPERVISOR, via="survey")
    log = log_of(store)
    assert (log["office"].tolist(), log["recorded_by"].tolist()) == (["dpmd"], ["supervisor"])
    assert not log.astype(str).apply(lambda column: column.str.contains(PERSON)).any(axis=None)

    before = material_of(store, today=TODAY)
    assert (before.made, before.n_texts_withheld) == (False, 2)
    assert before.actions.frame[["action_text", "decision", "evidence"]].to_numpy().tolist() == [
        ["", "", "policy"]
    ]
    store.submissions.review(sent.instance_id, "approved", by=SUPERVISOR)
    after = material_of(store, today=TODAY).actions.frame.iloc[0]
    assert (after["action_text"], after["decision"]) == ("Izin diperiksa", "")  # a telephone number stays


def test_the_numbers_at_the_foot_add_up_whatever_is_chosen(model):
    for choice in ("", "done", "running"):
        model.state = choice
        whole, shown, out, doubtful, withheld = map(int, re.findall(r"\d+", text_of(counts(model)))[:5])
        assert shown + out + doubtful + withheld == whole == sample.programme.N_ACTIONS


def test_doubtful_entries_are_listed_with_what_is_wrong(model):
    text = text_of(counts(model))
    for doubt in ("kantornya tidak ada dalam daftar", "desanya tidak ada", "ditutup sebelum dimulai"):
        assert doubt in text


@pytest.mark.parametrize(
    ("language", "said"), [("id", "Bukti tidak disebutkan"), ("en", "No evidence was named")]
)
def test_a_decision_shows_its_evidence_or_that_none_was_named(material, language, said):
    log = sample.made_log(n=9).assign(approved=True, evidence="", decision="Izin diperiksa", withheld_for="")
    bare = ProgrammeModel(material_from(log, as_of=TODAY, made=True))
    linked = ProgrammeModel(material_from(log.assign(evidence="policy"), as_of=TODAY, made=True))
    bare.language = linked.language = language
    assert said in text_of(found(bare, "decisions"))
    assert "href='policy'" in found(linked, "decisions")


def decided_on(evidence, run=None) -> ProgrammeModel:
    log = sample.made_log(n=9).assign(
        approved=True, evidence=evidence, decision="Kemasan dulu", withheld_for=""
    )
    return ProgrammeModel(material_from(log, as_of=TODAY, made=True, runs=() if run is None else (run,)))


@pytest.fixture(scope="module")
def run(tmp_path_factory, project):
    """What `pk reproduce` leaves of one figure of notebook 11."""
    folder = tmp_path_factory.mktemp("run")
    shown = [
        (Exhibit(file, kind, "How much <more>", "11-did-it-work", file.split(".")[1],
                 sha256(content).hexdigest()), content)
        for file, kind, content in (
            (FIGURE, "figure", PNG), (TABLE, "table", CELLS), (SENTENCE, "text", b"**Up** by <b>5</b>"),
            (TELLING, "table", b"name,respondent_phone\nA,0812 3456 7890\n"),
        )
    ]  # fmt: skip
    write_exhibits(shown, folder / "exhibits")
    notebook = (project / "notebooks" / "11-did-it-work.ipynb").read_bytes()
    record = {
        "notebooks": [
            {"notebook": "11-did-it-work", "sha256": sha256(notebook).hexdigest(), "parameters": ""},
        ],
        "data": [{"name": "village_survey_made", "version": 1, "sha256": "ab12", "made": True}],
        "of_people": {}, "shares": {},
        "package": "pk-research 1", "python": "3.11", "lock_sha256": None,
    }  # fmt: skip
    (folder / "reproduction.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


def test_a_figure_named_as_evidence_is_told_with_its_question_its_data_and_where_to_look(run):
    model = decided_on(f" {FIGURE.upper()}", run)
    html = found(model, "decisions")
    text = text_of(html)
    assert "Bukti berupa gambar: How much <more> Berhasilkah: apakah kemasan berlabel" in text
    assert "href='policy'" in html
    for told in (
        "notebooks/11-did-it-work.ipynb, c07",
        "village_survey_made, versi 1",
        f"pk explain {FIGURE}",
    ):
        assert told in text
    assert "pk-trouble" not in html


def test_the_figure_itself_is_shown_to_those_who_see_and_those_who_hear(run):
    html = found(decided_on(FIGURE, run), "decisions")
    assert f"src='data:image/png;base64,{b64encode(PNG).decode()}'" in html
    assert "width='400' height='300' style='min-width:280px'" in html
    assert "alt='How much &lt;more&gt;. Berhasilkah" in html
    assert "Data buatan" in text_of(html.partition("<figcaption")[2].partition("</figcaption>")[0])


def test_the_table_itself_is_shown_and_says_how_much_of_it(run):
    html = found(decided_on(TABLE, run), "decisions")
    table = pd.read_html(io.StringIO(html))[0]
    assert table.columns.tolist() == ["year", "gain", "note"]
    assert table["year"].tolist() == list(range(2000, 2012))
    assert "&lt;i&gt;" in html
    assert "12 baris pertama dari 20 baris" in text_of(html)


def test_the_sentence_itself_is_shown_and_no_markup_of_it_is_obeyed(run):
    html = found(decided_on(SENTENCE, run), "decisions")
    assert "<blockquote><strong>Up</strong> by &lt;b&gt;5&lt;/b&gt;</blockquote>" in html


@pytest.mark.parametrize(
    ("file", "of_people", "why"),
    [
        (TELLING, {}, "kolom menunjukkan siapa orangnya"),
        (TABLE, {"gain": True}, "1 sel menyangkut kurang dari 5 orang"),
        (FIGURE, {"gain": True}, "gambar dari data tentang orang tidak ditampilkan untuk umum"),
        (FIGURE, None, "dihitung dengan versi program yang lebih lama"),
    ],
)
def test_an_exhibit_that_may_not_leave_is_not_shown_and_it_is_said_why(run, tmp_path, file, of_people, why):
    copy = shutil.copytree(run, tmp_path / "run")
    record = json.loads((copy / "reproduction.json").read_text(encoding="utf-8")) | {"of_people": of_people}
    (copy / "reproduction.json").write_text(json.dumps(record), encoding="utf-8")
    if file == TABLE:
        content = b"year,gain\n2000,3\n"
        listed = (copy / "exhibits" / "exhibits.csv").read_text(encoding="utf-8-sig")
        hashes = sha256(CELLS).hexdigest(), sha256(content).hexdigest()
        (copy / "exhibits" / "exhibits.csv").write_text(listed.replace(*hashes), encoding="utf-8-sig")
        (copy / "exhibits" / file).write_bytes(content)
    html = found(decided_on(file, copy), "decisions")
    assert "pk-exhibit" not in html
    assert f"Bukti ini tidak ditampilkan di sini: {why}" in text_of(html)
    assert "pk explain" in html


def test_a_figure_that_was_changed_since_is_not_to_be_relied_on(run, tmp_path):
    copy = shutil.copytree(run, tmp_path / "run")
    (copy / "exhibits" / FIGURE).write_bytes(b"another")
    html = found(decided_on(FIGURE, copy), "decisions")
    assert "berubah setelah dihitung. Jangan jadikan pegangan" in text_of(html)
    assert "<img" not in html
    (copy / "exhibits" / FIGURE).unlink()
    assert "Jangan jadikan pegangan" in text_of(found(decided_on(FIGURE, copy), "decisions"))


def test_of_two_runs_the_one_whose_file_is_still_as_it_was_made_is_shown(run, tmp_path, project):
    broken = shutil.copytree(run, tmp_path / "run")
    (broken / "exhibits" / FIGURE).write_bytes(b"another")
    for runs in ((broken, run), (run, broken)):
        (known,) = evidence_in([FIGURE], project, runs).values()
        assert known.content == PNG


@pytest.mark.parametrize("left", ["nothing", "an interrupted run"])
def test_a_figure_that_was_not_reproduced_here_still_says_what_it_asks(run, tmp_path, left):
    copy = tmp_path / "run"
    if left != "nothing":
        shutil.copytree(run, copy)
        (copy / "reproduction.json").write_text("{}", encoding="utf-8")
    text = text_of(found(decided_on(FIGURE, copy), "decisions"))
    assert "Berhasilkah: apakah kemasan berlabel" in text
    assert "belum dihitung di server ini, jadi belum dapat ditampilkan atau diperiksa" in text
    assert f"dengan perintah: pk notebooks 11 · {FIGURE}" in text


@pytest.mark.parametrize("written", ["11-did-it-work.c99.1.png", "99-nothing.c01.1.png", "../../etc/passwd"])
def test_what_only_looks_like_an_exhibit_is_words(written):
    assert f"tidak diperiksa di sini: {written}" in text_of(found(decided_on(written), "decisions"))


def test_every_curated_notebook_asks_its_question_in_indonesian(project):
    for path in sorted((project / "notebooks").glob("[0-9][0-9]-*.ipynb")):
        (known,) = evidence_in([path.name], project, ()).values()
        assert translate(known.question, "id") != known.question, path.name


def test_the_made_log_names_an_app_a_notebook_and_an_exhibit_that_exist(material):
    assert {one.kind for one in material.evidence.values()} == {"app", "notebook", "exhibit"}


# Dates


def test_actions_due_between_two_days_both_counted(material):
    model = ProgrammeModel(material)
    days = sorted(material.actions.frame["due_date"].dropna().dt.date)
    model.due_from, model.due_to = days[3].isoformat(), days[-4].isoformat()
    shown = model.shown.frame["due_date"].dt.date
    assert (min(shown), max(shown)) == (days[3], days[-4])
    assert len(shown) == sum(days[3] <= day <= days[-4] for day in days)
    model.due_to = ""
    assert max(model.shown.frame["due_date"].dt.date) == days[-1]


def test_actions_without_a_date_are_counted_where_dates_leave_them_out(model):
    undated = int(model.shown.frame["due_date"].isna().sum())
    assert undated > 0
    assert "tenggatnya belum ditetapkan" not in text_of(counts(model))
    model.due_from = "2026-01-01"
    assert f"hanya karena tenggatnya belum ditetapkan: {undated}" in text_of(counts(model))
    model.time = "late"  # which leaves the undated out by itself
    assert "tenggatnya belum ditetapkan" not in text_of(counts(model))


@pytest.mark.parametrize(
    ("given", "said", "wrong"),
    [
        (("?", ""), "Tanggal ini tidak ada dalam kalender atau belum lengkap", {"due_from"}),
        (("0002-03-10", ""), "belum lengkap", {"due_from"}),  # whoever is still typing the year
        (("", "2026-02-30"), "misalnya 17-08-2026", {"due_to"}),
        (("2026-12-01", "2026-11-01"), "1 Des 2026, lebih lambat daripada tanggal akhir, 1 Nov 2026",
         {"due_from", "due_to"}),
    ],
)  # fmt: skip
def test_dates_that_cannot_be_are_told_and_leave_nothing_out(material, store, given, said, wrong):
    view = ProgrammeView(ProgrammeModel(material), store)
    whole = len(view.model.shown.frame)
    view.days["due_from"].value, view.days["due_to"].value = given
    assert said in view.model.message.text("id")
    assert {name for name, day in view.days.items() if day.is_wrong} == wrong
    assert len(view.model.shown.frame) == whole
    view.clear.click()
    assert view.model.message is None
    assert [day.value for day in view.days.values()] == ["", ""]


def test_every_tab_speaks_both_languages_and_shows_no_code(model):
    for tab in TABS:
        indonesian = text_of(found(model, tab))
        model.language = "en"
        assert text_of(found(model, tab)) != indonesian
        model.language = "id"
        assert not re.search(r"\b(dpmd|trade_office|health_office|NaT|nan|3216\d{6})\b", indonesian)


def test_a_kecamatan_lets_go_of_a_village_that_lies_elsewhere(model):
    model.village = model.villages[0]
    elsewhere = next(code for code in model.material.actions.kecamatan if not model.village.startswith(code))
    model.open_kecamatan(elsewhere)
    assert (model.kecamatan, model.village) == (elsewhere, "")
    assert set(model.shown.frame["kecamatan_code"]) == {elsewhere}


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_what_is_taken_away_is_what_is_shown_and_stands_in_the_audit_log(model, store, ending):
    model.time = "late"
    file = file_of(model, store, ending)
    content = io.BytesIO(file.content)
    table = pd.read_csv(content) if ending == "csv" else pd.read_excel(content, engine="openpyxl")
    assert file.name == f"tindak-lanjut-program-contoh-buatan.{ending}"
    assert len(table) == len(model.shown.frame) > 0
    assert set(table["Ketepatan waktu"]) == {"Terlambat"}
    assert table["Terlambat (hari)"].min() > 0
    assert set(table["Kantor"]) == {
        model.material.name("action_organisation", code, "id") for code in model.shown.frame["office"]
    }
    entry = next(iter(store.audit.events()))
    assert (entry.kind, entry.details["purpose"], entry.details["n_rows"]) == (
        "data released",
        PURPOSE,
        len(table),
    )


def test_the_controls_follow_the_model_and_lead_it(material, store):
    view = ProgrammeView(ProgrammeModel(material), store)
    view.filters["office"].value = "dpmd"
    assert set(view.model.shown.frame["office"]) == {"dpmd"}
    view.clear.click()
    assert (view.model.office, view.filters["office"].value) == ("", "")
    view.language.value = "en"
    assert view.csv.label == "Download the list (CSV)"
