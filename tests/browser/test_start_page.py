"""The list of apps: what each is for, in either language, and the way in and out."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from survey_server import PASSWORD, SurveyHouse, survey_house

PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def house(project, tmp_path_factory) -> Iterator[SurveyHouse]:
    with survey_house(tmp_path_factory.mktemp("start"), project=project) as house:
        yield house


@pytest.fixture
def start(chromium: Browser, house: SurveyHouse) -> Iterator[Page]:
    """The page on a phone that has never been there."""
    context = chromium.new_context(viewport=PHONE, locale="id-ID")
    page = context.new_page()
    page.goto(f"{house.address}/")
    yield page
    context.close()


def test_under_each_app_stands_what_it_is_for_and_for_whom(start):
    expect(start.locator("li")).to_have_count(6)
    texts = start.locator("li p").all_inner_texts()
    assert len(texts) == 6
    assert all("Untuk " in text for text in texts)
    assert start.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_language_is_chosen_there_and_kept(start, house):
    start.get_by_role("link", name="English").click()
    expect(start.locator("html")).to_have_attribute("lang", "en")
    expect(start.get_by_role("link", name="Watch over the survey")).to_be_visible()
    start.goto(f"{house.address}/survey")
    expect(start.locator("html")).to_have_attribute("lang", "en")
    start.goto(f"{house.address}/nothing")
    expect(start.get_by_role("heading")).to_have_text("This page does not exist")


def test_one_signs_in_and_out_from_there(start, house):
    start.get_by_role("link", name="Masuk").click()
    start.get_by_role("textbox", name="Nama").fill("ratna")
    start.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
    start.get_by_role("button", name="Masuk").click()
    start.goto(f"{house.address}/")
    expect(start.get_by_role("link", name="Masuk")).to_have_count(0)
    start.get_by_role("button", name="Keluar").click()
    start.goto(f"{house.address}/")
    expect(start.get_by_role("link", name="Masuk")).to_be_visible()


def test_an_address_that_cannot_be_read_is_no_fault_of_the_page(house):
    with urllib.request.urlopen(f"{house.address}/?language=%ff%fe") as answer:
        assert '<html lang="id">' in answer.read().decode()
