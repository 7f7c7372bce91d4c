"""Links and groups on a map, readable in grey."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message, translate
from pk_research.palette import INK, LEFT_OUT, WHITE
from pk_research.products.distances import some
from pk_research.products.synergy.words import named
from pk_research.sheet import new_sheet, wrapped
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.products.synergy.groups import MarketingGroups
    from pk_research.products.synergy.supply import Supply

MARKS = "osD^vP*X"
LABELLED = 8


def plot_supply(supply: Supply, places: pd.DataFrame, language: Language, *, width_px: float) -> Figure:
    """Draw the links; see `Supply.plot`."""
    links = supply.links
    shown = set(links["from_village"]) | set(links["to_village"])
    _check(shown, places)
    figure, axes = _map(places, width_px)
    x, y = places["longitude"], places["latitude"]
    pairs = links.groupby(["from_village", "to_village"]).size()
    for (start, end), n in pairs.items():
        axes.annotate(
            "", xy=(x[end], y[end]), xytext=(x[start], y[start]),
            arrowprops={"arrowstyle": "-|>", "color": "#365c8d", "linewidth": 0.6 + 0.4 * min(n, 4),
                        "shrinkA": 3, "shrinkB": 3, "mutation_scale": 8},
        )  # fmt: skip
    for number, code in enumerate(_busiest(supply), start=1):
        _number(axes, x[code], y[code], number)
    listed = ", ".join(
        f"{n} {named(code, supply.names, language)}" for n, code in enumerate(_busiest(supply), 1)
    )
    title = Message("Who can supply whom, within {km} km", {"km": supply.max_km})
    key = Message("An arrow leads to the village that is supplied. Most supplies come from: {villages}.")
    told = Message(key.template, {"villages": listed or "–"}).text(language)
    return _finished(figure, title.text(language), told, language, width_px, made=supply.made)


def plot_groups(
    found: MarketingGroups, places: pd.DataFrame, language: Language, *, width_px: float
) -> Figure:
    """Draw the groups; see `MarketingGroups.plot`."""
    _check(set(found.villages["village_code"]), places)
    figure, axes = _map(places, width_px)
    x, y = places["longitude"], places["latitude"]
    products = sorted(found.groups["product"].unique())
    for group, members in found.villages.groupby("group"):
        codes = members["village_code"].tolist()
        centre = float(x[codes].mean()), float(y[codes].mean())
        for code in codes:
            axes.plot([x[code], centre[0]], [y[code], centre[1]], color="#8a8a8a", linewidth=0.8, zorder=1)
        mark = MARKS[products.index(members["product"].iloc[0]) % len(MARKS)]
        axes.scatter(x[codes], y[codes], marker=mark, color="#365c8d", s=28, zorder=2)
        _number(axes, *centre, int(group))
    title = Message("Groups that could sell together, within {km} km", {"km": found.max_km}).text(language)
    key = Message("The numbers are those of the table; each product has a mark of its own.").text(language)
    return _finished(figure, title, key, language, width_px, made=found.made)


def _busiest(supply: Supply) -> list[str]:
    gives = supply.by_village["n_supplies"]
    most = gives[gives > 0].sort_index().sort_values(ascending=False, kind="stable")[:LABELLED]
    return [str(code) for code in most.index]


def _check(codes: set[str], places: pd.DataFrame) -> None:
    lost = sorted(codes - set(places.dropna().index.astype(str)))
    if lost:
        raise BadInput(
            Problem("places", f"no coordinates of {some(lost)}", "Give latitude and longitude of each.")
        )


def _map(places: pd.DataFrame, width_px: float) -> tuple[Figure, Axes]:
    upright = math.cos(math.radians(float(places["latitude"].mean())))
    high, wide = (float(places[name].max() - places[name].min()) for name in ("latitude", "longitude"))
    shape = min(1.6, max(0.4, high / max(wide * upright, 1e-9)))
    figure = new_sheet(width_px, shape * width_px + 110)
    axes = figure.subplots()
    axes.scatter(places["longitude"], places["latitude"], color=LEFT_OUT, s=10, zorder=0)
    axes.set_aspect(1 / upright)
    axes.set_axis_off()
    return figure, axes


def _number(axes: Axes, x: float, y: float, number: int) -> None:
    axes.text(
        x, y, str(number), ha="center", va="center", color=WHITE, fontsize=8, zorder=3,
        bbox={"boxstyle": "square,pad=0.25", "facecolor": INK, "edgecolor": WHITE},
    )  # fmt: skip


def _finished(
    figure: Figure, title: str, key: str, language: Language, width_px: float, *, made: bool
) -> Figure:
    told = f"{key} {translate(MADE, language)}" if made else key
    figure.suptitle(wrapped(title, width_px, scale=1.15), x=0.02, ha="left", fontsize=11)
    figure.supxlabel(wrapped(told, width_px, scale=1.05), x=0.02, ha="left", fontsize=9, color=INK)
    return figure
