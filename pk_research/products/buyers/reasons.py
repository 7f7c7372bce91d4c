"""Why demand is not met and supply is not sold: what each condition, relaxed alone, would free.

A reason is tried by solving anew with one condition relaxed for one buyer (or seller) only, while
nobody else gets (or sells) less than in the plan. Where no single condition frees anything, pairs
are tried, then triples.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from pk_research.language import Language
from pk_research.products.buyers import words
from pk_research.products.buyers.match import Matching
from pk_research.products.buyers.trade import FILTERS, Filter, Trade
from pk_research.products.buyers.transport import Plan, most_units

VOLUME = "volume"
NOBODY = "nobody"
PLAN = "plan"
WORTH_TELLING = 1e-6


@dataclass(frozen=True, eq=False)
class Reasons:
    """Why something remains, of buyers or of villages.

    Attributes
    ----------
    matching
        The plan it remains in.
    is_demand
        Whether it is about unmet demand; else about unsold supply.
    reasons
        One row a reason: ``buyer_code`` or ``village_code``, ``product``, ``months``,
        ``units_month`` that remain, ``reason`` (tuple of ``volume``, ``season``, ``quality``,
        ``certificate``, ``frequency`` of deliveries, ``distance``, ``price``; or of ``nobody``: no
        maker, or no buyer, at all; or of ``plan``: possible as things are, at the cost of the whole or
        of whole contracts), and ``freed_units_month``: how much relaxing it would free, nobody else
        losing any. Several reasons of one remainder do not add up.
    """

    matching: Matching
    is_demand: bool
    reasons: pd.DataFrame

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a reason, in a language."""
        return words.reason_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell which reasons would free most, each added up over all remainders."""
        return words.reasons_account(self, language)


def why_unmet(matching: Matching, *, n_jobs: int | None = None) -> Reasons:
    """Find why each buyer lacks what it lacks.

    Parameters
    ----------
    matching
        From `match`.
    n_jobs
        Workers, as in joblib; any number gives the same result.

    Returns
    -------
    Reasons
        ``volume`` is the capacity of the villages that may sell to the buyer as things are.

    Examples
    --------
    >>> supply = pd.DataFrame({"village_code": ["3216012001"], "product": "telur_asin",
    ...     "capacity_units_month": 100.0, "price_idr_unit": 2500.0, "quality": 4.0,
    ...     "season_months": [tuple(range(1, 13))], "certificates": [()]})
    >>> demand = pd.DataFrame({"buyer_code": ["H1"], "buyer_name": "Hotel Melati", "product": "telur_asin",
    ...     "volume_units_month": 150.0, "months": [(1, 2)], "price_idr_unit": 3000.0, "quality": 3.0,
    ...     "certificates": [("PIRT",)]})
    >>> from pk_research.products.buyers import match
    >>> found = match(supply, demand, pd.DataFrame({"H1": [12.0]}, index=["3216012001"]))
    >>> why_unmet(found).reasons[["reason", "freed_units_month"]].values.tolist()
    [[('certificate',), 100.0]]
    """
    return Reasons(matching, is_demand=True, reasons=_all(matching, n_jobs, is_demand=True))


def why_unsold(matching: Matching, *, n_jobs: int | None = None) -> Reasons:
    """Find why each village keeps what it keeps; parameters as in `why_unmet`.

    Returns
    -------
    Reasons
        ``volume`` is what the buyers that the village may sell to want as things are.

    Examples
    --------
    >>> supply = pd.DataFrame({"village_code": ["3216012001"], "product": "telur_asin",
    ...     "capacity_units_month": 100.0, "price_idr_unit": 2500.0, "quality": 4.0,
    ...     "season_months": [(1, 2)], "certificates": [()]})
    >>> demand = pd.DataFrame({"buyer_code": ["H1"], "buyer_name": "Hotel Melati", "product": "telur_asin",
    ...     "volume_units_month": 60.0, "months": [(1, 2)], "price_idr_unit": 3000.0, "quality": 3.0,
    ...     "certificates": [()]})
    >>> from pk_research.products.buyers import match
    >>> found = match(supply, demand, pd.DataFrame({"H1": [12.0]}, index=["3216012001"]))
    >>> why_unsold(found).reasons[["reason", "freed_units_month"]].values.tolist()
    [[('volume',), 40.0]]
    """
    return Reasons(matching, is_demand=False, reasons=_all(matching, n_jobs, is_demand=False))


def _all(matching: Matching, n_jobs: int | None, *, is_demand: bool) -> pd.DataFrame:
    from joblib import Parallel, delayed

    key = "buyer_code" if is_demand else "village_code"
    remains = matching.demand if is_demand else matching.supply
    left = "unmet_units_month" if is_demand else "unsold_units_month"
    jobs, first = [], 0
    for trade, plan in zip(matching.trades, matching.plans, strict=True):
        now = np.flatnonzero(trade.wants_now if is_demand else trade.in_season)
        shown = remains.iloc[first : first + len(now)]
        first += len(now)
        sides = _Side.of_buyers(trade, plan) if is_demand else _Side.of_sellers(trade, plan)
        jobs += [
            (row, sides, int(place))
            for row, place in zip(shown.itertuples(), now, strict=True)
            if getattr(row, left) > 0
        ]
    found = Parallel(n_jobs=n_jobs)(
        delayed(lambda side, place, units: list(side.reasons(place, units)))(side, place, getattr(row, left))
        for row, side, place in jobs
    )
    rows = [
        (getattr(row, key), row.product, row.months, getattr(row, left), reason, freed)
        for (row, _, _), reasons in zip(jobs, found, strict=True)
        for reason, freed in reasons
    ]
    return pd.DataFrame(
        rows, columns=[key, "product", "months", "units_month", "reason", "freed_units_month"]
    )


@dataclass(frozen=True, eq=False)
class _Side:
    """One side asks why, the other could serve it: columns ask, rows serve."""

    passes: dict[Filter, np.ndarray]
    capacity: np.ndarray
    held: np.ndarray

    @classmethod
    def of_buyers(cls, trade: Trade, plan: Plan) -> _Side:
        return cls({name: trade.passes[name] for name in FILTERS}, trade.capacity, plan.units.sum(axis=0))

    @classmethod
    def of_sellers(cls, trade: Trade, plan: Plan) -> _Side:
        turned: dict[Filter, np.ndarray] = {name: trade.passes[name].T for name in FILTERS}
        return cls(turned, trade.wanted, plan.units.sum(axis=1))

    def reasons(self, place: int, units: float) -> Iterator[tuple[tuple[str, ...], float]]:
        """Yield each smallest set of conditions that frees something, and how much."""
        if len(self.capacity) == 0:
            yield (NOBODY,), 0.0
            return
        least = WORTH_TELLING * (units + float(self.held.sum()))
        freed = self._freed(place, units, ())
        if freed > least:
            yield (PLAN,), freed
        conditions = (VOLUME, *(name for name in FILTERS if not self.passes[name][:, place].all()))
        for size in range(1, len(conditions) + 1):
            found = [(names, self._freed(place, units, names)) for names in combinations(conditions, size)]
            told = [(names, more) for names, more in found if more > freed + least]
            if told or freed > least:
                yield from told
                return

    def _freed(self, place: int, units: float, relaxed: tuple[str, ...]) -> float:
        allowed = np.logical_and.reduce(list(self.passes.values()))
        allowed[:, place] = np.logical_and.reduce(
            [
                np.ones(len(allowed), dtype=bool),
                *(self.passes[name][:, place] for name in FILTERS if name not in relaxed),
            ]
        )
        capacity = self.capacity + units * allowed[:, place] if VOLUME in relaxed else self.capacity
        most = self.held[place] + units
        freed = most_units(allowed, capacity, self.held, place, most) - self.held[place]
        return float(min(max(0.0, freed), units))
