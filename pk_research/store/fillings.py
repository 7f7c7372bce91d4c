"""Reading a filling for what the store must know of it, without running the form."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pk_research.errors import BadInput
from pk_research.language import Message
from pk_research.store.attachments import composed
from pk_research.store.refusals import Refused
from pk_research.store.tables import MAX_NAME
from pk_research.survey import Flaw, Form
from pk_research.survey.check import MAX_BYTES, MAX_NODES
from pk_research.survey.definition import Definition
from pk_research.survey.markup import read_xml, write_xml
from pk_research.survey.meta import identifier_of, meta_of, predecessor_of
from pk_research.survey.structure import Fixed, attributes_of, is_meta
from pk_research.survey.tree import Attribute, Element

VILLAGE = "village_code"
IDENTIFIERS = frozenset(["instanceID", "deprecatedID"])
LONGEST = MAX_NAME + 1


@dataclass(frozen=True, slots=True)
class Leaf:
    """An answer in a filling.

    Attributes
    ----------
    definition
        The question.
    path
        Where, with the numbers of repeat instances.
    element
        The element that holds it.
    """

    definition: Definition
    path: str
    element: Element


def read_filling(xml: bytes | str) -> tuple[str, Element]:
    """Return a filling as text and as its outermost element.

    Raises
    ------
    Refused
        When it is no XML, too large, or not UTF-8.
    """
    try:
        text = xml if isinstance(xml, str) else xml.decode("utf-8-sig")
        document = read_xml(text, where="submission", max_bytes=MAX_BYTES, max_nodes=MAX_NODES)
    except UnicodeDecodeError:
        raise _unreadable("it is not UTF-8") from None
    except BadInput as error:
        raise _unreadable("; ".join(problem.what for problem in error.problems)) from None
    return text, document.element


def _unreadable(reason: str) -> Refused:
    message = Message("The submission cannot be read: {reason}.", {"reason": reason})
    return Refused("flaws", message, [Flaw("", "unreadable", message)])


def form_of(root: Element) -> tuple[str, str]:
    """Return the identifier and version of the form a filling says it fills, cut where none is so long."""
    identifier = root.get("id") or root.uri or root.local
    return identifier[:LONGEST], (root.get("version") or "")[:LONGEST]


def identifier(root: Element) -> str:
    """Return the identifier of a filling; empty where it has none."""
    element = identifier_of(root)
    return "" if element is None else element.text.strip()


def predecessor(root: Element) -> str:
    """Return the identifier of the filling that a filling replaces; empty where it replaces none."""
    meta = meta_of(root)
    found = [child for child in meta.elements() if child.local == "deprecatedID"] if meta else []
    return found[0].text.strip() if found else ""


def renamed(xml: str, instance_id: str, *, replaces: str) -> str:
    """Return a filling under another identifier, naming the one it replaces."""
    root = read_xml(xml, where="submission", max_bytes=MAX_BYTES).element
    element, before = identifier_of(root), predecessor_of(root)
    if element is None or before is None:
        return xml
    element.set_text(instance_id)
    before.set_text(replaces)
    return write_xml(root)


def leaves(form: Form, root: Element) -> Iterator[Leaf]:
    """Yield every answer of a filling, in the order of the document; unknown elements are passed over."""
    yield from _leaves(form.root, root, f"/{form.root.name}")


def _leaves(definition: Definition, element: Element, path: str) -> Iterator[Leaf]:
    if definition.is_leaf:
        yield Leaf(definition, path, element)
        return
    by_local = {child.local: child for child in definition.children}
    numbers: dict[str, int] = {}
    for child in element.elements():
        found = by_local.get(child.local)
        if found is not None:
            numbers[found.name] = numbers.get(found.name, 0) + 1
            number = f"[{numbers[found.name]}]" if found.repeat is not None else ""
            yield from _leaves(found, child, f"{path}/{found.name}{number}")


def holds_file(definition: Definition) -> bool:
    """Whether an answer is the name of a file."""
    is_upload = definition.control is not None and definition.control.kind == "upload"
    return is_upload or definition.type == "binary"


def file_names(form: Form, root: Element) -> tuple[str, ...]:
    """Return the names of the files a filling speaks of, in its order."""
    named = [file_name(leaf) for leaf in leaves(form, root) if holds_file(leaf.definition)]
    return tuple(dict.fromkeys(name for name in named if name))


def file_name(leaf: Leaf) -> str:
    """Return the name of the file that an answer speaks of."""
    return composed(leaf.element.text.strip())


def villages(form: Form, root: Element) -> set[str] | None:
    """Return the villages a filling answers for; None where the form does not ask."""
    if not any(definition.local == VILLAGE for definition in form.definitions()):
        return None
    return {leaf.element.text.strip() for leaf in leaves(form, root) if leaf.definition.local == VILLAGE}


def without_personal(form: Form, root: Element, hidden: Collection[str]) -> str:
    """Return a filling with just what its form asks, and of that without some answers.

    Parameters
    ----------
    form, root
        The form, and the filling.
    hidden
        Paths, without numbers, of the questions and groups to leave empty.
    """
    return write_xml(_shown(form.root, root, attributes_of(form), hidden))


def is_hidden(definition: Definition, hidden: Collection[str]) -> bool:
    """Whether a question is among those of the paths, or stands in a group that is."""
    return any(step.path in hidden for step in definition.lineage())


def _shown(definition: Definition, element: Element, own: Fixed, hidden: Collection[str]) -> Element:
    shown = Element(element.local, prefix=element.prefix, uri=element.uri)
    names = own.get(definition.path, {})
    unseen = {below.local for below in definition.attributes if is_hidden(below, hidden)}
    for attribute in element.attributes:
        if attribute.declares_namespace or attribute.local in names.keys() - unseen:
            shown.set(Attribute(attribute.local, attribute.value, prefix=attribute.prefix, uri=attribute.uri))
    if definition.is_leaf:
        shown.set_text("" if is_hidden(definition, hidden) else element.text)
        return shown
    by_local = {child.local: child for child in definition.children}
    for child in element.elements():
        if found := by_local.get(child.local):
            shown.append(_shown(found, child, own, hidden))
        elif is_meta(definition) and child.local in IDENTIFIERS:
            shown.append(Element(child.local, prefix=child.prefix, uri=child.uri))
            shown.elements()[-1].set_text(child.text)
    return shown
