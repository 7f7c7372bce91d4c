"""A value chain told to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.language import Language, Message, number_text, translate
from pk_research.products.value_chain.stages import STAGES
from pk_research.products.words import told
from pk_research.writing import marked

if TYPE_CHECKING:
    from pk_research.products.value_chain.chain import ValueChain

JUMP = 0.05


def chain_table(chain: ValueChain, language: Language) -> pd.DataFrame:
    """Return one row a stage."""
    rows = chain.stages
    table = pd.DataFrame(
        {
            translate("Stage", language): [STAGES[code].text(language) for code in rows.index],
            translate("Dossiers", language): rows["n"].to_numpy(),
            translate("Answers left out", language): rows["n_left_out"].to_numpy(),
            translate("Units that go in for one sold", language): rows["units"].round(2).to_numpy(),
            translate("Costs (Rp)", language): rows["cost"].round().to_numpy(),
            translate("Spoiled (Rp)", language): rows["lost"].round().to_numpy(),
            translate("Margin (Rp)", language): rows["margin"].round().to_numpy(),
            translate("Margin, 95% interval (Rp)", language): [
                _interval(low, high, language)
                for low, high in zip(rows["margin_low"], rows["margin_high"], strict=True)
            ],
            translate("Share of the final price (%)", language): (100 * rows["share"]).round(1).to_numpy(),
        }
    )
    return marked(table, language, made=chain.made)


def account(chain: ValueChain, language: Language) -> str:
    """Tell the chain in a paragraph."""
    rows = chain.stages
    best, worst = rows["share"].idxmax(), rows["lost"].idxmax()
    parts = [
        Message(
            "Of the Rp {price} the final buyer pays for {product}, the largest margin is that of: {stage},"
            " {share}%{interval}.",
            {
                "price": round(chain.final_price),
                "product": chain.product,
                "stage": STAGES[str(best)],
                "share": round(100 * rows.loc[best, "share"], 1),
                "interval": _shares(rows.loc[best, "share_low"], rows.loc[best, "share_high"]),
            },
        )
    ]
    if rows.loc[worst, "lost"] > 0:
        parts.append(
            Message(
                "Most is lost by spoiling at: {stage}, Rp {lost} for each unit sold.",
                {"stage": STAGES[str(worst)], "lost": round(rows.loc[worst, "lost"])},
            )
        )
    below = [STAGES[str(code)].text(language) for code in rows.index[rows["margin"] < 0]]
    if below:
        parts.append(
            Message("These stages earn less than they cost: {stages}.", {"stages": ", ".join(below)})
        )
    jumps = [
        STAGES[str(code)].text(language) for code in rows.index[rows["jump"].abs() > JUMP * chain.final_price]
    ]
    if jumps:
        parts.append(
            Message(
                "Prices do not meet before: {stages}. What the stage before sells for differs from what is "
                "paid there by more than 5% of the final price, so check these answers.",
                {"stages": ", ".join(jumps)},
            )
        )
    n_left_out = int(rows["n_left_out"].sum())
    parts.append(
        Message(
            "{n} dossiers; {left_out} answers on a stage were incomplete and left out.",
            {"n": chain.n_dossiers, "left_out": n_left_out},
        )
    )
    return told(parts, language, made=chain.made)


def _shares(low: float, high: float) -> Message | str:
    if np.isnan(low):
        return ""
    return Message(
        " (95% interval {low}% to {high}%)", {"low": round(100 * low, 1), "high": round(100 * high, 1)}
    )


def _interval(low: float, high: float, language: Language) -> str:
    if np.isnan(low):
        return "–"
    return f"{number_text(round(low), language)} … {number_text(round(high), language)}"
