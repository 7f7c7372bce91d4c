"""The picture of a catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from pk_research.language import Language, translate
from pk_research.palette import INK, colours
from pk_research.products.catalogue.known import product_label
from pk_research.sheet import new_sheet, wrapped
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.products.catalogue.catalogue import Catalogue

MOST = 30
ROW_PX, FRAME_PX = 26, 150


def plot_catalogue(catalogue: Catalogue, language: Language, *, width_px: int = 900) -> Figure:
    """Draw how many villages name each of the thirty most frequent products, the number beside its bar."""
    counts = catalogue.candidates.groupby("product")["village_code"].nunique()
    counts = counts.reset_index().sort_values(["village_code", "product"], ascending=[False, True]).head(MOST)
    figure = new_sheet(width_px, FRAME_PX + ROW_PX * len(counts))
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    bars = axes.barh(np.arange(len(counts)), counts["village_code"], color=colours(3)[1], edgecolor=INK)
    axes.bar_label(bars, padding=3, fontsize=9)
    names = [wrapped(product_label(name, language), width_px * 0.3) for name in counts["product"]]
    axes.set_yticks(np.arange(len(counts)), names, fontsize=9)
    axes.invert_yaxis()
    axes.set_xlabel(translate("Villages", language))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    title = translate("Villages that name each product", language)
    figure.suptitle(wrapped(title, width_px / 1.4), fontsize=12, x=0.01, ha="left", weight="bold")
    if catalogue.made:
        figure.supxlabel(translate(MADE, language), fontsize=8, x=0.01, ha="left")
    return figure
