"""The tree a form lives in: elements, text, attributes, as XPath sees them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

XHTML = "http://www.w3.org/1999/xhtml"
XMLNS = "http://www.w3.org/2000/xmlns/"


class Node:
    """One node of a tree; the subclasses say which kind."""

    __slots__ = ("parent",)

    def __init__(self) -> None:
        self.parent: Parent | None = None

    @property
    def text(self) -> str:
        """The string value, as XPath defines it for this kind of node."""
        return ""

    def root(self) -> Node:
        """Return the topmost ancestor, or the node itself."""
        node: Node = self
        while node.parent is not None:
            node = node.parent
        return node

    def ancestors(self) -> Iterator[Parent]:
        """Yield the parent, its parent, and so on."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent


class Text(Node):
    """A run of characters; ``is_cdata`` tells how it was written."""

    __slots__ = ("is_cdata", "value")

    def __init__(self, value: str, *, is_cdata: bool = False) -> None:
        super().__init__()
        self.value = value
        self.is_cdata = is_cdata

    @property
    def text(self) -> str:
        """The string value."""
        return self.value


class Comment(Node):
    """A comment."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        super().__init__()
        self.value = value

    @property
    def text(self) -> str:
        """The string value."""
        return self.value


class Instruction(Node):
    """A processing instruction."""

    __slots__ = ("target", "value")

    def __init__(self, target: str, value: str) -> None:
        super().__init__()
        self.target = target
        self.value = value

    @property
    def text(self) -> str:
        """The string value."""
        return self.value


class Doctype(Node):
    """A document type declaration; only there to be counted."""

    __slots__ = ()


class Attribute(Node):
    """An attribute of an element; ``state`` as for an `Element`."""

    __slots__ = ("local", "prefix", "state", "uri", "value")

    def __init__(self, local: str, value: str, *, prefix: str = "", uri: str = "") -> None:
        super().__init__()
        self.local = local
        self.value = value
        self.prefix = prefix
        self.uri = uri
        self.state: Any = None

    @property
    def text(self) -> str:
        """The string value."""
        return self.value

    @property
    def name(self) -> str:
        """The name as written, prefix included."""
        return f"{self.prefix}:{self.local}" if self.prefix else self.local

    @property
    def declares_namespace(self) -> bool:
        """Whether this is an ``xmlns`` declaration, which XPath does not count as an attribute."""
        return self.uri == XMLNS


class Parent(Node):
    """A node with children: an element or a document."""

    __slots__ = ("_by_name", "_numbers", "children")

    def __init__(self) -> None:
        super().__init__()
        self.children: list[Node] = []
        self._by_name: dict[str, list[Element]] | None = None
        self._numbers: dict[int, int] | None = None

    @property
    def text(self) -> str:
        """The string value."""
        children = self.children
        if not children:
            return ""
        if len(children) == 1 and isinstance(children[0], Text):
            return children[0].value
        return "".join(node.value for node in self.descendants() if isinstance(node, Text))

    def append(self, child: Node) -> None:
        """Add a child at the end."""
        child.parent = self
        self.children.append(child)
        self._by_name = self._numbers = None

    def insert(self, index: int, child: Node) -> None:
        """Add a child before the one at ``index``."""
        child.parent = self
        self.children.insert(index, child)
        self._by_name = self._numbers = None

    def remove(self, child: Node) -> None:
        """Take a child out of the tree."""
        self.children.remove(child)
        child.parent = None
        self._by_name = self._numbers = None

    def elements(self) -> list[Element]:
        """Return the child elements."""
        return [child for child in self.children if isinstance(child, Element)]

    def named(self, local: str) -> list[Element]:
        """Return the child elements of that local name, from an index kept between changes."""
        index = self._by_name
        if index is None:
            index = {}
            for child in self.children:
                if isinstance(child, Element):
                    index.setdefault(child.local, []).append(child)
            self._by_name = index
        return index.get(local, [])

    def number_of(self, child: Node) -> int:
        """Return which of the children of its name a child is, from 1, by an index kept between changes."""
        numbers = self._numbers
        if numbers is None:
            counted: Counter[str] = Counter()
            numbers = self._numbers = {}
            for element in self.elements():
                counted[element.name] += 1
                numbers[id(element)] = counted[element.name]
        return numbers[id(child)]

    def descendants(self) -> Iterator[Node]:
        """Yield every node below this one in document order, attributes aside."""
        stack = list(reversed(self.children))
        while stack:
            node = stack.pop()
            yield node
            if isinstance(node, Parent):
                stack.extend(reversed(node.children))


class Document(Parent):
    """The root above the outermost element."""

    __slots__ = ()

    @property
    def element(self) -> Element:
        """The outermost element."""
        return self.elements()[0]


class Element(Parent):
    """An element; ``state`` is where a running form keeps what it knows of it."""

    __slots__ = ("attributes", "keyed", "local", "prefix", "state", "uri")

    def __init__(self, local: str, *, prefix: str = "", uri: str = "") -> None:
        super().__init__()
        self.local = local
        self.prefix = prefix
        self.uri = uri
        self.attributes: list[Attribute] = []
        self.state: Any = None
        # Indices of this element's children by the text of one of *their* children; only kept
        # for lists that never change (secondary instances), None otherwise.
        self.keyed: dict[tuple[str, str], dict[str, list[Element]]] | None = None

    @property
    def name(self) -> str:
        """The name as written, prefix included."""
        return f"{self.prefix}:{self.local}" if self.prefix else self.local

    def index(self, local: str, key: str) -> dict[str, list[Element]]:
        """Return the children of a name by the text of their child (or ``@attribute``) ``key``.

        The index is kept where the element never changes.
        """
        known = None if self.keyed is None else self.keyed.get((local, key))
        if known is not None:
            return known
        found: dict[str, list[Element]] = {}
        for item in self.named(local):
            if not item.prefix:
                for text in item.texts(key):
                    found.setdefault(text, []).append(item)
        if self.keyed is not None:
            self.keyed[local, key] = found
        return found

    def texts(self, key: str) -> list[str]:
        """Return the different texts of the children, or of the ``@attribute``, of a name."""
        if key.startswith("@"):
            value = self.get(key[1:])
            return [] if value is None else [value]
        return list(dict.fromkeys(child.text for child in self.named(key) if not child.prefix))

    def get(self, local: str, default: str | None = None) -> str | None:
        """Return the value of the attribute of that local name, whatever its prefix."""
        for attribute in self.attributes:
            if attribute.local == local and not attribute.declares_namespace:
                return attribute.value
        return default

    def set(self, attribute: Attribute) -> None:
        """Add an attribute, or replace the one of that name."""
        attribute.parent = self
        for index, present in enumerate(self.attributes):
            if present.name == attribute.name:
                self.attributes[index] = attribute
                return
        self.attributes.append(attribute)

    def set_text(self, value: str) -> None:
        """Replace everything inside with one run of text."""
        children = self.children
        if len(children) == 1 and isinstance(children[0], Text):
            if value:
                children[0].value = value
            else:
                children.clear()
            return
        for child in children:
            child.parent = None
        self.children = []
        self._by_name = self._numbers = None
        if value:
            self.append(Text(value))

    def copy(self) -> Element:
        """Return a deep copy without a parent and without state."""
        twin = Element(self.local, prefix=self.prefix, uri=self.uri)
        for attribute in self.attributes:
            twin.set(Attribute(attribute.local, attribute.value, prefix=attribute.prefix, uri=attribute.uri))
        for child in self.children:
            if isinstance(child, Element):
                twin.append(child.copy())
            elif isinstance(child, Text):
                twin.append(Text(child.value, is_cdata=child.is_cdata))
        return twin


def in_document_order(nodes: list[Node]) -> list[Node]:
    """Return the nodes once each, in the order of the document.

    Examples
    --------
    >>> parent = Element("list")
    >>> first, second = Element("a"), Element("b")
    >>> parent.append(first), parent.append(second)
    (None, None)
    >>> [node.local for node in in_document_order([second, first, second])]
    ['a', 'b']
    """
    unique = list(dict.fromkeys(nodes))
    if len(unique) < 2:
        return unique
    order: dict[Node, int] = {}
    for top in dict.fromkeys(node.root() for node in unique):
        for node in _walk(top):
            order[node] = len(order)
    return sorted(unique, key=lambda node: order.get(node, len(order)))


def _walk(top: Node) -> Iterator[Node]:
    stack: list[Node] = [top]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, Parent):
            stack.extend(reversed(node.children))
        if isinstance(node, Element):
            stack.extend(reversed(node.attributes))
