"""What a submission is built of: the nodes and attributes its form has, and nothing between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pk_research.language import Message
from pk_research.survey.answers import is_of_type
from pk_research.survey.definition import Definition, Form
from pk_research.survey.flaws import Flaw
from pk_research.survey.tree import Attribute, Element, Text

OF_FORM = frozenset(["id", "version"])
# Aggregate and Briefcase write these on what they pass on.
OF_TRANSPORT = frozenset(["instanceID", "isComplete", "markedAsCompleteDate", "submissionDate", "uiVersion"])
TEMPLATE = ("template", "")

Fixed = Mapping[str, Mapping[str, frozenset[str]]]
"""By path of a node: its attributes with the values they may have, by local name; none for any value."""


def is_meta(definition: Definition) -> bool:
    """Whether a node is the one clients add to: the ``meta`` below the root."""
    above = definition.parent
    return definition.local == "meta" and above is not None and above.parent is None


def attributes_of(form: Form) -> Fixed:
    """Return the attributes that the nodes of a form have.

    Those a rule or an action fills in may have any value, the others only what the form gives them.
    """
    found: dict[str, dict[str, frozenset[str]]] = {form.root.path: dict.fromkeys(OF_FORM, frozenset())}
    _note(form.root, form.template, found)
    for definition in form.definitions():
        if definition.repeat is not None:
            for shape in (definition.repeat.template, *definition.repeat.models):
                _note(definition, shape, found)
        if definition.is_attribute and definition.parent is not None:
            found.setdefault(definition.parent.path, {})[definition.local] = frozenset()
    return found


def _note(definition: Definition, shape: Element, found: dict[str, dict[str, frozenset[str]]]) -> None:
    for attribute in shape.attributes:
        if not attribute.declares_namespace and attribute.local not in OF_FORM:
            own = found.setdefault(definition.path, {})
            own[attribute.local] = own.get(attribute.local, frozenset()) | {attribute.value}
    for child in definition.children:
        for below in shape.elements():
            if below.name == child.name:
                _note(child, below, found)


def flaws_of_structure(form: Form, given: Element, submitted: dict[str, str]) -> Iterator[Flaw]:
    """Tell what of a submission does not belong there, noting every value in ``submitted`` by path."""
    yield from _Reader(attributes_of(form), submitted).node(form.root, given, f"/{form.root.name}")


@dataclass(frozen=True, slots=True)
class _Reader:
    attributes: Fixed
    submitted: dict[str, str]

    def node(self, definition: Definition, given: Element, path: str) -> Iterator[Flaw]:
        for attribute in given.attributes:
            if not attribute.declares_namespace:
                yield from self.attribute(definition, attribute, f"{path}/@{attribute.name}")
        if definition.is_leaf:
            yield from self.leaf(definition, given, path)
            return
        if any(isinstance(child, Text) and child.value.strip() for child in given.children):
            message = Message("{path} holds questions and cannot hold text.", {"path": path})
            yield Flaw(path, "unknown", message)
        yield from self.children(definition, given, path)

    def attribute(self, definition: Definition, attribute: Attribute, path: str) -> Iterator[Flaw]:
        self.submitted[path] = attribute.value
        own = self.attributes.get(definition.path, {})
        is_usual = (
            attribute.local in OF_TRANSPORT
            if definition.parent is None
            else definition.repeat is not None and (attribute.local, attribute.value) == TEMPLATE
        )
        if attribute.local in own:
            values = own[attribute.local]
            if values and attribute.value not in values:
                yield Flaw(path, "read-only", Message("{path} cannot be changed.", {"path": path}))
        elif not is_usual:
            yield Flaw(path, "unknown", Message("The form has no attribute {path}.", {"path": path}))

    def leaf(self, definition: Definition, given: Element, path: str) -> Iterator[Flaw]:
        if given.elements():
            message = Message("{path} is a question and cannot hold others.", {"path": path})
            yield Flaw(path, "unknown", message)
            return
        self.submitted[path] = given.text
        if not is_of_type(definition.type, given.text):
            said = {"path": path, "type": definition.type}
            yield Flaw(path, "type", Message("{path} is not of type {type}.", said))

    def children(self, definition: Definition, given: Element, path: str) -> Iterator[Flaw]:
        known = {child.name: child for child in definition.children}
        by_local = {child.local: child for child in definition.children}
        numbers: dict[Definition, int] = {}
        for child in given.elements():
            found = known.get(child.name) or by_local.get(child.local)
            if found is None:
                if not is_meta(definition):
                    where = f"{path}/{child.name}"
                    yield Flaw(where, "unknown", Message("The form has no question {path}.", {"path": where}))
                continue
            numbers[found] = numbers.get(found, 0) + 1
            where = f"{path}/{found.name}" + (f"[{numbers[found]}]" if found.repeat is not None else "")
            if found.repeat is None and numbers[found] > 1:
                yield Flaw(where, "repeated", Message("{path} is there more than once.", {"path": where}))
                continue
            yield from self.node(found, child, where)
