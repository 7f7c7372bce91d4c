"""The rows the audit chain vouches for: each has a seal, written in the event that wrote the row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, select

from pk_research.store.audit.chain import digest
from pk_research.store.tables import (
    account,
    attachment,
    form,
    form_file,
    form_version,
    invitation,
    recalculation,
    review_event,
    submission,
    submission_version,
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A table whose rows are vouched for.

    Attributes
    ----------
    facts
        What of a row is vouched for, in terms that do not depend on the database's own numbers.
    key
        How many of the facts, from the first, name the row.
    identifier
        The column of the database's own numbers.
    """

    facts: Select[Any]
    key: int
    identifier: Column[Any]


_OF_FORM_VERSION = (form_version.c.form_id, form_version.c.version)

SEALED: dict[str, Sealed] = {
    "form": Sealed(select(form.c.form_id, form.c.is_open), 1, form.c.form_id),
    "form_version": Sealed(
        select(*(column for column in form_version.c if column.name != "id")), 2, form_version.c.id
    ),
    "form_file": Sealed(
        select(*_OF_FORM_VERSION, form_file.c.name, form_file.c.sha256).join_from(form_file, form_version),
        3,
        form_file.c.id,
    ),
    "submission": Sealed(
        select(*(column for column in submission.c if column.name != "id")), 1, submission.c.id
    ),
    "submission_version": Sealed(
        select(
            submission.c.instance_id.label("submission"),
            submission_version.c.number,
            *_OF_FORM_VERSION,
            *(submission_version.c[name] for name in ("instance_id", "xml", "sha256", "file_names")),
            *(submission_version.c[name] for name in ("at", "by", "reason")),
        )
        .join_from(submission_version, submission)
        .join(form_version, form_version.c.id == submission_version.c.form_version_id),
        2,
        submission_version.c.id,
    ),
    "recalculation": Sealed(
        select(
            submission.c.instance_id,
            submission_version.c.number,
            recalculation.c.paths,
            recalculation.c.xml,
        )
        .join_from(recalculation, submission_version)
        .join(submission, submission.c.id == submission_version.c.submission_id),
        2,
        recalculation.c.id,
    ),
    "attachment": Sealed(
        select(submission.c.instance_id, attachment.c.name, attachment.c.sha256, attachment.c.at).join_from(
            attachment, submission
        ),
        2,
        attachment.c.id,
    ),
    "review_event": Sealed(
        select(
            submission.c.instance_id,
            review_event.c.id,
            *(review_event.c[name] for name in ("number", "at", "by", "state", "comment")),
        ).join_from(review_event, submission),
        2,
        review_event.c.id,
    ),
    "account": Sealed(select(*(column for column in account.c if column.name != "id")), 1, account.c.id),
    "invitation": Sealed(
        select(*(column for column in invitation.c if column.name != "id")), 1, invitation.c.id
    ),
}


def insert_sealed(connection: Connection, table: Table, **values: object) -> tuple[int, dict[str, str]]:
    """Insert a row; return its number, and its seal as `sealed` does."""
    (number,) = connection.execute(table.insert().values(**values)).inserted_primary_key or (0,)
    return number, sealed(connection, table.name, number)


def sealed(connection: Connection, table: str, identifier: int | str) -> dict[str, str]:
    """Return the name and digest of a row just written, to be put in the event that tells of it.

    Parameters
    ----------
    connection
        The transaction.
    table
        Name of the table.
    identifier
        The row's number in the database.
    """
    kind = SEALED[table]
    row = connection.execute(kind.facts.where(kind.identifier == identifier)).one()
    return dict([_sealed(table, row)])


def all_sealed(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield the name and digest of every row as it stands now."""
    for table, kind in SEALED.items():
        for row in connection.execute(kind.facts.execution_options(yield_per=500)):
            yield _sealed(table, row)


def _sealed(table: str, row: Any) -> tuple[str, str]:  # noqa: ANN401 - a SQLAlchemy row
    """Name a row without saying what it holds: a file name may be personal."""
    key = digest({"key": list(row[: SEALED[table].key])})
    return f"{table}:{key[:24]}", digest({"facts": list(row)})
