"""Standard errors that few units or clusters with the policy do not make too small."""

from __future__ import annotations

import numpy as np

NOTHING_LEFT = 1e-10


def bias_reduced_error(
    outcome: np.ndarray, design: np.ndarray, cluster: np.ndarray | None = None, *, term: int = 0
) -> tuple[float, float]:
    """Return standard error (CR2) and degrees of freedom of a coefficient of least squares.

    The usual clustered error is made of residuals, which are smaller than the errors were: most of all
    where few clusters have the policy, however many have it not. Each cluster's residuals are stretched so
    that the variance is right on average if errors are alike and independent; the degrees of freedom are
    those of the chi-square with the same mean and variance (Satterthwaite).

    Parameters
    ----------
    outcome
        One value a row, none missing.
    design
        Rows x regressors, of full rank. Constants of units that lie within clusters may be left out when
        they were taken out of outcome and design: nothing changes (Pustejovsky and Tipton 2018, theorem 2).
    cluster
        The cluster of each row; without, each row is one, and this is HC2.
    term
        Column of the coefficient.

    Returns
    -------
    tuple of float
        Standard error, and degrees of freedom of Student's distribution; both missing where the coefficient
        hangs on rows that the regression always fits without a rest, so that their chance cannot be known.

    Notes
    -----
    Bell and McCaffrey (2002), *Survey Methodology* 28(2); Imbens and Kolesár (2016), *Review of Economics and
    Statistics* 98(4); Pustejovsky and Tipton (2018), *Journal of Business & Economic Statistics* 36(4).

    Examples
    --------
    A difference of means has Welch's error; with 3 of 30 the degrees of freedom are 2.5 (Imbens and Kolesár):

    >>> has, outcome = np.arange(30) < 3, np.arange(30.0) ** 2
    >>> error, df = bias_reduced_error(outcome, np.column_stack([has, np.ones(30)]))
    >>> welch = (outcome[has].var(ddof=1) / 3 + outcome[~has].var(ddof=1) / 27) ** 0.5
    >>> round(float(error / welch), 6), round(df, 1)
    (1.0, 2.5)
    """
    contrast = np.eye(design.shape[1])[term]
    covariance, freedom = bias_reduced_contrasts(outcome, design, contrast[None, :], cluster)
    return float(np.sqrt(covariance[0, 0])), float(freedom[0])


def bias_reduced_contrasts(
    outcome: np.ndarray, design: np.ndarray, contrasts: np.ndarray, cluster: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return covariance (CR2) and degrees of freedom of sums of coefficients, as `bias_reduced_error` does.

    Parameters
    ----------
    outcome, design, cluster
        As in `bias_reduced_error`.
    contrasts
        Sums x regressors: what each coefficient counts in each sum.

    Returns
    -------
    tuple of two arrays
        Covariance of the sums, and for each the degrees of freedom of Student's distribution; missing where
        a sum hangs on rows that the regression always fits without a rest.

    Examples
    --------
    The mean of two groups' distances from a third, each group with a spread of its own:

    >>> group, outcome = np.repeat([0, 1, 2], 10), np.arange(30.0) ** 2
    >>> design = np.column_stack([group == 1, group == 2, np.ones(30)])
    >>> covariance, df = bias_reduced_contrasts(outcome, design, np.array([[0.5, 0.5, 0]]))
    >>> spread = [outcome[group == one].var(ddof=1) / 10 for one in (0, 1, 2)]
    >>> known = spread[0] + spread[1] / 4 + spread[2] / 4
    >>> round(float(covariance[0, 0] / known), 6), round(float(df[0]), 1)
    (1.0, 18.0)
    """
    basis, triangle = np.linalg.qr(design)
    residuals = outcome - basis @ (basis.T @ outcome)
    pull = basis @ np.linalg.solve(triangle.T, contrasts.T)
    codes = np.arange(len(outcome)) if cluster is None else np.unique(cluster, return_inverse=True)[1]
    order = np.argsort(codes, kind="stable")
    basis, residuals, pull = basis[order], residuals[order], pull[order]
    first = np.flatnonzero(np.diff(codes[order], prepend=-1))
    ends = [*first[1:], len(order)]
    stretched = np.concatenate(
        [_stretched(basis[one:end], pull[one:end]) for one, end in zip(first, ends, strict=True)]
    )
    sums = np.add.reduceat(stretched * residuals[:, None], first)
    sizes = np.add.reduceat(stretched**2, first)
    freedom = [
        _freedom(of_one, np.add.reduceat(basis * column[:, None], first))
        for of_one, column in zip(sizes.T, stretched.T, strict=True)
    ]
    return sums.T @ sums, np.array(freedom)


def _freedom(sizes: np.ndarray, shared: np.ndarray) -> float:
    """Return Satterthwaite's degrees of freedom of a sum over clusters.

    Were errors alike and independent, the covariance of its parts would be diag(sizes) - shared shared'.
    """
    between = shared.T @ shared
    mean = sizes.sum() - np.trace(between)
    spread = sizes @ sizes - 2 * sizes @ np.square(shared).sum(axis=1) + np.square(between).sum()
    return float(mean**2 / spread)


def _stretched(basis: np.ndarray, pull: np.ndarray) -> np.ndarray:
    """Multiply by the inverse root of what the regression leaves of a cluster, (I - QQ')^(-1/2).

    Missing in the columns of ``pull`` that hang on what has no inverse: the residual there is always zero.
    """
    directions, sizes, _ = np.linalg.svd(basis, full_matrices=False)
    left, along = 1 - np.square(sizes), directions.T @ pull
    is_left = left > NOTHING_LEFT
    factors = np.where(is_left, 1 / np.sqrt(np.where(is_left, left, 1)), 0)
    stretched = pull + directions @ ((factors - 1)[:, None] * along)
    hangs = np.abs(along[~is_left]).max(axis=0, initial=0) > NOTHING_LEFT
    return np.where(hangs, np.nan, stretched)
