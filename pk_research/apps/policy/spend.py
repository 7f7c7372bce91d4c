"""Where to spend: a budget over villages and kinds of help, by what each is known to bring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.apps.policy.helps import HELPS
from pk_research.apps.policy.material import INDEX, SALES, SELLERS, Material
from pk_research.apps.policy.trouble import CLASH, NO_PLAN, NO_PLAN_YET, TOO_MUCH_KEPT
from pk_research.apps.trouble import CannotShow
from pk_research.errors import BadInput, NotReady
from pk_research.language import Bilingual, Message
from pk_research.products.assignment.money import millions
from pk_research.products.words import some

if TYPE_CHECKING:
    from pk_research.policy.budget import Allocation, BudgetProblem

MARGIN = 0.25
MORE_IDR = 100e6
LOWEST_SHARE = 0.2
LOWEST, OTHERS, KECAMATAN = "lowest", "others", "kecamatan"
KEPT_FOR = {
    LOWEST: Message("the fifth of villages with the lowest economic index"),
    KECAMATAN: Message("each kecamatan"),
}
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
    kept_for, kept_share
        One of `KEPT_FOR`, and the share of the budget that is kept for it (for each kecamatan).
    n_without
        Kecamatan for which nothing can be kept, for no village there could be helped.
    """

    plan: Allocation
    more: float
    names: pd.DataFrame
    kept_for: str
    kept_share: float
    n_without: int

    @property
    def chosen(self) -> pd.DataFrame:
        """One row a village and help, with names, by kecamatan."""
        rows = self.plan.chosen.merge(self.names, on="village_code", how="left")
        return rows.sort_values(["kecamatan", "village", "policy"], ignore_index=True)

    @property
    def by_kecamatan(self) -> pd.DataFrame:
        """One row a kecamatan that gets anything: ``n_villages``, ``cost_idr``, ``effect``, ``se``."""
        rows = [
            {
                "kecamatan": name,
                "n_villages": part["village_code"].nunique(),
                "cost_idr": part["cost_idr"].sum(),
                "effect": part["effect"].sum(),
                "se": self.plan.problem.error_of(part),
            }
            for name, part in self.chosen.groupby("kecamatan", sort=True)
        ]
        return pd.DataFrame(rows).sort_values("cost_idr", ascending=False, kind="stable", ignore_index=True)


def spending_of(
    material: Material, *, budget_idr: float, kept_for: str, kept_share: float, caution: float
) -> Spending:
    """Find the plan that brings most.

    Parameters
    ----------
    material
        The villages, and what each help did.
    budget_idr
        What may be spent, IDR.
    kept_for, kept_share
        One of `KEPT_FOR`, and the share of the budget that is kept for it (for each kecamatan).
    caution
        Standard errors taken off each effect before choosing.

    Raises
    ------
    CannotShow
        When no plan keeps the rules (saying which clash), none was found in time, or no help's effect is
        known.
    """
    from pk_research.policy.budget import allocate, budget_problem

    rows = _offers(material, kept_for)
    kept = {LOWEST} if kept_for == LOWEST else set(rows["group"])

    def asked(amount: float) -> BudgetProblem:
        return budget_problem(
            rows,
            budget_idr=amount,
            most_per_village=len(HELPS),
            floors=dict.fromkeys(sorted(kept), kept_share) if kept_share else None,
            risk_aversion=caution,
            errors="by_policy",
            inputs=material.inputs,
            made=material.made,
        )

    def best(amount: float) -> Allocation:
        problem = asked(amount)
        try:
            return allocate(problem, gap=GAP, time_limit_s=CLOCK_S)
        except BadInput as reason:
            raise CannotShow(_why(problem)) from reason
        except NotReady as reason:
            raise CannotShow(NO_PLAN_YET) from reason

    plan = best(budget_idr)
    try:
        more = best(budget_idr + MORE_IDR).effect - plan.effect
    except CannotShow:
        more = float("nan")
    n_without = len(set(material.kecamatan) - kept) if kept_for == KECAMATAN else 0
    names = material.latest[["village_code", "village", "kecamatan"]]
    return Spending(plan, more, names, kept_for, kept_share, n_without)


def _why(problem: BudgetProblem) -> Message:
    """Say why no plan keeps the rules: more is kept for somebody than can be given, or whole grants clash."""
    most = problem.frame.groupby("group")["cost_idr"].sum()
    for group, share in problem.floors.items():
        kept = share * problem.budget_idr
        if most[group] < kept:
            values = {"group": _group(group), "kept": millions(kept), "most": millions(most[group])}
            return Message(TOO_MUCH_KEPT.template, values)
    if not problem.floors:
        return NO_PLAN
    from pk_research.policy.budget import conflict

    found = conflict(problem)
    groups = [rule.about[0] for rule in found.rules if rule.kind == "floor"] if found else []
    if not groups:
        return NO_PLAN
    named = _group(groups[0]) if len(groups) == 1 else some(groups)
    return Message(CLASH.template, {"groups": named})


def _group(name: str) -> Bilingual | str:
    return KEPT_FOR[LOWEST] if name == LOWEST else name


def _offers(material: Material, kept_for: str) -> pd.DataFrame:
    parts = []
    for key, asked in HELPS.items():
        try:
            estimate, error = material.size_of(key)
        except CannotShow:
            continue
        villages = material.without(asked)
        income = 12 * MARGIN * villages[SALES].to_numpy() / 1e6
        grown = np.exp(estimate / 100)
        parts.append(
            pd.DataFrame(
                {
                    "village_code": villages["village_code"].to_numpy(),
                    "policy": key,
                    "cost_idr": asked.village_idr + asked.seller_idr * villages[SELLERS].to_numpy(),
                    "effect": (grown - 1) * income,
                    "se": grown * error / 100 * income,
                }
            )
        )
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if rows.empty:
        raise CannotShow(NO_PLAN)
    latest = material.latest.set_index("village_code")
    if kept_for == KECAMATAN:
        return rows.assign(group=rows["village_code"].map(latest["kecamatan"]))
    lowest = set(latest.index[latest[INDEX] <= latest[INDEX].quantile(LOWEST_SHARE)])
    return rows.assign(group=np.where(rows["village_code"].isin(lowest), LOWEST, OTHERS))
