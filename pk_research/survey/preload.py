"""What the client fills in by itself: identifiers, times, the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pk_research.survey.instance import Origin
from pk_research.survey.meta import identifier_of, predecessor_of
from pk_research.survey.recalculation import Recalculation
from pk_research.survey.state import State
from pk_research.survey.tree import Attribute, Element, Node
from pk_research.survey.xpath import World
from pk_research.survey.xpath.moments import written

if TYPE_CHECKING:
    from pk_research.survey.surroundings import Surroundings


def preload(recalculation: Recalculation, surroundings: Surroundings, world: World, origin: Origin) -> None:
    """Fill in what a form asks the client for, when a filling begins.

    An edited filling gets a new identifier and keeps the one it replaces.
    """
    if origin == "edited":
        _succeed(recalculation, world)
    if origin != "new":
        return
    for node in _all_nodes(recalculation.root):
        state: State = node.state
        bind = state.definition.bind
        if bind is not None and bind.preload and not state.answer:
            value = _value(bind.preload, bind.preload_parameter, surroundings, world)
            if value is not None:
                recalculation.set_answer(state, value)
    recalculation.run()


def _value(kind: str, parameter: str, surroundings: Surroundings, world: World) -> str | None:
    now = world.clock().astimezone(world.zone)
    match kind, parameter:
        case "uid", _:
            return f"uuid:{world.new_uuid()}"
        case "timestamp", "start":
            return now.isoformat(timespec="milliseconds")
        case "date", _:
            return written(now)[:10]
        case "property", _:
            return surroundings.properties.get(parameter)
        case _:
            return None


def stamp_end(recalculation: Recalculation, world: World, origin: Origin) -> None:
    """Fill in the time of finishing, where the form asks for it; what was sent before keeps its own."""
    was_sent = origin in ("edited", "corrected")
    now = world.clock().astimezone(world.zone).isoformat(timespec="milliseconds")
    for node in _all_nodes(recalculation.root):
        bind = node.state.definition.bind
        if bind is None or (bind.preload, bind.preload_parameter) != ("timestamp", "end"):
            continue
        if not (was_sent and node.state.answer):
            recalculation.set_answer(node.state, now)
    recalculation.run()


def _succeed(recalculation: Recalculation, world: World) -> None:
    identifier = identifier_of(recalculation.root)
    if identifier is None:
        return
    old = identifier.state.answer
    predecessor = predecessor_of(recalculation.root) if old else None
    if predecessor is not None and isinstance(predecessor.parent, Element):
        if predecessor.state is None:
            recalculation.filling.adopt(predecessor, predecessor.parent)
        recalculation.set_answer(predecessor.state, old)
    recalculation.set_answer(identifier.state, f"uuid:{world.new_uuid()}")
    recalculation.run()


def _all_nodes(root: Element) -> list[Element | Attribute]:
    found: list[Element | Attribute] = []
    nodes: list[Node] = [root, *root.descendants()]
    for node in nodes:
        if isinstance(node, Element) and node.state is not None:
            found.append(node)
            found.extend(attribute for attribute in node.attributes if attribute.state is not None)
    return found
