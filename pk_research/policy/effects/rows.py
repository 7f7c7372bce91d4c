"""What every reader of study rows checks first, and how it counts what it sets aside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.products.words import some

FEW_CLUSTERS = 40
Gaps = Literal["refuse", "leave_out"]


def absent_columns(frame: pd.DataFrame, names: Sequence[str | None]) -> list[Problem]:
    """Return the columns that were named and are not there, and whether there is any row."""
    problems = [
        Problem(f"column '{name}'", "it is not in the table", f"The table has: {some(frame.columns)}.")
        for name in dict.fromkeys(names)
        if name is not None and name not in frame.columns
    ]
    if frame.empty:
        problems.append(Problem("the table", "it has no rows", "Give the rows of the study."))
    return problems


def complete_rows(
    frame: pd.DataFrame, needed: Sequence[str], others: Sequence[str | None], gaps: Gaps
) -> tuple[pd.DataFrame, tuple[tuple[Message, int], ...]]:
    """Return the rows in which nothing is missing, and how many miss what; or refuse the gaps."""
    names = list(dict.fromkeys([*needed, *(name for name in others if name is not None)]))
    missing = {name: int(frame[name].isna().sum()) for name in names}
    missing = {name: n for name, n in missing.items() if n}
    if missing and gaps == "refuse":
        raise BadInput(
            Problem(
                f"column '{name}'",
                f"{n} rows have no value",
                "Complete them, or say gaps='leave_out': the rows are then counted in the result.",
            )
            for name, n in missing.items()
        )
    kept = frame[frame[names].notna().all(axis=1)]
    left = tuple((Message("no value of “{name}”", {"name": name}), n) for name, n in missing.items())
    if kept.empty:
        raise BadInput(Problem("the table", "no row is complete", "Complete the rows first."))
    return kept, left


def not_numbers(rows: pd.DataFrame, names: Sequence[str]) -> list[Problem]:
    """Return what is wrong with columns that must hold finite numbers."""
    problems = []
    for name in names:
        column = rows[name]
        if not is_numeric_dtype(column) or is_bool_dtype(column):
            problems.append(
                Problem(f"column '{name}'", f"it holds {column.dtype}, not numbers", "Give numbers.")
            )
        elif not np.isfinite(column.to_numpy(dtype=float)).all():
            problems.append(Problem(f"column '{name}'", "it holds infinite numbers", "Mend them."))
    return problems


def not_zero_or_one(values: pd.Series, name: str, remedy: str) -> list[Problem]:
    """Return what is wrong with a column that must say yes (1) or no (0)."""
    if (is_numeric_dtype(values) or is_bool_dtype(values)) and values.isin([0, 1]).all():
        return []
    odd = sorted({str(value) for value in values.unique() if value not in (0, 1)})
    return [Problem(f"column '{name}'", f"it holds {some(odd)}", remedy)]


def few_clusters(n: int) -> tuple[Message, ...]:
    """Return the warning that standard errors of few clusters are too small; nothing for enough."""
    if n >= FEW_CLUSTERS:
        return ()
    warning = Message(
        "There are only {n} clusters: clustered standard errors are then often too small. Look at the wild"
        " bootstrap or randomisation inference before relying on the interval.",
        {"n": n},
    )
    return (warning,)
