"""Links and groups on a map, readable in grey."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pk_research.language import Language, Message
from pk_research.palette import INK, LEFT_OUT, colours
from pk_research.products.maps import by_code, new_map, put_number, put_texts
from pk_research.products.naming import name_of
from pk_research.sheet import width_of

if TYPE_CHECKING:
    from pk_research.products.synergy.groups import MarketingGroups
    from pk_research.products.synergy.supply import Supply

MARKS = "osD^vP*X"
LEGEND_ROW_PX, LEGEND_LETTER_PX, LEGEND_MARK_PX = 18, 6.2, 34
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
        f"{n} {name_of(code, supply.names, language)}" for n, code in enumerate(_busiest(supply), 1)
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
    looks = looks_of(sorted(found.groups["product"].unique()))
    for group, members in found.villages.groupby("group"):
        codes = members["village_code"].tolist()
        centre = float(x[codes].mean()), float(y[codes].mean())
        for code in codes:
            axes.plot([x[code], centre[0]], [y[code], centre[1]], color="#8a8a8a", linewidth=0.8, zorder=1)
        mark, colour = looks[members["product"].iloc[0]]
        axes.scatter(
            x[codes], y[codes], marker=mark, color=colour, edgecolors=INK, linewidths=0.5, s=32, zorder=2
        )
        put_number(axes, *centre, int(group))
    _put_legend(figure, axes, {name_of(p, found.product_names, language): look for p, look in looks.items()})
    title = Message("Groups that could sell together, within {km} km", {"km": found.max_km}).text(language)
    key = Message("The numbers are those of the table; each product has a mark of its own.").text(language)
    return put_texts(figure, title, key, language, width_px, made=found.made)


def looks_of(products: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Give each product a mark, and another colour wherever a mark comes again: no two look alike.

    Examples
    --------
    >>> looks_of(["batik", "melon"])
    {'batik': ('o', '#440154'), 'melon': ('s', '#440154')}
    """
    # The lightest colour is too pale on white.
    shades = colours(1 + math.ceil(len(products) / len(MARKS)))[:-1]
    return {product: (MARKS[n % len(MARKS)], shades[n // len(MARKS)]) for n, product in enumerate(products)}


def _put_legend(figure: Figure, axes: Axes, looks: Mapping[str, tuple[str, str]]) -> None:
    """Name every mark below the map, and make room for it."""
    column_px = LEGEND_MARK_PX + LEGEND_LETTER_PX * max(map(len, looks))
    n_columns = max(1, int(width_of(figure) / column_px))
    rows_px = LEGEND_ROW_PX * math.ceil(len(looks) / n_columns)
    figure.set_figheight(figure.get_figheight() + rows_px / figure.dpi)
    handles = [
        Line2D(
            [], [], linestyle="", marker=mark, color=colour, markeredgecolor=INK, markeredgewidth=0.5,
            markersize=6, label=name,
        )
        for name, (mark, colour) in looks.items()
    ]  # fmt: skip
    # At the bottom of its place, so that the room below the map is what the legend takes.
    axes.set_anchor("S")
    axes.legend(
        handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0), ncols=n_columns, frameon=False,
        fontsize=8, handletextpad=0.2, columnspacing=1,
    )  # fmt: skip


def _busiest(supply: Supply) -> list[str]:
    gives = supply.by_village["n_supplies"]
    most = gives[gives > 0].sort_index().sort_values(ascending=False, kind="stable")[:LABELLED]
    return [str(code) for code in most.index]


def _with_all(codes: Iterable[str], places: pd.DataFrame, width_px: float) -> tuple[Figure, Axes]:
    """Return a map with a pale dot for every place."""
    figure, axes = new_map(places, codes, width_px)
    axes.scatter(places["longitude"], places["latitude"], color=LEFT_OUT, s=10, zorder=0)
    return figure, axes
