"""Naming the nodes of a filling: ``/data/household[2]/member[1]/name``."""

from __future__ import annotations

import re

from pk_research.errors import NotFound, Problem
from pk_research.survey.state import Range, State
from pk_research.survey.tree import Element, Node

_STEP = re.compile(r"([^\[\]]+)(?:\[(\d{1,9})\])?")


def find_state(root: Element, path: str) -> State:
    """Return the state of the node at a path.

    Parameters
    ----------
    root
        The topmost element of the data.
    path
        Without a number, a repeat means its first instance.

    Raises
    ------
    NotFound
        When there is no such node.
    """
    found = _state_at(root, path)
    if found is None:
        raise NotFound(Problem(path, "the form has no such question here", "Look the path up in the form."))
    return found


def find_range(root: Element, path: str) -> Range:
    """Return the place of the repeat at a path.

    Raises
    ------
    NotFound
        When there is no such repeat.
    """
    above, _, name = path.strip().rpartition("/")
    owner = _state_at(root, above)
    for definition, place in () if owner is None else owner.ranges.items():
        if definition.name == name and isinstance(place, Range):
            return place
    raise NotFound(Problem(path, "there is no such repeat here", "Look the path up in the form."))


def _state_at(root: Element, path: str) -> State | None:
    steps = [step for step in path.strip().split("/") if step]
    if not steps or steps[0] != root.name:
        return None
    element = root
    for step in steps[1:]:
        if step.startswith("@"):
            return _attribute_state(element, step)
        match = _STEP.fullmatch(step)
        same = [] if match is None else [child for child in element.elements() if child.name == match[1]]
        number = 1 if match is None else int(match[2] or 1)
        if not 1 <= number <= len(same):
            return None
        element = same[number - 1]
    state = element.state
    return state if isinstance(state, State) else None


def _attribute_state(element: Element, name: str) -> State | None:
    owned = element.state.ranges.items() if element.state is not None else ()
    return next(
        (state for definition, state in owned if definition.name == name and isinstance(state, State)), None
    )


def path_of_node(node: Node) -> str:
    """Return the path of a node, with the numbers of its repeat instances.

    Examples
    --------
    >>> path_of_node(Element("data"))
    '/data'
    """
    name: str = getattr(node, "name", "")
    state = getattr(node, "state", None)
    above = node.parent
    prefix = path_of_node(above) if isinstance(above, Element) else ""
    if state is not None and state.definition.is_attribute:
        return f"{prefix}/@{name}"
    if isinstance(above, Element) and state is not None and state.definition.repeat is not None:
        return f"{prefix}/{name}[{above.number_of(node)}]"
    return f"{prefix}/{name}"
