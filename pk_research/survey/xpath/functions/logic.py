"""Truths and choices between them."""

from __future__ import annotations

import math

from pk_research.survey.xpath.functions.registry import MANY, Run, function
from pk_research.survey.xpath.problems import EvaluationError
from pk_research.survey.xpath.values import Value, number_in, number_of, text_of, truth_of
from pk_research.survey.xpath.world import Focus


@function("true", 0)
def true(_focus: Focus) -> bool:
    """Return true."""
    return True


@function("false", 0)
def false(_focus: Focus) -> bool:
    """Return false."""
    return False


@function("boolean", 1)
def boolean(_focus: Focus, value: Value) -> bool:
    """Turn a value into a truth."""
    return truth_of(value)


@function("not", 1)
def negate(_focus: Focus, value: Value) -> bool:
    """Return the opposite truth."""
    return not truth_of(value)


@function("boolean-from-string", 1)
def boolean_from_string(_focus: Focus, value: Value) -> bool:
    """Tell whether a text is ``1`` or ``true``."""
    return text_of(value) in ("1", "true")


@function("if", 3, lazy=True)
def choose(focus: Focus, condition: Run, then: Run, otherwise: Run) -> Value:
    """Return one of two values, leaving the other unevaluated."""
    return then(focus) if truth_of(condition(focus)) else otherwise(focus)


@function("coalesce", 2, lazy=True)
def coalesce(focus: Focus, first: Run, second: Run) -> Value:
    """Return the first text unless it is empty or no number, else the second."""
    return _unless_nan(first(focus)) or _unless_nan(second(focus))


def _unless_nan(value: Value) -> str:
    return "" if isinstance(value, float) and math.isnan(value) else text_of(value)


@function("once", 1, lazy=True, uses_focus=True)
def once(focus: Focus, value: Run) -> str:
    """Return the value the question already has, else a new one."""
    kept = focus.node.text if focus.node is not None else ""
    return kept or text_of(value(focus))


@function("checklist", 2, MANY)
def checklist(focus: Focus, fewest: Value, most: Value, *items: Value) -> bool:
    """Tell whether the number of true items lies between two bounds; -1 stands for none."""
    true_items = sum(truth for item in items for truth in _truths(item))
    return _within(focus, true_items, fewest, most)


@function("weighted-checklist", 2, MANY)
def weighted_checklist(focus: Focus, fewest: Value, most: Value, *items: Value) -> bool:
    """Tell whether the weights of the true items add up to between two bounds; -1 stands for none."""
    if len(items) % 2:
        raise EvaluationError("weighted-checklist() takes pairs of an item and its weight")
    total = 0.0
    for item, weight in zip(items[::2], items[1::2], strict=True):
        weights = (
            [number_in(node.text, focus.world.zone) for node in weight]
            if isinstance(weight, list)
            else [number_of(weight, focus.world.zone)]
        )
        truths = _truths(item)
        if len(weights) > len(truths):
            return False
        total += sum(number for truth, number in zip(truths, weights, strict=False) if truth)
    return _within(focus, total, fewest, most)


def _truths(value: Value) -> list[bool]:
    return [node.text != "" for node in value] if isinstance(value, list) else [truth_of(value)]


def _within(focus: Focus, count: float, fewest: Value, most: Value) -> bool:
    low = number_of(fewest, focus.world.zone)
    high = number_of(most, focus.world.zone)
    return (low == -1 or count >= low) and (high == -1 or count <= high)
