"""Answers to questions with choices: a text of values with spaces between."""

from __future__ import annotations

import math

from pk_research.survey.xpath.functions.registry import function
from pk_research.survey.xpath.values import Value, number_of, text_of
from pk_research.survey.xpath.world import Focus


@function("selected", 2)
def selected(_focus: Focus, answer: Value, value: Value) -> bool:
    """Tell whether a value is among the chosen ones; among none there is the empty value."""
    return text_of(value).strip() in (text_of(answer).split() or [""])


@function("selected-at", 2)
def selected_at(focus: Focus, answer: Value, index: Value) -> str:
    """Return the chosen value at a place, counted from 0; empty beyond the last."""
    values = text_of(answer).split()
    number = number_of(index, focus.world.zone)
    if math.isnan(number) or not 0 <= number < len(values):
        return ""
    return values[int(number)]


@function("count-selected", 1)
def count_selected(_focus: Focus, answer: Value) -> float:
    """Count the chosen values."""
    return float(len(text_of(answer).split()))


@function("jr:choice-name", 2, uses_focus=True)
def choice_name(focus: Focus, value: Value, path: Value) -> str:
    """Return the label of a choice of the question at a path, in the language in use."""
    return focus.world.choice_label(text_of(value), text_of(path), focus.node)


@function("jr:itext", 1)
def itext(focus: Focus, name: Value) -> Value:
    """Return the values of a translated text, in the language in use."""
    return focus.world.itext(text_of(name))


@function("property", 1)
def client_property(focus: Focus, name: Value) -> str:
    """Return what the client knows of its user."""
    return focus.world.properties.get(text_of(name), "")


@function("version", 0)
def version(focus: Focus) -> str:
    """Return the form's version."""
    return focus.world.version
