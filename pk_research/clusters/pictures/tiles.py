"""One tile a village, in blocks by kecamatan: the picture for data without boundaries."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from pk_research.clusters.pictures.sheet import HATCH, TEXT, add_note, add_title, sheet_over_legend
from pk_research.clusters.places import Place, by_kecamatan, places
from pk_research.clusters.typology import Typology
from pk_research.language import Language, Message, translate
from pk_research.palette import INK, LEFT_OUT, colours, ink_on
from pk_research.sheet import wrapped

TILE_PX = 26
TILES_A_ROW = 6
BLOCK_PX = TILE_PX * TILES_A_ROW + 24
LABEL_PX = 20
GAP_PX = 14


def plot_tiles(
    typology: Typology, language: Language, *, width_px: int = 1200, notes: Sequence[Message] = ()
) -> Figure:
    """Draw one numbered tile a village, in blocks by kecamatan in the order of their codes.

    Villages left out are hatched tiles without a number.

    Parameters
    ----------
    typology
        The result, of at most 1,500 villages.
    language
        ``"id"`` or ``"en"``.
    width_px
        Width in pixels; narrow pictures have fewer blocks side by side.
    notes
        What else to say under the picture.

    Raises
    ------
    BadInput
        When there are too many villages for tiles.
    """
    blocks = by_kecamatan(places(typology))
    n_columns = max(1, (width_px - 20) // BLOCK_PX)
    rows = [blocks[first : first + n_columns] for first in range(0, len(blocks), n_columns)]
    heights = [max(_height(block) for block in row) for row in rows]
    figure, ax = sheet_over_legend(typology, language, width_px=width_px, height_px=sum(heights))
    top = 0
    for row, height in zip(rows, heights, strict=True):
        for column, block in enumerate(row):
            _draw_block(ax, block, column * BLOCK_PX, top, typology.k)
        top += height
    ax.set(xlim=(0, n_columns * BLOCK_PX), ylim=(top, 0), aspect="equal", anchor="NW")
    ax.set_axis_off()
    add_title(figure, translate("Types of villages by kecamatan", language))
    in_order = translate("One tile a village, in the order of the codes", language)
    add_note(figure, typology, language, in_order, *(note.text(language) for note in notes))
    return figure


def _height(block: tuple[Place, ...]) -> int:
    return LABEL_PX + TILE_PX * ceil(len(block) / TILES_A_ROW) + GAP_PX


def _draw_block(ax: Axes, block: tuple[Place, ...], left: int, top: int, k: int) -> None:
    ax.text(
        left,
        top + LABEL_PX - 6,
        wrapped(block[0].kecamatan, BLOCK_PX),
        fontsize=TEXT - 0.5,
        color=INK,
        weight="bold",
    )
    for n, place in enumerate(block):
        x = left + TILE_PX * (n % TILES_A_ROW)
        y = top + LABEL_PX + TILE_PX * (n // TILES_A_ROW)
        fill = LEFT_OUT if place.cluster is None else colours(k)[place.cluster - 1]
        hatch = HATCH if place.cluster is None else None
        ax.add_patch(
            Rectangle(
                (x, y),
                TILE_PX - 2,
                TILE_PX - 2,
                facecolor=fill,
                edgecolor="#777777",
                hatch=hatch,
                linewidth=0.5,
            )
        )
        if place.cluster is not None:
            ax.text(
                x + TILE_PX / 2 - 1, y + TILE_PX / 2 - 1, str(place.cluster),
                ha="center", va="center_baseline", fontsize=TEXT, color=ink_on(fill),
            )  # fmt: skip
