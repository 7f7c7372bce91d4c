"""What each limit costs: the plan made again without it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.language import Language, Message, translate
from pk_research.products.assignment.assign import PROVEN, Assignment
from pk_research.products.assignment.limits import KINDS, Kind, Limit, kind_words
from pk_research.products.assignment.model import Model, build
from pk_research.products.assignment.money import millions
from pk_research.products.assignment.solver import relax, solve
from pk_research.writing import MADE, marked

TOLD = 5
SINGLE: tuple[Kind, ...] = ("decree", "market", "least", "diversity", "material")


@dataclass(frozen=True, eq=False)
class LimitCosts:
    """What the plan would gain without a limit.

    Attributes
    ----------
    assignment
        The plan with all limits.
    costs
        One row a kind of limits, then one a single limit, dearest first: ``kind``, ``limit``
        (`Limit`; missing for a kind), ``low_idr_year`` and ``high_idr_year``: the proven bounds of
        the cost, equal where both plans are proven best. Costs of single limits do not add up.
    """

    assignment: Assignment
    costs: pd.DataFrame

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a limit, in words."""
        columns = {
            translate("Limit", language): [
                self._words(row).text(language) for row in self.costs.itertuples()
            ],
            translate("Costs at least (IDR/year)", language): self.costs["low_idr_year"].round(0),
            translate("Costs at most (IDR/year)", language): self.costs["high_idr_year"].round(0),
        }
        return marked(pd.DataFrame(columns), language, made=self.assignment.problem.made)

    def in_words(self, language: Language) -> str:
        """Tell what the dearest limits cost."""
        parts = [Message("{note}.", {"note": Message(MADE)})] if self.assignment.problem.made else []
        dear = self.costs[self.costs["high_idr_year"] > _rounding(self.assignment)]
        told = pd.concat([dear[dear["limit"].notna()].head(TOLD), dear[dear["limit"].isna()]])
        parts += [self._sentence(row) for row in told.itertuples()]
        n_free = len(self.costs) - len(dear)
        if n_free:
            parts.append(
                Message(
                    "Each of {n} other limits or kinds of limits, dropped alone, would gain nothing.",
                    {"n": n_free},
                )
            )
        texts = [part.text(language) for part in parts]
        return " ".join(text[0].upper() + text[1:] for text in texts)

    def _words(self, row: object) -> Message:
        limit = row.limit  # type: ignore[attr-defined]
        if isinstance(limit, Limit):
            return limit.words(self.assignment.problem)
        return kind_words(row.kind)  # type: ignore[attr-defined]

    def _sentence(self, row: object) -> Message:
        low, high = row.low_idr_year, row.high_idr_year  # type: ignore[attr-defined]
        if high - low <= _rounding(self.assignment):
            return Message(
                "{limit}: {amount} a year is lost.", {"limit": self._words(row), "amount": millions(low)}
            )
        return Message(
            "{limit}: between {low} and {high} a year is lost.",
            {"limit": self._words(row), "low": millions(low), "high": millions(high)},
        )


def _rounding(assignment: Assignment) -> float:
    return 2 * PROVEN * max(abs(assignment.value_idr_year), 1.0)


def limit_costs(
    assignment: Assignment,
    *,
    single: Collection[Kind] = SINGLE,
    gap: float = PROVEN,
    time_limit_s: float = 60.0,
    n_jobs: int | None = None,
) -> LimitCosts:
    """Make the plan again without each kind of limits, and without each single one.

    Parameters
    ----------
    assignment
        From `assign`.
    single
        Kinds whose limits are also dropped one by one; with many limits that takes long.
    gap, time_limit_s
        Of each new plan, as in `assign`.
    n_jobs
        Workers, as in joblib; any number gives the same result.

    Examples
    --------
    >>> from pk_research.products.assignment import assign, assignment_problem
    >>> values = pd.DataFrame({"village_code": ["3216012001"] * 2 + ["3216012002"] * 2,
    ...                        "product": ["kecap", "telur_asin"] * 2,
    ...                        "value_idr_year": [9e6, 8e6, 7e6, 2e6]})
    >>> costs = limit_costs(assign(assignment_problem(values, most_per_kecamatan=1)))
    >>> print(costs.in_words("en").split(".")[0])
    The limit of 1 villages per product in 321601: IDR 1 million a year is lost
    """
    from joblib import Parallel, delayed

    model = build(assignment.problem)
    dropped: list[tuple[Kind, Limit | None, tuple[Limit, ...]]] = [
        (kind, None, model.limits_of(kind)) for kind in KINDS if model.limits_of(kind)
    ]
    dropped += [(limit.kind, limit, (limit,)) for limit in model.limits if limit.kind in set(single)]
    bounds = Parallel(n_jobs=n_jobs)(
        delayed(_bounds_without)(model, limits, gap, time_limit_s) for _, _, limits in dropped
    )
    value, bound = assignment.value_idr_year, assignment.bound_idr_year
    costs = pd.DataFrame(
        {
            "kind": [kind for kind, _, _ in dropped],
            "limit": pd.Series([limit for _, limit, _ in dropped], dtype=object),
            "low_idr_year": [max(0.0, low - bound) for low, _ in bounds],
            "high_idr_year": [max(0.0, high - value) for _, high in bounds],
        }
    )
    order = np.lexsort((-costs["high_idr_year"], costs["limit"].notna()))
    return LimitCosts(assignment, costs.iloc[order].reset_index(drop=True))


def _bounds_without(
    model: Model, limits: tuple[Limit, ...], gap: float, time_limit_s: float
) -> tuple[float, float]:
    """Return the worth of the plan found without limits, and what none exceeds."""
    freed = model.without(limits)
    relaxation = relax(freed)
    found = solve(freed, gap=gap, time_limit_s=time_limit_s, relaxation=relaxation)
    high = found.bound if relaxation is None else min(found.bound, relaxation.bound)
    low = -np.inf if found.x is None else float(freed.gain @ found.x)
    return low, max(low, high)
