"""What a running form knows of each of its nodes."""

from __future__ import annotations

from pk_research.survey.definition import Definition
from pk_research.survey.tree import Attribute, Element


class State:
    """A node of a filling: its answer and what the rules say of it now.

    Parameters
    ----------
    node
        The element or attribute in the tree; its text is what expressions see, which is nothing
        while the node is not relevant.
    definition
        What the form says of it.
    answer
        The value it keeps, relevant or not.

    Notes
    -----
    ``ranking`` is the last order somebody put choices into; it outlives the choices.
    """

    __slots__ = (
        "answer",
        "definition",
        "is_constrained_well",
        "is_readonly",
        "is_relevant",
        "is_required",
        "node",
        "own_readonly",
        "own_relevant",
        "ranges",
        "ranking",
    )

    def __init__(self, node: Element | Attribute, definition: Definition, answer: str) -> None:
        self.node = node
        self.definition = definition
        self.answer = answer
        self.own_relevant = True
        self.is_relevant = True
        self.own_readonly = False
        self.is_readonly = False
        self.is_required = False
        self.is_constrained_well = True
        self.ranges: dict[Definition, Range | State] = {}
        self.ranking = answer

    @property
    def text(self) -> str:
        """The value as others see it: empty while not relevant."""
        return self.answer if self.is_relevant else ""

    def show(self) -> bool:
        """Put the text into the tree; tell whether that changed anything."""
        text = self.text
        if self.node.text == text:
            return False
        if isinstance(self.node, Attribute):
            self.node.value = text
        else:
            self.node.set_text(text)
        return True


class Range:
    """The place of a repeat: where its instances stand, be there any or none.

    Parameters
    ----------
    definition
        The repeat.
    parent
        The element the instances stand in.
    """

    __slots__ = ("definition", "is_counted", "parent", "stand_in")

    def __init__(self, definition: Definition, parent: Element) -> None:
        self.definition = definition
        self.parent = parent
        self.is_counted = False
        # stands where an instance would, for expressions of a repeat that has none
        self.stand_in = Element(definition.local)
        self.stand_in.parent = parent

    def instances(self) -> list[Element]:
        """Return the instances, in order."""
        name = self.definition.name
        return [element for element in self.parent.named(self.definition.local) if element.name == name]

    def place_for_new(self) -> int:
        """Return the index among the parent's children at which a new instance belongs."""
        children = self.parent.children
        instances = self.instances()
        if instances:
            last = instances[-1]
            return next(number for number, child in enumerate(children) if child is last) + 1
        for number, child in enumerate(children):
            if isinstance(child, Element) and child.state is not None:
                order: int = child.state.definition.order
                if order > self.definition.order:
                    return number
        return len(children)
