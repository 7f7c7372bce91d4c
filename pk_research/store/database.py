"""Opening the database: one engine, at the newest schema, or a clear error."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from pk_research.errors import NotReady, Problem

WAIT_S = 30
MIGRATIONS = Path(__file__).with_name("migrations")
NEWEST = max(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def open_database(url: str) -> Engine:
    """Open the database and bring its schema to the newest revision.

    Parameters
    ----------
    url
        SQLAlchemy address. The folder of a SQLite file is created.

    Returns
    -------
    sqlalchemy.Engine

    Raises
    ------
    NotReady
        When the address is not understood, its driver is not installed, the server does not
        answer, the file is not a database, or a newer release of the package wrote it.
    """
    try:
        address = make_url(url)
        if address.get_backend_name() == "sqlite" and address.database:
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        # A server that was started again must not be met through connections that died with it.
        engine = create_engine(address, pool_pre_ping=address.get_backend_name() != "sqlite")
        event.listen(engine, "connect", _prepare_sqlite)
        _migrate(engine)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise NotReady(
            Problem(
                "PK_DATABASE_URL",
                f"this database address cannot be used ({error})",
                "Give an address such as sqlite:///store.sqlite or postgresql+psycopg://user@host/name, "
                "and install its driver.",
            )
        ) from error
    except (DBAPIError, OSError) as error:
        reason = str(getattr(error, "orig", error)).strip()
        raise NotReady(
            Problem(
                "the store",
                f"the database does not open ({reason})",
                "Check that PK_DATABASE_URL or PK_HOME points where you may write, and that the server runs.",
            )
        ) from error
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that is the only one writing; what is in it happens entirely or not at all.

    Raises
    ------
    NotReady
        When the database cannot be reached. Whether the transaction took place is then not known;
        doing the same again must be harmless.
    """
    try:
        # Threads queue here rather than in the database, which holds a connection for each.
        with _turn_of(engine), engine.begin() as connection:
            take_turn(connection)
            yield connection
    except (OperationalError, InterfaceError, NoConnectionLeft) as error:
        raise _not_reached(error) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that sees the database as it is at one moment, whoever writes meanwhile.

    Raises
    ------
    NotReady
        When the database cannot be reached.
    """
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            else:
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection
    except (OperationalError, InterfaceError, NoConnectionLeft) as error:
        raise _not_reached(error) from error


def take_turn(connection: Connection) -> None:
    """Wait until no other transaction writes, and keep others waiting until this one ends."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7515)")
    elif not driver.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _turn_of(engine: Engine) -> Lock:
    with _CHOOSING:
        return _TURNS.setdefault(engine, Lock())


_CHOOSING = Lock()
_TURNS: WeakKeyDictionary[Engine, Lock] = WeakKeyDictionary()


def _not_reached(error: SQLAlchemyError) -> NotReady:
    reason = str(getattr(error, "orig", error)).strip()
    return NotReady(
        Problem(
            "the store",
            f"the database does not answer ({reason})",
            "Try again in a moment; nothing is done twice.",
        )
    )


def _prepare_sqlite(connection: object, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        # A reader must not wait for a writer, and two writers must queue rather than fail.
        connection.execute(f"PRAGMA busy_timeout={WAIT_S * 1000}")
        _switch_to_wal(connection)
        connection.execute("PRAGMA foreign_keys=ON")
        # What was acknowledged is on the disk, also when the power fails the next moment.
        connection.execute("PRAGMA synchronous=FULL")


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Ask until it is granted: SQLite refuses the switch at once while another process is at it."""
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _migrate(engine: Engine) -> None:
    with engine.connect() as connection:
        found = _revision(connection)
    if found == NEWEST:
        return
    if found is not None and found > NEWEST:
        raise NotReady(
            Problem(
                "the store",
                f"its schema is {found}, newer than this release knows ({NEWEST})",
                "Update the package, or open another store with PK_HOME.",
            )
        )
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        # Several processes may open a new store at once: one migrates, the others wait and find it done.
        take_turn(connection)
        if _revision(connection) != NEWEST:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
