"""Pictures of choices: shapes and places carry the meaning, so that they read in grey."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from pk_research.language import Language, translate
from pk_research.palette import INK, colours
from pk_research.sheet import new_sheet, wrapped
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.policy.options.choice import StakeholderChoice
    from pk_research.policy.options.turning import OptionIntervals

SHAPES = ("o", "s", "^", "D", "v", "P")
GREY = "#8c8c8c"
ROW_PX, FRAME_PX = 56, 190


def plot_choice(choice: StakeholderChoice, language: Language, *, width_px: int = 900) -> Figure:
    """Draw each option's rank by each group, and for all together as a line; marks apart: disagreement."""
    shown = choice.ranks
    figure, axes = _sheet(width_px, len(shown))
    places = np.arange(len(shown))
    axes.hlines(places, shown.min(axis=1), shown.max(axis=1), color=GREY, linewidth=2)
    step = 0.5 / max(1, shown.shape[1] - 1)
    for n, (group, colour) in enumerate(zip(shown, colours(shown.shape[1]), strict=True)):
        axes.plot(
            shown[group], places + n * step - 0.25, SHAPES[n % len(SHAPES)], color=colour,
            markeredgecolor=INK, markersize=9, label=str(group),
        )  # fmt: skip
    axes.plot(
        choice.merged_ranks, places, "|", color=INK, markersize=26, markeredgewidth=2,
        label=translate("All together", language),
    )  # fmt: skip
    _finish(figure, axes, shown.index.tolist(), width_px)
    _title(
        figure, translate("Rank of each option for each group", language), language, made=choice.merged.made
    )
    return figure


def plot_intervals(result: OptionIntervals, language: Language, *, width_px: int = 900) -> Figure:
    """Draw a line from the 5 to the 95 % point of each rank, its median and the computed rank."""
    shown = result.found.intervals
    figure, axes = _sheet(width_px, len(shown))
    places = np.arange(len(shown))
    label = translate("Middle 90% of the drawings", language)
    axes.hlines(places, shown["low"], shown["high"], color=GREY, linewidth=5, label=label)
    axes.plot(shown["median"], places, "o", color=colours(3)[1], markeredgecolor=INK, markersize=9,
              label=translate("Median rank", language))  # fmt: skip
    axes.plot(
        shown["rank"],
        places,
        "|",
        color=INK,
        markersize=22,
        markeredgewidth=2,
        label=translate("Rank", language),
    )
    _finish(figure, axes, shown.index.tolist(), width_px)
    _title(figure, translate("How sure each rank is", language), language, made=result.found.decision.made)
    axes.set_xlabel(translate("Rank", language))
    return figure


def _sheet(width_px: int, n_rows: int) -> tuple[Figure, Axes]:
    figure = new_sheet(width_px, FRAME_PX + ROW_PX * n_rows)
    return figure, figure.subplots()


def _finish(figure: Figure, axes: Axes, names: list[str], width_px: int) -> None:
    axes.set_yticks(np.arange(len(names)), [wrapped(str(name), width_px * 0.25) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=4, frameon=False)


def _title(figure: Figure, title: str, language: Language, *, made: bool) -> None:
    figure.suptitle(f"{title}\n{translate(MADE, language)}" if made else title)
