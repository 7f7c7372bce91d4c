"""Looking a submitted filling over: nothing a client says is believed that can be worked out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC

from pk_research.errors import BadInput
from pk_research.language import Message
from pk_research.survey.choices import available_values
from pk_research.survey.definition import Definition, Form
from pk_research.survey.flaws import Flaw
from pk_research.survey.markup import read_xml
from pk_research.survey.paths import path_of_node
from pk_research.survey.session import Session
from pk_research.survey.state import Range, State
from pk_research.survey.structure import flaws_of_structure
from pk_research.survey.submission import serialised
from pk_research.survey.surroundings import Surroundings
from pk_research.survey.tree import Attribute, Element
from pk_research.survey.views import violation_of
from pk_research.survey.xpath.values import number_in

MAX_BYTES = 8 * 1024 * 1024
# Some sixty thousand answers: more than anybody gives, and seconds of work rather than minutes.
MAX_NODES = 200_000
TICKED = "OK"


def check_submission(
    form: Form, xml: str | bytes, *, surroundings: Surroundings | None = None, max_bytes: int = MAX_BYTES
) -> tuple[Flaw, ...]:
    """Check a submitted filling against its form.

    Parameters
    ----------
    form
        The form it claims to fill.
    xml
        The submission.
    surroundings
        The respondent's time zone; what depends on the moment of filling is not recalculated.
    max_bytes
        Larger submissions are refused unread.

    Returns
    -------
    tuple of Flaw
        Empty for a sound submission. Reported are: XML that cannot be read; another form or
        version; nodes and attributes the form does not have, or has once only, and text between
        questions; values of another type; answers to
        questions that are not relevant; calculated and read-only values that differ from what the
        engine makes of the answers; choices that were not on offer, or twice; marks a scale does
        not have; repeats of another number than
        the form says; broken constraints; missing required answers.

    Examples
    --------
    >>> from pk_research.survey import parse_form
    >>> form = parse_form('''<h:html xmlns="http://www.w3.org/2002/xforms"
    ...   xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Desa</h:title><model>
    ...   <instance><data id="desa"><kk/></data></instance><bind nodeset="/data/kk" type="int"/>
    ...   </model></h:head><h:body><input ref="/data/kk"/></h:body></h:html>''')
    >>> [flaw.kind for flaw in check_submission(form, '<data id="desa"><kk>many</kk><x/></data>')]
    ['type', 'unknown']
    """
    try:
        given = read_xml(xml, where="submission", max_bytes=max_bytes, max_nodes=MAX_NODES).element
    except BadInput as error:
        reasons = "; ".join(problem.what for problem in error.problems)
        return (
            Flaw("", "unreadable", Message("The submission cannot be read: {reason}.", {"reason": reasons})),
        )
    foreign = tuple(_of_another_form(form, given))
    if any(flaw.kind == "other form" for flaw in foreign):
        return foreign
    submitted: dict[str, str] = {}
    flaws = [*foreign, *flaws_of_structure(form, given, submitted)]
    try:
        session = form.start(surroundings, instance=xml, origin="checked")
    except BadInput as error:
        reasons = "; ".join(problem.what for problem in error.problems)
        return (
            *flaws,
            Flaw("", "unreadable", Message("The submission cannot be read: {reason}.", {"reason": reasons})),
        )
    flaws += _of_values(session, submitted)
    return tuple(flaws)


def recalculated(form: Form, xml: str | bytes, *, surroundings: Surroundings | None = None) -> str:
    """Return a submitted filling with its calculations as the engine makes them of its answers.

    Raises
    ------
    BadInput
        When it is not a filling of this form.
    """
    session = form.start(surroundings, instance=xml, origin="checked")
    return serialised(session.root, form.namespaces)


def _of_another_form(form: Form, given: Element) -> Iterator[Flaw]:
    identifier = given.get("id") or given.uri or given.local
    if given.local != form.template.local or identifier != form.identifier:
        yield Flaw(
            "",
            "other form",
            Message(
                "The submission is for the form {given}, not {form}.",
                {"given": identifier, "form": form.identifier},
            ),
        )
    version = given.get("version") or ""
    if version != form.version:
        yield Flaw(
            "",
            "other version",
            Message(
                "The submission is for version {given} of the form, not {form}.",
                {"given": version or "–", "form": form.version or "–"},
            ),
        )


def _of_values(session: Session, submitted: Mapping[str, str]) -> Iterator[Flaw]:
    targets = _action_targets(session)
    defaults = _defaults(session.form)
    unsure = _looking_at_what_is_not_sent(session)
    for state in _states(session.root):
        path = path_of_node(state.node)
        yield from _of_counts(state, path, submitted)
        if not state.definition.is_leaf:
            continue
        value = submitted.get(path, "")
        if not state.is_relevant:
            if value:
                message = Message("{path} is answered although it does not apply.", {"path": path})
                yield Flaw(path, "not relevant", message)
            continue
        if state.definition not in unsure:
            yield from _of_calculation(session, state, path, value)
        yield from _of_readonly(state, path, value, targets, defaults)
        yield from _of_choices(session, state, path, value)
        yield from _of_marks(state, path, value)
        violation = violation_of(state, session.speaker)
        if violation is not None:
            yield Flaw(path, "required" if violation.rule == "required" else "constraint", violation.message)


def _of_counts(state: State, path: str, submitted: Mapping[str, str]) -> Iterator[Flaw]:
    for definition, place in state.ranges.items():
        repeat = definition.repeat
        if not isinstance(place, Range) or repeat is None or repeat.count is None or not state.is_relevant:
            continue
        prefix = f"{path}/{definition.name}["
        given = len({name[len(prefix) :].partition("]")[0] for name in submitted if name.startswith(prefix)})
        if given != len(place.instances()):
            where = f"{path}/{definition.name}"
            yield Flaw(
                where,
                "count",
                Message(
                    "{path} is there {given} times, not {expected}.",
                    {"path": where, "given": given, "expected": len(place.instances())},
                ),
            )


def _looking_at_what_is_not_sent(session: Session) -> frozenset[Definition]:
    """Return the calculations that look at questions which do not apply now.

    Their client may have counted instances of a repeat there, of which nothing is sent.
    """
    form = session.form
    applying = {state.definition for state in _states(session.root) if state.is_relevant}
    away = {
        definition
        for definition in form.definitions()
        if definition not in applying
        and any(step.rule("relevant") is not None for step in definition.lineage())
    }
    return form.graph.with_what_follows(away)


def _of_calculation(session: Session, state: State, path: str, value: str) -> Iterator[Flaw]:
    is_calculated = state.definition.rule("value") is not None
    if (
        is_calculated
        and state.definition not in session.recalculation.kept
        and not _are_alike(value, state.text)
    ):
        yield Flaw(
            path,
            "calculated",
            Message(
                "{path} should be {expected}, calculated from the other answers.",
                {"path": path, "expected": state.text or "–"},
            ),
        )


def _are_alike(given: str, expected: str) -> bool:
    if given == expected:
        return True
    first, second = number_in(given, UTC), number_in(expected, UTC)
    return math.isclose(first, second, rel_tol=1e-9, abs_tol=1e-9)


def _of_readonly(
    state: State, path: str, value: str, targets: frozenset[Definition], defaults: Mapping[str, str]
) -> Iterator[Flaw]:
    definition = state.definition
    rule = definition.rule("readonly")
    is_always = rule is not None and rule.source.strip() in ("true()", "1", "'yes'")
    is_free = definition.rule("value") is not None or definition in targets
    preloaded = definition.bind is not None and definition.bind.preload
    if (
        is_always
        and not is_free
        and not preloaded
        and not _are_alike(value, defaults.get(definition.path, ""))
    ):
        yield Flaw(path, "read-only", Message("{path} cannot be changed.", {"path": path}))


def _of_choices(session: Session, state: State, path: str, value: str) -> Iterator[Flaw]:
    control = state.definition.control
    if control is None or not control.has_choices or not value:
        return
    offered = set(available_values(control, state.node, session.world))
    chosen = [value] if control.kind == "select1" else value.split()
    for one in chosen:
        if one not in offered:
            yield Flaw(
                path,
                "choice",
                Message("{value} is not among the choices of {path}.", {"value": one, "path": path}),
            )
    if len(set(chosen)) < len(chosen):
        yield Flaw(path, "choice", Message("{path} has a choice more than once.", {"path": path}))
    if control.kind == "rank" and not offered <= set(chosen):
        yield Flaw(path, "choice", Message("{path} does not rank every choice.", {"path": path}))


def _of_marks(state: State, path: str, value: str) -> Iterator[Flaw]:
    """Tell what a scale or a box to tick could not have given."""
    control = state.definition.control
    if control is None or not value:
        return
    if control.kind == "trigger" and value != TICKED:
        yield Flaw(path, "choice", Message("{path} is a box to tick, nothing else.", {"path": path}))
    elif control.kind == "range" and not _is_on_scale(value, control.attributes):
        yield Flaw(
            path,
            "range",
            Message("{value} is not a mark of the scale of {path}.", {"value": value, "path": path}),
        )


def _is_on_scale(value: str, attributes: Mapping[str, str]) -> bool:
    names = ("start", "end", "step")
    start, end, step = (number_in(attributes.get(name, ""), UTC) for name in names)
    number = number_in(value, UTC)
    if not all(map(math.isfinite, (start, end, step, number))) or step == 0:
        return True  # not a scale, or told already as being no number
    marks = (number - start) / step
    return min(start, end) <= number <= max(start, end) and math.isclose(marks, round(marks), abs_tol=1e-9)


def _action_targets(session: Session) -> frozenset[Definition]:
    found: set[Definition] = set()
    for action in session.form.actions:
        for node in action.target.nodes(session.root, session.world):
            if isinstance(node, Element | Attribute) and node.state is not None:
                found.add(node.state.definition)
    return frozenset(found)


def _defaults(form: Form) -> dict[str, str]:
    """Return what each question begins with, by path without numbers."""
    found: dict[str, str] = {}
    for definition in form.definitions():
        if definition.repeat is not None:
            _note_defaults(definition, definition.repeat.template, found)
    _note_defaults(form.root, form.template, found)
    return found


def _note_defaults(definition: Definition, element: Element, found: dict[str, str]) -> None:
    if definition.is_leaf:
        found.setdefault(definition.path, element.text)
    for child in definition.children:
        first = next((below for below in element.elements() if below.name == child.name), None)
        if first is not None:
            _note_defaults(child, first, found)


def _states(element: Element) -> Iterator[State]:
    state: State = element.state
    yield state
    for owned in state.ranges.values():
        if isinstance(owned, State):
            yield owned
    for child in element.elements():
        if child.state is not None:
            yield from _states(child)
