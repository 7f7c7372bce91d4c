"""The sheet every picture is drawn on: its size in pixels, texts taken literally and broken to fit."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import fill

from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text

DPI = 100
NARROW_PX = 600
PX_PER_LETTER = 7.2
PX_PER_LINE = 17


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


def width_of(figure: Figure) -> float:
    """Return the width of a figure in pixels."""
    return float(figure.get_figwidth() * DPI)


def wrapped(text: str, width_px: float, *, scale: float = 1.0) -> str:
    """Break a text into lines that fit a width."""
    return fill(text, max(12, int(width_px / (PX_PER_LETTER * scale))))


def row_px(labels: Iterable[str], least: float) -> float:
    r"""Return how high the rows of a picture must be for the label of most lines.

    Examples
    --------
    >>> row_px(["Effect", "Share of the effect\nthat is left\nin the next year"], 44)
    55
    """
    lines = max((label.count("\n") + 1 for label in labels), default=1)
    return max(least, PX_PER_LINE * lines + 4)
