"""Pictures of an appraisal: losses are hatched, so that they read in grey."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from pk_research.language import Language, Message, number_text, translate
from pk_research.palette import INK, colours
from pk_research.policy.costs.words import factor_name
from pk_research.sheet import new_sheet, row_px, wrapped
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.policy.costs.appraisal import CostBenefit
    from pk_research.policy.costs.influence import Tornado

BINS = 40
ROW_PX, FRAME_PX = 44, 200
UNITS = (
    (1e9, Message("Net present value (billion IDR)")),
    (1e6, Message("Net present value (million IDR)")),
    (1.0, Message("Net present value (IDR)")),
)


def plot_appraisal(found: CostBenefit, language: Language, *, width_px: int = 900) -> Figure:
    """Draw how often each net present value was drawn, losses hatched."""
    size, label = _unit(found.draws["npv"].to_numpy())
    values = found.draws["npv"].to_numpy() / size
    figure = new_sheet(width_px, width_px * 0.6)
    axes = figure.subplots()
    edges = np.histogram_bin_edges(values, bins=BINS)
    bins = sorted({*edges.tolist(), 0.0}) if edges[0] < 0 < edges[-1] else edges.tolist()
    dark, _, light = colours(3)
    loss = Message("Loss: {share}% of the draws", {"share": round(100 * found.loss, 1)}).text(language)
    gain = Message("Gain: {share}% of the draws", {"share": round(100 * (1 - found.loss), 1)}).text(language)
    axes.hist(values[values < 0], bins, color=light, edgecolor=INK, hatch="//", linewidth=0.5, label=loss)
    axes.hist(values[values >= 0], bins, color=dark, edgecolor="white", linewidth=0.5, label=gain)
    axes.axvline(
        found.expected["npv"] / size,
        color=INK,
        linestyle="--",
        label=translate("Expected value", language),
    )
    axes.set_xlabel(label.text(language))
    axes.set_ylabel(translate("Draws", language))
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=3)
    _finish(figure, axes, translate("Net present value and its doubt", language), language, made=found.made)
    return figure


def plot_tornado(found: Tornado, language: Language, *, width_px: int = 900) -> Figure:
    """Draw one bar a figure, the widest at the top; the low end is hatched."""
    frame = found.frame
    names = [wrapped(factor_name(name, language), width_px * 0.25) for name in frame["factor"]]
    figure = new_sheet(width_px, FRAME_PX + row_px(names, ROW_PX) * len(frame))
    axes = figure.subplots()
    size, label = _unit(frame[["at_low", "at_high"]].to_numpy())
    middle, places = found.npv / size, np.arange(len(frame))
    dark, _, light = colours(3)
    looks = (
        ("at_low", light, "//", translate("At its low end", language)),
        ("at_high", dark, "", translate("At its high end", language)),
    )
    for name, colour, hatch, end in looks:
        width = frame[name] / size - middle
        axes.barh(places, width, left=middle, color=colour, hatch=hatch, edgecolor=INK, height=0.6, label=end)
    axes.axvline(middle, color=INK, linewidth=1)
    if (frame[["at_low", "at_high"]].min(axis=None) < 0) != (middle < 0):
        axes.axvline(0, color=INK, linestyle=":", label=translate("Nothing gained or lost", language))
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set_xlabel(label.text(language))
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.25), ncols=3)
    _finish(figure, axes, translate("Which figure moves the result", language), language, made=found.made)
    return figure


def _unit(values: np.ndarray) -> tuple[float, Message]:
    """Return the unit in which the largest value is written shortest."""
    largest = float(np.abs(values).max())
    return next((unit for unit in UNITS if largest >= unit[0]), UNITS[-1])


def _finish(figure: Figure, axes: Axes, title: str, language: Language, *, made: bool) -> None:
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number_text(value, language)))
    axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle(f"{title}\n{translate(MADE, language)}" if made else title)
