"""What each limit costs: the plan made again without it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message, translate
from pk_research.products.assignment.assign import PROVEN, Assignment, with_products_kept
from pk_research.products.assignment.limits import KINDS, Kind, Limit, kind_words
from pk_research.products.assignment.model import NOBODY, Model, build
from pk_research.products.assignment.money import millions
from pk_research.products.assignment.solver import ROUNDING, option_faults, relax, solve
from pk_research.products.assignment.words import BY_CLOCK
from pk_research.products.words import some
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
    stopped_by_clock
        Whether a time limit ended any search; then another machine may find other costs.
    """

    assignment: Assignment
    costs: pd.DataFrame
    stopped_by_clock: bool

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
                    "Other limits or kinds of limits that, each dropped alone, would gain nothing: {n}.",
                    {"n": n_free},
                )
            )
        parts += [BY_CLOCK] * self.stopped_by_clock
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
    time_limit_s: float = np.inf,
    n_jobs: int | None = None,
) -> LimitCosts:
    """Make the plan again without each kind of limits, and without each single one.

    Limits whose price is zero are first dropped all together: where it is proven that not even that
    gains anything, none of them costs anything; otherwise each half of them is tried in the same way.
    All others are dropped one by one.

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

    Raises
    ------
    BadInput
        When a kind is not one of those of `Limit`, or the gap or the time limit makes no sense.

    Examples
    --------
    >>> from pk_research.products.assignment import assign, assignment_problem
    >>> values = pd.DataFrame({"village_code": ["3216012001"] * 2 + ["3216012002"] * 2,
    ...                        "product": ["kecap", "telur_asin"] * 2,
    ...                        "value_idr_year": [9e6, 8e6, 7e6, 2e6]})
    >>> costs = limit_costs(assign(assignment_problem(values, most_per_kecamatan=1)))
    >>> print(costs.in_words("en").split(".")[0])
    The limit of villages per product in Tarumajaya (1): IDR 1 million a year is lost
    """
    from joblib import Parallel, delayed

    problems = _unknown_kinds(single) + option_faults(gap, time_limit_s)
    if problems:
        raise BadInput(problems)
    model = build(assignment.problem)
    dropped: list[tuple[Kind, Limit | None, tuple[Limit, ...]]] = [
        (kind, None, model.limits_of(kind)) for kind in KINDS if model.limits_of(kind)
    ]
    dropped += [(limit.kind, limit, (limit,)) for limit in model.limits if limit.kind in set(single)]
    value, bound = assignment.value_idr_year, assignment.bound_idr_year
    without = partial(_without, model, gap=gap, time_limit_s=time_limit_s)
    unpriced = _unpriced(model, assignment)
    groups = list(dict.fromkeys(limits for _, _, limits in dropped))
    most = value + gap * abs(value)
    searches = list(_together([g for g in groups if unpriced.issuperset(g)], without, most))
    found = {g: replace(one, low=value) for group, one in searches if one.high <= most for g in group}
    others = [limits for limits in groups if limits not in found]
    found |= zip(others, Parallel(n_jobs=n_jobs)(map(delayed(without), others)), strict=True)
    bounds = [found[limits] for _, _, limits in dropped]
    costs = pd.DataFrame(
        {
            "kind": [kind for kind, _, _ in dropped],
            "limit": pd.Series([limit for _, limit, _ in dropped], dtype=object),
            "low_idr_year": [max(0.0, one.low - bound) for one in bounds],
            "high_idr_year": [max(0.0, one.high - value) for one in bounds],
        }
    )
    order = np.lexsort((-costs["high_idr_year"], costs["limit"].notna()))
    stopped = assignment.stopped_by_clock or any(
        one.stopped_by_clock for one in (*bounds, *(one for _, one in searches))
    )
    return LimitCosts(assignment, costs.iloc[order].reset_index(drop=True), stopped)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The worth of the plan found without some limits, and what none exceeds."""

    low: float
    high: float
    stopped_by_clock: bool


def _without(model: Model, limits: Collection[Limit], *, gap: float, time_limit_s: float) -> _Bounds:
    freed = model.without(limits)
    relaxation = relax(freed)
    found = solve(freed, gap=gap, time_limit_s=time_limit_s, relaxation=relaxation)
    high = found.bound if relaxation is None else min(found.bound, relaxation.bound)
    low = -np.inf if found.x is None else float(freed.gain @ found.x)
    return _Bounds(low, max(low, high), found.stopped_by_clock)


def _together(
    groups: list[tuple[Limit, ...]], without: Callable[[Collection[Limit]], _Bounds], most: float
) -> Iterator[tuple[list[tuple[Limit, ...]], _Bounds]]:
    """Drop limits together; where more than so much can be gained by that, each half of them."""
    if len(groups) < 2:
        return
    found = without({limit for limits in groups for limit in limits})
    yield groups, found
    if found.high > most:
        half = len(groups) // 2
        yield from _together(groups[:half], without, most)
        yield from _together(groups[half:], without, most)


def _unpriced(model: Model, assignment: Assignment) -> set[Limit]:
    """Return limits without a price and least numbers that are exceeded: a guess at what costs nothing."""
    chosen, least = assignment.chosen, assignment.problem.least_villages
    counts = assignment.products.set_index("product")["n_villages"]
    taken_up = np.isin([assignment.problem.products.index(name) for name in least], chosen)
    x = np.zeros(len(model.gain))
    x[model.n_pairs : model.n_pairs + len(taken_up)] = taken_up
    priced = relax(with_products_kept(model, x))
    if priced is None:
        return set()
    rows = np.abs(priced.prices) > ROUNDING * np.abs(model.gain).max()
    priced_limits = {model.limits[owner] for owner in model.owner[rows] if owner != NOBODY}
    tight = {Limit("least", name) for name, n in least.items() if counts[name] <= n}
    return set(model.limits) - priced_limits - tight


def _unknown_kinds(single: Collection[Kind]) -> list[Problem]:
    unknown = sorted(set(single) - set(KINDS))
    if not unknown:
        return []
    return [Problem("single", f"not a kind of limits: {some(unknown)}", f"Choose among {', '.join(KINDS)}.")]
