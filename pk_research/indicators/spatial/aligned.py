"""Values beside their neighbours: what can be compared, and what cannot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from pk_research.errors import BadInput, Problem
from pk_research.indicators.spatial.neighbours import Neighbours
from pk_research.language import Message

FEWEST = 4


@dataclass(frozen=True, eq=False)
class Aligned:
    """Villages that have a value and a neighbour with a value, sorted by code.

    Attributes
    ----------
    codes
        The villages.
    numbers
        The values as given.
    z
        Standardised: less the mean, over the standard deviation (of all n, not n - 1).
    links
        1 where the column's village is a neighbour of the row's.
    left_out
        One row a village that cannot be compared, sorted: ``code``, ``reason`` (`Message`).
    """

    codes: tuple[str, ...]
    numbers: np.ndarray
    z: np.ndarray
    links: sparse.csr_array
    left_out: pd.DataFrame

    @property
    def n(self) -> int:
        """How many villages are compared."""
        return len(self.codes)

    @property
    def degrees(self) -> np.ndarray:
        """Number of neighbours of each; at least one."""
        counts: np.ndarray = np.diff(self.links.indptr)
        return counts

    def mean_of_neighbours(self, of: np.ndarray) -> np.ndarray:
        """Return the mean over the neighbours of each village: the spatial lag."""
        mean: np.ndarray = (self.links @ of) / self.degrees
        return mean


def aligned(values: pd.Series, neighbours: Neighbours) -> Aligned:
    """Bring values and neighbours together; who lacks either is left out, with the reason.

    Parameters
    ----------
    values
        Indexed by code. Missing is never zero: such a village is nobody's neighbour here.
    neighbours
        Of the villages.

    Raises
    ------
    BadInput
        When codes repeat, values are not finite numbers, or are all equal, or fewer than four
        villages can be compared.
    """
    _check(values)
    known = values.dropna().astype("float64")
    mapped = set(neighbours.codes)
    left = dict.fromkeys(known.index.difference(list(mapped)), Message("it has no place on the map"))
    left |= dict.fromkeys(mapped.difference(known.index), Message("it has no value"))
    left |= dict.fromkeys(values.index[values.isna()], Message("it has no value"))
    codes = sorted(mapped.intersection(known.index))
    near = neighbours.only(codes)
    while near.islands:
        left |= dict.fromkeys(near.islands, Message("it has no neighbour with a value"))
        near = near.only([code for code in near.codes if code not in left])
    numbers = known.reindex(list(near.codes)).to_numpy()
    if len(numbers) < FEWEST:
        raise BadInput(
            Problem(
                _name(values),
                f"only {len(numbers)} villages have a value and a neighbour with one",
                f"At least {FEWEST} are needed; check the codes.",
            )
        )
    deviation = numbers - numbers.mean()
    spread = float(np.sqrt((deviation**2).mean()))
    if spread <= 1e-13 * float(np.abs(numbers).max()):
        raise BadInput(Problem(_name(values), "all values are equal", "There is no pattern to look for."))
    left_out = pd.DataFrame(sorted(left.items(), key=lambda item: str(item[0])), columns=["code", "reason"])
    return Aligned(near.codes, numbers, deviation / spread, near.matrix, left_out)


def _check(values: pd.Series) -> None:
    if not pd.api.types.is_numeric_dtype(values):
        raise BadInput(Problem(_name(values), "its values are not numbers", "Read it as numbers first."))
    if values.index.has_duplicates:
        n = int(values.index.duplicated().sum())
        raise BadInput(
            Problem(_name(values), f"{n} codes stand there twice", "Choose one year; keep one row a village.")
        )
    if np.isinf(values.dropna().astype("float64")).any():
        raise BadInput(Problem(_name(values), "it has infinite values", "Correct them."))


def _name(values: pd.Series) -> str:
    return "values" if values.name is None else str(values.name)
