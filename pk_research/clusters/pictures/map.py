"""The types on a map."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Curve
from matplotlib.patheffects import withStroke

from pk_research.clusters.boundaries import Mapped, Outline, inside_point, match, read_outlines
from pk_research.clusters.pictures.sheet import (
    HATCH,
    TEXT,
    add_note,
    add_title,
    sheet_beside_legend,
    sheet_over_legend,
)
from pk_research.clusters.places import Place, places
from pk_research.clusters.typology import Typology
from pk_research.language import Language, translate
from pk_research.palette import INK, LEFT_OUT, colours, ink_on
from pk_research.sheet import is_narrow

TALLEST_PX = 1_150


def plot_map(typology: Typology, boundaries: Path, language: Language, *, width_px: int = 1200) -> Figure:
    """Draw the villages in the colour of their type, with its number where there is room.

    Villages left out are hatched. Villages without a boundary, and boundaries without a
    village, are counted and named in the note.

    Parameters
    ----------
    typology
        The result, of at most 1,500 villages.
    boundaries
        GeoJSON file of village polygons with the village code as property ``kode``.
    language
        ``"id"`` or ``"en"``.
    width_px
        Width in pixels.

    Raises
    ------
    BadInput, NotFound
        When the file cannot be used, or there are too many villages.
    """
    mapped = match(places(typology), read_outlines(boundaries))
    narrow = is_narrow(width_px)
    proportion = _height_by_width(mapped)
    if narrow:
        figure, ax = sheet_over_legend(typology, language, width_px=width_px, height_px=width_px * proportion)
    else:
        drawing_px = min(width_px * 0.62, TALLEST_PX / proportion)
        figure, ax = sheet_beside_legend(
            typology, language, width_px=width_px, drawing_px=drawing_px, height_px=drawing_px * proportion
        )
    for outline, place in mapped.shapes:
        _draw_village(ax, outline, place, typology.k, numbered=not narrow)
    if not narrow:
        _label_kecamatan(ax, mapped)
    ax.set_anchor("N")
    ax.set_aspect(1 / np.cos(np.radians(_middle_latitude(mapped))))
    ax.autoscale_view()
    ax.margins(0.01)
    ax.set_axis_off()
    add_title(figure, translate("Types of villages on the map", language))
    add_note(figure, typology, language, *(note.text(language) for note in mapped.notes))
    return figure


def _all_points(mapped: Mapped) -> np.ndarray:
    return np.concatenate([ring for outline, _ in mapped.shapes for ring in outline.rings])


def _middle_latitude(mapped: Mapped) -> float:
    latitudes = _all_points(mapped)[:, 1]
    return float(latitudes.min() + latitudes.max()) / 2


def _height_by_width(mapped: Mapped) -> float:
    extent = np.ptp(_all_points(mapped), axis=0)
    return float(extent[1] / (extent[0] * np.cos(np.radians(_middle_latitude(mapped)))))


def _draw_village(ax: Axes, outline: Outline, place: Place | None, k: int, *, numbered: bool) -> None:
    cluster = place.cluster if place else None
    fill = LEFT_OUT if cluster is None else colours(k)[cluster - 1]
    shape = Curve.make_compound_path(*(Curve(ring, closed=True) for ring in outline.rings))
    hatch = HATCH if cluster is None else None
    ax.add_patch(PathPatch(shape, facecolor=fill, edgecolor="white", linewidth=0.6, hatch=hatch))
    if numbered and cluster is not None:
        ax.text(
            *inside_point(outline.rings), str(cluster),
            ha="center", va="center", fontsize=TEXT - 3, color=ink_on(fill),
        )  # fmt: skip


def _label_kecamatan(ax: Axes, mapped: Mapped) -> None:
    """Write each kecamatan's name over the middle of its villages."""
    points: dict[str, list[tuple[float, float]]] = {}
    for outline, place in mapped.shapes:
        if place is not None:
            points.setdefault(place.kecamatan, []).append(inside_point(outline.rings))
    for name, inside in points.items():
        x, y = np.mean(inside, axis=0)
        ax.text(
            x, y, name, ha="center", va="center", fontsize=TEXT - 2, color=INK, weight="bold",
            path_effects=[withStroke(linewidth=2.5, foreground="white", alpha=0.9)],
        )  # fmt: skip
