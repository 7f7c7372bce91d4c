"""The survey app as people meet it: from the invitation to the receipt, whatever happens on the way."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from survey_server import PASSWORD, SurveyHouse, survey_house

SIZES = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 360, "height": 740}}
SAVED = ".pk-status[data-state=saved]"


@pytest.fixture(scope="module")
def house(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SurveyHouse]:
    with survey_house(tmp_path_factory.mktemp("survey"), project=project) as house:
        yield house


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def devices(chromium: Browser, size: str) -> Iterator[Callable[[], Page]]:
    """Give a new device of one size at each call; their scripts may not fail."""
    contexts, complaints = [], []

    def device() -> Page:
        context = chromium.new_context(viewport=SIZES[size], locale="id-ID")
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None,
        )
        return page

    yield device
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def keep(project: Path, size: str) -> Callable[[Page, str], None]:
    """Keep a screenshot as test output; no page but an A4 sheet may be wider than its screen."""
    folder = Path(os.environ.get("PK_TEST_OUTPUT") or project / "workspace" / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)

    def keep(page: Page, name: str) -> None:
        assert name == "sheet" or page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        page.screenshot(path=folder / f"survey-{name}-{size}.png", full_page=True)

    return keep


def test_from_the_invitation_to_the_receipt_whatever_happens_on_the_way(house, devices, keep):
    before = len(house.submissions())
    page = devices()
    page.goto(house.invite(max_uses=1))
    assert page.url == f"{house.address}/survey"
    keep(page, "start")
    page.get_by_role("button", name="Mulai").click()
    page.wait_for_selector(".pk-form-frame")
    keep(page, "form")

    page.get_by_label("Siapa pemiliknya?").fill("Ibu Aminah")
    page.get_by_label("Ya", exact=True).check()
    page.get_by_label("Berapa nomor izinnya?").fill("P-12")
    page.wait_for_selector(SAVED)
    page.reload()
    page.wait_for_selector(".pk-form-frame")
    expect(page.get_by_label("Siapa pemiliknya?")).to_have_value("Ibu Aminah")

    house.kill()
    page.get_by_label("Berapa orang bekerja?").fill("4")
    page.wait_for_selector(".pk-status[data-state=offline]", timeout=20_000)
    keep(page, "offline")
    house.start()
    page.wait_for_selector(SAVED, timeout=60_000)

    page.locator(".pk-code-strip summary").click()
    keep(page, "resume-code")
    code = page.locator(".pk-code-strip .pk-code").inner_text()
    other = devices()
    other.goto(f"{house.address}/survey")
    keep(other, "ways-in")
    other.get_by_role("textbox", name="Kode lanjutan").fill(code.lower())
    other.get_by_role("button", name="Lanjutkan").click()
    other.wait_for_selector(".pk-form-frame")
    expect(other.get_by_label("Berapa orang bekerja?")).to_have_value("4")
    other.get_by_role("button", name="Lanjut", exact=True).click()
    other.get_by_label("Apa produk utamanya?").fill("Keripik pisang")
    other.get_by_role("button", name="Periksa dan kirim").last.click()
    other.wait_for_selector(SAVED)
    keep(other, "review")
    other.get_by_role("button", name="Kirim", exact=True).click()
    other.wait_for_url("**/survey/receipt/*")
    keep(other, "receipt")

    sent = house.submissions()
    assert len(sent) == before + 1
    assert "<owner>Ibu Aminah</owner><workers>4</workers>" in sent[-1].replace("\n", "")
    assert "<product>Keripik pisang</product>" in sent[-1]
    other.get_by_role("link", name="Jawaban Anda sebagai lembar cetak").click()
    expect(other.get_by_text("Keripik pisang")).to_be_visible()
    keep(other, "sheet")
    page.reload()  # the first device learns that it was sent
    page.wait_for_url("**/survey/receipt/*")


def test_the_form_can_be_read_and_typed_into_before_its_script_comes(house, devices, keep):
    page = devices()
    page.goto(house.invite())
    held = []
    page.route("**/form-*.js", lambda route: held.append(route))  # noqa: PLW0108 - it marks the function
    page.get_by_role("button", name="Mulai").click()
    page.get_by_label("Siapa pemiliknya?").fill("Pak Budi")
    keep(page, "plain")
    held[0].continue_()
    page.wait_for_selector(".pk-form-frame")
    expect(page.get_by_label("Siapa pemiliknya?")).to_have_value("Pak Budi")
    page.wait_for_selector(SAVED)


def test_signing_in_and_going_on_with_a_draft_in_english(house, devices, keep):
    page = devices()
    page.goto(f"{house.address}/survey?language=en")
    page.get_by_role("textbox", name="Name").fill("siti")
    page.get_by_label("Password", exact=True).fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("Name or password is not right.")
    keep(page, "wrong-password")
    page.get_by_role("textbox", name="Name").fill("siti")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Begin: Usaha rumah tangga").click()
    page.wait_for_selector(".pk-form-frame")
    expect(page.get_by_label("Who owns it?")).to_be_visible()
    page.get_by_role("link", name="Pabrik Kampoeng").click()
    keep(page, "drafts")
    page.get_by_role("link", name="Usaha rumah tangga").click()
    page.wait_for_selector(".pk-form-frame")


def test_the_page_follows_the_language_chosen_in_the_form(house, devices):
    page = devices()
    page.goto(house.invite())
    page.get_by_role("button", name="Mulai").click()
    page.wait_for_selector(".pk-form-frame")
    page.get_by_label("Siapa pemiliknya?").fill("Ibu Aminah")
    page.locator(".pk-form-frame header select").select_option(label="English")
    page.wait_for_url("**language=en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_label("Who owns it?")).to_have_value("Ibu Aminah")
    expect(page.get_by_text("What is this for?")).to_be_visible()


def test_a_receipt_says_what_did_not_go_with_it(house, devices):
    """A server that has the filling from elsewhere says so beside the receipt, which then stays in view."""
    page = devices()
    page.goto(house.invite())
    page.get_by_role("button", name="Mulai").click()
    page.wait_for_selector(".pk-form-frame")
    page.get_by_label("Siapa pemiliknya?").fill("Ibu Aminah")
    page.get_by_role("button", name="Lanjut", exact=True).click()
    page.get_by_role("button", name="Periksa dan kirim").last.click()
    page.wait_for_selector(SAVED)

    def with_note(route: Route) -> None:
        route.fulfill(json=route.fetch().json() | {"note": "Sudah dikirim dari tempat lain."})

    page.route("**/survey/api/submit", with_note)
    page.get_by_role("button", name="Kirim", exact=True).click()
    expect(page.locator(".pk-receipt")).to_contain_text("Sudah dikirim dari tempat lain.")


def test_a_dead_link_says_so(house, devices, keep):
    page = devices()
    page.goto(f"{house.address}/i/i-0123456789abcdef.{'A' * 43}")
    expect(page.locator("main")).to_contain_text("Tautan ini tidak membuka apa pun.")
    keep(page, "dead-link")
