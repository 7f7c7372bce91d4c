"""Fifty people fill and send forms while the server is killed: what has a receipt is kept, once.

The survey app is served alone (survey_process.py), because it is back in a second where the whole
apps server takes several; test_served_exactly_once.py kills that one, while phones send.
"""

from __future__ import annotations

import queue
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ports import free_port
from postgresql import find_programs
from pyxform.xls2xform import convert
from sqlalchemy import select
from store_postgresql import Server
from survey_process import SurveyProcess
from survey_sender import Sender, answers_in, answers_of
from survey_server import FORM, RESEARCHER, SUPERVISOR

from pk_research.store import Store, open_store
from pk_research.store.access import read_secret
from pk_research.store.tables import draft, draft_attachment

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux lets every client have a loopback address of its own"
)


@dataclass
class Campaign:
    """Forms to be filled and sent by clients, and the receipts they got."""

    store: Store
    process: SurveyProcess
    n: int
    senders: list[Sender]
    receipts: dict[int, str] = field(default_factory=dict)

    def run(self, strike: Callable[[], None], moments: list[int]) -> None:
        """Fill and send all; strike whenever so many receipts were given."""
        waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        is_over = threading.Event()
        for number in range(self.n):
            waiting.put(number)

        def work(sender: Sender) -> None:
            sender.enter()
            while not is_over.is_set():
                try:
                    number = waiting.get_nowait()
                except queue.Empty:
                    break
                self.receipts[number] = sender.fill_and_send(number)
            sender.close()

        with ThreadPoolExecutor(len(self.senders)) as pool:
            working = [pool.submit(work, sender) for sender in self.senders]
            try:
                for moment in moments:
                    while len(self.receipts) < moment and not _is_stuck(working):
                        time.sleep(0.005)
                    strike()
                for one in working:
                    one.result()
            finally:
                is_over.set()  # where one failed, the others need not go on

    def check(self) -> dict[str, int]:
        """Compare receipts with what is kept; return what to tell of it."""
        self.store.engine.dispose()
        submissions = self.store.submissions
        kept = {one.instance_id: answers_in(one.xml) for one in submissions.list("usaha", by=SUPERVISOR)}
        sent = {number: answers_of(number) for number in range(self.n)}
        of_receipt = {number: submissions.find_receipt(code) for number, code in self.receipts.items()}
        times_kept = Counter(answers["/data/usaha/owner"] for answers in kept.values())
        lost = [n for n, one in of_receipt.items() if kept.get(one.instance_id) != sent[n]]
        doubled = [owner for owner, times in times_kept.items() if times > 1]
        assert self.receipts.keys() == sent.keys(), "everybody got a receipt"
        assert lost == [], "each receipt leads to exactly the answers of whoever holds it"
        assert doubled == []
        assert len(kept) == self.n, "nothing is there that nobody sent"
        self._check_drafts(set(kept))
        assert sum(one.n_uses for one in self.store.access.invitations(by=SUPERVISOR)) == self.n
        assert self.store.audit.verify().faults == ()
        return {"acknowledged": len(self.receipts), "lost": len(lost), "doubled": len(doubled)}

    def _check_drafts(self, kept: set[str]) -> None:
        """Make sure that the drafts of what was sent say so and are empty."""
        with self.store.engine.connect() as connection:
            rows = connection.execute(select(draft)).all()
            assert connection.execute(select(draft_attachment)).first() is None
        finished = [row for row in rows if row.submission_id is not None]
        assert len({row.submission_id for row in finished}) == len(finished) == len(kept)
        assert all((row.snapshot, row.state) == ("", {}) for row in finished)
        begun_twice = len(rows) - len(finished)  # whoever did not hear of their draft began another
        assert begun_twice <= sum(sender.retries for sender in self.senders)


def _is_stuck(working: list[Future[None]]) -> bool:
    return any(one.done() and one.exception() is not None for one in working)


@contextmanager
def campaign(
    home: Path, url: str, *, n: int, clients: int, seed: int, requests_per_s: int | None = None
) -> Iterator[Campaign]:
    """Publish a form, invite the clients, and serve."""
    store = open_store(url, key=read_secret(home))
    store.forms.publish(convert(xlsform=FORM, pretty_print=False).xform, by=RESEARCHER)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    tokens = [store.access.invite("usaha", by=SUPERVISOR, expires_at=tomorrow).token for _ in range(clients)]
    paces = {} if requests_per_s is None else {"PAGES_BY_ORIGIN": f"{requests_per_s}/second"}
    process = SurveyProcess(home, url, free_port(), paces)
    senders = [
        Sender(
            process.port,
            token,
            "127.0.0.1" if requests_per_s else f"127.0.1.{place + 1}",
            random.Random(f"{seed}/{place}"),
            hangs_up=0.01,
        )
        for place, token in enumerate(tokens)
    ]
    process.start()
    try:
        yield Campaign(store, process, n, senders)
    finally:
        process.kill()
        store.engine.dispose()


def run_with_kills(one: Campaign, *, kills: int, seed: int, database: Server | None = None) -> None:
    """Kill the server, and the database before it where that is another process, at random moments."""
    dice = random.Random(seed)
    moments = sorted(dice.sample(range(1, one.n * 9 // 10), kills))
    struck = []
    begun = time.monotonic()

    def strike() -> None:
        time.sleep(dice.uniform(0, 0.05))
        if database is not None:
            database.kill()
            time.sleep(dice.uniform(0, 0.5))  # the server meets the dead database
        one.process.kill()
        struck.append(len(one.receipts))
        if database is not None:
            database.start()
        one.process.start()

    one.run(strike, moments)
    wall_s = time.monotonic() - begun
    assert sum(given < one.n for given in struck) == kills, "each falls while people still send"
    figures = one.check()
    retries = sum(sender.retries for sender in one.senders)
    print(f"submissions={one.n} kills={kills} {retries=} wall_s={wall_s:.0f} {figures}")  # noqa: T201 - the figures are to be read


def test_a_server_killed_while_people_send_loses_and_doubles_nothing(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    with campaign(tmp_path, url, n=120, clients=50, seed=3) as one:
        run_with_kills(one, kills=3, seed=3)


def test_whoever_is_told_to_slow_down_loses_nothing(tmp_path):
    """All come through one connection, as from a village office, and are faster than the house allows."""
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    with campaign(tmp_path, url, n=6, clients=6, seed=4, requests_per_s=12) as one:
        one.run(lambda: None, [])
        assert sum(sender.told_to_wait for sender in one.senders) > 0
        one.check()


@pytest.mark.slow
def test_fifty_clients_twenty_kills_five_thousand_submissions_on_sqlite(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    with campaign(tmp_path, url, n=5000, clients=50, seed=1) as one:
        run_with_kills(one, kills=20, seed=1)


@pytest.mark.slow
def test_fifty_clients_twenty_kills_five_thousand_submissions_on_postgresql(tmp_path):
    """The database server is killed, too, each time."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server programs are not installed")
    with Server.run(programs) as server, campaign(tmp_path, server.url, n=5000, clients=50, seed=2) as one:
        run_with_kills(one, kills=20, seed=2, database=server)
