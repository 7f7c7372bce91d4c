"""Pieces of web pages: a tile grid, a map and a legend that need no script to be read.

Each village carries its code in ``data-village-code``, its name and type in a title and for
screen readers. Colours come with numbers. The pieces bring their own style, under ``pk-types``.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pk_research.clusters.boundaries import Mapped, Outline, inside_point, match, read_outlines
from pk_research.clusters.places import Place, by_kecamatan, places
from pk_research.clusters.words import aside_label, numbered_name
from pk_research.language import Language, translate
from pk_research.palette import INK, LEFT_OUT, colours, ink_on
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.clusters.typology import Typology

MAP_WIDTH = 1_500

STYLE = f"""
.pk-types {{ color: {INK}; font: 1rem/1.4 system-ui, sans-serif; }}
.pk-types p {{ margin: 0 0 .5rem; }}
.pk-types ul {{ list-style: none; margin: 0; padding: 0; }}
.pk-grid {{ display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); }}
.pk-grid h3 {{ font-size: .9rem; margin: 0 0 .25rem; }}
.pk-tiles {{ display: flex; flex-wrap: wrap; gap: 2px; }}
.pk-tile {{ width: 1.75rem; height: 1.75rem; font-size: .9rem; line-height: 1.75rem; text-align: center;
  border-radius: 2px; cursor: default; }}
.pk-tile:focus-visible {{ outline: 3px solid #0b57d0; outline-offset: 1px; }}
.pk-tile.pk-selected {{ outline: 3px solid #d00000; outline-offset: 1px; }}
.pk-legend li {{ display: flex; gap: .5rem; align-items: start; margin: 0 0 .35rem; }}
.pk-legend .pk-tile {{ flex: none; }}
.pk-map {{ display: block; width: 100%; max-height: 90vh; }}
.pk-map path {{ stroke: #ffffff; stroke-width: 2; fill-rule: evenodd; }}
.pk-map path.pk-selected {{ stroke: #d00000; stroke-width: 8; }}
.pk-numbers {{ font-size: 26px; text-anchor: middle; dominant-baseline: central; pointer-events: none; }}
@media (max-width: 40rem) {{ .pk-numbers {{ display: none; }} }}
""".strip()


def tile_grid_html(typology: Typology, language: Language, *, selected: str | None = None) -> str:
    """Return the villages as numbered squares in one card a kecamatan.

    Parameters
    ----------
    typology
        The result, of at most 1,500 villages.
    language
        ``"id"`` or ``"en"``.
    selected
        Code of a village to outline.

    Raises
    ------
    BadInput
        When there are too many villages for tiles.
    """
    cards = [
        f"<li><h3>{escape(villages[0].kecamatan)}</h3><ul class='pk-tiles'>"
        + "".join(_tile(village, typology, language, selected) for village in villages)
        + "</ul></li>"
        for villages in by_kecamatan(places(typology))
    ]
    return _piece(typology, language, f"<ul class='pk-grid'>{''.join(cards)}</ul>")


def legend_html(typology: Typology, language: Language) -> str:
    """Return the types with number, colour, name and how many villages each has."""
    sizes = typology.summary["n_villages"]
    lines = [
        f"<li><span class='pk-tile pk-c{cluster}' aria-hidden='true'>{cluster}</span>"
        f"<span>{escape(numbered_name(typology, cluster).text(language))} ({sizes[cluster]})</span></li>"
        for cluster in sizes.index
    ]
    if len(typology.left_out):
        label = aside_label(typology).text(language)
        lines.append(
            f"<li><span class='pk-tile pk-c0' aria-hidden='true'>–</span>"
            f"<span>{escape(label)} ({len(typology.left_out)})</span></li>"
        )
    return _piece(typology, language, f"<ul class='pk-legend'>{''.join(lines)}</ul>")


def map_svg(typology: Typology, boundaries: Path, language: Language, *, selected: str | None = None) -> str:
    """Return the villages as an inline SVG map, one path a village.

    Coordinates are rounded to one part in 1,500 of the map's width, the same for neighbours, so
    that they still meet; the map of Kabupaten Bekasi takes about 125 kB.

    Parameters
    ----------
    typology
        The result, of at most 1,500 villages.
    boundaries
        GeoJSON file of village polygons with the village code as property ``kode``.
    language
        ``"id"`` or ``"en"``.
    selected
        Code of a village to outline.

    Raises
    ------
    BadInput, NotFound
        When the file cannot be used, or there are too many villages.
    """
    mapped = match(places(typology), read_outlines(boundaries))
    grid = _Grid(mapped)
    # Drawn last, the selected outline is not covered by its neighbours.
    shapes = sorted(mapped.shapes, key=lambda shape: shape[0].code == selected)
    paths, numbers = [], []
    for outline, village in shapes:
        absent = f"{outline.code}: {translate('Not in the data', language)}"
        title = _title(village, typology, language) if village else absent
        cluster = (village and village.cluster) or 0
        paths.append(_path(grid, outline, cluster, title, chosen=outline.code == selected))
        numbers.append(_number(grid, outline, cluster) if cluster else "")
    title = escape(translate("Types of villages on the map", language))
    svg = (
        f"<svg class='pk-map' viewBox='0 0 {MAP_WIDTH} {grid.height}' role='img' aria-label='{title}'>"
        f"{''.join(paths)}<g class='pk-numbers'>{''.join(numbers)}</g></svg>"
    )
    return _piece(typology, language, svg, notes=[note.text(language) for note in mapped.notes])


def _piece(typology: Typology, language: Language, body: str, *, notes: Sequence[str] = ()) -> str:
    told = [translate(MADE, language)] if typology.made else []
    lines = "".join(f"<p class='pk-note'>{escape(text)}.</p>" for text in [*told, *notes])
    return f"<div class='pk-types'><style>{STYLE}\n{_colour_rules(typology.k)}</style>{lines}{body}</div>"


def _colour_rules(k: int) -> str:
    return "\n".join(
        f".pk-c{n} {{ background: {colour}; fill: {colour}; color: {ink_on(colour)}; }}\n"
        f".pk-n{n} {{ fill: {ink_on(colour)}; }}"
        for n, colour in enumerate((LEFT_OUT, *colours(k)))
    )


def _tile(village: Place, typology: Typology, language: Language, selected: str | None) -> str:
    title = escape(_title(village, typology, language))
    chosen, current = (" pk-selected", " aria-current='true'") if village.code == selected else ("", "")
    return (
        f"<li class='pk-tile pk-c{village.cluster or 0}{chosen}' tabindex='0'{current}"
        f" data-village-code='{escape(village.code)}' title='{title}' aria-label='{title}'>"
        f"{village.cluster or '–'}</li>"
    )


def _title(village: Place, typology: Typology, language: Language) -> str:
    if village.cluster is None:
        is_outside = village.code in set(typology.in_no_type.get(typology.code_column, ()))
        return f"{village.name}: {translate('In no type' if is_outside else 'Left out', language)}"
    return f"{village.name}: {numbered_name(typology, village.cluster).text(language)}"


class _Grid:
    """Whole-number coordinates for a map: x to the right, y down, true to scale in its middle."""

    def __init__(self, mapped: Mapped) -> None:
        points = np.concatenate([ring for outline, _ in mapped.shapes for ring in outline.rings])
        (self.left, bottom), (right, self.top) = points.min(axis=0), points.max(axis=0)
        self.by_longitude = MAP_WIDTH / (right - self.left)
        self.by_latitude = self.by_longitude / np.cos(np.radians((bottom + self.top) / 2))
        self.height = int(np.ceil((self.top - bottom) * self.by_latitude))

    def points(self, places: np.ndarray) -> np.ndarray:
        """Return longitudes and latitudes as x and y."""
        x = (places[:, 0] - self.left) * self.by_longitude
        y = (self.top - places[:, 1]) * self.by_latitude
        return np.stack([x, y], axis=1).round().astype(int)


def _path(grid: _Grid, outline: Outline, cluster: int, title: str, *, chosen: bool) -> str:
    drawn = "".join(_ring(grid.points(ring)) for ring in outline.rings)
    return (
        f"<path class='pk-c{cluster}{' pk-selected' if chosen else ''}'"
        f" data-village-code='{escape(outline.code)}' d='{drawn}'><title>{escape(title)}</title></path>"
    )


def _ring(points: np.ndarray) -> str:
    """Return a ring as path commands; points that fall together are drawn once."""
    moves = np.diff(points, axis=0)
    steps = moves[(moves != 0).any(axis=1)]
    return f"M{points[0, 0]} {points[0, 1]}l" + " ".join(f"{dx} {dy}" for dx, dy in steps) + "z"


def _number(grid: _Grid, outline: Outline, cluster: int) -> str:
    x, y = grid.points(np.array([inside_point(outline.rings)]))[0]
    return f"<text class='pk-n{cluster}' x='{x}' y='{y}'>{cluster}</text>"
