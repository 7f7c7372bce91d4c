"""Pictures of an index: shapes and places carry the meaning, so that they read in grey.

Each draws on a figure of its own at the width asked for, and says when the data is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pk_research.indicators.composite.words import direct_parts, heading, unit_name
from pk_research.language import Language, Message, translate
from pk_research.palette import INK
from pk_research.sheet import is_narrow, new_sheet, width_of, wrapped
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.indicators.composite.index import CompositeIndex
    from pk_research.indicators.composite.uncertainty import RankUncertainty

MOST = 30
ROW_PX = 24
FRAME_PX = 210
GREY = "#8c8c8c"
# Dark to light along viridis, each with a shape of its own.
MARKS = (
    ("s", "#440154"), ("o", "#365c8d"), ("^", "#1fa187"), ("v", "#4ac16d"), ("P", "#a0da39"),
    ("X", "#46327e"), ("<", "#277f8e"), (">", "#fde725"),
)  # fmt: skip


def plot_scores(index: CompositeIndex, language: Language, *, width_px: int = 1200) -> Figure:
    """Draw the best thirty units: the index as a bar, what it is directly made of as marks along it.

    A unit whose marks lie far apart owes its place to some parts and lacks others.
    """
    rows = _first_rows(index)
    figure, axes = _sheet(width_px, len(rows))
    places = np.arange(len(rows))
    axes.barh(places, index.elements[-1, rows], color="#d9d9d9", edgecolor=INK, linewidth=0.6, height=0.7)
    for n, name in enumerate(direct_parts(index)):
        shape, colour = MARKS[n % len(MARKS)]
        at = index.declaration.table.index.get_loc(name)
        axes.plot(
            index.elements[at, rows], places, shape, color=colour, markeredgecolor=INK, markersize=7,
            label=wrapped(heading(name, index, language), width_px / 2),
        )  # fmt: skip
    _name_rows(axes, index, rows, width_px)
    axes.set_xlabel(wrapped(heading(index.declaration.root, index, language), width_px * 0.6))
    _legend_above(axes, n_columns=1 if is_narrow(width_px) else 3)
    title = Message("The first {n} of {total} villages", {"n": len(rows), "total": len(index.units)})
    _finish(figure, title.text(language), index, language)
    return figure


def plot_intervals(result: RankUncertainty, language: Language, *, width_px: int = 1200) -> Figure:
    """Draw the intervals of the best thirty units: a line from the 5 to the 95 % point, its median."""
    index = result.index
    rows = _first_rows(index)
    shown = result.intervals.iloc[rows]
    figure, axes = _sheet(width_px, len(rows))
    places = np.arange(len(rows))
    axes.hlines(places, shown["low"], shown["high"], color=GREY, linewidth=5)
    axes.plot(shown["median"], places, "o", color=INK, markersize=5, label=translate("Median rank", language))
    axes.plot(
        shown["rank"].to_numpy(dtype=float), places, "D", color="white", markeredgecolor=INK, markersize=7,
        label=translate("Rank", language), zorder=1.9,
    )  # fmt: skip
    _name_rows(axes, index, rows, width_px)
    axes.set_xlabel(translate("Rank", language))
    _legend_above(axes, n_columns=2)
    title = Message("Where the middle 90% of {n} draws put the first villages", {"n": result.n_draws})
    _finish(figure, title.text(language), index, language)
    return figure


def _first_rows(index: CompositeIndex) -> np.ndarray:
    ranks = index.rank.fillna(len(index.rank) + 1).to_numpy(dtype=int)
    order = np.argsort(ranks, kind="stable")
    return np.asarray(order[ranks[order] <= len(ranks)][:MOST])


def _sheet(width_px: int, n_rows: int) -> tuple[Figure, Axes]:
    # On a telephone names take two lines.
    height_px = FRAME_PX + ROW_PX * n_rows * (1.5 if is_narrow(width_px) else 1)
    figure = new_sheet(width_px, height_px)
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", color="#e5e5e5")
    axes.set_axisbelow(True)
    return figure, axes


def _name_rows(axes: Axes, index: CompositeIndex, rows: np.ndarray, width_px: int) -> None:
    """Put the names beside the rows, the best at the top."""
    names = [wrapped(f"{index.rank.iloc[row]}. {unit_name(index, row)}", width_px * 0.35) for row in rows]
    axes.set_yticks(np.arange(len(rows)), names, fontsize=8.5)
    axes.set_ylim(len(rows) - 0.4, -0.6)


def _legend_above(axes: Axes, *, n_columns: int) -> None:
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=n_columns, frameon=False, fontsize=9, borderaxespad=0
    )


def _finish(figure: Figure, title: str, index: CompositeIndex, language: Language) -> None:
    width_px = width_of(figure)
    figure.suptitle(wrapped(title, width_px / 1.4), fontsize=12, color=INK, x=0.01, ha="left", weight="bold")
    parts = [translate(MADE, language)] if index.made else []
    parts.append(f"{translate('Source', language)}: {index.title}")
    note = wrapped(". ".join(parts) + ".", width_px)
    figure.supxlabel(note, fontsize=8, color="#444444", x=0.01, ha="left")
