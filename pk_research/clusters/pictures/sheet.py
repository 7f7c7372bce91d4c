"""The sheet every picture is drawn on: size, title, note below, legend of clusters."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure, SubFigure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Patch
from matplotlib.text import Text

from pk_research.clusters.palette import INK, LEFT_OUT, colours
from pk_research.clusters.words import numbered_name
from pk_research.language import Language, translate
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.clusters.typology import Typology

DPI = 100
TEXT = 9.5
HATCH = "////"
PX_PER_LETTER = 7.2
LINE_PX = 16
LEGEND_GAP_PX = 7
FRAME_PX = 90
NARROW_PX = 600


class Sheet(Figure):
    """A figure whose texts are taken literally: a label may hold dollar signs and backslashes."""

    def draw(self, renderer: RendererBase) -> None:
        """Draw, no text being read as a formula."""
        for text in self.findobj(Text):
            text.set_parse_math(False)
        super().draw(renderer)


def new_sheet(width_px: float, height_px: float) -> Figure:
    """Return an empty figure of this size in pixels, with its own layout and no global state."""
    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08)
    return Sheet(figsize=(width_px / DPI, height_px / DPI), dpi=DPI, layout=layout)


def is_narrow(width_px: float) -> bool:
    """Say whether a picture is for a telephone."""
    return width_px < NARROW_PX


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
    parts += [f"{translate('Source', language)}: {typology.title}", *notes]
    text = wrapped(". ".join(parts) + ".", width_of(figure), scale=0.95)
    figure.supxlabel(text, fontsize=TEXT - 1.5, color="#444444", x=0.01, ha="left")


def width_of(figure: Figure) -> float:
    """Return the width of a figure in pixels."""
    return float(figure.get_figwidth() * DPI)


def wrapped(text: str, width_px: float, *, scale: float = 1.0) -> str:
    """Break a text into lines that fit a width."""
    return fill(text, max(12, int(width_px / (PX_PER_LETTER * scale))))


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
            Patch(facecolor=LEFT_OUT, edgecolor="#777777", hatch=HATCH, label=translate("Left out", language))
        )
    return handles
