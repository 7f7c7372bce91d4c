"""What is estimated: each statistic with its linearised scores.

A score is the derivative of the statistic with respect to a row's weight, so that the variance of
the weighted total of the scores is, to first order, that of the statistic (Deville 1999).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Scored = tuple[float, np.ndarray]
# Values (rows by columns), weights, and which rows are inside the domain -> value, one score a row.
Statistic = Callable[[np.ndarray, np.ndarray, np.ndarray], Scored]


def within(statistic: Callable[[np.ndarray, np.ndarray], Scored]) -> Statistic:
    """Turn a statistic of some rows into one of a domain: rows outside score 0."""

    def of_domain(values: np.ndarray, weights: np.ndarray, inside: np.ndarray) -> Scored:
        scores = np.zeros(len(weights))
        value, scores[inside] = statistic(values[inside], weights[inside])
        return value, scores

    return of_domain


def total_of(values: np.ndarray, weights: np.ndarray) -> Scored:
    """Return the population total."""
    y = values[:, 0]
    return float(weights @ y), y


def mean_of(values: np.ndarray, weights: np.ndarray) -> Scored:
    """Return the mean."""
    return mean_scores(values[:, 0], weights)


def mean_scores(y: np.ndarray, weights: np.ndarray) -> Scored:
    """Return the mean of a vector and its scores."""
    mean = float(np.average(y, weights=weights))
    return mean, (y - mean) / weights.sum()


def ratio_of(values: np.ndarray, weights: np.ndarray) -> Scored:
    """Return the ratio of the totals of two columns; missing where the second adds to 0."""
    y, x = values[:, 0], values[:, 1]
    below = float(weights @ x)
    if below == 0:
        return float("nan"), np.full(len(y), np.nan)
    ratio = float(weights @ y) / below
    return ratio, (y - ratio * x) / below


def weighted_quantile(y: np.ndarray, weights: np.ndarray, p: float) -> float:
    """Return the smallest value with at least a share p of the weight at or below it.

    Examples
    --------
    >>> weighted_quantile(np.array([3.0, 1.0, 2.0]), np.ones(3), 0.5)
    2.0
    """
    order = np.argsort(y, kind="stable")
    reached = np.cumsum(weights[order])
    # Rounding of the cumulated weights must not push the quantile to the next value.
    place = np.searchsorted(reached, p * reached[-1] * (1 - 1e-12))
    return float(y[order][min(place, len(y) - 1)])


def density_at(y: np.ndarray, weights: np.ndarray, point: float) -> float:
    """Return the density at a point: a normal kernel, Silverman's bandwidth.

    References
    ----------
    Silverman (1986), Density Estimation, equation 3.31.
    """
    spread = weighted_quantile(y, weights, 0.75) - weighted_quantile(y, weights, 0.25)
    deviation = float(np.sqrt(np.cov(y, aweights=weights)))
    narrow = min(deviation, spread / 1.34) if spread > 0 else deviation
    if not narrow > 0:
        return float("nan")
    width = 0.9 * narrow * len(y) ** -0.2
    kernel = np.exp(-0.5 * ((y - point) / width) ** 2) / (width * np.sqrt(2 * np.pi))
    return float(np.average(kernel, weights=weights))


def quantile_of(p: float) -> Callable[[np.ndarray, np.ndarray], Scored]:
    """Return the statistic that is the p-quantile."""

    def of_rows(values: np.ndarray, weights: np.ndarray) -> Scored:
        y = values[:, 0]
        value = weighted_quantile(y, weights, p)
        if np.ptp(y) == 0:
            return value, np.zeros(len(y))
        return value, -((y <= value) - p) / (weights.sum() * density_at(y, weights, value))

    return of_rows


def lowest_sum(y: np.ndarray, weights: np.ndarray, p: float) -> Scored:
    """Return what the lowest share p together have, the last row taken in part.

    References
    ----------
    Langel and Tillé (2011), Statistical inference for the quintile share ratio.
    """
    order = np.argsort(y, kind="stable")
    sorted_y, sorted_w = y[order], weights[order]
    before = np.cumsum(sorted_w) - sorted_w
    part = np.clip(p * weights.sum() - before, 0, sorted_w)
    quantile = sorted_y[np.flatnonzero(part > 0)[-1]]
    return float(part @ sorted_y), np.minimum(y - quantile, 0) + p * quantile
