"""Missing numbers imputed several times: types rest on the mean, the doubt on all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pk_research.clusters.partition import Points, Scale
from pk_research.compute.chance import derived_seed
from pk_research.indicators.composite.imputation import impute
from pk_research.indicators.composite.options import Options

DRAW = 11


@dataclass(frozen=True, eq=False)
class Imputations:
    """Villages whose missing values were imputed.

    Attributes
    ----------
    points
        Distinct villages by the mean of the imputations; two are the same only where they are so
        in every imputation.
    variants
        The values of each imputation, like ``points.rows``.
    """

    points: Points
    variants: tuple[np.ndarray, ...]


def imputed_points(
    values: np.ndarray, *, scale: Scale = "z", n_imputations: int = 20, seed: int = 0
) -> Imputations:
    """Impute missing values several times by regressions on the other variables, drawn at random.

    Parameters
    ----------
    values
        One row a village, one column a variable; NaN is missing. Every village has a value.
    scale
        ``"z"``: mean 0 and standard deviation 1 over the villages of all imputations, so that
        the spread is not that of the too regular mean; ``"none"``: as they are.
    n_imputations
        Number of imputations.
    seed
        Seed of all chance.

    References
    ----------
    Rubin (1987), Multiple imputation for nonresponse in surveys. van Buuren and Groothuis-Oudshoorn
    (2011), mice: multivariate imputation by chained equations.

    Examples
    --------
    >>> table = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0], [4.0, np.nan]])
    >>> found = imputed_points(table, scale="none", n_imputations=3)
    >>> len(found.variants), found.points.rows[:3].tolist()
    (3, [[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])
    """
    options = Options(imputation="multiple", n_imputations=n_imputations)
    draws = [draw.T for draw in impute(values.T, options, seed=derived_seed(seed, DRAW)).draws]
    whole = np.where(np.isnan(values), np.mean(draws, axis=0), values)
    versions = np.hstack([whole, *draws])
    rows, index, weights = np.unique(versions, axis=0, return_inverse=True, return_counts=True)
    if scale == "z":
        drawn = np.vstack(draws)
        rows = (rows - np.tile(drawn.mean(axis=0), len(draws) + 1)) / np.tile(
            drawn.std(axis=0), len(draws) + 1
        )
    mean, *variants = np.split(rows, len(draws) + 1, axis=1)
    return Imputations(Points(np.ascontiguousarray(mean), weights, index.reshape(-1)), tuple(variants))
