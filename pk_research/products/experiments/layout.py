"""A design while it is being made: numbers of levels, and the rows they are coded as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pk_research.errors import BadInput, Problem
from pk_research.products.experiments.attributes import Attribute
from pk_research.products.experiments.dominance import has_dominance

MOST_REPAIRS = 20_000


@dataclass(frozen=True, slots=True)
class Task:
    """What is designed.

    Attributes
    ----------
    attributes
        What alternatives differ in.
    n_sets, n_alternatives
        Sets in all blocks together, and alternatives in each without the opt-out.
    has_none
        Whether each set also offers to choose nothing.
    priors
        Draws by coefficients.
    """

    attributes: tuple[Attribute, ...]
    n_sets: int
    n_alternatives: int
    has_none: bool
    priors: np.ndarray


def coded_rows(levels: np.ndarray, attributes: Sequence[Attribute], *, has_none: bool) -> np.ndarray:
    """Code sets by alternatives by attributes as sets by alternatives by coefficients."""
    parts = [attribute.columns[levels[..., n]] for n, attribute in enumerate(attributes)]
    rows = np.concatenate(parts, axis=-1)
    if not has_none:
        return rows
    rows = np.pad(rows, ((0, 0), (0, 1), (0, 1)))
    rows[:, -1, -1] = 1
    return rows


def random_levels(task: Task, rng: np.random.Generator) -> np.ndarray:
    """Draw a design in which levels are balanced and no alternative dominates.

    Raises
    ------
    BadInput
        When none was found.
    """
    n_shown = task.n_sets * task.n_alternatives
    drawn = []
    for attribute in task.attributes:
        order = rng.permutation(len(attribute.levels))
        drawn.append(rng.permutation(np.resize(order, n_shown)))
    levels = np.stack(drawn, axis=-1).reshape(task.n_sets, task.n_alternatives, len(task.attributes))
    return without_dominance(levels, task.attributes, rng)


def without_dominance(
    levels: np.ndarray, attributes: Sequence[Attribute], rng: np.random.Generator
) -> np.ndarray:
    """Exchange levels of sets in which an alternative dominates with other places, at random."""
    levels = levels.copy()
    for _ in range(MOST_REPAIRS):
        wrong = dominated_sets(levels, attributes)
        if not wrong:
            return levels
        n_sets, n_alternatives, n_attributes = levels.shape
        attribute = rng.integers(n_attributes)
        here = wrong[rng.integers(len(wrong))], rng.integers(n_alternatives), attribute
        there = rng.integers(n_sets), rng.integers(n_alternatives), attribute
        levels[here], levels[there] = levels[there], levels[here]
    raise BadInput(
        Problem(
            "attributes",
            "no design was found in which no alternative is as good in every respect as another",
            "Add an attribute or levels, show fewer alternatives, or leave `better` of one attribute open.",
        )
    )


def dominated_sets(levels: np.ndarray, attributes: Sequence[Attribute]) -> list[int]:
    """Return the numbers, from 0, of sets in which an alternative dominates another or repeats it."""
    return [n for n, profiles in enumerate(levels) if has_dominance(profiles, attributes)]
