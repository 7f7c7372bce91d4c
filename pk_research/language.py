"""Two languages through catalogues: Bahasa Indonesia first, English second.

The English text is the key; each file in ``locale/id/`` translates the texts of one chapter.
Numbers follow the language too: ``1.234,5`` in Indonesian, ``1,234.5`` in English.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol, get_args, runtime_checkable

from pk_research.errors import BadInput, Problem

Language = Literal["id", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
MINUS = "\N{MINUS SIGN}"
CATALOGUES = Path(__file__).with_name("locale")


@runtime_checkable
class Bilingual(Protocol):
    """Anything that says itself in either language: a `Message`, a codebook's label."""

    def text(self, language: Language) -> str:
        """Return the text in ``language``."""


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence to be shown in either language, with its values kept apart.

    Attributes
    ----------
    template
        English text with ``{named}`` places; the key of the catalogue.
    values
        What fills the places. Numbers are written as the language writes them, `Bilingual`
        values (another message, a label) in that language, strings as they are.

    Examples
    --------
    >>> Message("{n} villages", {"n": 1187}).text("en")
    '1,187 villages'
    """

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: Language) -> str:
        """Return the sentence in ``language``; the English one where no translation exists."""
        values = {name: _written(value, language) for name, value in self.values.items()}
        return translate(self.template, language).format(**values)

    def to_dict(self) -> dict[str, Any]:
        """Return a form that JSON can hold; `from_dict` reads it."""
        values = {
            name: value.to_dict() if isinstance(value, Message | Both) else value
            for name, value in self.values.items()
        }
        return {"template": self.template, "values": values}

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> Message:
        """Read what `to_dict` wrote.

        Examples
        --------
        >>> message = Message("{a} and {b}", {"a": Message("Villages"), "b": 2})
        >>> Message.from_dict(message.to_dict()) == message
        True
        """
        values = {
            name: _read(value) if isinstance(value, dict) else value
            for name, value in entry.get("values", {}).items()
        }
        return cls(entry["template"], values)


@dataclass(frozen=True, slots=True)
class Both:
    """A text that data brings along in both languages, such as what a code means.

    Attributes
    ----------
    text_id, text_en
        In Indonesian and in English.

    Examples
    --------
    >>> message = Message("{what}: {n}", {"what": Both("Tidak tahu", "Does not know"), "n": 3})
    >>> message.text("en"), Message.from_dict(message.to_dict()) == message
    ('Does not know: 3', True)
    """

    text_id: str
    text_en: str

    def text(self, language: Language) -> str:
        """Return the text in ``language``."""
        return self.text_id if language == "id" else self.text_en

    def to_dict(self) -> dict[str, str]:
        """Return a form that JSON can hold, inside that of a `Message`."""
        return {"id": self.text_id, "en": self.text_en}


def _read(entry: Mapping[str, Any]) -> Message | Both:
    return Message.from_dict(entry) if "template" in entry else Both(entry["id"], entry["en"])


def translate(text: str, language: Language) -> str:
    """Return the catalogue's text for an English one.

    Parameters
    ----------
    text
        English text.
    language
        ``"id"`` or ``"en"``.

    Returns
    -------
    str
        The translation; ``text`` itself for English or where the catalogue lacks it (a test
        keeps the catalogues complete).

    Raises
    ------
    BadInput
        When there is no such language.

    Examples
    --------
    >>> translate("village", "en")
    'village'
    """
    if language == "en":
        return text
    if language not in LANGUAGES:
        raise BadInput(Problem("language", f"it is {language!r}", f"Choose one of: {', '.join(LANGUAGES)}."))
    return catalogue(language).get(text, text)


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """Read every catalogue file of a language.

    Returns
    -------
    Mapping
        English text -> translation; untranslated entries are left out.

    Examples
    --------
    >>> catalogue("id")["Villages"]
    'Desa/kelurahan'
    """
    from babel.messages.pofile import read_po

    texts: dict[str, str] = {}
    for path in sorted((CATALOGUES / language).glob("*.po")):
        with path.open("rb") as file:
            entries = read_po(file, locale=language)
        texts.update({str(entry.id): str(entry.string) for entry in entries if entry.id and entry.string})
    return texts


def number_text(value: float, language: Language, decimals: int | None = None) -> str:
    """Write a number as the language does.

    Parameters
    ----------
    value
        The number; NaN is written as an en dash, for missing, and a negative one with a minus sign, not a
        hyphen.
    language
        ``"id"`` or ``"en"``.
    decimals
        Digits after the decimal sign; None shows up to three and drops trailing zeros.

    Examples
    --------
    >>> number_text(1234.5, "id"), number_text(1234.5, "en"), number_text(-0.25, "id", 1)
    ('1.234,5', '1,234.5', '−0,2')
    """
    from babel.numbers import format_decimal

    if math.isnan(value):
        return "–"
    pattern = "#,##0.###" if decimals is None else "#,##0" + "." * (decimals > 0) + "0" * decimals
    return format_decimal(value, format=pattern, locale=language).replace("-", MINUS)


def decimals_for(largest: float) -> int:
    """Return how many decimals a column needs, by its largest absolute value.

    Examples
    --------
    >>> decimals_for(0.84), decimals_for(12.5), decimals_for(4_500_000)
    (3, 1, 0)
    """
    return next((decimals for limit, decimals in ((1, 3), (10, 2), (1000, 1)) if largest <= limit), 0)


def _written(value: object, language: Language) -> str:
    if isinstance(value, Bilingual):
        return value.text(language)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return number_text(value, language)
