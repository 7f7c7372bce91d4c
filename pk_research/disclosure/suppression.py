"""Cells that are not shown, and the further cells that must go so that nobody works them out.

A cell is hidden because it tells of too few, or gives its largest contributor away. Hidden alone, it
would follow from the totals; so others are hidden beside it, as little of the table as can be found.
Each hidden cell is protected by a linear programme of its own: there is a way to change the hidden
cells, all totals and all shown cells kept, that moves it as far as the rule asks, up and down. What is
hidden later only makes more ways, so that all stay protected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from pk_research.disclosure.cells import Cells
from pk_research.disclosure.programme import Programme
from pk_research.disclosure.rules import Rules
from pk_research.errors import BadInput, Problem

if TYPE_CHECKING:
    from pk_research.language import Language

SHOWN, SMALL, DOMINATED, COMPLEMENT = "shown", "small", "dominated", "complement"
REACHED = 1e-6
MARGIN = 1e-3


@dataclass(frozen=True, eq=False)
class Suppressed:
    """A table of which some cells are hidden.

    Attributes
    ----------
    cells
        The table as it is; never to be given away.
    reason
        Of each cell: ``"shown"``, ``"small"`` (too few contributors), ``"dominated"`` (it gives its
        largest contributor away), or ``"complement"`` (hidden to protect others).
    up, down
        How far above and below its value each primary cell must stay possible.
    rules
        By which it was hidden.
    """

    cells: Cells
    reason: np.ndarray
    up: np.ndarray
    down: np.ndarray
    rules: Rules

    @property
    def is_hidden(self) -> np.ndarray:
        """True for cells that are not shown."""
        return np.asarray(self.reason != SHOWN)

    @property
    def is_primary(self) -> np.ndarray:
        """True for cells hidden for what they say themselves."""
        return np.asarray((self.reason == SMALL) | (self.reason == DOMINATED))

    @property
    def frame(self) -> pd.DataFrame:
        """The table to give away: levels, ``value`` (missing where hidden), ``is_hidden``.

        Why a cell is hidden is not told: that one of two hidden cells is a complement is a hint.
        """
        levels = self.cells.frame.drop(columns=["contributors", "value", "largest", "second"])
        value = self.cells.frame["value"].astype(float).mask(self.is_hidden)
        return levels.assign(value=value, is_hidden=self.is_hidden)

    def in_words(self, language: Language) -> str:
        """Say how many cells are hidden, and why."""
        from pk_research.disclosure.words import suppressed_in_words

        return suppressed_in_words(self, language)


def suppress(cells: Cells, rules: Rules | None = None) -> Suppressed:
    """Hide what the rules forbid to show, and what would give it away.

    Parameters
    ----------
    cells
        From `cells_of`.
    rules
        The rules; the house's own by default.

    Returns
    -------
    Suppressed
        With every primary cell protected against anybody who knows the shown cells and that no cell is
        below 0, and against each single contributor of a hidden cell, who knows that cell.

    Raises
    ------
    BadInput
        When the table holds so little that nothing of it may be shown.

    Notes
    -----
    Primary cells by number of contributors and the p%-rule; complementary cells by the linear-programming
    heuristic of Kelly, Golden and Assad (1992), *Cell suppression: disclosure protection for sensitive
    tabular data*, Networks 22, with the clean-up of Fischetti and Salazar (2001), *Solving the cell
    suppression problem on tabular data with linear constraints*, Management Science 47.

    Examples
    --------
    >>> from pk_research.disclosure.cells import cells_of
    >>> rows = pd.DataFrame({"sex": ["f"] * 9 + ["m"] * 8 , "job": list("aaaaaabbb") + list("bbbbbbaa")})
    >>> suppress(cells_of(rows, ["sex", "job"])).frame["value"].tolist()
    [17.0, 8.0, 9.0, 9.0, nan, nan, 8.0, nan, nan]
    """
    chosen = Rules() if rules is None else rules
    reason = _primary(cells, chosen)
    up, down = _protection(cells, reason, chosen)
    primary = np.flatnonzero(reason != SHOWN)
    hidden = reason != SHOWN
    search = _Ways(cells)
    ways: dict[_Need, np.ndarray] = {}
    for need in _needs(cells, hidden, primary, up, down):
        way = next((known for known in ways.values() if need.is_met_by(known)), None)
        way = search.way(need, hidden) if way is None else way
        if way is not None:
            ways[need] = way
            hidden = hidden | _moving(way)
    hidden = _tidied(search, hidden, primary, ways)
    if hidden.all():
        raise BadInput(
            Problem("the table", "the rules let nothing of it be shown", "Tabulate by fewer or wider groups.")
        )
    reason = np.where(hidden & (reason == SHOWN), COMPLEMENT, reason)
    return Suppressed(cells, reason, up, down, chosen)


def intervals(found: Suppressed, *, known: int | None = None) -> pd.DataFrame:
    """Return what can be worked out of each hidden cell from what is shown: the audit.

    Parameters
    ----------
    found
        From `suppress`.
    known
        Number of a hidden cell that the attacker knows; none by default.

    Returns
    -------
    pandas.DataFrame
        One row a hidden cell: ``cell`` (its number), ``low`` and ``high``, the least and most it could be
        (infinite where nothing bounds it).
    """
    hidden = np.flatnonzero(found.is_hidden)
    asked = found.cells.equations[:, hidden]
    value = found.cells.value[hidden]
    programme = Programme(asked, asked @ value)
    low, high = np.zeros(len(hidden)), np.full(len(hidden), np.inf)
    low[hidden == known] = high[hidden == known] = value[hidden == known]
    rows = []
    for position, cell in enumerate(hidden):
        ends = []
        for way in (1.0, -1.0):
            cost = np.zeros(len(hidden))
            cost[position] = way
            reached = programme.least(cost, low, high)
            ends.append(float(value[position] if reached is None else reached[position]))
        rows.append((int(cell), *ends))
    return pd.DataFrame(rows, columns=["cell", "low", "high"])


def _primary(cells: Cells, rules: Rules) -> np.ndarray:
    reason = np.full(len(cells.frame), SHOWN, dtype=object)
    if not cells.is_count:
        frame = cells.frame
        parts = (frame[name].to_numpy(dtype=float) for name in ("value", "largest", "second"))
        reason[rules.is_dominated(*parts) & (cells.value > 0)] = DOMINATED
    reason[rules.is_small(cells.contributors)] = SMALL
    return reason


def _protection(cells: Cells, reason: np.ndarray, rules: Rules) -> tuple[np.ndarray, np.ndarray]:
    """Return how far each primary cell must remain movable."""
    value = cells.value
    primary = reason != SHOWN
    if cells.is_count:
        up = rules.least_contributors - value
        down = value - 1
    else:
        largest, second = (cells.frame[name].to_numpy(dtype=float) for name in ("largest", "second"))
        p = rules.prior_percent / 100
        up = np.maximum(p * largest - (value - largest - second), p * largest)
        down = np.minimum(p * largest, value)
    return np.where(primary, np.maximum(up, 0), 0), np.where(primary, np.maximum(down, 0), 0)


class _Need(NamedTuple):
    """A primary cell must be movable so far, also for somebody who knows another cell."""

    cell: int
    way: int
    reach: float
    known: int | None

    def is_met_by(self, way: np.ndarray) -> bool:
        """Return whether a change of the cells, found for another need, serves this one, too."""
        return bool(
            self.way * way[self.cell] >= self.reach * (1 - REACHED)
            and (self.known is None or not _moving(way)[self.known])
        )


def _needs(
    cells: Cells, hidden: np.ndarray, primary: np.ndarray, up: np.ndarray, down: np.ndarray
) -> list[_Need]:
    return [
        _Need(int(cell), way, float(reach[cell]), known)
        for cell in sorted(primary, key=lambda one: (-up[one], one))
        for known in _knowers(cells, hidden, cell)
        for way, reach in ((1, up), (-1, down))
        if reach[cell] > 0
    ]


def _knowers(cells: Cells, hidden: np.ndarray, cell: int) -> list[int | None]:
    """List who might look: anybody, and each single contributor of another hidden cell."""
    alone = np.flatnonzero(hidden & (cells.contributors == 1))
    return [None, *(int(other) for other in alone if other != cell)]


class _Ways:
    """Looks for the cheapest way to move one cell while all equations hold."""

    def __init__(self, cells: Cells) -> None:
        self.value = cells.value
        # What is lost with a cell is what it says; an empty cell may be known to be empty, so it goes last.
        highest = float(self.value.max(initial=0.0)) or 1.0
        self.cost = np.where(self.value > 0, self.value, 2 * highest) / highest + MARGIN
        up_and_down = sparse.hstack([cells.equations, -cells.equations], format="csr")
        self.programme = Programme(up_and_down, np.zeros(up_and_down.shape[0]))

    def way(self, need: _Need, hidden: np.ndarray, *, may_hide: bool = True) -> np.ndarray | None:
        """Return how the cells change in the cheapest way to meet a need.

        None where there is none: only hidden cells may move, or the known cell is this one under
        another name.
        """
        # Moves are counted in parts of the reach, so that rupiah by the billion do not blur the tolerance.
        up, down = np.full(len(hidden), np.inf), self.value / need.reach
        if not may_hide:
            up[~hidden] = down[~hidden] = 0.0
        if need.known is not None:
            up[need.known] = down[need.known] = 0.0
        moving, standing = (up, down) if need.way > 0 else (down, up)
        moving[need.cell], standing[need.cell] = 1.0, 0.0
        low = np.zeros((2, len(hidden)))
        low[0 if need.way > 0 else 1, need.cell] = 1.0
        cost = np.tile(np.where(hidden, 0.0, self.cost), 2)
        solved = self.programme.least(cost, low.ravel(), np.concatenate([up, down]))
        if solved is None:
            return None
        rise, fall = solved.reshape(2, -1)
        return np.asarray((rise - fall) * need.reach)


def _moving(way: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(way) > REACHED * np.abs(way).max(initial=0.0))


def _tidied(
    search: _Ways, hidden: np.ndarray, primary: np.ndarray, ways: dict[_Need, np.ndarray]
) -> np.ndarray:
    """Show again what turns out not to be needed, the most telling cell first."""
    kept, found = hidden.copy(), dict(ways)
    spare = np.setdiff1d(np.flatnonzero(hidden), primary)
    for cell in sorted(spare, key=lambda one: (-search.cost[one], one)):
        kept[cell] = False
        others: dict[_Need, np.ndarray] = {}
        for need, way in found.items():
            if _moving(way)[cell]:
                other = search.way(need, kept, may_hide=False)
                if other is None:
                    kept[cell] = True
                    break
                others[need] = other
        else:
            found |= others
    return kept
