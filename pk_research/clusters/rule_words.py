"""The conditions of a rule in words: bounds of numbers, categories, and values that may be missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import reduce

import numpy as np

from pk_research.clusters.columns import Columns
from pk_research.clusters.phrases import inside_sentence, joined, plain
from pk_research.codebook import Variable
from pk_research.language import Bilingual, Message


def conditions(
    bounds: Mapping[str, tuple[float, float]],
    lets_unknown: Collection[str],
    *,
    variables: Sequence[Variable],
    columns: Columns,
) -> Bilingual:
    """Say what a rule asks for, one condition a variable.

    Parameters
    ----------
    bounds
        Column -> (above, at most); a category is above 0 where a village is in it.
    lets_unknown
        Those of the columns whose value may also be missing.
    variables
        What was compared.
    columns
        The same as columns of numbers.
    """
    asked: dict[str, list[str]] = {}
    for column in bounds:
        asked.setdefault(columns.category_of.get(column, column), []).append(column)
    said = [
        _condition(variable, {name: bounds[name] for name in asked[variable.name]}, lets_unknown, columns)
        for variable in variables
        if variable.name in asked
    ]
    return reduce(joined, said) if said else Message("every village")


def _condition(
    variable: Variable,
    bounds: Mapping[str, tuple[float, float]],
    lets_unknown: Collection[str],
    columns: Columns,
) -> Message:
    label = inside_sentence(variable)
    if variable.name in bounds:
        known = _of_number(label, *bounds[variable.name])
    else:
        known = _of_category(label, variable, bounds, columns)
    if known is None:
        return Message("{variable} not known", {"variable": label})
    if set(bounds) <= set(lets_unknown):
        return Message("{condition} or not known", {"condition": known})
    return known


def _of_number(label: Bilingual, low: float, high: float) -> Message | None:
    """Say between what a number lies; None where no number does."""
    values = {"variable": label, "low": low, "high": high}
    if low >= high:
        return None
    if np.isinf(low) and np.isinf(high):
        return Message("{variable} known", {"variable": label})
    if np.isinf(high):
        return Message("{variable} above {low}", values)
    if np.isinf(low):
        return Message("{variable} at most {high}", values)
    return Message("{variable} above {low} and at most {high}", values)


def _of_category(
    label: Bilingual, variable: Variable, bounds: Mapping[str, tuple[float, float]], columns: Columns
) -> Message | None:
    """Say which category it is, or which not; None where it can be none."""
    names = [name for name, owner in columns.category_of.items() if owner == variable.name]
    sides = {name: bounds.get(name, (-np.inf, np.inf)) for name in names}
    may_be = [name for name, (low, high) in sides.items() if low < 1 <= high]
    may_not_be = [name for name, (low, high) in sides.items() if low < 0 <= high]
    must_be = [name for name in may_be if name not in may_not_be]
    if len(must_be) > 1 or len({*may_be, *may_not_be}) < len(names):
        return None
    if len(must_be or may_be) == 1 and (must_be or variable.kind != "boolean"):
        (category,) = must_be or may_be
        return _is(label, plain(columns.category[category]))
    others = [name for name in names if name not in may_be]
    if not others:
        return Message("{variable} known", {"variable": label})
    if variable.kind == "boolean":
        return _is(label, Message("no"))
    return _is(
        label,
        reduce(joined, [Message("not {category}", {"category": plain(columns.category[n])}) for n in others]),
    )


def _is(label: Bilingual, category: Bilingual) -> Message:
    return Message("{variable}: {category}", {"variable": label, "category": category})
