"""Two groupings of the same villages crossed: a numbered heat map, both sides named."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from pk_research.clusters.pictures.sheet import LINE_PX, TEXT
from pk_research.language import Language, number_text
from pk_research.palette import INK, ink_on
from pk_research.sheet import is_narrow, wrapped

LEAST_ROW_PX = 46
HEAD_PX = 54
SCALE = "Greys"
DARKEST = 0.55
LEAST_SHARE = 0.005
ROW_NAMES, NARROW_ROW_NAMES = 0.3, 0.36


def row_labels(names: Sequence[str], width_px: float) -> list[str]:
    """Return the names of the rows, broken to fit the left of the sheet."""
    return [
        wrapped(name, width_px * (NARROW_ROW_NAMES if is_narrow(width_px) else ROW_NAMES)) for name in names
    ]


def column_labels(names: Sequence[str], width_px: float) -> list[str]:
    """Return the names of the columns, broken to fit; only what stands before the dot where narrow."""
    column_px = width_px * (1 - ROW_NAMES) / max(1, len(names))
    if column_px < 2 * LEAST_ROW_PX:
        return [name.split(" · ")[0] for name in names]
    return [wrapped(name, column_px) for name in names]


def height_of(rows: Sequence[str], columns: Sequence[str]) -> float:
    """Return how many pixels a heat map with these labels needs."""
    row_px = max(LEAST_ROW_PX, 8 + LINE_PX * max(1 + row.count("\n") for row in rows))
    return row_px * len(rows) + LINE_PX * max(1 + column.count("\n") for column in columns) + HEAD_PX


def draw_crossing(
    ax: Axes, counts: pd.DataFrame, rows: Sequence[str], columns: Sequence[str], language: Language
) -> None:
    """Draw villages by type of one (rows) and the other (columns), shaded by their share of the row."""
    shares = np.nan_to_num(counts.div(counts.sum(axis=1), axis=0).to_numpy(dtype=float))
    ax.imshow(shares * DARKEST, cmap=SCALE, vmin=0, vmax=1, aspect="auto")
    for (row, column), share in np.ndenumerate(shares):
        fill = to_hex(colormaps[SCALE](share * DARKEST))
        text = cell_text(int(counts.iloc[row, column]), share, language)
        ax.text(column, row, text, ha="center", va="center", fontsize=TEXT, color=ink_on(fill))
    ax.set_xticks(range(len(columns)), columns, fontsize=TEXT)
    ax.set_yticks(range(len(rows)), rows, fontsize=TEXT)
    ax.tick_params(length=0, colors=INK)
    ax.set_xticks(np.arange(1, len(columns)) - 0.5, minor=True)
    ax.set_yticks(np.arange(1, len(rows)) - 0.5, minor=True)
    ax.grid(which="minor", color="white", linewidth=2)
    ax.tick_params(which="minor", length=0)


def cell_text(n: int, share: float, language: Language) -> str:
    """Return what stands in a cell: villages, and their share of the row; a dash for nobody."""
    if n == 0:
        return "–"
    percent = "<1" if share < LEAST_SHARE else ">99" if 1 - LEAST_SHARE < share < 1 else ""
    return f"{number_text(n, language)}\n{percent or number_text(100 * share, language, 0)}%"
