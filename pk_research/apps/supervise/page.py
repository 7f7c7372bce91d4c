"""What the page says around the fieldwork."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pk_research.apps.markup import say, sentence
from pk_research.language import Language, Message

TITLE = "Watch over the survey"
HERE = Path(__file__).parent
STYLES = (HERE.with_name("findings") / "style.css", HERE / "style.css")


def style_html() -> str:
    """Return the style of all apps, and what this one adds."""
    return f"<style>{''.join(path.read_text(encoding='utf-8') for path in STYLES)}</style>"


def title_html(language: Language) -> str:
    """Return the title of the page and what it is for."""
    purpose = "Which villages have answered, and which submissions need a decision"
    return f"<h1>{say(TITLE, language)}</h1><p class='pk-hint'>{say(purpose, language)}</p>"


def message_html(message: Message | None, language: Language) -> str:
    """Return what went wrong, so that it is not overlooked; an empty text when nothing did."""
    return "" if message is None else f"<p class='pk-trouble' role='alert'>{sentence(message, language)}</p>"


def notice_html(notice: Message | None, language: Language) -> str:
    """Return what was just done, in a place that screen readers watch."""
    text = "" if notice is None else f"<p class='pk-callout'>{sentence(notice, language)}</p>"
    return f"<div role='status'>{text}</div>"


def told_html(told: Sequence[Message], language: Language) -> str:
    """Return what was withheld from the file that was just taken away, and why."""
    points = "".join(f"<li>{sentence(one, language)}</li>" for one in told)
    body = f"<p>{say('Of the file just taken away:', language)}</p><ul>{points}</ul>" if told else ""
    return f"<div role='status'>{body}</div>"
