"""Opening the database: one engine, at the newest schema, or a clear error."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

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
        engine = create_engine(address)
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


def _prepare_sqlite(connection: object, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        # A reader must not wait for a writer, and two writers must queue rather than fail.
        connection.execute(f"PRAGMA busy_timeout={WAIT_S * 1000}")
        _switch_to_wal(connection)
        connection.execute("PRAGMA foreign_keys=ON")


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
        connection.exec_driver_sql(_LOCKS[engine.dialect.name])
        if _revision(connection) != NEWEST:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


_LOCKS = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(7515)"}


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
