"""Nobody is kept out: every page as axe reads it, with keys alone, enlarged, and on a narrow screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from pyxform.xls2xform import convert
from survey_server import PASSWORD, RESEARCHER, SurveyHouse, survey_house

from pk_research import sample
from pk_research.apps.serve import write_first_pages
from pk_research.products.flagship import write_panel_form

FIRST_MS, WAIT_MS = 90_000, 30_000
SIZES = {"wide": (1280, 900), "phone": (360, 740), "twice as large": (640, 450)}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GRAVE = {"moderate", "serious", "critical"}
TABS = {"findings": 3, "policy": 3, "products": 5}
# What the unslow part leaves out is the same pages in the other language and on the wider screens.
MATRIX = [
    pytest.param(language, size, marks=[] if (language, size) == ("id", "phone") else pytest.mark.slow)
    for size in SIZES
    for language in ("id", "en")
]


@pytest.fixture(scope="module")
def house(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SurveyHouse]:
    """A server with every app, the made sample, a form of two pages and an experts' panel."""
    home = tmp_path_factory.mktemp("access")
    with survey_house(home, project=project) as house:
        house.store.keep(sample.load_sample())
        write_first_pages(house.settings, house.store)
        form = write_panel_form(["market", "price", "capital"], home / "ahp_panel.xlsx", form_id="ahp_panel")
        house.store.forms.publish(convert(xlsform=str(form), pretty_print=False).xform, by=RESEARCHER)
        yield house


@dataclass
class Reader:
    """Somebody with a screen of a size, who reads a language and looks at every page twice.

    Attributes
    ----------
    page
        What is on screen.
    house
        The server.
    language, size
        Of the reader, and of the screen.
    """

    page: Page
    house: SurveyHouse
    language: str
    size: str

    def open(self, path: str) -> None:
        between = "&" if "?" in path else "?"
        self.page.goto(f"{self.house.address}{path}{between}language={self.language}", wait_until="commit")
        expect(self.page.locator("html")).to_have_attribute("lang", self.language)

    def open_app(self, path: str) -> None:
        self.open(path)
        self.page.wait_for_selector("body.pk-swapped", timeout=FIRST_MS)

    def sign_in(self, name: str) -> None:
        self.open("/survey/signin")
        self.page.locator("input[name=name]").fill(name)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.locator("main form button").click()
        self.page.wait_for_url("**/survey")

    def look(self, name: str) -> None:
        """Read what is on screen: nothing that shuts somebody out, and nothing beside the screen."""
        found = Axe().run(self.page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        grave = [
            (fault["id"], node["target"], node["html"][:200])
            for fault in found.response["violations"]
            if fault["impact"] in GRAVE
            for node in fault["nodes"][:3]
        ]
        assert grave == [], f"{name}: {grave}"
        assert clipped(self.page) == [], name
        folder = Path(os.environ.get("PK_TEST_OUTPUT") or self.house.settings.project / "workspace" / "screenshots")
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=folder / f"access-{name}-{self.language}-{self.size[:5]}.png", full_page=True)


def clipped(page: Page) -> list[str]:
    """Return what cannot be read or reached for want of room: controls and the page itself."""
    found: list[str] = page.evaluate(
        """() => {
          const faults = [];
          const screen = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth > screen) faults.push("the page scrolls sideways");
          const kept = (el) => el.closest(".pk-wide, .pk-order, .pk-options, [style*='overflow']") !== null;
          for (const el of document.querySelectorAll("button, select, input, summary, [role=slider], h1, h2, h3")) {
            if (!el.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true })) continue;
            const box = el.getBoundingClientRect();
            if (box.width < 2 || box.right < 0 || kept(el)) continue;
            const name = `${el.tagName} ${(el.textContent || el.name || "").trim().slice(0, 40)}`;
            if (box.left < -1 || box.right > screen + 1) faults.push(`${name} is beside the screen`);
            const isShort = el.scrollHeight > el.clientHeight + 2 || el.scrollWidth > el.clientWidth + 2;
            if (el.tagName === "BUTTON" && isShort && el.clientHeight) faults.push(`${name} is cut off`);
          }
          return faults;
        }"""
    )
    return found


@pytest.fixture
def reader(chromium: Browser, house: SurveyHouse) -> Iterator[Callable[[str, str], Reader]]:
    """Give a new reader at each call."""
    contexts = []

    def new(language: str, size: str) -> Reader:
        width, height = SIZES[size]
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, locale="id-ID"))
        return Reader(contexts[-1].new_page(), house, language, size)

    yield new
    for context in contexts:
        for page in context.pages:
            page.close(run_before_unload=True)  # which lets the server stop the kernel
        context.close()


@pytest.mark.parametrize(("language", "size"), MATRIX)
def test_the_pages_around_the_apps(reader, language, size):
    visitor = reader(language, size)
    for path, name in (("/", "start"), ("/nothing", "nothing"), ("/survey", "ways-in")):
        visitor.open(path)
        visitor.look(name)
    visitor.open("/survey/signin")
    visitor.page.locator("input[name=name]").fill("nobody")
    visitor.page.locator("input[name=password]").fill("nothing")
    visitor.page.locator("main form button").click()
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    visitor.look("signin-refused")


@pytest.mark.parametrize("app", TABS)
@pytest.mark.parametrize(("language", "size"), MATRIX)
def test_an_app_and_every_tab_of_it(reader, language, size, app):
    visitor = reader(language, size)
    visitor.open_app(f"/{app}")
    expect(visitor.page.locator(".pk-live")).to_have_attribute("lang", language)
    for number in range(TABS[app]):
        visitor.page.get_by_role("tab").nth(number).click()
        expect(visitor.page.locator(".pk-live .pk-working")).to_have_count(0, timeout=WAIT_MS)
        visitor.page.wait_for_timeout(300)
        for summary in visitor.page.locator(".pk-live .pk-panel:visible summary").all()[:4]:
            summary.click()
        visitor.look(f"{app}-{number}")


@pytest.mark.parametrize(("language", "size"), MATRIX)
def test_a_form_from_the_list_to_the_receipt(reader, language, size):
    visitor = reader(language, size)
    page = visitor.page
    visitor.sign_in("siti")
    visitor.look("forms")
    page.locator("button[name=form][value=usaha]").click()
    page.wait_for_selector(".pk-form-frame")
    page.locator(".pk-form-frame input[inputmode=numeric], .pk-form-frame input[type=number]").first.fill("-1")
    page.keyboard.press("Tab")
    visitor.look("form-wrong")
    page.locator(".pk-form-frame input:visible").first.fill("Ibu Aminah")
    page.locator(".pk-form-frame input[inputmode=numeric], .pk-form-frame input[type=number]").first.fill("4")
    page.locator("[data-act=next], .pk-next").last.click()
    visitor.look("form-next")
