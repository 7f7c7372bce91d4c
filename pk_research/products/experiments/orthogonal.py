"""Orthogonal designs: a fraction of all profiles in which any two attributes vary independently."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from pk_research.errors import BadInput, Problem
from pk_research.products.experiments.efficiency import d_errors, information_by_set
from pk_research.products.experiments.layout import Task, coded_rows, dominated_sets

NODES = 2_000
MOST_PROFILES = 20_000
MOST_SIZES = 12
N_SHIFTS = 200


def fraction_sizes(n_levels: Sequence[int]) -> tuple[int, ...]:
    """Return the sizes at which an orthogonal fraction is possible by counting, smallest first.

    Examples
    --------
    >>> fraction_sizes([3, 3, 3, 3])[:2], fraction_sizes([2, 3])
    ((9, 18), (6,))
    """
    step = math.lcm(*n_levels, *(a * b for a, b in itertools.combinations(n_levels, 2)))
    least = 1 + sum(n - 1 for n in n_levels)
    return tuple(size for size in range(step, math.prod(n_levels) + 1, step) if size >= least)


def orthogonal_fraction(n_levels: Sequence[int], size: int) -> np.ndarray | None:
    """Choose profiles so that every pair of levels of two attributes appears equally often.

    Parameters
    ----------
    n_levels
        Levels of each attribute.
    size
        Number of profiles.

    Returns
    -------
    ndarray or None
        Profiles by attributes, levels from 0; None where the search, by integer programming
        (HiGHS) over 2,000 nodes, found none.

    References
    ----------
    Hedayat, Sloane and Stufken (1999), Orthogonal Arrays: arrays of strength two.

    Examples
    --------
    >>> orthogonal_fraction([2, 2, 2], 4).shape
    (4, 3)
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    profiles = np.array(list(itertools.product(*map(range, n_levels))))
    shown, times = [], []
    for a, b in itertools.combinations(range(len(n_levels)), 2):
        for i, j in itertools.product(range(n_levels[a]), range(n_levels[b])):
            shown.append((profiles[:, a] == i) & (profiles[:, b] == j))
            times.append(size / (n_levels[a] * n_levels[b]))
    if not shown:
        return profiles
    lower = np.zeros(len(profiles))
    lower[0] = 1
    found = milp(
        np.zeros(len(profiles)),
        constraints=LinearConstraint(np.array(shown, dtype=float), times, times),
        integrality=np.ones(len(profiles)),
        bounds=Bounds(lower, 1),
        options={"node_limit": NODES},
    )
    return None if found.x is None else profiles[found.x > 0.5]


def orthogonal_sizes(n_levels: Sequence[int]) -> tuple[int, ...]:
    """Return the first sizes at which a fraction was really found.

    Examples
    --------
    >>> orthogonal_sizes([3, 3])
    (9,)
    """
    sizes = fraction_sizes(n_levels)[:MOST_SIZES]
    return tuple(size for size in sizes if orthogonal_fraction(n_levels, size) is not None)


def orthogonal_levels(task: Task, rng: np.random.Generator) -> tuple[np.ndarray, tuple[int, ...]]:
    """Make sets of an orthogonal fraction: its profiles first, the other alternatives shifted.

    The other alternatives differ from the first in every attribute where levels suffice. Of 200
    drawn shifts the one with the fewest dominated sets is kept, and of these the most efficient;
    what is still dominated is mended by exchanging levels within the set, which keeps balance.

    Returns
    -------
    tuple
        Sets by alternatives by attributes, and the numbers, from 1, of the sets mended.

    Raises
    ------
    BadInput
        When there is no orthogonal fraction of that size.

    References
    ----------
    Street and Burgess (2007), The Construction of Optimal Stated Choice Experiments.
    """
    n_levels = [len(attribute.levels) for attribute in task.attributes]
    if math.prod(n_levels) > MOST_PROFILES:
        what = f"there are {math.prod(n_levels)} profiles, too many for an orthogonal fraction"
        raise BadInput(Problem("attributes", what, "Use fewer levels, or method d_efficient."))
    possible = task.n_sets in fraction_sizes(n_levels)
    first = orthogonal_fraction(n_levels, task.n_sets) if possible else None
    if first is None:
        known = ", ".join(map(str, orthogonal_sizes(n_levels))) or "none"
        what = f"there is no orthogonal design of {task.n_sets} sets"
        raise BadInput(Problem("n_sets", what, f"Sizes that were found: {known}; or use d_efficient."))
    tried = [_shifted(first, _shifts(n_levels, task.n_alternatives, rng), n_levels) for _ in range(N_SHIFTS)]
    best = min(tried, key=lambda levels: _badness(levels, task))
    return _mended(best, task, rng)


def _shifts(n_levels: Sequence[int], n_alternatives: int, rng: np.random.Generator) -> np.ndarray:
    columns = [np.resize(1 + rng.permutation(n - 1), n_alternatives - 1) for n in n_levels]
    return np.vstack([np.zeros(len(n_levels), dtype=int), np.stack(columns, axis=1)])


def _shifted(first: np.ndarray, shifts: np.ndarray, n_levels: Sequence[int]) -> np.ndarray:
    shifted: np.ndarray = (first[:, None] + shifts) % np.array(n_levels)
    return shifted


def _badness(levels: np.ndarray, task: Task) -> tuple[int, float]:
    rows = coded_rows(levels, task.attributes, has_none=task.has_none)
    total = information_by_set(rows, task.priors).sum(axis=0)
    return len(dominated_sets(levels, task.attributes)), float(d_errors(total[None])[0])


def _mended(levels: np.ndarray, task: Task, rng: np.random.Generator) -> tuple[np.ndarray, tuple[int, ...]]:
    wrong = dominated_sets(levels, task.attributes)
    levels = levels.copy()
    for at in wrong:
        for _ in range(1_000):
            attribute = rng.integers(levels.shape[2])
            levels[at, :, attribute] = rng.permutation(levels[at, :, attribute])
            if not dominated_sets(levels[at : at + 1], task.attributes):
                break
        else:
            what = f"an alternative dominates in set {at + 1}, whatever is exchanged within it"
            raise BadInput(Problem("attributes", what, "Use method d_efficient, or add an attribute."))
    return levels, tuple(at + 1 for at in wrong)
