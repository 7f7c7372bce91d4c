"""What related errors do to standard errors where villages are few: too small by how much, and how unsure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from pk_research.policy.effects.spillovers.conley import ALL, Conley, pair_weights
from pk_research.policy.effects.spillovers.near import Near
from pk_research.policy.effects.spillovers.regression import NOTHING_LEFT, Fit, Regression, apart

MOST_ROWS = 2_000


@dataclass(frozen=True, eq=False)
class FewVillages:
    """How the variance of a sum of coefficients comes out on average when errors are related as assumed.

    Attributes
    ----------
    slopes
        Rows x coefficients: the coefficients are these times the outcome.
    kernel
        Weights of pairs of rows in the variance.
    related, left
        Rows x rows: covariance of errors under the working model, and of the residuals it leaves.
    """

    slopes: np.ndarray
    kernel: sparse.csr_array
    related: np.ndarray
    left: np.ndarray

    def of(self, residuals: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
        """Return standard error and degrees of freedom of a weighted sum; missing where they have none.

        Parameters
        ----------
        residuals
            Of the regression.
        weights
            Of each coefficient in the sum.

        Notes
        -----
        The variance is a quadratic form e'Be of the errors. It is multiplied by what it should be over
        what it is on average, a'Oa / tr(BMOM), and its degrees of freedom are those of the chi-square
        with the same mean and variance (Satterthwaite): tr(BMOM)^2 / tr(BMOMBMOM).
        """
        pull = self.slopes @ weights
        form = self.kernel.multiply(np.outer(pull, pull)).tocsr()
        between = form @ self.left
        mean, spread = float(np.trace(between)), float(np.einsum("ij,ji->", between, between))
        right = float(pull @ self.related @ pull)
        found = float(residuals @ (form @ residuals))
        if not (min(mean, right) > 0 and spread > 0 and found >= 0):
            return float("nan"), float("nan")
        return float(np.sqrt(found * right / mean)), mean**2 / spread


def doubt(fit: Fit, few: FewVillages | None, weights: np.ndarray) -> tuple[float, float]:
    """Return standard error and degrees of freedom of a weighted sum of coefficients.

    Corrected where that can be done, else those of the covariance; missing for a variance below zero.

    Parameters
    ----------
    fit
        The regression.
    few
        What is known of its errors; none to take its covariance as it is.
    weights
        Of each coefficient in the sum.
    """
    if few is not None:
        error, df = few.of(fit.residuals, weights)
        if np.isfinite(error):
            return error, df
    variance = float(weights @ fit.covariance @ weights)
    return float(np.sqrt(variance)) if variance >= 0 else float("nan"), fit.df


def corrected(fit: Fit, few: FewVillages | None) -> Fit:
    """Return the fit with corrected variances, the same correlations and the fewest degrees of freedom."""
    doubts = [doubt(fit, few, weights) for weights in np.eye(len(fit.coefficients))]
    errors, dfs = map(np.array, zip(*doubts, strict=True))
    plain = np.sqrt(np.diagonal(fit.covariance))
    scale = np.divide(errors, plain, out=np.ones_like(plain), where=plain > 0)
    return replace(fit, covariance=fit.covariance * np.outer(scale, scale), df=float(dfs.min()))


def few_villages(regression: Regression, conley: Conley) -> FewVillages | None:
    """Return what is known of the standard errors of a regression; None beyond 2,000 rows.

    Under the working model errors of a period are related by 1 - distance / cut-off, and those of
    different periods only by the village constants.

    Parameters
    ----------
    regression
        Rows, what is told and held.
    conley
        How errors are related.

    Notes
    -----
    Least squares leaves residuals that are less related, and smaller, than the errors were: a standard
    error made of them is too small. The correction is that of Bell and McCaffrey (2002), *Survey
    Methodology* 28(2), and Imbens and Kolesár (2016), *Review of Economics and Statistics* 98(4), with
    errors related over space in place of independent ones.

    Examples
    --------
    With nobody related to anybody it is Welch's standard error of a difference of means:

    >>> import pandas as pd
    >>> from pk_research.policy.effects.spillovers.near import near_by_place
    >>> places = pd.DataFrame({"latitude": 0.0, "longitude": [0.0, 0.1, 0.2, 0.3]}, index=list("abcd"))
    >>> outcome = np.array([1.0, 3, 2, 5])
    >>> rows = pd.DataFrame({"unit": [1, 2, 3, 4], "period": 1, "outcome": outcome})
    >>> told = np.array([[0.0], [1], [0], [1]])
    >>> regression = Regression(rows, told, np.empty((4, 0)), np.arange(4), near_by_place(places, km=5),
    ...                         False, ("the policy",))
    >>> found = few_villages(regression, Conley(0))
    >>> residuals = outcome - np.where(told[:, 0] == 1, 4, 1.5)
    >>> error, df = found.of(residuals, np.array([1.0]))
    >>> round(error, 4), round(float(np.sqrt(0.5 / 2 + 2 / 2)), 4), round(df, 6)
    (1.118, 1.118, 2.0)
    """
    if len(regression.rows) > MOST_ROWS:
        return None
    rows = regression.rows
    told, _, push, _ = apart(regression)
    slopes = push @ np.linalg.inv(told.T @ push)
    period, unit = rows["period"].to_numpy(), rows["unit"].to_numpy()
    place = np.ix_(regression.place, regression.place)
    over_space = _over_space(regression.near, conley)[place]
    # The uniform kernel is the covariance of no errors there could be.
    falling = _over_space(regression.near, replace(conley, kernel="bartlett"))[place]
    is_same_period = period[:, None] == period
    if conley.serial == ALL:
        kernel = over_space
    else:
        order = np.unique(period, return_inverse=True)[1]
        over_time = np.clip(1 - np.abs(order[:, None] - order) / (conley.serial + 1), 0, None)
        kernel = np.where(unit[:, None] == unit, over_time, np.where(is_same_period, over_space, 0.0))
    related = np.where(is_same_period, falling, 0.0)
    leaves = _outside(regression) - told @ slopes.T
    return FewVillages(slopes, sparse.csr_array(kernel), related, leaves @ related @ leaves.T)


def _over_space(near: Near, conley: Conley) -> np.ndarray:
    """Return the weight of each pair of villages; the mean of both where ways there and back differ."""
    weights = pair_weights(near, conley).toarray()
    return np.asarray((weights + weights.T) / 2 + np.eye(len(weights)))


def _outside(regression: Regression) -> np.ndarray:
    """Return what takes constants and all that is held constant out of a column, as a matrix."""
    rows, n = regression.rows, len(regression.rows)
    columns = regression.held
    means = np.full((n, n), 1 / n)
    if regression.is_panel:
        period, unit = rows["period"].to_numpy(), rows["unit"].to_numpy()
        columns = np.column_stack([columns, (period[:, None] == np.unique(period)[None, 1:]).astype(float)])
        means = (unit[:, None] == unit) / np.bincount(regression.place)[regression.place]
    raw = np.linalg.norm(columns, axis=0)
    columns = columns - means @ columns
    size = np.linalg.norm(columns, axis=0)
    columns = (columns / np.where(size > 0, size, 1))[:, size > NOTHING_LEFT * raw]
    directions, sizes, _ = np.linalg.svd(columns, full_matrices=False)
    directions = directions[:, sizes > NOTHING_LEFT]
    return np.asarray(np.eye(n) - means - directions @ directions.T)
