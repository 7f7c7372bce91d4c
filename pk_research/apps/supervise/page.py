"""What the page says around the fieldwork."""

from __future__ import annotations

from collections.abc import Sequence

from pk_research.apps.about import ABOUT
from pk_research.apps.frame import Frame
from pk_research.apps.markup import say, sentence
from pk_research.language import Language, Message

FRAME = Frame(
    ABOUT["supervise"].title,
    Message("Which villages have answered, and which submissions need a decision"),
    styles=("supervise",),
    preparing=Message("The submissions are being opened …"),
)


JUMPS = (("submissions", "Submissions"), ("downloads", "Take it with you"))


def jumps_html(language: Language) -> str:
    """Return links to what stands further down a long page."""
    links = "".join(f"<a href='#pk-{name}'>{say(text, language)} ↓</a>" for name, text in JUMPS)
    return f"<nav class='pk-jumps' aria-label='{say('On this page', language)}'>{links}</nav>"


def notice_html(notice: Message | None, language: Language) -> str:
    """Return what was just done, in a place that screen readers watch."""
    text = "" if notice is None else f"<p class='pk-callout'>{sentence(notice, language)}</p>"
    return f"<div role='status'>{text}</div>"


def told_html(told: Sequence[Message], language: Language) -> str:
    """Return what was withheld from the file that was just taken away, and why."""
    points = "".join(f"<li>{sentence(one, language)}</li>" for one in told)
    body = f"<p>{say('Of the file just taken away:', language)}</p><ul>{points}</ul>" if told else ""
    return f"<div role='status'>{body}</div>"
