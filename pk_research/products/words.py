"""What the results of this chapter share when they are told to people."""

from __future__ import annotations

from collections.abc import Iterable

from pk_research.language import Bilingual, Language, Message
from pk_research.writing import MADE

SHOWN = 5


def told(sentences: Iterable[Bilingual], language: Language, *, made: bool = False) -> str:
    """Join sentences, each with its own full stop; made data says so first."""
    parts = [sentence.text(language) for sentence in sentences]
    return " ".join([f"{Message(MADE).text(language)}.", *parts] if made else parts)


def some(names: Iterable[object]) -> str:
    """Return the first few names, and how many there are in all where there are more.

    Examples
    --------
    >>> some("abcdefg")
    'a, b, c, d, e, … (7)'
    """
    found = [str(name) for name in names]
    return ", ".join(found[:SHOWN]) + (f", … ({len(found)})" if len(found) > SHOWN else "")


def listed(names: Iterable[Bilingual], language: Language) -> str:
    """Name things one after the other, in quotes."""
    return "; ".join(f"“{name.text(language)}”" for name in names)
