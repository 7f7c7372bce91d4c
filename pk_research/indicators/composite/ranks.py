"""From scores to ranks: 1 is best, equal scores share the better rank."""

from __future__ import annotations

import numpy as np

# Scores that differ by rounding alone share a rank, whatever the order of the rows.
DECIMALS = 9


def ranks_of(scores: np.ndarray) -> np.ndarray:
    """Return the rank of each score as a whole number, 0 where there is no score.

    Scores are compared to nine decimals.

    Examples
    --------
    >>> ranks_of(np.array([3.0, 8.0, np.nan, 8.0, 1.0])).tolist()
    [3, 1, 0, 1, 4]
    """
    compared = -np.round(scores, DECIMALS)
    order = np.argsort(compared)
    ordered = compared[order]
    is_new = np.ones(len(ordered), dtype=bool)
    is_new[1:] = ordered[1:] != ordered[:-1]
    places = np.arange(1, len(ordered) + 1, dtype=np.int32)
    ranks = np.empty(len(ordered), dtype=np.int32)
    ranks[order] = np.maximum.accumulate(np.where(is_new, places, 0))
    ranks[np.isnan(compared)] = 0
    return ranks
