"""Nobody is kept out: every page as axe reads it, with keys alone, enlarged, and on a narrow screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect
from pyxform.xls2xform import convert
from survey_server import PASSWORD, RESEARCHER, SurveyHouse, send_visits, survey_house

from pk_research.products.flagship import write_panel_form

FIRST_MS, WAIT_MS = 90_000, 30_000
SIZES = {"wide": (1280, 900), "phone": (360, 740), "twice as large": (640, 450)}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GRAVE = {"moderate", "serious", "critical"}
SAID = {
    "owner": {"id": "Siapa pemiliknya?", "en": "Who owns it?"},
    "workers": {"id": "Berapa orang bekerja?", "en": "How many people work?"},
    "not below zero": {"id": "Tidak boleh kurang dari nol.", "en": "Not below zero."},
    "next": {"id": "Lanjut", "en": "Next"},
    "check": {"id": "Periksa dan kirim", "en": "Check and send"},
    "send": {"id": "Kirim", "en": "Send"},
}
SUPERVISED = {
    "id": {
        "form": "Formulir", "one": "Lihat satu kiriman", "reject": "Tolak", "issues": "Perlu perbaikan",
        "comment": "Komentar", "reason": "Alasan perbaikan", "open": "Buka formulir",
        "told": "Tentang berkas yang baru diambil:",
    },
    "en": {
        "form": "Form", "one": "Look at one submission", "reject": "Reject", "issues": "Has issues",
        "comment": "Comment", "reason": "Reason for the correction", "open": "Open the form",
        "told": "Of the file just taken away:",
    },
}  # fmt: skip
TABS = {"findings": 3, "policy": 3, "products": 5, "programme": 4}
# What the unslow part leaves out is the same pages in the other language and on the wider screens.
MATRIX = [
    pytest.param(language, size, marks=[] if (language, size) == ("en", "phone") else pytest.mark.slow)
    for size in SIZES
    for language in ("id", "en")
]


@pytest.fixture(scope="module")
def house(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SurveyHouse]:
    """A server with a form of two pages and an experts' panel."""
    home = tmp_path_factory.mktemp("access")
    with survey_house(home, project=project) as house:
        form = write_panel_form(["market", "price", "capital"], home / "ahp_panel.xlsx", form_id="ahp_panel")
        send_visits(house)
        house.store.forms.publish(convert(xlsform=str(form), pretty_print=False).xform, by=RESEARCHER)
        yield house


@dataclass
class Reader:
    """Somebody with a screen of a size, who reads a language and looks closely at every page.

    Attributes
    ----------
    page
        What is on screen.
    address
        Of the server.
    project
        Where pictures are kept.
    language, size
        Of the reader, and of the screen.
    """

    page: Page
    address: str
    project: Path
    language: str
    size: str

    def open(self, path: str) -> None:
        between = "&" if "?" in path else "?"
        self.page.goto(f"{self.address}{path}{between}language={self.language}", wait_until="commit")
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

    def begin(self, form_id: str) -> None:
        self.page.locator(f"button[name=form][value={form_id}]").click()
        self.page.wait_for_selector(".pk-form-frame")

    def press(self, what: str) -> None:
        """Press the last button that says so: the bar below the form has it too."""
        self.page.get_by_role("button", name=SAID[what][self.language], exact=True).last.click()

    def look(self, name: str) -> None:
        """Read what is on screen: nothing that shuts somebody out, and nothing beside the screen."""
        self.page.wait_for_load_state("load")  # an address is opened as soon as it answers, styles follow
        # Where the page ends, nothing lies half under the bar that stays at the bottom of the screen; what
        # was pressed before may still make the page longer.
        self.page.evaluate(TO_THE_END)
        found = Axe().run(self.page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        grave = [
            (fault["id"], node["target"], node["html"][:200])
            for fault in found.response["violations"]
            if fault["impact"] in GRAVE
            for node in fault["nodes"][:3]
        ]
        assert grave == [], f"{name}: {grave}"
        assert clipped(self.page) == [], name
        folder = Path(os.environ.get("PK_TEST_OUTPUT") or self.project / "workspace" / "screenshots")
        folder.mkdir(parents=True, exist_ok=True)
        picture = f"access-{name}-{self.language}-{self.page.viewport_size['width']}.png"
        self.page.screenshot(path=folder / picture, full_page=True)


TO_THE_END = """async () => {
  for (let height = -1; height !== document.documentElement.scrollHeight; ) {
    height = document.documentElement.scrollHeight;
    window.scrollTo(0, height);
    await new Promise((done) => setTimeout(done, 250));
  }
}"""
FOCUS_FAULT = """() => {
  const el = document.activeElement;
  if (el === document.body) return "";  // past the last control, back to the browser's own
  const shown = el.matches("input[type=radio], input[type=checkbox]") ? [el, el.closest("label")] : [el];
  const marks = (style) => parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== "none"
    || style.boxShadow !== "none" || parseFloat(style.strokeWidth) >= 8;
  const name = el.outerHTML.slice(0, 120);
  if (!shown.some((one) => one && marks(getComputedStyle(one)))) return `no focus is seen on ${name}`;
  const box = el.getBoundingClientRect();
  const seen = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height, 30) / 2);
  const label = el.closest("label");
  const isSeen = seen && (el.contains(seen) || seen.contains(el) || label?.contains(seen));
  return isSeen ? "" : `${name} has the focus under something else`;
}"""


def clipped(page: Page) -> list[str]:
    """Return what cannot be read or reached for want of room: controls and the page itself."""
    found: list[str] = page.evaluate(
        """() => {
          const faults = [];
          const screen = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth > screen) faults.push("the page scrolls sideways");
          const kept = (el) => el.closest(".pk-wide, .pk-order, .pk-options, [style*='overflow']") !== null;
          const wanted = "button, select, input, summary, [role=slider], h1, h2, h3";
          for (const el of document.querySelectorAll(wanted)) {
            if (!el.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true })) continue;
            const box = el.getBoundingClientRect();
            if (box.width < 2 || box.right < 0 || kept(el)) continue;
            const name = `${el.tagName} ${(el.textContent || el.name || "").trim().slice(0, 40)}`;
            if (box.left < -1 || box.right > screen + 1) faults.push(`${name} is beside the screen`);
            const isShort = el.scrollHeight > el.clientHeight + 2 || el.scrollWidth > el.clientWidth + 2;
            if (el.tagName === "BUTTON" && isShort && el.clientHeight) faults.push(`${name} is cut off`);
          }
          for (const el of document.querySelectorAll(".pk-live :is(.widget-label, .widget-label-basic)")) {
            if (!el.checkVisibility() || getComputedStyle(el).overflow === "visible") continue;
            const name = el.textContent.slice(0, 40);
            if (el.scrollWidth > el.clientWidth + 2) faults.push(`the label ${name} is cut off`);
          }
          return faults;
        }"""
    )
    return found


@pytest.fixture
def reader(chromium: Browser, project: Path) -> Iterator[Callable[..., Reader]]:
    """Give a new reader of what stands at an address at each call."""
    contexts = []

    def new(address: str, language: str, size: str) -> Reader:
        width, height = SIZES[size]
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, locale="id-ID"))
        return Reader(contexts[-1].new_page(), address, project, language, size)

    yield new
    for context in contexts:
        for page in context.pages:
            page.close(run_before_unload=True)  # which lets the server stop the kernel
        context.close()


@pytest.mark.parametrize(("language", "size"), MATRIX)
def test_the_pages_around_the_apps(reader, house, language, size):
    visitor = reader(house.address, language, size)
    for path, name in (("/", "start"), ("/nothing", "nothing"), ("/survey", "ways-in")):
        visitor.open(path)
        visitor.look(name)
    visitor.open("/survey/signin")
    visitor.page.locator("input[name=name]").fill("nobody")
    visitor.page.locator("input[name=password]").fill("nothing")
    visitor.page.locator("main form button").click()
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    visitor.look("signin-refused")


@pytest.mark.parametrize(
    "app", [pytest.param(app, marks=[] if app == "policy" else pytest.mark.slow) for app in TABS]
)
@pytest.mark.parametrize(("language", "size"), MATRIX)
def test_an_app_and_every_tab_of_it(reader, apps_address, language, size, app):
    visitor = reader(apps_address, language, size)
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
def test_a_form_from_the_list_to_the_receipt(reader, house, language, size):
    visitor = reader(house.address, language, size)
    page = visitor.page
    visitor.sign_in("siti")
    visitor.look("forms")
    visitor.begin("usaha")
    page.get_by_label(SAID["workers"][language]).fill("-1")
    page.get_by_label(SAID["workers"][language]).press("Tab")
    expect(page.get_by_text(SAID["not below zero"][language]).first).to_be_visible()
    visitor.look("form-wrong")
    page.get_by_label(SAID["workers"][language]).fill("4")
    page.get_by_label(SAID["owner"][language]).fill("Ibu Aminah")
    visitor.press("next")
    visitor.look("form-next")
    visitor.press("check")
    page.wait_for_selector(".pk-status[data-state=saved]")
    visitor.look("form-review")
    visitor.press("send")
    page.wait_for_url("**/survey/receipt/*")
    visitor.look("receipt")


@pytest.mark.slow
@pytest.mark.parametrize(("language", "size"), MATRIX)
def test_the_experts_panel_and_its_contradiction(reader, house, language, size):
    visitor = reader(house.address, language, size)
    visitor.sign_in("siti")
    visitor.begin("ahp_panel")
    visitor.page.locator(".pk-form-frame input[type=radio]:visible").first.check()
    visitor.look("panel")
    for degree in (0, 8, 0):
        visitor.press("next")
        visitor.page.locator(".pk-form-frame input[type=radio]:visible").nth(degree).check()
    visitor.press("next")
    visitor.look("panel-contradiction")


def look_at_the_first_visit(page: Page, said: dict[str, str]) -> None:
    page.get_by_label(said["form"], exact=True).select_option(label="Kunjungan usaha")
    page.get_by_label(said["one"]).locator("option").nth(1).wait_for(state="attached", timeout=WAIT_MS)
    page.get_by_label(said["one"]).select_option(index=1)
    expect(page.locator("#pk-answers")).to_be_visible(timeout=WAIT_MS)


@pytest.mark.slow
@pytest.mark.parametrize(("language", "size"), MATRIX)
def test_the_supervisors_app_from_the_first_page_to_a_decision_a_correction_and_a_file(
    reader, house, language, size
):
    visitor, said = reader(house.address, language, size), SUPERVISED[language]
    page = visitor.page
    visitor.sign_in("ratna")
    page.route("**/api/kernels/**", lambda route: route.abort())  # the page before anything lives
    visitor.open("/supervise")
    expect(page.locator("#pk-first #pk-forms")).to_be_visible(timeout=WAIT_MS)
    visitor.look("supervise-first")
    page.unroute("**/api/kernels/**")
    visitor.open_app("/supervise")
    visitor.look("supervise")
    look_at_the_first_visit(page, said)
    for summary in page.locator(".pk-live summary:visible").all():
        summary.click()
    visitor.look("supervise-one")
    button = page.get_by_role("button", name=said["reject"], exact=True)
    button.click()
    expect(page.get_by_role("alert")).to_be_in_viewport(timeout=WAIT_MS)  # beside the button
    visitor.look("supervise-why")
    page.get_by_label(said["comment"], exact=True).fill("?")
    page.get_by_role("button", name=said["issues"], exact=True).click()
    expect(page.locator(".pk-said [role=status]")).to_contain_text(said["issues"], timeout=WAIT_MS)
    expect(page.locator(".pk-said [role=status] p")).to_be_in_viewport()
    visitor.look("supervise-decided")
    page.get_by_label(said["reason"]).fill("?")
    page.get_by_label(said["reason"]).press("Tab")
    page.get_by_role("button", name=said["open"], exact=True).click()
    page.wait_for_selector(".pk-live .pk-form input", timeout=WAIT_MS)
    visitor.look("supervise-correction")
    with page.expect_download():
        page.get_by_role("button", name="ODK Central (zip)").click()
    expect(page.get_by_text(said["told"])).to_be_visible(timeout=WAIT_MS)
    visitor.look("supervise-file")


def reach(page: Page, goal: Locator, *, most: int = 60) -> None:
    """Press Tab until a control has the focus; every stop on the way shows that it has it."""
    for _ in range(most):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS_FAULT) == ""
        if goal.evaluate("goal => goal === document.activeElement || goal.contains(document.activeElement)"):
            return
    raise AssertionError(f"Tab does not reach {goal}")


@pytest.mark.slow
def test_a_form_with_keys_alone(reader, house):
    visitor = reader(house.address, "id", "phone")
    page = visitor.page
    visitor.open("/survey/signin")
    reach(page, page.locator(".pk-skip"))
    page.keyboard.press("Enter")
    reach(page, page.locator("input[name=name]"))  # and no more of the head of the page
    page.keyboard.type("siti")
    reach(page, page.locator("input[name=password]"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/survey")
    reach(page, page.locator("button[name=form][value=usaha]"))
    page.keyboard.press("Enter")
    page.wait_for_selector(".pk-form-frame")
    reach(page, page.get_by_label(SAID["owner"]["id"]))
    page.keyboard.type("Ibu Aminah")
    reach(page, page.get_by_label("Ya", exact=True))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Belum", exact=True)).to_be_checked()
    for name in ("next", "check", "send"):
        button = page.get_by_role("button", name=SAID[name]["id"], exact=True).last
        expect(button).to_be_visible()
        reach(page, button)
        page.keyboard.press("Enter")
    page.wait_for_url("**/survey/receipt/*")


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_the_main_task_of_each_app_with_keys_alone(reader, apps_address, size):
    visitor = reader(apps_address, "id", size)
    page = visitor.page

    visitor.open_app("/policy")
    reach(page, page.locator(".pk-skip"))
    page.keyboard.press("Enter")
    reach(page, page.get_by_role("tab").first)
    found = page.locator(".pk-live .pk-panel:visible .pk-finding")
    expect(found).to_contain_text("Desa yang dibantu: 30", timeout=WAIT_MS)
    reach(page, page.get_by_role("slider", name="Jumlah desa paling banyak"))
    page.keyboard.press("Home")
    expect(found).to_contain_text("Desa yang dibantu: 1 dari", timeout=WAIT_MS)

    visitor.open_app("/products")
    reach(page, page.get_by_label("Kecamatan", exact=True))
    page.keyboard.type("Tarumajaya")
    villages = page.get_by_label("Desa/kelurahan", exact=True).locator("option")
    expect(villages).to_have_count(9, timeout=WAIT_MS)  # those of Tarumajaya, and all of them together
    reach(page, page.get_by_label("Desa/kelurahan", exact=True))
    page.keyboard.type("Setia Asih")
    expect(page.locator(".pk-live #pk-village")).to_contain_text("Setia Asih", timeout=WAIT_MS)

    visitor.open_app("/findings")
    reach(page, page.get_by_role("tab").first)
    reach(page, page.get_by_role("option", name="Setia Asih"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".pk-live .pk-chosen")).to_contain_text("Buka halamannya", timeout=WAIT_MS)
    reach(page, page.get_by_role("link", name="Buka halamannya"))
    page.keyboard.press("Enter")
    expect(page.locator(".pk-live #pk-village")).to_contain_text("Yang membedakan desa ini", timeout=WAIT_MS)


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_a_supervisor_decides_and_takes_a_file_with_keys_alone(reader, house, size):
    visitor, said = reader(house.address, "id", size), SUPERVISED["id"]
    page = visitor.page
    visitor.sign_in("ratna")
    visitor.open_app("/supervise")
    reach(page, page.get_by_label(said["form"], exact=True))
    page.keyboard.type("Kunjungan")
    one = page.get_by_label(said["one"])
    expect(one.locator("option")).not_to_have_count(1, timeout=WAIT_MS)
    reach(page, page.get_by_role("link", name="Kiriman"))
    page.keyboard.press("Enter")  # past the villages
    reach(page, one)
    page.keyboard.press("ArrowDown")
    expect(page.locator("#pk-answers")).to_be_visible(timeout=WAIT_MS)
    reach(page, page.get_by_role("button", name=said["reject"], exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_in_viewport(timeout=WAIT_MS)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_label(said["comment"], exact=True)).to_be_focused()
    page.keyboard.type("Umur pemilik keliru")
    reach(page, page.get_by_role("button", name=said["issues"], exact=True))
    page.keyboard.press("Enter")
    expect(page.locator(".pk-said [role=status]")).to_contain_text(said["issues"], timeout=WAIT_MS)
    reach(page, page.get_by_role("button", name="SPSS (zip)"))
    with page.expect_download():
        page.keyboard.press("Enter")


@pytest.mark.slow
def test_the_language_chosen_on_the_first_page_goes_with_the_visitor(reader, apps_address):
    page = reader(apps_address, "id", "phone").page
    page.goto(apps_address)
    page.get_by_role("link", name="English").click()
    page.get_by_role("link", name="Which help for villages works").click()
    expect(page.locator("#pk-first h1, .pk-live h1").first).to_contain_text("Which help for villages works")
    page.wait_for_selector("body.pk-swapped", timeout=FIRST_MS)
    expect(page.locator(".pk-live")).to_have_attribute("lang", "en")
    expect(page.locator(".pk-live h1")).to_contain_text("Which help for villages works")
    with page.expect_response("**/?language=id"):
        page.get_by_role("button", name="Indonesia").click()
    expect(page.locator(".pk-live h1")).to_contain_text("Bantuan mana yang berhasil")
    page.goto(f"{apps_address}/nothing")
    expect(page.get_by_role("heading")).to_have_text("Halaman ini tidak ada")
