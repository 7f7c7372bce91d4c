"""From tables of distances and demand to arrays, with every fault of them told at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral

import numpy as np
import pandas as pd

from pk_research.compute.floats import floats_or_missing
from pk_research.errors import BadInput, Problem
from pk_research.products.distances import some


@dataclass(frozen=True, eq=False)
class Ground:
    """Villages and the sites where a plant may stand.

    Attributes
    ----------
    villages, sites
        Codes.
    km
        One row a village, one column a site; infinite where there is no way.
    demand
        What each village brings to a plant, in units a month.
    """

    villages: tuple[str, ...]
    sites: tuple[str, ...]
    km: np.ndarray
    demand: np.ndarray


def ground(
    distances: pd.DataFrame, demand: pd.Series, *, p: int | None, beside: Sequence[Problem] = ()
) -> Ground:
    """Read distances and demand.

    Parameters
    ----------
    distances
        Kilometres, one row a village and one column a site; missing or infinite where there is no
        way.
    demand
        Units a month, by village code; a village without a value is a fault, not zero.
    p
        Number of plants; None where it is to be found.
    beside
        Faults of other inputs, to be told together with those of the tables.

    Raises
    ------
    BadInput
        Naming everything that is wrong.
    """
    villages, sites = tuple(map(str, distances.index)), tuple(map(str, distances.columns))
    known = demand.set_axis(demand.index.astype(str))
    if not villages or not sites:
        none = Problem("distances", "there is no village or no site", "Give at least one of each.")
        raise BadInput([none, *beside])
    codes = {"a row of the distances": villages, "a column of the distances": sites, "demand": known.index}
    repeated = {
        which: pd.Index(given)[pd.Index(given).duplicated()].tolist() for which, given in codes.items()
    }
    problems = [
        Problem(f"{which}, {some(twice)}", "the code occurs twice", "Keep one.")
        for which, twice in repeated.items()
        if twice
    ]
    if problems:
        raise BadInput([*problems, *beside])
    km = distances.to_numpy(dtype=float, na_value=np.nan)
    amounts = floats_or_missing(known.reindex(villages))
    faults: list[tuple[str, list[str], str, str]] = [
        (
            "demand of",
            amounts.index[amounts.isna()].tolist(),
            "it is missing or no number",
            "Give it, 0 where there is none.",
        ),
        ("demand of", amounts.index[amounts < 0].tolist(), "it is negative", "Give 0 or more."),
        ("demand of", amounts.index[amounts == np.inf].tolist(), "it is infinite", "Give a finite amount."),
        (
            "demand of",
            sorted(set(known.index) - set(villages)),
            "the distances do not know the village",
            "Add its distances.",
        ),
        (
            "distances from",
            [code for code, row in zip(villages, km, strict=True) if (row < 0).any()],
            "some are negative",
            "Give kilometres, 0 or more.",
        ),
        (
            "distances from",
            [code for code, row in zip(villages, km, strict=True) if not np.isfinite(row).any()],
            "no site can be reached",
            "Add a way or a site there, or leave these villages out.",
        ),
    ]
    problems = [Problem(f"{at} {some(who)}", what, remedy) for at, who, what, remedy in faults if who]
    if (amounts == 0).all():
        problems.append(Problem("demand", "no village brings anything", "Give what each brings."))
    if p is not None and not (_is_whole(p) and 1 <= p <= len(sites)):
        problems.append(
            Problem("p", f"{p} plants were asked for at {len(sites)} sites", f"Ask for 1 to {len(sites)}.")
        )
    if problems or beside:
        raise BadInput([*problems, *beside])
    return Ground(villages, sites, np.where(np.isnan(km), np.inf, km), amounts.to_numpy())


def _is_whole(p: object) -> bool:
    return isinstance(p, Integral) and not isinstance(p, bool)
