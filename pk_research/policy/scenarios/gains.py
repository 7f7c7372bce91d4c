"""What the served gain in each drawing, year by year, and what lower prices take away again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from pk_research.errors import BadInput, Problem
from pk_research.policy.costs.uncertain import Uncertain
from pk_research.policy.scenarios.declared import Policy, Prices
from pk_research.policy.scenarios.lots import Block
from pk_research.policy.scenarios.rows import Rows

PERCENT = 100.0
EFFECT, TAKE_UP = "effect ", "take-up "


@dataclass(frozen=True, eq=False)
class Figures:
    """One value a drawing of everything that is the same for all villages.

    Attributes
    ----------
    effect, take_up
        Group -> values.
    lasting, dose, leakage, elasticity
        Values; the elasticity is missing without prices.
    """

    effect: Mapping[str, np.ndarray]
    take_up: Mapping[str, np.ndarray]
    lasting: np.ndarray
    dose: np.ndarray
    leakage: np.ndarray
    elasticity: np.ndarray


@dataclass(frozen=True, eq=False)
class Gains:
    """Gains of one year a period, one row a drawing, one column a village.

    Attributes
    ----------
    gain
        After prices have moved.
    lost_to_price
        Of each drawing, over all villages.
    """

    gain: np.ndarray
    lost_to_price: np.ndarray


def figures_of_policy(policy: Policy) -> dict[str, Uncertain]:
    """Return every figure of a policy that is the same for all villages, by its name."""
    impact = policy.impact
    found = {EFFECT + group: figure for group, figure in impact.by_group.items()}
    found |= {TAKE_UP + group: figure for group, figure in policy.take_up.items()}
    found |= {"lasting": impact.lasting, "dose": impact.dose, "leakage": policy.leakage}
    return found | ({"elasticity": policy.prices.elasticity} if policy.prices else {})


def figures_at(policy: Policy, values: Mapping[str, np.ndarray]) -> Figures:
    """Return the figures by what they are for, from their values by name."""
    unknown = np.full_like(values["lasting"], np.nan)
    return Figures(
        effect={group: values[EFFECT + group] for group in policy.impact.by_group},
        take_up={group: values[TAKE_UP + group] for group in policy.take_up},
        lasting=values["lasting"],
        dose=values["dose"],
        leakage=values["leakage"],
        elasticity=values.get("elasticity", unknown),
    )


def drawn_figures(policy: Policy, block: Block) -> Figures:
    """Draw the figures that are the same for all villages; effects of two studies apart from each other."""
    study = policy.impact.study.place.text("en") if policy.impact.study else ""
    values = {
        name: block.figure(f"{name}\x1f{study}" if name.startswith(EFFECT) else name, figure)
        for name, figure in figures_of_policy(policy).items()
    }
    return figures_at(policy, values)


def takers(
    rows: Rows, policy: Policy, figures: Figures, block: Block, *, is_served: np.ndarray
) -> np.ndarray:
    """Draw how many units of each served village take the policy up: binomial, given the rate."""
    rate = by_village(figures.take_up, rows.take_up_group)
    if all(figure.shape == "fixed" and figure.mean in {0.0, 1.0} for figure in policy.take_up.values()):
        return np.where(is_served, rate * rows.units, 0.0)
    ever = np.flatnonzero(is_served.any(axis=0))
    places = block.places("take-up", [rows.codes[n] for n in ever])
    units, rate = rows.units[ever], rate[:, ever]
    is_single = (units <= 1).all()
    drawn = (places > 1 - rate) * units if is_single else stats.binom.ppf(places, units, rate)
    taking = np.zeros(is_served.shape)
    taking[:, ever] = np.where(is_served[:, ever], drawn, 0.0)
    return taking


def by_village(figures: Mapping[str, np.ndarray], group: np.ndarray) -> np.ndarray:
    """Return one column a village: the values of its group."""
    return np.column_stack([figures[name] for name in group])


def yearly_gains(
    rows: Rows, policy: Policy, figures: Figures, taking: np.ndarray, *, apart: np.ndarray | float, year: int
) -> Gains:
    """Return the gains of one year, a period.

    Parameters
    ----------
    rows, policy, figures
        Villages, policy, and the figures of each drawing.
    taking
        Units that were served and took it up.
    apart
        By how much the effect of each village departs from the mean, in the scale's unit.
    year
        From 0.
    """
    impact = policy.impact
    strength = figures.lasting**year
    if impact.studied_amount_idr is not None:
        strength = strength * (policy.amount_idr / impact.studied_amount_idr) ** figures.dose
    effect = (by_village(figures.effect, rows.effect_group) + apart) * strength[:, None]
    reached = taking * (1 - figures.leakage)[:, None]
    if impact.per == "village":
        reached = reached / np.where(rows.units > 0, rows.units, 1.0)
    if impact.scale == "percent":
        effect = rows.before * effect / PERCENT
    elif impact.scale == "log_percent":
        effect = rows.before * np.expm1(effect / PERCENT)
    unchanged = effect * reached
    if policy.prices is None:
        return Gains(unchanged, np.zeros(len(unchanged)))
    price = prices_after(rows, policy.prices, unchanged, figures.elasticity)
    gain = price * (rows.before + unchanged) - rows.before
    return Gains(gain, (unchanged - gain).sum(axis=1))


def prices_after(rows: Rows, prices: Prices, unchanged: np.ndarray, elasticity: np.ndarray) -> np.ndarray:
    """Return each village's price as a share of the price before.

    Parameters
    ----------
    rows, prices
        Villages, and how prices answer.
    unchanged
        Gains at unchanged prices: what is sold more.
    elasticity
        Of demand, one value a drawing.

    Raises
    ------
    BadInput
        When in a drawing a market sells nothing any more.
    """
    found = np.ones_like(unchanged)
    for name in sorted(set(rows.market)):
        mine = np.flatnonzero(rows.market == name)
        supply = float(rows.before[mine].sum()) / prices.local_share
        if supply == 0:
            continue
        growth = 1 + unchanged[:, mine].sum(axis=1) / supply
        if (growth <= 0).any():
            raise BadInput(
                Problem(
                    f"market {name!r}" if name else "the market",
                    "in some drawings nothing is sold any more, and no price is known for that",
                    "Give the effect in 'log_percent', or a distribution with ends.",
                )
            )
        found[:, mine] = (growth ** (1 / elasticity))[:, None]
    return found
