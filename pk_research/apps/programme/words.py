"""What the board says: names of states, times, doubts and changes, and days written out."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from pk_research.language import Language, Message
from pk_research.policy import programme as log

if TYPE_CHECKING:
    import pandas as pd

TIME_NAMES = {
    log.LATE: Message("Late"),
    log.SOON: Message("Due within 30 days"),
    log.ON_TIME: Message("Due later"),
    log.UNDATED: Message("No date was set"),
    log.ENDED: Message("Closed"),
}
STATE_NAMES = {
    "planned": Message("Planned"),
    "running": Message("Under way"),
    "done": Message("Done"),
    "stopped": Message("Stopped"),
}
DOUBT_NAMES = {
    log.OFFICE: Message("the office is not in the list"),
    log.VILLAGE: Message("the village is not in the register"),
    log.KECAMATAN: Message("the kecamatan is not in the register"),
    log.STATE: Message("its state is not known"),
    log.DATE: Message("a date cannot be read"),
    log.EARLY_CLOSE: Message("closed before it began"),
    log.EARLY_DUE: Message("due before it began"),
    log.STILL_OPEN: Message("has a closing date, yet is said to be open"),
}
CHANGE_NAMES = {
    log.NEW: Message("Written down for the first time"),
    log.BEGUN: Message("Begun"),
    log.PUT_BACK: Message("Put back to planned"),
    log.HANDED_OVER: Message("Handed over to another office"),
    log.DONE: Message("Done"),
    log.STOPPED: Message("Stopped"),
    log.REOPENED: Message("Opened again"),
}
DATE_SET, DATE_TAKEN = Message("Date set: {after}"), Message("Date taken away; it was {before}")
DATE_MOVED = Message("Date moved from {before} to {after}")
ROLE_NAMES = {
    "respondent": Message("a respondent"),
    "enumerator": Message("an enumerator"),
    "supervisor": Message("a supervisor"),
    "researcher": Message("a researcher"),
    "admin": Message("an administrator"),
}
MONTHS = (
    "Jan {day}, {year}", "Feb {day}, {year}", "Mar {day}, {year}", "Apr {day}, {year}",
    "May {day}, {year}", "Jun {day}, {year}", "Jul {day}, {year}", "Aug {day}, {year}",
    "Sep {day}, {year}", "Oct {day}, {year}", "Nov {day}, {year}", "Dec {day}, {year}",
)  # fmt: skip


def day_text(day: date | pd.Timestamp, language: Language) -> str:
    r"""Return a day as people write it; that there is none where it is missing.

    Examples
    --------
    >>> day_text(date(2026, 8, 17), "id"), day_text(date(2026, 8, 17), "en")
    ('17\xa0Agu\xa02026', 'Aug\xa017,\xa02026')
    """
    if day != day:  # noqa: PLR0124 - NaT is unlike itself
        return TIME_NAMES[log.UNDATED].text(language)
    return written(day).text(language).replace(" ", "\N{NO-BREAK SPACE}")


def written(day: date | pd.Timestamp) -> Message:
    """Return a day to be named in a sentence."""
    return Message(MONTHS[day.month - 1], {"day": str(day.day), "year": str(day.year)})


def change_text(change: str, before: pd.Timestamp, after: pd.Timestamp, language: Language) -> str:
    """Say what changed; for a moved date also from when to when."""
    if change != log.MOVED:
        return CHANGE_NAMES[change].text(language)
    values = {"before": day_text(before, language), "after": day_text(after, language)}
    chosen = DATE_SET if before != before else DATE_TAKEN if after != after else DATE_MOVED  # noqa: PLR0124
    return Message(chosen.template, values).text(language)
