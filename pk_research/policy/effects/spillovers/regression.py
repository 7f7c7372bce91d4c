"""The regression behind the rings: what is told, after all else was taken out, with related errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from pk_research.errors import BadInput, Problem
from pk_research.policy.effects.did.fixed_effects import within
from pk_research.policy.effects.spillovers.conley import Conley, conley_covariance
from pk_research.policy.effects.spillovers.near import Near

NOTHING_LEFT = 1e-8


@dataclass(frozen=True, eq=False)
class Regression:
    """Rows of a regression, with what is told and what is held constant.

    Attributes
    ----------
    rows
        ``unit``, ``period`` (numbers), ``outcome``.
    told
        Regressors whose coefficients are told, one column each.
    held
        Those held constant; no constant among them.
    place
        Of each row's village in ``near.codes``.
    near
        Pairs of villages.
    is_panel
        True for constants for villages and periods, False for one constant.
    names
        Of what is told, for what is refused.
    instruments
        One column for each told regressor, where these are instrumented.
    """

    rows: pd.DataFrame
    told: np.ndarray
    held: np.ndarray
    place: np.ndarray
    near: Near
    is_panel: bool
    names: tuple[str, ...]
    instruments: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Fit:
    """Coefficients with covariance, and degrees of freedom of their t distribution.

    Attributes
    ----------
    coefficients, covariance
        Of what is told.
    df
        Rows less coefficients for one time, villages less one for a panel.
    residuals
        One for each row.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    df: float
    residuals: np.ndarray


def fitted(regression: Regression, conley: Conley) -> Fit:
    """Return the coefficients by least squares (or instruments), with errors related over space.

    Examples
    --------
    >>> from pk_research.policy.effects.spillovers.near import near_by_place
    >>> places = pd.DataFrame({"latitude": 0.0, "longitude": [0.0, 0.1, 0.2, 0.3]}, index=list("abcd"))
    >>> rows = pd.DataFrame({"unit": [1, 2, 3, 4], "period": 1, "outcome": [1.0, 3, 2, 4]})
    >>> regression = Regression(rows, np.array([[0.0], [1], [0], [1]]), np.empty((4, 0)), np.arange(4),
    ...                         near_by_place(places, km=5), False, ("the policy",))
    >>> fit = fitted(regression, Conley(0))
    >>> fit.coefficients.tolist(), fit.df
    ([2.0], 2)
    """
    told, outcome, push, n_absorbed = apart(regression)
    coefficients = np.linalg.solve(push.T @ told, push.T @ outcome)
    residuals = outcome - told @ coefficients
    rows = regression.rows
    # Errors of a village that are related through all years make it a cluster, in which its constant lies.
    is_clustered = regression.is_panel and conley.serial == "all"
    n_nested = rows["unit"].nunique() - 1 if is_clustered else 0
    covariance = conley_covariance(
        told,
        residuals,
        near=regression.near,
        unit=regression.place,
        period=rows["period"].to_numpy() if regression.is_panel else None,
        conley=conley,
        n_absorbed=n_absorbed - n_nested,
        instruments=push,
        names=regression.names,
    )
    n_free = len(rows) - n_absorbed - told.shape[1]
    df = rows["unit"].nunique() - 1 if regression.is_panel else n_free
    return Fit(coefficients, covariance, df, residuals)


def joint_p_value(fit: Fit) -> float:
    """Return the p-value that all but the first coefficient are 0 (F test); missing where it has none."""
    coefficients, covariance = fit.coefficients[1:], fit.covariance[1:, 1:]
    scale = np.sqrt(np.diagonal(covariance))
    if not (scale > 0).all() or np.linalg.eigvalsh(covariance / np.outer(scale, scale))[0] <= 1e-12:
        return float("nan")
    statistic = coefficients @ np.linalg.solve(covariance, coefficients) / len(coefficients)
    return float(special.fdtrc(len(coefficients), fit.df, statistic))


def apart(regression: Regression) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Return told regressors, outcome and instruments with all else taken out, and how much that was."""
    rows = regression.rows
    push = regression.told if regression.instruments is None else regression.instruments
    columns = np.column_stack([regression.told, rows["outcome"].to_numpy(), push])
    held = regression.held
    if regression.is_panel:
        columns, held = (
            np.column_stack([within(rows, column) for column in part.T]) if part.shape[1] else part
            for part in (columns, held)
        )
        n_absorbed = rows["unit"].nunique() + rows["period"].nunique() - 1
    else:
        columns, held = columns - columns.mean(axis=0), held - held.mean(axis=0)
        n_absorbed = 1
    scale = np.abs(held).max(axis=0, initial=0)
    raw = np.abs(regression.held).max(axis=0, initial=0)
    held = held[:, scale > NOTHING_LEFT * np.maximum(raw, 1)]
    if held.shape[1]:
        slopes, _, rank, _ = np.linalg.lstsq(held / np.abs(held).max(axis=0), columns, rcond=None)
        columns = columns - held / np.abs(held).max(axis=0) @ slopes
        n_absorbed += int(rank)
    n_told = regression.told.shape[1]
    told, outcome, push = columns[:, :n_told], columns[:, n_told], columns[:, n_told + 1 :]
    return told, outcome, told if regression.instruments is None else push, n_absorbed


def check_told(regression: Regression) -> None:
    """Raise what cannot be told apart from what comes before it.

    Raises
    ------
    BadInput
        Naming rings nobody is in, and rings that follow from the policy, the covariates or other rings.
    """
    told, _, push, n_absorbed = apart(regression)
    problems = []
    kept = np.empty((len(told), 0))
    for n, name in enumerate(regression.names):
        raw, column = regression.told[:, n], told[:, n]
        size = float(np.linalg.norm(raw - raw.mean()))
        rest = column - kept @ (kept.T @ column)
        rest = rest - kept @ (kept.T @ rest)
        if not np.abs(raw).any():
            problems.append(
                Problem(
                    name,
                    "nobody in the rows is exposed in it",
                    "Join it with another ring, or leave it out.",
                )
            )
        elif np.linalg.norm(rest) <= NOTHING_LEFT * size:
            problems.append(
                Problem(
                    name,
                    "it follows from the policy, the rings and the covariates before it (collinear)",
                    "Take fewer rings, another measure, or leave the covariate out.",
                )
            )
        else:
            kept = np.column_stack([kept, rest / np.linalg.norm(rest)])
    if not problems and len(told) <= n_absorbed + told.shape[1]:
        problems.append(
            Problem("the table", "it has no more rows than coefficients", "Take fewer rings or covariates.")
        )
    if not problems and np.linalg.matrix_rank(push.T @ told) < told.shape[1]:
        problems.append(
            Problem(
                "recentring",
                "the recentred exposures say nothing of the exposures",
                "Take recentring='control', or fewer rings.",
            )
        )
    if problems:
        raise BadInput(problems)
