"""Dates and times."""

from __future__ import annotations

from datetime import datetime

from pk_research.survey.xpath.functions.registry import function
from pk_research.survey.xpath.moments import (
    Moment,
    days_since_epoch,
    formatted,
    from_days,
    read_loosely,
    read_moment,
    time_fraction,
)
from pk_research.survey.xpath.problems import EvaluationError
from pk_research.survey.xpath.values import NAN, Value, text_of
from pk_research.survey.xpath.world import Focus


@function("today", 0)
def today(focus: Focus) -> Moment:
    """Return today's date where the respondent is."""
    now_here = focus.world.clock().astimezone(focus.world.zone)
    return Moment(now_here.replace(hour=0, minute=0, second=0, microsecond=0))


@function("now", 0)
def now(focus: Focus) -> Moment:
    """Return the date and time where the respondent is."""
    return Moment(focus.world.clock().astimezone(focus.world.zone))


@function("date", 1)
def date(focus: Focus, value: Value) -> Value:
    """Turn a text or a number of days into a date; what is none becomes an invalid date."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, float):
        return Moment(_instant(focus, value))
    text = text_of(value)
    return Moment(read_loosely(text, focus.world.zone)) if text else ""


function("date-time", 1)(date)


@function("decimal-date-time", 1)
def decimal_date_time(focus: Focus, value: Value) -> float:
    """Return a date as days since 1 January 1970 UTC."""
    if isinstance(value, bool):
        raise EvaluationError("decimal-date-time() works on a date, not on true or false")
    instant = _instant(focus, value)
    return NAN if instant is None else days_since_epoch(instant)


@function("decimal-time", 1)
def decimal_time(focus: Focus, value: Value) -> float:
    """Return a time of day as a fraction of a day."""
    return time_fraction(text_of(value), focus.world.zone)


@function("format-date", 2)
def format_date(focus: Focus, value: Value, pattern: Value) -> str:
    """Write a date, a text or a number of days by ODK's ``%`` pieces; empty for what is no date."""
    instant = _instant(focus, value)
    return "" if instant is None else formatted(instant, text_of(pattern))


function("format-date-time", 2)(format_date)


def _instant(focus: Focus, value: Value) -> datetime | None:
    if isinstance(value, Moment):
        return value.instant
    if isinstance(value, float):
        return from_days(value, focus.world.zone)
    return read_moment(text_of(value), focus.world.zone)
