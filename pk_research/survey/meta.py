"""The data about the data every submission carries: its own identifier, and its predecessor's."""

from __future__ import annotations

from collections.abc import Mapping

from pk_research.survey.tree import XMLNS, Attribute, Element

OPENROSA = "http://openrosa.org/xforms"


def meta_of(root: Element) -> Element | None:
    """Return the element that holds the identifiers, if there is one."""
    return next((child for child in root.elements() if child.local == "meta"), None)


def add_meta(root: Element, namespaces: Mapping[str, str]) -> bool:
    """Make sure there is a place for the submission's identifier; tell whether it was missing.

    A form without ``meta`` gets one in OpenRosa's namespace, where it declares that; one without
    ``instanceID`` gets that in the namespace of its ``meta``.
    """
    meta = meta_of(root)
    if meta is None:
        prefix = next((name for name, uri in namespaces.items() if uri == OPENROSA), "")
        meta = Element("meta", prefix=prefix, uri=OPENROSA if prefix else root.uri)
        root.append(meta)
    if _named(meta, "instanceID") is not None:
        return False
    meta.append(Element("instanceID", prefix=meta.prefix, uri=meta.uri))
    return True


def declare_prefixes(root: Element, namespaces: Mapping[str, str]) -> None:
    """Declare on the outermost element every prefix used below it."""
    used = {root.prefix, *(attribute.prefix for attribute in root.attributes)}
    for node in root.descendants():
        if isinstance(node, Element):
            used.add(node.prefix)
            used.update(attribute.prefix for attribute in node.attributes if not attribute.declares_namespace)
    declared = {attribute.local for attribute in root.attributes if attribute.declares_namespace}
    missing = sorted(used - declared - {"", "xml", "xmlns"})
    declarations = [
        Attribute(prefix, namespaces[prefix], prefix="xmlns", uri=XMLNS)
        for prefix in missing
        if prefix in namespaces
    ]
    root.attributes = [*declarations, *root.attributes]


def _named(meta: Element, local: str) -> Element | None:
    return next((child for child in meta.elements() if child.local == local), None)


def identifier_of(root: Element) -> Element | None:
    """Return the element of the submission's identifier."""
    meta = meta_of(root)
    return None if meta is None else _named(meta, "instanceID")


def predecessor_of(root: Element) -> Element | None:
    """Return the element of the identifier this submission replaces, made where it is missing."""
    meta = meta_of(root)
    if meta is None:
        return None
    found = _named(meta, "deprecatedID")
    if found is None:
        found = Element("deprecatedID", prefix=meta.prefix, uri=meta.uri)
        meta.append(found)
    return found
