"""The store keeps datasets as versions that never change, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import itertools
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from pk_research.codebook import Codebook, Label, Variable
from pk_research.errors import BadInput, NotFound, NotReady
from pk_research.language import Message
from pk_research.sources import Dataset, Provenance, Step
from pk_research.store import Store, open_store
from pk_research.store.database import MIGRATIONS, NEWEST, open_database
from pk_research.store.tables import metadata

BOOK = Codebook(
    (
        Variable("village_code", "Kode", "Code", "code"),
        Variable("year", "Tahun", "Year", "integer"),
        Variable(
            "road", kind="category", categories=(Label("1", "Baik", "Good"), Label("2", "Rusak", "Bad"))
        ),
        Variable("iks", "IKS", "IKS", "number", minimum=0, maximum=1),
        Variable("has_bumdes", kind="boolean"),
        Variable("founded", kind="date"),
    )
)


def survey(iks: float = 0.5, name: str = "survey") -> Dataset:
    raw = pd.DataFrame(
        {
            "village_code": ["3216012001", "3216012002"],
            "year": [2024, None],
            "road": ["2", None],
            "iks": [iks, None],
            "has_bumdes": [True, None],
            "founded": ["2015-03-01", None],
        }
    )
    steps = (Step(Message("{n} rows were read", {"n": 2}), 2),)
    origin = Provenance("Survey", "a.csv", "0" * 64, "table", made=True, n_rows_read=2, steps=steps)
    return Dataset(name, BOOK.cast(raw, where="a.csv"), BOOK, origin, key=("village_code", "year"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'deep' / 'store.sqlite'}"
    return request.getfixturevalue("postgresql_url")


def test_a_dataset_comes_back_as_it_was_kept(database_url):
    kept = survey()
    open_store(database_url).keep(kept)
    back = open_store(database_url).read("survey")
    pd.testing.assert_frame_equal(back.frame, kept.frame)
    assert (back.codebook, back.provenance, back.key) == (kept.codebook, kept.provenance, kept.key)
    assert back.content_hash == kept.content_hash


def test_new_content_is_a_new_version_and_old_content_writes_nothing(database_url):
    store = open_store(database_url)
    versions = [store.keep(survey(iks)) for iks in (0.5, 0.5, 0.6)]
    assert [(kept.version, kept.is_new) for kept in versions] == [(1, True), (1, False), (2, True)]
    assert store.read("survey", version=1).frame["iks"][0] == 0.5
    assert store.read("survey").frame["iks"][0] == 0.6


def test_a_corrected_origin_is_a_new_version_of_the_same_rows(database_url):
    """Rows kept as real, then declared made, must not stay real."""
    store = open_store(database_url)
    made = survey()
    real = replace(made, provenance=replace(made.provenance, made=False))
    licensed = replace(made, provenance=replace(made.provenance, licence="CC-BY-4.0"))
    versions = [store.keep(dataset).version for dataset in (real, made, made, licensed, licensed)]
    assert versions == [1, 2, 2, 3, 3]
    assert [store.read("survey", version=n).provenance.made for n in (1, 2, 3)] == [False, True, True]
    assert store.read("survey").provenance.licence == "CC-BY-4.0"


def test_loading_unchanged_content_again_makes_it_the_one_loaded_last(database_url):
    days = itertools.count()
    store = Store(
        open_database(database_url), clock=lambda: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(next(days))
    )
    for name in ("a", "b"):
        store.keep(survey(name=name))
    store.keep(survey(name="a"))
    assert [entry.name for entry in store.datasets()] == ["b", "a"], "keeping alone leaves the order"
    assert not store.keep(survey(name="a"), touch=True).is_new
    assert [(entry.name, entry.version) for entry in store.datasets()] == [("a", 1), ("b", 1)]
    assert store.datasets()[0].loaded_at == datetime(2026, 1, 4, tzinfo=UTC)


def test_a_new_store_may_be_opened_by_several_processes_at_once(database_url):
    code = f"from pk_research.store import open_store; print(open_store({database_url!r}).datasets())"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    assert [process.communicate() for process in processes] == [("()\n", "")] * 4


def test_the_list_shows_the_newest_version_of_each_and_the_latest_first(database_url):
    store = Store(open_database(database_url), clock=lambda: datetime(2026, 1, 2, tzinfo=UTC))
    for dataset in (survey(), survey(name="other"), survey(0.7)):
        store.keep(dataset)
    listed = [(entry.name, entry.version, entry.made, entry.n_rows) for entry in store.datasets()]
    assert listed == [("survey", 2, True, 2), ("other", 1, True, 2)]
    assert store.datasets()[0].loaded_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert store.datasets()[0].is_by_village


def test_writers_at_the_same_moment_get_a_version_each(database_url):
    store = open_store(database_url)
    writers = [threading.Thread(target=store.keep, args=(survey(n / 100),)) for n in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = {store.read("survey", version=version).frame["iks"][0] for version in range(1, 9)}
    assert found == {n / 100 for n in range(8)}


def test_what_is_not_there_is_named_with_what_is(database_url):
    store = open_store(database_url)
    store.keep(survey())
    with pytest.raises(NotFound, match="Kept: survey"):
        store.read("harvest")
    with pytest.raises(NotFound, match="version 9"):
        store.read("survey", version=9)
    with pytest.raises(NotFound, match="version 99999999999999999999"):
        store.read("survey", version=99999999999999999999)


@pytest.mark.parametrize("name", ["", "Survey 2024", "../survey", "a" * 121, "-x"])
def test_a_name_must_serve_on_a_command_line(name):
    with pytest.raises(BadInput, match="cannot be used"):
        open_store("sqlite://").keep(survey(name=name))


def test_a_store_from_a_newer_release_is_left_alone(database_url):
    engine = open_database(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NotReady, match=f"newer than this release knows \\({NEWEST}\\)"):
        open_database(database_url)


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "oracle9://x/y",
        "sqlite:////proc/nowhere/store.sqlite",
        "postgresql+psycopg://127.0.0.1:1/x",
    ],
)
def test_an_address_that_does_not_open_is_explained(url):
    with pytest.raises(NotReady):
        open_store(url)


def test_a_file_that_is_no_database_is_explained_and_left_alone(tmp_path):
    path = tmp_path / "store.sqlite"
    path.write_bytes(b"this is a letter, not a database" * 40)
    before = path.read_bytes()
    with pytest.raises(NotReady, match="does not open"):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_sqlite_store_lets_people_read_while_somebody_writes(tmp_path):
    open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with sqlite3.connect(tmp_path / "store.sqlite") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_migrations_make_just_the_tables_that_are_declared(database_url):
    engine = open_database(database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_schema_can_be_taken_back_and_brought_forward(database_url):
    engine = open_database(database_url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()
    assert open_store(database_url).datasets() == ()
