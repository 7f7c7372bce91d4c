"""The experts' panel on a phone: pairs judged one by one, and the verdict while they are judged."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pyxform.xls2xform import convert
from survey_server import RESEARCHER, SUPERVISOR, SurveyHouse, survey_house

from pk_research.products.flagship import judgements_of, write_panel_form

CRITERIA = ["market", "price", "capital"]
SIZES = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 360, "height": 740}}


@pytest.fixture(scope="module")
def house(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SurveyHouse]:
    home = tmp_path_factory.mktemp("panel")
    form = write_panel_form(CRITERIA, home / "ahp_panel.xlsx", form_id="ahp_panel")
    with survey_house(home, project=project) as house:
        house.store.forms.publish(convert(xlsform=str(form), pretty_print=False).xform, by=RESEARCHER)
        yield house


@pytest.fixture(params=SIZES)
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    complaints: list[str] = []
    context = chromium.new_context(viewport=SIZES[request.param], locale="id-ID")
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def judge(page: Page, degree: int) -> None:
    """Choose a degree of the pair on screen, counted from 'first far more' (0) to 'second far more' (8)."""
    page.locator(".pk-form-frame input[type=radio]:visible").nth(degree).check()


def onward(page: Page) -> None:
    page.get_by_role("button", name="Lanjut", exact=True).click()


def test_contradicting_judgements_are_said_thought_over_and_sent(house, page, project):
    page.goto(house.invite("ahp_panel"))
    page.get_by_role("button", name="Mulai").click()
    page.wait_for_selector(".pk-form-frame")
    page.locator(".pk-form-frame input[type=radio]:visible").first.check()
    for degree in (0, 8, 0):  # market far above price, capital far above market, price far above capital
        onward(page)
        judge(page, degree)
    ratio = page.get_by_text("rasio konsistensi").last
    expect(ratio).to_be_visible()
    onward(page)
    expect(page.get_by_text("Jawaban Anda saling bertentangan").first).to_be_visible()
    expect(page.get_by_text("Menurut Anda 1 : 9, sedangkan jawaban lain menyiratkan 1 : 1")).to_be_visible()
    expect(page.get_by_text("rasio konsistensi 6,13").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    folder = Path(os.environ.get("PK_TEST_OUTPUT") or project / "workspace" / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"panel-{page.viewport_size['width']}.png", full_page=True)
    page.get_by_role("button", name="Kembali", exact=True).click()
    page.get_by_role("button", name="Kembali", exact=True).click()
    judge(page, 2)
    onward(page)
    onward(page)
    page.get_by_role("button", name="Periksa dan kirim").last.click()
    page.wait_for_selector(".pk-status[data-state=saved]")
    page.get_by_role("button", name="Kirim", exact=True).click()
    page.wait_for_url("**/survey/receipt/*")
    sent = [filled.xml for filled in house.store.submissions.list("ahp_panel", by=SUPERVISOR)]
    found = judgements_of(sent[-1:], CRITERIA)
    assert found.judgements["E1"][("market", "price")] == 9
