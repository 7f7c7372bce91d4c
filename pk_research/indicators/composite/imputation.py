"""Missing values: left missing, or filled by a stated rule and counted."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from pk_research.indicators.composite.options import Options

ROUNDS = 20


@dataclass(frozen=True, eq=False)
class Imputed:
    """The values after imputation.

    Attributes
    ----------
    filled
        One row an indicator, one column a unit. For ``"multiple"`` the mean of the draws.
    draws
        The completed values, one array a draw: several for ``"multiple"``, else ``filled`` alone.
    n_filled
        How many values of each indicator were filled.
    n_left
        How many are still missing.
    settled
        False when the regressions had not settled after twenty rounds.
    """

    filled: np.ndarray
    draws: tuple[np.ndarray, ...]
    n_filled: np.ndarray
    n_left: np.ndarray
    settled: bool = True


def impute(
    values: np.ndarray, options: Options, *, groups: np.ndarray | None = None, seed: int = 0
) -> Imputed:
    """Fill missing values by the rule the options name.

    A group without any value leaves its units missing. The regressions are Bayesian ridge, each
    indicator on all others, and never leave the range observed.

    Parameters
    ----------
    values
        One row an indicator, one column a unit; every row has a value.
    options
        ``imputation``, ``n_imputations``.
    groups
        Group of each unit, -1 where it has none; for the rules by group.
    seed
        Seed of the draws.

    References
    ----------
    van Buuren and Groothuis-Oudshoorn (2011), mice: multivariate imputation by chained equations;
    `sklearn.impute.IterativeImputer`.

    Examples
    --------
    >>> from pk_research.indicators.composite.options import Options
    >>> rule = Options(imputation="group mean", group="island")
    >>> impute(np.array([[1.0, 3.0, np.nan, 9.0]]), rule, groups=np.array([0, 0, 0, 1])).filled
    array([[1., 3., 2., 9.]])
    """
    how, settled = options.imputation, True
    missing = np.isnan(values)
    if how == "none" or not missing.any():
        draws: tuple[np.ndarray, ...] = (values,)
    elif how in {"iterative", "multiple"}:
        n_draws = options.n_imputations if how == "multiple" else 1
        seeds = np.random.SeedSequence(seed).generate_state(n_draws)
        fits = [_by_regression(values, int(each), draw=how == "multiple") for each in seeds]
        draws, settled = tuple(fit[0] for fit in fits), all(fit[1] for fit in fits)
    else:
        draws = (_by_average(values, how, groups if how.startswith("group") else None),)
    filled = draws[0] if len(draws) == 1 else np.mean(draws, axis=0)
    left = np.isnan(filled)
    return Imputed(filled, draws, (missing & ~left).sum(axis=1), left.sum(axis=1), settled)


def _by_average(values: np.ndarray, how: str, groups: np.ndarray | None) -> np.ndarray:
    frame = pd.DataFrame(values.T)
    average = "median" if how.endswith("median") else "mean"
    if groups is None:
        return np.ascontiguousarray(frame.fillna(frame.agg(average)).T)
    known = pd.Series(groups).where(groups >= 0)
    return np.ascontiguousarray(frame.fillna(frame.groupby(known).transform(average)).T)


def _by_regression(values: np.ndarray, seed: int, *, draw: bool) -> tuple[np.ndarray, bool]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - allows the next import
    from sklearn.impute import IterativeImputer
    from threadpoolctl import threadpool_limits

    imputer = IterativeImputer(
        sample_posterior=draw,
        max_iter=ROUNDS,
        min_value=np.nanmin(values, axis=1),
        # The library wants a range even where all values are equal.
        max_value=np.maximum(np.nanmax(values, axis=1), np.nextafter(np.nanmin(values, axis=1), np.inf)),
        random_state=seed,
    )
    # Threads only wait for each other in regressions this small.
    with warnings.catch_warnings(record=True) as caught, threadpool_limits(limits=1):
        warnings.simplefilter("always", ConvergenceWarning)
        filled = imputer.fit_transform(values.T).T
    # Draws never settle: they are meant to differ from round to round.
    settled = draw or not any(issubclass(each.category, ConvergenceWarning) for each in caught)
    return np.ascontiguousarray(np.where(np.isnan(values), filled, values)), settled
