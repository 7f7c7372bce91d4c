"""Finding the maximum of a likelihood, and how sure it is when people answer several sets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Scores = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
STEP = 1e-5


@dataclass(frozen=True, eq=False, slots=True)
class Maximum:
    """Where a search ended.

    Attributes
    ----------
    at
        The parameters.
    log_likelihood
        Its value there.
    converged
        Whether the gradient is as good as zero.
    """

    at: np.ndarray
    log_likelihood: float
    converged: bool


def maximise(scores: Scores, start: np.ndarray, *, most_steps: int = 500) -> Maximum:
    """Climb from a start by BFGS, then by Newton's steps.

    Parameters
    ----------
    scores
        Takes parameters; returns the log-likelihood of each respondent, and its gradient
        (respondents by parameters).
    start
        Where to begin.
    most_steps
        Steps of BFGS at most.
    """
    from scipy.optimize import minimize

    def down(at: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = scores(at)
        return -float(value.sum()), -slope.sum(axis=0)

    found = minimize(down, start, jac=True, method="BFGS", options={"maxiter": most_steps, "gtol": 1e-5})
    at, best = found.x, -found.fun
    for _ in range(5):
        value, slope = scores(at)
        gradient = slope.sum(axis=0)
        bread = _bread(hessian(scores, at))
        if bread is None:
            return Maximum(at, best, converged=False)
        step = bread @ gradient
        if gradient @ step < 1e-10:
            return Maximum(at, float(value.sum()), converged=True)
        after = float(scores(at + step)[0].sum())
        if not after > best - 1e-9:
            break
        at, best = at + step, after
    return Maximum(at, best, converged=False)


def hessian(scores: Scores, at: np.ndarray) -> np.ndarray:
    """Return the second derivatives of the log-likelihood, by central differences of the gradient."""
    columns = []
    for n in range(len(at)):
        step = np.zeros(len(at))
        step[n] = STEP * max(1.0, abs(at[n]))
        rise = scores(at + step)[1].sum(axis=0) - scores(at - step)[1].sum(axis=0)
        columns.append(rise / (2 * step[n]))
    matrix = np.array(columns)
    symmetric: np.ndarray = (matrix + matrix.T) / 2
    return symmetric


def _bread(second: np.ndarray) -> np.ndarray | None:
    """Return the inverse of minus the second derivatives; None where it is no maximum."""
    scale = np.sqrt(np.maximum(np.abs(np.diag(second)), 1e-300))
    values = np.linalg.eigvalsh(-second / np.outer(scale, scale))
    if values[0] <= 1e-10:
        return None
    inverse: np.ndarray = np.linalg.inv(-second)
    return inverse


def clustered_covariance(bread: np.ndarray, by_respondent: np.ndarray) -> np.ndarray:
    """Return the covariance that holds when a respondent's choices depend on each other.

    Parameters
    ----------
    bread
        Inverse of the information: parameters by parameters.
    by_respondent
        Gradient of each respondent's log-likelihood: respondents by parameters.

    References
    ----------
    Liang and Zeger (1986); with the factor G / (G - 1) for G respondents, as Stata has it.

    Examples
    --------
    >>> clustered_covariance(np.eye(1), np.array([[1.0], [-1.0]])).tolist()
    [[4.0]]
    """
    n = len(by_respondent)
    covariance = bread @ (by_respondent.T @ by_respondent) @ bread * n / (n - 1)
    symmetric: np.ndarray = (covariance + covariance.T) / 2
    return symmetric


def covariance_at(scores: Scores, at: np.ndarray) -> np.ndarray | None:
    """Return the clustered covariance at a maximum; None where the likelihood is flat there."""
    bread = _bread(hessian(scores, at))
    return None if bread is None else clustered_covariance(bread, scores(at)[1])
