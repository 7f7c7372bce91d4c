"""One apps server and one Chromium for all browser tests; without Chromium they are skipped."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, Page, sync_playwright

from pk_research import sample
from pk_research.apps.serve import write_first_pages
from pk_research.settings import Settings
from pk_research.store import open_store
from pk_research.workbench import apps_server, serve

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"wide": (1280, 900), "phone": (360, 740)}


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """Run an apps server on a free port; its address without a slash at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = apps_server(settings, ip="127.0.0.1", port=port)
    with serve([server]):
        yield server.address.rstrip("/")


def settings_in(home: Path, *, project: Path) -> Settings:
    return Settings(project, home, f"sqlite:///{home / 'store.sqlite'}", boundaries=None)


def write_app(home: Path, name: str, title: str, code: str) -> None:
    """Write the notebook of an app of one cell."""
    folder = home / "notebooks" / "apps"
    folder.mkdir(parents=True)
    kernelspec = {"name": "python3", "display_name": "", "language": "python"}
    notebook = new_notebook(cells=[new_code_cell(code)], metadata={"title": title, "kernelspec": kernelspec})
    nbformat.write(notebook, folder / f"{name}.ipynb")


@pytest.fixture(scope="session")
def apps_address(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running apps server on the made sample."""
    settings = settings_in(tmp_path_factory.mktemp("home"), project=project)
    store = open_store(settings.database_url)
    store.keep(sample.load_sample())
    write_first_pages(settings, store)
    with serving(settings) as address:
        yield address


@pytest.fixture
def broken_address(tmp_path: Path) -> Iterator[str]:
    """The address of a server whose one app fails when its notebook is run."""
    write_app(tmp_path, "broken", "Aplikasi rusak", "raise RuntimeError('secret detail')")
    with serving(settings_in(tmp_path, project=tmp_path)) as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: `apt-get install chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page and everything it asked for and complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture
def visit(request: pytest.FixtureRequest, chromium: Browser, apps_address: str) -> Iterator[Visit]:
    """The findings app opened on a screen of the size a test asks for; nothing may be complained about."""
    width, height = SIZES[request.param]
    context = chromium.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
    visit = Visit(context.new_page())
    visit.page.on("request", lambda asked: visit.requests.append(asked.url))
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on(
        "console", lambda said: visit.complaints.append(said.text) if said.type == "error" else None
    )
    visit.page.goto(f"{apps_address}/findings", wait_until="commit")
    yield visit
    visit.page.close(run_before_unload=True)  # which lets the server stop the kernel
    context.close()
    assert visit.complaints == []


@pytest.fixture
def live(visit: Visit) -> Page:
    """The findings app once its controls can be used."""
    visit.page.wait_for_selector("body.pk-swapped", timeout=60_000)
    return visit.page


@pytest.fixture
def keep_picture(request: pytest.FixtureRequest, project: Path) -> Callable[[Page, str], None]:
    """Keep a screenshot as test output, under ``PK_TEST_OUTPUT`` or ``workspace/screenshots``."""
    folder = Path(os.environ.get("PK_TEST_OUTPUT") or project / "workspace" / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    size = request.node.callspec.params["visit"]

    def keep(page: Page, name: str) -> None:
        page.screenshot(path=folder / f"findings-{name}-{size}.png", full_page=True)

    return keep
