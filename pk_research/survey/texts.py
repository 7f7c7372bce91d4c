"""Texts shown to people: reading them from a form, and saying them in a language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pk_research.survey.definition import Texts, TextValue, Translation
from pk_research.survey.tree import Element, Node, Text
from pk_research.survey.xpath import EvaluationError, Expression, World
from pk_research.survey.xpath.syntax import Call, Literal

if TYPE_CHECKING:
    from pk_research.survey.faults import Faults

_WORDY = ("", "long", "short")
UNKNOWN = "—"


def read_texts(element: Element, faults: Faults, where: str) -> Texts:
    """Read a label, hint or translated value: its words and the outputs among them."""
    reference = element.get("ref")
    if reference is not None:
        return Texts(reference=faults.expression(reference, where))
    pieces: list[str | Expression] = []
    for node in element.children:
        if isinstance(node, Text):
            pieces.append(node.value)
        elif isinstance(node, Element) and node.local == "output":
            expression = faults.expression(node.get("value") or node.get("ref") or "''", f"{where}, output")
            if expression is not None:
                pieces.append(expression)
        elif isinstance(node, Element):
            pieces.append(node.text)
    return Texts(tuple(pieces))


def itext_name(reference: Expression) -> str | None:
    """Return the name a `jr:itext('name')` asks for; None for any other expression.

    Examples
    --------
    >>> itext_name(Expression("jr:itext('/data/nama:label')"))
    '/data/nama:label'
    """
    tree = reference.tree
    if isinstance(tree, Call) and tree.name == "jr:itext" and isinstance(tree.arguments[0], Literal):
        return tree.arguments[0].value
    return None


def spoken(value: str) -> str:
    """Return a value as it is shown to people: a dash where a sum of nothing is not a number.

    Examples
    --------
    >>> spoken("12"), spoken("NaN")
    ('12', '—')
    """
    return UNKNOWN if value == "NaN" else value


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as it is shown: the words, and what is shown with them.

    Attributes
    ----------
    words
        The text.
    media
        Pairs of form (``image``, ``audio``, ``video``...) and address.
    """

    words: str
    media: tuple[tuple[str, str], ...] = ()


class Speaker:
    """Says a form's texts in one language.

    Parameters
    ----------
    translations
        The form's translations, the default first.
    world
        The surroundings of the expressions in the texts.
    """

    def __init__(self, translations: tuple[Translation, ...], world: World) -> None:
        self.translations = translations
        self.world = world
        self.language = translations[0].language if translations else ""

    def values(self, name: str) -> tuple[TextValue, ...]:
        """Return the values of a translated text; the default language's where this one lacks it."""
        by_language = {translation.language: translation.texts for translation in self.translations}
        found = by_language.get(self.language, {}).get(name)
        if found is None and self.translations:
            found = self.translations[0].texts.get(name)
        return found or ()

    def nodes(self, name: str) -> list[Node]:
        """Return the values of a translated text as nodes, for `jr:itext()` in expressions."""
        found: list[Node] = []
        for value in self.values(name):
            element = Element("value")
            element.set_text(self.say(value.texts, None).words)
            found.append(element)
        return found

    def say(self, texts: Texts, node: Node | None) -> Shown:
        """Say a text at a node."""
        if texts.reference is None:
            return Shown("".join(self._piece(piece, node) for piece in texts.pieces))
        tree = texts.reference.tree
        if isinstance(tree, Call) and tree.name == "jr:itext":
            name = self._text(Expression.of(tree.arguments[0]), node)
            return self._translated(name, node)
        return Shown(self._text(texts.reference, node))

    def _translated(self, name: str, node: Node | None) -> Shown:
        said = [(value.form, self.say(value.texts, node).words) for value in self.values(name)]
        words = next((text for form, text in said if form in _WORDY), "")
        return Shown(words, tuple((form, text) for form, text in said if form not in _WORDY))

    def _piece(self, piece: str | Expression, node: Node | None) -> str:
        return piece if isinstance(piece, str) else spoken(self._text(piece, node))

    def _text(self, expression: Expression, node: Node | None) -> str:
        try:
            return expression.text(node, self.world)
        except EvaluationError:
            return ""
