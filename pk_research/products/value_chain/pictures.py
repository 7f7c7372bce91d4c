"""What becomes of the final price: a step a stage, costs hatched and margins plain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from pk_research.language import Language, Message, number_text, translate
from pk_research.palette import INK, LEFT_OUT
from pk_research.products.value_chain.stages import STAGES
from pk_research.sheet import new_sheet, wrapped
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.products.value_chain.chain import ValueChain

ROW_PX = 62
MARGIN = "#365c8d"


def plot_chain(chain: ValueChain, language: Language, *, width_px: float) -> Figure:
    """Draw the steps; see `ValueChain.plot`."""
    rows = chain.stages
    figure = new_sheet(width_px, 150 + ROW_PX * len(rows))
    axes = figure.subplots()
    bar: dict[str, Any] = {"edgecolor": INK, "linewidth": 0.6, "height": 0.55}
    left = chain.first_price
    for place, row in enumerate(rows.itertuples()):
        left += row.jump
        cost = axes.barh(place, row.cost, left=left, color=LEFT_OUT, hatch="///", **bar)
        left += row.cost
        margin = axes.barh(place, row.margin, left=left, color=MARGIN, **bar)
        left += row.margin
        if not np.isnan(row.margin_low):
            axes.errorbar(
                left, place, xerr=[[row.margin - row.margin_low], [row.margin_high - row.margin]],
                color=INK, capsize=3, linewidth=1,
            )  # fmt: skip
    axes.set_yticks(range(len(rows)), [STAGES[str(code)].text(language) for code in rows.index])
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(lambda value, _: number_text(round(value), language))
    unit = Message("Rupiah for one unit that reaches the final buyer").text(language)
    said = [wrapped(unit, 0.55 * width_px)]
    if rows["margin_low"].isna().any():
        note = Message(
            "Without the line of a 95% interval: only one dossier tells of that stage or of one after it."
        )
        said.append(wrapped(note.text(language), 0.55 * width_px))
    axes.set_xlabel("\n".join(said), fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    title = Message("{product}: from the first stage to the final price", {"product": chain.product})
    figure.suptitle(wrapped(title.text(language), width_px, scale=1.15), x=0.02, ha="left", fontsize=11)
    key = [Message("Costs").text(language), Message("Margin").text(language)]
    axes.legend([cost, margin], key, loc="lower left", frameon=False, fontsize=9)
    if chain.made:
        figure.supxlabel(
            wrapped(translate(MADE, language), width_px, scale=1.05), x=0.02, ha="left", fontsize=9
        )
    return figure
