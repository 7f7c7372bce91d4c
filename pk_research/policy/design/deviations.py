"""What was run, held against what was declared: every difference is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pk_research.language import Bilingual, Language, Message
from pk_research.policy.design.plan import Plan
from pk_research.policy.design.seals import Seal

NONE = Message("none")
SHORT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was run.

    Attributes
    ----------
    outcome, estimator
        Column and name of the method, as the plan would name them.
    covariates
        Columns.
    clusters
        Column; None for none.
    alpha
        Of the test, before any allowance for several tests.
    exclusions
        Rules by which rows were left out.
    data_on
        Day on which the outcome's data first were at hand to whoever planned.
    comparison, treatment, method, subgroup
        As in the plan (``method``: of the outcome's family); None where it is not said (a subgroup: where
        there was none).
    """

    outcome: str
    estimator: str
    covariates: tuple[str, ...]
    clusters: str | None
    alpha: float
    exclusions: tuple[str, ...]
    data_on: date
    comparison: str | None = None
    treatment: str | None = None
    method: str | None = None
    subgroup: str | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day as either language writes it.

    Attributes
    ----------
    day
        The day.
    """

    day: date

    def text(self, language: Language) -> str:
        """Return the day in ``language``."""
        from babel.dates import format_date

        return str(format_date(self.day, format="long", locale=language))


def deviations(plan: Plan, sealed: Seal, done: Done) -> tuple[Message, ...]:
    """Tell how what was run stands to the sealed plan.

    Parameters
    ----------
    plan
        The plan now at hand; where it is not the sealed one, the sealed one counts and this is told.
    sealed
        From `seal` or `verify_register`.
    done
        What was run.

    Returns
    -------
    tuple of Message
        A sentence for each deviation; one sentence that the plan was followed where there is none.
        An outcome or a subgroup that the plan does not have makes the finding exploratory.

    Examples
    --------
    >>> import tempfile
    >>> from datetime import UTC, date, datetime
    >>> from pk_research.policy.design import plan_template, read_plan, seal
    >>> plan = read_plan(plan_template())
    >>> sealed = seal(plan, tempfile.mkdtemp(), datetime(2026, 1, 5, tzinfo=UTC))
    >>> done = Done(outcome="jobs", estimator="two_way", covariates=plan.covariates,
    ...             clusters=plan.clusters, alpha=0.05, exclusions=("population < 100",),
    ...             data_on=date(2026, 3, 1))
    >>> [message.text("en") for message in deviations(plan, sealed, done)]
    ['Departs from the plan in the estimator: planned callaway_santanna, run two_way.']
    """
    declared = sealed.plan
    found = [
        *_another_plan(plan, sealed),
        *_not_planned(declared, done),
        *_seen_before(sealed, done),
        *_differing(declared, done),
        *_lists(Message("the covariates"), declared.covariates, done.covariates),
        *_lists(Message("the rows left out"), [row.rule for row in declared.exclusions], done.exclusions),
    ]
    if found:
        return tuple(found)
    values = {"day": Day(sealed.sealed_at.date()), "hash": sealed.plan_hash[:SHORT]}
    return (Message("Follows the plan sealed on {day} (hash {hash}…).", values),)


def _another_plan(plan: Plan, sealed: Seal) -> list[Message]:
    if plan.hash == sealed.plan_hash:
        return []
    now, then = plan.content, sealed.plan.content
    parts = ", ".join(key for key in then if now[key] != then[key])
    values = {"day": Day(sealed.sealed_at.date()), "parts": parts}
    return [Message("The plan at hand is not the one sealed on {day}; changed since: {parts}.", values)]


def _not_planned(plan: Plan, done: Done) -> list[Message]:
    found = []
    if plan.outcome(done.outcome) is None:
        found.append(
            Message(
                "The outcome “{name}” is not in the plan: what is found of it is exploratory.",
                {"name": done.outcome},
            )
        )
    if done.subgroup is not None and done.subgroup not in plan.subgroups:
        found.append(
            Message(
                "The subgroup “{name}” is not in the plan: what is found of it is exploratory.",
                {"name": done.subgroup},
            )
        )
    return found


def _seen_before(sealed: Seal, done: Done) -> list[Message]:
    sealed_on = sealed.sealed_at.date()
    if done.data_on > sealed_on:
        return []
    return [
        Message(
            "The data were at hand on {data}, the plan was sealed on {day}: the plan does not show that"
            " nobody had seen them.",
            {"data": Day(done.data_on), "day": Day(sealed_on)},
        )
    ]


def _differing(plan: Plan, done: Done) -> list[Message]:
    outcome = plan.outcome(done.outcome)
    methods = {family.name: family.method for family in plan.families}
    method = methods[outcome.family] if outcome is not None else done.method
    rows: list[tuple[Message, object, object]] = [
        (Message("the estimator"), plan.estimator, done.estimator),
        (Message("the clusters"), plan.clusters or NONE, done.clusters or NONE),
        (Message("the level of the test"), plan.alpha, done.alpha),
        (Message("the comparison group"), plan.comparison, done.comparison or plan.comparison),
        (Message("the allowance for several tests"), method, done.method or method),
        (Message("the treatment"), plan.treatment.variable, done.treatment or plan.treatment.variable),
    ]
    return [_differs(part, planned, run) for part, planned, run in rows if planned != run]


def _differs(part: Bilingual, planned: object, run: object) -> Message:
    return Message(
        "Departs from the plan in {part}: planned {planned}, run {run}.",
        {"part": part, "planned": planned, "run": run},
    )


def _lists(part: Bilingual, planned: Iterable[str], run: Iterable[str]) -> list[Message]:
    before, after = set(planned), set(run)
    found = []
    if after - before:
        names = ", ".join(sorted(after - before))
        found.append(
            Message("Departs from the plan in {part}: added {names}.", {"part": part, "names": names})
        )
    if before - after:
        names = ", ".join(sorted(before - after))
        found.append(
            Message("Departs from the plan in {part}: left out {names}.", {"part": part, "names": names})
        )
    return found
