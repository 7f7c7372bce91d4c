"""How an outcome is spread over villages, in many drawings at once."""

from __future__ import annotations

import numpy as np


def gini(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the Gini ratio of each row; missing where the mean is not above 0.

    Parameters
    ----------
    values
        One row a drawing, one column a village. With values below 0 the ratio can exceed 1.
    weights
        Of the villages, above 0.

    Notes
    -----
    As `pk_research.indicators.regional.inequality`, without a small-sample factor: villages in the order of
    their values, each counted with half of its own weight.

    Examples
    --------
    >>> gini(np.array([[1.0, 2.0, 3.0, 4.0]]), np.ones(4)).tolist()
    [0.25]
    """
    order = np.argsort(values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    part = (weights / weights.sum())[order]
    below = np.cumsum(part, axis=1) - part / 2
    mean = (part * ordered).sum(axis=1)
    found = np.full(len(values), np.nan)
    np.divide((part * ordered * (2 * below - 1)).sum(axis=1), mean, out=found, where=mean > 0)
    return found


def share_below(values: np.ndarray, weights: np.ndarray, line: float | None) -> np.ndarray:
    """Return the share of villages below a line in each row; missing without a line.

    Examples
    --------
    >>> share_below(np.array([[1.0, 2.0]]), np.array([1.0, 3.0]), 2.0).tolist()
    [0.25]
    """
    if line is None:
        return np.full(len(values), np.nan)
    return np.asarray(((values < line) * weights).sum(axis=1) / weights.sum())
