"""A scenario as flows of money, and which doubt about it matters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from pk_research.errors import BadInput, Problem
from pk_research.indicators.composite.sensitivity import sobol_indices
from pk_research.language import Bilingual, Language, Message
from pk_research.policy.costs.influence import Drivers, Tornado
from pk_research.policy.costs.uncertain import Uncertain
from pk_research.policy.scenarios.drawing import Question
from pk_research.policy.scenarios.gains import figures_at, figures_of_policy, yearly_gains
from pk_research.policy.scenarios.scenario import Scenario

WORTH = "worth"
# `cash_flows` takes no interval that reaches below 0; a narrow one declares the same normal figure.
WIDEST, OF_MEAN = 0.25, 0.5
NAMES: Mapping[str, Bilingual] = {
    "effect": Message("effect"),
    "take-up": Message("take-up"),
    "lasting": Message("share of the effect that is left in the next year"),
    "dose": Message("how the effect answers to the amount"),
    "leakage": Message("share that reaches others"),
    "elasticity": Message("price elasticity of demand"),
    WORTH: Message("worth of a unit gained"),
}


def flows(scenario: Scenario, language: Language, *, first_year: int) -> pd.DataFrame:
    """Return costs and gains by year, to be read by `pk_research.policy.costs.cash_flows`.

    Parameters
    ----------
    scenario
        From `simulate`; its outcome is worth money.
    language
        Of the names of the items.
    first_year
        The year in which the policy is paid and first works.

    Returns
    -------
    DataFrame
        ``item``, ``kind``, ``year``, ``mean``, ``low``, ``high``, ``distribution`` (normal with mean and
        standard deviation of the drawings, which can be a loss; fixed where nothing varies), ``level``;
        not discounted.

    Raises
    ------
    BadInput
        When the outcome is no money, or a loss is expected in a year.

    Notes
    -----
    Cost and gain are drawn independently of each other there, while here more take-up means more of both: the
    expected net value is the same, its doubt larger. How often it is worth its cost is said by the scenario.
    """
    _require_money(scenario)
    gained = Message("Worth of the gain: {outcome}", {"outcome": scenario.outcome.name}).text(language)
    cost = scenario.years.iloc[0]
    rows = [_flow(scenario.policy.name.text(language), "cost", first_year, cost["cost_idr"], cost["cost_sd"])]
    rows += [
        _flow(gained, "benefit", first_year + int(year.year), year.worth_idr, year.worth_sd)
        for year in scenario.years.itertuples()
    ]
    lossy = [row["year"] for row in rows if row["mean"] < 0]
    if lossy:
        raise BadInput(
            Problem(
                "the gain",
                f"in {lossy[0]} a loss is expected, which is no benefit",
                "Look at net_idr of the scenario, which holds losses.",
            )
        )
    columns = ["item", "kind", "year", "mean", "low", "high", "distribution", "level"]
    return pd.DataFrame(rows, columns=columns)


def scenario_tornado(scenario: Scenario, language: Language, *, level: float = 0.9) -> Tornado:
    """Move one uncertain figure at a time to the ends of its interval, all others as expected.

    Parameters
    ----------
    scenario
        From `simulate`; its outcome is worth money. Villages count with their probability to be served
        and their expected take-up.
    language
        Of the names of the figures.
    level
        Share of each figure's distribution between the two ends.

    Raises
    ------
    BadInput
        When the outcome is no money, nothing is uncertain, or the level is no share.
    """
    if not 0 < level < 1:
        raise BadInput(Problem("level", f"it is {level!r}", "Give a share between 0 and 1, such as 0.9."))
    varying = _varying(scenario)
    means = expected_figures(scenario)
    net = float(net_at(scenario, means)[0])
    ends = np.array([(1 - level) / 2, (1 + level) / 2])
    rows = []
    for name, figure in varying.items():
        values = {other: np.repeat(mean, 2) for other, mean in means.items()}
        low, high = net_at(scenario, values | {name: figure.quantile(ends)})
        rows.append((_name(name, language), float(low), float(high), abs(float(high - low))))
    frame = pd.DataFrame(rows, columns=["factor", "at_low", "at_high", "swing"])
    frame = frame.sort_values(["swing", "factor"], ascending=[False, True], ignore_index=True)
    return Tornado(frame, net, level, scenario.made)


def scenario_drivers(scenario: Scenario, language: Language, *, n_base: int = 512, seed: int = 0) -> Drivers:
    """Share the variance of the net worth out over the uncertain figures (Sobol indices).

    Parameters
    ----------
    scenario, language
        As in `scenario_tornado`.
    n_base, seed
        As in `pk_research.indicators.composite.sensitivity.sobol_indices`.

    Raises
    ------
    BadInput
        When the outcome is no money, nothing is uncertain, or ``n_base`` is no power of two.
    """
    varying, figures = _varying(scenario), _figures(scenario)
    inside = np.finfo(float).eps

    def net(places: np.ndarray) -> np.ndarray:
        values = {name: np.full(len(places), figure.mean) for name, figure in figures.items()}
        drawn = {
            name: figure.quantile(places[:, n].clip(inside, 1 - inside))
            for n, (name, figure) in enumerate(varying.items())
        }
        return net_at(scenario, values | drawn)

    names = [_name(name, language) for name in varying]
    result = sobol_indices(net, names, n_base=n_base, seed=seed)
    return Drivers(result.shares, result.n_runs, seed, scenario.made)


def expected_figures(scenario: Scenario) -> dict[str, np.ndarray]:
    """Return the expected value of every figure, by its name.

    Raises
    ------
    BadInput
        When the outcome is no money.
    """
    return {name: np.array([figure.mean]) for name, figure in _figures(scenario).items()}


def net_at(scenario: Scenario, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the net worth (IDR) where the figures have these values, villages as expected.

    Parameters
    ----------
    scenario
        From `simulate`.
    values
        Name of a figure -> values, one each for every result.
    """
    question: Question = scenario.question
    rows, policy = question.rows, question.policy
    figures = figures_at(policy, values)
    probability = scenario.villages["probability"].to_numpy()
    rate = np.column_stack([figures.take_up[group] for group in rows.take_up_group])
    taking = rate * rows.units * probability
    worth = np.zeros(len(rate))
    for year, factor in enumerate(question.factors):
        worth += factor * yearly_gains(rows, policy, figures, taking, apart=0.0, year=year).gain.sum(axis=1)
    cost = policy.fixed_idr * probability.sum() + policy.amount_idr * taking.sum(axis=1)
    return np.asarray(values[WORTH] * worth - cost)


def _flow(item: str, kind: str, year: int, mean: float, sd: float) -> dict[str, Any]:
    row: dict[str, Any] = {"item": item, "kind": kind, "year": year, "mean": float(mean)}
    if sd == 0:
        return row | {"low": np.nan, "high": np.nan, "distribution": "fixed", "level": np.nan}
    sigmas = min(WIDEST, OF_MEAN * abs(mean) / sd)
    level = float(2 * special.ndtr(sigmas) - 1)
    ends = {"low": mean - sigmas * sd, "high": mean + sigmas * sd}
    return row | ends | {"distribution": "normal", "level": level}


def _require_money(scenario: Scenario) -> Uncertain:
    worth = scenario.outcome.worth_idr
    if worth is None:
        raise BadInput(
            Problem(
                "worth_idr", "the outcome has no worth in rupiah", "Say in `Outcome` what a unit is worth."
            )
        )
    return worth


def _figures(scenario: Scenario) -> dict[str, Uncertain]:
    return figures_of_policy(scenario.policy) | {WORTH: _require_money(scenario)}


def _varying(scenario: Scenario) -> dict[str, Uncertain]:
    impact = scenario.policy.impact
    is_idle = {
        "dose": impact.studied_amount_idr in {None, scenario.policy.amount_idr},
        "lasting": impact.years == 1,
    }
    found = {
        name: figure
        for name, figure in _figures(scenario).items()
        if figure.shape != "fixed" and not is_idle.get(name, False)
    }
    if not found:
        raise BadInput(
            Problem("the policy", "nothing in it is uncertain", "Declare a figure by `uncertain`.")
        )
    return found


def _name(name: str, language: Language) -> str:
    what, _, group = name.partition(" ")
    text = NAMES[what].text(language)
    return f"{text}: {group}" if group else text
