"""Made fillings of any form: answered at random, keeping the form's own rules."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from pk_research.errors import BadInput, NotFound, Problem
from pk_research.survey import Form, NodeView, Session, Surroundings
from pk_research.survey.valid_answers import valid_answers

ROUNDS = 4
QUESTIONS = frozenset({"input", "select", "select1", "rank", "range", "upload", "trigger"})
WIDEST = 50
BY_TYPE = {
    "date": ("2026-11-01", "2026-11-16", "2026-12-01"),
    "time": ("08:30:00.000+07:00",),
    "dateTime": ("2026-11-02T08:30:00.000+07:00",),
    "geopoint": ("-6.25 107.01 12 5",),
}
WORDS = ("Sukamaju", "Contoh", "0812 3456 7890", "10750")


def make_filling(
    form: Form,
    *,
    seed: int,
    begun_at: datetime,
    minutes: float = 20,
    answers: Mapping[str, str] | None = None,
) -> str:
    """Fill a form at random, as somebody would who must answer something everywhere.

    What comes out is **made**. It keeps every rule of the form, so that it can be sent.

    Parameters
    ----------
    form
        The form.
    seed
        Of every draw, and of the filling's identifier.
    begun_at, minutes
        When it is begun and how long it takes, for forms that record it.
    answers
        Question name to answer, for questions that are not left to chance.

    Returns
    -------
    str
        The XML to send.

    Raises
    ------
    BadInput
        When no answer was found that keeps the rules.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pk_research.survey import check_submission
    >>> from pk_research.survey.questionnaires import find_questionnaire
    >>> form = find_questionnaire("coordination_log").open()
    >>> xml = make_filling(form, seed=1, begun_at=datetime(2026, 11, 2, 2, tzinfo=UTC))
    >>> check_submission(form, xml)
    ()
    """
    # The form is part of the seed: fillings of two forms are never the same submission.
    draw = random.Random(f"{form.identifier} {seed}")  # noqa: S311 - for made answers, not for secrets
    moments = iter([begun_at])
    ended_at = begun_at + timedelta(minutes=minutes)
    session = form.start(Surroundings(clock=lambda: next(moments, ended_at), seed=draw.getrandbits(32)))
    respondent = _Respondent(session, draw, dict(answers or {}))
    for _ in range(ROUNDS):
        respondent.answer(view.path for view in session.nodes())
        wrong = [violation.path for violation in session.problems()]
        if not wrong:
            return session.finish()
        respondent.put_right(wrong)
    if session.problems():
        raise BadInput(
            Problem(
                form.identifier,
                f"no answers were found for {', '.join(found.path for found in session.problems())}",
                "Give them with answers=.",
            )
        )
    return session.finish()


class _Respondent:
    def __init__(self, session: Session, draw: random.Random, given: Mapping[str, str]) -> None:
        self.session = session
        self.draw = draw
        self.given = given
        self.done: set[str] = set()

    def answer(self, paths: Iterable[str]) -> None:
        for path in paths:
            try:
                view = self.session.view(path)
            except NotFound:  # an earlier answer took its repeat instance away
                continue
            if view.kind in QUESTIONS and path not in self.done:
                self._answer_one(view)

    def put_right(self, wrong: Iterable[str]) -> None:
        """Answer again what is wrong; where a sum is, decline one of its parts."""
        for path in wrong:
            view = self.session.view(path)
            if not view.is_readonly and view.kind in QUESTIONS:
                self._answer_one(view)
                continue
            group = path.rpartition("/")[0]
            beside = [
                one
                for one in self.session.nodes()
                if one.path.startswith(f"{group}/") and one.type in ("int", "decimal")
            ]
            declined = next((one for one in beside if self._may_decline(one)), None)
            if declined is not None:
                self.session.answer(declined.path, "-99")
                self.done.add(declined.path)

    def _may_decline(self, view: NodeView) -> bool:
        if view.is_readonly or not view.is_relevant or view.value == "-99":
            return False
        rule = self.session.state(view.path).definition.rule("constraint")
        return rule is not None and "-99" in valid_answers(rule).codes

    def _answer_one(self, view: NodeView) -> None:
        state = self.session.state(view.path)
        for answer in self._possible(view):
            if not state.is_relevant or state.is_readonly or state.definition.rule("value") is not None:
                return
            self.session.answer(view.path, answer)
            if state.is_constrained_well and (state.text or not state.is_required):
                self.done.add(view.path)
                return

    def _possible(self, view: NodeView) -> list[str]:
        given = {"consent": "yes", **self.given}.get(view.path.rpartition("/")[2])
        if given is not None:
            return [given]
        if view.choices is not None:
            values = list(dict.fromkeys(choice.value for choice in view.choices if choice.value))
            self.draw.shuffle(values)
            n_at_once = {"rank": len(values), "select": self.draw.randint(1, 3)}.get(view.kind, 1)
            return [" ".join(values[:n_at_once]), *values]
        if view.kind in ("trigger", "upload"):
            return ["OK" if view.kind == "trigger" else ""]
        if view.kind == "range":
            return [self._mark(view)]
        if view.type in ("int", "decimal"):
            return self._numbers(view)
        found = BY_TYPE.get(view.type, WORDS)
        return self.draw.sample(found, len(found))

    def _mark(self, view: NodeView) -> str:
        control = self.session.state(view.path).definition.control
        attributes = {} if control is None else control.attributes
        start, end, step = (Decimal(attributes.get(name) or "1") for name in ("start", "end", "step"))
        return str(start + self.draw.randint(0, int((end - start) / step)) * step)

    def _numbers(self, view: NodeView) -> list[str]:
        rule = self.session.state(view.path).definition.rule("constraint")
        if rule is None:
            return [str(self.draw.randint(0, WIDEST))]
        valid = valid_answers(rule)
        low = 0 if valid.minimum is None else int(valid.minimum)
        high = low + WIDEST if valid.maximum is None else int(valid.maximum)
        near, far = self.draw.randint(low, min(high, low + WIDEST)), self.draw.randint(low, high)
        return [str(near), str(far), "2024", "1", str(low), *valid.codes]
