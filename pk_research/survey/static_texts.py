"""A form's texts while nothing is filled in: what its questions and choices are called, by language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pk_research.language import LANGUAGES, Language
from pk_research.survey.definition import Control, Definition, Form, Texts, Translation
from pk_research.survey.texts import itext_name
from pk_research.survey.tree import Element
from pk_research.survey.xpath import Expression
from pk_research.survey.xpath.syntax import Call, Expr, Literal, parts

_NAMES = {"id": ("indonesia", "indonesian", "bahasa indonesia"), "en": ("english", "inggris")}
_LAST_NAME = re.compile(r"([\w.-]+)[)\s]*$")
_WORDY = ("", "long", "short")


@dataclass(frozen=True, slots=True)
class Words:
    """A text in the house's languages; empty where the form lacks one."""

    id: str = ""
    en: str = ""


class StaticTexts:
    """Says a form's texts in both languages, with ``[question]`` where an answer would stand.

    Parameters
    ----------
    form
        The form.

    Examples
    --------
    >>> from pk_research.survey.reading import parse_form
    >>> form = parse_form('''<h:html xmlns="http://www.w3.org/2002/xforms"
    ...   xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Desa</h:title><model>
    ...   <itext><translation lang="English (en)"><text id="a"><value>Sales of <output
    ...   value="/data/item"/></value></text></translation></itext>
    ...   <instance><data id="desa"><item/><kk/></data></instance></model></h:head>
    ...   <h:body><input ref="/data/kk"><label ref="jr:itext('a')"/></input></h:body></h:html>''')
    >>> StaticTexts(form).of_question(form.paths["/data/kk"])
    Words(id='', en='Sales of [item]')
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self.translations = {language: self._translation(language) for language in LANGUAGES}
        if form.translations and not any(self.translations.values()):
            self.translations["id"] = form.translations[0]

    def _translation(self, language: Language) -> Translation | None:
        for translation in self.form.translations:
            name = translation.language.strip().lower()
            if name.endswith(f"({language})") or name == language or name in _NAMES[language]:
                return translation
        return None

    def of_question(self, definition: Definition) -> Words:
        """Return the label of a question; that of a calculation too, where the form gives it one."""
        control = definition.control
        if control is not None and control.label is not None:
            return self._words(control.label)
        return self._named(f"{definition.path}:label")

    def of_choices(self, control: Control) -> list[tuple[str, Words]]:
        """Return every choice a question can offer, whatever filters it, as value and label."""
        if control.choice_list is None:
            return [
                (choice.value, Words(choice.value) if choice.label is None else self._words(choice.label))
                for choice in control.choices
            ]
        value, label = control.choice_list.value, control.choice_list.label
        items = self._items(control.choice_list.nodes)
        return [(_field(item, value).strip(), self._item_label(item, label)) for item in items]

    def _items(self, nodes: Expression) -> list[Element]:
        name = next(_lists_named(nodes.tree), None) if nodes.tree is not None else None
        holder = None if name is None else self.form.instances.get(name)
        return [] if holder is None else [item for root in holder.elements() for item in root.elements()]

    def _item_label(self, item: Element, label: Expression | None) -> Words:
        if label is None:
            return Words()
        text = _field(item, label)
        return self._named(text) if "itext" in label.source else Words(_plain(text))

    def _words(self, texts: Texts) -> Words:
        name = None if texts.reference is None else itext_name(texts.reference)
        return Words(self._joined(texts)) if name is None else self._named(name)

    def _named(self, name: str) -> Words:
        said = {language: self._said(name, found) for language, found in self.translations.items()}
        return Words(**said)

    def _said(self, name: str, translation: Translation | None) -> str:
        values = () if translation is None else translation.texts.get(name, ())
        return next((self._joined(value.texts) for value in values if value.form in _WORDY), "")

    def _joined(self, texts: Texts) -> str:
        pieces = (piece if isinstance(piece, str) else f"[{_last_name(piece)}]" for piece in texts.pieces)
        return _plain("".join(pieces))


def _lists_named(tree: Expr) -> Iterator[str]:
    if isinstance(tree, Call) and tree.name == "instance" and isinstance(tree.arguments[0], Literal):
        yield tree.arguments[0].value
    for part in parts(tree):
        yield from _lists_named(part)


def _field(item: Element, expression: Expression) -> str:
    name = _last_name(expression)
    return next((field.text for field in item.elements() if field.local == name), "")


def _last_name(expression: Expression) -> str:
    found = _LAST_NAME.search(expression.source)
    return "" if found is None else found[1]


def _plain(text: str) -> str:
    return " ".join(text.split())
