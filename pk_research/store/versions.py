"""Finding versions of submissions in the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from pk_research.errors import NotFound, Problem
from pk_research.store.tables import form_version, recalculation, review_event, submission, submission_version

RECEIVED = "received"

state_of_submission = func.coalesce(
    select(review_event.c.state)
    .where(review_event.c.submission_id == submission.c.id, review_event.c.state.is_not(None))
    .order_by(review_event.c.id.desc())
    .limit(1)
    .correlate(submission)
    .scalar_subquery(),
    RECEIVED,
)
"""What the last review said, as a column of a query on submissions."""


def versions() -> Select[Any]:
    """Return the query of all versions of all submissions, with what is known of each."""
    return (
        select(
            submission.c.id.label("submission_id"),
            submission.c.instance_id,
            submission.c.form_id,
            submission.c.code,
            submission.c.submitted_at,
            submission.c.submitter_id,
            submission.c.device_id,
            state_of_submission.label("state"),
            form_version.c.version,
            submission_version.c.instance_id.label("version_id"),
            *(submission_version.c[name] for name in ("number", "xml", "sha256", "file_names")),
            *(submission_version.c[name] for name in ("at", "by", "reason")),
            recalculation.c.xml.label("recalculated_xml"),
        )
        .join_from(submission_version, submission)
        .join(form_version, form_version.c.id == submission_version.c.form_version_id)
        .outerjoin(recalculation, recalculation.c.submission_version_id == submission_version.c.id)
    )


def newest_only(query: Select[Any]) -> Select[Any]:
    """Keep only the newest version of each submission."""
    highest = (
        select(func.max(submission_version.c.number))
        .where(submission_version.c.submission_id == submission.c.id)
        .correlate(submission)
        .scalar_subquery()
    )
    return query.where(submission_version.c.number == highest)


def version_named(connection: Connection, instance_id: str) -> Row[Any] | None:
    """Return the version that has just this identifier, if there is one."""
    query = versions().where(submission_version.c.instance_id == instance_id)
    return connection.execute(query).one_or_none()


def newest_version(connection: Connection, instance_id: str) -> Row[Any]:
    """Return the newest version of the submission that has, in any version, this identifier.

    Raises
    ------
    NotFound
        When there is none.
    """
    owner = select(submission_version.c.submission_id).where(submission_version.c.instance_id == instance_id)
    query = newest_only(versions()).where(submission.c.id == owner.scalar_subquery())
    found = connection.execute(query).one_or_none()
    if found is None:
        raise unknown(instance_id)
    return found


def unknown(instance_id: str) -> NotFound:
    """Return what to say of a submission that is not there, or not for somebody to know of."""
    return NotFound(
        Problem("the store", f"there is no submission {instance_id[:80]!r}", "Check its identifier.")
    )
