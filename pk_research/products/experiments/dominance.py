"""Alternatives that leave nothing to weigh: as good in every respect as another, and better in one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pk_research.products.experiments.attributes import Attribute


def has_dominance(profiles: np.ndarray, attributes: Sequence[Attribute]) -> bool:
    """Say whether an alternative of a set dominates another, or is the same.

    An attribute in which people may differ must be equal for one to dominate the other.

    Parameters
    ----------
    profiles
        Alternatives by attributes: number of the level, from 0; without the opt-out.
    attributes
        What the columns are.

    Examples
    --------
    >>> from pk_research.codebook import Label
    >>> levels = (Label("1", "1", "1"), Label("2", "2", "2"))
    >>> price = Attribute("price", "Harga", "Price", levels, better="first")
    >>> taste = Attribute("taste", "Rasa", "Taste", levels)
    >>> has_dominance(np.array([[0, 0], [1, 0]]), [price, taste])
    True
    >>> has_dominance(np.array([[0, 0], [1, 1]]), [price, taste])
    False
    """
    goodness = np.ones((len(profiles), len(profiles)), dtype=bool)
    for n, attribute in enumerate(attributes):
        ranks = attribute.ranks
        level = profiles[:, n] if ranks is None else ranks[profiles[:, n]]
        at_least = np.equal.outer(level, level) if ranks is None else np.greater_equal.outer(level, level)
        goodness &= at_least
    np.fill_diagonal(goodness, val=False)
    return bool(goodness.any())
