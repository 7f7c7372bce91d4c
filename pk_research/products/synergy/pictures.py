"""Links and groups on a map, readable in grey."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pk_research.language import Language, Message
from pk_research.palette import LEFT_OUT
from pk_research.products.maps import by_code, new_map, put_number, put_texts
from pk_research.products.synergy.words import named

if TYPE_CHECKING:
    from pk_research.products.synergy.groups import MarketingGroups
    from pk_research.products.synergy.supply import Supply

MARKS = "osD^vP*X"
LABELLED = 8


def plot_supply(supply: Supply, places: pd.DataFrame, language: Language, *, width_px: float) -> Figure:
    """Draw the links; see `Supply.plot`."""
    links = supply.links
    places = by_code(places)
    figure, axes = _with_all([*links["from_village"], *links["to_village"]], places, width_px)
    x, y = places["longitude"], places["latitude"]
    pairs = links.groupby(["from_village", "to_village"]).size()
    for (start, end), n in pairs.items():
        axes.annotate(
            "", xy=(x[end], y[end]), xytext=(x[start], y[start]),
            arrowprops={"arrowstyle": "-|>", "color": "#365c8d", "linewidth": 0.6 + 0.4 * min(n, 4),
                        "shrinkA": 3, "shrinkB": 3, "mutation_scale": 8},
        )  # fmt: skip
    for number, code in enumerate(_busiest(supply), start=1):
        put_number(axes, x[code], y[code], number)
    listed = ", ".join(
        f"{n} {named(code, supply.names, language)}" for n, code in enumerate(_busiest(supply), 1)
    )
    title = Message("Who can supply whom, within {km} km", {"km": supply.max_km})
    key = Message("An arrow leads to the village that is supplied. Most supplies come from: {villages}.")
    told = Message(key.template, {"villages": listed or "–"}).text(language)
    return put_texts(figure, title.text(language), told, language, width_px, made=supply.made)


def plot_groups(
    found: MarketingGroups, places: pd.DataFrame, language: Language, *, width_px: float
) -> Figure:
    """Draw the groups; see `MarketingGroups.plot`."""
    places = by_code(places)
    figure, axes = _with_all(found.villages["village_code"], places, width_px)
    x, y = places["longitude"], places["latitude"]
    products = sorted(found.groups["product"].unique())
    for group, members in found.villages.groupby("group"):
        codes = members["village_code"].tolist()
        centre = float(x[codes].mean()), float(y[codes].mean())
        for code in codes:
            axes.plot([x[code], centre[0]], [y[code], centre[1]], color="#8a8a8a", linewidth=0.8, zorder=1)
        mark = MARKS[products.index(members["product"].iloc[0]) % len(MARKS)]
        axes.scatter(x[codes], y[codes], marker=mark, color="#365c8d", s=28, zorder=2)
        put_number(axes, *centre, int(group))
    title = Message("Groups that could sell together, within {km} km", {"km": found.max_km}).text(language)
    key = Message("The numbers are those of the table; each product has a mark of its own.").text(language)
    return put_texts(figure, title, key, language, width_px, made=found.made)


def _busiest(supply: Supply) -> list[str]:
    gives = supply.by_village["n_supplies"]
    most = gives[gives > 0].sort_index().sort_values(ascending=False, kind="stable")[:LABELLED]
    return [str(code) for code in most.index]


def _with_all(codes: Iterable[str], places: pd.DataFrame, width_px: float) -> tuple[Figure, Axes]:
    """Return a map with a pale dot for every place."""
    figure, axes = new_map(places, codes, width_px)
    axes.scatter(places["longitude"], places["latitude"], color=LEFT_OUT, s=10, zorder=0)
    return figure, axes
