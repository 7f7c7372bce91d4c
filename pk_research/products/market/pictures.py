"""Pictures of shares, prices and scales; points with intervals, readable in grey."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from pk_research.language import Language, Message, number_text
from pk_research.palette import INK
from pk_research.products.market.van_westendorp import ENDS
from pk_research.products.market.words import item_name, product_name
from pk_research.sheet import new_sheet, wrapped
from pk_research.writing import MADE

if TYPE_CHECKING:
    import pandas as pd

    from pk_research.products.market.gabor_granger import GaborGranger
    from pk_research.products.market.maxdiff import MaxDiff
    from pk_research.products.market.simulator import MarketShares
    from pk_research.products.market.van_westendorp import VanWestendorp

BLUE = "#365c8d"
WIDE = 500
LINES = {
    "too_cheap": (":", Message("too cheap")),
    "cheap": ("--", Message("cheap")),
    "not_cheap": ("--", Message("not cheap")),
    "not_expensive": ("-.", Message("not expensive")),
    "expensive": ("-.", Message("expensive")),
    "too_expensive": ("-", Message("too expensive")),
}


def plot_shares(found: MarketShares, language: Language, *, width_px: float) -> Figure:
    """Draw shares of choices; see `MarketShares.plot`."""
    names = [product_name(str(name), language) for name in found.shares.index]
    title = Message("What people would choose").text(language)
    unit = Message("Share of choices (%)").text(language)
    return _dots(found.shares, names, title, unit, language, width_px=width_px, made=found.made)


def plot_items(found: MaxDiff, language: Language, *, width_px: float) -> Figure:
    """Draw what matters; see `MaxDiff.plot`."""
    names = [item_name(found, str(name), language) for name in found.items.index]
    title = Message("What matters most to buyers").text(language)
    return _dots(
        found.items,
        names,
        title,
        Message("Share (%)").text(language),
        language,
        width_px=width_px,
        made=found.made,
    )


def plot_curves(found: VanWestendorp, language: Language, *, width_px: float) -> Figure:
    """Draw the four curves; see `VanWestendorp.plot`."""
    figure = new_sheet(width_px, 0.6 * width_px + 180)
    axes = figure.subplots()
    ends = ENDS[found.acceptable_range]
    for name, (line, said) in LINES.items():
        if name not in {*ends[0], *ends[1]}:
            continue
        axes.plot(
            found.curves.index, 100 * found.curves[name], linestyle=line, color=INK, label=said.text(language)
        )
    low, high = found.points.loc[["lowest", "highest"], "price_idr"]
    axes.axvspan(low, high, color=BLUE, alpha=0.15, linewidth=0)
    axes.set_xlabel(Message("Price (Rp)").text(language))
    axes.set_ylabel(Message("Share of answers (%)").text(language))
    _numbers(axes.xaxis, language, width_px)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False, fontsize=9)
    title = Message("Acceptable prices: the shaded range").text(language)
    return _titled(figure, title, language, width_px, made=found.made)


def plot_demand(found: GaborGranger, language: Language, *, width_px: float) -> Figure:
    """Draw demand above revenue; see `GaborGranger.plot`."""
    figure = new_sheet(width_px, 0.9 * width_px + 80)
    above, below = figure.subplots(2, 1, sharex=True)
    rows = found.demand
    for axes, name, times, unit in (
        (above, "share", 100, Message("Would buy (%)")),
        (below, "revenue", 1, Message("Revenue for each person asked (Rp)")),
    ):
        value = rows["share"] if name == "share" else rows["revenue_idr"]
        low, high = (
            (rows["low"], rows["high"]) if name == "share" else (rows["revenue_low"], rows["revenue_high"])
        )
        axes.fill_between(rows.index, times * low, times * high, color=BLUE, alpha=0.2, linewidth=0)
        axes.plot(rows.index, times * value, color=BLUE, marker="o")
        axes.axvline(found.best_price_idr, color=INK, linewidth=0.8, linestyle="--")
        axes.set_ylabel(wrapped(unit.text(language), 0.3 * width_px), fontsize=9)
        _numbers(axes.yaxis, language)
    below.set_xlabel(Message("Price (Rp)").text(language))
    _numbers(below.xaxis, language, width_px)
    values = {"price": found.best_price_idr}
    title = Message("Demand and revenue by price; revenue is highest at Rp {price}", values).text(language)
    return _titled(figure, title, language, width_px, made=found.made)


def _dots(
    rows: pd.DataFrame,
    names: Sequence[str],
    title: str,
    unit: str,
    language: Language,
    *,
    width_px: float,
    made: bool,
) -> Figure:
    figure = new_sheet(width_px, 130 + 38 * len(rows))
    axes = figure.subplots()
    place = np.arange(len(rows))
    share, low, high = (100 * rows[name].to_numpy() for name in ("share", "low", "high"))
    axes.errorbar(
        share, place, xerr=[np.maximum(share - low, 0), np.maximum(high - share, 0)], fmt="o", color=BLUE,
        ecolor=INK, capsize=3, linewidth=1,
    )  # fmt: skip
    axes.set_yticks(place, [wrapped(name, 0.35 * width_px) for name in names])
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.grid(axis="x", color="#d9d9d9", linewidth=0.6)
    axes.set_xlabel(unit)
    _numbers(axes.xaxis, language, width_px)
    return _titled(figure, title, language, width_px, made=made)


def _numbers(axis: object, language: Language, width_px: float = WIDE) -> None:
    axis.set_major_locator(MaxNLocator(5 if width_px >= WIDE else 3))  # type: ignore[attr-defined]
    axis.set_major_formatter(lambda value, _: number_text(value, language))  # type: ignore[attr-defined]


def _titled(figure: Figure, title: str, language: Language, width_px: float, *, made: bool) -> Figure:
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle(wrapped(title, width_px, scale=1.15), x=0.02, ha="left", fontsize=11)
    if made:
        figure.supxlabel(Message(MADE).text(language), x=0.02, ha="left", fontsize=9, color=INK)
    return figure
