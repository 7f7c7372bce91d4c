"""Score points of the three sub-indices: summed from the scores, else recovered from the values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.indicators.idm.formula import MAX_POINTS, SUB_INDICES
from pk_research.sources.idm_indicators import MAX_SCORE, indicator_names

PUBLISHED_DECIMALS = 4
DOUBLE_DECIMALS = 15
ARITHMETIC = 2.0**-50


@dataclass(frozen=True, slots=True)
class Part:
    """One sub-index of every row.

    Attributes
    ----------
    points
        Score points; missing when a score is missing or is not a whole number from 0 to 5. For
        rows known by their published value only: the whole points it stands for, or its exact
        multiple where no whole points give it.
    attainable_points
        The nearest whole points.
    from_scores
        True when the points are the sum of the indicators' scores.
    n_missing, n_invalid
        Scores missing, and scores that cannot be, by row; zero where only the value is known.
    """

    points: pd.Series
    attainable_points: pd.Series
    from_scores: bool
    n_missing: pd.Series
    n_invalid: pd.Series


def parts_of(frame: pd.DataFrame, *, where: str) -> dict[str, Part]:
    """Find the score points of IKS, IKE and IKL in a frame.

    Parameters
    ----------
    frame
        With the indicators, or with the published sub-indices.
    where
        Name of the dataset, for the error.

    Raises
    ------
    BadInput
        Naming every sub-index that has neither a published value nor all its indicators.
    """
    problems = [problem for index in SUB_INDICES for problem in _problems(frame, index, where)]
    if problems:
        raise BadInput(problems)
    return {index: _part(frame, index) for index in SUB_INDICES}


def _problems(frame: pd.DataFrame, index: str, where: str) -> list[Problem]:
    names = indicator_names(index)
    absent = [name for name in names if name not in frame.columns]
    if len(absent) == len(names) and index not in frame.columns:
        return [
            Problem(
                f"dataset {where!r}",
                f"there is neither a column {index!r} nor its indicators",
                "Load a file with the published IDM or with its 50 indicators.",
            )
        ]
    if 0 < len(absent) < len(names):
        return [
            Problem(
                f"dataset {where!r}, {index.upper()}",
                f"{len(absent)} of {len(names)} indicators are not there: {', '.join(absent)}",
                "Add them: a sub-index is not computed from a part of its indicators.",
            )
        ]
    return []


def points_frame(parts: Mapping[str, Part]) -> pd.DataFrame:
    """Put the score points of the parts side by side."""
    return pd.DataFrame({index: part.points for index, part in parts.items()})


def published_decimals(values: pd.Series) -> pd.Series:
    """Tell to how many decimals each published value is written.

    Files of several years mix precisions within a column, so that each value speaks for itself.

    Parameters
    ----------
    values
        One published column. A value that shows fewer than four decimals, or none, is read as one
        of four, the ministry's precision, whose trailing zeros were dropped.

    Returns
    -------
    pandas.Series
        4 to 15, the most a double holds.

    Examples
    --------
    >>> published_decimals(pd.Series([0.7029, 0.8, 0.65714285714286])).tolist()
    [4, 4, 14]
    """
    known = values.astype("float64").fillna(0.0).to_numpy()
    decimals = np.full(len(known), DOUBLE_DECIMALS)
    for fewer in range(DOUBLE_DECIMALS - 1, PUBLISHED_DECIMALS - 1, -1):
        decimals[known.round(fewer) == known] = fewer
    return pd.Series(decimals, index=values.index)


def rounding_error(values: pd.Series) -> pd.Series:
    """Bound how far rounding has moved each published value: half a unit of its last decimal.

    A few units of binary arithmetic come on top.

    Examples
    --------
    >>> rounding_error(pd.Series([0.7029, 0.8])).round(9).tolist()
    [5e-05, 5e-05]
    """
    return 0.5 * 10.0 ** -published_decimals(values) + ARITHMETIC


def scores_of(frame: pd.DataFrame, index: str) -> pd.DataFrame:
    """Return the scores of a sub-index as floats; a value that is no score becomes missing."""
    scores = frame[list(indicator_names(index))].astype("float64")
    return scores.where(scores.isin(range(MAX_SCORE + 1)))


def _part(frame: pd.DataFrame, index: str) -> Part:
    if indicator_names(index)[0] in frame.columns:
        n_missing = frame[list(indicator_names(index))].isna().sum(axis=1)
        scores = scores_of(frame, index)
        points = scores.sum(axis=1, skipna=False)
        return Part(points, points, True, n_missing, scores.isna().sum(axis=1) - n_missing)
    value = frame[index].astype("float64")
    exact = value * MAX_POINTS[index]
    whole = exact.round()
    points = whole.where((exact - whole).abs() <= rounding_error(value) * MAX_POINTS[index], exact)
    none = pd.Series(0, index=frame.index)
    return Part(points, whole, False, none, none)
