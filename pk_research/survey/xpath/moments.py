"""Dates and times as numbers of days, the way forms reckon with them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self

DAY_MS = 86_400_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INVALID_DATE = "Invalid Date"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(Z|[-+]\d{2}:?\d{2}|[-+]\d{2})?)?",
    re.ASCII,
)
_UNPADDED = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(T.*)?", re.ASCII)
_TIME = re.compile(r"(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(Z|[-+]\d{2}:\d{2})?", re.ASCII)
_SPOKEN = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT([-+]\d{2})(\d{2})", re.ASCII
)


class Moment(float):
    """A date or time: the days since 1 January 1970 UTC, with the text it is written as.

    Arithmetic gives plain numbers, as in ODK: ``today() + 1`` is a number of days.

    Parameters
    ----------
    instant
        The point in time, in the form's time zone; None for a date that is none.
    """

    __slots__ = ("instant",)
    instant: datetime | None

    def __new__(cls, instant: datetime | None) -> Self:
        """Make the number of days and keep what it stands for."""
        moment = super().__new__(cls, float("nan") if instant is None else days_since_epoch(instant))
        moment.instant = instant
        return moment

    @property
    def text(self) -> str:
        """ISO 8601: only the date where the time is midnight."""
        return INVALID_DATE if self.instant is None else written(self.instant)


class DayCount(Moment):
    """What `number()` makes of a date's text: reckons like the date, is written as whole days."""

    __slots__ = ()

    @property
    def text(self) -> str:
        """The whole days."""
        return str(math.floor(self))


def days_since_epoch(instant: datetime) -> float:
    """Return the days since 1 January 1970 UTC, to the millisecond."""
    return ((instant - EPOCH) // timedelta(milliseconds=1)) / DAY_MS


def written(instant: datetime) -> str:
    """Write a point in time as ODK does: the date alone at midnight, else with offset.

    Examples
    --------
    >>> written(datetime(2024, 5, 17, tzinfo=UTC)), written(datetime(2024, 5, 17, 8, 30, tzinfo=UTC))
    ('2024-05-17', '2024-05-17T08:30:00.000+00:00')
    """
    if (instant.hour, instant.minute, instant.second, instant.microsecond // 1000) == (0, 0, 0, 0):
        return f"{instant:%Y-%m-%d}".zfill(10)
    return instant.isoformat(timespec="milliseconds")


def read_moment(text: str, zone: tzinfo) -> datetime | None:
    """Read an ISO date or date-time; a missing offset means the form's own zone.

    Parameters
    ----------
    text
        ``2024-05-17``, ``2024-05-17T08:30:00.000+07:00`` and their like.
    zone
        The form's time zone, which the result is in.

    Returns
    -------
    datetime or None
        None when the text is no such date.

    Examples
    --------
    >>> read_moment("2024-02-30", UTC) is None
    True
    """
    match = _ISO.fullmatch(text)
    if match is None:
        return _read_spoken(text, zone)
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        instant = datetime(
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "0")[:6].ljust(6, "0")),
            tzinfo=zone,
        )
    except ValueError:
        return None
    if offset:
        difference = read_offset(offset)
        if difference is None:
            return None
        try:
            instant = (instant.replace(tzinfo=UTC) - difference).astimezone(zone)
        except OverflowError:
            return None
    return instant


def _read_spoken(text: str, zone: tzinfo) -> datetime | None:
    """Read what a browser writes for a date: ``Mon Nov 23 2026 16:34:55 GMT-0700 (...)``."""
    match = _SPOKEN.match(text)
    if match is None or match[1] not in MONTHS:
        return None
    month = MONTHS.index(match[1]) + 1
    return read_moment(
        f"{match[3]}-{month:02}-{match[2]}T{match[4]}:{match[5]}:{match[6]}{match[7]}:{match[8]}", zone
    )


def read_offset(text: str) -> timedelta | None:
    """Read ``Z`` or ``+07:00``; None where it is out of range.

    Examples
    --------
    >>> read_offset("+07:00"), read_offset("-24:00")
    (datetime.timedelta(seconds=25200), None)
    """
    if text == "Z":
        return timedelta(0)
    hours, minutes = int(text[1:3]), int(text[-2:]) if len(text) > 3 else 0
    if hours > 23 or minutes > 59:
        return None
    return (-1 if text[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes)


def read_loosely(text: str, zone: tzinfo) -> datetime | None:
    """Read a date whose month or day may lack its leading zero."""
    match = _UNPADDED.fullmatch(text)
    if match is None:
        return read_moment(text, zone)
    return read_moment(f"{match[1]}-{match[2]:0>2}-{match[3]:0>2}{match[4] or ''}", zone)


def from_days(days: float, zone: tzinfo) -> datetime | None:
    """Turn days since 1 January 1970 UTC into a point in time in ``zone``.

    Examples
    --------
    >>> from_days(1.5, UTC)
    datetime.datetime(1970, 1, 2, 12, 0, tzinfo=datetime.timezone.utc)
    """
    try:
        return (EPOCH + timedelta(milliseconds=round(days * DAY_MS))).astimezone(zone)
    except (OverflowError, ValueError):
        return None


def time_fraction(text: str, zone: tzinfo) -> float:
    """Return a time of day as a fraction of a day; NaN for a text that is no time.

    Examples
    --------
    >>> time_fraction("06:00:00.000", UTC)
    0.25
    """
    match = _TIME.fullmatch(text)
    instant = read_moment(f"1970-01-01T{text}", zone) if match else None
    if instant is None:
        return float("nan")
    midnight = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    return ((instant - midnight) // timedelta(milliseconds=1)) / DAY_MS


_PIECES: dict[str, Callable[[datetime], str]] = {
    "%Y": lambda instant: f"{instant.year:04}",
    "%y": lambda instant: f"{instant.year:04}"[2:],
    "%m": lambda instant: f"{instant.month:02}",
    "%n": lambda instant: str(instant.month),
    "%b": lambda instant: MONTHS[instant.month - 1],
    "%d": lambda instant: f"{instant.day:02}",
    "%e": lambda instant: str(instant.day),
    "%a": lambda instant: DAYS[instant.weekday()],
    "%H": lambda instant: f"{instant.hour:02}",
    "%h": lambda instant: str(instant.hour),
    "%M": lambda instant: f"{instant.minute:02}",
    "%S": lambda instant: f"{instant.second:02}",
    "%3": lambda instant: f"{instant.microsecond // 1000:03}",
}
_PIECE = re.compile("|".join(_PIECES))


def formatted(instant: datetime, pattern: str) -> str:
    """Write a point in time by ODK's ``%`` pieces; unknown pieces stay as they are.

    Examples
    --------
    >>> formatted(datetime(2024, 5, 7, 8, 3, tzinfo=UTC), "%e %b %Y, %H:%M")
    '7 May 2024, 08:03'
    """
    return _PIECE.sub(lambda match: _PIECES[match[0]](instant), pattern)
