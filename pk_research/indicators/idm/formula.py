"""The formula of IDM, kept exact.

One score point moves IDM by 12 / 6300 in IKS, 35 / 6300 in IKE and 140 / 6300 in IKL, so IDM is a
whole number of 6300ths and no sum of whole scores ever meets a cut-off: adding in 6300ths leaves
nothing to the rounding of binary fractions.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from pk_research.sources.idm_indicators import MAX_SCORE, N_INDICATORS
from pk_research.sources.vocabulary import IDM_STATUS

SUB_INDICES = tuple(N_INDICATORS)
STATUS_CUTOFFS = (
    (0.4907, "Sangat Tertinggal"),
    (0.5989, "Tertinggal"),
    (0.7072, "Berkembang"),
    (0.8155, "Maju"),
    (math.inf, "Mandiri"),
)
MAX_POINTS = {index: MAX_SCORE * n for index, n in N_INDICATORS.items()}
UNITS = 6300
UNITS_PER_POINT = {index: UNITS // (len(SUB_INDICES) * most) for index, most in MAX_POINTS.items()}


def sub_index_from_points(points: pd.Series, index: str) -> pd.Series:
    """Turn the score points of a sub-index into its value.

    Parameters
    ----------
    points
        Sum of the scores of all indicators of the sub-index, by village; missing when any score
        is missing (the sum is not renormalised over the scores there are).
    index
        ``"iks"``, ``"ike"`` or ``"ikl"``.

    Returns
    -------
    pandas.Series
        Points over the greatest possible points, 0 to 1.

    References
    ----------
    Permendesa PDTT 2/2016.

    Examples
    --------
    >>> sub_index_from_points(pd.Series([15, 9]), "ikl").tolist()
    [1.0, 0.6]
    """
    return points / MAX_POINTS[index]


def idm_from_points(points: pd.DataFrame) -> pd.Series:
    """Compute IDM, the mean of the three sub-indices, from their score points.

    Parameters
    ----------
    points
        Columns ``iks``, ``ike``, ``ikl``: score points by village (0-175, 0-60, 0-15).

    Returns
    -------
    pandas.Series
        IDM, 0 to 1; missing when any sub-index is missing.

    References
    ----------
    Permendesa PDTT 2/2016.

    Examples
    --------
    >>> idm_from_points(pd.DataFrame({"iks": [175], "ike": [30], "ikl": [9]})).tolist()
    [0.7]
    """
    return units_from_points(points) / UNITS


def units_from_points(points: pd.DataFrame) -> pd.Series:
    """Add the score points in 6300ths of IDM; whole numbers as long as the points are whole.

    Examples
    --------
    >>> units_from_points(pd.DataFrame({"iks": [1], "ike": [1], "ikl": [1]})).tolist()
    [187.0]
    """
    parts = [points[index].astype("float64") * UNITS_PER_POINT[index] for index in SUB_INDICES]
    return parts[0] + parts[1] + parts[2]


def status(idm: pd.Series) -> pd.Series:
    """Label each village by its IDM.

    Parameters
    ----------
    idm
        IDM by village, 0 to 1. A value within 1e-12 of a cut-off counts as the cut-off itself:
        the mean of 0.7714, 0.6835 and 0.6667 is 0.7072, though not in binary fractions.

    Returns
    -------
    pandas.Series
        Ordered categories from ``"Sangat Tertinggal"`` to ``"Mandiri"``; missing stays missing.

    References
    ----------
    Permendesa PDTT 2/2016; each cut-off belongs to the lower status.

    Examples
    --------
    >>> status(pd.Series([0.7072, 0.7073, None])).tolist()
    ['Berkembang', 'Maju', nan]
    """
    values = idm.astype("float64")
    bounds = [cutoff for cutoff, _ in STATUS_CUTOFFS[:-1]]
    codes = np.searchsorted(bounds, values.round(12), side="left")
    labels = pd.CategoricalDtype([label for _, label in STATUS_CUTOFFS], ordered=True)
    return pd.Series(
        pd.Categorical.from_codes(np.where(values.isna(), -1, codes), dtype=labels),
        index=idm.index,
        name=IDM_STATUS.name,
    )
