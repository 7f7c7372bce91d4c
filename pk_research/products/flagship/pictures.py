"""Pictures of rankings: places and shapes carry the meaning, so that they read in grey."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pk_research.language import Language, Message, number_text, translate
from pk_research.palette import INK, colours
from pk_research.products.catalogue import product_label
from pk_research.products.flagship.methods import METHODS
from pk_research.sheet import is_narrow, new_sheet, wrapped
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.products.flagship.comparison import Comparison
    from pk_research.products.flagship.intervals import RankIntervals
    from pk_research.products.flagship.panel import Panel
    from pk_research.products.flagship.ranking import Ranking

MOST = 30
ROW_PX, FRAME_PX = 28, 190
GREY = "#8c8c8c"
SHAPES = ("o", "s", "^", "D", "v", "P")


def plot_ranking(ranking: Ranking, language: Language, *, width_px: int = 900) -> Figure:
    """Draw the values of the first thirty, best at the top."""
    shown = ranking.frame.head(MOST)
    figure, axes = _sheet(width_px, len(shown), language)
    axes.barh(np.arange(len(shown)), shown["value"], color=colours(3)[1], edgecolor=INK, height=0.7)
    _name_rows(axes, [product_label(name, language) for name in shown["product"]], width_px)
    label = ranking.how.text(language)
    if not ranking.more_is_better:
        label += f" ({translate('a smaller value is better', language)})"
    axes.set_xlabel(wrapped(label, width_px * 0.6))
    _finish(figure, Message("Products, the best first").text(language), language, made=ranking.made)
    return figure


def plot_comparison(comparison: Comparison, language: Language, *, width_px: int = 900) -> Figure:
    """Draw each alternative's rank by each method: marks that lie apart hang on the method."""
    order = comparison.ranks.mean(axis=1).sort_values(kind="stable").index[:MOST]
    shown = comparison.ranks.loc[order]
    figure, axes = _sheet(width_px, len(shown), language, row_px=max(ROW_PX, 16 + 12 * shown.shape[1]))
    places = np.arange(len(shown))
    axes.hlines(places, shown.min(axis=1), shown.max(axis=1), color=GREY, linewidth=2)
    methods = list(shown)
    step = 0.6 / max(1, len(methods) - 1)
    for n, (name, colour) in enumerate(zip(methods, colours(len(methods)), strict=True)):
        axes.plot(
            shown[name], places + n * step - 0.3, SHAPES[n % len(SHAPES)], color=colour, markeredgecolor=INK,
            markersize=8, label=METHODS[name].name.text(language),
        )  # fmt: skip
    _name_rows(axes, [product_label(str(name), language) for name in order], width_px)
    axes.set_xlabel(translate("Rank", language))
    _legend(axes, width_px)
    title = Message("Rank of each product by each method").text(language)
    _finish(figure, title, language, made=comparison.decision.made)
    return figure


def plot_intervals(result: RankIntervals, language: Language, *, width_px: int = 900) -> Figure:
    """Draw a line from the 5 to the 95 % point of each rank, its median and the computed rank."""
    shown = result.intervals.head(MOST)
    figure, axes = _sheet(width_px, len(shown), language)
    places = np.arange(len(shown))
    axes.hlines(places, shown["low"], shown["high"], color=GREY, linewidth=5)
    axes.plot(
        shown["rank"], places, "D", color="white", markeredgecolor=INK, markersize=9,
        label=translate("Rank", language),
    )  # fmt: skip
    axes.plot(shown["median"], places, "o", color=INK, markersize=4, label=translate("Median rank", language))
    _name_rows(axes, [product_label(str(name), language) for name in shown.index], width_px)
    axes.set_xlabel(translate("Rank", language))
    _legend(axes, width_px)
    title = Message("Where the middle 90% of {n} drawings put each product", {"n": result.n_draws})
    _finish(figure, title.text(language), language, made=result.decision.made)
    return figure


def plot_panel(panel: Panel, language: Language, *, width_px: int = 900) -> Figure:
    """Draw the weights of the panel as bars, each expert's as a mark."""
    order = sorted(panel.weights, key=lambda name: (-panel.weights[name], name))
    figure, axes = _sheet(width_px, len(order), language)
    places = np.arange(len(order))
    axes.barh(
        places, [panel.weights[name] for name in order], color="#d9d9d9", edgecolor=INK, height=0.7,
        label=translate("Panel", language),
    )  # fmt: skip
    for n, (expert, colour) in enumerate(zip(panel.experts, colours(len(panel.experts)), strict=True)):
        weights = panel.experts[expert].weights
        axes.plot(
            [weights[name] for name in order], places, SHAPES[n % len(SHAPES)], color=colour,
            markeredgecolor=INK, markersize=8, label=expert,
        )  # fmt: skip
    _name_rows(axes, [panel.labels[name].text(language) for name in order], width_px)
    axes.set_xlabel(translate("Weight", language))
    _legend(axes, width_px)
    _finish(figure, translate("What the panel weighs", language), language, made=False)
    return figure


def _sheet(width_px: int, n_rows: int, language: Language, *, row_px: int = ROW_PX) -> tuple[Figure, Axes]:
    # On a telephone names take two lines.
    figure = new_sheet(width_px, FRAME_PX + row_px * n_rows * (1.5 if is_narrow(width_px) else 1))
    axes = figure.subplots()
    axes.xaxis.set_major_formatter(lambda value, _: number_text(value, language))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", color="#e5e5e5")
    axes.set_axisbelow(True)
    return figure, axes


def _name_rows(axes: Axes, names: Iterable[str], width_px: int) -> None:
    shown = [wrapped(name, width_px * 0.3) for name in names]
    axes.set_yticks(np.arange(len(shown)), shown, fontsize=9)
    axes.set_ylim(len(shown) - 0.4, -0.6)


def _legend(axes: Axes, width_px: int) -> None:
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=1 if is_narrow(width_px) else 3, frameon=False,
        fontsize=9, borderaxespad=0,
    )  # fmt: skip


def _finish(figure: Figure, title: str, language: Language, *, made: bool) -> None:
    width_px = figure.get_figwidth() * figure.dpi
    figure.suptitle(wrapped(title, width_px / 1.4), fontsize=12, color=INK, x=0.01, ha="left", weight="bold")
    if made:
        figure.supxlabel(wrapped(translate(MADE, language), width_px), fontsize=8, x=0.01, ha="left")
