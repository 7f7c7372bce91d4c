"""Candidates and distances read together, with every fault of them told at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.products.distances import some

MONTHS = 12


def read_candidates(
    candidates: pd.DataFrame,
    distances: pd.DataFrame,
    needed: tuple[str, ...],
    *,
    also: Sequence[Problem] = (),
) -> pd.DataFrame:
    """Return the candidates in the order of village and product, or say what is wrong with them.

    Parameters
    ----------
    candidates
        One row a village and product.
    distances
        Kilometres between villages, square.
    needed
        Columns that must be there besides ``village_code`` and ``product``: of ``raw_materials``,
        ``season_months`` (each a tuple, a list or an array; a missing one is read as empty, not
        known) and ``capacity_units_month``.
    also
        What is wrong elsewhere, told with the rest.

    Raises
    ------
    BadInput
        Naming everything that is wrong.
    """
    absent = [name for name in ("village_code", "product", *needed) if name not in candidates.columns]
    if absent:
        raise BadInput([Problem("candidates", f"there is no column {', '.join(absent)}", "Add it."), *also])
    if candidates.empty:
        raise BadInput([Problem("candidates", "there are none", "Load dossiers first."), *also])
    is_blank = candidates[["village_code", "product"]].isna().any(axis=1).to_numpy()
    rows = candidates[~is_blank].reset_index(drop=True)
    rows = rows.assign(village_code=rows["village_code"].astype(str))
    values = {name: [READERS[name](value) for value in rows[name]] for name in needed}
    lost = sorted(set(rows["village_code"]) - (set(map(str, distances.index)) & set(map(str, distances))))
    repeated = sorted({str(code) for axis in distances.axes for code in axis[axis.duplicated()]})
    faults = [
        (is_blank.sum(), f"candidates, {is_blank.sum()} rows", "no village or no product", "Give both."),
        (lost, f"distances of {some(lost)}", "they are missing", "Add rows and columns."),
        (repeated, f"distances, {some(repeated)}", "the code occurs twice", "Keep one."),
        (
            rows.duplicated(["village_code", "product"]).any(),
            f"candidates, {_pairs(rows[rows.duplicated(['village_code', 'product'])])}",
            "they occur twice",
            "Merge them first.",
        ),
        (
            (distances.to_numpy(dtype=float, na_value=np.nan) < 0).any(),
            "distances",
            "some are negative",
            "Give kilometres, 0 or more.",
        ),
    ]
    for name, read in values.items():
        wrong = rows[[value is None for value in read]]
        faults.append((len(wrong), f"{name} of {_pairs(wrong)}", *EXPECTED[name]))
    problems = [Problem(*told) for is_wrong, *told in faults if is_wrong]
    if problems or also:
        raise BadInput([*problems, *also])
    rows = rows.assign(**{name: pd.Series(read, dtype=object) for name, read in values.items()})
    return rows.sort_values(["village_code", "product"], ignore_index=True)


def distance_faults(max_km: float) -> list[Problem]:
    """Return what is wrong with the distance that counts: it is finite and positive."""
    if 0 < max_km < np.inf:
        return []
    return [Problem("max_km", f"it is {max_km}", "Give finite kilometres above 0.")]


def by_text(distances: pd.DataFrame) -> pd.DataFrame:
    """Return the distances with codes as text, as the candidates have them."""
    return distances.set_axis(distances.index.astype(str)).set_axis(distances.columns.astype(str), axis=1)


def _several(value: object, fits: Callable[[object], bool]) -> tuple[object, ...] | None:
    """Return a tuple of several values, empty where missing; None where they are no such thing."""
    if isinstance(value, tuple | list | np.ndarray):
        return tuple(value) if all(map(fits, value)) else None
    return () if value is None or value is pd.NA or value != value else None  # noqa: PLR0124 (NaN)


def _materials(value: object) -> tuple[object, ...] | None:
    return _several(value, lambda one: isinstance(one, str) and bool(one.strip()))


def _months(value: object) -> tuple[object, ...] | None:
    return _several(value, lambda one: isinstance(one, int | np.integer) and 1 <= int(one) <= MONTHS)


def _capacity(value: object) -> float | None:
    if value is None or value is pd.NA:
        return np.nan
    if not isinstance(value, Real) or value < 0 or value == np.inf:
        return None
    return float(value)


READERS: dict[str, Callable[[object], object]] = {
    "raw_materials": _materials,
    "season_months": _months,
    "capacity_units_month": _capacity,
}
EXPECTED = {
    "raw_materials": ("they are no tuple of product ids", 'Give ("cassava",) for one, () where not known.'),
    "season_months": ("they are no tuple of months", "Give months from 1 to 12, () where not known."),
    "capacity_units_month": ("it is negative, infinite or no number", "Give 0 or more, or leave it missing."),
}


def _pairs(rows: pd.DataFrame) -> str:
    return some([f"{row.village_code} {row.product}" for row in rows.itertuples()])
