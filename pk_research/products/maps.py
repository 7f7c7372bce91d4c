"""The map every picture of villages in this chapter is drawn on, readable in grey."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pk_research.errors import BadInput, Problem
from pk_research.language import Language, translate
from pk_research.palette import INK, WHITE
from pk_research.products.distances import some
from pk_research.sheet import new_sheet, wrapped
from pk_research.writing import MADE

FLATTEST, STEEPEST = 0.4, 1.6
TEXTS_PX = 110


def new_map(places: pd.DataFrame, codes: Iterable[str], width_px: float) -> tuple[Figure, Axes]:
    """Return an empty map that holds all places, or say which codes have none.

    Parameters
    ----------
    places
        Indexed by code: ``latitude`` and ``longitude`` in degrees.
    codes
        Of the villages that will be drawn.
    width_px
        Width of the picture.

    Raises
    ------
    BadInput
        When a village has no coordinates, a code occurs twice, or a column is not there.
    """
    absent = [name for name in ("latitude", "longitude") if name not in places.columns]
    if absent:
        raise BadInput(Problem("places", f"there is no column {', '.join(absent)}", "Give degrees in both."))
    places = by_code(places)[["latitude", "longitude"]]
    lost = sorted(set(map(str, codes)) - set(places.dropna().index))
    twice = places.index[places.index.duplicated()].unique().tolist()
    faults = [
        (lost, "no coordinates of", "Give latitude and longitude of each."),
        (twice, "more than one row of", "A code that occurs twice has no one place; keep one row each."),
    ]
    problems = [Problem("places", f"{what} {some(who)}", remedy) for who, what, remedy in faults if who]
    if problems:
        raise BadInput(problems)
    upright = math.cos(math.radians(float(places["latitude"].mean())))
    high, wide = (float(places[name].max() - places[name].min()) for name in ("latitude", "longitude"))
    shape = min(STEEPEST, max(FLATTEST, high / max(wide * upright, 1e-9)))
    figure = new_sheet(width_px, shape * width_px + TEXTS_PX)
    axes = figure.subplots()
    axes.set_aspect(1 / upright)
    axes.set_axis_off()
    return figure, axes


def by_code(places: pd.DataFrame) -> pd.DataFrame:
    """Return the places with codes as text, as the results of this chapter have them.

    Examples
    --------
    >>> by_code(pd.DataFrame({"latitude": [-6.2]}, index=[7])).index.tolist()
    ['7']
    """
    return places.set_axis(places.index.astype(str))


def put_number(
    axes: Axes, x: float, y: float, number: int, *, font_size: float = 8, pad: float = 0.25
) -> None:
    """Put a number on the map, white on black."""
    axes.text(
        x, y, str(number), ha="center", va="center", color=WHITE, fontsize=font_size, zorder=3,
        bbox={"boxstyle": f"square,pad={pad}", "facecolor": INK, "edgecolor": WHITE},
    )  # fmt: skip


def put_texts(
    figure: Figure, title: str, key: str, language: Language, width_px: float, *, made: bool
) -> Figure:
    """Put the title above and the key below, broken to fit; made data is said to be made."""
    told = f"{key} {translate(MADE, language)}" if made else key
    figure.suptitle(wrapped(title, width_px, scale=1.25), x=0.02, ha="left", fontsize=11)
    figure.supxlabel(wrapped(told, width_px, scale=1.05), x=0.02, ha="left", fontsize=9, color=INK)
    return figure
