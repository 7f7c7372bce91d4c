"""The picture of a matching: how much of each product's demand is met."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from pk_research.language import Language, Message, number_text, translate
from pk_research.palette import INK, WHITE
from pk_research.products.buyers.words import shares
from pk_research.sheet import new_sheet, wrapped
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.products.buyers.match import Matching

MOST = 40
ROW_PX = 30
FRAME_PX = 200
MET = "#365c8d"


def plot_matching(matching: Matching, language: Language, *, width_px: int = 1200) -> Figure:
    """Draw the share met as a dark bar, the rest hatched, units a year beside them; least met first."""
    products = shares(matching)
    shown = products.head(MOST)
    figure = new_sheet(width_px, FRAME_PX + ROW_PX * len(shown))
    axes = figure.subplots()
    places = np.arange(len(shown))
    met = 100 * shown["share"].to_numpy()
    axes.barh(places, met, color=MET, edgecolor=INK, linewidth=0.6, label=translate("Delivered", language))
    axes.barh(
        places, 100 - met, left=met, color=WHITE, edgecolor=INK, linewidth=0.6, hatch="///",
        label=translate("Unmet", language),
    )  # fmt: skip
    for place, row in zip(places.tolist(), shown.itertuples(), strict=True):
        numbers = {
            "delivered": number_text(round(row.delivered), language),
            "wanted": number_text(round(row.wanted), language),
        }
        text = Message("{delivered} of {wanted}", numbers).text(language)
        axes.text(101, place, text, va="center", fontsize=9, color=INK)
    names = [wrapped(matching.name(product, language), width_px * 0.25) for product in shown["product"]]
    axes.set_yticks(places, names, fontsize=9)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlim(0, 135)
    axes.set_xticks(np.arange(0, 101, 25))
    axes.set_xlabel(wrapped(translate("Share of the demand (%); units a year", language), width_px * 0.6))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, borderaxespad=0)
    title = Message(
        "Demand of buyers that villages meet: {n} of {total} products, the least met first",
        {"n": len(shown), "total": len(products)},
    )
    figure.suptitle(
        wrapped(title.text(language), width_px / 1.4), x=0.01, ha="left", weight="bold", color=INK
    )
    if matching.made:
        figure.supxlabel(translate(MADE, language), fontsize=8, color="#444444", x=0.01, ha="left")
    return figure
