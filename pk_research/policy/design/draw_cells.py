"""Which villages are drawn against each other: strata, blocks of neighbours, pairs of the most alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from pk_research.errors import BadInput, Problem
from pk_research.policy.design.draw_check import JOIN, Rules

CLOSE = 1e-9
PLACES, LONGEST_S = 12, 120


def cells_of(ordered: pd.DataFrame, rules: Rules) -> pd.Series:
    """Return the name of the stratum, block or pair of each village.

    Parameters
    ----------
    ordered
        One row a village, by its code.
    rules
        How they are drawn.

    Examples
    --------
    >>> villages = pd.DataFrame({"village_code": list("abcd"), "x": [1, 9, 2, 8]})
    >>> cells_of(villages, Rules({"a": 1, "b": 1}, "pairs", (), ("x",), None)).tolist()
    ['1', '2', '1', '2']
    """
    if rules.strata:
        names = ordered[list(rules.strata)].astype(str).agg(JOIN.join, axis=1)
    else:
        names = pd.Series([""] * len(ordered), index=ordered.index)
    if rules.method == "strata":
        return names.replace("", "1")
    cells = pd.Series("", index=ordered.index, dtype=object)
    for name, rows in ordered.groupby(names, sort=True).groups.items():
        if rules.method == "blocks":
            numbers = _blocks(ordered.loc[rows], rules.match_on[0], rules.block_size or 0)
        else:
            numbers = _pairs(_whitened(ordered, rules.match_on)[rows])
        cells[rows] = [f"{name}{JOIN}{number}" if name else str(number) for number in numbers]
    return cells


def as_close(
    ordered: pd.DataFrame, published: pd.Series, cells: pd.Series, match_on: tuple[str, ...]
) -> bool:
    """Say whether published pairs are as close as the closest, within the same strata.

    Parameters
    ----------
    ordered
        One row a village, by its code.
    published, cells
        Names of the pairs: as published, and as found.
    match_on
        Columns.

    Examples
    --------
    >>> villages = pd.DataFrame({"village_code": list("abcd"), "x": [1, 1, 1, 1.5]})
    >>> as_close(villages, pd.Series(list("1212")), pd.Series(list("1122")), ("x",))
    True
    """

    def whole(names: pd.Series) -> list[str]:
        return sorted(str(name) for name in names)

    if whole(published) != whole(cells):
        return False
    strata = [[str(name).rpartition(JOIN)[0] for name in names] for names in (published, cells)]
    if strata[0] != strata[1]:
        return False
    places = _whitened(ordered, match_on)
    mine, theirs = _total(places, cells), _total(places, published)
    return bool(theirs <= mine + CLOSE * max(1.0, mine))


def _total(places: np.ndarray, names: pd.Series) -> float:
    whole = 0.0
    for rows in pd.Series(range(len(names))).groupby(names.astype(str).to_numpy()):
        numbers = rows[1].to_numpy()
        if len(numbers) == 2:
            whole += float(np.linalg.norm(places[numbers[0]] - places[numbers[1]]))
    return whole


def _whitened(ordered: pd.DataFrame, match_on: tuple[str, ...]) -> np.ndarray:
    """Return coordinates whose Euclidean distances are the Mahalanobis distances of all villages."""
    values = ordered[list(match_on)].to_numpy(dtype=float)
    values = (values - values.mean(0)) / values.std(0)
    spread, turn = np.linalg.eigh(np.atleast_2d(np.corrcoef(values, rowvar=False)))
    kept = spread > CLOSE
    whitened: np.ndarray = values @ turn[:, kept] / np.sqrt(spread[kept])
    return whitened


def _blocks(villages: pd.DataFrame, column: str, size: int) -> list[int]:
    order = villages.sort_values([column, "village_code"]).index
    numbers = pd.Series(np.arange(len(order)) // size + 1, index=order)
    return [int(number) for number in numbers.loc[villages.index]]


def _pairs(places: np.ndarray) -> list[int]:
    """Pair villages so that the distances have the smallest sum; an odd village stays alone."""
    partner, left = _same(places)
    partner |= {left[i]: left[j] for i, j in _closest(places[left]).items()}
    leaders = [village for village in range(len(places)) if partner.get(village, village) >= village]
    numbers = {village: number for number, village in enumerate(leaders, start=1)}
    return [numbers[min(village, partner.get(village, village))] for village in range(len(places))]


def _same(places: np.ndarray) -> tuple[dict[int, int], list[int]]:
    """Pair villages at the same place, which by the triangle inequality never lengthens the sum."""
    waiting: dict[tuple[float, ...], int] = {}
    partner: dict[int, int] = {}
    for village, place in enumerate(map(tuple, places.round(PLACES))):
        other = waiting.pop(place, None)
        if other is None:
            waiting[place] = village
        else:
            partner |= {village: other, other: village}
    return partner, sorted(waiting.values())


def _closest(places: np.ndarray) -> dict[int, int]:
    n = len(places)
    if n < 2:
        return {}
    first, second = np.triu_indices(n, 1)
    edges = np.arange(len(first))
    ends = csr_array(
        (np.ones(2 * len(edges)), (np.r_[first, second], np.r_[edges, edges])), shape=(n, len(edges))
    )
    found = milp(
        np.linalg.norm(places[first] - places[second], axis=1),
        constraints=[
            LinearConstraint(ends, 1 - n % 2, 1),
            LinearConstraint(np.ones((1, len(edges))), n // 2, n // 2),
        ],
        integrality=np.ones(len(edges)),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0, "time_limit": LONGEST_S},
    )
    if found.status != 0:
        what = f"the closest pairs were not found in {LONGEST_S} s"
        raise BadInput(Problem("match_on", what, "Give strata, such as the kecamatan, or draw in strata."))
    chosen = np.flatnonzero(found.x > 0.5)
    pairs = {int(first[edge]): int(second[edge]) for edge in chosen}
    return pairs | {second: first for first, second in pairs.items()}
