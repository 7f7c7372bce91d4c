"""Numbers as floats, whichever kind of column holds them."""

from __future__ import annotations

from typing import TypeVar

import pandas as pd

Numbers = TypeVar("Numbers", pd.Series, pd.DataFrame)


def as_floats(numbers: Numbers) -> Numbers:
    """Return numbers as floats, NaN where one is missing.

    A column may be of whole numbers with gaps, of truths, or of plain objects among which None and
    ``pd.NA`` stand for what is missing; the last of these, pandas turns into no float without the detour.

    Parameters
    ----------
    numbers
        A column or several; text that is no number raises ValueError.

    Examples
    --------
    >>> as_floats(pd.Series([1, None, pd.NA, True], dtype=object)).tolist()
    [1.0, nan, nan, 1.0]
    """
    floats: Numbers = numbers.astype("Float64").astype("float64")
    return floats


def floats_or_missing(given: pd.Series) -> pd.Series:
    """Return numbers as floats, NaN where there is none and where what is given is no number.

    Examples
    --------
    >>> floats_or_missing(pd.Series([1, None, "2.5", "many"], dtype=object)).tolist()
    [1.0, nan, 2.5, nan]
    """
    return as_floats(pd.to_numeric(given, errors="coerce"))
