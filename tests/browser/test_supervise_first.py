"""What a supervisor reads before the kernel of their visit has begun, and how it fits on a phone."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from survey_server import PASSWORD, RESEARCHER, SUPERVISOR, SurveyHouse, survey_house

from pk_research.survey import parse_form

FIRST_MS = 90_000  # a kernel begins
PHONE = {"width": 360, "height": 740}
FORM = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
<h:head><h:title>Kunjungan</h:title><model>
  <instance><data id="kunjungan" version="1"><village_code/></data></instance></model></h:head>
<h:body><input ref="/data/village_code"/></h:body></h:html>"""


@pytest.fixture(scope="module")
def house(project, tmp_path_factory) -> Iterator[SurveyHouse]:
    """A server whose store holds one visit to a village."""
    with survey_house(tmp_path_factory.mktemp("first"), project=project) as house:
        house.store.forms.publish(FORM, by=RESEARCHER)
        session = parse_form(FORM).start()
        session.answer("/data/village_code", "3216012001")
        house.store.submissions.receive(session.finish(), by=SUPERVISOR, via="survey")
        yield house


@pytest.fixture
def signed_in(chromium: Browser, house: SurveyHouse) -> Iterator[BrowserContext]:
    """A phone on which Ratna, who supervises, has signed in."""
    context = chromium.new_context(viewport=PHONE, locale="id-ID")
    page = context.new_page()
    page.goto(f"{house.address}/survey/signin")
    page.get_by_role("textbox", name="Nama").fill("ratna")
    page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    expect(page).to_have_url(f"{house.address}/survey")
    yield context
    for page in context.pages:
        page.close(run_before_unload=True)  # which lets the server stop the kernel
    context.close()


def test_the_forms_and_their_counts_come_before_any_kernel_is_asked(signed_in, house):
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in signed_in.cookies())
    request = urllib.request.Request(f"{house.address}/supervise", headers={"Cookie": cookies})
    with urllib.request.urlopen(request, timeout=60) as answer:
        page = answer.read().decode()
    forms, kernel = page.index("id='pk-forms'"), page.index("jupyter-config-data")
    assert forms < page.index("Kunjungan") < kernel


def test_the_controls_take_its_place_in_the_language_chosen_and_all_fits_a_phone(signed_in, house):
    page = signed_in.new_page()
    page.goto(f"{house.address}/?language=en")
    page.goto(f"{house.address}/supervise", wait_until="commit")
    expect(page.locator("#pk-first #pk-forms")).to_contain_text("Kunjungan")
    expect(page.locator("h1").first).to_have_text("Watch over the survey")
    page.wait_for_selector("body.pk-swapped", timeout=FIRST_MS)
    expect(page.locator(".pk-live .pk-finding")).to_have_text("1 of 187 villages has answered")
    expect(page.locator("#pk-first")).to_have_count(0)
    for language in ("English", "Indonesia"):
        page.get_by_role("button", name=language).click()
        expect(page.locator("h1").last).to_have_text(
            "Pantau survei" if language == "Indonesia" else "Watch over the survey"
        )
        for part in ("#pk-coverage", ".pk-list", "html"):
            widths = page.locator(part).evaluate("part => [part.scrollWidth, part.clientWidth]")
            assert widths[0] <= widths[1], (language, part)
