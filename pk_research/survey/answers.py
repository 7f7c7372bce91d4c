"""What an answer must look like to be stored under its type."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date

from pk_research.survey.xpath.functions.places import point_in
from pk_research.survey.xpath.moments import read_moment, time_fraction
from pk_research.survey.xpath.values import number_in, number_text

INT_LIMIT = 2**31
_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[-+]\d{2}:\d{2})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{2}:\d{2}:\d{2}.*", re.ASCII | re.DOTALL)


def stored(type_name: str, text: str) -> str:
    """Return the text as its type stores it; empty where it is no value of that type.

    Parameters
    ----------
    type_name
        Data type of the bind, without prefix.
    text
        What was answered or calculated.

    Examples
    --------
    >>> stored("int", "4.5"), stored("date", "2024-02-30"), stored("string", " as typed ")
    ('4', '', ' as typed ')
    """
    rule = _RULES.get(type_name)
    return text if rule is None or not text else rule(text)


def given(type_name: str, text: str) -> str:
    """Return a value the form itself or an earlier filling gives, as its type stores it.

    Unlike an answer, a date may come with a time, which is dropped.

    Examples
    --------
    >>> given("date", "1999-11-23T23:30:05")
    '1999-11-23'
    """
    return stored(type_name, text.strip()[:10] if type_name == "date" else text)


def is_of_type(type_name: str, text: str) -> bool:
    """Tell whether a text is a value of the type; an empty one always is."""
    if not text or type_name not in _RULES:
        return True
    kept = stored(type_name, text)
    if type_name in ("int", "integer"):
        return kept != "" and number_in(kept, UTC) == number_in(text, UTC)
    return kept != ""


def _integer(text: str) -> str:
    number = number_in(text, UTC)
    if not abs(number) < INT_LIMIT + 1:
        return ""
    whole = int(number)
    return str(whole) if -INT_LIMIT <= whole < INT_LIMIT else ""


def _decimal(text: str) -> str:
    number = number_in(text, UTC)
    return _with_point(number) if math.isfinite(number) else ""


def _with_point(number: float) -> str:
    text = number_text(number)
    return f"{text}.0" if number == int(number) and "e" not in text else text


def _date(text: str) -> str:
    text = text.strip()
    if not _DATE.fullmatch(text):
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _date_time(text: str) -> str:
    text = text.strip()
    return text if _DATE_TIME.fullmatch(text) and read_moment(text, UTC) is not None else ""


def _time(text: str) -> str:
    text = text.strip()
    is_time = _TIME.fullmatch(text) and time_fraction(text, UTC) == time_fraction(text, UTC)
    return text if is_time else ""


def _point(text: str) -> str:
    if point_in(text) is None:
        return ""
    numbers = [float(piece) for piece in text.split()]
    return " ".join(_with_point(number) for number in [*numbers, 0.0, 0.0][:4])


def _points(fewest: int) -> Callable[[str], str]:
    def rule(text: str) -> str:
        points = [_point(part) for part in text.strip().rstrip(";").split(";")]
        return ";".join(points) if len(points) >= fewest and all(points) else ""

    return rule


_RULES: dict[str, Callable[[str], str]] = {
    "int": _integer,
    "integer": _integer,
    "decimal": _decimal,
    "date": _date,
    "dateTime": _date_time,
    "time": _time,
    "geopoint": _point,
    "geotrace": _points(2),
    "geoshape": _points(3),
}
