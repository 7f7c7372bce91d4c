"""A form as it stands on paper: its sections, questions with their numbers, and repeats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pk_research.survey.definition import Control, Definition, Form
from pk_research.survey.xpath import Expression

Kind = Literal["section", "question", "note", "repeat"]
_MADE_BY_COMPILER = "reserved_name_for_field_list_labels_"


@dataclass(frozen=True, slots=True)
class Item:
    """Something on the paper.

    Attributes
    ----------
    kind
        What it is.
    number
        Of a question, from 1 through the whole form; of a section or repeat its letter; empty for
        notes, and for groups inside sections.
    control
        What the form shows.
    children
        What stands inside it.
    """

    kind: Kind
    number: str
    control: Control
    children: tuple[Item, ...] = ()

    @property
    def node(self) -> Definition | None:
        """The node of the form's data."""
        return self.control.node

    def rule(self) -> Expression | None:
        """Return the rule on which it is asked, if it has one of its own."""
        return None if self.node is None else self.node.rule("relevant")

    def walk(self) -> Iterator[Item]:
        """Yield this item and all inside it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


def outline_of(form: Form) -> tuple[Item, ...]:
    """Return a form's items in the order they are asked.

    Examples
    --------
    >>> from pk_research.survey.reading import parse_form
    >>> form = parse_form('''<h:html xmlns="http://www.w3.org/2002/xforms"
    ...   xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Desa</h:title><model>
    ...   <instance><data id="desa"><a><kk/></a></data></instance></model></h:head>
    ...   <h:body><group ref="/data/a"><input ref="/data/a/kk"/></group></h:body></h:html>''')
    >>> [(item.kind, item.number) for top in outline_of(form) for item in top.walk()]
    [('section', 'A'), ('question', '1')]
    """
    return _Numbering().items(form.controls, depth=0)


def numbers_of(items: tuple[Item, ...]) -> dict[str, str]:
    """Return the numbers of the questions by path."""
    return {
        item.node.path: item.number
        for top in items
        for item in top.walk()
        if item.kind == "question" and item.node is not None
    }


class _Numbering:
    def __init__(self) -> None:
        self.questions = 0
        self.sections = 0

    def items(self, controls: tuple[Control, ...], *, depth: int) -> tuple[Item, ...]:
        return tuple(item for control in controls if (item := self._item(control, depth=depth)) is not None)

    def _item(self, control: Control, *, depth: int) -> Item | None:
        if control.kind in ("group", "repeat"):
            kind: Kind = "section" if control.kind == "group" else "repeat"
            number = "" if depth else self._letter()
            children = self.items(control.children, depth=depth + 1)
            return Item(kind, number, control, children) if children else None
        if control.node is None or control.node.local.startswith(_MADE_BY_COMPILER):
            return None
        if _is_note(control.node):
            return Item("note", "", control)
        self.questions += 1
        return Item("question", str(self.questions), control)

    def _letter(self) -> str:
        self.sections += 1
        number, letters = self.sections, ""
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(ord("A") + rest) + letters
        return letters


def _is_note(node: Definition) -> bool:
    readonly = node.rule("readonly")
    control = node.control
    return (
        control is not None
        and control.kind == "input"
        and readonly is not None
        and readonly.source.strip() == "true()"
    )
