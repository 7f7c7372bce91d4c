"""The design of a MaxDiff study: which items are shown together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pk_research.compute.chance import derived_rng
from pk_research.errors import BadInput, Problem

STARTS = 20


def maxdiff_design(items: Sequence[str], *, n_sets: int, size: int = 4, seed: int = 0) -> pd.DataFrame:
    """Lay out sets of items so that each item, and each pair, is shown as equally often as can be.

    Parameters
    ----------
    items
        What is compared.
    n_sets
        Number of sets a respondent sees.
    size
        Items in a set.
    seed
        Of the search.

    Returns
    -------
    DataFrame
        One row a set and item: ``set`` (from 1), ``position`` (from 1), ``item``.

    Raises
    ------
    BadInput
        When items repeat, a set has fewer than three items or not fewer than all, or an item would
        not be shown.

    References
    ----------
    Louviere, Flynn and Marley (2015), Best-worst scaling.

    Examples
    --------
    >>> sets = maxdiff_design(list("ABCDE"), n_sets=5, size=4)
    >>> sets["item"].value_counts().unique().tolist()
    [4]
    """
    problems = []
    if len(set(items)) < len(items):
        problems.append(Problem("items", "some repeat", "Name each once."))
    if not 3 <= size < len(items):
        problems.append(
            Problem("size", f"{size} of {len(items)} items", "Show at least 3, and fewer than all.")
        )
    elif n_sets * size < len(items):
        problems.append(
            Problem("n_sets", f"{n_sets} sets of {size} do not show {len(items)} items", "Ask more sets.")
        )
    if seed < 0:
        problems.append(Problem("seed", f"it is {seed}", "Give 0 or more."))
    if problems:
        raise BadInput(problems)
    found = [_laid_out(len(items), n_sets, size, derived_rng(seed, start)) for start in range(STARTS)]
    sets = min(found, key=_unevenness)
    order = derived_rng(seed, STARTS)
    rows = [
        (number, position, items[item])
        for number, some in enumerate(sets, start=1)
        for position, item in enumerate(order.permutation(some), start=1)
    ]
    return pd.DataFrame(rows, columns=["set", "position", "item"])


def _laid_out(n_items: int, n_sets: int, size: int, rng: np.random.Generator) -> list[list[int]]:
    """Fill sets with the items shown least, and among those with the ones least seen together."""
    shown = np.zeros(n_items)
    together = np.zeros((n_items, n_items))
    sets = []
    for _ in range(n_sets):
        some: list[int] = []
        for _ in range(size):
            seen = together[some].sum(axis=0) if some else np.zeros(n_items)
            order = np.lexsort((rng.random(n_items), seen, shown))
            some.append(next(int(item) for item in order if item not in some))
        for item in some:
            together[item, [other for other in some if other != item]] += 1
        shown[some] += 1
        sets.append(some)
    return sets


def _unevenness(sets: list[list[int]]) -> tuple[float, float]:
    n = 1 + max(max(some) for some in sets)
    shows = np.zeros((len(sets), n))
    for number, some in enumerate(sets):
        shows[number, some] = 1
    pairs = (shows.T @ shows)[np.triu_indices(n, 1)]
    return float(np.ptp(shows.sum(axis=0))), float(pairs.var())
