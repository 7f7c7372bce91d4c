"""Who went from which type to which: one numbered heat map a pair of years."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from pk_research.clusters.over_time_words import cell_text
from pk_research.clusters.pictures.sheet import TEXT, add_note, add_title
from pk_research.language import Language, Message, translate
from pk_research.palette import ink_on
from pk_research.sheet import new_sheet

if TYPE_CHECKING:
    from pk_research.clusters.over_time import Transition, TypesOverTime

CELL_PX = 46
SCALE = "Greys"


def plot_transitions(result: TypesOverTime, language: Language, *, width_px: int = 900) -> Figure:
    """Draw the transition matrices below one another; shades are the shares of the rows.

    Parameters
    ----------
    result
        The types over the years.
    language
        ``"id"`` or ``"en"``.
    width_px
        Width in pixels.
    """
    heights = [CELL_PX * len(step.counts) + 80 for step in result.transitions]
    figure = new_sheet(width_px, sum(heights) + 100)
    axes = figure.subplots(len(heights), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
    for ax, step in zip(axes, result.transitions, strict=True):
        _draw(ax, step, language)
    add_title(figure, translate("Which type became which", language))
    note = translate("Numbers: villages, and their share of the type of the earlier year", language)
    add_note(figure, result.last, language, note)
    return figure


def _draw(ax: Axes, step: Transition, language: Language) -> None:
    shares = step.counts.div(step.counts.sum(axis=1), axis=0).to_numpy()
    ax.imshow(np.nan_to_num(shares), cmap=SCALE, vmin=0, vmax=1, aspect="auto")
    for row, column in ((r, c) for r in range(shares.shape[0]) for c in range(shares.shape[1])):
        share = shares[row, column]
        fill = to_hex(colormaps[SCALE](np.nan_to_num(share)))
        text = cell_text(int(step.counts.iloc[row, column]), share, language)
        ax.text(column, row, text, ha="center", va="center", fontsize=TEXT, color=ink_on(fill))
    ax.set_xticks(range(shares.shape[1]), [str(n) for n in step.counts.columns])
    ax.set_yticks(range(shares.shape[0]), [str(n) for n in step.counts.index])
    ax.set_xlabel(Message("Type in {year}", {"year": str(step.second)}).text(language))
    ax.set_ylabel(Message("Type in {year}", {"year": str(step.first)}).text(language))
