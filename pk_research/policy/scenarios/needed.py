"""How large the effect would have to be for a policy to be worth its cost."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from pk_research.language import Bilingual, Language, Message, translate
from pk_research.policy.budget.words import short
from pk_research.policy.costs.uncertain import Uncertain
from pk_research.policy.scenarios.gains import EFFECT
from pk_research.policy.scenarios.impact import Scale
from pk_research.policy.scenarios.money import expected_figures, net_at
from pk_research.policy.scenarios.scenario import Scenario
from pk_research.policy.scenarios.words import number
from pk_research.products.words import told
from pk_research.writing import marked

FIRST_STEP, DOUBLINGS = 0.01, 20
SCALES: dict[Scale, Message] = {
    "absolute": Message("in the unit of the outcome"),
    "percent": Message("per cent of the outcome"),
    "log_percent": Message("log points, roughly per cent"),
}


@dataclass(frozen=True, eq=False)
class NeededEffect:
    """The effect at which a policy is worth just what it costs.

    Attributes
    ----------
    policy
        For people.
    effect
        In the first year, in the unit of ``scale``, the same for all groups and all else as expected;
        missing where no effect, however large, is worth the cost.
    expected
        The effect that was declared (the mean of the groups' ones).
    reached
        Share of the declared distribution at or above the needed effect; missing where there are groups.
    scale
        As in `Impact`.
    made
        True for made data.
    """

    policy: Bilingual
    effect: float
    expected: float
    reached: float
    scale: Scale
    made: bool

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row: needed, expected, how likely."""
        row = {
            translate("Policy", language): self.policy.text(language),
            translate("Effect needed to be worth the cost", language): number(self.effect, language),
            translate("Effect expected", language): number(self.expected, language),
            translate("Reached with a probability of (%)", language): number(
                round(100 * self.reached, 1), language
            ),
        }
        return marked(pd.DataFrame([row]), language, made=self.made)

    def in_words(self, language: Language) -> str:
        """Say how large the effect must be, and how likely it is that large."""
        values = {
            "policy": self.policy,
            "needed": short(self.effect),
            "expected": short(self.expected),
            "scale": SCALES[self.scale],
            "share": round(100 * self.reached, 1),
        }
        if np.isnan(self.effect):
            part = Message("No effect, however large, would make “{policy}” worth its cost.", values)
        elif np.isnan(self.reached):
            part = Message(
                "To be worth its cost, “{policy}” needs an effect of {needed} ({scale}); {expected} is"
                " expected.",
                values,
            )
        else:
            part = Message(
                "To be worth its cost, “{policy}” needs an effect of {needed} ({scale}); {expected} is"
                " expected, and the effect is that large with a probability of {share}%.",
                values,
            )
        return told([part], language, made=self.made)


def needed_effect(scenario: Scenario) -> NeededEffect:
    """Find the effect at which a policy is worth just what it costs, all else as expected.

    Parameters
    ----------
    scenario
        From `simulate`; its outcome is worth money.

    Raises
    ------
    BadInput
        When the outcome is no money.

    Examples
    --------
    >>> from pk_research.policy.costs import uncertain
    >>> from pk_research.policy.scenarios import Outcome, declare_policy, impact, simulate, target
    >>> rows = pd.DataFrame({"village_code": ["a", "b"], "income": [100.0, 300.0]})
    >>> grant = declare_policy(Message("Grant"), amount_idr=10.0, target=target("all"),
    ...                        impact=impact(uncertain(8.0), scale="percent"))
    >>> income = Outcome("income", Message("Income"), worth_idr=uncertain(1.0))
    >>> round(needed_effect(simulate(rows, grant, income, n_draws=100)).effect, 6)
    5.0
    """
    impact = scenario.policy.impact
    means = expected_figures(scenario)

    def net(effect: float) -> float:
        same = {EFFECT + group: np.array([effect]) for group in impact.by_group}
        return float(net_at(scenario, means | same)[0])

    unit = float(scenario.villages["before"].abs().mean()) if impact.scale == "absolute" else 100.0
    steps = [0.0, *(unit * FIRST_STEP * 2.0**k for k in range(DOUBLINGS))]
    found = np.nan
    for low, high in pairwise(steps):
        if impact.scale == "log_percent" and high > 100 * np.log(np.finfo(float).max) / 2:
            break
        if net(low) <= 0 <= net(high):
            found = float(brentq(net, low, high))
            break
    figures = list(impact.by_group.values())
    reached = _at_least(figures[0], found) if len(figures) == 1 else np.nan
    expected = float(np.mean([figure.mean for figure in figures]))
    return NeededEffect(scenario.policy.name, found, expected, reached, impact.scale, scenario.made)


def _at_least(figure: Uncertain, value: float) -> float:
    """Return the share of a distribution at or above a value."""
    if np.isnan(value):
        return 0.0
    if figure.shape == "fixed":
        return float(figure.mean >= value)
    edge = np.finfo(float).eps
    if value <= figure.quantile(np.array([edge]))[0]:
        return 1.0
    if value >= figure.quantile(np.array([1 - edge]))[0]:
        return 0.0
    return 1 - float(brentq(lambda p: float(figure.quantile(np.array([p]))[0]) - value, edge, 1 - edge))
