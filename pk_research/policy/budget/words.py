"""Plans told to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.language import Bilingual, Language, Message, translate
from pk_research.products.words import some, told
from pk_research.writing import marked

if TYPE_CHECKING:
    from pk_research.policy.budget.allocation import Allocation, Conflict
    from pk_research.policy.budget.doubt import BudgetCurve, Robustness

HOLDS = 0.95
SIGNIFICANT = 4


def short(value: float) -> float:
    """Return a value to four significant digits.

    Examples
    --------
    >>> short(1234567.0), short(0.00123456)
    (1235000.0, 0.001235)
    """
    return float(f"{value:.{SIGNIFICANT}g}")


def allocation_table(found: Allocation, language: Language) -> pd.DataFrame:
    """Return one row a village and policy."""
    chosen = found.chosen.sort_values(["village_code", "policy"])
    table = pd.DataFrame(
        {
            translate("Village", language): chosen["village_code"],
            translate("Policy", language): chosen["policy"],
            translate("Cost (IDR)", language): chosen["cost_idr"],
            translate("Expected effect", language): chosen["effect"],
            translate("Standard error of the effect", language): chosen["se"],
        }
    ).reset_index(drop=True)
    return marked(table, language, made=found.problem.made)


def group_table(found: Allocation, language: Language) -> pd.DataFrame:
    """Return one row a group: what it gets, and what it must get at least."""
    problem = found.problem
    groups = sorted(problem.frame["group"].dropna().unique())
    by_group = found.chosen.groupby("group")
    spent = by_group["cost_idr"].sum().reindex(groups, fill_value=0.0)
    table = pd.DataFrame(
        {
            translate("Group", language): groups,
            translate("Villages chosen", language): by_group["village_code"]
            .nunique()
            .reindex(groups, fill_value=0)
            .to_numpy(),
            translate("Cost (IDR)", language): spent.to_numpy(),
            translate("Share of the budget (%)", language): (100 * spent / problem.budget_idr)
            .round(1)
            .to_numpy(),
            translate("At least (%)", language): [100 * problem.floors.get(name, 0.0) for name in groups],
        }
    )
    return marked(table, language, made=problem.made)


def allocation_in_words(found: Allocation, language: Language) -> str:
    """Say spending, effect, proof, and what is not known."""
    problem = found.problem
    parts: list[Bilingual] = [
        Message(
            "{pairs} grants in {villages} villages cost IDR {spent} of IDR {budget}.",
            {
                "pairs": len(found.chosen),
                "villages": found.chosen["village_code"].nunique(),
                "spent": round(found.spent_idr),
                "budget": round(problem.budget_idr),
            },
        ),
        _by_policy(found),
        _effect(found),
        Message("No plan that keeps the rules is better: this is proven.")
        if found.gap < 1e-6
        else Message(
            "No plan that keeps the rules is better by more than {gap}%: this is proven.",
            {"gap": max(0.001, round(100 * found.gap, 3))},
        ),
    ]
    if problem.risk_aversion:
        parts.append(
            Message(
                "For caution each effect was lowered by {k} of its standard errors before choosing.",
                {"k": problem.risk_aversion},
            )
        )
    if problem.n_not_eligible:
        parts.append(
            Message("Rows left out because they are not eligible: {n}.", {"n": problem.n_not_eligible})
        )
    return told(parts, language, made=problem.made)


def _by_policy(found: Allocation) -> Message:
    n = found.chosen["policy"].value_counts()
    offered = sorted(found.problem.frame["policy"].unique(), key=lambda name: (-n.get(name, 0), name))
    listed = ", ".join(f"{name} {n.get(name, 0)}" for name in offered)
    return Message("Grants by policy: {listed}.", {"listed": listed})


def _effect(found: Allocation) -> Message:
    if np.isnan(found.effect_se):
        return Message(
            "The expected effect is {effect}; how sure it is cannot be said, for not every effect has a"
            " standard error.",
            {"effect": short(found.effect)},
        )
    figures = {
        "effect": short(found.effect),
        "low": short(found.effect - 1.96 * found.effect_se),
        "high": short(found.effect + 1.96 * found.effect_se),
    }
    if found.problem.errors == "by_policy":
        return Message(
            "The expected effect is {effect} (95%: {low} to {high}; one estimate stands behind all villages"
            " of a policy, so all are too high or too low together).",
            figures,
        )
    return Message(
        "The expected effect is {effect} (95%: {low} to {high}, if the errors of the effects are"
        " independent).",
        figures,
    )


def conflict_table(found: Conflict, language: Language) -> pd.DataFrame:
    """Return one row a rule."""
    texts = [rule.words(found.problem).text(language) for rule in found.rules]
    return marked(pd.DataFrame({translate("Rule", language): texts}), language, made=found.problem.made)


def conflict_in_words(found: Conflict, language: Language) -> str:
    """Name the rules that cannot be kept together."""
    listed = "; ".join(rule.words(found.problem).text(language) for rule in found.rules)
    part = (
        Message("This rule cannot be kept: {rules}.", {"rules": listed})
        if len(found.rules) == 1
        else Message(
            "These {n} rules cannot be kept together, and without any one of them the others can: {rules}.",
            {"n": len(found.rules), "rules": listed},
        )
    )
    return told([part], language, made=found.problem.made)


def curve_table(found: BudgetCurve, language: Language) -> pd.DataFrame:
    """Return one row a budget."""
    frame = found.frame
    table = pd.DataFrame(
        {
            translate("Budget (IDR)", language): frame["budget_idr"],
            translate("Spent (IDR)", language): frame["spent_idr"],
            translate("Best effect", language): frame["value"],
            translate("Effect of each further million IDR", language): frame["price_per_million"],
        }
    )
    return marked(table, language, made=found.problem.made)


def curve_in_words(found: BudgetCurve, language: Language) -> str:
    """Say what each further million brings, at first and at last."""
    known = found.frame.dropna(subset="price_per_million")
    parts: list[Bilingual] = []
    if len(known):
        first, last = known.iloc[0], known.iloc[-1]
        parts.append(
            Message(
                "Up to a budget of IDR {first} each further million IDR brings {at_first} of effect; up to"
                " IDR {last} it is {at_last}.",
                {
                    "first": round(first["budget_idr"]),
                    "at_first": short(first["price_per_million"]),
                    "last": round(last["budget_idr"]),
                    "at_last": short(last["price_per_million"]),
                },
            )
        )
    n_without = int(found.frame["value"].isna().sum())
    if n_without:
        parts.append(Message("At {n} of these budgets no plan keeps all rules.", {"n": n_without}))
    return told(parts, language, made=found.problem.made)


def robustness_table(found: Robustness, language: Language) -> pd.DataFrame:
    """Return one row a village and policy, most often chosen first."""
    pairs = found.pairs
    yes, no = Message("yes").text(language), Message("no").text(language)
    table = pd.DataFrame(
        {
            translate("Village", language): pairs["village_code"],
            translate("Policy", language): pairs["policy"],
            translate("Chosen in (% of the draws)", language): (100 * pairs["share"]).round(1),
            translate("In the plan", language): [yes if planned else no for planned in pairs["is_planned"]],
        }
    )
    return marked(table, language, made=found.plan.problem.made)


def robustness_in_words(found: Robustness, language: Language) -> str:
    """Say which choices hold, which do not, and what better knowledge would be worth."""
    planned = found.pairs[found.pairs["is_planned"]]
    sure = planned["share"] >= HOLDS
    parts: list[Bilingual] = [
        Message(
            "Effects were drawn {n} times within their errors: of {planned} grants in the plan, {sure} are"
            " in the best plan in at least 95% of the draws.",
            {"n": found.n_draws, "planned": len(planned), "sure": int(sure.sum())},
        )
    ]
    doubtful = planned[~sure].sort_values("share", kind="stable")
    if len(doubtful):
        names = some(
            f"{village} ({policy})"
            for village, policy in zip(doubtful["village_code"], doubtful["policy"], strict=True)
        )
        parts.append(Message("Least sure are: {names}.", {"names": names}))
    parts.append(
        Message(
            "Knowing the effects exactly would bring {regret} more effect on average (± {width} by chance of"
            " drawing).",
            {"regret": short(found.regret), "width": short(1.96 * found.regret_se)},
        )
    )
    return told(parts, language, made=found.plan.problem.made)
