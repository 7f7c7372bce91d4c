"""Weights of siblings: declared, equal, or read from how the siblings vary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pk_research.indicators.composite.options import Weighting
from pk_research.indicators.composite.tree import Group


def weights_within(scores: np.ndarray, how: Weighting, *, declared: np.ndarray) -> np.ndarray:
    """Return the weights of several siblings, summing to one.

    - ``declared``, ``equal``: as it says
    - ``pca``: squared loadings on the first principal component of the correlations
    - ``entropy``: one less the entropy of each sibling's shares, over ``log n`` (Shannon)
    - ``critic``: standard deviation times the sum of one less each correlation with the others

    The last three look at units that have every sibling; entropy and critic after a min-max of
    each. A sibling declared with weight zero, or one that does not vary, gets none. Such weights
    say how the data vary, not what matters: they are one more choice to be varied.

    Parameters
    ----------
    scores
        One row a sibling, one column a unit, normalised.
    how
        The method.
    declared
        The declared weights, on any scale.

    References
    ----------
    OECD and JRC (2008), Handbook on constructing composite indicators, section 6; Diakoulaki et
    al. (1995), Determining objective weights in multiple criteria problems: the CRITIC method.

    Examples
    --------
    >>> weights_within(np.array([[0.0, 1, 2], [5, 5, 9]]), "declared", declared=np.array([1.0, 3]))
    array([0.25, 0.75])
    """
    used = declared > 0
    if how == "declared" or used.sum() < 2:
        return np.asarray(declared / declared.sum())
    weights = np.where(used, 1.0, 0.0)
    if how != "equal":
        weights[used] = _by_variation(scores[used], how)
    return np.asarray(weights / weights.sum())


def _by_variation(scores: np.ndarray, how: Weighting) -> np.ndarray:
    complete = scores[:, ~np.isnan(scores).any(axis=0)]
    spread = np.ptp(complete, axis=1) if complete.shape[1] else np.zeros(len(scores))
    varies = spread > 0
    if varies.sum() < 2:
        return np.ones(len(scores))
    rows = (complete[varies] - complete[varies].min(axis=1, keepdims=True)) / spread[varies, None]
    weights = np.zeros(len(scores))
    weights[varies] = {"pca": _pca, "entropy": _entropy, "critic": _critic}[how](rows)
    return weights


def _pca(rows: np.ndarray) -> np.ndarray:
    return np.asarray(np.linalg.eigh(_correlations(rows)).eigenvectors[:, -1] ** 2)


def _correlations(rows: np.ndarray) -> np.ndarray:
    """Return the correlations of rows; without BLAS, whose rounding depends on its threads."""
    away = rows - rows.mean(axis=1, keepdims=True)
    away /= np.sqrt((away**2).sum(axis=1, keepdims=True))
    return np.asarray(np.einsum("in,jn->ij", away, away))


def _entropy(rows: np.ndarray) -> np.ndarray:
    """Measure how unevenly each row is spread; a share of zero adds nothing, as its limit does."""
    shares = rows / rows.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(shares > 0, shares * np.log(shares), 0.0)
    return np.asarray(1 + terms.sum(axis=1) / np.log(rows.shape[1]))


def _critic(rows: np.ndarray) -> np.ndarray:
    conflict = (1 - _correlations(rows)).sum(axis=1)
    return np.asarray(rows.std(axis=1, ddof=1) * conflict)


def against_the_others(scores: np.ndarray) -> np.ndarray:
    """Say of each sibling whether it points against the first principal component of all.

    Such an indicator lowers what the others raise: its direction may be wrong, or it measures
    something else.
    """
    complete = scores[:, ~np.isnan(scores).any(axis=0)]
    if len(scores) < 3 or complete.shape[1] < 3 or not (np.ptp(complete, axis=1) > 0).all():
        return np.zeros(len(scores), dtype=bool)
    loadings = np.linalg.eigh(_correlations(complete)).eigenvectors[:, -1]
    # A loading near zero points nowhere.
    return np.asarray(loadings * np.sign(loadings.sum()) < -0.1)


def within_parents(weights: np.ndarray, groups: Sequence[Group]) -> np.ndarray:
    """Scale weights so that those of siblings sum to one; the index itself has one."""
    scaled = weights.astype(float)
    for group in groups:
        children = list(group.children)
        total = scaled[children].sum()
        if total > 0:
            scaled[children] = scaled[children] / total
    scaled[-1] = 1.0
    return scaled


def effective(weights: np.ndarray, groups: Sequence[Group]) -> np.ndarray:
    """Return each element's share of the whole index: its weight times those of all above it.

    Examples
    --------
    >>> effective(np.array([0.5, 0.5, 1.0, 0.4, 0.6, 1.0]),
    ...           [Group(3, (0, 1), 2), Group(4, (2,), 2), Group(5, (3, 4), 3)])
    array([0.2, 0.2, 0.6, 0.4, 0.6, 1. ])
    """
    share = within_parents(weights, groups)
    for group in reversed(groups):
        children = list(group.children)
        share[children] = share[children] * share[group.parent]
    return share
