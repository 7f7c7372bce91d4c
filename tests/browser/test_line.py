"""What goes along the line between an app's page and its kernel: little to begin with."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from tests.browser.conftest import serving, settings_in, write_app

FIRST_MS = 90_000  # a kernel begins
LATE_TIMERS = """
    const waitFor = window.setTimeout;
    window.setTimeout = (then, ms, ...more) => waitFor(then, ms === 100 ? 3000 : ms, ...more);
"""
APP = """
import ipywidgets as widgets
page = widgets.VBox([widgets.Label(f"label {number}") for number in range(30)])
page.add_class("pk-live")
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server whose one app has many widgets."""
    home = tmp_path_factory.mktemp("labels")
    write_app(home, "labels", "Label", APP)
    with serving(settings_in(home, project=home)) as address:
        yield address


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    page = context.new_page()
    yield page
    page.close(run_before_unload=True)
    context.close()


def kind(frame: bytes) -> str:
    """Return the type of a message, as Jupyter's protocol `v1.kernel.websocket.jupyter.org` packs it."""
    count = int.from_bytes(frame[:8], "little")
    offsets = [int.from_bytes(frame[8 * n : 8 * n + 8], "little") for n in range(1, count + 1)]
    header: dict[str, str] = json.loads(frame[offsets[1] : offsets[2]])
    return header["msg_type"]


def test_a_page_asks_for_all_widgets_at_once(page: Page, address: str) -> None:
    """Not for each by itself: what is made while it asks would be missing, and a slow line waits for each."""
    asked: list[str] = []

    def listen(line: WebSocket) -> None:
        line.on("framesent", lambda frame: asked.append(kind(bytes(frame))))

    page.on("websocket", listen)
    page.goto(f"{address}/labels", wait_until="commit")
    expect(page.get_by_text("label 29")).to_be_visible(timeout=FIRST_MS)
    assert asked == ["kernel_info_request", "comm_open", "comm_msg", "comm_close"]


def test_widgets_are_found_on_a_phone_whose_timers_are_late(page: Page, address: str) -> None:
    """Widgets are waited for in steps of 100 ms; they may come during a step after which time is up."""
    page.add_init_script(LATE_TIMERS)
    page.goto(f"{address}/labels", wait_until="commit")
    expect(page.get_by_text("label 29")).to_be_visible(timeout=FIRST_MS)
