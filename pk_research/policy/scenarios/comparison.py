"""Policies side by side, on the same drawings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message
from pk_research.policy.budget.words import short
from pk_research.policy.scenarios.scenario import Scenario
from pk_research.policy.scenarios.summary import ends_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


MEASURES = {"cost": "cost_idr", "gain": "gain", "net": "net_idr"}
ALIKE = 0.05
FIRST, SECOND, NONE = "first", "second", "none"


@dataclass(frozen=True, eq=False)
class ScenarioComparison:
    """Policies side by side.

    Attributes
    ----------
    scenarios
        As given.
    pairs
        One row a pair: ``first``, ``second`` (their numbers, from 0); ``cost_difference``,
        ``gain_difference``, ``net_difference`` (first less second, expected), each with ``_low`` and
        ``_high`` (of the differences in the same drawings); ``gains_more`` and ``is_better`` (share of
        the drawings in which the first gains more; is worth more after its cost); ``dominates``: the first
        (``"first"``), the ``"second"``, or ``"none"`` gains no less at no higher cost in every drawing;
        ``stochastically``: the same for the distribution of the net worth (of the gain where it is no
        money): whatever is asked for, it is at least as likely to reach it.
    best
        Number of the scenario with the highest expected net worth (gain where it is no money).
    probability_best
        For each scenario, the share of the drawings in which it is the best.
    warnings
        Each a sentence, such as costs that differ.
    level
        Of the intervals.
    made
        True for made data.
    """

    scenarios: tuple[Scenario, ...]
    pairs: pd.DataFrame
    best: int
    probability_best: tuple[float, ...]
    warnings: tuple[Message, ...]
    level: float
    made: bool

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a policy for people."""
        from pk_research.policy.scenarios import comparison_words

        return comparison_words.comparison_table(self, language)

    def pair_table(self, language: Language) -> pd.DataFrame:
        """Return one row a pair for people: differences and their intervals."""
        from pk_research.policy.scenarios import comparison_words

        return comparison_words.pair_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say which is best, how sure that is, and whether one dominates."""
        from pk_research.policy.scenarios import comparison_words

        return comparison_words.comparison_in_words(self, language)

    def plot(self, language: Language, *, width_px: int = 900) -> Figure:
        """Draw the interval of each policy, one below the other."""
        from pk_research.policy.scenarios.pictures import plot_comparison

        return plot_comparison(self, language, width_px=width_px)


def compare_scenarios(scenarios: Sequence[Scenario]) -> ScenarioComparison:
    """Put policies side by side on the same drawings.

    Parameters
    ----------
    scenarios
        Two or more from `simulate`, with the same villages, outcome, seed, drawings, rate and level.

    Raises
    ------
    BadInput
        When they do not rest on the same drawings.

    Notes
    -----
    Figures that are declared alike (effects of the same study, rates, elasticities) are taken for the same
    figure and cancel in a difference; figures that are declared differently are independent of each other.
    """
    given = tuple(scenarios)
    problems = _of_scenarios(given)
    if problems:
        raise BadInput(problems)
    first = given[0]
    pairs = [_pair(given, one, other) for one, other in combinations(range(len(given)), 2)]
    values = np.column_stack([what_counts(one) for one in given])
    wins = np.bincount(values.argmax(axis=1), minlength=len(given)) / len(values)
    return ScenarioComparison(
        scenarios=given,
        pairs=pd.DataFrame(pairs),
        best=int(values.mean(axis=0).argmax()),
        probability_best=tuple(float(share) for share in wins),
        warnings=_unlike_costs(given),
        level=first.level,
        made=any(one.made for one in given),
    )


def what_counts(scenario: Scenario) -> np.ndarray:
    """Return the net worth of each drawing; the gain where it is no money."""
    column = "gain" if scenario.outcome.worth_idr is None else "net_idr"
    return np.asarray(scenario.draws[column])


def _pair(given: Sequence[Scenario], one: int, other: int) -> dict[str, object]:
    first, second = given[one], given[other]
    found: dict[str, object] = {"first": one, "second": other}
    for name, column in MEASURES.items():
        apart = (first.draws[column] - second.draws[column]).to_numpy()
        low, high = np.quantile(apart, ends_of(first.level))
        found |= {
            f"{name}_difference": float(apart.mean()),
            f"{name}_difference_low": float(low),
            f"{name}_difference_high": float(high),
        }
    gain, worth = (
        (first.draws["gain"] > second.draws["gain"]).mean(),
        what_counts(first) > what_counts(second),
    )
    return found | {
        "gains_more": float(gain),
        "is_better": float(worth.mean()),
        "dominates": _dominating(first, second),
        "stochastically": _stochastically(what_counts(first), what_counts(second)),
    }


def _dominating(first: Scenario, second: Scenario) -> str:
    """Say which gains no less at no higher cost in every drawing, and differs in some."""
    gain = (first.draws["gain"] - second.draws["gain"]).to_numpy()
    saved = (second.draws["cost_idr"] - first.draws["cost_idr"]).to_numpy()
    both = np.concatenate([gain, saved])
    return _sign_of(both)


def _stochastically(first: np.ndarray, second: np.ndarray) -> str:
    """Say whose distribution lies nowhere lower (dominance of the first order)."""
    return _sign_of(np.sort(first) - np.sort(second))


def _sign_of(apart: np.ndarray) -> str:
    if (apart >= 0).all() and (apart > 0).any():
        return FIRST
    return SECOND if (apart <= 0).all() and (apart < 0).any() else NONE


def _of_scenarios(given: Sequence[Scenario]) -> list[Problem]:
    if len(given) < 2:
        return [Problem("scenarios", f"there are {len(given)}", "Give two or more.")]
    first = given[0]
    problems = []
    for number, other in enumerate(given[1:], start=2):
        alike = {
            "villages": first.villages[["village_code", "before"]].equals(
                other.villages[["village_code", "before"]]
            ),
            "outcome": _outcome_of(first) == _outcome_of(other),
            "seed and n_draws": (first.seed, first.n_draws) == (other.seed, other.n_draws),
            "rate and level": (first.rate, first.level) == (other.rate, other.level),
        }
        problems += [
            Problem(f"scenario {number}, {name}", "not as in scenario 1", "Simulate both in the same way.")
            for name, is_alike in alike.items()
            if not is_alike
        ]
    return problems


def _outcome_of(scenario: Scenario) -> tuple[object, ...]:
    outcome = scenario.outcome
    return outcome.column, outcome.periods_per_year, outcome.worth_idr, outcome.line


def _unlike_costs(given: Sequence[Scenario]) -> tuple[Message, ...]:
    costs = [float(one.measures.loc["cost_idr", "expected"]) for one in given]
    if max(costs) - min(costs) <= ALIKE * max(costs):
        return ()
    warning = Message(
        "The policies do not cost the same (IDR {least} to {most}): part of the difference in gains is one"
        " in money. Look at the cost of a unit gained, or give all the same budget.",
        {"least": short(min(costs)), "most": short(max(costs))},
    )
    return (warning,)
