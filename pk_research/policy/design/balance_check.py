"""What a table of balance needs; everything wrong is told at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from pk_research.errors import BadInput, Problem
from pk_research.products.words import some

FEWEST, NOTHING = 2, 1e-9


def check_balance(  # noqa: PLR0917 - the columns of a balance table
    frame: pd.DataFrame,
    treatment: str,
    covariates: tuple[str, ...],
    clusters: str | None,
    strata: str | None,
    weights: str | None,
    draws: int,
) -> None:
    """Refuse what cannot be compared; parameters and errors as in `balance`."""
    named = [name for name in (clusters, strata, weights) if name is not None]
    problems = _columns(frame, treatment, covariates, named)
    if problems:
        raise BadInput(problems)
    if not isinstance(draws, int) or draws < 1:
        problems.append(Problem("draws", f"it is {draws}", "Give a whole number, such as 999."))
    for name in (clusters, strata):
        if name is not None and frame[name].isna().any():
            n = int(frame[name].isna().sum())
            problems.append(Problem(name, f"it is missing in {n} rows", "Fill it or leave these rows out."))
    found = _treatment(frame[treatment])
    problems += found
    if not found:
        treated = frame[treatment].to_numpy(dtype=float) == 1
        faults = _weights(frame[weights], treated) if weights is not None else []
        is_counted = np.ones(len(frame), dtype=bool)
        if weights is not None and not faults:
            is_counted = frame[weights].to_numpy(dtype=float) > 0
        problems += faults
        problems += [fault for name in covariates for fault in _covariate(frame[name], treated, is_counted)]
    if problems:
        raise BadInput(problems)


def _columns(
    frame: pd.DataFrame, treatment: str, covariates: tuple[str, ...], named: list[str]
) -> list[Problem]:
    problems = [
        Problem("frame", f"there is no column '{name}'", "Name a column that is there.")
        for name in dict.fromkeys([treatment, *covariates, *named])
        if name not in frame.columns
    ]
    twice = sorted({name for name in covariates if covariates.count(name) > 1})
    if twice:
        problems.append(Problem("covariates", f"named twice: {some(twice)}", "Name each once."))
    if not covariates:
        problems.append(Problem("covariates", "there is none", "Name at least one."))
    if treatment in covariates:
        problems.append(Problem("covariates", f"'{treatment}' is the treatment", "Leave it out."))
    return problems


def check_joint(
    x: np.ndarray, names: tuple[str, ...], treated: np.ndarray, cluster: np.ndarray, dummies: np.ndarray
) -> None:
    """Refuse a joint test that cannot be made of the rows without missing values.

    Parameters
    ----------
    x
        Rows x variables, none missing.
    names
        Of the variables.
    treated, cluster
        A value a row.
    dummies
        Rows x strata.

    Raises
    ------
    BadInput
        When an arm is empty, there are too many variables for the clusters, or some say the same.
    """
    n_clusters = len(np.unique(cluster))
    problems = []
    if min((treated == 1).sum(), (treated == 0).sum()) < FEWEST:
        what = f"only {len(treated)} rows miss nothing, and an arm has fewer than {FEWEST} of them"
        problems.append(Problem("covariates", what, "Leave out what is often missing, or give joint=False."))
    if len(names) >= n_clusters - dummies.shape[1]:
        what = f"{len(names)} for {n_clusters} clusters or rows in {dummies.shape[1]} strata"
        problems.append(
            Problem("covariates", f"too many for the joint test: {what}", "Name fewer, or give joint=False.")
        )
    if problems:
        raise BadInput(problems)
    # What each variable adds to the strata and the variables before it stands on the diagonal.
    added = np.abs(np.diag(np.linalg.qr(within(x, dummies))[1]))
    problems = [
        Problem(name, "it follows from the strata and the variables before it", "Leave it out.")
        for name, size in zip(names, added, strict=True)
        if size < NOTHING * np.sqrt(len(x))
    ]
    if problems:
        raise BadInput(problems)


def within(x: np.ndarray, dummies: np.ndarray) -> np.ndarray:
    """Return variables less their means in each stratum.

    Parameters
    ----------
    x
        Rows x variables.
    dummies
        Rows x strata.

    Examples
    --------
    >>> within(np.array([[1.0], [3.0], [5.0]]), np.array([[1, 0], [1, 0], [0, 1]])).ravel().tolist()
    [-1.0, 1.0, 0.0]
    """
    centred: np.ndarray = x - dummies @ ((dummies.T @ x) / dummies.sum(axis=0)[:, None])
    return centred


def _treatment(values: pd.Series) -> list[Problem]:
    name = str(values.name)
    if values.isna().any():
        n = int(values.isna().sum())
        return [Problem(name, f"the treatment is missing in {n} rows", "Fill it or leave these rows out.")]
    if not (is_numeric_dtype(values) or is_bool_dtype(values)) or not values.isin([0, 1]).all():
        shown = some(sorted(map(str, values.unique())))
        return [Problem(name, f"the treatment has the values {shown}", "Give 0 and 1.")]
    n = values.astype(int).value_counts().reindex([0, 1], fill_value=0)
    if n.min() < FEWEST:
        what = f"{n[1]} rows are treated and {n[0]} are not"
        return [Problem(name, what, "Give at least two rows in each arm.")]
    return []


def _weights(values: pd.Series, treated: np.ndarray) -> list[Problem]:
    name = str(values.name)
    if not is_numeric_dtype(values):
        return [Problem(name, f"the weights are not numbers ({values.dtype})", "Give numbers.")]
    weights = values.to_numpy(dtype=float, na_value=np.nan)
    n_wrong = int((~np.isfinite(weights) | (weights < 0)).sum())
    if n_wrong:
        return [Problem(name, f"{n_wrong} weights are missing, infinite or below zero", "Give 0 or more.")]
    if min((weights[treated] > 0).sum(), (weights[~treated] > 0).sum()) < FEWEST:
        return [Problem(name, "an arm has fewer than two weights above zero", "Weight both arms.")]
    return []


def _covariate(values: pd.Series, treated: np.ndarray, is_counted: np.ndarray) -> list[Problem]:
    name = str(values.name)
    if not (is_numeric_dtype(values) or is_bool_dtype(values)):
        return [Problem(name, f"it is not numbers ({values.dtype})", "Give 0 and 1, a column a category.")]
    x = values.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(x).any():
        return [Problem(name, f"{int(np.isinf(x).sum())} values are infinite", "Give finite numbers.")]
    known = np.isfinite(x) & is_counted
    if min((known & treated).sum(), (known & ~treated).sum()) < FEWEST:
        return [Problem(name, "an arm has fewer than two known values", "Leave the variable out.")]
    if np.ptp(x[known & treated]) == 0 and np.ptp(x[known & ~treated]) == 0:
        what = "it is the same in all rows of an arm, in both arms"
        return [Problem(name, what, "Leave it out: it has no spread to compare a difference to.")]
    return []
