"""What the policy does to those who take it up, how sure that is, and where it was found out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import special

from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual
from pk_research.policy.costs.uncertain import Uncertain
from pk_research.policy.effects.effect import Effect
from pk_research.policy.scenarios.figures import figure_of, figures_of, is_amount, is_whole, outside, reach

Scale = Literal["absolute", "percent", "log_percent"]
Per = Literal["village", "unit"]
SCALES: tuple[Scale, ...] = get_args(Scale)
PERS: tuple[Per, ...] = get_args(Per)
EVERYBODY = ""
ALL_OF_IT = -100.0
SIGMAS = 6
LEVEL = 0.95
MOST_YEARS = 50
STRONGEST_DOSE = 5.0


@dataclass(frozen=True, eq=False)
class Study:
    """Where an effect was found out, to be held against where it is to be used.

    Attributes
    ----------
    place
        The population of the study, for people: "Kabupaten Bekasi, 2021-2023".
    village_codes
        The villages it looked at; empty where that is not known.
    ranges
        Column -> lowest and highest value among the villages of the study.
    """

    place: Bilingual
    village_codes: frozenset[str] = frozenset()
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Impact:
    """The effect on those who take the policy up, sound: made by `impact`.

    Attributes
    ----------
    by_group
        Group -> effect in the first year; the group ``""`` stands for everybody.
    scale
        ``"absolute"``: in the unit of the outcome; ``"percent"``: of the village's outcome;
        ``"log_percent"``: 100 times the difference of logarithms, so that 10 means exp(0.10) - 1.
    column
        That names the group of a village; None where there is one effect for everybody.
    per
        Of an absolute effect: for each ``"village"`` or each ``"unit"`` (household, producer) that takes
        the policy up.
    between_sd
        Standard deviation of the true effects between villages around their mean, in the scale's unit.
    years
        Years in which there is an effect.
    lasting
        Share of a year's effect that is left in the next; 1 where it does not fade.
    studied_amount_idr
        Amount a unit that was given in the study; None where the policy is taken to give the same.
    dose
        Elasticity of the effect to the amount: 1 for half the effect at half the amount, 0 for the
        same effect at any amount. Used only where the two amounts differ.
    study
        Where it was found out; None where that was not said.
    """

    by_group: Mapping[str, Uncertain]
    scale: Scale
    column: str | None
    per: Per
    between_sd: float
    years: int
    lasting: Uncertain
    studied_amount_idr: float | None
    dose: Uncertain
    study: Study | None


def impact(
    found: Effect | Uncertain | Mapping[str, Uncertain],
    *,
    scale: Scale,
    column: str | None = None,
    per: Per = "village",
    between_sd: float = 0.0,
    years: int = 1,
    lasting: float | Uncertain = 1.0,
    studied_amount_idr: float | None = None,
    dose: float | Uncertain = 1.0,
    study: Study | None = None,
) -> Impact:
    """Declare what the policy does to those who take it up.

    Parameters
    ----------
    found
        An effect of `pk_research.policy.effects` (its first row, or its rows of kind ``group`` where
        ``column`` is given, taken as normal with their standard errors); a figure of
        `pk_research.policy.costs.uncertain`; or one such figure a group. It is the effect on who takes the
        policy up: an effect of having been *offered* it holds the take-up already, and is then used
        with a take-up of 1.
    scale, column, per, between_sd, years, lasting, studied_amount_idr, dose, study
        As in `Impact`.

    Raises
    ------
    BadInput
        Naming everything at once: an effect without a standard error, an unknown scale, an effect in
        per cent that reaches -100, fading outside 0 to 1.

    Examples
    --------
    >>> from pk_research.policy.costs import uncertain
    >>> found = impact(uncertain(10.0, low=4.0, high=16.0, shape="normal"), scale="percent", years=3)
    >>> found.by_group[""].mean
    10.0
    """
    problems = list(_of_estimate(found, column)) if isinstance(found, Effect) else []
    if problems:
        raise BadInput(problems)
    by_group = _of_effect(found, column) if isinstance(found, Effect) else figures_of(found, EVERYBODY)
    given = Impact(
        by_group,
        scale,
        column,
        per,
        between_sd,
        years,
        figure_of(lasting),
        studied_amount_idr,
        figure_of(dose),
        study,
    )
    problems = [*_of_effects(given), *_of_options(given)]
    if problems:
        raise BadInput(problems)
    return given


def _of_effect(effect: Effect, column: str | None) -> dict[str, Uncertain]:
    rows = effect.estimates.iloc[:1] if column is None else effect.of_kind("group")
    return {
        EVERYBODY if column is None else str(row.term): _normal(row.estimate, row.standard_error)
        for row in rows.itertuples()
    }


def _normal(mean: float, error: float) -> Uncertain:
    if error == 0:
        return figure_of(float(mean))
    half = float(special.ndtri((1 + LEVEL) / 2)) * error
    return Uncertain("normal", float(mean), float(mean - half), float(mean + half), LEVEL)


def _of_estimate(effect: Effect, column: str | None) -> Iterator[Problem]:
    rows = effect.estimates.iloc[:1] if column is None else effect.of_kind("group")
    if rows.empty:
        yield Problem(
            "found", "the effect has no rows of kind 'group'", "Leave column out, or estimate them."
        )
    wrong: pd.Series = ~np.isfinite(rows[["estimate", "standard_error"]]).all(axis=1)
    for term in rows.loc[wrong, "term"]:
        yield Problem(
            f"found, term {term!r}",
            "it has no estimate or no standard error",
            "Use a method that gives one, or declare the figure by `uncertain`.",
        )


def _of_effects(given: Impact) -> Iterator[Problem]:
    if not given.by_group:
        yield Problem("found", "it holds no effect", "Give one for everybody or one a group.")
    if (set(given.by_group) == {EVERYBODY}) != (given.column is None):
        yield Problem(
            "column",
            "effects by group need the column that names the group, one effect for all must have none",
            "Give both or neither.",
        )
    for name, figure in given.by_group.items():
        where = f"effect of {name!r}" if name else "effect"
        found = list(outside(figure, -np.inf, np.inf, where))
        yield from found
        is_known = not found and is_amount(given.between_sd)
        lowest = reach(figure)[0] - SIGMAS * given.between_sd if is_known else 0.0
        if given.scale == "percent" and lowest <= ALL_OF_IT:
            yield Problem(
                where,
                f"it can lie at {lowest:.4g} per cent, and nobody can lose more than all",
                "Give it in 'log_percent', or triangular with ends above -100.",
            )


def _of_options(given: Impact) -> Iterator[Problem]:
    for name, value, known in (("scale", given.scale, SCALES), ("per", given.per, PERS)):
        if value not in known:
            yield Problem(name, f"it is {value!r}", f"Choose one of {', '.join(known)}.")
    if given.per == "unit" and given.scale != "absolute":
        yield Problem("per", "a relative effect is one of the village's outcome", "Say per='village'.")
    if not is_amount(given.between_sd):
        yield Problem("between_sd", f"it is {given.between_sd!r}", "Give 0 or a positive number.")
    if not (is_whole(given.years) and given.years <= MOST_YEARS):
        yield Problem("years", f"it is {given.years!r}", f"Give a whole number from 1 to {MOST_YEARS}.")
    yield from outside(given.lasting, 0.0, 1.0, "lasting")
    yield from outside(given.dose, 0.0, STRONGEST_DOSE, "dose")
    amount = given.studied_amount_idr
    if amount is not None and not (is_amount(amount) and amount > 0):
        yield Problem("studied_amount_idr", f"it is {amount!r}", "Give an amount above 0, or leave it out.")
    for name, ends in given.study.ranges.items() if given.study else ():
        low, high = ends
        if not low <= high:
            yield Problem(f"study, range of {name!r}", f"it runs from {low!r} to {high!r}", "Exchange them.")
