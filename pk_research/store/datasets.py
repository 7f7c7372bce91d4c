"""Datasets in the store: immutable, numbered versions."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import IntegrityError

from pk_research.codebook import Codebook
from pk_research.errors import BadInput, NotFound, Problem
from pk_research.sources import Dataset, Provenance
from pk_research.store.database import open_database, reading
from pk_research.store.tables import dataset_version

if TYPE_CHECKING:
    import pandas as pd

    from pk_research.settings import Settings
    from pk_research.store.access import Access
    from pk_research.store.attachments import Blobs
    from pk_research.store.audit import Audit
    from pk_research.store.drafts import Drafts
    from pk_research.store.forms import Forms
    from pk_research.store.submissions import Submissions

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,119}")
LARGEST_VERSION = 2**31 - 1


@dataclass(frozen=True, slots=True)
class StoredDataset:
    """What the store knows of one version of a dataset, without its rows.

    Attributes
    ----------
    name, version
        Together they identify it; versions count from 1.
    title
        What the source is called.
    made
        True for data that was made up.
    n_rows
        Number of rows.
    content_hash
        SHA-256 of values and codebook.
    loaded_at
        When it was kept or last loaded again, UTC.
    is_by_village
        True when its rows describe villages.
    """

    name: str
    version: int
    title: str
    made: bool
    n_rows: int
    content_hash: str
    loaded_at: datetime
    is_by_village: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """The answer to keeping a dataset.

    Attributes
    ----------
    name, version
        Where it is now.
    is_new
        False when the newest version already held just this content, so no version was written.
    """

    name: str
    version: int
    is_new: bool


@dataclass(frozen=True)
class Store:
    """An open store.

    Attributes
    ----------
    engine
        The database.
    clock
        Says what time it is; replaced in tests.
    folder
        Where files of submissions are kept; None keeps them in the database.
    key
        The key of this house; None reads the one in its home folder when it is first needed.
    """

    engine: Engine
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    folder: Path | None = None
    key: bytes | None = field(default=None, repr=False)

    def ping(self) -> None:
        """Ask the database for next to nothing, to see whether it answers.

        Raises
        ------
        NotReady
            When it does not.
        """
        with reading(self.engine) as connection:
            connection.execute(select(dataset_version.c.name).limit(1)).first()

    # A notebook that reads a dataset does not load what receives submissions.

    @cached_property
    def secret(self) -> bytes:
        """The key of this house."""
        if self.key is not None:
            return self.key
        from pk_research.settings import read_settings
        from pk_research.store.access import read_secret

        settings = read_settings()
        return read_secret(settings.home, given=settings.secret)

    @cached_property
    def access(self) -> Access:
        """Who may come in."""
        from pk_research.store.access import Access

        return Access(self.engine, self.secret, self.clock)

    @cached_property
    def blobs(self) -> Blobs:
        """Files, kept once each by what they hold."""
        from pk_research.store.attachments import Blobs

        return Blobs(self.folder)

    @cached_property
    def audit(self) -> Audit:
        """What was done, by whom, in a chain that cannot be changed unnoticed."""
        from pk_research.store.audit import Audit

        return Audit(self.engine, self.blobs, self.clock)

    @cached_property
    def forms(self) -> Forms:
        """Forms, every version side by side."""
        from pk_research.store.forms import Forms

        return Forms(self.engine, self.blobs, self.clock)

    @cached_property
    def drafts(self) -> Drafts:
        """What is being typed, until it is sent."""
        from pk_research.store.drafts import Drafts

        return Drafts(self.engine, self.blobs, self.clock, lambda: self.secret)

    @cached_property
    def submissions(self) -> Submissions:
        """What was sent."""
        from pk_research.store.receiving import Intake
        from pk_research.store.submissions import Submissions

        return Submissions(Intake(self.engine, self.blobs, self.clock, self.forms, self.drafts))

    def keep(self, dataset: Dataset, *, touch: bool = False) -> Kept:
        """Keep a dataset as the next version of its name.

        Keeping the newest version again, with the same values, codebook, key and provenance,
        writes no new version. Two writers of one name get two versions, never one overwritten.

        Parameters
        ----------
        dataset
            What to keep.
        touch
            True to make an unchanged dataset the one loaded last: its ``loaded_at`` becomes now.
            Its content never changes.

        Raises
        ------
        BadInput
            When the name could not serve on a command line.
        """
        if not NAME.fullmatch(dataset.name):
            raise BadInput(
                Problem(
                    "dataset name",
                    f"{dataset.name!r} cannot be used",
                    "Use lower-case letters, digits, '-' and '_', starting with a letter or digit.",
                )
            )
        row = _row(dataset, self.clock())
        while True:
            newest = self._newest(dataset.name)
            if newest and _is_same(newest, row):
                if touch:
                    self._touch(newest.id, row["loaded_at"])
                return Kept(newest.name, newest.version, is_new=False)
            version = newest.version + 1 if newest else 1
            try:
                with self.engine.begin() as connection:
                    connection.execute(dataset_version.insert().values(version=version, **row))
            except IntegrityError:  # another writer took this number: look again
                continue
            return Kept(dataset.name, version, is_new=True)

    def datasets(self) -> tuple[StoredDataset, ...]:
        """List the newest version of every dataset, the one loaded last first."""
        newest = (
            select(dataset_version.c.name, func.max(dataset_version.c.version).label("version"))
            .group_by(dataset_version.c.name)
            .subquery()
        )
        query = (
            select(*_LISTED)
            .join(
                newest,
                (dataset_version.c.name == newest.c.name) & (dataset_version.c.version == newest.c.version),
            )
            .order_by(dataset_version.c.loaded_at.desc(), dataset_version.c.id.desc())
        )
        with self.engine.connect() as connection:
            return tuple(_stored(row) for row in connection.execute(query))

    def read(self, name: str, *, version: int | None = None) -> Dataset:
        """Read a dataset back, exactly as it was kept.

        Parameters
        ----------
        name
            As listed by `datasets`.
        version
            Which version; the newest by default.

        Raises
        ------
        NotFound
            When there is no such dataset or version.
        """
        table = dataset_version.c
        query = select(dataset_version).where(table.name == name).order_by(table.version.desc()).limit(1)
        if version is not None:
            query = query.where(table.version == version)
        row = None
        if version is None or version <= LARGEST_VERSION:
            with self.engine.connect() as connection:
                row = connection.execute(query).one_or_none()
        if row is None:
            known = ", ".join(sorted(entry.name for entry in self.datasets())) or "nothing yet"
            raise NotFound(
                Problem(
                    "the store",
                    f"there is no dataset {name!r}" + (f" version {version}" if version is not None else ""),
                    f"Kept: {known}. Load a file with `pk load FILE`.",
                )
            )
        codebook = Codebook.from_csv(row.codebook)
        return Dataset(
            name=row.name,
            frame=_frame(row.payload, codebook),
            codebook=codebook,
            provenance=Provenance.from_dict(row.provenance),
            key=tuple(row.row_key),
        )

    def _newest(self, name: str) -> Any | None:  # noqa: ANN401 - a SQLAlchemy row
        table = dataset_version.c
        columns = (table.id, table.name, table.version, table.content_hash, table.row_key, table.provenance)
        query = select(*columns).where(table.name == name).order_by(table.version.desc()).limit(1)
        with self.engine.connect() as connection:
            return connection.execute(query).one_or_none()

    def _touch(self, row_id: int, now: datetime) -> None:
        with self.engine.begin() as connection:
            connection.execute(
                dataset_version.update().where(dataset_version.c.id == row_id).values(loaded_at=now)
            )


def open_store(url: str, *, attachments: Path | None = None, key: bytes | None = None) -> Store:
    """Open the store at a database address, creating or upgrading it when needed.

    Parameters
    ----------
    url
        SQLAlchemy address, as in ``read_settings().database_url``.
    attachments
        Folder for the files of submissions; None keeps them in the database.
    key
        The key of this house; by default the one in its home folder.

    Raises
    ------
    NotReady
        See `pk_research.store.database.open_database`.

    Examples
    --------
    >>> open_store("sqlite://").datasets()
    ()
    """
    return Store(open_database(url), folder=attachments, key=key)


def store_of(settings: Settings) -> Store:
    """Open the store that the settings speak of, files of submissions included.

    Raises
    ------
    NotReady
        As `open_store`.
    """
    return open_store(settings.database_url, attachments=settings.attachments)


_LISTED = tuple(
    dataset_version.c[name]
    for name in ("name", "version", "title", "made", "n_rows", "content_hash", "loaded_at", "row_key")
)


def _stored(row: Any) -> StoredDataset:  # noqa: ANN401 - a SQLAlchemy row
    when = row.loaded_at if row.loaded_at.tzinfo else row.loaded_at.replace(tzinfo=UTC)
    listed = {
        name: getattr(row, name) for name in ("name", "version", "title", "made", "n_rows", "content_hash")
    }
    return StoredDataset(**listed, loaded_at=when, is_by_village="village_code" in row.row_key)


def _is_same(stored: Any, row: dict[str, Any]) -> bool:  # noqa: ANN401 - a SQLAlchemy row
    """Compare content and origin; a corrected licence or title is a change like any other."""
    return (stored.content_hash, stored.row_key, stored.provenance) == (
        row["content_hash"],
        row["row_key"],
        json.loads(json.dumps(row["provenance"])),
    )


def _row(dataset: Dataset, now: datetime) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "content_hash": dataset.content_hash,
        "title": dataset.provenance.title,
        "made": dataset.provenance.made,
        "n_rows": len(dataset.frame),
        "row_key": list(dataset.key),
        "codebook": dataset.codebook.to_csv(),
        "provenance": dataset.provenance.to_dict(),
        "payload": _payload(dataset.frame),
        "loaded_at": now,
    }


def _payload(frame: pd.DataFrame) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), out, compression="zstd")
    return out.getvalue()


def _frame(payload: bytes, codebook: Codebook) -> pd.DataFrame:
    import pyarrow.parquet as pq

    return codebook.cast(pq.read_table(io.BytesIO(payload)).to_pandas(), where="the store")
