"""The four kinds of value and how each turns into another.

A value is a text, a number, a truth, or a list of nodes. A `Moment` is a number that is written
as a date. ODK's dialect departs from XPath 1.0 in one place: a text that is an ISO date counts as
the number of days since 1 January 1970 wherever a number is wanted.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from datetime import tzinfo

from pk_research.survey.tree import Node
from pk_research.survey.xpath.moments import Moment, days_since_epoch, read_moment

Value = str | float | bool | list[Node]

NAN = math.nan
_NUMBER = re.compile(r"\s*-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*", re.ASCII)


def text_of(value: Value) -> str:
    """Return the value as text.

    Examples
    --------
    >>> text_of(3.0), text_of(0.5), text_of(True), text_of([])
    ('3', '0.5', 'true', '')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return value[0].text if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Moment):
        return value.text
    return number_text(value)


def number_text(value: float) -> str:
    """Write a number as ECMAScript does, which is what ODK stores.

    Examples
    --------
    >>> number_text(1e21), number_text(-0.0), number_text(0.1 + 0.2), number_text(1e-7)
    ('1e+21', '0', '0.30000000000000004', '1e-7')
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    digits = repr(float(value))
    mantissa, mark, exponent = digits.partition("e")
    if not mark:
        return digits
    power = int(exponent)
    if -7 < power < 0:
        return f"{value:.{len(mantissa.replace('-', '').replace('.', '')) - 1 - power}f}"
    return f"{mantissa}e{'+' if power > 0 else '-'}{abs(power)}"


def number_of(value: Value, zone: tzinfo) -> float:
    """Return the value as a number; NaN for what is none.

    Examples
    --------
    >>> from datetime import UTC
    >>> number_of(" 12.5 ", UTC), number_of("1970-01-03", UTC), number_of("two", UTC)
    (12.5, 2.0, nan)
    """
    if isinstance(value, float):
        return value
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    if isinstance(value, list):
        if not value:
            return NAN
        value = value[0].text
    return number_in(value, zone)


def number_in(text: str, zone: tzinfo) -> float:
    """Read a number, or a date as its number of days, from a text."""
    if not text:
        return NAN
    if _NUMBER.fullmatch(text):
        return float(text)
    if len(text) >= 10 and text[4:5] == "-":
        instant = read_moment(text, zone)
        if instant is not None:
            return days_since_epoch(instant)
    return NAN


def truth_of(value: Value) -> bool:
    """Return the value as a truth: not empty, not zero, not NaN, at least one node.

    Examples
    --------
    >>> truth_of(""), truth_of("0"), truth_of(0.0), truth_of(math.nan)
    (False, True, False, False)
    """
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return bool(value)


def each(value: Value) -> list[str]:
    """Return the texts of every node, or of the one value."""
    return [node.text for node in value] if isinstance(value, list) else [text_of(value)]


def are_equal(left: Value, right: Value, zone: tzinfo) -> bool:
    """Compare by XPath's rules for ``=``: any node of a list may satisfy it."""
    return _compared(left, right, zone, operator.eq)


def are_different(left: Value, right: Value, zone: tzinfo) -> bool:
    """Compare by XPath's rules for ``!=``, which is not the opposite of ``=`` for nodes."""
    return _compared(left, right, zone, operator.ne)


def _compared(left: Value, right: Value, zone: tzinfo, test: Callable[[object, object], bool]) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return test(left, right)
    if isinstance(left, bool) or isinstance(right, bool):
        return test(truth_of(left), truth_of(right))
    if isinstance(left, list) or isinstance(right, list):
        return _any_pair(left, right, zone, test)
    return test(number_of(left, zone), number_of(right, zone))


def _any_pair(left: Value, right: Value, zone: tzinfo, test: Callable[[object, object], bool]) -> bool:
    if isinstance(left, float) or isinstance(right, float):
        numbers = [number_in(text, zone) for text in each(right if isinstance(left, float) else left)]
        number = left if isinstance(left, float) else right
        return any(test(candidate, number) for candidate in numbers)
    texts = each(right)
    return any(test(one, other) for one in each(left) for other in texts)


def is_ordered(left: Value, right: Value, zone: tzinfo, test: Callable[[float, float], bool]) -> bool:
    """Compare by order, as numbers; any node of a list may satisfy it."""
    if not isinstance(left, list) and not isinstance(right, list):
        return test(number_of(left, zone), number_of(right, zone))
    lefts = _numbers(left, zone)
    rights = _numbers(right, zone)
    return any(test(one, other) for one in lefts for other in rights)


def _numbers(value: Value, zone: tzinfo) -> list[float]:
    if isinstance(value, list):
        return [number_in(node.text, zone) for node in value]
    return [number_of(value, zone)]
