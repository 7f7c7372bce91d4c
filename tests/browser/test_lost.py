"""What a page says when the kernel behind it has gone, and why."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from pk_research.settings import MIB
from tests.browser.conftest import serving, settings_in, write_app

FIRST_MS = 90_000  # a kernel begins
APP = """
import os
import ipywidgets as widgets

kept = []
fill, end = widgets.Button(description="fill"), widgets.Button(description="end")
fill.on_click(lambda _: kept.append(bytearray(300 * 2**20)))
end.on_click(lambda _: os._exit(1))
page = widgets.VBox([fill, end])
page.add_class("pk-live")
page
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server whose app can be told to fill its memory, or to end."""
    home = tmp_path_factory.mktemp("greedy")
    write_app(home, "greedy", "Greedy", APP)
    with serving(replace(settings_in(home, project=home), kernel_bytes=256 * MIB)) as address:
        yield address


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{address}/greedy", wait_until="commit")
    page.wait_for_selector("body.pk-swapped", timeout=FIRST_MS)
    yield page
    page.close(run_before_unload=True)
    context.close()


def press_and_look(page: Page, address: str, button: str) -> None:
    """Press a button, and come back to the page when its kernel has gone: a page in sight looks by itself."""
    kernel = page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId")
    page.get_by_role("button", name=button).click()
    deadline = time.monotonic() + 30
    while page.request.get(f"{address}/api/kernels/{kernel}").ok:
        assert time.monotonic() < deadline, "the kernel goes on"
        page.wait_for_timeout(200)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@pytest.mark.skipif(sys.platform != "linux", reason="what a kernel holds is told on Linux")
def test_an_app_that_held_too_much_memory_says_so_and_how_to_go_on(page: Page, address: str) -> None:
    press_and_look(page, address, "fill")
    expect(page.get_by_role("alert")).to_contain_text("dihentikan karena memerlukan memori lebih banyak")
    page.get_by_role("link", name="Muat ulang").click()
    page.wait_for_selector("body.pk-swapped", timeout=FIRST_MS)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_an_app_whose_kernel_died_says_that_the_connection_was_lost(page: Page, address: str) -> None:
    press_and_look(page, address, "end")
    expect(page.get_by_role("alert")).to_contain_text("Sambungan")
    expect(page.get_by_role("alert")).not_to_contain_text("memori")
