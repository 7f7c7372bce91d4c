"""A running form as others see it: plain facts about each node, nothing that can be changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pk_research.language import Message
from pk_research.survey.choices import Choice, choices_of
from pk_research.survey.definition import Texts
from pk_research.survey.paths import path_of_node
from pk_research.survey.state import Range, State
from pk_research.survey.texts import Shown, Speaker
from pk_research.survey.tree import Element, Node
from pk_research.survey.xpath import EvaluationError, World

MISSING = Message("This question needs an answer.")
REFUSED = Message("This answer is not allowed here.")


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule an answer breaks.

    Attributes
    ----------
    path
        Where.
    rule
        ``"required"`` or ``"constraint"``.
    message
        What the form says about it, or what the house says where the form is silent.
    """

    path: str
    rule: str
    message: Message


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node as it stands.

    Attributes
    ----------
    path
        With the numbers of repeat instances.
    kind
        ``root``, ``group``, ``repeat``, ``repeat-instance``, ``note``, ``value`` (nothing is shown
        for it) or the question's kind.
    type
        Data type.
    is_relevant, is_required, is_readonly
        What the rules say now.
    value
        The answer; empty while not relevant.
    label, hint
        What is shown; None where the form gives none.
    choices
        What is on offer, for questions with choices.
    violation
        The rule the answer breaks, if any.
    is_controlled
        For repeats: whether the form itself decides the number of instances.
    """

    path: str
    kind: str
    type: str
    is_relevant: bool
    is_required: bool
    is_readonly: bool
    value: str
    label: Shown | None = None
    hint: Shown | None = None
    choices: tuple[Choice, ...] | None = None
    violation: Violation | None = None
    is_controlled: bool = False


def view_tree(element: Element, speaker: Speaker) -> Iterator[NodeView]:
    """Yield an element and everything below it as it stands, in document order."""
    state: State = element.state
    yield view_state(state, speaker)
    below = [child for child in element.elements() if child.state is not None]
    for definition in state.definition.children:
        place = state.ranges.get(definition)
        if isinstance(place, Range):
            yield view_range(place, speaker.world, speaker)
        for child in below:
            if child.state.definition is definition:
                yield from view_tree(child, speaker)
    known = set(state.definition.children)
    for child in below:
        if child.state.definition not in known:
            yield from view_tree(child, speaker)


def violations_in(element: Element, speaker: Speaker) -> Iterator[Violation]:
    """Yield the broken rules of an element and everything below it, in document order."""
    state: State = element.state
    if not state.is_relevant:
        return
    violation = violation_of(state, speaker)
    if violation is not None:
        yield violation
    for child in element.elements():
        if child.state is not None:
            yield from violations_in(child, speaker)


def view_state(state: State, speaker: Speaker) -> NodeView:
    """Return a node as it stands."""
    definition = state.definition
    control = definition.control
    shows_choices = control is not None and control.has_choices
    return NodeView(
        path=path_of_node(state.node),
        kind=kind_of(state),
        type=definition.type,
        is_relevant=state.is_relevant,
        is_required=state.is_required,
        is_readonly=state.is_readonly,
        value=state.text if definition.is_leaf else "",
        label=_said(None if control is None else control.label, state.node, speaker),
        hint=_said(None if control is None else control.hint, state.node, speaker),
        choices=tuple(choices_of(control, state.node, speaker)) if control and shows_choices else None,
        violation=violation_of(state, speaker),
    )


def view_range(place: Range, world: World, speaker: Speaker) -> NodeView:
    """Return the place of a repeat as it stands, be there instances or none."""
    definition = place.definition
    above: State = place.parent.state
    instances = place.instances()
    node = instances[0] if instances else place.stand_in
    relevant = definition.rule("relevant")
    try:
        is_relevant = above.is_relevant and (relevant is None or relevant.truth(node, world))
    except EvaluationError:
        is_relevant = above.is_relevant
    repeat = definition.repeat
    return NodeView(
        path=f"{path_of_node(place.parent)}/{definition.name}",
        kind="repeat",
        type="",
        is_relevant=is_relevant,
        is_required=False,
        is_readonly=instances[0].state.is_readonly if instances else above.is_readonly,
        value="",
        label=_said(None if definition.control is None else definition.control.label, node, speaker),
        is_controlled=repeat is not None and (repeat.count is not None or repeat.is_fixed),
    )


def kind_of(state: State) -> str:
    """Return what a node is shown as."""
    definition = state.definition
    if definition.parent is None:
        return "root"
    if definition.repeat is not None:
        return "repeat-instance"
    if not definition.is_leaf:
        return "group"
    control = definition.control
    if control is None:
        return "value"
    readonly = definition.rule("readonly")
    if control.kind == "input" and readonly is not None and readonly.source.strip() == "true()":
        return "note"
    return control.kind


def violation_of(state: State, speaker: Speaker) -> Violation | None:
    """Return the rule an answer breaks, if any; what is not relevant breaks none."""
    if not state.is_relevant or not state.definition.is_leaf:
        return None
    bind = state.definition.bind
    if state.is_required and state.text == "":
        message = None if bind is None else bind.required_message
        return Violation(path_of_node(state.node), "required", _message(message, state, speaker, MISSING))
    if not state.is_constrained_well:
        message = None if bind is None else bind.constraint_message
        return Violation(path_of_node(state.node), "constraint", _message(message, state, speaker, REFUSED))
    return None


def _message(texts: Texts | None, state: State, speaker: Speaker, otherwise: Message) -> Message:
    said = _said(texts, state.node, speaker)
    return otherwise if said is None or not said.words else Message("{text}", {"text": said.words})


def _said(texts: Texts | None, node: Node, speaker: Speaker) -> Shown | None:
    return None if texts is None else speaker.say(texts, node)
