"""The best product to make among rivals, and how sure it is that no other is better."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product as combinations
from typing import Literal, get_args

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.products.experiments import Attribute, ChoiceModel
from pk_research.products.market import words
from pk_research.products.market.offers import (
    INTERVAL,
    check_draws,
    check_model,
    drawn_tastes,
    is_amount,
    offered,
    prices_of,
)

Objective = Literal["share", "revenue", "profit"]
MOST_DESIGNS = 5_000
N_PEOPLE = 300
N_DRAWS = 300


@dataclass(frozen=True, eq=False)
class BestDesign:
    """All designs, the best first.

    Attributes
    ----------
    designs
        One row a design: a column an attribute, ``value`` of the objective (share of the choices, or
        rupiah for each choice people make; the mean of the draws), its 95% interval ``low`` to ``high``,
        ``probability_best`` (share of the draws in which it is) and ``may_be_best``: its difference
        to the first has 0 in its 95% interval.
    objective
        What is made large.
    attributes
        Of the experiment.
    n_rivals, n_draws, n_people, seed
        Rivals on the market, draws, people for each, seed.
    made
        True for made data.
    """

    designs: pd.DataFrame
    objective: Objective
    attributes: tuple[Attribute, ...]
    n_rivals: int
    n_draws: int
    n_people: int
    seed: int
    made: bool

    @property
    def best(self) -> dict[str, str]:
        """The level of each attribute of the best design."""
        return {one.name: str(self.designs[one.name].iloc[0]) for one in self.attributes}

    def table(self, language: Language, *, most: int = 10) -> pd.DataFrame:
        """Return the best designs for people."""
        return words.designs_table(self, language, most=most)

    def in_words(self, language: Language) -> str:
        """Tell the best design, and how many others cannot be told from it."""
        return words.designs_account(self, language)


def best_design(
    model: ChoiceModel,
    attributes: Sequence[Attribute],
    rivals: pd.DataFrame,
    *,
    objective: Objective = "revenue",
    price: str = "price_idr",
    fixed: Mapping[str, str] | None = None,
    level_costs: Mapping[str, Mapping[str, float]] | None = None,
    base_cost_idr: float = 0.0,
    n_people: int = N_PEOPLE,
    n_draws: int = N_DRAWS,
    seed: int = 0,
) -> BestDesign:
    """Compare every combination of levels with each other on a market with rivals.

    Parameters
    ----------
    model, attributes, price
        As in `market_shares`.
    rivals
        Products on offer besides, one row each.
    objective
        ``"share"`` of the choices, ``"revenue"``, or ``"profit"`` (price less costs).
    fixed
        Attribute -> level that cannot be chosen freely.
    level_costs
        Attribute -> level -> what the level adds to the cost of a unit, in rupiah; 0 where absent.
        Only for profit.
    base_cost_idr
        Cost of a unit before that. Only for profit.
    n_people, n_draws, seed
        As in `market_shares`.

    Raises
    ------
    BadInput
        When there are more than 5,000 combinations, the objective is unknown, costs and fixed levels
        name unknown ones, or costs are no amounts or given for another objective than profit.
    """
    check_draws(n_draws, n_people, seed)
    has_none = check_model(model, attributes)
    problems = _unknown_levels(attributes, fixed or {}, level_costs or {})
    problems += _wrong_worth(objective, level_costs or {}, base_cost_idr)
    if problems:
        raise BadInput(problems)
    levels = [(fixed[one.name],) if fixed and one.name in fixed else one.codes for one in attributes]
    n = math.prod(len(some) for some in levels)
    if n > MOST_DESIGNS:
        raise BadInput(
            Problem("attributes", f"they combine to {n} designs", f"Fix some: at most {MOST_DESIGNS}.")
        )
    designs = pd.DataFrame(list(combinations(*levels)), columns=[one.name for one in attributes])
    worth = np.ones(len(designs))
    if objective != "share":
        worth = prices_of(designs, price, attributes)
    if objective == "profit":
        worth = worth - base_cost_idr - _costs(designs, level_costs or {})
    own = offered(designs, attributes, has_none=has_none)[: len(designs)]
    others = offered(rivals, attributes, has_none=has_none)
    values = np.array(
        [
            worth * _shares_alone(tastes, own, others)
            for tastes in drawn_tastes(model, n_draws, n_people, seed)
        ]
    )
    mean = values.mean(axis=0)
    low, high = np.percentile(values, INTERVAL, axis=0)
    first = int(mean.argmax())
    behind = np.percentile(values[:, [first]] - values, INTERVAL[0], axis=0)
    best = np.bincount(values.argmax(axis=1), minlength=len(designs)) / n_draws
    table = designs.assign(value=mean, low=low, high=high, probability_best=best, may_be_best=behind <= 0)
    table = table.sort_values("value", ascending=False, kind="stable", ignore_index=True)
    people = 1 if model.kind == "multinomial" else n_people
    return BestDesign(table, objective, tuple(attributes), len(rivals), n_draws, people, seed, model.made)


def _shares_alone(tastes: np.ndarray, own: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the share of each design when it is the only one beside the others."""
    utility, rival = tastes @ own.T, tastes @ others.T
    highest = np.maximum(utility.max(axis=1), rival.max(axis=1))[:, None]
    odds = np.exp(utility - highest)
    return np.asarray((odds / (odds + np.exp(rival - highest).sum(axis=1, keepdims=True))).mean(axis=0))


def _costs(designs: pd.DataFrame, level_costs: Mapping[str, Mapping[str, float]]) -> np.ndarray:
    """Return what the levels of each design add to the cost of a unit."""
    costs = np.zeros(len(designs))
    for name, by_level in level_costs.items():
        costs += [by_level.get(str(level), 0.0) for level in designs[name]]
    return costs


def _unknown_levels(
    attributes: Sequence[Attribute], fixed: Mapping[str, str], costs: Mapping[str, Mapping[str, float]]
) -> list[Problem]:
    known = {one.name: one.codes for one in attributes}
    named = [("fixed", name, [level]) for name, level in fixed.items()]
    named += [("level_costs", name, list(levels)) for name, levels in costs.items()]
    return [
        Problem(
            f"{where}, {name}",
            f"there is no {', '.join(map(str, unknown))}",
            "Give levels of the experiment.",
        )
        for where, name, levels in named
        if (unknown := [level for level in levels if level not in known.get(name, ())])
    ]


def _wrong_worth(
    objective: Objective, costs: Mapping[str, Mapping[str, float]], base_cost_idr: float
) -> list[Problem]:
    problems = []
    if objective not in get_args(Objective):
        what, remedy = f"there is no {objective!r}", f"Use one of {', '.join(get_args(Objective))}."
        problems.append(Problem("objective", what, remedy))
    elif objective != "profit" and (costs or base_cost_idr):
        what = f"costs do not change the {objective}"
        problems.append(Problem("objective", what, "Ask for profit, or leave costs out."))
    if not (is_amount(base_cost_idr) and base_cost_idr >= 0):
        problems.append(Problem("base_cost_idr", f"it is {base_cost_idr}", "Give rupiah, 0 or more."))
    problems += [
        Problem(f"level_costs, {name}, {level}", f"{cost!r} is no amount", "Give rupiah.")
        for name, by_level in costs.items()
        for level, cost in by_level.items()
        if not is_amount(cost)
    ]
    return problems
