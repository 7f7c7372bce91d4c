"""What has come in for a form: the submissions somebody may read, by village, with their flags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import select

from pk_research.apps.supervise.people import People, people_named
from pk_research.quality.fieldwork import (
    Coverage,
    Flag,
    Interview,
    asks_for_village,
    coverage,
    flags,
    interviews,
)
from pk_research.register import Register, Village
from pk_research.store import Store
from pk_research.store.actors import Actor, Right
from pk_research.store.codes import receipt_code
from pk_research.store.database import reading
from pk_research.store.tables import submission
from pk_research.survey import Filled, Form


@dataclass(frozen=True, slots=True)
class Entry:
    """A submission in the list.

    Attributes
    ----------
    filled
        The submission, in its newest version.
    code
        The code on its receipt.
    village
        The village it answers for; None where it names none of the register.
    village_code
        What it says of its village; empty where it says nothing.
    flags
        Reasons to look at it again.
    """

    filled: Filled
    code: str
    village: Village | None
    village_code: str
    flags: tuple[Flag, ...]

    @property
    def place(self) -> str:
        """The village by name; what the submission says where that is no village we know."""
        return self.village.name if self.village else self.village_code

    @property
    def title(self) -> str:
        """Its code and, where it names one, its village."""
        return " · ".join(filter(None, (self.code, self.place)))


@dataclass(frozen=True, slots=True)
class Fieldwork:
    """How far the fieldwork of a form is.

    Attributes
    ----------
    form_id
        The form.
    entries
        Its submissions, the latest first.
    coverage
        Which villages have answered.
    asks_village
        Whether the form asks for a village; where it does not, there is no coverage to speak of.
    people
        What the senders are called.
    """

    form_id: str
    entries: tuple[Entry, ...]
    coverage: Coverage
    asks_village: bool
    people: People

    @property
    def n_by_state(self) -> Counter[str]:
        """Number of submissions by state of review."""
        return Counter(entry.filled.review_state for entry in self.entries)

    def chosen(
        self, *, state: str = "", kecamatan_code: str = "", only_flagged: bool = False
    ) -> tuple[Entry, ...]:
        """Return the submissions that were asked for; an empty choice is all."""
        return tuple(
            entry
            for entry in self.entries
            if state in ("", entry.filled.review_state)
            and kecamatan_code in ("", entry.village.kecamatan_code if entry.village else None)
            and (entry.flags or not only_flagged)
        )

    def entry(self, instance_id: str) -> Entry | None:
        """Return a submission; None when it is not among these."""
        return next((entry for entry in self.entries if entry.filled.instance_id == instance_id), None)


def form_answered_last(store: Store, form_ids: Collection[str]) -> str | None:
    """Return which of some forms a submission came in for last; None where none has come in."""
    query = select(submission.c.form_id).where(submission.c.form_id.in_(form_ids))
    with reading(store.audit.engine) as connection:
        return connection.execute(query.order_by(submission.c.id.desc()).limit(1)).scalar()


def read_fieldwork(store: Store, form_id: str, register: Register, *, by: Actor) -> Fieldwork:
    """Read what has come in for a form.

    Parameters
    ----------
    store
        The open store.
    form_id
        The form; flags are looked for with the questions of its newest version.
    register
        The villages that should answer.
    by
        Who asks; personal answers are empty for whom they are not.

    Raises
    ------
    NotAllowed
        When ``by`` may not read every submission of the form.
    """
    by.require(Right.READ_ALL, form_id=form_id)
    form = store.forms.open(store.forms.find(form_id))
    newest = interviews(form, store.submissions.list(form_id, by=by))
    given = tuple(_timed_as_held(store, form, interview, by) for interview in newest)
    found: dict[str, list[Flag]] = {}
    for flag in flags(form, given):
        found.setdefault(flag.instance_id, []).append(flag)
    entries = [
        Entry(
            interview.filled,
            receipt_code(interview.filled.instance_id),
            register.by_code(interview.village_code),
            interview.village_code,
            tuple(found.get(interview.filled.instance_id, ())),
        )
        for interview in given
    ]
    senders = {entry.filled.submitter_id for entry in entries}
    return Fieldwork(
        form_id,
        tuple(reversed(entries)),
        coverage(given, register),
        asks_village=asks_for_village(form) or any(entry.village_code for entry in entries),
        people=people_named(store, senders, form_id, by=by),
    )


def _timed_as_held(store: Store, form: Form, interview: Interview, by: Actor) -> Interview:
    """Give a corrected interview the times of its first version: sending a correction moves its end."""
    if not interview.filled.edits:
        return interview
    first = store.submissions.read(interview.filled.instance_id, by=by, number=1)
    (held,) = interviews(form, [first])
    return replace(interview, started_at=held.started_at, ended_at=held.ended_at)
