"""Backup and restore: the whole store in one file, made while others work, and tried out.

The file is itself a SQLite store, whatever database it was taken from; files kept in a folder are
inside it. So it can be restored to SQLite or to PostgreSQL, and read with any SQLite tool. The key
of the house is not in it: keep that apart, or resume codes and invitations must be given anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, LargeBinary, MetaData, Table, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from pk_research.errors import BadInput, PkError, Problem
from pk_research.language import Message
from pk_research.store.actors import HOUSE, Actor, Right, Role
from pk_research.store.attachments import sync_folder
from pk_research.store.database import open_database, reading, writing
from pk_research.store.datasets import Store
from pk_research.store.tables import audit_event

MANIFEST = "backup_manifest"
BOOKKEEPING = ("alembic_version", MANIFEST)
CHUNK = 500

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup, as it describes itself.

    Attributes
    ----------
    path
        The file.
    made_at
        The moment the store is kept as of, UTC.
    head
        Hash of the newest audit event; empty where there was none.
    rows
        Number of rows by table.
    """

    path: Path
    made_at: datetime
    head: str
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class BackupCheck:
    """What trying a backup out found.

    Attributes
    ----------
    backup
        The backup.
    n_events
        Audit events in it.
    faults
        What is wrong, each in a sentence; empty for a backup that can be relied on.
    """

    backup: Backup
    n_events: int
    faults: tuple[Message, ...]


def backup(store: Store, path: Path, *, by: Actor = HOUSE[Role.ADMIN]) -> Backup:
    """Write the store, as it is at one moment, to a file; others go on working meanwhile.

    Parameters
    ----------
    store
        The store.
    path
        The file to write; there is none of that name before, and never half of one.
    by
        Who does it.

    Raises
    ------
    BadInput
        When the file is there already.
    NotAllowed
        When ``by`` may not back up.
    """
    by.require(Right.BACK_UP)
    if path.exists():
        raise BadInput(Problem(str(path), "it is there already", "Give the name of a file still to be made."))
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
        draft = Path(folder) / "backup.sqlite"
        made_at = store.clock().astimezone(UTC)
        target = open_database(_address(draft))
        with reading(store.engine) as source, writing(target) as sink:
            head = source.execute(
                select(audit_event.c.hash).order_by(audit_event.c.number.desc()).limit(1)
            ).scalar()
            _copy(source, sink, complete=_with_content(store, source))
        target.dispose()
        made = Backup(path, made_at, head or "", _seal(draft, made_at, head or ""))
        draft.replace(path)
        sync_folder(path.parent)
    with writing(store.engine) as connection:
        store.audit.record(connection, "backup made", by=by, details={"head": made.head})
    return made


def verify_backup(path: Path) -> BackupCheck:
    """Try a backup out: restore it into a store of its own and verify that.

    Raises
    ------
    BadInput
        When the file is no backup.
    """
    manifest = _manifest(path)
    made = _described(path, manifest)
    try:
        faults = [
            Message("The table {table} is not as it was written.", {"table": table})
            for table, found in _contents(path).items()
            if found != manifest["contents"].get(table)
        ]
        n_events, more = _try_out(made)
    except (sqlite3.DatabaseError, DBAPIError, PkError) as error:
        return BackupCheck(made, 0, (Message("The file is damaged: {reason}.", {"reason": str(error)}),))
    return BackupCheck(made, n_events, (*faults, *more))


def _try_out(made: Backup) -> tuple[int, list[Message]]:
    """Restore a backup into a store of its own; return its number of audit events, and what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        store = restore(made.path, _address(Path(folder) / "store.sqlite"))
        verification = store.audit.verify(head=made.head or None)
        rows = _count(store)
        store.engine.dispose()
    faults = [
        Message(
            "The table {table} has {found} rows, not {expected}.",
            {"table": table, "found": rows.get(table, 0), "expected": expected},
        )
        for table, expected in made.rows.items()
        if rows.get(table, 0) != expected
    ]
    return verification.n_events, [*faults, *(fault.message for fault in verification.faults)]


def restore(path: Path, url: str, *, attachments: Path | None = None) -> Store:
    """Fill an empty store from a backup, entirely or not at all.

    Parameters
    ----------
    path
        The backup.
    url
        Address of the new store; SQLite or PostgreSQL, whichever it was before.
    attachments
        Folder for the files of submissions; None keeps them in the database.

    Raises
    ------
    BadInput
        When the file is no backup, or the store is not empty.
    """
    _manifest(path)
    store = Store(open_database(url), folder=attachments)
    filled = [table for table, n in _count(store).items() if n]
    if filled:
        raise BadInput(
            Problem(
                "the store",
                f"it is not empty (there are rows in {', '.join(filled)})",
                "Restore into a new store.",
            )
        )
    with tempfile.TemporaryDirectory() as folder:
        # Opening brings an older backup to the newest schema: in a copy, never in the backup.
        copy = Path(folder) / "backup.sqlite"
        shutil.copyfile(path, copy)
        engine = open_database(_address(copy))
        with reading(engine) as source, writing(store.engine) as sink:
            _copy(source, sink, complete=_into_folder(store))
            _continue_numbering(sink)
        engine.dispose()
    return store


# --- copying


def _copy(source: Connection, sink: Connection, *, complete: Callable[[str, Row], Row]) -> None:
    """Copy every table there is, whoever declared it."""
    target = _tables(sink)
    for name, table in _tables(source).items():
        has_files = any(isinstance(column.type, LargeBinary) for column in table.c)
        query = select(table).execution_options(yield_per=1 if has_files else CHUNK)
        for part in source.execute(query).mappings().partitions():
            sink.execute(insert(target[name]), [complete(name, _portable(row)) for row in part])


def _tables(connection: Connection) -> dict[str, Table]:
    """Return the tables of a database, in an order in which each comes after those it refers to."""
    metadata = MetaData()
    metadata.reflect(connection)
    return {table.name: table for table in metadata.sorted_tables if table.name not in BOOKKEEPING}


def _portable(row: Mapping[Any, Any]) -> Row:
    """Give every moment its time zone, which SQLite does not keep."""
    return {
        str(name): _in_utc(value) if isinstance(value, datetime) else value for name, value in row.items()
    }


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _with_content(store: Store, source: Connection) -> Callable[[str, Row], Row]:
    """Put files that lie in a folder into the backup."""

    def complete(table: str, row: Row) -> Row:
        if table != "blob" or row["content"] is not None:
            return row
        return {**row, "content": store.blobs.find(source, row["sha256"])}

    return complete


def _into_folder(store: Store) -> Callable[[str, Row], Row]:
    """Put the files of a backup where the new store keeps its files."""

    def complete(table: str, row: Row) -> Row:
        if table != "blob" or row["content"] is None or store.blobs.folder is None:
            return row
        store.blobs.prepare([row["content"]])
        return {**row, "content": None}

    return complete


def _continue_numbering(sink: Connection) -> None:
    """Let PostgreSQL number new rows after those that brought their numbers along."""
    if sink.dialect.name != "postgresql":
        return
    for name, table in _tables(sink).items():
        sequence = None
        if "id" in table.c:
            sequence = sink.execute(
                text("SELECT pg_get_serial_sequence(:table, 'id')"), {"table": name}
            ).scalar()
        if sequence is not None:
            highest = select(func.max(table.c.id)).scalar_subquery()
            sink.execute(select(func.setval(sequence, func.coalesce(highest, 1), highest.is_not(None))))


def _count(store: Store) -> dict[str, int]:
    with reading(store.engine) as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in _tables(connection).items()
        }


# --- what the file says of itself


def _seal(path: Path, made_at: datetime, head: str) -> dict[str, int]:
    """Write into the file what it holds, and put it on the disk; return the number of rows by table."""
    contents = _contents(path)
    manifest = {"made_at": made_at.isoformat(), "head": head, "contents": contents}
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")  # one file, without companions
        with connection:
            connection.execute(f"CREATE TABLE {MANIFEST} (manifest TEXT NOT NULL)")
            connection.execute(f"INSERT INTO {MANIFEST} VALUES (?)", [json.dumps(manifest)])  # noqa: S608
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    return {table: found["rows"] for table, found in contents.items()}


def _manifest(path: Path) -> dict[str, Any]:
    if path.is_file():
        try:
            with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
                (manifest,) = connection.execute(f"SELECT manifest FROM {MANIFEST}").fetchone()  # noqa: S608
            found: dict[str, Any] = json.loads(manifest)
        except (sqlite3.DatabaseError, ValueError, TypeError):
            pass
        else:
            return found
    raise BadInput(Problem(str(path), "it is not a backup of a store", "Give a file that `pk backup` made."))


def _described(path: Path, manifest: Mapping[str, Any]) -> Backup:
    rows = {table: found["rows"] for table, found in manifest["contents"].items()}
    return Backup(path, datetime.fromisoformat(manifest["made_at"]), manifest["head"], rows)


def _contents(path: Path) -> dict[str, dict[str, Any]]:
    """Return number of rows and a hash of them by table, read without knowing the tables."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type='table' ORDER BY name"
            )
            if name not in BOOKKEEPING
        ]
        return {name: _content(connection, name) for name in names}


def _content(connection: sqlite3.Connection, table: str) -> dict[str, Any]:
    total, n_rows = hashlib.sha256(), 0
    for row in connection.execute(f'SELECT * FROM "{table}" ORDER BY rowid'):  # noqa: S608 - from the file's own list
        total.update(repr(row).encode())
        n_rows += 1
    return {"rows": n_rows, "sha256": total.hexdigest()}


def _address(path: Path) -> str:
    return URL.create("sqlite", database=str(path)).render_as_string()
