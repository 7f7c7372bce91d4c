"""How long a visitor waits for the findings, and for the answer to a choice; and what a visitor costs.

The same types of the same villages, drawn by the same functions, are served by our app, by ipywidgets in
stock Voila, by Streamlit and by Panel, over loopback, warm, each visit by a browser that was never there.
A choice is made as soon as its control takes it; one that is lost and made again counts as waiting.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pytest
from benchmarks.findings_sites import SITES, Site
from benchmarks.waiting import wait_until_quiet
from browser.conftest import SIZES
from playwright.sync_api import Browser, BrowserContext, Error, Page
from pytest_benchmark.fixture import BenchmarkFixture

VISITS, TOGETHER = 7, 4
WIDTH, HEIGHT = SIZES["wide"]
FOUND = re.compile(r"^\d+ desa/kelurahan(,| tidak terpisah)")


@pytest.fixture(scope="module", params=SITES)
def site(
    request: pytest.FixtureRequest, chromium: Browser, project: Path, tmp_path_factory
) -> Iterator[tuple[str, Site]]:
    with SITES[request.param](tmp_path_factory.mktemp("site"), project) as found:
        yield request.param, found


def new_visitor(chromium: Browser) -> BrowserContext:
    return chromium.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="id-ID")


def since_navigation_ms(page: Page) -> float:
    return float(page.evaluate("performance.now()"))


def answered_ms(page: Page, site: Site, k: int) -> float:
    """Choose until the answer is there; the time of that since navigation."""
    answer = page.get_by_text(re.compile(rf"^\d+ desa/kelurahan, {k} tipe$"))
    for _ in range(40):
        try:
            site.choose(page, k)
            answer.first.wait_for(timeout=1_500)
        except Error:
            continue
        return since_navigation_ms(page)
    raise AssertionError(f"{k} types are not shown")


@pytest.mark.benchmark(group="findings: opened, and a number of types chosen")
def test_opening_the_findings(
    benchmark: BenchmarkFixture, chromium: Browser, site: tuple[str, Site], tabulate: Callable[..., None]
) -> None:
    name, found = site
    seen_ms, answer_ms, again_ms, received = [], [], [], []
    contexts: list[BrowserContext] = []

    def prepare() -> tuple[tuple[Page], dict]:
        leave(contexts)
        contexts.append(new_visitor(chromium))
        page = contexts[-1].new_page()
        tools = page.context.new_cdp_session(page)
        tools.send("Network.enable")
        received.append(0)
        tools.on("Network.loadingFinished", lambda event: add(int(event["encodedDataLength"])))
        tools.on("Network.webSocketFrameReceived", lambda event: add(len(event["response"]["payloadData"])))
        wait_until_quiet()
        return (page,), {}

    def add(n_bytes: int) -> None:
        received[-1] += n_bytes

    def visit(page: Page) -> None:
        page.goto(found.address, wait_until="commit")
        page.get_by_text(FOUND).first.wait_for(timeout=60_000)
        seen_ms.append(since_navigation_ms(page))
        answer_ms.append(answered_ms(page, found, 4))
        before = since_navigation_ms(page)
        again_ms.append(answered_ms(page, found, 5) - before)

    benchmark.pedantic(visit, setup=prepare, rounds=VISITS, warmup_rounds=1)
    leave(contexts)
    tabulate(
        f"findings pages: {VISITS} first visits each with a warm server, medians",
        name,
        **{
            "ms to findings": round(median(seen_ms[1:])),
            "ms to first answer": round(median(answer_ms[1:])),
            "from-to": f"{min(answer_ms[1:]):.0f}-{max(answer_ms[1:]):.0f}",
            "ms next answer": round(median(again_ms[1:])),
            "kB": round(median(received[1:]) / 1000),
        },
    )


@pytest.mark.benchmark(group="findings: visitors at the same time")
def test_what_a_visitor_costs(
    benchmark: BenchmarkFixture, chromium: Browser, site: tuple[str, Site], tabulate: Callable[..., None]
) -> None:
    """MiB that the server holds for each of the visitors after the first, who stay."""
    name, found = site
    contexts: list[BrowserContext] = []

    def come() -> None:
        contexts.append(new_visitor(chromium))
        page = contexts[-1].new_page()
        page.goto(found.address, wait_until="commit")
        answered_ms(page, found, 4)

    come()
    wait_until_quiet()
    one = found.used_mib()
    benchmark.pedantic(come, rounds=TOGETHER)
    wait_until_quiet()
    per_visitor = (found.used_mib() - one) / TOGETHER
    for context in contexts:
        leave([context])
    tabulate(
        f"findings pages: memory with {TOGETHER} visitors after the first",
        name,
        **{"MiB with one": round(one), "MiB for each further": round(per_visitor, 1)},
    )


def leave(contexts: list[BrowserContext]) -> None:
    """Close what is open, as a visitor does, so that a server may stop what it runs for them."""
    while contexts:
        context = contexts.pop()
        for page in context.pages:
            page.close(run_before_unload=True)
        context.close()
