"""Writing a filling as it is sent."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from pk_research.survey.markup import write_xml
from pk_research.survey.meta import declare_prefixes
from pk_research.survey.tree import Attribute, Element, Text


def serialised(root: Element, namespaces: Mapping[str, str], *, is_complete: bool = False) -> str:
    """Return the XML of a filling, without what is not relevant unless it is to be complete.

    Parameters
    ----------
    root
        The topmost element, with its states.
    namespaces
        Prefix to namespace, to declare those in use.
    is_complete
        Keep answers to questions that do not apply now.
    """
    sent = _copy(root, is_complete=is_complete)
    declare_prefixes(sent, namespaces)
    return write_xml(sent)


def _copy(element: Element, *, is_complete: bool) -> Element:
    twin = Element(element.local, prefix=element.prefix, uri=element.uri)
    for attribute in element.attributes:
        twin.set(Attribute(attribute.local, attribute.value, prefix=attribute.prefix, uri=attribute.uri))
    state = element.state
    if state is None or state.definition.is_leaf:
        text = state.answer if is_complete and state is not None else element.text
        if text:
            twin.append(Text(unicodedata.normalize("NFC", text)))
        return twin
    for child in element.elements():
        if is_complete or child.state is None or child.state.is_relevant:
            twin.append(_copy(child, is_complete=is_complete))
    return twin
