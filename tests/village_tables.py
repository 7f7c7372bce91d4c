"""Datasets small enough to read: a text table in, a `Dataset` out; and the real IDM files."""

from __future__ import annotations

import hashlib
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from pk_research.codebook import Codebook, Variable
from pk_research.sources import vocabulary
from pk_research.sources.dataset import Dataset, Provenance

KNOWN = {variable.name: variable for variable in vars(vocabulary).values() if isinstance(variable, Variable)}
IDM_COLUMNS = (
    "province_code", "province", "regency_code", "regency", "kecamatan_code", "kecamatan", "village_code",
    "village", "iks", "ike", "ikl", "idm",
)  # fmt: skip


def dataset_of(frame: pd.DataFrame, *, made: bool = False, title: str = "a table") -> Dataset:
    """Declare a frame: shared variables by their name, every other column as a number."""
    variables = [KNOWN.get(name, Variable(name, kind="number")) for name in frame.columns]
    book = Codebook(tuple(variables))
    key = tuple(name for name in ("village_code", "year") if name in frame.columns)
    digest = hashlib.sha256(frame.to_csv().encode()).hexdigest()
    origin = Provenance(title, "table.csv", digest, "table", made=made, n_rows_read=len(frame))
    return Dataset("table", book.cast(frame, where="table"), book, origin, key)


def dataset_from(table: str, *, made: bool = False) -> Dataset:
    """Read a table of columns set apart by blanks; ``-`` is missing."""
    return dataset_of(pd.read_csv(StringIO(table), sep=r"\s+", dtype="string", na_values="-"), made=made)


def dataset_of_values(values: np.ndarray, *, made: bool = False) -> Dataset:
    """Make one village a row, with variables ``x1``, ``x2`` ..."""
    frame = pd.DataFrame(values, columns=[f"x{j + 1}" for j in range(values.shape[1])])
    codes = [f"321601{2000 + n:04d}" for n in range(len(frame))]
    frame.insert(0, "village_code", pd.array(codes, dtype="string"))
    return dataset_of(frame, made=made)


def idm_dataset(path: Path) -> Dataset:
    """Read the IDM 2024 as published."""
    frame = pd.read_csv(path, dtype="string").iloc[:, : len(IDM_COLUMNS)]
    return dataset_of(frame.set_axis(list(IDM_COLUMNS), axis=1).assign(year="2024"), title="IDM 2024")
