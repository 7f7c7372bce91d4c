"""Why something cannot be shown, in a sentence for whoever looks."""

from __future__ import annotations

from pk_research.language import Message

NO_LOG = Message("No coordination log has been sent yet")
UNREADABLE = Message("The coordination log cannot be read; the administrator has to look at the log")
NO_DAY = Message(
    "This date is not in the calendar, or not complete. Write day, month and year, such as 17-08-2026;"
    " until then the dates leave nothing out"
)
END_FIRST = Message(
    "The first day, {begin}, is after the last, {end}. Change one of them; until then the dates leave"
    " nothing out"
)
