"""The steps from inputs to comparable values, as the index and each of its variations take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pk_research.errors import BadInput, NotFound, Problem
from pk_research.indicators.composite.aggregation import aggregate
from pk_research.indicators.composite.declaration import Declaration
from pk_research.indicators.composite.inputs import Inputs
from pk_research.indicators.composite.normalisation import Marks, faults, normalise
from pk_research.indicators.composite.options import Options
from pk_research.indicators.composite.treatment import Treated, treat
from pk_research.indicators.composite.weights import weights_within


def treated_rows(values: np.ndarray, options: Options) -> list[Treated]:
    """Treat each indicator for outliers."""
    return [treat(row, options) for row in values]


def check_rows(
    rows: Sequence[np.ndarray], declaration: Declaration, inputs: Inputs, options: Options
) -> None:
    """Raise, naming them all, where indicators cannot be brought to the common scale."""
    found = faults(rows, marks_of(rows, declaration, inputs, options), options)
    if found:
        raise BadInput(
            Problem(f"indicator {name!r}, {options.normalisation}", what, remedy)
            for name, what, remedy in found
        )


def normalised_rows(
    rows: Sequence[np.ndarray], declaration: Declaration, inputs: Inputs, options: Options
) -> np.ndarray:
    """Bring each indicator to the common scale; `check_rows` says whether that can be done."""
    marks = marks_of(rows, declaration, inputs, options)
    normalised = np.empty((len(rows), len(rows[0])))
    for n, (row, mark) in enumerate(zip(rows, marks.values(), strict=True)):
        normalised[n] = normalise(row, mark, options)
    return normalised


def marks_of(
    rows: Sequence[np.ndarray], declaration: Declaration, inputs: Inputs, options: Options
) -> dict[str, Marks]:
    """Return what each indicator is measured against."""
    marks = declared_marks(declaration)
    place = place_of_reference(inputs, options)
    if place is None:
        return marks
    return {
        name: replace(mark, reference=float(row[place]))
        for (name, mark), row in zip(marks.items(), rows, strict=True)
    }


def declared_marks(declaration: Declaration) -> dict[str, Marks]:
    """Return what each indicator is measured against, but for the unit of reference."""
    table = declaration.table.loc[list(declaration.indicators), ["direction", "low", "high", "target"]]
    return {
        name: Marks(direction, low, high, target)
        for name, direction, low, high, target in table.itertuples(name=None)
    }


def place_of_reference(inputs: Inputs, options: Options) -> int | None:
    """Return where the unit of reference stands; None for a normalisation without one."""
    if options.normalisation != "distance to reference":
        return None
    found = np.flatnonzero(inputs.key == options.reference)
    if not len(found):
        raise NotFound(
            Problem(
                "option reference",
                f"there is no unit {options.reference!r} in the index",
                "Give the key of a unit that was not left out.",
            )
        )
    return int(found[0])


def scored(
    normalised: np.ndarray, declaration: Declaration, options: Options
) -> tuple[np.ndarray, np.ndarray]:
    """Return the score of every element and the weights used, within each parent.

    Weights read from the data are found level by level, from the scores they then bring together.
    """
    declared = declaration.weights
    weights = np.ones(len(declared))
    scores = np.full((len(declared), normalised.shape[1]), np.nan)
    scores[: len(normalised)] = normalised
    for group in declaration.groups:
        children = list(group.children)
        siblings = scores[children]
        weights[children] = weights_within(siblings, options.weighting, declared=declared[children])
        scores[group.parent] = aggregate(
            list(siblings), weights[children], how=options.aggregation, least_weight=options.least_weight
        )
    return scores, weights
