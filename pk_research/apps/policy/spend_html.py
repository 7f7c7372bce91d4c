"""Where to spend, on screen: the plan, what it brings and how sure that is, and what more would bring."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.apps.markup import say, section, table
from pk_research.apps.policy.helps import HELPS
from pk_research.apps.policy.pieces import figures, money_range
from pk_research.apps.policy.spend import LOWEST
from pk_research.apps.products.pieces import amount, money, more
from pk_research.language import Language, Message
from pk_research.products.words import percent

if TYPE_CHECKING:
    from pk_research.apps.policy.spend import Spending

UNIT_IDR = 1e6
ASSUMED = (
    "The gain is counted as what is left of added sales: a quarter of them, an assumption, as is what help"
    " costs. What others lose by lower prices is not taken off here."
)


def spend_html(found: Spending, language: Language) -> str:
    """Return the plan: in figures, by help, by kecamatan and village."""
    return (
        section("spend", _head(found, language))
        + section("spend-helps", _helps(found, language))
        + section("spend-villages", _villages(found, language))
        + f"<p class='pk-hint'>{say(ASSUMED, language)}</p>"
    )


def _head(found: Spending, language: Language) -> str:
    plan = found.plan
    gain, error = UNIT_IDR * plan.effect, UNIT_IDR * plan.effect_se
    title = Message(
        "Grants: {n} in {villages} villages, for {cost}",
        {
            "n": len(plan.chosen),
            "villages": plan.chosen["village_code"].nunique(),
            "cost": money(plan.spent_idr, language),
        },
    ).text(language)
    sure = Message("95%: {range}", {"range": money_range(gain - 1.96 * error, gain + 1.96 * error, language)})
    lowest = plan.chosen.loc[plan.chosen["group"] == LOWEST, "cost_idr"].sum() / plan.problem.budget_idr
    rows = [
        (Message("Added income a year"), money(gain, language), escape(sure.text(language))),
        (Message("For the fifth with the lowest index"), f"{amount(100 * lowest, language)}%", ""),
        (Message("Another IDR 100 million would add"), money(UNIT_IDR * found.more, language), ""),
    ]
    shown = f"<h3 class='pk-finding'>{escape(title)}</h3>{figures(rows, language)}"
    return f"{shown}<p>{_proof(found, language)}</p>{_in_vain(found, language)}"


def _proof(found: Spending, language: Language) -> str:
    gap = found.plan.gap
    text = (
        Message("No other plan within these rules brings more; that is proven.")
        if gap < 1e-6
        else Message("Another plan may bring more, by at most {share}%.", {"share": percent(gap, 2)})
    )
    return escape(text.text(language))


def _in_vain(found: Spending, language: Language) -> str:
    """Say where help is given only because a share of the budget must be."""
    problem = found.plan.problem
    worth = pd.Series(problem.worth, problem.frame.index)[found.plan.chosen.index]
    n = int((worth <= 0).sum())
    if not n:
        return ""
    text = Message(
        "{n} grants are given only to keep the share for the lowest villages: nothing is expected of them.",
        {"n": n},
    )
    return f"<p class='pk-trouble'>{escape(text.text(language))}</p>"


def _helps(found: Spending, language: Language) -> str:
    by_help = found.plan.chosen.groupby("policy")
    lines, has_none = [], False
    for key, asked in HELPS.items():
        if key not in by_help.groups:
            text, has_none = Message("{help}: nothing", {"help": asked.name}), True
        else:
            chosen = by_help.get_group(key)
            text = Message(
                "{help}: {n} villages for {cost}, which adds {gain} of income a year",
                {
                    "help": asked.name,
                    "n": len(chosen),
                    "cost": money(chosen["cost_idr"].sum(), language),
                    "gain": money(UNIT_IDR * chosen["effect"].sum(), language),
                },
            )
        lines.append(f"<li>{escape(text.text(language))}.</li>")
    why = f"<p class='pk-hint'>{say(_NOT_CHOSEN, language)}</p>" if has_none else ""
    return f"<h3>{say('What is given', language)}</h3><ul>{''.join(lines)}</ul>{why}"


_NOT_CHOSEN = "Help that gets nothing here brings less for its cost, or nothing that can be told from chance."


def _villages(found: Spending, language: Language) -> str:
    headings = [say(text, language) for text in ("Village", "Help", "Cost", "Added income a year")]
    parts = []
    for kecamatan, rows in found.chosen.groupby("kecamatan", sort=True):
        cells = [
            [escape(str(row.village)), escape(HELPS[row.policy].name.text(language)),
             money(row.cost_idr, language), _uncertain(row.effect, row.se, language)]
            for row in rows.itertuples()
        ]  # fmt: skip
        shown = f"<div class='pk-wide'>{table(headings, cells, numeric=(2, 3))}</div>"
        parts.append(more(f"{escape(str(kecamatan))} ({len(rows)})", shown))
    return f"<h3>{say('Village by village', language)}</h3>{''.join(parts)}"


def _uncertain(effect: float, error: float, language: Language) -> str:
    low, high = (UNIT_IDR * (effect + way * 1.96 * error) for way in (-1, 1))
    note = "" if np.isnan(error) else f"<small>{money_range(low, high, language)}</small>"
    return f"{money(UNIT_IDR * effect, language)}{note}"
