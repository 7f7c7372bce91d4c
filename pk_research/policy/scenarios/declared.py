"""A policy as data: what it gives, to whom, who takes it up, what comes of it, what prices do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual
from pk_research.policy.costs.uncertain import Uncertain
from pk_research.policy.effects.effect import NO_UNIT
from pk_research.policy.scenarios.figures import figure_of, figures_of, is_amount, outside, reach
from pk_research.policy.scenarios.impact import EVERYBODY, Impact
from pk_research.policy.scenarios.target import Target


@dataclass(frozen=True, eq=False)
class Prices:
    """How prices answer to more supply: demand of constant elasticity in each market.

    Attributes
    ----------
    elasticity
        Of demand to the price, below 0: with -2 a price 1 % lower sells 2 % more.
    column
        That names the market of a village, such as its product; None for one market for all.
    local_share
        Part of each market's supply that comes from the villages of the table, above 0 to 1. The
        smaller, the less they move the price.
    """

    elasticity: Uncertain
    column: str | None = None
    local_share: float = 1.0


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the policy is to change; the same for all policies that are compared.

    Attributes
    ----------
    column
        Of the village's value before, per period.
    name, unit
        For people.
    periods_per_year
        12 for a monthly value; gains are summed over a year.
    worth_idr
        What one unit of the outcome gained is worth to the village, IDR: 1 for income, the margin for
        sales. None where it is not money: gains are then not held against costs.
    line
        A village with an outcome below it counts as poor; None for no line.
    """

    column: str
    name: Bilingual
    unit: Bilingual = NO_UNIT
    periods_per_year: float = 1.0
    worth_idr: Uncertain | None = None
    line: float | None = None


@dataclass(frozen=True, eq=False)
class Policy:
    """A policy, sound: made by `declare_policy`.

    Attributes
    ----------
    name
        For people.
    amount_idr
        Given to each unit that takes the policy up, IDR.
    fixed_idr
        Cost of each village that is served, whoever takes it up there, IDR.
    units
        Column with the number of units (households, producers) of a village; None for one a village.
    target
        Who gets it.
    impact
        What it does.
    take_up
        Group -> share of the units that take it up; the group ``""`` stands for everybody.
    take_up_column
        That names the group of a village; None where there is one rate.
    leakage
        Share of what is given that reaches somebody else, and so costs but does not work.
    budget_idr
        Cap, IDR: villages are served in their order as long as the budget would pay for all units of
        each; None for no cap.
    prices
        How prices answer; None where they do not.
    """

    name: Bilingual
    amount_idr: float
    fixed_idr: float
    units: str | None
    target: Target
    impact: Impact
    take_up: Mapping[str, Uncertain]
    take_up_column: str | None
    leakage: Uncertain
    budget_idr: float | None
    prices: Prices | None


def declare_policy(
    name: Bilingual,
    *,
    amount_idr: float,
    target: Target,
    impact: Impact,
    fixed_idr: float = 0.0,
    units: str | None = None,
    take_up: float | Uncertain | Mapping[str, Uncertain] = 1.0,
    take_up_column: str | None = None,
    leakage: float | Uncertain = 0.0,
    budget_idr: float | None = None,
    prices: Prices | None = None,
) -> Policy:
    """Declare a policy.

    Parameters
    ----------
    name, amount_idr, target, impact, fixed_idr, units, take_up, take_up_column, leakage, budget_idr, prices
        As in `Policy`.

    Raises
    ------
    BadInput
        Naming everything at once: negative amounts, a policy that costs nothing, take-up or leakage that
        can lie outside 0 to 1, an elasticity that can be 0 or more, a budget below the cost of one unit.

    Examples
    --------
    >>> from pk_research.language import Message
    >>> from pk_research.policy.costs import uncertain
    >>> from pk_research.policy.scenarios import impact, target
    >>> sales = impact(uncertain(10.0, low=4.0, high=16.0, shape="normal"), scale="percent")
    >>> grant = declare_policy(Message("Grant"), amount_idr=5e6, target=target("all"), impact=sales)
    >>> grant.take_up[""].mean
    1.0
    """
    found = Policy(
        name,
        amount_idr,
        fixed_idr,
        units,
        target,
        impact,
        figures_of(take_up, EVERYBODY),
        take_up_column,
        figure_of(leakage),
        budget_idr,
        prices,
    )
    problems = [*_of_money(found), *_of_take_up(found), *_of_prices(found)]
    if problems:
        raise BadInput(problems)
    return found


def faults_of(outcome: Outcome) -> Iterator[Problem]:
    """Say what is wrong with an outcome."""
    if not (is_amount(outcome.periods_per_year) and outcome.periods_per_year > 0):
        yield Problem("periods_per_year", f"it is {outcome.periods_per_year!r}", "Give a number above 0.")
    if outcome.worth_idr is not None:
        yield from outside(outcome.worth_idr, 0.0, np.inf, "worth_idr")
    if outcome.line is not None and not is_amount(outcome.line, least=-np.inf):
        yield Problem("line", f"it is {outcome.line!r}", "Give a finite number, or leave it out.")


def _of_money(given: Policy) -> Iterator[Problem]:
    amounts = {"amount_idr": given.amount_idr, "fixed_idr": given.fixed_idr}
    wrong = [name for name, amount in amounts.items() if not is_amount(amount)]
    for name in wrong:
        yield Problem(name, f"it is {amounts[name]!r}", "Give IDR, 0 or more.")
    if wrong:
        return
    least = given.amount_idr + given.fixed_idr
    if least == 0:
        yield Problem("amount_idr and fixed_idr", "both are 0", "Say what the policy costs.")
    if given.impact.studied_amount_idr is not None and given.amount_idr == 0:
        yield Problem("amount_idr", "it is 0, but in the study an amount was given", "Say what is given.")
    budget = given.budget_idr
    if budget is None:
        return
    if not is_amount(budget):
        yield Problem("budget_idr", f"it is {budget!r}", "Give IDR above 0, or leave it out.")
    elif budget < least:
        yield Problem(
            "budget_idr",
            f"IDR {budget:,.0f} does not pay for one village with one unit (IDR {least:,.0f})",
            "Raise the budget or lower the amount.",
        )


def _of_take_up(given: Policy) -> Iterator[Problem]:
    if not given.take_up:
        yield Problem("take_up", "it holds no rate", "Give one for everybody or one a group.")
    if (set(given.take_up) == {EVERYBODY}) != (given.take_up_column is None):
        yield Problem(
            "take_up_column",
            "rates by group need the column that names the group, one rate for all must have none",
            "Give both or neither.",
        )
    for name, rate in given.take_up.items():
        yield from outside(rate, 0.0, 1.0, f"take-up of {name!r}" if name else "take-up")
    yield from outside(given.leakage, 0.0, 1.0, "leakage")


def _of_prices(given: Policy) -> Iterator[Problem]:
    prices = given.prices
    if prices is None:
        return
    found = list(outside(prices.elasticity, -np.inf, np.inf, "elasticity"))
    yield from found
    if not found and reach(prices.elasticity)[1] >= 0:
        yield Problem(
            "elasticity",
            f"it is {prices.elasticity.mean:g} (as declared it can be 0 or more): more would be bought at"
            " higher prices",
            "Give it below 0, such as -1.5; a triangular or uniform figure keeps its ends.",
        )
    if not (is_amount(prices.local_share) and 0 < prices.local_share <= 1):
        yield Problem("local_share", f"it is {prices.local_share!r}", "Give a share above 0, up to 1.")
