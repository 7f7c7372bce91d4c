"""How long receiving a submission takes, and what it costs that it survives a power failure."""

from __future__ import annotations

import itertools
import sqlite3
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from sqlalchemy import event
from store_house import FORM, KEY, RESEARCHER, SITI, SUPERVISOR, filling

from pk_research.store import Store, open_store

ROUNDS = 200


def opened(folder: Path, synchronous: str) -> Store:
    store = open_store(f"sqlite:///{folder / 'store.sqlite'}", key=KEY)

    def relax(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA synchronous={synchronous}")

    event.listen(store.engine, "connect", relax)
    store.engine.dispose()
    store.forms.publish(FORM, by=RESEARCHER)
    return store


@pytest.mark.benchmark(group="receive one submission")
@pytest.mark.parametrize("synchronous", ["FULL", "NORMAL"])
def test_receive(benchmark: BenchmarkFixture, tmp_path: Path, synchronous: str) -> None:
    """FULL is what the store uses; NORMAL may lose the last moments when the power fails."""
    store = opened(tmp_path, synchronous)
    waiting = itertools.cycle([filling() for _ in range(ROUNDS + 1)])
    benchmark.pedantic(
        lambda xml: store.submissions.receive(xml, by=SITI, via="test"),
        setup=lambda: ((next(waiting),), {}),
        rounds=ROUNDS,
        warmup_rounds=1,
    )


@pytest.mark.benchmark(group="a thousand submissions")
@pytest.mark.parametrize("what", ["verify the audit log", "list all", "list all without personal answers"])
def test_a_thousand(benchmark: BenchmarkFixture, tmp_path: Path, what: str) -> None:
    store = opened(tmp_path, "OFF")
    for _ in range(1000):
        store.submissions.receive(filling(), by=SITI, via="test")
    act = {
        "verify the audit log": store.audit.verify,
        "list all": lambda: store.submissions.list("usaha", by=SUPERVISOR),
        "list all without personal answers": lambda: store.submissions.list("usaha", by=RESEARCHER),
    }[what]
    benchmark(act)
