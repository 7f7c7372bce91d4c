"""Plants on a map, readable in grey: squares with numbers, and lines from the villages to them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.figure import Figure

from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message, translate
from pk_research.palette import INK, LEFT_OUT, WHITE
from pk_research.products.distances import some
from pk_research.sheet import new_sheet, wrapped
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.products.plants.result import Plants


def plot_plants(plants: Plants, places: pd.DataFrame, language: Language, *, width_px: float) -> Figure:
    """Draw the map; see `Plants.plot`."""
    rows = plants.villages
    lost = sorted((set(rows["village_code"]) | set(plants.sites)) - set(places.dropna().index.astype(str)))
    if lost:
        raise BadInput(
            Problem("places", f"no coordinates of {some(lost)}", "Give latitude and longitude of each.")
        )
    x, y = places["longitude"].to_dict(), places["latitude"].to_dict()
    shape = _height_over_width(places)
    figure = new_sheet(width_px, min(1.6, shape) * width_px + 110)
    scale = min(1.0, width_px / 800)
    axes = figure.subplots()
    for row in rows.itertuples():
        axes.plot(
            [x[row.village_code], x[row.plant_code]],
            [y[row.village_code], y[row.plant_code]],
            color="#8a8a8a" if row.is_served else LEFT_OUT,
            linewidth=0.8,
            linestyle="-" if row.is_served else ":",
            zorder=1,
        )
    most = max(float(rows["units_month"].max()), 1e-9)
    for is_served, mark in ((True, "o"), (False, "x")):
        some_rows = rows[rows["is_served"] == is_served]
        axes.scatter(
            [x[code] for code in some_rows["village_code"]],
            [y[code] for code in some_rows["village_code"]],
            s=scale**2 * (8 + 60 * some_rows["units_month"] / most),
            marker=mark,
            color="#365c8d" if is_served else INK,
            zorder=2,
        )
    for number, code in enumerate(plants.sites, start=1):
        axes.text(
            x[code], y[code], str(number), ha="center", va="center", color=WHITE, fontsize=9, zorder=3,
            bbox={"boxstyle": "square,pad=0.3", "facecolor": INK, "edgecolor": WHITE},
        )  # fmt: skip
    axes.set_aspect(1 / math.cos(math.radians(float(places["latitude"].mean()))))
    axes.set_axis_off()
    listed = ", ".join(f"{n} {plants.named(code)}" for n, code in enumerate(plants.sites, start=1))
    title = Message("Shared plants: {sites}", {"sites": listed}).text(language)
    figure.suptitle(wrapped(title, width_px, scale=1.15), x=0.02, ha="left", fontsize=11)
    key = Message("Each village is tied to its plant; the larger the dot, the more it brings.").text(language)
    if not rows["is_served"].all():
        key += " " + Message("A cross is too far from any plant.").text(language)
    if plants.made:
        key += " " + translate(MADE, language)
    figure.supxlabel(wrapped(key, width_px, scale=1.05), x=0.02, ha="left", fontsize=9, color=INK)
    return figure


def _height_over_width(places: pd.DataFrame) -> float:
    spans = (
        places["latitude"].max() - places["latitude"].min(),
        places["longitude"].max() - places["longitude"].min(),
    )
    upright = math.cos(math.radians(float(places["latitude"].mean())))
    return max(0.4, float(spans[0] / max(spans[1] * upright, 1e-9)))
