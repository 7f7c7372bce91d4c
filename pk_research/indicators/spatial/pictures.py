"""Pictures of local patterns: they read in grey and for the colour-blind.

Shades differ in lightness, and markers or hatching say the same once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path

from pk_research.indicators.spatial.borders import Polygons
from pk_research.language import Language, Message, number_text
from pk_research.palette import INK
from pk_research.sheet import is_narrow, new_sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from pk_research.indicators.spatial.local import LocalPattern


@dataclass(frozen=True, slots=True)
class Style:
    """How a category looks.

    Attributes
    ----------
    colour, marker, hatch
        As matplotlib names them.
    """

    colour: str
    marker: str
    hatch: str


# Colours are points on viridis (van der Walt and Smith, CC0), from dark to light.
STYLES = {
    "high-high": Style("#440154", "s", ""),
    "hot spot": Style("#440154", "s", ""),
    "high-low": Style("#365c8d", "^", "\\\\\\"),
    "low-high": Style("#4ac16d", "v", "///"),
    "low-low": Style("#fde725", "D", "..."),
    "cold spot": Style("#fde725", "D", "..."),
    "not significant": Style("#f0f0f0", "o", ""),
}
NO_RESULT = Style("#ffffff", "o", "xx")
SCATTER_PX, LEGEND_PX = 600, 120


def plot_scatter(pattern: LocalPattern, language: Language, *, width_px: float = 800) -> Figure:
    """Draw each village's value against the mean of its neighbours, both standardised.

    Parameters
    ----------
    pattern
        The result.
    language
        ``"id"`` or ``"en"``.
    width_px
        Width in pixels.
    """
    figure = new_sheet(width_px, SCATTER_PX)
    axes = figure.subplots()
    for key, said in reversed(list(pattern.categories.items())):
        rows = pattern.frame[pattern.frame["category"] == key]
        style = STYLES[key]
        axes.scatter(
            rows["z"],
            rows["neighbours_z"],
            c=style.colour,
            marker=style.marker,
            edgecolors=INK,
            linewidths=0.5,
            label=_counted(said, len(rows), language),
        )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: number_text(value, language))
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set(
        xlabel=Message("Value of the village (standardised)").text(language),
        ylabel=Message("Mean of its neighbours (standardised)").text(language),
    )
    figure.legend(loc="outside lower center", ncols=1 if is_narrow(width_px) else 2, frameon=False)
    return figure


def plot_map(
    pattern: LocalPattern,
    boundaries: Mapping[str, Polygons],
    language: Language,
    *,
    width_px: float = 800,
) -> Figure:
    """Draw the categories on a map.

    Parameters
    ----------
    pattern
        The result.
    boundaries
        Code -> polygons, as `sources.boundaries` reads them. Villages without a result are crossed
        out.
    language
        ``"id"`` or ``"en"``.
    width_px
        Width in pixels.
    """
    figure = new_sheet(width_px, width_px if not is_narrow(width_px) else width_px + LEGEND_PX)
    axes = figure.subplots()
    category = dict(zip(pattern.frame["code"], pattern.frame["category"], strict=True))
    for code, polygons in boundaries.items():
        style = STYLES[category[code]] if code in category else NO_RESULT
        axes.add_patch(_shape(polygons, style))
    axes.autoscale_view()
    axes.set_aspect("equal")
    axes.set_axis_off()
    counts = pattern.frame["category"].value_counts()
    entries = [
        _entry(STYLES[key], _counted(said, int(counts.get(key, 0)), language))
        for key, said in pattern.categories.items()
    ]
    n_without = len(set(boundaries) - set(category))
    if n_without:
        entries.append(_entry(NO_RESULT, _counted(Message("no result"), n_without, language)))
    figure.legend(
        handles=entries, loc="outside lower center", ncols=1 if is_narrow(width_px) else 2, frameon=False
    )
    return figure


def _counted(said: Message, n: int, language: Language) -> str:
    return Message("{category} ({n})", {"category": said, "n": n}).text(language)


def _entry(style: Style, label: str) -> Patch:
    return Patch(facecolor=style.colour, hatch=style.hatch, edgecolor=INK, linewidth=0.5, label=label)


def _shape(polygons: Polygons, style: Style) -> PathPatch:
    rings = [Path(np.asarray(ring), closed=True) for polygon in polygons for ring in polygon]
    outline = Path.make_compound_path(*rings)
    return PathPatch(outline, facecolor=style.colour, hatch=style.hatch, edgecolor=INK, linewidth=0.4)
