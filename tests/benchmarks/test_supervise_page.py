"""How long a supervisor waits for something to read, and for the controls, of the supervise app.

Each visit is of a browser that has never been there, signed in already, over loopback with a warm
server; the kernel of a visit is begun by the visit, since it has to know for whom it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pytest
from benchmarks.waiting import until, wait_until_quiet
from browser.conftest import SIZES
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_benchmark.fixture import BenchmarkFixture
from pyxform.xls2xform import convert
from survey_server import PASSWORD, RESEARCHER, SurveyHouse, survey_house

from pk_research.store.actors import Actor, Role
from pk_research.survey import parse_form

VISITS = 5
N_SUBMISSIONS = 200
FORM = """
| survey   |
|          | type    | name         | label                |
|          | text    | village_code | Kode desa            |
|          | integer | workers      | Berapa orang bekerja? |
| settings |
|          | form_id   | version | form_title      |
|          | kunjungan | 1       | Kunjungan usaha |
"""
CLOCK = """(() => {
  const clock = { read: null, live: null };
  window.pkClock = clock;
  const look = () => {
    const text = document.body ? document.body.innerText : "";
    const isRead = /Kunjungan usaha|sudah menjawab/.test(text);
    if (clock.read === null && isRead) clock.read = performance.now();
    const isLive = document.querySelector("body.pk-swapped .pk-live");
    if (clock.live === null && isLive) clock.live = performance.now();
    if (clock.live === null) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()"""


@pytest.fixture(scope="module")
def house(
    chromium: Browser, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SurveyHouse]:
    """A server whose store holds two hundred visits to the villages of the register."""
    with survey_house(tmp_path_factory.mktemp("supervise"), project=project) as house:
        xform = convert(xlsform=FORM, pretty_print=False).xform
        house.store.forms.publish(xform, by=RESEARCHER)
        form, sender = parse_form(xform), Actor("account", "a-siti", Role.ENUMERATOR)
        for number in range(N_SUBMISSIONS):
            session = form.start()
            session.answer("/data/village_code", f"32160120{1 + number % 8:02}")
            session.answer("/data/workers", str(1 + number % 7))
            house.store.submissions.receive(session.finish(), by=sender, via="survey")
        yield house


def signed_in(chromium: Browser, house: SurveyHouse) -> BrowserContext:
    width, height = SIZES["phone"]
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="id-ID")
    page = context.new_page()
    page.goto(f"{house.address}/survey/signin")
    page.get_by_role("textbox", name="Nama").fill("ratna")
    page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url(f"{house.address}/survey")
    page.close()
    context.add_init_script(CLOCK)
    return context


@pytest.mark.benchmark(group="supervise: the page opened on a phone")
def test_opening_the_page(
    benchmark: BenchmarkFixture, chromium: Browser, house: SurveyHouse, tabulate: Callable[..., None]
) -> None:
    """The round is the wait for the first form by name; the table adds the wait for the controls."""
    read_ms: list[float] = []
    live_ms: list[float] = []
    opened: list[Page] = []

    def note() -> None:
        if opened:
            page = opened.pop()
            live_ms.append(until(page, "window.pkClock.live", timeout_s=60))
            read_ms.append(page.evaluate("window.pkClock.read"))
            page.close(run_before_unload=True)  # which lets Voila stop the kernel
            page.context.close()

    def prepare() -> tuple[tuple[Page], dict]:
        note()
        page = signed_in(chromium, house).new_page()
        wait_until_quiet()
        return (page,), {}

    def visit(page: Page) -> None:
        page.goto(f"{house.address}/supervise", wait_until="commit")
        until(page, "window.pkClock?.read", timeout_s=60)
        opened.append(page)

    benchmark.pedantic(visit, setup=prepare, rounds=VISITS, warmup_rounds=1)
    note()
    read, live = read_ms[1:], live_ms[1:]
    assert len(read) == VISITS
    tabulate(
        f"supervise: {VISITS} visits with {N_SUBMISSIONS} submissions, medians",
        "supervise",
        **{
            "ms to first form": round(median(read)),
            "from-to": f"{min(read):.0f}-{max(read):.0f}",
            "ms to controls": round(median(live)),
        },
    )
