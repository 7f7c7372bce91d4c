"""Scores of siblings brought together into the score of their parent, level by level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pk_research.indicators.composite.options import Aggregation
from pk_research.indicators.composite.tree import Group


def aggregate(
    scores: Sequence[np.ndarray],
    weights: np.ndarray,
    *,
    how: Aggregation = "arithmetic",
    least_weight: float = 1.0,
) -> np.ndarray:
    """Return one score a unit from the scores of several siblings.

    With weights ``w`` scaled to sum to one over what is present:

    - ``arithmetic``: ``sum(w x)``
    - ``geometric``: ``prod(x ** w)``, zero as soon as one is zero
    - ``harmonic``: ``1 / sum(w / x)``, zero as soon as one is zero
    - ``mazziotta-pareto``: ``M - S**2 / M`` with the weighted mean M and the weighted variance
      ``S**2`` (divisor n) across the siblings: the mean less a penalty for imbalance
    - ``benefit of the doubt``: see `benefit_of_the_doubt`; weights are not used, and a unit that
      lacks a value has no score

    The middle three need scores that are not negative.

    Parameters
    ----------
    scores
        One row a sibling, one column a unit.
    weights
        One a sibling, on any scale; zero takes it out, even where it is missing.
    how
        The formula.
    least_weight
        Share of the weight that must be present, or the score is missing.

    References
    ----------
    Mazziotta and Pareto (2016), On a generalized non-compensatory composite index, with the sign
    of an index where more is better.

    Examples
    --------
    >>> pair = np.array([[40.0, 70.0, np.nan], [90.0, 70.0, 50.0]])
    >>> aggregate(pair, np.ones(2), how="geometric")
    array([60., 70., nan])
    >>> aggregate(pair, np.ones(2), least_weight=0.5)
    array([65., 70., 50.])
    """
    if how == "benefit of the doubt":
        from pk_research.indicators.composite.doubt import benefit_of_the_doubt

        return benefit_of_the_doubt(np.stack(scores)[weights > 0]).scores
    used = [n for n, weight in enumerate(weights) if weight > 0]
    if not used:
        return np.full(len(scores[0]), np.nan)
    parts = [scores[n] for n in used]
    shares = [float(weights[n] / weights[used].sum()) for n in used]
    has_gaps = any(np.isnan(part.sum()) for part in parts)
    if not has_gaps:
        return _combined(parts, shares, how)
    present = _sum([~np.isnan(part) for part in parts], shares)
    with np.errstate(invalid="ignore", divide="ignore"):
        combined = _combined(parts, shares, how, present)
    # A hair below: shares that sum to one sum to a little less in floating point.
    combined[present < max(least_weight, 1e-12) - 1e-9] = np.nan
    return combined


def _combined(
    parts: Sequence[np.ndarray], shares: Sequence[float], how: str, present: np.ndarray | None = None
) -> np.ndarray:
    if how == "geometric":
        with np.errstate(divide="ignore"):
            return np.asarray(np.exp(_mean([np.log(part) for part in parts], shares, present)))
    if how == "harmonic":
        with np.errstate(divide="ignore"):
            return 1 / _mean([1 / part for part in parts], shares, present)
    mean = _mean(parts, shares, present)
    if how == "arithmetic":
        return mean
    variance = _mean([(part - mean) ** 2 for part in parts], shares, present)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(mean == 0, 0.0, mean - variance / mean)


def _mean(parts: Sequence[np.ndarray], shares: Sequence[float], present: np.ndarray | None) -> np.ndarray:
    if present is None:
        return _sum(parts, shares)
    return np.asarray(_sum([np.where(np.isnan(part), 0.0, part) for part in parts], shares) / present)


def _sum(parts: Sequence[np.ndarray], shares: Sequence[float]) -> np.ndarray:
    """Return the weighted sum, one sibling after the other.

    A matrix product rounds by the place of a row in memory and by the number of threads: equal
    units would get unequal scores.
    """
    total = parts[0] * shares[0]
    term = np.empty_like(total)
    for part, share in zip(parts[1:], shares[1:], strict=True):
        total += np.multiply(part, share, out=term)
    return np.asarray(total)


def aggregate_levels(
    indicators: np.ndarray,
    groups: Sequence[Group],
    weights: np.ndarray,
    *,
    how: Aggregation = "arithmetic",
    least_weight: float = 1.0,
) -> list[np.ndarray]:
    """Return the score of every element, indicators first, as `Declaration.table` lists them.

    Parameters
    ----------
    indicators
        Normalised values, one row an indicator.
    groups
        Who adds up to whom, lower levels first.
    weights
        One an element; an element whose children all weigh nothing has no score.
    how, least_weight
        As in `aggregate`.
    """
    scores = list(indicators)
    for group in groups:
        children = list(group.children)
        siblings = [scores[child] for child in children]
        scores.append(aggregate(siblings, weights[children], how=how, least_weight=least_weight))
    return scores
