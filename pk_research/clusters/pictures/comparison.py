"""Two typologies of the same villages, as one numbered heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from pk_research.clusters.pictures.crossing import column_labels, draw_crossing, height_of, row_labels
from pk_research.clusters.pictures.sheet import TEXT, add_title
from pk_research.language import Language, translate
from pk_research.sheet import new_sheet, wrapped
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.clusters.comparison import Comparison

FRAME_PX = 90


def plot_comparison(result: Comparison, language: Language, *, width_px: int = 900) -> Figure:
    """Draw villages by type of the first (rows) and of the second (columns).

    Parameters
    ----------
    result
        The comparison.
    language
        ``"id"`` or ``"en"``.
    width_px
        Width in pixels.
    """
    rows = row_labels([result.label(0, n).text(language) for n in result.counts.index], width_px)
    columns = column_labels([result.label(1, n).text(language) for n in result.counts.columns], width_px)
    figure = new_sheet(width_px, height_of(rows, columns) + FRAME_PX)
    ax = figure.subplots()
    draw_crossing(ax, result.counts, rows, columns, language)
    ax.set_xlabel(translate("Second typology", language), fontsize=TEXT)
    ax.set_ylabel(translate("First typology", language), fontsize=TEXT)
    add_title(figure, translate("Two typologies of the same villages", language))
    parts = [translate(MADE, language)] if result.made else []
    parts.append(translate("Numbers: villages, and their share of the type of the first", language))
    parts += [result.title(side).text(language) for side in (0, 1) if result.titles[side]]
    note = wrapped(". ".join(parts) + ".", width_px, scale=0.95)
    figure.supxlabel(note, fontsize=TEXT - 1.5, color="#444444", x=0.01, ha="left")
    return figure
