"""The same regression by other hands: constants as columns, and the library's related errors."""

from __future__ import annotations

import warnings
from importlib.metadata import version

import numpy as np

from pk_research.policy.effects.spillovers.conley import ALL, Conley
from pk_research.policy.effects.spillovers.regression import Regression

MOST_ROWS = 2_000
FAR = 1e9


def second_fit(regression: Regression, conley: Conley) -> tuple[str, np.ndarray, np.ndarray] | None:
    """Return who computed it, coefficients and standard errors; None where there is no second way.

    Estimates: one least squares with all columns, constants for villages and periods among them (up to
    2,000 rows; by pyfixest beyond). Standard errors: those of diff-diff with our factor for small
    samples, up to 2,000 rows; missing for ``serial="all"`` in a panel, which it does not have, and
    where distances differ there and back.
    """
    n_told = regression.told.shape[1]
    nothing = np.full(n_told, np.nan)
    if len(regression.rows) > MOST_ROWS:
        return None if regression.instruments is not None else (*_by_pyfixest(regression), nothing)
    rows = regression.rows
    columns = [np.ones((len(rows), 1)), regression.held]
    if regression.is_panel:
        columns += [
            (rows[name].to_numpy()[:, None] == np.unique(rows[name])[None, 1:]).astype(float)
            for name in ("unit", "period")
        ]
    design = np.column_stack([regression.told, *columns])
    push = design if regression.instruments is None else np.column_stack([regression.instruments, *columns])
    coefficients = np.linalg.lstsq(push.T @ design, push.T @ rows["outcome"].to_numpy(), rcond=None)[0]
    if regression.instruments is not None or (regression.is_panel and conley.serial == ALL):
        return "algebra", coefficients[:n_told], nothing
    residuals = rows["outcome"].to_numpy() - design @ coefficients
    errors = _errors(regression, design, residuals, conley)
    return f"diff-diff {version('diff-diff')}", coefficients[:n_told], errors[:n_told]


def _errors(regression: Regression, design: np.ndarray, residuals: np.ndarray, conley: Conley) -> np.ndarray:
    from diff_diff.linalg import compute_robust_vcov

    near, rows = regression.near, regression.rows
    apart = np.full((len(near.codes), len(near.codes)), FAR)
    np.fill_diagonal(apart, 0)
    apart[near.start, near.end] = near.km
    if conley.cutoff_km == 0 or not np.array_equal(apart, apart.T):
        return np.full(design.shape[1], np.nan)

    def metric(there: np.ndarray, back: np.ndarray) -> np.ndarray:
        return np.asarray(apart[np.ix_(there[:, 0].astype(int), back[:, 0].astype(int))])

    over_time = (
        {
            "conley_time": rows["period"].to_numpy(),
            "conley_unit": rows["unit"].to_numpy(),
            "conley_lag_cutoff": conley.serial,
        }
        if regression.is_panel
        else {}
    )
    kept = _independent(design)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        covariance = compute_robust_vcov(
            design[:, kept],
            residuals,
            vcov_type="conley",
            conley_coords=np.column_stack([regression.place, np.zeros(len(rows))]).astype(float),
            conley_cutoff_km=conley.cutoff_km,
            conley_metric=metric,
            conley_kernel=conley.kernel,
            **over_time,
        )
    n, villages, k = len(rows), rows["unit"].nunique(), int(kept.sum())
    errors = np.full(design.shape[1], np.nan)
    factor = villages / (villages - 1) * (n - 1) / (n - k)
    errors[kept] = np.sqrt(np.maximum(np.diagonal(covariance), 0) * factor)
    return errors


def _independent(design: np.ndarray) -> np.ndarray:
    """Return which columns say something that those before have not said."""
    scaled = design / np.maximum(np.linalg.norm(design, axis=0), np.finfo(float).tiny)
    upper = np.linalg.qr(scaled, mode="r")
    return np.asarray(np.abs(np.diagonal(upper)) > 1e-9)


def _by_pyfixest(regression: Regression) -> tuple[str, np.ndarray]:
    import pyfixest

    told = [f"told_{n}" for n in range(regression.told.shape[1])]
    held = [f"held_{n}" for n in range(regression.held.shape[1])]
    data = regression.rows[["unit", "period", "outcome"]].copy()
    data[told], data[held] = regression.told, regression.held
    constants = " | unit + period" if regression.is_panel else ""
    fit = pyfixest.feols(f"outcome ~ {' + '.join([*told, *held])}{constants}", data, vcov="iid")
    return f"pyfixest {version('pyfixest')}", fit.coef()[told].to_numpy()
