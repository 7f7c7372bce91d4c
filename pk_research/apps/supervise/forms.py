"""The forms whose submissions somebody may read, and how far each is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from pk_research.store import Store
from pk_research.store.actors import Actor, Right
from pk_research.store.database import reading
from pk_research.store.forms import FormVersion
from pk_research.store.tables import submission
from pk_research.store.versions import state_of_submission


@dataclass(frozen=True, slots=True)
class FormState:
    """How far a form is, without its answers.

    Attributes
    ----------
    form
        Its newest version.
    n_by_state
        Number of submissions by state of review.
    latest_at
        When the last one was received; None where none was.
    """

    form: FormVersion
    n_by_state: Counter[str]
    latest_at: datetime | None


def readable_forms(store: Store, *, by: Actor) -> tuple[FormVersion, ...]:
    """Return the forms whose submissions ``by`` may read, closed ones too."""
    forms = store.forms.list(is_open=None)
    return tuple(form for form in forms if by.may(Right.READ_ALL, form_id=form.form_id))


def form_states(store: Store, *, by: Actor) -> tuple[FormState, ...]:
    """Count the submissions of the forms ``by`` may read, the form answered last first."""
    forms = readable_forms(store, by=by)
    state = state_of_submission.label("state")
    query = (
        select(submission.c.form_id, state, func.count(), func.max(submission.c.submitted_at))
        .where(submission.c.form_id.in_([form.form_id for form in forms]))
        .group_by(submission.c.form_id, state)
    )
    counts: dict[str, Counter[str]] = {form.form_id: Counter() for form in forms}
    latest: dict[str, datetime] = {}
    with reading(store.audit.engine) as connection:
        for form_id, name, n, at in connection.execute(query):
            counts[form_id][name] = n
            latest[form_id] = max(at, latest.get(form_id, at))
    states = [FormState(form, counts[form.form_id], latest.get(form.form_id)) for form in forms]
    return _latest_first(states)


def _latest_first(states: Sequence[FormState]) -> tuple[FormState, ...]:
    answered = [state for state in states if state.latest_at is not None]
    never = [state for state in states if state.latest_at is None]
    return (*sorted(answered, key=_moment, reverse=True), *never)


def _moment(state: FormState) -> float:
    return 0.0 if state.latest_at is None else state.latest_at.timestamp()
