"""Make docs/findings.png: the findings app on the made sample, as a visitor sees it."""

from __future__ import annotations

import shutil
import socket
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from pk_research import sample
from pk_research.apps.serve import write_first_pages
from pk_research.settings import Settings, read_settings
from pk_research.store import open_store
from pk_research.workbench import apps_server, serve

PICTURE = Path(__file__).with_name("findings.png")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
SIZE = {"width": 1280, "height": 900}


def main() -> None:
    """Serve the app from an empty home, open it, and take its picture."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit("Chromium is needed: `apt-get install chromium`")
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings({"PK_HOME": folder})
        prepare(settings)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        server = apps_server(settings, ip="127.0.0.1", port=port)
        with serve([server]):
            take_picture(f"{server.address}findings", browser)
    print(f"wrote {PICTURE}")


def prepare(settings: Settings) -> None:
    """Put the sample into the store, and write the first page."""
    store = open_store(settings.database_url)
    store.keep(sample.load_sample())
    write_first_pages(settings, store)


def take_picture(address: str, browser: str) -> None:
    """Choose four types, which show more than two, and keep the screen."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page(viewport=SIZE, locale="id-ID")
        page.goto(address)
        page.wait_for_selector("body.pk-swapped", timeout=60_000)
        page.get_by_label("Jumlah tipe").select_option("4")
        page.wait_for_selector(".pk-live .pk-picture .pk-c4")
        page.screenshot(path=PICTURE)
        page.close(run_before_unload=True)
        chromium.close()


if __name__ == "__main__":
    main()
