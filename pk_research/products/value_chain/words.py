"""A value chain told to people."""

from __future__ import annotations

from collections.abc import Iterable
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
    rivals = names_of(rows.index[rows["may_be_largest"].fillna(value=False)].drop(best), language)
    if rivals:
        parts.append(Message("It may be as large at: {stages}.", {"stages": rivals}))
    if rows.loc[worst, "lost"] > 0:
        parts.append(
            Message(
                "Most is lost by spoiling at: {stage}, Rp {lost} for each unit sold.",
                {"stage": STAGES[str(worst)], "lost": round(rows.loc[worst, "lost"])},
            )
        )
        rivals = names_of(rows.index[rows["may_lose_most"].fillna(value=False)].drop(worst), language)
        if rivals:
            parts.append(Message("As much may be lost at: {stages}.", {"stages": rivals}))
    is_below = rows["margin"] < 0
    below = names_of(rows.index[is_below], language)
    if below:
        parts.append(Message("These stages earn less than they cost: {stages}.", {"stages": below}))
    unsure = names_of(rows.index[is_below & ~(rows["margin_high"] < 0)], language)
    if unsure:
        parts.append(Message("That is not sure at the 95% level for: {stages}.", {"stages": unsure}))
    jumps = names_of(rows.index[rows["jump"].abs() > JUMP * chain.final_price], language)
    if jumps:
        parts.append(
            Message(
                "Prices do not meet before: {stages}. What the stage before sells for differs from what is "
                "paid there by more than 5% of the final price, so check these answers.",
                {"stages": jumps},
            )
        )
    n_left_out = int(rows["n_left_out"].sum())
    parts.append(
        Message(
            "{n} dossiers; {left_out} answers on a stage were incomplete and left out.",
            {"n": chain.n_dossiers, "left_out": n_left_out},
        )
    )
    return told([*parts, *how_sure(chain, language)], language, made=chain.made)


def names_of(codes: Iterable[object], language: Language) -> str:
    """Name stages one after the other."""
    return ", ".join(STAGES[str(code)].text(language) for code in codes)


def how_sure(chain: ValueChain, language: Language) -> list[Message]:
    """Say where nothing can be said about how sure figures are."""
    if chain.n_dossiers == 1:
        return [Message("With one dossier nothing can be said about how sure that is.")]
    alone = names_of(chain.stages.index[chain.stages["n"] == 1], language)
    if not alone:
        return []
    return [
        Message(
            "Only one dossier tells of: {stages}. How sure the figures that depend on it are cannot be said.",
            {"stages": alone},
        )
    ]


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
