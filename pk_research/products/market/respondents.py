"""What people were asked, read with every fault named before anything is reckoned."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pk_research.compute.floats import as_floats
from pk_research.errors import BadInput, Problem
from pk_research.products.words import some


def check_columns(answers: pd.DataFrame, columns: Sequence[str]) -> None:
    """Raise when a column is missing."""
    absent = [name for name in columns if name not in answers.columns]
    if absent:
        raise BadInput(Problem("answers", f"there is no column {', '.join(absent)}", "Add it."))


def prices_in(answers: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return columns of prices as numbers, missing where they are missing.

    Raises
    ------
    BadInput
        Naming columns that hold text (15.000 is fifteen or fifteen thousand), or no finite number.
    """
    problems = []
    for name in columns:
        known = answers[name].dropna()
        wrong = [value for value in known if isinstance(value, str) or not np.isfinite(value)]
        if wrong:
            problems.append(
                Problem(
                    name, f"it holds {some(dict.fromkeys(wrong))}", "Give rupiah as numbers, not as text."
                )
            )
    if problems:
        raise BadInput(problems)
    return as_floats(answers[list(columns)])
