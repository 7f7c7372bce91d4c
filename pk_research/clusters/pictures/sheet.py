"""What every picture of types has: a title, a note below, a legend of clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Patch

from pk_research.clusters.words import aside_label, numbered_name
from pk_research.language import Language, translate
from pk_research.palette import INK, LEFT_OUT, colours
from pk_research.sheet import is_narrow, new_sheet, width_of, wrapped
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.clusters.typology import Typology

TEXT = 9.5
HATCH = "////"
LINE_PX = 16
LEGEND_GAP_PX = 7
FRAME_PX = 90


def sheet_over_legend(
    typology: Typology, language: Language, *, width_px: int, height_px: float, with_left_out: bool = True
) -> tuple[Figure, Axes]:
    """Return a figure and the axes to draw on, ``height_px`` high, with the legend below them."""
    handles = cluster_handles(typology, language, width_px - 90, with_left_out=with_left_out)
    legend_px = sum(LEGEND_GAP_PX + LINE_PX * (1 + str(handle.get_label()).count("\n")) for handle in handles)
    legend_px += LINE_PX * (3 if is_narrow(width_px) else 1)
    figure = new_sheet(width_px, height_px + legend_px + FRAME_PX)
    parts = figure.add_gridspec(2, 1, height_ratios=[height_px, legend_px])
    _draw_legend(figure.add_subfigure(parts[1]), handles)
    return figure, figure.add_subfigure(parts[0]).subplots()


def sheet_beside_legend(
    typology: Typology, language: Language, *, width_px: int, drawing_px: float, height_px: float
) -> tuple[Figure, Axes]:
    """Return a figure and the axes to draw on, ``drawing_px`` wide, with the legend to their right."""
    legend_px = width_px - drawing_px
    figure = new_sheet(width_px, height_px + FRAME_PX)
    parts = figure.add_gridspec(1, 2, width_ratios=[drawing_px, legend_px])
    _draw_legend(figure.add_subfigure(parts[1]), cluster_handles(typology, language, legend_px - 90))
    return figure, figure.add_subfigure(parts[0]).subplots()


def _draw_legend(part: SubFigure, handles: list[Artist]) -> None:
    part.legend(handles=handles, loc="upper left", fontsize=TEXT, frameon=False)


def add_title(figure: Figure, text: str) -> None:
    """Put a title over the figure, wrapped to its width."""
    figure.suptitle(
        wrapped(text, width_of(figure), scale=1.4),
        fontsize=TEXT + 2,
        color=INK,
        x=0.01,
        ha="left",
        weight="bold",
    )


def add_note(figure: Figure, typology: Typology, language: Language, *notes: str) -> None:
    """Put what the reader must know under the figure: source, made data, what is not shown."""
    parts = [translate(MADE, language)] if typology.made else []
    parts += [f"{translate('Source', language)}: {translate(typology.title, language)}", *notes]
    text = wrapped(". ".join(parts) + ".", width_of(figure), scale=0.95)
    figure.supxlabel(text, fontsize=TEXT - 1.5, color="#444444", x=0.01, ha="left")


def cluster_handles(
    typology: Typology, language: Language, width_px: float, *, with_left_out: bool = True
) -> list[Artist]:
    """Return one legend entry a cluster, and one for villages left out if there are any."""
    handles: list[Artist] = [
        Patch(
            facecolor=colour,
            edgecolor=INK,
            label=wrapped(numbered_name(typology, n).text(language), width_px),
        )
        for n, colour in enumerate(colours(typology.k), start=1)
    ]
    if with_left_out and len(typology.left_out):
        handles.append(
            Patch(
                facecolor=LEFT_OUT,
                edgecolor="#777777",
                hatch=HATCH,
                label=aside_label(typology).text(language),
            )
        )
    return handles
