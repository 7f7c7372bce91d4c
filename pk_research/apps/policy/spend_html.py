"""Where to spend, on screen: the plan, what it brings and how sure that is, and what more would bring."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.apps.markup import say, section
from pk_research.apps.policy.helps import HELPS
from pk_research.apps.policy.pieces import figures, money_range, signed_money, wide
from pk_research.apps.policy.spend import LOWEST
from pk_research.apps.products.pieces import amount, money, more
from pk_research.language import Bilingual, Language, Message, translate
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
        + section("spend-kecamatan", _kecamatan(found, language))
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
    rows = [
        (Message("Added income a year"), signed_money(gain, language), escape(sure.text(language))),
        _kept(found, language),
        (Message("Another IDR 100 million would add"), money(UNIT_IDR * found.more, language), ""),
    ]
    shown = f"<h3 class='pk-finding'>{escape(title)}</h3>{figures(rows, language)}"
    return (
        f"{shown}<p>{_proof(found, language)}</p>{_in_vain(found, language)}{_on_assumption(found, language)}"
    )


def _kept(found: Spending, language: Language) -> tuple[Bilingual, str, str]:
    """Return what those get for whom a share of the budget is kept."""
    budget, chosen = found.plan.problem.budget_idr, found.plan.chosen
    kept = Message("kept: {share}%", {"share": percent(found.kept_share)}).text(language)
    if found.kept_for == LOWEST:
        share = chosen.loc[chosen["group"] == LOWEST, "cost_idr"].sum() / budget
        name = Message("For the fifth with the lowest index")
        return name, f"{amount(100 * share, language)}%", escape(kept)
    if found.n_without:
        kept = Message(
            "{kept}; kecamatan where nobody could be helped: {n}", {"kept": kept, "n": found.n_without}
        ).text(language)
    return Message("Kecamatan that get help"), amount(len(found.by_kecamatan), language), escape(kept)


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
        "{n} grants are given only to keep a share for somebody: nothing is expected of them.",
        {"n": n},
    )
    return f"<p class='pk-trouble'>{escape(text.text(language))}</p>"


def _on_assumption(found: Spending, language: Language) -> str:
    """Say how much money goes to help whose effect nobody has found out yet."""
    assumed = [key for key, asked in HELPS.items() if asked.assumed is not None]
    cost = found.plan.chosen.loc[found.plan.chosen["policy"].isin(assumed), "cost_idr"].sum()
    if not cost:
        return ""
    text = Message(
        "Of this, {cost} rests on an effect that is assumed, not found.", {"cost": money(cost, language)}
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


def _kecamatan(found: Spending, language: Language) -> str:
    rows = found.by_kecamatan
    most = rows["cost_idr"].max()
    cells = [
        [
            f"{escape(str(row.kecamatan))}<small>{_counted(row.n_villages, language)}</small>",
            f"{signed_money(row.cost_idr, language)}{_bar(row.cost_idr / most)}",
            _uncertain(row.effect, row.se, language),
        ]
        for row in rows.itertuples()
    ]
    headings = [say(text, language) for text in ("Kecamatan", "Cost", "Added income a year")]
    title = translate("Spending by kecamatan", language)
    return f"<h3>{escape(title)}</h3>{wide(headings, cells, title, numeric=(1, 2))}"


def _counted(n: int, language: Language) -> str:
    return escape(Message("villages: {n}", {"n": n}).text(language))


def _bar(share: float) -> str:
    return f"<span class='pk-spent' aria-hidden='true'><i style='width:{100 * share:.0f}%'></i></span>"


def _villages(found: Spending, language: Language) -> str:
    headings = [say(text, language) for text in ("Village", "Help", "Cost", "Added income a year")]
    cells = [
        [f"{escape(str(row.village))}<small>{escape(str(row.kecamatan))}</small>",
         escape(HELPS[row.policy].name.text(language)),
         signed_money(row.cost_idr, language), _uncertain(row.effect, row.se, language)]
        for row in found.chosen.itertuples()
    ]  # fmt: skip
    title = translate("Village by village", language)
    return more(f"{escape(title)} ({len(cells)})", wide(headings, cells, title, numeric=(2, 3)))


def _uncertain(effect: float, error: float, language: Language) -> str:
    low, high = (UNIT_IDR * (effect + way * 1.96 * error) for way in (-1, 1))
    note = "" if np.isnan(error) else f"<small>{money_range(low, high, language)}</small>"
    return f"{signed_money(UNIT_IDR * effect, language)}{note}"
