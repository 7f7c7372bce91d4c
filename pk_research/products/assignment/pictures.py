"""The picture of a plan: numbers in a grid of products and kecamatan, shaded by how many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from pk_research.language import Language, Message, translate
from pk_research.palette import INK, WHITE, colours, ink_on
from pk_research.sheet import is_narrow, new_sheet, wrapped
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.products.assignment.assign import Assignment

MOST_PRODUCTS = 40
MOST_KECAMATAN = 40
ROW_PX = 24
FRAME_PX = 190


def plot_assignment(assignment: Assignment, language: Language, *, width_px: int = 1200) -> Figure:
    """Draw villages by product and kecamatan; as bars by product where kecamatan do not fit."""
    counts, products, areas = _counts(assignment)
    shown = products[:MOST_PRODUCTS]
    figure = new_sheet(width_px, FRAME_PX + ROW_PX * len(shown))
    axes = figure.subplots()
    names = [assignment.problem.name(assignment.problem.products[p], language) for p in shown]
    axes.set_yticks(np.arange(len(shown)), [wrapped(name, width_px * 0.3) for name in names], fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    if is_narrow(width_px) or len(areas) > MOST_KECAMATAN:
        _bars(axes, counts[shown].sum(axis=1), language)
    else:
        _grid(axes, counts[shown], [assignment.problem.name(area, language) for area in areas])
    title = Message(
        "Villages by product and kecamatan (products taken up: {n} of {k})",
        {"n": len(shown), "k": len(products)},
    )
    figure.suptitle(
        wrapped(title.text(language), width_px / 1.4), x=0.01, ha="left", weight="bold", color=INK
    )
    if assignment.problem.made:
        figure.supxlabel(translate(MADE, language), fontsize=8, color="#444444", x=0.01, ha="left")
    return figure


def _counts(assignment: Assignment) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return villages by product and kecamatan, the products taken up (most first), and kecamatan."""
    areas, area = np.unique(assignment.problem.kecamatan, return_inverse=True)
    counts = np.zeros((len(assignment.problem.products), len(areas)), dtype=int)
    has = assignment.chosen >= 0
    np.add.at(counts, (assignment.chosen[has], area[has]), 1)
    total = counts.sum(axis=1)
    order = np.argsort(-total, kind="stable")
    return counts, order[total[order] > 0], areas.tolist()


def _grid(axes: Axes, counts: np.ndarray, areas: list[str]) -> None:
    """Shade from white (none) to dark (most), the number in each cell."""
    shades = (WHITE, *colours(int(counts.max(initial=1)) + 1)[::-1][1:])
    axes.imshow(counts, cmap=ListedColormap(shades), vmin=0, vmax=len(shades) - 1, aspect="auto")
    for row, column in np.argwhere(counts > 0):
        number = counts[row, column]
        axes.text(
            column, row, str(number), ha="center", va="center", fontsize=9, color=ink_on(shades[number])
        )
    axes.set_xticks(
        np.arange(len(areas)), areas, rotation=60, ha="right", rotation_mode="anchor", fontsize=8.5
    )
    axes.set_xticks(np.arange(len(areas) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(counts) + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="#e0e0e0", linewidth=0.6)
    axes.tick_params(which="minor", length=0)


def _bars(axes: Axes, totals: np.ndarray, language: Language) -> None:
    places = np.arange(len(totals))
    axes.barh(places, totals, color="#365c8d", edgecolor=INK, linewidth=0.6)
    for place, total in zip(places, totals, strict=True):
        axes.text(float(total), float(place), f" {total}", va="center", fontsize=9, color=INK)
    axes.set_ylim(len(totals) - 0.4, -0.6)
    axes.set_xlabel(translate("Villages", language))
