"""What the empty and the filled sheet have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape

from pk_research.language import Language, Message, translate
from pk_research.survey.definition import Form, Texts
from pk_research.survey.paper.conditions import Sentences
from pk_research.survey.paper.outline import Item, numbers_of, outline_of
from pk_research.survey.paper.wording import Wording, as_html

_QUOTED = re.compile(r"\[([\w.-]+)\]")
MOST_COLUMNS = 5  # of a table; with more questions it stands on end

Places = Mapping[str, str]
"""The repeat instance one is in: path of the repeat -> path of the instance."""


class Page:
    """A sheet being written: what the empty and the filled one have in common.

    Parameters
    ----------
    form
        The form.
    language
        Language of its texts, and of the house's own.
    """

    def __init__(self, form: Form, language: Language) -> None:
        self.form = form
        self.language = language
        self.wording = Wording(form, language)
        self.outline = outline_of(form)
        self.numbers = numbers_of(self.outline)
        self.sentences = Sentences(self.wording, self.numbers)

    def say(self, text: str) -> str:
        """Return a text of the house's own, as HTML."""
        return escape(translate(text, self.language))

    def tell(self, message: Message) -> str:
        """Return a message as HTML."""
        return escape(message.text(self.language))

    def words(self, texts: Texts | None) -> str:
        """Return a text of the form as HTML, answers it quotes named by their number."""
        by_name = {path.rpartition("/")[2]: number for path, number in self.numbers.items()}

        def quoted(found: re.Match[str]) -> str:
            number = by_name.get(found[1])
            return found[0] if number is None else f"[{self._answer(number)}]"

        return as_html(_QUOTED.sub(quoted, self.wording.text(texts)))

    def _answer(self, number: str) -> str:
        return Message("answer {number}", {"number": number}).text(self.language)

    def about(self) -> str:
        """Return what the paper is."""
        version = Message("form version {version}", {"version": self.form.version}).text(self.language)
        return escape(" · ".join(filter(None, (self.form.identifier, version if self.form.version else ""))))

    def introduction(self) -> str:
        """Return what stands before the questions."""
        return ""

    def closing(self) -> str:
        """Return what stands after them."""
        return ""

    def items(self, items: tuple[Item, ...], here: Places) -> Iterator[str]:
        """Yield the items as HTML, in order."""
        for item in items:
            if item.kind == "section":
                yield self.section(item, here)
            elif item.kind == "repeat":
                yield self.repeat(item, here)
            elif item.kind == "note":
                yield self.note(item, here)
            else:
                yield self.question(item, here)

    def section(self, item: Item, here: Places) -> str:
        """Return a group with what stands in it; nothing where that is nothing."""
        inside = "".join(self.items(item.children, here))
        return f"<section>{self.heading(item)}{inside}</section>" if inside else ""

    def heading(self, item: Item) -> str:
        """Return the heading of a group or repeat."""
        label = self.words(item.control.label)
        number = f'<span class="number">{item.number}</span>' if item.number else ""
        level = "h2" if item.number else "h3"
        return f"<{level}>{number}{label}</{level}>" if label else ""

    def note(self, item: Item, here: Places) -> str:
        """Return a note."""
        raise NotImplementedError

    def question(self, item: Item, here: Places) -> str:
        """Return a question with its answer, or the space for one."""
        raise NotImplementedError

    def repeat(self, item: Item, here: Places) -> str:
        """Return a repeat as a table, the repeats inside it after it."""
        raise NotImplementedError


def asked_in(items: tuple[Item, ...]) -> list[Item]:
    """Return the questions directly in a repeat, those of its groups included."""
    found: list[Item] = []
    for item in items:
        if item.kind == "question":
            found.append(item)
        elif item.kind == "section":
            found += asked_in(item.children)
    return found


def repeats_in(items: tuple[Item, ...]) -> list[Item]:
    """Return the repeats directly in a repeat, those of its groups included."""
    found: list[Item] = []
    for item in items:
        if item.kind == "repeat":
            found.append(item)
        elif item.kind == "section":
            found += repeats_in(item.children)
    return found


def table_of(heads: list[str], rows: list[list[str]], *, on_end: bool) -> str:
    """Return a table: a question a column, or standing on end, a question a row."""
    if on_end:
        body = "".join(
            f"<tr><th>{head}</th>{''.join(f'<td>{row[place]}</td>' for row in rows)}</tr>"
            for place, head in enumerate(heads)
        )
        numbers = "".join(f"<th>{number}</th>" for number in range(1, len(rows) + 1))
        return (
            f'<table class="on-end"><thead><tr><td></td>{numbers}</tr></thead><tbody>{body}</tbody></table>'
        )
    head = "".join(f"<th>{text}</th>" for text in heads)
    body = "".join(
        f"<tr><th>{number}</th>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>"
        for number, row in enumerate(rows, start=1)
    )
    return f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"
