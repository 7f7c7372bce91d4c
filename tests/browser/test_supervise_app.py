"""The supervise app as a supervisor meets it: counted, decided, corrected and taken away in a browser."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from survey_server import (
    PASSWORD,
    SUPERVISOR,
    VISITS,
    SurveyHouse,
    account_of,
    send_visits,
    survey_house,
)

from pk_research.store.audit import AuditEvent
from pk_research.survey import Filled

WAIT_MS = 20_000
FIRST_MS = 90_000  # a kernel begins
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def house(project, tmp_path_factory) -> Iterator[SurveyHouse]:
    """A server whose store holds four visits."""
    with survey_house(tmp_path_factory.mktemp("supervise"), project=project) as house:
        send_visits(house)
        yield house


@pytest.fixture(scope="module")
def page(chromium: Browser, house: SurveyHouse) -> Iterator[Page]:
    """The app opened by Ratna, who supervises; no script of it may fail."""
    context = chromium.new_context(viewport=WIDE, locale="id-ID", accept_downloads=True)
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None,
    )
    sign_in(page, house, "ratna")
    page.wait_for_selector(".pk-live .pk-finding", timeout=FIRST_MS)
    yield page
    page.close(run_before_unload=True)  # which lets the server stop the kernel
    context.close()
    assert complaints == []


def sign_in(page: Page, house: SurveyHouse, name: str) -> None:
    """Ask for the app, and sign in where it asks who one is."""
    page.goto(f"{house.address}/supervise", wait_until="commit")
    page.get_by_role("textbox", name="Nama").fill(name)
    page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()


def sent_by(house: SurveyHouse, owner: str) -> Filled:
    given = house.store.submissions.list("kunjungan", by=SUPERVISOR)
    return next(filled for filled in given if f"<owner>{owner}</owner>" in filled.xml)


def audited(house: SurveyHouse, kind: str) -> AuditEvent:
    """The newest event of a kind; the whole log is in order."""
    assert house.store.audit.verify().faults == ()
    return next(event for event in house.store.audit.events() if event.kind == kind)


def look_at(page: Page, house: SurveyHouse, owner: str) -> Filled:
    """Choose a submission in the list, and wait until its answers are there."""
    filled = sent_by(house, owner)
    page.get_by_label("Lihat satu kiriman").select_option(index=0)
    place = [sent.instance_id for sent in in_order(house)].index(filled.instance_id)
    page.get_by_label("Lihat satu kiriman").select_option(index=1 + place)
    expect(page.locator("#pk-answers")).to_contain_text(owner, timeout=WAIT_MS)
    return filled


def in_order(house: SurveyHouse) -> list[Filled]:
    return list(reversed(house.store.submissions.list("kunjungan", by=SUPERVISOR)))


def test_it_opens_on_what_has_come_in(page):
    expect(page.locator(".pk-finding")).to_have_text("2 dari 187 desa/kelurahan sudah menjawab")
    expect(page.locator("#pk-headline")).to_contain_text("Menunggu pemeriksaan 4")
    expect(page.locator("#pk-headline")).to_contain_text(
        "1 kiriman menyebut desa/kelurahan yang tidak dikenal"
    )
    expect(page.locator("#pk-list tbody tr")).to_have_count(len(VISITS))
    expect(page.locator("#pk-tiles .pk-tile[title$=': Menunggu pemeriksaan']")).to_have_count(2)
    expect(page.locator("#pk-tiles .pk-tile[title$=': Belum menjawab']")).to_have_count(185)


def test_approving_changes_the_state_in_the_store_and_is_audited(page, house):
    filled = look_at(page, house, "Ibu Aminah")
    expect(page.locator("#pk-answers tbody tr")).to_have_text(
        ["Kode desa3216012001", "Siapa pemiliknya?Ibu Aminah", "Berapa orang bekerja?4"]
    )
    approve = page.get_by_role("button", name="Setujui")
    assert approve.bounding_box()["y"] < page.locator("#pk-answers").bounding_box()["y"]
    page.get_by_label("Komentar").fill("Sudah ditelepon")
    approve.click()

    expect(page.get_by_role("status").filter(has_text="Disetujui")).to_be_visible(timeout=WAIT_MS)
    expect(page.locator("#pk-headline")).to_contain_text("Menunggu pemeriksaan 3")
    expect(page.locator("#pk-tiles .pk-tile[title$=': Disetujui']")).to_have_count(1)
    assert sent_by(house, "Ibu Aminah").review_state == "approved"
    event = audited(house, "submission reviewed")
    assert (event.actor, event.subject) == (account_of(house, "ratna"), filled.instance_id)
    assert event.details["state"] == "approved"


def test_sending_back_needs_a_word_of_why(page, house):
    filled = look_at(page, house, "Pak Joko")
    page.get_by_role("button", name="Perlu perbaikan").click()
    expect(page.get_by_role("alert")).to_contain_text("Tuliskan alasannya di komentar", timeout=WAIT_MS)
    assert sent_by(house, "Pak Joko").review_state == "received"

    page.get_by_label("Komentar").fill("Jumlah pekerja <b>belum</b> benar")
    page.get_by_role("button", name="Perlu perbaikan").click()
    expect(page.locator("#pk-history blockquote")).to_have_text(
        "Jumlah pekerja <b>belum</b> benar", timeout=WAIT_MS
    )
    assert sent_by(house, "Pak Joko").review_state == "has issues"
    event = audited(house, "submission reviewed")
    assert (event.subject, event.details["state"]) == (filled.instance_id, "has issues")


def test_a_correction_is_a_second_version_with_its_reason_and_what_it_changed(page, house):
    filled = look_at(page, house, "Ibu Rini")
    page.get_by_label("Alasan perbaikan").fill("Dihitung ulang")
    page.get_by_role("button", name="Buka formulir").click()
    page.wait_for_selector(".pk-form-frame", timeout=WAIT_MS)
    workers = page.get_by_label("Berapa orang bekerja?")
    expect(workers).to_have_value("3")
    workers.fill("5")
    page.get_by_role("button", name="Periksa dan kirim").last.click()
    page.get_by_role("button", name="Kirim", exact=True).click()

    history = page.locator("#pk-history")
    expect(history.locator("tbody tr")).to_have_text(["Berapa orang bekerja?35"], timeout=WAIT_MS)
    expect(history).to_contain_text("Dihitung ulang")
    store = house.store.submissions
    first, second = store.history(filled.instance_id, by=SUPERVISOR)
    assert (second.number, second.reason, second.by) == (2, "Dihitung ulang", account_of(house, "ratna"))
    changed = store.diff(filled.instance_id, first.number, second.number, by=SUPERVISOR)
    assert ("/data/workers", "3", "5") in [(one.path, one.before, one.after) for one in changed]
    assert audited(house, "submission edited").actor == account_of(house, "ratna")


def test_what_is_taken_away_is_recorded(page, house):
    page.get_by_label("Salinan untuk pekerjaan di dalam lembaga, tidak untuk diteruskan").check()
    with page.expect_download(timeout=WAIT_MS) as waiting:
        page.get_by_role("button", name="ODK Central (zip)").click()
    assert waiting.value.suggested_filename == "kunjungan-salinan-internal.zip"
    table = zipfile.ZipFile(waiting.value.path()).read("kunjungan.csv").decode()
    assert [owner for _, owner, _ in VISITS if owner not in table] == []
    event = audited(house, "submissions exported")
    assert (event.actor, event.subject) == (account_of(house, "ratna"), "kunjungan")
    assert event.details["layout"] == "central"


def test_on_a_phone_the_page_is_no_wider_than_the_screen(page, house):
    page.set_viewport_size(PHONE)
    look_at(page, house, "Pak Darto")
    page.get_by_label("Alasan perbaikan").fill("Desa salah ketik")
    page.get_by_role("button", name="Buka formulir").click()
    page.wait_for_selector(".pk-form-frame", timeout=WAIT_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("name", ["siti", None], ids=["an enumerator", "a stranger"])
def test_whoever_it_is_not_for_is_told_so_and_sees_no_data(chromium, house, name):
    context = chromium.new_context(viewport=PHONE, locale="id-ID")
    page = context.new_page()
    if name is None:
        page.goto(f"{house.address}/supervise")
        expect(page.locator("main .pk-hint")).to_contain_text("Hubungi penanggung jawab survei.")
        expect(page).to_have_url(f"{house.address}/survey/signin?next=supervise")
    else:
        sign_in(page, house, name)
        expect(page.get_by_role("heading", name="Akun Anda tidak dapat membuka aplikasi ini")).to_be_visible()
    expect(page.locator(".pk-live")).to_have_count(0)
    assert [owner for _, owner, _ in VISITS if owner in page.content()] == []
    context.close()
