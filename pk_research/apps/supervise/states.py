"""The states of review as they are shown: a word, a letter and a colour each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from pk_research.apps.markup import say
from pk_research.language import Language, Message
from pk_research.palette import ink_on


@dataclass(frozen=True, slots=True)
class StateLook:
    """How a state of review looks.

    Attributes
    ----------
    label
        What it is called.
    letters
        The letter on its tile, by language; no two states share one.
    colour
        Of its tile, as ``#rrggbb``; the luminances differ, so that tiles can be told apart in grey.
    """

    label: Message
    letters: Mapping[Language, str]
    colour: str


NONE = ""
LOOKS = {
    "approved": StateLook(Message("Approved"), {"id": "S", "en": "A"}, "#0e3d33"),
    "received": StateLook(Message("Waiting for review"), {"id": "M", "en": "W"}, "#5f93d8"),
    "has issues": StateLook(Message("Has issues"), {"id": "P", "en": "I"}, "#f6c453"),
    "rejected": StateLook(Message("Rejected"), {"id": "T", "en": "R"}, "#9c3a2e"),
    NONE: StateLook(Message("Not answered yet"), {"id": "–", "en": "–"}, "#f0f2f4"),
}


def label_of(state: str, language: Language) -> str:
    """Return what a state is called.

    Examples
    --------
    >>> label_of("has issues", "en")
    'Has issues'
    """
    return LOOKS[state].label.text(language)


def tile(state: str, language: Language, *, title: str = "") -> str:
    """Return a tile with the letter of a state on its colour; ``title`` is text, not HTML.

    Examples
    --------
    >>> "&lt;b&gt;" in tile("approved", "en", title="<b>")
    True
    """
    look = LOOKS[state]
    named = (
        f" role='img' title='{escape(title)}' aria-label='{escape(title)}'"
        if title
        else " aria-hidden='true'"
    )
    if state == NONE:  # on the page's own colours, dark or light
        return f"<span class='pk-tile pk-none'{named}>{look.letters[language]}</span>"
    style = f"background:{look.colour};color:{ink_on(look.colour)}"
    return f"<span class='pk-tile'{named} style='{style}'>{look.letters[language]}</span>"


def badge(state: str, language: Language) -> str:
    """Return a state as its tile and its name."""
    return (
        f"<span class='pk-state'>{tile(state, language)} {say(LOOKS[state].label.template, language)}</span>"
    )
