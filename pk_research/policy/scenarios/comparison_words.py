"""Policies side by side, told to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.language import Bilingual, Language, Message, translate
from pk_research.policy.budget.words import short
from pk_research.policy.scenarios.comparison import FIRST, NONE, SECOND
from pk_research.policy.scenarios.words import DECIMALS, MEASURES, SHOWN_ANYWAY, ends, number
from pk_research.products.words import told
from pk_research.writing import marked

if TYPE_CHECKING:
    from pk_research.policy.scenarios.comparison import ScenarioComparison
    from pk_research.policy.scenarios.scenario import Scenario

SHOWN = (
    "n_served",
    "cost_idr",
    "gain",
    "worth_idr",
    "net_idr",
    "cost_per_gain",
    "n_losers",
    "gini_change",
    "poor_change",
)
DIFFERENCES = {
    "cost": Message("Difference of the cost (IDR)"),
    "gain": Message("Difference of the gain"),
    "net": Message("Difference of worth less cost (IDR)"),
}


def comparison_table(found: ScenarioComparison, language: Language) -> pd.DataFrame:
    """Return one row a policy: expected values, and how often it is best."""
    table = pd.DataFrame(
        {
            translate("Policy", language): [one.policy.name.text(language) for one in found.scenarios],
            **{
                MEASURES[name].text(language): [_expected(one, name, language) for one in found.scenarios]
                for name in SHOWN
                if any(np.isfinite(one.measures.loc[name, "expected"]) for one in found.scenarios)
            },
            translate("Best in (% of the draws)", language): [
                round(100 * share, 1) for share in found.probability_best
            ],
        }
    )
    return marked(table, language, made=found.made)


def _expected(one: Scenario, name: str, language: Language) -> str:
    size = 100 if name == "poor_change" else 1
    expected = size * float(one.measures.loc[name, "expected"])
    return number(expected, language, DECIMALS.get(name, SHOWN_ANYWAY))


def pair_table(found: ScenarioComparison, language: Language) -> pd.DataFrame:
    """Return one row a pair and measure: the difference with its interval."""
    low, high = ends(found.scenarios[0], language)
    rows = []
    for pair in found.pairs.to_dict("records"):
        for name, label in DIFFERENCES.items():
            if not np.isfinite(pair[f"{name}_difference"]):
                continue
            figures = [number(pair[f"{name}_difference{end}"], language) for end in ("", "_low", "_high")]
            names = [found.scenarios[pair[side]].policy.name.text(language) for side in ("first", "second")]
            rows.append((*names, label.text(language), *figures))
    columns = [
        translate("Policy", language),
        translate("less this policy", language),
        translate("Measure", language),
        translate("Expected value", language),
        low,
        high,
    ]
    return marked(pd.DataFrame(rows, columns=columns), language, made=found.made)


def comparison_in_words(found: ScenarioComparison, language: Language) -> str:
    """Say which is best, how it differs from the others, and whether one dominates."""
    is_money = found.scenarios[0].outcome.worth_idr is not None
    parts: list[Bilingual] = [_best(found, is_money=is_money)]
    parts += [
        _against(found, pair, is_money=is_money)
        for pair in found.pairs.to_dict("records")
        if found.best in {pair["first"], pair["second"]}
    ]
    parts += _dominance(found)
    parts += found.warnings
    return told(parts, language, made=found.made)


def _best(found: ScenarioComparison, *, is_money: bool) -> Message:
    """Say which is best; that none is worth its cost, where that is so."""
    best = found.scenarios[found.best]
    values = {
        "policy": best.policy.name,
        "share": round(100 * found.probability_best[found.best], 1),
        "n": best.n_draws,
    }
    if not is_money:
        return Message(
            "“{policy}” brings the most, as expected, and does so in {share}% of {n} draws that are the"
            " same for all policies.",
            values,
        )
    if float(best.measures.loc["net_idr", "expected"]) < 0:
        return Message(
            "None of the policies is expected to bring as much as it costs. “{policy}” comes nearest, and"
            " is the best of them in {share}% of {n} draws that are the same for all policies.",
            values,
        )
    return Message(
        "“{policy}” leaves the most after its cost, as expected, and does so in {share}% of {n} draws that"
        " are the same for all policies.",
        values,
    )


def _against(found: ScenarioComparison, pair: dict[str, float], *, is_money: bool) -> Message:
    """Say by how much the best differs from another."""
    is_first = pair["first"] == found.best
    other = int(pair["second"] if is_first else pair["first"])
    name = "net" if is_money else "gain"
    ends_found = (pair[f"{name}_difference_low"], pair[f"{name}_difference_high"])
    sign = 1 if is_first else -1
    low, high = sorted(sign * end for end in ends_found)
    values = {
        "other": found.scenarios[other].policy.name,
        "more": short(sign * pair[f"{name}_difference"]),
        "level": round(100 * found.level, 1),
        "low": short(low),
        "high": short(high),
    }
    if is_money:
        return Message(
            "Against “{other}” it is IDR {more} more ({level}% of the draws: {low} to {high}).", values
        )
    return Message("Against “{other}” it is {more} more ({level}% of the draws: {low} to {high}).", values)


def _dominance(found: ScenarioComparison) -> list[Message]:
    names = [one.policy.name for one in found.scenarios]
    parts = []
    for pair in found.pairs.to_dict("records"):
        for column in ("dominates", "stochastically"):
            if pair[column] == NONE:
                continue
            one, other = (FIRST, SECOND) if pair[column] == FIRST else (SECOND, FIRST)
            values = {"one": names[pair[one]], "other": names[pair[other]]}
            parts.append(
                Message(
                    "“{one}” dominates “{other}”: in every draw it gains no less and costs no more.", values
                )
                if column == "dominates"
                else Message(
                    "Whatever is asked for, “{one}” is at least as likely to reach it as “{other}”.", values
                )
            )
    if not parts:
        parts.append(Message("No policy dominates another: which is better depends on what happens."))
    return parts
