"""The server is asked to stop, or to begin anew, while phones send: what it acknowledged is kept.

That nothing is lost when it is killed outright is tested in `test_served_exactly_once.py`.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self

import pytest
from ports import free_port
from store_house import SUPERVISOR, filling
from survey_server import SurveyHouse
from test_served_exactly_once import NotYet, served, upload

from pk_research.workbench.ports import holder_of

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no such signals")


@pytest.fixture
def house(project, tmp_path) -> Iterator[SurveyHouse]:
    with served(tmp_path / "home", project, f"sqlite:///{tmp_path / 'store.sqlite'}") as house:
        yield house


@dataclass
class Phones:
    """Phones that send one filling after the other until they are told to stop."""

    house: SurveyHouse
    n: int = 4
    acknowledged: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        invite = self.house.store.access.invite
        tokens = [invite("usaha", by=SUPERVISOR, expires_at=tomorrow).token for _ in range(self.n)]
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self._send, args=(token,)) for token in tokens]

    def _send(self, token: str) -> None:
        while not self.is_over.is_set():
            xml = filling()
            try:
                self.acknowledged[upload(self.house, token, xml)] = xml
            except (NotYet, OSError, http.client.HTTPException, urllib.error.URLError) as error:
                self.refused.append(type(error).__name__)
                time.sleep(0.05)

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    def until(self, n: int) -> None:
        """Wait until so many were acknowledged."""
        deadline = time.monotonic() + 60
        while len(self.acknowledged) < n:
            assert time.monotonic() < deadline, self.refused
            time.sleep(0.02)


def require_kept(house: SurveyHouse, acknowledged: dict[str, str]) -> None:
    kept = [one.xml for one in house.store.submissions.list("usaha", by=SUPERVISOR)]
    assert len(kept) == len(set(kept))
    assert set(acknowledged.values()) <= set(kept)
    assert house.store.audit.verify().faults == ()


def test_a_server_that_is_asked_to_stop_while_phones_send_loses_nothing_and_ends_well(house):
    with Phones(house) as phones:
        phones.until(20)
        house.process.send_signal(signal.SIGTERM)
        assert house.process.wait(timeout=30) == 0
    require_kept(house, phones.acknowledged)
    assert phones.refused, "the phones must have met a closed door for this to mean anything"
    assert "0 requests were cut off" in house.log.read_text()


@pytest.mark.slow
def test_a_server_that_begins_anew_while_phones_send_turns_nobody_away(house):
    pid = holder_of(house.port).pid
    with Phones(house) as phones:
        for n in (20, 80):
            phones.until(n)
            house.process.send_signal(signal.SIGHUP)
            began = len(phones.acknowledged)
            phones.until(began + 40)
    require_kept(house, phones.acknowledged)
    assert holder_of(house.port).pid == pid
    assert "URLError" not in phones.refused, "somebody found the door closed"
    assert house.log.read_text().count("serving on port") == 3


@pytest.mark.slow
def test_a_server_that_leaves_waits_for_whoever_is_being_answered_but_not_for_ever(house):
    asking = ["POST /survey/signin HTTP/1.1", "Host: x", "Origin: http://x", "Content-Length: 9000"]
    with socket.create_connection(("127.0.0.1", house.port), timeout=30) as slow:
        slow.sendall("\r\n".join([*asking, "", "name="]).encode())
        health(house)
        house.process.send_signal(signal.SIGTERM)
        assert house.process.wait(timeout=30) == 0
        assert slow.recv(100) == b""
    assert "1 requests were cut off" in house.log.read_text()


@pytest.mark.slow
def test_pk_apps_hands_on_what_it_is_asked(project, tmp_path):
    port = free_port()
    environ = {**os.environ, "PK_HOME": str(tmp_path), "PK_LOG": "json"}
    command = [sys.executable, "-m", "pk_research", "apps", "--apps-port", str(port)]
    log = tmp_path / "logs" / "voila.log"

    def until(is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 90
        while not is_so():
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)

    def n_starts() -> int:
        return log.read_text().count("serving on port") if log.exists() else 0

    apps = subprocess.Popen(
        command,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        # `pk apps` leaves SIGHUP ignored where it was, as it is for tests run by `nohup`.
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # noqa: PLW1509
    )
    try:
        until((tmp_path / "run" / "apps.json").exists)
        server = holder_of(port).pid
        apps.send_signal(signal.SIGHUP)
        until(lambda: n_starts() == 2)
        assert holder_of(port).pid == server
        apps.send_signal(signal.SIGTERM)
        assert apps.wait(timeout=60) == 0
    finally:
        apps.kill()
        apps.wait()
    assert holder_of(port) is None
    entries = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    asked = [entry for entry in entries if entry["logger"] == "tornado.access"]
    assert {"status", "method", "handler", "ms"} <= set(asked[0])


def health(house: SurveyHouse) -> dict:
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=10)
    connection.request("GET", "/health")
    return json.loads(connection.getresponse().read())
