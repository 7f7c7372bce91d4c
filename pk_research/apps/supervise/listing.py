"""The submissions as a list, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

from pk_research.apps.markup import say, section, table
from pk_research.apps.supervise.fieldwork import Entry
from pk_research.apps.supervise.states import badge, label_of
from pk_research.language import Language, Message, number_text
from pk_research.store.receiving import ZONE


def list_html(listed: Sequence[Entry], language: Language) -> str:
    """Return the submissions as a table, in the order given."""
    count = Message("{n} submissions", {"n": len(listed)}).text(language)
    if not listed:
        return section("list", f"<p class='pk-hint'>{escape(count)}</p>")
    headings = ["Receipt", "Village", "Sender", "Received", "Review", "Flags"]
    rows = [
        [
            escape(entry.code),
            _place(entry),
            f"<code>{escape(entry.filled.submitter_id)}</code>",
            moment(entry.filled.submitted_at),
            badge(entry.filled.review_state, language),
            number_text(len(entry.flags), language) if entry.flags else "–",
        ]
        for entry in listed
    ]
    made = table([say(heading, language) for heading in headings], rows, numeric=(5,))
    return section("list", f"<p class='pk-hint'>{escape(count)}</p><div class='pk-wide pk-tall'>{made}</div>")


def _place(entry: Entry) -> str:
    small = "" if entry.village is None else f"<small>{escape(entry.village.kecamatan)}</small>"
    return f"{escape(entry.place) or '–'}{small}"


def name_of(entry: Entry, language: Language) -> str:
    """Return what a submission is called in a list to choose from; text, not HTML."""
    return f"{entry.code} · {entry.place or '–'} · {label_of(entry.filled.review_state, language)}"


def moment(at: datetime) -> str:
    """Return a time as it was in western Indonesia.

    Examples
    --------
    >>> from datetime import UTC
    >>> moment(datetime(2026, 11, 2, 2, 5, tzinfo=UTC))
    '2026-11-02 09:05 WIB'
    """
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M} WIB"
