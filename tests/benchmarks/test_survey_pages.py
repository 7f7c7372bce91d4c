"""How long a visitor with a phone waits for a form, and for the question an answer brings up.

The same fifteen questions are served by our survey app, by our widget in Voila, by ipywidgets in stock
Voila and by Streamlit. All clocks run inside the page, so that steering the browser is not measured;
every load is of a browser that has never been there, over loopback, with warm servers and kernels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import pytest
from benchmarks.survey_sites import SITES, Address
from benchmarks.waiting import until, wait_until_quiet
from browser.conftest import SIZES
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_benchmark.fixture import BenchmarkFixture

LOADS = 7
TOGGLES = 4
BROUGHT_UP = "Berapa nomor izinnya?"
WIDTH, HEIGHT = SIZES["phone"]

CLOCK = """(() => {
  const TYPED = "Ibu Aminah";
  const clock = { usable: null, typings: 0, isTyping: true };
  window.pkClock = clock;

  const isUsable = (input) => {
    const box = input.getBoundingClientRect();
    const isOnTop = () => document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2) === input;
    return !input.disabled && !input.readOnly && box.width > 0 && box.height > 0 && isOnTop();
  };
  clock.field = () => [...document.querySelectorAll("input[type=text]")].find(isUsable);
  clock.isKept = () => clock.field()?.value === TYPED;

  // Typed as soon as a person could, and again should it be lost: the last time is the one that counts.
  const look = () => {
    const field = clock.field();
    if (field && field.value !== TYPED) {
      field.focus();
      field.select();
      document.execCommand("insertText", false, TYPED);
      clock.usable = performance.now();
      clock.typings += 1;
    }
    if (clock.isTyping) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);

  // From the click to the frame that shows, or no longer shows, a text.
  clock.await = (text, isShown) => {
    clock.waited = null;
    let begun = null;
    addEventListener("click", (event) => { begun = event.timeStamp; }, { capture: true, once: true });
    const watch = () => {
      if (begun === null || document.body.innerText.includes(text) !== isShown) requestAnimationFrame(watch);
      else clock.waited = performance.now() - begun;
    };
    requestAnimationFrame(watch);
  };
})()"""


@dataclass
class Traffic:
    """What a page fetched."""

    requests: int = 0
    received: int = 0

    def watch(self, page: Page) -> None:
        tools = page.context.new_cdp_session(page)
        tools.send("Network.enable")
        tools.on("Network.requestWillBeSent", self._asked)
        tools.on("Network.loadingFinished", self._arrived)
        tools.on("Network.webSocketFrameReceived", self._told)

    def _asked(self, event: dict) -> None:
        self.requests += event["request"]["url"].startswith("http")

    def _arrived(self, event: dict) -> None:
        self.received += int(event["encodedDataLength"])

    def _told(self, event: dict) -> None:
        self.received += len(event["response"]["payloadData"])


@dataclass
class Visits:
    """The visits to one site: each by a new browser, closed before the next."""

    browser: Browser
    address: Address
    context: BrowserContext | None = None
    traffic: Traffic = field(default_factory=Traffic)
    usable_ms: list[float] = field(default_factory=list)
    shown_ms: list[float] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    received: list[int] = field(default_factory=list)

    def prepare(self) -> tuple[tuple[Page, str], dict]:
        self.close()
        self.context = self.browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT}, locale="id-ID", is_mobile=True, has_touch=True
        )
        self.context.add_init_script(CLOCK)
        page, address = self.context.new_page(), self.address(self.context)
        self.traffic = Traffic()
        self.traffic.watch(page)
        wait_until_quiet()
        return (page, address), {}

    def load(self, page: Page, address: str) -> None:
        page.goto(address, wait_until="commit")
        until(page, "window.pkClock?.usable")

    def note(self, page: Page) -> None:
        """Note what this visit took, once nothing is under way any more."""
        page.wait_for_load_state("networkidle", timeout=15_000)
        wait_until_quiet()
        assert page.evaluate("pkClock.isKept()"), "what was typed is gone"
        page.evaluate("pkClock.isTyping = false")
        self.usable_ms.append(page.evaluate("pkClock.usable"))
        self.requests.append(self.traffic.requests)
        self.received.append(self.traffic.received)
        for _ in range(TOGGLES):
            self.shown_ms.append(self.answer(page, "Ya", is_shown=True))
            self.answer(page, "Belum", is_shown=False)

    def answer(self, page: Page, choice: str, *, is_shown: bool) -> float:
        page.evaluate(f"pkClock.await({BROUGHT_UP!r}, {'true' if is_shown else 'false'})")
        page.get_by_text(choice, exact=True).first.click()
        return until(page, "pkClock.waited")

    def close(self) -> None:
        if self.context is not None:
            for page in self.context.pages:
                page.close(run_before_unload=True)  # which lets Voila stop the kernel
            self.context.close()
            self.context = None


@pytest.fixture(scope="module", params=SITES)
def site(
    request: pytest.FixtureRequest, chromium: Browser, project: Path, tmp_path_factory
) -> Iterator[tuple[str, Address]]:
    with SITES[request.param](tmp_path_factory.mktemp("site"), project) as address:
        yield request.param, address


@pytest.mark.benchmark(group="survey: a form of fifteen questions opened on a phone")
def test_opening_a_form(
    benchmark: BenchmarkFixture, chromium: Browser, site: tuple[str, Address], tabulate: Callable[..., None]
) -> None:
    name, address = site
    visits = Visits(chromium, address)
    opened: list[Page] = []

    def prepare() -> tuple[tuple[Page, str], dict]:
        if opened:
            visits.note(opened[-1])
        return visits.prepare()

    def load(page: Page, address: str) -> None:
        visits.load(page, address)
        opened.append(page)

    benchmark.pedantic(load, setup=prepare, rounds=LOADS, warmup_rounds=1)
    visits.note(opened[-1])
    visits.close()
    first, *counted = visits.usable_ms
    assert len(counted) == LOADS
    tabulate(
        f"survey pages: {LOADS} first visits each with a warm server, medians",
        name,
        **{
            "ms to usable": round(median(counted)),
            "from-to": f"{min(counted):.0f}-{max(counted):.0f}",
            "very first": round(first),
            "ms yes to question": round(median(visits.shown_ms[TOGGLES:])),
            "its worst": round(max(visits.shown_ms[TOGGLES:])),
            "kB": round(median(visits.received[1:]) / 1000),
            "requests": round(median(visits.requests[1:])),
        },
    )
