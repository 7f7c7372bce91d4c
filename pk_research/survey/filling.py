"""The nodes of a filling with their states, and finding them by what the form says they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pk_research.survey.answers import given
from pk_research.survey.definition import Definition, Rule
from pk_research.survey.state import Range, State
from pk_research.survey.tree import Attribute, Element

RULES: tuple[Rule, ...] = ("relevant", "value", "readonly", "required", "constraint")

Task = tuple[State | Range, Rule]


class Filling:
    """The data of a filling.

    Parameters
    ----------
    root
        The topmost element.
    namespaces
        Prefix to namespace, for attributes the form fills in.
    """

    def __init__(self, root: Element, namespaces: Mapping[str, str]) -> None:
        self.root = root
        self.namespaces = namespaces
        self._routes: dict[tuple[Definition, Definition], tuple[Definition, ...]] = {}

    def attach(self, element: Element, definition: Definition) -> list[Task]:
        """Give an element and all below it their states; return the rules now to be worked out."""
        is_leaf = definition.is_leaf
        state = State(element, definition, given(definition.type, element.text) if is_leaf else "")
        element.state = state
        above = element.parent.state if isinstance(element.parent, Element) else None
        if above is not None:
            state.is_relevant = above.is_relevant
            state.is_readonly = above.is_readonly
        if is_leaf:
            state.show()
        tasks = list(rules_of(state))
        for owned in definition.attributes:
            tasks += rules_of(self._attach_attribute(element, owned))
        known = {child.name: child for child in definition.children}
        for child in definition.children:
            if child.repeat is not None:
                state.ranges[child] = Range(child, element)
                if child.repeat.count is not None:
                    tasks.append((state.ranges[child], "count"))
        for below in element.elements():
            if below.name in known:
                tasks += self.attach(below, known[below.name])
        return tasks

    def _attach_attribute(self, element: Element, definition: Definition) -> State:
        name = definition.name.lstrip("@")
        found = next((attribute for attribute in element.attributes if attribute.name == name), None)
        if found is None:
            prefix, _, local = name.rpartition(":")
            found = Attribute(local, "", prefix=prefix, uri=self.namespaces.get(prefix, ""))
            element.set(found)
        found.state = state = State(found, definition, found.value)
        element.state.ranges[definition] = state
        return state

    def adopt(self, element: Element, parent: Element) -> None:
        """Give an element the form does not know, but the engine itself added, a state."""
        above: Definition = parent.state.definition
        definition = Definition(element.name, f"{above.path}/{element.name}", above, order=above.order)
        self.attach(element, definition)

    def instances(self, definition: Definition, top: Element) -> list[Element]:
        """Return the elements of a definition at or below ``top``."""
        found = [top]
        for step in self._route(top.state.definition, definition):
            name, local = step.name, step.local
            found = [child for above in found for child in above.named(local) if child.name == name]
        return found

    def places(self, definition: Definition, rule: Rule, top: Element) -> Iterator[State | Range]:
        """Yield everything at or below ``top`` that has a rule to be worked out."""
        above = definition.parent
        if above is not None and (rule == "count" or definition.is_attribute):
            is_itself = top.state.definition is definition and isinstance(top.parent, Element)
            owners = self.instances(above, top.parent if is_itself else top)  # type: ignore[arg-type]
            yield from (
                owner.state.ranges[definition] for owner in owners if definition in owner.state.ranges
            )
        else:
            for element in self.instances(definition, top):
                if element.state.definition is definition:
                    yield element.state

    def _route(self, top: Definition, definition: Definition) -> tuple[Definition, ...]:
        route = self._routes.get((top, definition))
        if route is None:
            lineage = definition.lineage()
            route = tuple(lineage[lineage.index(top) + 1 :]) if top in lineage else ()
            self._routes[top, definition] = route
        return route


def rules_of(state: State) -> Iterator[Task]:
    """Yield the rules of a node that are to be worked out when it is begun."""
    definition = state.definition
    for rule in RULES:
        if definition.rule(rule) is not None:
            yield state, rule
    control = definition.control
    if control is not None and control.choice_list is not None and state.answer:
        yield state, "value"


def states_below(state: State) -> Iterator[State]:
    """Yield the states directly below one: of its attributes and of its child elements."""
    node = state.node
    if isinstance(node, Element):
        for owned in state.ranges.values():
            if isinstance(owned, State):
                yield owned
        for child in node.elements():
            if child.state is not None:
                yield child.state
