"""What every app has around it: its style, its title and tabs, what it says of itself, and its first page."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

from pk_research.apps.markup import CURRENT, say, sentence, tabs_html
from pk_research.language import Language, Message

APPS = Path(__file__).parent
STYLE = APPS / "findings" / "style.css"
"""The style of all apps."""
LANGUAGE_NAMES: dict[Language, str] = {"id": "Indonesia", "en": "English"}
PREPARING = Message("The choices are being prepared …")


@dataclass(frozen=True, slots=True)
class Frame:
    """What an app is called and how it is divided.

    Attributes
    ----------
    title, purpose
        What is asked here, and what the app is for.
    kinds
        Classes of the app, whose styles are those of its own.
    styles
        What is added to the style of all apps, by the folder of the app that has it.
    tabs
        Name and title of each part; empty for an app of one part.
    tabs_label
        What the row of tabs is called for those who hear it.
    preparing
        What is said on the first page until the live one is there.
    """

    title: Message
    purpose: Message
    kinds: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    tabs: tuple[tuple[str, Message], ...] = ()
    tabs_label: str = ""
    preparing: Message = PREPARING

    def style_html(self) -> str:
        """Return the style of all apps, and what this one adds."""
        paths = (STYLE, *(APPS / folder / "style.css" for folder in self.styles))
        return f"<style>{''.join(path.read_text(encoding='utf-8') for path in paths)}</style>"

    def title_html(self, language: Language) -> str:
        """Return the title of the page and what it is for."""
        title, purpose = (escape(text.text(language)) for text in (self.title, self.purpose))
        return f"<h1>{title}</h1><p class='pk-hint'>{purpose}</p>"

    def preparing_html(self, language: Language) -> str:
        """Return that the live page is on its way."""
        return f"<p class='pk-hint pk-preparing'>{escape(self.preparing.text(language))}</p>"

    def tabs_html(self, language: Language) -> str:
        """Return the row of tabs as it looks before it lives, the first one open; nothing without tabs."""
        return tabs_html(self.tabs, self.tabs[0][0], self.tabs_label, language) if self.tabs else ""

    def page_html(self, body: str, language: Language, *, made: bool) -> str:
        """Return a first page: a body, HTML already, below the head that the live page has, too."""
        title, choice = self.title_html(language), language_html(language)
        return (
            f"{self.style_html()}<div class='{' '.join(('pk-app', *self.kinds))}'>"
            f"<div class='pk-head'><div>{title}</div>{choice}</div>"
            f"{made_html(language, made=made)}{body}</div>"
        )

    def first_paint(self, found: str, language: Language, *, made: bool) -> str:
        """Return what an app shows at first as plain HTML that needs neither script nor kernel.

        Parameters
        ----------
        found
            What stands on its first tab; HTML already.
        language
            Of the page.
        made
            Whether what is shown is made.
        """
        around = f"{self.tabs_html(language)}{self.preparing_html(language)}{found}"
        return self.page_html(f"<div class='pk-results'>{around}</div>", language, made=made)


def language_html(language: Language) -> str:
    """Return the choice of a language before the page lives: addresses that every app understands."""
    links = "".join(
        f"<a href='?language={one}' lang='{one}'{CURRENT if one == language else ''}>{name}</a>"
        for one, name in LANGUAGE_NAMES.items()
    )
    return f"<div class='pk-language' role='group' aria-label='Bahasa · Language'>{links}</div>"


def made_html(language: Language, *, made: bool) -> str:
    """Return the banner that made data carries; nothing for real data."""
    if not made:
        return ""
    text = say("Example data (made up), not real data", language)
    return f"<p class='pk-banner' role='note'>{text}</p>"


def working_html(language: Language, *, is_working: bool) -> str:
    """Return that something is being computed; an empty place while nothing is."""
    if not is_working:
        return "<div role='status'></div>"
    text = say("Working it out …", language)
    return f"<div role='status' class='pk-working'><progress></progress> {text}</div>"


def alert_html(message: Message | None, language: Language) -> str:
    """Return what went wrong, so that it is not overlooked; nothing when nothing did."""
    return "" if message is None else f"<p class='pk-trouble' role='alert'>{sentence(message, language)}</p>"
