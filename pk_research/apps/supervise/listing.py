"""The submissions as a list, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

from pk_research.apps.markup import moved_sideways, say, section, table
from pk_research.apps.supervise.fieldwork import Entry, Fieldwork
from pk_research.apps.supervise.states import badge, label_of
from pk_research.language import Language, Message, number_text, translate
from pk_research.store.receiving import ZONE


def list_html(fieldwork: Fieldwork, listed: Sequence[Entry], language: Language) -> str:
    """Return submissions of a form as a table, in the order given."""
    count = f"<p class='pk-hint'>{escape(counted(len(listed)).text(language))}</p>"
    if not listed:
        return section("list", count)
    columns = {
        "Receipt": [
            f"{escape(entry.code)}<small>{moment(entry.filled.submitted_at)}</small>" for entry in listed
        ],
        "Village": [_place(entry, language) for entry in listed],
        "Sender": [escape(fieldwork.people.called(entry.filled.submitter_id, language)) for entry in listed],
        "Review": [badge(entry.filled.review_state, language) for entry in listed],
        "Flags": [f"⚑ {number_text(len(entry.flags), language)}" if entry.flags else "" for entry in listed],
    }
    if not fieldwork.asks_village:
        del columns["Village"]
    headings = [say(heading, language) for heading in columns]
    made = table(headings, zip(*columns.values(), strict=True), numeric=(len(columns) - 1,))
    box = moved_sideways(made, translate("Submissions", language), "pk-tall pk-list")
    return section("list", f"{count}{box}")


def counted(n: int) -> Message:
    """Return how many submissions there are.

    Examples
    --------
    >>> counted(1).text("en"), counted(2).text("en")
    ('1 submission', '2 submissions')
    """
    return Message("1 submission") if n == 1 else Message("{n} submissions", {"n": n})


def _place(entry: Entry, language: Language) -> str:
    if not entry.place:
        return "–"
    small = say("not in the register", language) if entry.village is None else escape(entry.village.kecamatan)
    return f"{escape(entry.place)}<small>{small}</small>"


def name_of(entry: Entry, language: Language) -> str:
    """Return what a submission is called in a list to choose from; text, not HTML."""
    return f"{entry.title} · {label_of(entry.filled.review_state, language)}"


def moment(at: datetime) -> str:
    """Return a time as it was in western Indonesia.

    Examples
    --------
    >>> from datetime import UTC
    >>> moment(datetime(2026, 11, 2, 2, 5, tzinfo=UTC))
    '2026-11-02 09:05 WIB'
    """
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M} WIB"
