"""What is wrong with a table before anything is looked at: no table, or text where numbers belong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from pk_research.errors import Problem
from pk_research.products.words import some


def not_numbers(name: str, table: pd.DataFrame, columns: Iterable[str]) -> Iterator[Problem]:
    """Find text where numbers belong; missing is no text."""
    for column in columns:
        wrong = table[column].notna() & pd.to_numeric(table[column], errors="coerce").isna()
        if wrong.any():
            rows = some(np.flatnonzero(wrong) + 1)
            yield Problem(f"{name}, {column}", f"not numbers in rows {rows}", "Give numbers.")


def not_tables(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Find what is no table at all."""
    for name, table in tables.items():
        if not isinstance(table, pd.DataFrame):
            yield Problem(name, f"it is a {type(table).__name__}", "Give a pandas.DataFrame.")
