"""The served house is killed while phones send: what it acknowledged is there, once, as it was sent.

The same promise is tested on the store alone in test_store_exactly_once.py, and on what is typed in
browsers in test_apps_survey_exactly_once.py. Here everything is real: the apps server in a process of its
own, the network, phones that try again.
"""

from __future__ import annotations

import random
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Self
from uuid import uuid4

import pytest
from postgresql import find_programs
from store_house import FORM, RESEARCHER, SUPERVISOR, filling
from store_postgresql import Server
from survey_server import SurveyHouse

from pk_research.settings import Settings
from pk_research.store import open_store
from pk_research.store.access import read_secret

TRY_AGAIN_S = 0.1
GIVEN_UP_AFTER_S = 300


class NotYet(Exception):
    """The server is gone, or asks to come back later."""


@contextmanager
def served(home: Path, project: Path, url: str) -> Iterator[SurveyHouse]:
    home.mkdir(exist_ok=True)
    store = open_store(url, key=read_secret(home))
    store.forms.publish(FORM, by=RESEARCHER)
    house = SurveyHouse(Settings(project, home, url, boundaries=None), store)
    try:
        house.start()
        yield house
    finally:
        house.kill()
        store.engine.dispose()


def until_it_works(attempt: Callable[[], str]) -> str:
    """Try again as a phone does, until the server says what became of it."""
    deadline = time.monotonic() + GIVEN_UP_AFTER_S
    while True:
        try:
            return attempt()
        except (NotYet, OSError, HTTPException):
            assert time.monotonic() < deadline, "the server does not come back"
            time.sleep(TRY_AGAIN_S)


def upload(house: SurveyHouse, token: str, xml: str) -> str:
    """Send a filling as ODK Collect does; return its receipt code."""
    boundary = uuid4().hex
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="f.xml"\r\n'
        f"Content-Type: text/xml\r\n\r\n{xml}\r\n--{boundary}--\r\n"
    )
    address = f"{house.address}/key/{token}/submission"
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(address, body.encode(), headers), timeout=30
        ) as got:
            return re.search(r"PK-[A-Z0-9-]+", got.read().decode())[0]
    except urllib.error.HTTPError as error:
        with error:
            text = error.read().decode()
        if "Traceback" not in text and (error.code >= 500 or error.code == 429):
            raise NotYet from error
        raise AssertionError(text) from error


class Killer:
    """Kills the server, and the database beside it, at random moments, and starts them again."""

    def __init__(self, house: SurveyHouse, *, kills: int, seed: int, database: Server | None = None) -> None:
        self.house, self.kills, self.database = house, kills, database
        self.dice = random.Random(seed)
        self.done = 0
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        while self.done < self.kills and not self.is_over.wait(self.dice.uniform(0.2, 2.5)):
            if self.database is not None:
                self.database.kill()
            self.house.kill()
            self.done += 1
            if self.database is not None:
                self.database.start()
            self.house.start()

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        self.thread.join()


def campaign(
    house: SurveyHouse, *, phones: int, n: int, kills: int, seed: int, database: Server | None = None
) -> None:
    """Send n fillings from so many phones while the house is killed, then compare."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    invite = house.store.access.invite
    tokens = [invite("usaha", by=SUPERVISOR, expires_at=tomorrow).token for _ in range(phones)]
    fillings = [filling() for _ in range(n)]
    with (
        Killer(house, kills=kills, seed=seed, database=database) as killer,
        ThreadPoolExecutor(phones) as pool,
    ):
        sending = [
            pool.submit(
                until_it_works, lambda token=tokens[place % phones], xml=xml: upload(house, token, xml)
            )
            for place, xml in enumerate(fillings)
        ]
        codes = [one.result() for one in sending]
    house.store.engine.dispose()
    assert killer.done >= min(kills, n // 300), "the test must kill to mean anything"
    assert len(set(codes)) == n
    kept = house.store.submissions.list("usaha", by=SUPERVISOR)
    assert sorted(one.xml for one in kept) == sorted(fillings), "lost or doubled"
    for code, xml in zip(codes, fillings, strict=True):
        assert house.store.submissions.find_receipt(code).instance_id in xml
    assert sum(one.n_uses for one in house.store.access.invitations(by=SUPERVISOR)) == n
    assert house.store.audit.verify().faults == ()


def test_a_served_house_that_is_killed_loses_and_doubles_nothing(project, tmp_path):
    with served(tmp_path / "home", project, f"sqlite:///{tmp_path / 'store.sqlite'}") as house:
        campaign(house, phones=8, n=300, kills=2, seed=5)


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_fifty_phones_twenty_kills_five_thousand_submissions(database, project, tmp_path):
    if database == "sqlite":
        with served(tmp_path / "home", project, f"sqlite:///{tmp_path / 'store.sqlite'}") as house:
            campaign(house, phones=50, n=5000, kills=20, seed=1)
        return
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server programs are not installed")
    with Server.run(programs) as server, served(tmp_path / "home", project, server.url) as house:
        campaign(house, phones=50, n=5000, kills=20, seed=2, database=server)
