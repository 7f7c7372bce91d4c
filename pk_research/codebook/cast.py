"""Giving a column the kind its variable declares, and telling which values do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pk_research.codebook.variable import Variable
from pk_research.errors import Problem

if TYPE_CHECKING:
    import pandas as pd

MOST_INTEGER = 2**63  # what a 64-bit integer can hold


def cast_column(column: pd.Series, variable: Variable) -> tuple[pd.Series, list[int]]:
    """Cast one column; return it with the positions of the values that do not fit."""
    import pandas as pd

    if variable.kind == "date":
        cast = pd.to_datetime(column, errors="coerce", format="ISO8601").astype("datetime64[us]")
    elif variable.kind in ("integer", "number"):
        cast = pd.to_numeric(column, errors="coerce")
        if variable.kind == "integer":
            cast = cast.where(cast.isna() | ((cast % 1 == 0) & (cast.abs() < MOST_INTEGER)))
        cast = cast.astype(variable.dtype)
    elif variable.kind == "boolean":
        known = {
            True: True,
            False: False,
            "True": True,
            "False": False,
            "true": True,
            "false": False,
            "1": True,
            "0": False,
        }
        cast = column.map(known, na_action="ignore").astype("boolean")
    elif variable.kind == "category":
        cast = _as_category(column.astype("string"), variable)
    else:
        cast = column.astype("string")
    lost = (cast.isna() & column.notna()).to_numpy()
    return cast, [int(n) for n in lost.nonzero()[0]]


def describe_misfits(bad: list[int], variable: Variable, column: pd.Series, where: str) -> Problem:
    """Say which values of a column its kind does not allow; positions ``bad`` count from 0."""
    shown = ", ".join(f"row {n + 1}: {column.iloc[n]!r}" for n in bad[:3])
    allowed = [label.value for label in variable.categories]
    return Problem(
        f"{where}, column {variable.name!r}",
        f"{len(bad)} values are not of kind {variable.kind} ({shown})",
        f"Use one of: {', '.join(allowed)}." if allowed else "Correct them or declare missing codes.",
    )


def _as_category(texts: pd.Series, variable: Variable) -> pd.Series:
    allowed = [label.value for label in variable.categories]
    return texts.where(texts.isin(allowed)).astype(variable.dtype)
