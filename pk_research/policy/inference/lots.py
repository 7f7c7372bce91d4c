"""The lots that could have been drawn: all of them where they are few, many at random otherwise."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations, product

import numpy as np
import pandas as pd

from pk_research.compute.chance import derived_rng
from pk_research.errors import BadInput, Problem
from pk_research.policy.effects.cross_section import Study
from pk_research.policy.effects.did.parts import check_level, refuse

BLOCK = 500


def lots(
    treated: np.ndarray, strata: np.ndarray, cluster: np.ndarray | None, *, n_draws: int, seed: int
) -> tuple[np.ndarray, bool]:
    """Return who else could have had the policy, one lot a row, and whether these are all lots.

    Parameters
    ----------
    treated
        0 or 1, one a unit.
    strata
        Number of each unit's stratum, in which the lot was drawn.
    cluster
        Number of each unit's cluster, which got the policy as a whole; None where units were drawn.
    n_draws
        Lots to draw; all are taken instead where there are no more than so many.
    seed
        Of the draws.

    Examples
    --------
    >>> drawn, are_all = lots(np.array([1, 0, 0]), np.zeros(3, int), None, n_draws=10, seed=0)
    >>> drawn.tolist(), are_all
    ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], True)
    """
    if cluster is None:
        return _of_units(treated, strata, n_draws=n_draws, seed=seed)
    first = np.unique(cluster, return_index=True)[1]
    if (treated[first][cluster] != treated).any() or (strata[first][cluster] != strata).any():
        raise BadInput(
            Problem(
                "the study",
                "a cluster lies in two strata, or has units with and without the policy",
                "Draw units instead: read the study without clusters.",
            )
        )
    drawn, are_all = _of_units(treated[first], strata[first], n_draws=n_draws, seed=seed)
    return drawn[:, cluster], are_all


def in_strata(study: Study, strata: np.ndarray | None) -> np.ndarray:
    """Return the number of each row's stratum; one for all where none are given."""
    n = len(study.treated)
    if strata is None:
        return np.zeros(n, dtype=int)
    values = np.asarray(strata)
    if values.shape != (n,):
        raise BadInput(
            Problem(
                "strata", f"{len(values)} values for {n} rows of the study", "Give one a row, in its order."
            )
        )
    if pd.isna(values).any():
        raise BadInput(Problem("strata", "some are missing", "Say for each row in which the lot was drawn."))
    return np.unique(values, return_inverse=True)[1]


def check_draws(n_draws: int, level: float = 0.95) -> None:
    """Refuse a level that is no share, and fewer than one draw."""
    problems = check_level(level)
    if n_draws < 1:
        problems.append(Problem("n_draws", f"it is {n_draws}", "Draw 1 at least, better 1000."))
    refuse(problems)


def _of_units(treated: np.ndarray, strata: np.ndarray, *, n_draws: int, seed: int) -> tuple[np.ndarray, bool]:
    places = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)]
    counts = [int(treated[place].sum()) for place in places]
    n_all = math.prod(math.comb(len(place), k) for place, k in zip(places, counts, strict=True))
    if n_all <= n_draws:
        return np.array(list(_every(len(treated), places, counts))), True
    blocks = [
        _drawn(treated, places, min(BLOCK, n_draws - done), derived_rng(seed, done))
        for done in range(0, n_draws, BLOCK)
    ]
    return np.vstack(blocks), False


def _every(n: int, places: list[np.ndarray], counts: list[int]) -> Iterator[np.ndarray]:
    ways = (combinations(place.tolist(), k) for place, k in zip(places, counts, strict=True))
    for chosen in product(*ways):
        lot = np.zeros(n, dtype=int)
        for some in chosen:
            lot[list(some)] = 1
        yield lot


def _drawn(treated: np.ndarray, places: list[np.ndarray], size: int, rng: np.random.Generator) -> np.ndarray:
    lot = np.zeros((size, len(treated)), dtype=int)
    for place in places:
        lot[:, place] = rng.permuted(np.tile(treated[place], (size, 1)), axis=1)
    return lot
