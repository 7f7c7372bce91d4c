"""`pk start`, as `make start` runs it: everything prepared, served, stopped, and quick the next time."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import psutil
import pytest
from ports import free_port

from pk_research.settings import Settings
from pk_research.store import open_store
from pk_research.workbench import run_notebooks
from pk_research.writing import MADE

UP_WITHIN_S = 600
NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("[0-9]*.ipynb"))


def processes_of(home: Path) -> list[psutil.Process]:
    """Everything that still runs for a house: servers and kernels carry its folder with them."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("PK_HOME") == str(home):
                found.append(process)
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return found


def listen_to_stops() -> None:
    """Undo what a shell does to programs in the background: they ignore Ctrl-C, and so would ours."""
    for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(stop, signal.SIG_DFL)


def start(command: list[str], environment: dict[str, str], **streams: IO[str] | int) -> subprocess.Popen[str]:
    return subprocess.Popen(command, env=environment, text=True, preexec_fn=listen_to_stops, **streams)  # noqa: PLW1509


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[str], Path, str]]:
    home = tmp_path_factory.mktemp("home")
    environment = {**os.environ, "PK_HOME": str(home)}
    for name in ("PK_DATABASE_URL", "PK_BOUNDARIES"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "pk_research", "start"]
    command += ["--apps-port", str(free_port()), "--lab-port", str(free_port())]
    log = home / "start.log"
    with log.open("w", encoding="utf-8") as file:
        process = start(command, environment, stdout=file, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + UP_WITHIN_S
        while "Ctrl-C stops everything" not in log.read_text(encoding="utf-8"):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.5)
        yield process, home, log.read_text(encoding="utf-8")
    finally:
        for left in processes_of(home):
            left.kill()
        process.wait()


def addresses(printed: str) -> tuple[str, str]:
    apps, lab = re.findall(r"http://127\.0\.0\.1:\S+", printed)
    return apps, lab


def test_it_says_what_it_did_and_what_to_open(started):
    _, home, printed = started
    assert "loaded  register@1" in printed
    assert "loaded  village_survey_made@1" in printed
    assert len(list((home / "notebooks").glob("*.html"))) == len(NOTEBOOKS)
    assert "village_potential" in printed.partition("forms   ")[2].splitlines()[0]
    assert all(address.startswith("http://127.0.0.1:") for address in addresses(printed))


def test_every_notebook_ran_and_is_current(started, monkeypatch):
    _, home, _ = started
    monkeypatch.setenv("PK_HOME", str(home))
    settings = Settings(NOTEBOOKS[0].parents[1], home, f"sqlite:///{home / 'store.sqlite'}", None)
    runs = run_notebooks(NOTEBOOKS, settings=settings, store=open_store(settings.database_url))
    assert [run.was_cached for run in runs] == [True] * len(NOTEBOOKS)
    for run in runs:
        page = run.page.read_text(encoding="utf-8")
        assert "Traceback" not in page
        assert "image/png" in page or "data:image" in page
        fetched = r'(?:src|href)="(?!#|data:|\d\d-[\w-]+\.html")[^"]*"|import\(|url\(["\']?http'
        assert re.findall(fetched, page) == []
    assert MADE in runs[-1].page.read_text(encoding="utf-8")


def test_the_apps_are_open_and_readable_without_a_script(started):
    apps, _ = addresses(started[2])
    start_page = urllib.request.urlopen(apps).read().decode()
    assert 'href="' in start_page
    assert "findings" in start_page
    page = urllib.request.urlopen(f"{apps}findings").read().decode()
    assert 'lang="id"' in page
    assert "Tarumajaya" in page
    assert "buatan" in page.lower()


def test_the_lab_asks_for_its_token(started):
    _, lab = addresses(started[2])
    address, _, token = lab.partition("?token=")
    api = address.replace("/lab/tree/notebooks", "/api/contents/notebooks")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(api)
    assert refused.value.code == 403
    listed = json.load(urllib.request.urlopen(f"{api}?token={token}"))
    assert "01-the-villages.ipynb" in {entry["name"] for entry in listed["content"]}


def test_starting_again_changes_nothing_that_is_there(started):
    _, home, _ = started
    pages = {path: path.stat().st_mtime_ns for path in (home / "notebooks").glob("*.html")}
    kept = open_store(f"sqlite:///{home / 'store.sqlite'}").datasets()
    again = subprocess.run(
        [sys.executable, "-m", "pk_research", "start", "--prepare-only"],
        env={**os.environ, "PK_HOME": str(home)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert again.stdout.count("(unchanged)") == len(NOTEBOOKS)
    assert "loaded" not in again.stdout
    assert {path: path.stat().st_mtime_ns for path in pages} == pages
    assert open_store(f"sqlite:///{home / 'store.sqlite'}").datasets() == kept


def test_ctrl_c_stops_everything_it_started(started):
    process, home, _ = started
    assert len(processes_of(home)) >= 3
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    deadline = time.monotonic() + 30
    while processes_of(home) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert processes_of(home) == []


def environment_of(home: Path) -> dict[str, str]:
    return {**os.environ, "PK_HOME": str(home)}


def wait_for(what: Callable[[], object], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + UP_WITHIN_S
    while not what():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGTERM, 0), (signal.SIGHUP, 130)])
def test_a_service_manager_or_a_closed_terminal_stops_it_too(tmp_path, stop, code):
    """Without a terminal a hang-up begins anew, which `tests/test_serving_restart.py` looks at."""
    _, terminal = pty.openpty()
    command = [sys.executable, "-m", "pk_research", "apps", "--apps-port", str(free_port())]
    log = tmp_path / "apps.log"
    with log.open("w", encoding="utf-8") as file:
        process = start(command, environment_of(tmp_path), stdin=terminal, stdout=file, stderr=file)
    wait_for(lambda: "Ctrl-C stops everything" in log.read_text(encoding="utf-8"), process)
    assert len(processes_of(tmp_path)) >= 2
    process.send_signal(stop)
    assert process.wait(timeout=60) == code
    assert processes_of(tmp_path) == []


def test_ctrl_c_while_a_kernel_starts_is_quiet_and_leaves_none(tmp_path):
    command = [sys.executable, "-m", "pk_research", "notebooks", "01"]
    process = start(command, environment_of(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wait_for(lambda: len(processes_of(tmp_path)) > 1, process)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60)[1] == ""
    assert process.returncode == 130
    assert processes_of(tmp_path) == []
