"""Reviewing submissions: a state, comments, and who said what when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import Connection, Engine, select

from pk_research.errors import BadInput, Problem
from pk_research.store.actors import Actor, Right
from pk_research.store.audit import insert_sealed, record
from pk_research.store.database import writing
from pk_research.store.tables import review_event
from pk_research.store.versions import newest_version

ReviewState = Literal["received", "has issues", "approved", "rejected"]
STATES: tuple[ReviewState, ...] = get_args(ReviewState)
MAX_COMMENT = 10_000


@dataclass(frozen=True, slots=True)
class ReviewEvent:
    """Something said about a submission.

    Attributes
    ----------
    at
        When, UTC.
    by
        Identifier of who said it.
    state
        The state given; None for a comment alone.
    comment
        What was said.
    number
        The version it is about.
    """

    at: datetime
    by: str
    state: str | None
    comment: str
    number: int


def add_event(
    connection: Connection,
    submission_id: int,
    number: int,
    *,
    by: Actor,
    at: datetime,
    state: str | None = None,
    comment: str = "",
) -> dict[str, str]:
    """Add to the review of a submission, inside a transaction; return its seal for the audit log."""
    _, rows = insert_sealed(
        connection,
        review_event,
        submission_id=submission_id,
        number=number,
        at=at,
        by=by.identifier,
        state=state,
        comment=comment,
    )
    return rows


def review(
    engine: Engine,
    clock: Callable[[], datetime],
    instance_id: str,
    *,
    by: Actor,
    state: str | None,
    comment: str,
) -> None:
    """Give a submission a state, a comment, or both; see `Submissions.review`."""
    if state is not None and state not in STATES:
        raise BadInput(Problem("review", f"there is no state {state!r}", f"Use one of: {', '.join(STATES)}."))
    comment = readable(comment, "comment")
    with writing(engine) as connection:
        version = newest_version(connection, instance_id)
        by.require(Right.REVIEW, form_id=version.form_id)
        now = clock()
        record(
            connection,
            "submission commented" if state is None else "submission reviewed",
            by=by,
            at=now,
            subject=version.instance_id,
            details={"number": version.number, **({} if state is None else {"state": state})},
            rows=add_event(
                connection, version.submission_id, version.number, by=by, at=now, state=state, comment=comment
            ),
        )


def events_of(connection: Connection, submission_id: int) -> tuple[ReviewEvent, ...]:
    """Return what was said about a submission, in order."""
    query = (
        select(review_event).where(review_event.c.submission_id == submission_id).order_by(review_event.c.id)
    )
    return tuple(
        ReviewEvent(row.at, row.by, row.state, row.comment, row.number) for row in connection.execute(query)
    )


def readable(text: str, what: str) -> str:
    r"""Return what somebody wrote without what no database keeps and nobody can read.

    Raises
    ------
    BadInput
        When it is too long.

    Examples
    --------
    >>> readable(" Please\x00 check \n", "comment")
    'Please check'
    """
    if len(text) > MAX_COMMENT:
        raise BadInput(Problem(what, f"it is longer than {MAX_COMMENT:,} characters", "Shorten it."))
    kept = "".join(letter for letter in text if letter.isprintable() or letter in "\n\t")
    return kept.strip()
