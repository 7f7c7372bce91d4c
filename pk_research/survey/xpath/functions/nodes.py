"""Nodes: counted, named, found in lists and repeats."""

from __future__ import annotations

import math

from pk_research.survey.tree import Attribute, Element, Instruction, Node, Parent, in_document_order
from pk_research.survey.xpath.functions.registry import MANY, context_of, function, nodes_of
from pk_research.survey.xpath.problems import EvaluationError
from pk_research.survey.xpath.shuffle import shuffled
from pk_research.survey.xpath.values import NAN, Value, each, number_in, number_of, text_of
from pk_research.survey.xpath.world import Focus


@function("count", 1)
def count(_focus: Focus, value: Value) -> float:
    """Count nodes."""
    return float(len(nodes_of(value, "count")))


@function("count-non-empty", 1)
def count_non_empty(_focus: Focus, value: Value) -> float:
    """Count the nodes that hold a text."""
    return float(sum(node.text != "" for node in nodes_of(value, "count-non-empty")))


@function("last", 0, uses_focus=True)
def last(focus: Focus) -> float:
    """Return how many nodes a predicate looks at."""
    return float(focus.size)


@function("position", 0, 1)
def position(focus: Focus, *values: Value) -> float:
    """Return the place of the node looked at, or of a given repeat instance among its like."""
    if not values:
        return float(focus.position)
    nodes = nodes_of(values[0], "position")
    if not nodes:
        return NAN
    if not isinstance(nodes[0], Element):
        raise EvaluationError("position() counts repeats; give it the path of one")
    return float(place_among_like(nodes[0]))


def place_among_like(element: Element) -> int:
    """Return which of the same-named neighbours an element is, from 1."""
    if element.parent is None:
        return 1
    siblings = element.parent.elements()
    index = next(number for number, sibling in enumerate(siblings) if sibling is element)
    place = 1
    while index > 0 and siblings[index - 1].name == element.name:
        index -= 1
        place += 1
    return place


@function("current", 0)
def current(focus: Focus) -> list[Node]:
    """Return the node the whole expression was begun at."""
    return [] if focus.current is None else [focus.current]


@function("id", 1)
def by_id(focus: Focus, value: Value) -> list[Node]:
    """Find elements by their ``id``."""
    wanted = {name for text in each(value) for name in text.split()}
    root = focus.world.root
    if not isinstance(root, Parent):
        return []
    found = (node for node in root.descendants() if isinstance(node, Element) and node.get("id") in wanted)
    return in_document_order(list(found))


@function("lang", 1, uses_focus=True)
def lang(focus: Focus, value: Value) -> bool:
    """Tell whether the context is in a language."""
    wanted = text_of(value).lower()
    node: Node | None = focus.node
    while node is not None:
        if isinstance(node, Element):
            for attribute in node.attributes:
                if attribute.name == "xml:lang":
                    language = attribute.value.lower()
                    return language == wanted or language.startswith(wanted + "-")
        node = node.parent
    return False


def _first(focus: Focus, values: tuple[Value, ...], what: str) -> Node | None:
    if not values:
        return context_of(focus, what)
    nodes = nodes_of(values[0], what)
    return nodes[0] if nodes else None


@function("name", 0, 1)
def name(focus: Focus, *values: Value) -> str:
    """Return a node's name as written."""
    node = _first(focus, values, "name")
    if isinstance(node, Element | Attribute):
        return node.name
    return node.target if isinstance(node, Instruction) else ""


@function("local-name", 0, 1)
def local_name(focus: Focus, *values: Value) -> str:
    """Return a node's name without prefix."""
    node = _first(focus, values, "local-name")
    if isinstance(node, Element | Attribute):
        return node.local
    return node.target if isinstance(node, Instruction) else ""


@function("namespace-uri", 0, 1)
def namespace_uri(focus: Focus, *values: Value) -> str:
    """Return a node's namespace."""
    node = _first(focus, values, "namespace-uri")
    if isinstance(node, Attribute) and node.declares_namespace:
        return ""
    return node.uri if isinstance(node, Element | Attribute) else ""


@function("instance", 1)
def instance(focus: Focus, identifier: Value) -> list[Node]:
    """Find a list by its name."""
    found = focus.world.instance(text_of(identifier))
    return [] if found is None else [found]


@function("pulldata", 4)
def pulldata(focus: Focus, identifier: Value, wanted: Value, key: Value, value: Value) -> str:
    """Return a column of the first item of a list whose key has a value."""
    found = focus.world.instance(text_of(identifier))
    for root in found.elements() if found is not None else ():
        index = root.index("item", text_of(key))
        for item in index.get(text_of(value), ()) or _numerically(focus, index, value):
            return next(iter(item.texts(text_of(wanted))), "")
    return ""


def _numerically(focus: Focus, index: dict[str, list[Element]], value: Value) -> list[Element]:
    """Find the items whose key is the same number, written otherwise."""
    if not isinstance(value, float):
        return []
    return next((items for text, items in index.items() if number_in(text, focus.world.zone) == value), [])


@function("indexed-repeat", 3, MANY)
def indexed_repeat(focus: Focus, target: Value, *pairs: Value) -> list[Node]:
    """Return the nodes inside the repeat instances at the given places."""
    if len(pairs) % 2:
        raise EvaluationError("indexed-repeat() takes pairs of a repeat and an index")
    repeats: list[tuple[list[Node], float]] = []
    for nodes, index in zip(pairs[::2], pairs[1::2], strict=True):
        place = number_of(index, focus.world.zone)
        if math.isnan(place) or not nodes:
            return []
        repeats.append((nodes_of(nodes, "indexed-repeat"), place))
    repeats.sort(key=lambda pair: _depth(pair[0][0]))
    chosen: Node | None = None
    for nodes, place in repeats:
        inside = [node for node in nodes if chosen is None or _is_inside(node, chosen)]
        if place != int(place) or not 1 <= place <= len(inside):
            return []
        chosen = inside[int(place) - 1]
    return [node for node in nodes_of(target, "indexed-repeat") if chosen is None or _is_inside(node, chosen)]


def _depth(node: Node) -> int:
    return sum(1 for _ in node.ancestors())


def _is_inside(node: Node, ancestor: Node) -> bool:
    return any(candidate is ancestor for candidate in node.ancestors())


@function("randomize", 1, 2)
def randomize(focus: Focus, value: Value, *seed: Value) -> list[Node]:
    """Shuffle nodes, always alike for the same seed."""
    nodes = nodes_of(value, "randomize")
    if not seed:
        return shuffled(nodes, focus.world.dice)
    number = number_of(seed[0], focus.world.zone)
    return shuffled(nodes, text_of(seed[0]) if math.isnan(number) else number)
