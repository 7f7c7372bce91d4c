"""Events and what the form does at them."""

from __future__ import annotations

from collections.abc import Iterable

from pk_research.survey.answers import stored
from pk_research.survey.definition import Action, Definition, Form
from pk_research.survey.recalculation import Recalculation
from pk_research.survey.state import State
from pk_research.survey.tree import Attribute, Element, Node
from pk_research.survey.xpath import EvaluationError

ROUNDS = 50


def fire_loaded(form: Form, recalculation: Recalculation, *, is_new: bool) -> None:
    """Do what the form does when a filling is begun, or gone on with."""
    events = {"odk-instance-load", *(("odk-instance-first-load", "xforms-ready") if is_new else ())}
    recalculation.new_values.clear()
    first = list(recalculation.new_instances)
    recalculation.new_instances.clear()
    for action in form.actions:
        if action.events & events:
            _perform(action, recalculation, None)
    recalculation.run()
    recalculation.new_instances[:0] = first
    fire_pending(form, recalculation)


def fire_pending(form: Form, recalculation: Recalculation) -> None:
    """Do what the form does when values changed and repeat instances were added."""
    for _ in range(ROUNDS):
        instances, values = recalculation.new_instances, recalculation.new_values
        if not instances and not values:
            return
        recalculation.new_instances, recalculation.new_values = [], []
        for element in instances:
            _perform_all(form.actions, "odk-new-repeat", element.state.definition, element, recalculation)
        for state in dict.fromkeys(values):
            _perform_all(form.actions, "xforms-value-changed", state.definition, state.node, recalculation)
        recalculation.run()
    recalculation.new_values.clear()


def _perform_all(
    actions: Iterable[Action],
    event: str,
    definition: Definition,
    place: Node,
    recalculation: Recalculation,
) -> None:
    for action in actions:
        if event in action.events and action.source == definition.path:
            _perform(action, recalculation, place)


def _perform(action: Action, recalculation: Recalculation, place: Node | None) -> None:
    if action.kind != "setvalue":
        return  # a place or a recording is the client's to give
    world = recalculation.world
    try:
        targets = action.target.nodes(place or recalculation.root, world)
        for node in _nearest(targets, place):
            state: State | None = node.state if isinstance(node, Element | Attribute) else None
            if state is not None and state.definition.is_leaf:
                text = action.text if action.value is None else action.value.text(node, world)
                recalculation.set_answer(state, stored(state.definition.type, text))
                recalculation.run()
    except EvaluationError as error:
        recalculation.errors[action.source or action.target.source, "setvalue"] = str(error)


def _nearest(nodes: list[Node], place: Node | None) -> list[Node]:
    """Keep the nodes that share the most repeat instances with the place an event came from."""
    if place is None or len(nodes) < 2:
        return nodes
    instances = {node for node in (place, *place.ancestors()) if _is_instance(node)}
    shared = [sum(above in instances for above in node.ancestors()) for node in nodes]
    return [node for node, number in zip(nodes, shared, strict=True) if number == max(shared)]


def _is_instance(node: Node) -> bool:
    return isinstance(node, Element) and node.state is not None and node.state.definition.repeat is not None
