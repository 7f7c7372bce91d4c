"""Benefit of the doubt: each unit is weighed as suits it best, within what all units allow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import qr
from scipy.optimize import linprog

from pk_research.errors import BadInput, NotReady, Problem

TOLERANCE = 1e-9
# Values are scaled to one: what is smaller than this is rounding.
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class BenefitOfTheDoubt:
    """Scores under the weights most favourable to each unit.

    Attributes
    ----------
    scores
        0 to 1; 1 for a unit that no other beats under the weights it would choose. NaN for a unit
        that lacks a value.
    weights
        One row an indicator, one column a unit: the weights it would choose.
    shares
        Of the same shape: how much of a unit's score each indicator gives, summing to one.
    """

    scores: np.ndarray
    weights: np.ndarray
    shares: np.ndarray


def benefit_of_the_doubt(
    values: np.ndarray, *, least_share: float = 0.0, most_share: float = 1.0
) -> BenefitOfTheDoubt:
    """Let each unit choose the weights that raise it most, so that no unit exceeds one by them.

    For unit c: maximise ``sum_j w_j x_cj`` subject to ``sum_j w_j x_ij <= 1`` for all units i,
    ``w_j >= 0``, and each indicator's share of the score between the bounds. Without bounds a
    unit may rest on the one indicator in which it is best.

    Only units that no other beats in everything can bind, and constraints are added as they are
    broken: the result is that of all of them. Without bounds, units that lie behind the same face
    of the frontier share its weights, which is checked and not assumed; then 83,000 units take
    seconds with five indicators and a minute or so with eight. With bounds every unit is a programme of
    its own: some minutes for 83,000.

    Parameters
    ----------
    values
        One row an indicator, one column a unit; not negative, more is better.
    least_share, most_share
        Bounds of each indicator's share of a unit's score, 0 to 1.

    Raises
    ------
    BadInput
        When a value is negative, or the bounds exclude each other.

    References
    ----------
    Cherchye et al. (2007), An introduction to 'benefit of the doubt' composite indicators.

    Examples
    --------
    >>> found = benefit_of_the_doubt(np.array([[4.0, 1, 2], [1.0, 4, 2]]))
    >>> found.scores.round(3)
    array([1. , 1. , 0.8])
    """
    _check(values, least_share, most_share)
    weights = np.full(values.shape, np.nan)
    complete = ~np.isnan(values).any(axis=0)
    units = values[:, complete]
    if units.shape[1]:
        weights[:, complete] = _best_weights(units, least_share, most_share)
    parts = weights * values
    scores = parts.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return BenefitOfTheDoubt(scores, weights, np.where(scores > 0, parts / scores, np.nan))


def _best_weights(units: np.ndarray, least: float, most: float) -> np.ndarray:
    largest = units.max(axis=1, keepdims=True)
    # Indicators of very different size would upset the solver; one that is zero everywhere adds nothing.
    size = np.where(largest > 0, largest, 1.0)
    scaled = units / size
    frontier = scaled[:, undominated(scaled)]
    binding = list(dict.fromkeys([*frontier.argmax(axis=1).tolist(), int(frontier.sum(axis=0).argmax())]))
    if least == 0 and most == 1:
        return np.asarray(_by_faces(scaled, frontier, binding) / size)
    found = np.empty_like(scaled)
    for n, own in enumerate(scaled.T):
        found[:, n] = _weights_of(own, frontier, binding, _share_bounds(own, least, most))
    return np.asarray(found / size)


def undominated(units: np.ndarray) -> np.ndarray:
    """Return the places of units that no other equals or exceeds in every row; of equal ones, the first.

    Examples
    --------
    >>> undominated(np.array([[3.0, 1, 2, 3], [1.0, 2, 1, 1]])).tolist()
    [0, 1]
    """
    places = np.argsort(-units.sum(axis=0), kind="stable")
    left = np.ascontiguousarray(units.T[places])
    n = 0
    while n < len(left):
        # Those before are undominated already; a larger sum cannot be dominated by a smaller one.
        keep = (left > left[n]).any(axis=1)
        keep[: n + 1] = True
        left, places = left[keep], places[keep]
        n += 1
    return np.sort(places)


def _by_faces(units: np.ndarray, frontier: np.ndarray, binding: list[int]) -> np.ndarray:
    """Solve one programme a face of the frontier; its weights are best for every unit behind it."""
    found = np.empty_like(units)
    left = np.argsort(-units.sum(axis=0), kind="stable")
    while len(left):
        weights = _weights_of(units[:, left[0]], frontier, binding, np.empty((0, len(units))))
        behind = _behind_face(units[:, left], weights, frontier)
        behind[0] = True
        found[:, left[behind]] = weights[:, None]
        left = left[~behind]
    return found


def _behind_face(units: np.ndarray, weights: np.ndarray, frontier: np.ndarray) -> np.ndarray:
    """Tell which units these weights are best for: those that the binding constraints add up to.

    By duality, weights that some constraints hold tight are optimal for each unit that is a sum of
    their normals with coefficients of zero or more.
    """
    m = len(units)
    reached = np.einsum("j,ji->i", weights, frontier)
    tight = np.hstack([frontier[:, reached > 1 - TOLERANCE], -np.eye(m)[:, weights < ROUNDING]])
    _, triangle, order = qr(tight, mode="economic", pivoting=True)
    depth = np.abs(np.diag(triangle))
    if len(depth) < m or depth[-1] < TOLERANCE:
        return np.zeros(units.shape[1], dtype=bool)
    coefficients = np.einsum("jk,ki->ji", np.linalg.inv(tight[:, order[:m]]), units)
    return np.asarray((coefficients >= -ROUNDING).all(axis=0))


def _weights_of(own: np.ndarray, frontier: np.ndarray, binding: list[int], bounds: np.ndarray) -> np.ndarray:
    """Return the weights of one unit; what proves binding is kept for the units after it."""
    while True:
        limits = np.concatenate([np.ones(len(binding)), np.zeros(len(bounds))])
        solved = linprog(
            -own,
            A_ub=np.vstack([frontier[:, binding].T, bounds]),
            b_ub=limits,
            bounds=(0, None),
            method="highs",
        )
        if solved.x is None:
            raise NotReady(Problem("benefit of the doubt", "a unit has no solution", "Widen the bounds."))
        reached = np.einsum("j,ji->i", solved.x, frontier)
        if reached.max() <= 1 + TOLERANCE:
            return np.asarray(solved.x)
        broken = int(reached.argmax())
        if broken in binding:
            return np.asarray(solved.x / reached.max())
        binding.append(broken)


def _share_bounds(own: np.ndarray, least: float, most: float) -> np.ndarray:
    """Return rows r with ``r w <= 0`` for ``least <= w_j x_j / sum(w x) <= most``."""
    parts = np.diag(own)
    rows = []
    if least > 0:
        rows.append(least * own[None, :] - parts)
    if most < 1:
        rows.append(parts - most * own[None, :])
    return np.vstack(rows) if rows else np.empty((0, len(own)))


def _check(values: np.ndarray, least: float, most: float) -> None:
    problems = []
    if np.nanmin(values, initial=0.0) < 0:
        problems.append(Problem("benefit of the doubt", "a value is negative", "Normalise to 0 or above."))
    if not 0 <= least <= 1 / len(values) <= most <= 1:
        problems.append(
            Problem(
                "benefit of the doubt",
                f"no weights have shares between {least:g} and {most:g} of {len(values)} indicators",
                f"Give a lower bound up to {1 / len(values):.3f} and an upper one above it.",
            )
        )
    if problems:
        raise BadInput(problems)
