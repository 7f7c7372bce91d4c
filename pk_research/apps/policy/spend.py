"""Where to spend: a budget over villages and kinds of help, by what each is known to bring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.apps.policy.helps import HELPS
from pk_research.apps.policy.material import INDEX, SALES, SELLERS, Material
from pk_research.apps.policy.trouble import NO_PLAN
from pk_research.apps.trouble import CannotShow
from pk_research.errors import BadInput, NotReady

if TYPE_CHECKING:
    from pk_research.policy.budget import Allocation

MARGIN = 0.25
MORE_IDR = 100e6
LOWEST_SHARE = 0.2
LOWEST, OTHERS = "lowest", "others"
GAP, CLOCK_S = 1e-3, 8.0


@dataclass(frozen=True, eq=False)
class Spending:
    """A plan for a budget.

    Attributes
    ----------
    plan
        Which villages get which help; effects in million rupiah of income a year.
    more
        What another hundred million rupiah would bring, in the same unit; missing where no plan was
        found for it.
    names
        Village code -> name and kecamatan.
    """

    plan: Allocation
    more: float
    names: pd.DataFrame

    @property
    def chosen(self) -> pd.DataFrame:
        """One row a village and help, with names, by kecamatan."""
        rows = self.plan.chosen.merge(self.names, on="village_code", how="left")
        return rows.sort_values(["kecamatan", "village", "policy"], ignore_index=True)


def spending_of(material: Material, *, budget_idr: float, lowest_share: float, caution: float) -> Spending:
    """Find the plan that brings most.

    Parameters
    ----------
    material
        The villages, and what each help did.
    budget_idr
        What may be spent, IDR.
    lowest_share
        Share of it that is kept for the fifth of the villages with the lowest economic index.
    caution
        Standard errors taken off each effect before choosing.

    Raises
    ------
    CannotShow
        When no plan keeps the rules, or no help's effect is known.
    """
    from pk_research.policy.budget import allocate, budget_problem

    rows = _offers(material)

    def best(amount: float) -> Allocation:
        problem = budget_problem(
            rows,
            budget_idr=amount,
            most_per_village=len(HELPS),
            floors={LOWEST: lowest_share} if lowest_share else None,
            risk_aversion=caution,
            errors="by_policy",
            inputs=material.inputs,
            made=material.made,
        )
        return allocate(problem, gap=GAP, time_limit_s=CLOCK_S)

    try:
        plan = best(budget_idr)
    except (BadInput, NotReady) as reason:
        raise CannotShow(NO_PLAN) from reason
    try:
        more = best(budget_idr + MORE_IDR).effect - plan.effect
    except (BadInput, NotReady):
        more = float("nan")
    return Spending(plan, more, material.latest[["village_code", "village", "kecamatan"]])


def _offers(material: Material) -> pd.DataFrame:
    parts = []
    for key, asked in HELPS.items():
        try:
            effect = material.effect_of(key)
        except CannotShow:
            continue
        villages = material.without(asked)
        income = 12 * MARGIN * villages[SALES].to_numpy() / 1e6
        grown, error = np.exp(effect.estimate / 100), effect.standard_error / 100
        parts.append(
            pd.DataFrame(
                {
                    "village_code": villages["village_code"].to_numpy(),
                    "policy": key,
                    "cost_idr": asked.village_idr + asked.seller_idr * villages[SELLERS].to_numpy(),
                    "effect": (grown - 1) * income,
                    "se": grown * error * income,
                }
            )
        )
    if not parts:
        raise CannotShow(NO_PLAN)
    index = material.latest.set_index("village_code")[INDEX]
    lowest = set(index.index[index <= index.quantile(LOWEST_SHARE)])
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(group=np.where(rows["village_code"].isin(lowest), LOWEST, OTHERS))
