"""Arithmetic, as ECMAScript reckons it: nothing raises, what has no answer is NaN."""

from __future__ import annotations

import math
from collections.abc import Callable

from pk_research.survey.xpath.functions.registry import MANY, context_of, function, nodes_of
from pk_research.survey.xpath.moments import DayCount, Moment, read_moment
from pk_research.survey.xpath.values import NAN, Value, number_in, number_of, text_of
from pk_research.survey.xpath.world import Focus


@function("number", 0, 1)
def number(focus: Focus, *values: Value) -> float:
    """Turn a value into a number; a date's text into its days."""
    value: Value = values[0] if values else [context_of(focus, "number")]
    if isinstance(value, str | list):
        instant = read_moment(text_of(value), focus.world.zone)
        if instant is not None:
            return DayCount(instant)
    return value if isinstance(value, Moment) else number_of(value, focus.world.zone)


@function("int", 1)
def integer(focus: Focus, value: Value) -> float:
    """Cut the fraction off."""
    return _whole(number_of(value, focus.world.zone), math.trunc)


@function("floor", 1)
def floor(focus: Focus, value: Value) -> float:
    """Round down."""
    return _whole(number_of(value, focus.world.zone), math.floor)


@function("ceiling", 1)
def ceiling(focus: Focus, value: Value) -> float:
    """Round up."""
    return _whole(number_of(value, focus.world.zone), math.ceil)


def _whole(value: float, rule: Callable[[float], int]) -> float:
    return float(rule(value)) if math.isfinite(value) else value


@function("round", 1, 2)
def round_half_away(focus: Focus, value: Value, digits: Value = 0.0) -> float:
    """Round to a number of decimals, halves away from zero."""
    amount = number_of(value, focus.world.zone)
    places = number_of(digits, focus.world.zone)
    if math.isnan(places) or not math.isfinite(amount):
        return NAN if math.isnan(places) else amount
    scale = raised(10.0, places)
    rounded = math.floor(abs(amount) * scale + 0.5) if math.isfinite(abs(amount) * scale) else math.inf
    return math.copysign(divided(float(rounded), scale), amount)


def divided(left: float, right: float) -> float:
    """Divide; by zero gives infinity or NaN."""
    if right:
        return left / right
    if left == 0 or math.isnan(left) or math.isnan(right):
        return NAN
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def remainder(left: float, right: float) -> float:
    """Return what `mod` leaves, with the sign of the dividend."""
    if right == 0 or math.isinf(left):
        return NAN
    return math.fmod(left, right)


def raised(base: float, exponent: float) -> float:
    """Raise to a power; NaN where there is no real result."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 == 1 else math.inf
    except ValueError:
        return math.inf if base == 0 else NAN


@function("pow", 2)
def power(focus: Focus, base: Value, exponent: Value) -> float:
    """Raise to a power."""
    return raised(number_of(base, focus.world.zone), number_of(exponent, focus.world.zone))


@function("exp10", 1)
def exp10(focus: Focus, exponent: Value) -> float:
    """Raise ten to a power."""
    return raised(10.0, number_of(exponent, focus.world.zone))


@function("pi", 0)
def pi(_focus: Focus) -> float:
    """Return pi."""
    return math.pi


@function("random", 0)
def random(focus: Focus) -> float:
    """Draw a number from 0 up to 1."""
    return focus.world.dice()


@function("atan2", 2)
def atan2(focus: Focus, y: Value, x: Value) -> float:
    """Return the angle of a point, in radians."""
    return math.atan2(number_of(y, focus.world.zone), number_of(x, focus.world.zone))


def _logarithm(rule: Callable[[float], float]) -> Callable[[float], float]:
    return lambda value: -math.inf if value == 0 else rule(value)


_OF_ONE_NUMBER: dict[str, Callable[[float], float]] = {
    "abs": abs,
    "acos": math.acos,
    "asin": math.asin,
    "atan": math.atan,
    "cos": math.cos,
    "exp": math.exp,
    "log": _logarithm(math.log),
    "log10": _logarithm(math.log10),
    "sin": math.sin,
    "sqrt": math.sqrt,
    "tan": math.tan,
}


def _enter(name: str, rule: Callable[[float], float]) -> None:
    @function(name, 1)
    def _(focus: Focus, value: Value) -> float:
        try:
            return float(rule(number_of(value, focus.world.zone)))
        except OverflowError:
            return math.inf
        except ValueError:
            return NAN


for _name, _rule in _OF_ONE_NUMBER.items():
    _enter(_name, _rule)


@function("sum", 1)
def total(focus: Focus, value: Value) -> float:
    """Add up nodes; NaN if one is no number."""
    return sum((number_in(node.text, focus.world.zone) for node in nodes_of(value, "sum")), 0.0)


@function("max", 1, MANY)
def largest(focus: Focus, *values: Value) -> float:
    """Return the largest of values and nodes; NaN if one is no number."""
    return _extreme(focus, values, max)


@function("min", 1, MANY)
def smallest(focus: Focus, *values: Value) -> float:
    """Return the smallest of values and nodes; NaN if one is no number."""
    return _extreme(focus, values, min)


def _extreme(focus: Focus, values: tuple[Value, ...], rule: Callable[[list[float]], float]) -> float:
    zone = focus.world.zone
    numbers = [
        number
        for value in values
        for number in (
            [number_in(node.text, zone) for node in value]
            if isinstance(value, list)
            else [number_of(value, zone)]
        )
    ]
    if not numbers or any(math.isnan(number) for number in numbers):
        return NAN
    return rule(numbers)
