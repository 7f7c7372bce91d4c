"""Where the steps of a path lead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from pk_research.survey.tree import XHTML, Attribute, Comment, Element, Instruction, Node, Parent, Text
from pk_research.survey.xpath.syntax import KindTest, NameTest
from pk_research.survey.xpath.world import World

REVERSE = frozenset(["ancestor", "ancestor-or-self", "preceding", "preceding-sibling", "parent"])
FLAT = frozenset(["child", "attribute", "self", "namespace"])

Matches = Callable[[Node, World], bool]


def along(axis: str, node: Node) -> Iterable[Node]:
    """Return the nodes of an axis, nearest first."""
    return _AXES[axis](node)


def _children(node: Node) -> Iterable[Node]:
    return node.children if isinstance(node, Parent) else ()


def _attributes(node: Node) -> Iterator[Node]:
    if isinstance(node, Element):
        yield from (attribute for attribute in node.attributes if not attribute.declares_namespace)


def _namespaces(node: Node) -> Iterator[Node]:
    if isinstance(node, Element):
        yield from (attribute for attribute in node.attributes if attribute.declares_namespace)


def _parent(node: Node) -> Iterator[Node]:
    if node.parent is not None:
        yield node.parent


def _ancestors_and_self(node: Node) -> Iterator[Node]:
    yield node
    yield from node.ancestors()


def _descendants(node: Node) -> Iterator[Node]:
    if isinstance(node, Parent):
        yield from node.descendants()


def _descendants_and_self(node: Node) -> Iterator[Node]:
    yield node
    yield from _descendants(node)


def _siblings(node: Node, *, after: bool) -> Iterable[Node]:
    if node.parent is None or isinstance(node, Attribute):
        return ()
    siblings = node.parent.children
    index = next(number for number, sibling in enumerate(siblings) if sibling is node)
    return siblings[index + 1 :] if after else reversed(siblings[:index])


def _following(node: Node) -> Iterator[Node]:
    for ancestor in _ancestors_and_self(node):
        for sibling in _siblings(ancestor, after=True):
            yield from _descendants_and_self(sibling)


def _preceding(node: Node) -> Iterator[Node]:
    for ancestor in _ancestors_and_self(node):
        for sibling in _siblings(ancestor, after=False):
            yield from reversed(list(_descendants_and_self(sibling)))


_AXES: dict[str, Callable[[Node], Iterable[Node]]] = {
    "ancestor": Node.ancestors,
    "ancestor-or-self": _ancestors_and_self,
    "attribute": _attributes,
    "child": _children,
    "descendant": _descendants,
    "descendant-or-self": _descendants_and_self,
    "following": _following,
    "following-sibling": lambda node: _siblings(node, after=True),
    "namespace": _namespaces,
    "parent": _parent,
    "preceding": _preceding,
    "preceding-sibling": lambda node: _siblings(node, after=False),
    "self": lambda node: (node,),
}


def matcher(test: NameTest | KindTest, axis: str) -> Matches:
    """Return the check a node must pass to be what the step asks for."""
    if isinstance(test, KindTest):
        return _kind_matcher(test)
    wanted: type[Element | Attribute] = Attribute if axis in ("attribute", "namespace") else Element
    if test.local == "*" and not test.prefix:
        return lambda node, _world: isinstance(node, wanted)
    if not test.prefix:
        return lambda node, _world: isinstance(node, wanted) and is_plainly_named(node, test.local)
    return lambda node, world: isinstance(node, wanted) and _is_in_namespace(node, test, world)


def is_plainly_named(node: Element | Attribute, local: str) -> bool:
    """Tell whether a name without prefix means this node.

    Forms put their own elements in all sorts of default namespaces and still name them plainly;
    XHTML is the one namespace a form never means.
    """
    return node.local == local and not node.prefix and node.uri != XHTML


def _is_in_namespace(node: Element | Attribute, test: NameTest, world: World) -> bool:
    if test.local not in ("*", node.local):
        return False
    uri = world.namespaces.get(test.prefix)
    return node.prefix == test.prefix if uri is None else node.uri == uri


def _kind_matcher(test: KindTest) -> Matches:
    if test.kind == "text":
        return lambda node, _world: isinstance(node, Text)
    if test.kind == "comment":
        return lambda node, _world: isinstance(node, Comment)
    if test.kind == "processing-instruction":
        return lambda node, _world: (
            isinstance(node, Instruction) and (test.target is None or node.target == test.target)
        )
    return lambda _node, _world: True
