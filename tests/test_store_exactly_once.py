"""No acknowledged submission is lost or doubled: killed anywhere, failing anywhere, in any order."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from postgresql import find_programs
from sqlalchemy import event
from store_house import (
    DATABASES,
    FORM,
    KEY,
    PHOTO,
    RESEARCHER,
    SITI,
    SUPERVISOR,
    filling,
    newest,
    open_house,
)
from store_postgresql import Server
from store_sender import photo_of

from pk_research.errors import NotReady
from pk_research.store import Store, open_store
from pk_research.store.refusals import Refused

SENDER = Path(__file__).with_name("store_sender.py")


# --- killed anywhere


@dataclass
class Campaign:
    """Fillings to be sent by a process that is killed now and then, and what it said of them."""

    url: str
    folder: Path | None
    workplace: Path
    fillings: dict[str, str]
    threads: int
    acknowledged: dict[str, str] = field(default_factory=dict)

    def run(
        self,
        *,
        kill_after_s: float | None = None,
        blow: Callable[[], None] = lambda: None,
        blows_at: Collection[int] = (),
    ) -> bool:
        """Send what is not acknowledged yet; tell whether all was sent.

        The sender is killed so long after its first acknowledgement, if at all. A blow falls just
        before it is killed, and after so many acknowledgements.
        """
        left = {n: xml for n, xml in self.fillings.items() if n not in self.acknowledged}
        path = self.workplace / "fillings.json"
        path.write_text(json.dumps(left), encoding="utf-8")
        command = [sys.executable, SENDER, self.url, self.folder or "-", path, str(self.threads)]
        sender = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        killer = threading.Timer(kill_after_s or 0, lambda: (blow(), sender.kill()))
        for count, line in enumerate(sender.stdout):
            if count == 0 and kill_after_s is not None:
                killer.start()
            if count in blows_at:
                blow()
            if line.endswith("\n"):
                number, code = line.split()
                assert self.acknowledged.setdefault(number, code) == code
        killer.cancel()
        if killer.ident is not None:
            killer.join()
        sender.stdout.close()
        return sender.wait() == 0

    def check(self) -> None:
        """Compare what was acknowledged with what is kept."""
        store = open_store(self.url, attachments=self.folder, key=KEY)
        kept = store.submissions.list("usaha", by=SUPERVISOR)
        assert sorted(one.xml for one in kept) == sorted(self.fillings.values()), "lost or doubled"
        assert self.acknowledged.keys() == self.fillings.keys()
        for number, code in self.acknowledged.items():
            found = store.submissions.find_receipt(code).instance_id
            assert found in self.fillings[number], "a receipt finds its own submission"
        for one in kept[:20]:
            number = next(n for n, xml in self.fillings.items() if xml == one.xml)
            photo = store.submissions.attachment(one.instance_id, "photo.jpg", by=SUPERVISOR)
            assert photo == photo_of(number)
        verification = store.audit.verify()
        assert verification.faults == ()
        assert verification.n_events == 1 + len(self.fillings)
        store.engine.dispose()


def campaign(url: str, workplace: Path, *, folder: Path | None, n: int, threads: int) -> Campaign:
    store = open_store(url, key=KEY)
    store.forms.publish(FORM, by=RESEARCHER)
    store.engine.dispose()
    fillings = {str(number): filling(photo="photo.jpg") for number in range(n)}
    return Campaign(url, folder, workplace, fillings, threads)


def run_with_kills(one: Campaign, *, kills: int, seed: int, longest_s: float) -> int:
    dice = random.Random(seed)
    done = 0
    for _ in range(kills):
        if one.run(kill_after_s=dice.uniform(0, longest_s)):
            break
        done += 1
    assert one.run()
    return done


@pytest.mark.parametrize("database", DATABASES)
def test_a_server_killed_while_receiving_loses_and_doubles_nothing(database, tmp_path, request):
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    if database == "postgresql":
        url = request.getfixturevalue("postgresql_url")
    one = campaign(url, tmp_path, folder=tmp_path / "files", n=150, threads=6)
    assert run_with_kills(one, kills=3, seed=7, longest_s=0.25) >= 1, "the test must kill to mean anything"
    one.check()


@pytest.mark.slow
@pytest.mark.parametrize("database", DATABASES)
def test_fifty_clients_twenty_kills_five_thousand_submissions(database, tmp_path, request):
    """The database is killed, too: SQLite lives in the server, PostgreSQL is killed beside it."""
    if database == "sqlite":
        one = campaign(f"sqlite:///{tmp_path / 's.sqlite'}", tmp_path, folder=None, n=5000, threads=50)
        assert run_with_kills(one, kills=20, seed=1, longest_s=1.5) == 20
        one.check()
        return
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server programs are not installed")
    with Server.run(programs) as server:
        one = campaign(server.url, tmp_path, folder=None, n=5000, threads=50)
        dice = random.Random(2)
        for _ in range(20):
            assert not one.run(kill_after_s=dice.uniform(0, 1.5), blow=server.kill)
            server.start()
        assert one.run()
        one.check()


def test_a_database_server_killed_while_receiving_loses_and_doubles_nothing(tmp_path):
    """The sender lives on: it meets the dead database, waits, and sends again."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server programs are not installed")
    with Server.run(programs) as server:
        one = campaign(server.url, tmp_path, folder=tmp_path / "files", n=200, threads=6)

        def kill_and_start() -> None:
            server.kill()
            server.start()

        assert one.run(blow=kill_and_start, blows_at=[20, 90])
        one.check()


# --- failing anywhere


@contextmanager
def failing_at(store: Store, place: int) -> Iterator[list[int]]:
    """Let the database fail at its statement number ``place``; tell how many there were."""
    seen = [0]

    def count(*_arguments: object) -> None:
        seen[0] += 1
        if seen[0] == place:
            raise ConnectionResetError("the database went away")

    event.listen(store.engine, "before_cursor_execute", count)
    event.listen(store.engine, "commit", count)
    try:
        yield seen
    finally:
        event.remove(store.engine, "before_cursor_execute", count)
        event.remove(store.engine, "commit", count)


@pytest.fixture(params=DATABASES)
def store(request, tmp_path) -> Store:
    return open_house(request, tmp_path)


WRITTEN = ["submission", "submission_version", "attachment", "review_event", "audit_event", "draft"]


def contents(store: Store) -> tuple:
    with store.engine.connect() as connection:
        queries = (f"SELECT * FROM {table} ORDER BY 1" for table in WRITTEN)
        return tuple(tuple(connection.exec_driver_sql(query).all()) for query in queries)


def test_a_receipt_that_fails_at_any_statement_leaves_nothing_and_may_be_asked_again(store):
    """Not a half of it, wherever the database fails: the filling, its files, its draft, its event."""
    draft = store.drafts.open(newest(store), by=SITI)
    store.drafts.attach(draft.draft_id, "photo.jpg", PHOTO, by=SITI)
    xml = filling(photo="photo.jpg")
    before, place = contents(store), 0
    while True:
        place += 1
        with failing_at(store, place) as seen:
            try:
                store.submissions.receive(xml, by=SITI, via="survey", draft=draft.draft_id)
            except ConnectionResetError:
                assert contents(store) == before
                continue
        break
    assert seen[0] > 15, "the test must pass through the whole of it"
    assert [one.xml for one in store.submissions.list("usaha", by=SUPERVISOR)] == [xml]
    assert store.drafts.find(draft.draft_id, by=SITI).is_finished
    assert store.audit.verify().faults == ()


def test_an_edit_that_fails_at_any_statement_leaves_nothing(store):
    xml = filling()
    name = store.submissions.receive(xml, by=SITI, via="survey").instance_id
    store.submissions.review(name, "approved", by=SUPERVISOR)
    before, place = contents(store), 0
    while True:
        place += 1
        with failing_at(store, place):
            try:
                store.submissions.edit(name, xml.replace(">4<", ">5<"), by=SUPERVISOR, reason="called")
            except ConnectionResetError:
                assert contents(store) == before
                continue
        break
    assert len(store.submissions.history(name, by=SITI)) == 2
    assert store.audit.verify().faults == ()


def test_the_same_filling_sent_by_many_at_once_is_kept_once(store):
    xml, receipts = filling(photo="photo.jpg"), []
    senders = [
        threading.Thread(
            target=lambda: receipts.append(
                store.submissions.receive(xml, by=SITI, via="survey", attachments={"photo.jpg": PHOTO})
            )
        )
        for _ in range(8)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert [receipt.is_new for receipt in receipts].count(True) == 1
    assert len({receipt.code for receipt in receipts}) == 1
    assert len(store.submissions.list("usaha", by=SUPERVISOR)) == 1
    assert store.audit.verify().n_events == 2


def test_a_draft_sent_from_two_windows_at_once_is_one_submission(store):
    draft, receipts = store.drafts.open(newest(store), by=SITI), []
    fillings = [filling() for _ in range(6)]
    senders = [
        threading.Thread(
            target=lambda xml=xml: receipts.append(
                store.submissions.receive(xml, by=SITI, via="survey", draft=draft.draft_id)
            )
        )
        for xml in fillings
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len({receipt.code for receipt in receipts}) == 1
    assert len(store.submissions.list("usaha", by=SUPERVISOR)) == 1


def test_a_database_that_is_gone_is_said_to_be_gone(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}", key=KEY)
    store.forms.publish(FORM, by=RESEARCHER)
    store.engine.dispose()
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    with pytest.raises(NotReady, match="Try again in a moment; nothing is done twice"):
        store.submissions.receive(filling(), by=SITI, via="survey")


# --- in any order


class House(RuleBasedStateMachine):
    """Whatever order things come in, the store holds just what a simple model says."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.store = open_store(f"sqlite:///{self.folder.name}/store.sqlite", key=KEY)
        self.store.forms.publish(FORM, by=RESEARCHER)
        self.sent: dict[str, list[str]] = {}
        self.states: dict[str, str] = {}

    def teardown(self) -> None:
        self.store.engine.dispose()
        self.folder.cleanup()

    def newest(self, name: str) -> str:
        return self.store.submissions.read(name, by=SUPERVISOR).xml

    @rule(workers=st.integers(0, 9))
    def send(self, workers: int) -> None:
        xml = filling(workers=str(workers), photo="photo.jpg")
        receipt = self.store.submissions.receive(xml, by=SITI, via="survey")
        assert receipt.is_new
        self.sent[receipt.instance_id] = [xml]
        self.states[receipt.instance_id] = "received"

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(list(self.sent)))
        version = data.draw(st.sampled_from(self.sent[name]))
        files = data.draw(st.sampled_from([{}, {"photo.jpg": PHOTO}]))
        receipt = self.store.submissions.receive(version, by=SITI, via="survey", attachments=files)
        assert (receipt.instance_id, receipt.is_new) == (name, False)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def forge(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(list(self.sent)))
        with pytest.raises(Refused):
            self.store.submissions.receive(
                self.sent[name][0].replace("Aminah", "Zainab"), by=SITI, via="survey"
            )

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), workers=st.integers(0, 9))
    def edit(self, data: st.DataObject, workers: int) -> None:
        name = data.draw(st.sampled_from(list(self.sent)))
        before = self.sent[name][-1]
        start = before.index("<workers>") + len("<workers>")
        after = before[:start] + str(workers) + before[start + 1 :]
        receipt = self.store.submissions.edit(name, after, by=SUPERVISOR, reason="called")
        assert receipt.is_new == (after != before)
        if receipt.is_new:
            self.sent[name].append(self.newest(name))
            self.states[name] = "received"

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), state=st.sampled_from(["received", "has issues", "approved", "rejected"]))
    def review(self, data: st.DataObject, state: str) -> None:
        name = data.draw(st.sampled_from(list(self.sent)))
        self.store.submissions.review(name, state, by=SUPERVISOR)
        self.states[name] = state

    @invariant()
    def the_store_holds_what_the_model_says(self) -> None:
        listed = self.store.submissions.list("usaha", by=SUPERVISOR)
        assert {one.instance_id: one.xml for one in listed} == {
            name: versions[-1] for name, versions in self.sent.items()
        }
        assert {one.instance_id: one.review_state for one in listed} == self.states
        assert {one.instance_id: one.edits + 1 for one in listed} == {
            name: len(versions) for name, versions in self.sent.items()
        }
        assert self.store.audit.verify().faults == ()


TestHouse = House.TestCase
TestHouse.settings = settings(max_examples=12, stateful_step_count=15, deadline=None)
