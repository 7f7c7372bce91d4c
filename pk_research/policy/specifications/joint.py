"""All specifications at once: how rare the whole curve would be had the policy done nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.special import ndtri

from pk_research.policy.specifications.runs import Choices, Run, again

STATISTICS = ("median", "share_significant", "stouffer")
LOTS_AT_ONCE = 10
TIE = 1e-10


@dataclass(frozen=True, eq=False)
class Joint:
    """What the lot says of the whole curve.

    Attributes
    ----------
    results
        By statistic (``median``, ``share_significant``, ``stouffer``): ``observed``, ``p_value``
        (two-sided, the lot drawn included), ``p_value_error`` (Monte Carlo; 0 where all lots were
        tried).
    draws
        One row a lot: the three statistics.
    are_all
        True where no other lots exist.
    n_with_failures
        Lots in which some specification failed; their statistics are those of the others.
    """

    results: pd.DataFrame
    draws: pd.DataFrame
    are_all: bool
    n_with_failures: int


def statistics_of(estimate: np.ndarray, p_value: np.ndarray, alpha: float) -> tuple[float, float, float]:
    """Return median, largest share significant of one sign, and Stouffer's Z; missing ones are left out.

    Parameters
    ----------
    estimate, p_value
        One a specification, of one scale; p-values two-sided.
    alpha
        Below which a p-value counts as significant.

    Examples
    --------
    >>> found = statistics_of(np.array([1.0, 2.0, -1.0]), np.array([0.01, 0.2, 0.5]), 0.05)
    >>> [round(value, 3) for value in found]
    [1.0, 0.333, 1.838]
    """
    known = np.isfinite(estimate) & np.isfinite(p_value)
    if not known.any():
        return (float("nan"),) * 3
    estimate, p_value = estimate[known], p_value[known]
    significant = p_value < alpha
    share = max((significant & (estimate > 0)).mean(), (significant & (estimate < 0)).mean())
    # A p-value that underflows to 0 would have an infinite Z.
    size = -ndtri(np.maximum(p_value, np.finfo(float).tiny) / 2)
    stouffer = (np.sign(estimate) * size).sum() / np.sqrt(len(estimate))
    return float(np.median(estimate)), float(share), float(stouffer)


def joint_inference(
    runs: Sequence[Run],
    choices: Choices,
    drawn: np.ndarray,
    *,
    are_all: bool,
    scales: np.ndarray,
    alpha: float,
    n_jobs: int | None,
) -> Joint:
    """Run every specification again for each lot and compare the curve with those curves.

    Parameters
    ----------
    runs
        Those that did not fail.
    choices
        Where their estimators are.
    drawn, are_all
        Who has the policy, one lot a row; whether these are all lots.
    scales
        What each run's estimates are divided by.
    alpha
        Of significance.
    n_jobs
        Workers; the result does not depend on it.
    """
    estimators = choices.estimators
    parts = Parallel(n_jobs=n_jobs)(
        delayed(again)(runs, estimators, drawn[start : start + LOTS_AT_ONCE])
        for start in range(0, len(drawn), LOTS_AT_ONCE)
    )
    curves = [curve for part in parts for curve in part]
    draws = pd.DataFrame(
        [statistics_of(estimate / scales, p_value, alpha) for estimate, p_value in curves],
        columns=list(STATISTICS),
    )
    observed = statistics_of(
        np.array([one.figures[0] for one in runs]) / scales,
        np.array([one.figures[-1] for one in runs]),
        alpha,
    )
    rows = []
    for name, here in zip(STATISTICS, observed, strict=True):
        there = draws[name].dropna().abs().to_numpy()
        n = int((there >= abs(here) * (1 - TIE)).sum())
        p = n / len(there) if are_all and len(there) else (1 + n) / (1 + len(there))
        error = 0.0 if are_all else float(np.sqrt(p * (1 - p) / max(1, len(there))))
        rows.append((here, p, error))
    results = pd.DataFrame(
        rows, index=pd.Index(STATISTICS, name="statistic"), columns=["observed", "p_value", "p_value_error"]
    )
    n_with_failures = sum(bool(np.isnan(estimate).any()) for estimate, _ in curves)
    return Joint(results, draws, are_all, n_with_failures)
