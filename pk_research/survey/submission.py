"""Writing a filling as it is sent."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from pk_research.survey.markup import write_xml
from pk_research.survey.meta import declare_prefixes
from pk_research.survey.tree import Attribute, Element, Text


def serialised(root: Element, namespaces: Mapping[str, str]) -> str:
    """Return the XML of a filling, without what is not relevant.

    Parameters
    ----------
    root
        The topmost element, with its states.
    namespaces
        Prefix to namespace, to declare those in use.
    """
    sent = _relevant_copy(root)
    declare_prefixes(sent, namespaces)
    return write_xml(sent)


def _relevant_copy(element: Element) -> Element:
    twin = Element(element.local, prefix=element.prefix, uri=element.uri)
    for attribute in element.attributes:
        twin.set(Attribute(attribute.local, attribute.value, prefix=attribute.prefix, uri=attribute.uri))
    state = element.state
    if state is None or state.definition.is_leaf:
        text = element.text
        if text:
            twin.append(Text(unicodedata.normalize("NFC", text)))
        return twin
    for child in element.elements():
        if child.state is None or child.state.is_relevant:
            twin.append(_relevant_copy(child))
    return twin
