"""Who went from which type to which: one numbered heat map a pair of years."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from pk_research.clusters.over_time_words import labelled
from pk_research.clusters.pictures.crossing import column_labels, draw_crossing, height_of, row_labels
from pk_research.clusters.pictures.sheet import TEXT, add_note, add_title
from pk_research.language import Language, Message, translate
from pk_research.sheet import new_sheet

if TYPE_CHECKING:
    from pk_research.clusters.over_time import TypesOverTime

FRAME_PX = 90


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
    names = {number: labelled(result, number).text(language) for number in range(1, result.k + 1)}
    labels = [
        (
            row_labels([names[n] for n in step.counts.index], width_px),
            column_labels([names[n] for n in step.counts.columns], width_px),
        )
        for step in result.transitions
    ]
    heights = [height_of(rows, columns) for rows, columns in labels]
    figure = new_sheet(width_px, sum(heights) + FRAME_PX)
    axes = figure.subplots(len(heights), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
    for ax, step, (rows, columns) in zip(axes, result.transitions, labels, strict=True):
        draw_crossing(ax, step.counts, rows, columns, language)
        ax.set_xlabel(Message("Type in {year}", {"year": str(step.second)}).text(language), fontsize=TEXT)
        ax.set_ylabel(Message("Type in {year}", {"year": str(step.first)}).text(language), fontsize=TEXT)
    add_title(figure, translate("Which type became which", language))
    note = translate("Numbers: villages, and their share of the type of the earlier year", language)
    add_note(figure, result.last, language, note)
    return figure
