"""Candidates and distances read together, with every fault of them told at once."""

from __future__ import annotations

import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.products.distances import some


def read_candidates(
    candidates: pd.DataFrame, distances: pd.DataFrame, needed: tuple[str, ...]
) -> pd.DataFrame:
    """Return the candidates in the order of village and product, or say what is wrong with them.

    Parameters
    ----------
    candidates
        One row a village and product.
    distances
        Kilometres between villages, square.
    needed
        Columns that must be there besides ``village_code`` and ``product``.

    Raises
    ------
    BadInput
        When there are no candidates or no such columns, or a village is not in the distances.
    """
    absent = [name for name in ("village_code", "product", *needed) if name not in candidates.columns]
    if absent:
        raise BadInput(Problem("candidates", f"there is no column {', '.join(absent)}", "Add it."))
    if candidates.empty:
        raise BadInput(Problem("candidates", "there are none", "Load dossiers first."))
    rows = candidates.assign(village_code=candidates["village_code"].astype(str))
    known = set(map(str, distances.index)) & set(map(str, distances.columns))
    lost = sorted(set(rows["village_code"]) - known)
    twice = rows[rows.duplicated(["village_code", "product"])]
    problems = []
    if lost:
        problems.append(Problem(f"distances of {some(lost)}", "they are missing", "Add rows and columns."))
    if len(twice):
        pairs = some([f"{row.village_code} {row.product}" for row in twice.itertuples()])
        problems.append(Problem(f"candidates, {pairs}", "they occur twice", "Merge them first."))
    if (distances.to_numpy(dtype=float) < 0).any():
        problems.append(Problem("distances", "some are negative", "Give kilometres, 0 or more."))
    if problems:
        raise BadInput(problems)
    return rows.sort_values(["village_code", "product"], ignore_index=True)


def check_distance(max_km: float) -> None:
    """Raise when the distance that counts is not positive."""
    if not max_km > 0:
        raise BadInput(Problem("max_km", f"it is {max_km}", "Give kilometres above 0."))


def by_text(distances: pd.DataFrame) -> pd.DataFrame:
    """Return the distances with codes as text, as the candidates have them."""
    return distances.set_axis(distances.index.astype(str)).set_axis(distances.columns.astype(str), axis=1)
