"""Paths of indicators: blue and orange, told apart by the colour-blind, each with a sign and a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from pk_research.language import Language, number_text, translate
from pk_research.palette import INK
from pk_research.policy.targets.words import LIGHTS, light_text
from pk_research.sheet import is_narrow, new_sheet, wrapped
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.policy.targets.tracking import Tracking

# Okabe and Ito (2008), Color Universal Design.
COLOURS = {"on_track": "#0072b2", "behind": "#d55e00", "cannot_be_said": "#999999", "missing": "#ffffff"}
SHAPES = {"on_track": "^", "behind": "v", "cannot_be_said": "o", "missing": "o"}
ROW_PX, FRAME_PX = 260, 130


def plot_tracking(found: Tracking, language: Language, *, width_px: int = 900) -> Figure:
    """Draw one panel an indicator: targets dashed, values with intervals, the trend's end."""
    names = list(found.baselines)
    n_columns = 1 if is_narrow(width_px) or len(names) == 1 else 2
    n_rows = -(-len(names) // n_columns)
    figure = new_sheet(width_px, FRAME_PX + ROW_PX * n_rows)
    panels = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
    for axes, name in zip(panels, names, strict=False):
        _draw(axes, found, name, language, width_px / n_columns)
    for axes in panels[len(names) :]:
        axes.set_visible(False)
    entries = {
        label: handle
        for axes in panels
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    figure.legend(
        entries.values(),
        entries.keys(),
        loc="outside lower center",
        ncols=1 if is_narrow(width_px) else 3,
        frameon=False,
    )
    title = translate("Indicators against their targets", language)
    figure.suptitle(f"{title}\n{translate(MADE, language)}" if found.made else title)
    return figure


def _draw(axes: Axes, found: Tracking, name: str, language: Language, width_px: float) -> None:
    baseline, years = found.baselines[name], found.years[found.years["indicator"] == name]
    outlook = found.outlook.set_index("indicator").loc[name]
    axes.plot(
        [baseline.year, *years["year"]], [baseline.value, *years["target"]], "--", color=INK, linewidth=1,
        label=translate("Target path", language),
    )  # fmt: skip
    axes.plot(
        baseline.year, baseline.value, "D", color=INK, markersize=6, label=translate("Baseline", language)
    )
    for light in LIGHTS:
        _mark(axes, years[(years["light"] == light) & years["value"].notna()], light, language)
    if not np.isnan(outlook["expected"]):
        reach = [[outlook["expected"] - outlook["low"]], [outlook["high"] - outlook["expected"]]]
        axes.errorbar(
            [outlook["end"]], [outlook["expected"]], yerr=reach, fmt="_", color=INK, markersize=12, capsize=6,
            linewidth=1, linestyle=":", label=translate("If the trend goes on, with its interval", language),
        )  # fmt: skip
    word = light_text(outlook["light"], language, has_error=bool(outlook["has_error"]))
    axes.set_title(wrapped(f"{name}: {word}", width_px * 0.85), fontsize=10)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number_text(value, language)))
    axes.spines[["top", "right"]].set_visible(False)


def _mark(axes: Axes, rows: pd.DataFrame, light: str, language: Language) -> None:
    if rows.empty:
        return
    axes.errorbar(
        rows["year"], rows["value"], yerr=rows["high"] - rows["value"], fmt=SHAPES[light],
        color=COLOURS[light], markeredgecolor=INK, markersize=9, capsize=4, ecolor=INK, linestyle="none",
        label=LIGHTS[light][1].text(language),
    )  # fmt: skip
