"""Pictures of plans: hatching and words carry the meaning, so that they read in grey."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from pk_research.language import Language, Message, number_text, translate
from pk_research.palette import INK, colours
from pk_research.sheet import new_sheet, wrapped
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.policy.budget.allocation import Allocation
    from pk_research.policy.budget.doubt import BudgetCurve, Robustness

MOST = 30
ROW_PX, FRAME_PX = 30, 190
MILLION = 1e6


def plot_allocation(found: Allocation, language: Language, *, width_px: int = 900) -> Figure:
    """Draw what each policy gets, and to how many villages it goes."""
    by_policy = (
        found.chosen.groupby("policy")["cost_idr"].agg(["sum", "size"]).sort_values("sum", ascending=False)
    )
    figure, axes = _sheet(width_px, len(by_policy))
    places = np.arange(len(by_policy))
    axes.barh(places, by_policy["sum"] / MILLION, color=colours(3)[1], edgecolor=INK, height=0.6)
    for place, (amount, n) in zip(places, by_policy.itertuples(index=False), strict=True):
        text = Message("Villages: {n}", {"n": int(n)}).text(language)
        axes.annotate(f" {text}", (amount / MILLION, place), va="center")
    _name_rows(axes, by_policy.index.tolist(), width_px)
    axes.margins(x=0.2)
    axes.set_xlabel(translate("Cost (million IDR)", language))
    _finish(figure, axes, translate("What each policy gets", language), language, made=found.problem.made)
    return figure


def plot_curve(found: BudgetCurve, language: Language, *, width_px: int = 900) -> Figure:
    """Draw the best effect against the budget; the budget asked for is a dashed line."""
    figure = new_sheet(width_px, width_px * 0.55)
    axes = figure.subplots()
    axes.plot(found.frame["budget_idr"] / MILLION, found.frame["value"], color=colours(3)[0], marker="o")
    label = translate("The budget asked for", language)
    axes.axvline(found.problem.budget_idr / MILLION, color=INK, linestyle="--", label=label)
    axes.set_xlabel(translate("Budget (million IDR)", language))
    axes.set_ylabel(translate("Best effect", language))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number_text(value, language)))
    axes.legend(frameon=False)
    _finish(figure, axes, translate("What more money brings", language), language, made=found.problem.made)
    return figure


def plot_robustness(found: Robustness, language: Language, *, width_px: int = 900) -> Figure:
    """Draw how often the first thirty pairs are chosen; those not in the plan are hatched."""
    shown = found.pairs.head(MOST)
    figure, axes = _sheet(width_px, len(shown))
    dark, _, light = colours(3)
    looks = (
        (True, dark, "", translate("In the plan", language)),
        (False, light, "//", translate("Not in the plan", language)),
    )
    for is_planned, colour, hatch, label in looks:
        rows = np.flatnonzero((shown["is_planned"] == is_planned).to_numpy())
        share = 100 * shown["share"].to_numpy()[rows]
        axes.barh(rows, share, color=colour, hatch=hatch, edgecolor=INK, height=0.6, label=label)
    names = [f"{v}: {p}" for v, p in zip(shown["village_code"], shown["policy"], strict=True)]
    _name_rows(axes, names, width_px)
    axes.set_xlim(0, 100)
    axes.set_xlabel(translate("Chosen in (% of the draws)", language))
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    title = translate("Which choices hold when effects are drawn anew", language)
    _finish(figure, axes, title, language, made=found.plan.problem.made)
    return figure


def _sheet(width_px: int, n_rows: int) -> tuple[Figure, Axes]:
    figure = new_sheet(width_px, FRAME_PX + ROW_PX * n_rows)
    return figure, figure.subplots()


def _name_rows(axes: Axes, names: list[str], width_px: int) -> None:
    axes.set_yticks(np.arange(len(names)), [wrapped(name, width_px * 0.3) for name in names])
    axes.invert_yaxis()


def _finish(figure: Figure, axes: Axes, title: str, language: Language, *, made: bool) -> None:
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number_text(value, language)))
    axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle(f"{title}\n{translate(MADE, language)}" if made else title)
