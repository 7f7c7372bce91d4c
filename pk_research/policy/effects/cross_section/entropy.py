"""Entropy balancing: the gentlest weights that make both sides alike in what was measured."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Message
from pk_research.policy.effects.cross_section.contrast import ALIKE, ALONE
from pk_research.policy.effects.cross_section.selection import likeness, normalised_differences
from pk_research.policy.effects.cross_section.study import Study
from pk_research.policy.effects.did.parts import check_level, refuse
from pk_research.policy.effects.effect import (
    NO_UNIT,
    Diagnostic,
    Effect,
    Estimator,
    checked_against,
    estimates_table,
    row,
)

SAME = 1e-4
BALANCED = 1e-6
HEAVY = 0.5


def entropy_balanced_effect(
    study: Study,
    *,
    outcome: Bilingual,
    unit: Bilingual = NO_UNIT,
    level: float = 0.95,
    made: bool = False,
) -> Effect:
    """Estimate the mean effect on those with the policy; the others weighted to the same means.

    Parameters
    ----------
    study
        The rows; add squares as covariates to balance variances as well.
    outcome, unit
        Of the outcome, for people.
    level
        Of the interval, from the normal distribution.
    made
        True for made data.

    Returns
    -------
    Effect
        Its standard error counts the estimation of the weights, which is that of the doubly robust
        estimate with a line for the outcome (Zhao and Percival 2017). Cross-checked by the weights'
        defining problem, solved by Newton's steps.

    Raises
    ------
    BadInput
        When no weights make the means alike, since those with the policy lie outside the others; when
        the level is no share.

    Notes
    -----
    Hainmueller (2012), *Political Analysis* 20:25-46.

    Examples
    --------
    >>> import pandas as pd
    >>> from pk_research.policy.effects.cross_section import read_study
    >>> frame = pd.DataFrame({"y": [1.0, 2, 3, 5, 2, 4], "has": [0, 1, 0, 1, 0, 0],
    ...                       "x": [0.0, 0, 1, 1, 1, 2]})
    >>> study = read_study(frame, outcome="y", treated="has", covariates=["x"])
    >>> round(entropy_balanced_effect(study, outcome=Message("income")).estimate, 2)
    1.75
    """
    refuse(check_level(level))
    weights = entropy_weights(study)
    treated = study.treated == 1
    differences = normalised_differences(study, np.where(treated, 1.0, weights), scale="treated")
    base = float(np.sum(weights * study.outcome))
    estimate = float(study.outcome[treated].mean()) - base
    error = _error(study, weights, estimate)
    n_alike = float(1 / np.sum(weights**2))
    effect = Effect(
        estimates_table([row("all", "overall", estimate, error, level=level)]),
        outcome,
        unit,
        Estimator(Message("entropy balancing"), "Hainmueller 2012", f"scipy {version('scipy')}"),
        study.sample,
        Message("units without the policy, weighted to the same means"),
        (ALIKE, ALONE),
        diagnostics=(likeness(differences), _weight_carried(n_alike, int((~treated).sum()))),
        warnings=study.warnings,
        level=level,
        options={"covariates": tuple(study.covariates.columns)},
        input_hash=study.input_hash,
        made=made,
        details={"balance": differences},
    )
    second = float(study.outcome[treated].mean()) - float(np.sum(_by_primal(study) * study.outcome))
    return checked_against(effect, "algebra", second, float("nan"), tolerance=SAME)


def entropy_weights(study: Study) -> np.ndarray:
    """Return weights of the units without the policy, summing to one; 0 for those with it."""
    scaled, aim = _scaled(study)
    with np.errstate(all="ignore"):  # where no weights balance, the search runs away; that is checked below
        solution = minimize(
            lambda dual: logsumexp(scaled @ dual) - aim @ dual,
            np.zeros(scaled.shape[1]),
            jac=lambda dual: softmax(scaled @ dual) @ scaled - aim,
            method="BFGS",
            options={"gtol": 1e-10, "maxiter": 1000},
        )
    found = softmax(scaled @ solution.x)
    if np.abs(found @ scaled - aim).max() > BALANCED:
        raise BadInput(
            Problem(
                "covariates",
                "no weights make both sides alike: those with the policy lie outside the others",
                "Balance fewer covariates, or keep only units that have a counterpart.",
            )
        )
    weights = np.zeros(len(study.treated))
    weights[study.treated == 0] = found
    return weights


def _scaled(study: Study) -> tuple[np.ndarray, np.ndarray]:
    if study.covariates.empty:
        raise BadInput(Problem("covariates", "there are none to balance", "Read the study with some."))
    values = study.covariates.to_numpy(dtype=float)
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    return values[study.treated == 0], values[study.treated == 1].mean(axis=0)


def _by_primal(study: Study) -> np.ndarray:
    """Solve for weights as such, by Newton's steps on their first-order conditions."""
    scaled, aim = _scaled(study)
    dual = np.zeros(scaled.shape[1])
    for _ in range(200):
        found = softmax(scaled @ dual)
        off = found @ scaled - aim
        if np.abs(off).max() < BALANCED**2:
            break
        centred = scaled - found @ scaled
        step = np.linalg.lstsq(centred.T @ (found[:, None] * centred), off, rcond=None)[0]
        size = 1.0
        value = logsumexp(scaled @ dual) - aim @ dual
        while (
            size > BALANCED and logsumexp(scaled @ (dual - size * step)) - aim @ (dual - size * step) > value
        ):
            size /= 2
        dual = dual - size * step
    weights = np.zeros(len(study.treated))
    weights[study.treated == 0] = softmax(scaled @ dual)
    return weights


def _error(study: Study, weights: np.ndarray, estimate: float) -> float:
    """Return the standard error from the influence of each unit."""
    treated = study.treated == 1
    share = treated.mean()
    root = np.sqrt(weights[~treated])
    line, *_ = np.linalg.lstsq(
        study.design[~treated] * root[:, None], study.outcome[~treated] * root, rcond=None
    )
    rest = study.outcome - study.design @ line
    influence = np.where(treated, (rest - estimate) / share, -weights * len(weights) * rest)
    total = influence if study.cluster is None else np.bincount(study.cluster, weights=influence)
    factor = 1.0 if study.cluster is None else len(total) / (len(total) - 1)
    return float(np.sqrt(factor * np.sum(total**2)) / len(weights))


def _weight_carried(n_alike: float, n: int) -> Diagnostic:
    share = n_alike / n
    account = Message(
        "Weighting leaves as much information as {alike} of the {n} units without the policy.",
        {"alike": round(n_alike), "n": n},
    )
    return Diagnostic(
        Message("Units that carry the weight"), share, "holds" if share > HEAVY else "doubtful", account
    )
