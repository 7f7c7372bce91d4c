"""Plants on a map, readable in grey: squares with numbers, and lines from the villages to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.figure import Figure

from pk_research.language import Language, Message
from pk_research.palette import INK, LEFT_OUT
from pk_research.products.maps import by_code, new_map, put_number, put_texts

if TYPE_CHECKING:
    from pk_research.products.plants.result import Plants


def plot_plants(plants: Plants, places: pd.DataFrame, language: Language, *, width_px: float) -> Figure:
    """Draw the map; see `Plants.plot`."""
    rows = plants.villages
    figure, axes = new_map(places, [*rows["village_code"], *plants.sites], width_px)
    places = by_code(places)
    x, y = places["longitude"].to_dict(), places["latitude"].to_dict()
    scale = min(1.0, width_px / 800)
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
        put_number(axes, x[code], y[code], number, font_size=9, pad=0.3)
    listed = ", ".join(f"{n} {plants.name(code, language)}" for n, code in enumerate(plants.sites, start=1))
    title = Message("Shared plants: {sites}", {"sites": listed}).text(language)
    key = Message("Each village is tied to its plant; the larger the dot, the more it brings.").text(language)
    if not rows["is_served"].all():
        key += " " + Message("A cross is too far from any plant.").text(language)
    return put_texts(figure, title, key, language, width_px, made=plants.made)
