"""XML in and out, with the doors shut: no entities, no external anything, a limit on size."""

from __future__ import annotations

from collections.abc import Iterator
from xml.parsers import expat

from pk_research.errors import BadInput, Problem
from pk_research.survey.tree import (
    XMLNS,
    Attribute,
    Comment,
    Doctype,
    Document,
    Element,
    Instruction,
    Node,
    Parent,
    Text,
)

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 200
# Both are looked through again and again: a file of a few MiB could keep a server busy for hours.
MAX_ATTRIBUTES, MAX_PREFIXES = 200, 100
XML_URI = "http://www.w3.org/XML/1998/namespace"


def read_xml(
    source: str | bytes,
    *,
    where: str = "XML",
    allow_doctype: bool = False,
    max_bytes: int = MAX_BYTES,
    max_nodes: int | None = None,
) -> Document:
    """Read an XML text into a tree.

    Parameters
    ----------
    source
        The text, or UTF-8 (or self-declared) bytes.
    where
        What to call the source in a problem report.
    allow_doctype
        Accept a document type declaration without entities.
    max_bytes
        Larger sources are refused.
    max_nodes
        Sources of more elements, texts and comments are refused; None takes any number.

    Raises
    ------
    BadInput
        When the text is not well-formed, too large, nested more than 200 deep, has more than 200
        attributes on an element or 100 prefixes, or declares a document type or an entity.

    Examples
    --------
    >>> read_xml("<a><b>1</b></a>").element.text
    '1'
    """
    size = len(source)
    if size > max_bytes:
        raise BadInput(
            Problem(
                where, f"it is larger than {max_bytes:,} bytes", "Send a smaller file, or split the list."
            )
        )
    if isinstance(source, str):
        source = source.lstrip("\ufeff").lstrip()
    reader = _Reader(
        where,
        allow_doctype=allow_doctype,
        encoding="utf-8" if isinstance(source, str) else None,
        max_nodes=max_nodes,
    )
    return reader.read(source.encode() if isinstance(source, str) else source)


class _Reader:
    def __init__(
        self, where: str, *, allow_doctype: bool, encoding: str | None, max_nodes: int | None
    ) -> None:
        self.where = where
        self.max_nodes, self.n_nodes = max_nodes, 0
        self.allow_doctype = allow_doctype
        self.document = Document()
        self.open: list[Parent] = [self.document]
        self.scopes: list[dict[str, str]] = [{"": "", "xml": XML_URI}]
        self.in_cdata = False
        parser = expat.ParserCreate(encoding)
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        parser.CommentHandler = lambda text: self.add(Comment(text))
        parser.ProcessingInstructionHandler = lambda target, text: self.add(Instruction(target, text))
        parser.StartCdataSectionHandler = lambda: self.cdata(started=True)
        parser.EndCdataSectionHandler = lambda: self.cdata(started=False)
        parser.StartDoctypeDeclHandler = self.doctype
        parser.EntityDeclHandler = self.entity
        self.parser = parser

    def read(self, source: bytes) -> Document:
        try:
            self.parser.Parse(source, True)
        except expat.ExpatError as error:
            raise BadInput(
                Problem(
                    f"{self.where}, line {error.lineno}",
                    f"it is not well-formed XML ({expat.ErrorString(error.code)})",
                    "Export the file again, or repair it in a text editor.",
                )
            ) from None
        return self.document

    def refuse(self, what: str, remedy: str) -> BadInput:
        return BadInput(Problem(f"{self.where}, line {self.parser.CurrentLineNumber}", what, remedy))

    def add(self, node: Node) -> None:
        self.n_nodes += 1
        if self.max_nodes is not None and self.n_nodes > self.max_nodes:
            raise self.refuse(f"it has more than {self.max_nodes:,} elements and texts", "Send it in parts.")
        self.open[-1].append(node)

    def start(self, name: str, pairs: list[str]) -> None:
        if len(self.open) > MAX_DEPTH:
            raise self.refuse(f"elements are nested more than {MAX_DEPTH} deep", "Flatten the file.")
        if len(pairs) > 2 * MAX_ATTRIBUTES:
            raise self.refuse(f"an element has more than {MAX_ATTRIBUTES} attributes", "Take some away.")
        written = list(zip(pairs[::2], pairs[1::2], strict=True))
        declared = {
            key.partition(":")[2]: value
            for key, value in written
            if key == "xmlns" or key.startswith("xmlns:")
        }
        scope = {**self.scopes[-1], **declared} if declared else self.scopes[-1]
        if len(scope) > MAX_PREFIXES:
            raise self.refuse(f"more than {MAX_PREFIXES} prefixes are declared", "Declare fewer.")
        self.scopes.append(scope)
        prefix, local = _split(name)
        element = Element(local, prefix=prefix, uri=self.namespace(prefix, scope))
        for key, value in written:
            key_prefix, key_local = _split(key)
            if key == "xmlns" or key_prefix == "xmlns":
                uri = XMLNS
            else:
                uri = self.namespace(key_prefix, scope) if key_prefix else ""
            element.set(Attribute(key_local, value, prefix=key_prefix, uri=uri))
        self.add(element)
        self.open.append(element)

    def namespace(self, prefix: str, scope: dict[str, str]) -> str:
        if prefix not in scope:
            raise self.refuse(
                f"the prefix {prefix!r} is not declared", f"Declare xmlns:{prefix} on the outermost element."
            )
        return scope[prefix]

    def end(self, name: str) -> None:  # noqa: ARG002
        self.open.pop()
        self.scopes.pop()

    def characters(self, data: str) -> None:
        if len(self.open) > 1:
            self.add(Text(data, is_cdata=self.in_cdata))

    def cdata(self, *, started: bool) -> None:
        self.in_cdata = started

    def doctype(self, name: str, system_id: str | None, public_id: str | None, has_internal: int) -> None:  # noqa: ARG002
        if not self.allow_doctype:
            raise self.refuse("it declares a document type", "Remove the <!DOCTYPE ...> line.")
        self.document.append(Doctype())

    def entity(self, name: str, *_rest: object) -> None:
        raise self.refuse(f"it declares the entity {name!r}", "Remove the entity; write its text out.")


_IN_TEXTS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_ATTRIBUTES = {**_IN_TEXTS, **str.maketrans({'"': "&quot;", "\t": "&#9;", "\n": "&#10;"})}


def write_xml(node: Node) -> str:
    """Write a tree as XML text.

    Examples
    --------
    >>> write_xml(read_xml("<a><b>1 &lt; 2</b><c/></a>"))
    '<a><b>1 &lt; 2</b><c/></a>'
    """
    return "".join(_pieces(node))


def _pieces(node: Node) -> Iterator[str]:
    if isinstance(node, Text):
        yield escape(node.value)
    elif isinstance(node, Element):
        attributes = "".join(
            f' {attribute.name}="{escape(attribute.value, quote=True)}"' for attribute in node.attributes
        )
        if not node.children:
            yield f"<{node.name}{attributes}/>"
            return
        yield f"<{node.name}{attributes}>"
        for child in node.children:
            yield from _pieces(child)
        yield f"</{node.name}>"
    elif isinstance(node, Document):
        for child in node.children:
            yield from _pieces(child)


def escape(text: str, *, quote: bool = False) -> str:
    """Replace the characters XML reserves, and those whoever reads it would turn into others.

    Examples
    --------
    >>> escape('a < "b"', quote=True)
    'a &lt; &quot;b&quot;'
    """
    return text.translate(_IN_ATTRIBUTES if quote else _IN_TEXTS)


def _split(name: str) -> tuple[str, str]:
    prefix, colon, local = name.partition(":")
    return (prefix, local) if colon else ("", name)
