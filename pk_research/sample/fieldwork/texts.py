"""True values written as they would stand in a survey file."""

from __future__ import annotations

import pandas as pd

from pk_research.sample.questionnaire import CODEBOOK

_DECIMALS = 4


def value_text(value: float) -> str:
    """Write a number with at most four decimals and no trailing zeros.

    Examples
    --------
    >>> value_text(12.0), value_text(0.8114), value_text(2500000)
    ('12', '0.8114', '2500000')
    """
    return f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")


def as_texts(truth: pd.DataFrame) -> pd.DataFrame:
    """Write every true value as text; missing is an empty cell."""
    columns = {}
    for variable in CODEBOOK:
        column = truth[variable.name]
        if variable.kind in ("integer", "number"):
            column = column.astype("object").map(value_text, na_action="ignore")
        elif variable.kind == "date":
            column = column.dt.strftime("%Y-%m-%d")
        columns[variable.name] = column.astype("object").where(column.notna(), "")
    return pd.DataFrame(columns)
