"""The multinomial logit: Newton's method on a likelihood that has one maximum."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pk_research.clusters.threads import one_thread
from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.products.experiments.data import ChoiceData
from pk_research.products.experiments.identification import check_identified, check_separation
from pk_research.products.experiments.maximum import clustered_covariance
from pk_research.products.experiments.model import ChoiceModel

MOST_STEPS = 100
CLOSE = 1e-12


def log_probability(data: ChoiceData, utility: np.ndarray) -> np.ndarray:
    """Return the logarithm of each row's probability to be chosen among its situation."""
    highest = np.maximum.reduceat(utility, data.starts, axis=0)
    shifted = utility - highest[data.situation]
    logged: np.ndarray = shifted - np.log(data.sum_by_situation(np.exp(shifted)))[data.situation]
    return logged


def scores_by_situation(data: ChoiceData, coefficients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the log-likelihood of each situation and its gradient (situations by coefficients)."""
    logged = log_probability(data, data.rows @ coefficients)
    mean = data.sum_by_situation(data.rows * np.exp(logged)[:, None])
    return logged[data.chosen], data.rows[data.chosen] - mean


def information(data: ChoiceData, coefficients: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Return minus the second derivatives of the log-likelihood.

    Parameters
    ----------
    data
        The choices.
    coefficients
        Where.
    weights
        Of each situation; one by default.
    """
    share = np.exp(log_probability(data, data.rows @ coefficients))
    mean = data.sum_by_situation(data.rows * share[:, None])
    weight = np.ones(data.n_choices) if weights is None else weights
    inner = data.rows.T @ (data.rows * (share * weight[data.situation])[:, None])
    found: np.ndarray = inner - mean.T @ (mean * weight[:, None])
    return found


def climb(
    data: ChoiceData,
    start: np.ndarray,
    weights: np.ndarray | None = None,
    *,
    ridge: float = 0.0,
    most_steps: int = MOST_STEPS,
) -> tuple[np.ndarray, bool]:
    """Find the maximum of the (weighted) likelihood by Newton's method.

    Parameters
    ----------
    data
        The choices.
    start
        Where to begin.
    weights
        Of each situation; one by default.
    ridge
        Half of it times the sum of squares is taken off the likelihood.
    most_steps
        Steps at most.

    Returns
    -------
    tuple
        The coefficients, and whether the search came to its end.
    """
    weight = np.ones(data.n_choices) if weights is None else weights
    at = start
    value, slope = scores_by_situation(data, at)
    best = float(weight @ value) - ridge / 2 * at @ at
    for _ in range(most_steps):
        gradient = weight @ slope - ridge * at
        curve = information(data, at, weight) + ridge * np.eye(len(at))
        try:
            step = np.linalg.solve(curve, gradient)
        except np.linalg.LinAlgError:
            return at, False
        if gradient @ step < CLOSE * max(1.0, abs(best)):
            return at, True
        shorter = 1.0
        while True:
            tried = at + shorter * step
            value, slope = scores_by_situation(data, tried)
            now = float(weight @ value) - ridge / 2 * tried @ tried
            if now > best or shorter < 1e-6:
                break
            shorter /= 2
        at, best = tried, now
    return at, False


def multinomial_logit(data: ChoiceData) -> ChoiceModel:
    """Fit a multinomial (conditional) logit.

    Parameters
    ----------
    data
        The choices; see `choice_data`. The number of alternatives may differ between situations.

    Returns
    -------
    ChoiceModel
        Coefficients of utility; standard errors are clustered by respondent.

    Raises
    ------
    BadInput
        When a variable does not vary within sets, moves together with others, or decides choices
        alone, or there are too few respondents: naming it and what to do.

    References
    ----------
    McFadden (1974), Conditional logit analysis of qualitative choice behavior.

    Examples
    --------
    >>> frame = pd.DataFrame({"respondent": np.repeat(range(6), 2), "set": 1, "alternative": ["a", "b"] * 6,
    ...     "chosen": [1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 1, 0], "price": [1.0, 2.0] * 6})
    >>> from pk_research.products.experiments.data import choice_data
    >>> float(multinomial_logit(choice_data(frame, ["price"])).estimates["price"].round(4))
    -0.6931
    """
    check_identified(data)
    with one_thread():
        at, converged = climb(data, np.zeros(len(data.names)))
    check_separation(data, at)
    if not converged:
        what = "the search for the estimates came to no end"
        raise BadInput(Problem("choices", what, "Look for variables of very different size, and rescale."))
    value, slope = scores_by_situation(data, at)
    bread = np.linalg.inv(information(data, at))
    covariance = clustered_covariance(bread, data.sum_by_respondent(slope))
    names = list(data.names)
    return ChoiceModel(
        kind="multinomial",
        names=data.names,
        estimates=pd.Series(at, index=names),
        covariance=pd.DataFrame(covariance, index=names, columns=names),
        log_likelihood=float(value.sum()),
        **data.basis,
        notes=few_people(data),
    )


def few_people(data: ChoiceData) -> tuple[Message, ...]:
    """Warn where clustered standard errors rest on few people."""
    if data.n_respondents >= 40:
        return ()
    values = {"n": data.n_respondents}
    return (Message("Standard errors rest on {n} respondents only and may be too small.", values),)
