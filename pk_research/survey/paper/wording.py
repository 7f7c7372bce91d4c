"""A form's own texts for paper: in one language, safe as HTML."""

from __future__ import annotations

import re
from html import escape

from pk_research.language import Language
from pk_research.survey.definition import Control, Definition, Form, Texts
from pk_research.survey.static_texts import StaticTexts, Words

_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_HEADING = re.compile(r"(?:^|(?<=\s))#{1,6}\s+")
_LINK = re.compile(r"\[([^\[\]]+)\]\((https?://[^\s()]+)\)")
_MARKED = r"(?P<text>\S(?:.*?\S)?)"
_MARKS = (
    (re.compile(rf"\*\*{_MARKED}\*\*"), "strong"),
    (re.compile(rf"(?<!\w)__{_MARKED}__(?!\w)"), "strong"),
    (re.compile(rf"\*{_MARKED}\*"), "em"),
    (re.compile(rf"(?<!\w)_{_MARKED}_(?!\w)"), "em"),
)


class Wording:
    """Says a form's texts in one language, or in the other one where that lacks them.

    Parameters
    ----------
    form
        The form.
    language
        The language wanted.
    """

    def __init__(self, form: Form, language: Language) -> None:
        self.texts = StaticTexts(form)
        self.language = language
        self._choices: dict[Control, list[tuple[str, str]]] = {}

    @property
    def form_language(self) -> str:
        """What the form calls the language it is said in; empty where it has no translations."""
        other: Language = "en" if self.language == "id" else "id"
        found = self.texts.translations[self.language] or self.texts.translations[other]
        return "" if found is None else found.language

    def label(self, question: Definition) -> str:
        """Return what a question is called."""
        return self._said(self.texts.of_question(question))

    def text(self, texts: Texts | None) -> str:
        """Return any text of the form, with ``[question]`` where an answer would stand."""
        asking = Control("input", None, label=texts)
        return self._said(self.texts.of_question(Definition("", "", None, 0, control=asking)))

    def choices(self, control: Control) -> list[tuple[str, str]]:
        """Return the choices of a question, whatever filters them, as value and label."""
        if control not in self._choices:
            found = self.texts.of_choices(control)
            self._choices[control] = [(value, self._said(words) or value) for value, words in found]
        return self._choices[control]

    def choice(self, question: Definition, value: str) -> str:
        """Return the label of a choice; empty where the question offers no such value."""
        control = question.control
        if control is None or not control.has_choices:
            return ""
        return next((label for offered, label in self.choices(control) if offered == value), "")

    def _said(self, words: Words) -> str:
        first, second = (words.id, words.en)[:: 1 if self.language == "id" else -1]
        return first or second


def as_html(text: str) -> str:
    """Return a text with ODK's marks (bold, italic, links) as HTML; everything else is escaped.

    Examples
    --------
    >>> as_html("**Isi** <b>semua</b> & # Bagian_satu")
    '<strong>Isi</strong> semua &amp; Bagian_satu'
    """
    safe = escape(_HEADING.sub("", _TAG.sub("", text)))
    safe = _LINK.sub(r"\1 (\2)", safe)
    for mark, tag in _MARKS:
        safe = mark.sub(rf"<{tag}>\g<text></{tag}>", safe)
    return safe.replace("\n", "<br>")
