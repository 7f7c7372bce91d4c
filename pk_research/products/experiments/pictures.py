"""Pictures of experiments: places and lengths carry the meaning, so that they read in grey."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from pk_research.language import Language, Message, number_text, translate
from pk_research.palette import INK, colours
from pk_research.products.experiments.words import segment_name
from pk_research.sheet import is_narrow, new_sheet, row_px, wrapped
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.products.experiments.design import ChoiceDesign
    from pk_research.products.experiments.model import ChoiceModel
    from pk_research.products.experiments.wtp import WillingnessToPay

ROW_PX = 34
FRAME_PX = 150
SHAPES = "osD^vPX<>"


def plot_balance(design: ChoiceDesign, language: Language, *, width_px: int = 1000) -> Figure:
    """Draw how often each level of each attribute is shown."""
    balance = design.balance()
    labels = {
        (attribute.name, level.value): f"{attribute.text(language)}: {level.text(language)}"
        for attribute in design.attributes
        for level in attribute.levels
    }
    names = [labels[key] for key in zip(balance["attribute"], balance["level"], strict=True)]
    figure, axes = _sheet(width_px, names, language)
    axes.barh(np.arange(len(names)), balance["times"], color="#8c8c8c", edgecolor=INK, linewidth=0.6)
    axes.set_xlabel(translate("Times shown", language))
    title = Message("How often each level is shown in {n} choice sets", {"n": design.n_sets})
    _finish(figure, title.text(language), language, width_px=width_px, made=False)
    return figure


def plot_estimates(model: ChoiceModel, language: Language, *, width_px: int = 1000) -> Figure:
    """Draw the coefficients of utility with 95 % intervals; segments by shapes."""
    drawn = model.draws(4_000, model.seed) if np.isfinite(model.covariance.to_numpy()).all() else None
    centre = model.typical(model.estimates.to_numpy()[None])[0]
    if drawn is None:
        low = high = centre
    else:
        spread = model.typical(drawn)
        low, high = np.quantile(spread, [0.025, 0.975], axis=0)
    names = [model.label(name).text(language) for name in model.utility_names]
    title = Message("How much each feature weighs, with 95% intervals").text(language)
    axis = translate("Weight in utility (0: none)", language)
    groups = [_group_name(n, len(model.groups), language) for n in range(len(model.groups))]
    figure = _intervals(names, groups, centre, low, high, axis=axis, language=language, width_px=width_px)
    _finish(figure, title, language, width_px=width_px, made=model.made)
    return figure


def plot_wtp(result: WillingnessToPay, language: Language, *, width_px: int = 1000) -> Figure:
    """Draw what people would pay with 95 % intervals from draws; segments by shapes."""
    n_groups = result.frame["group"].nunique()
    values = {
        column: result.frame[column].to_numpy().reshape(n_groups, -1)
        for column in ("wtp", "low_draws", "high_draws")
    }
    n_names = values["wtp"].shape[1]
    names = [result.labels[name].text(language) for name in result.frame["name"].iloc[:n_names]]
    groups = [_group_name(n, n_groups, language) for n in range(n_groups)]
    figure = _intervals(
        names, groups, values["wtp"], values["low_draws"], values["high_draws"],
        axis=translate("Would pay (IDR), with 95% interval", language), language=language, width_px=width_px,
    )  # fmt: skip
    title = Message("What a typical person would pay for each feature").text(language)
    _finish(figure, title, language, width_px=width_px, made=result.made)
    return figure


def _group_name(n: int, n_groups: int, language: Language) -> str:
    return "" if n_groups == 1 else segment_name(f"class{n + 1}").text(language)


def _intervals(
    names: Sequence[str],
    groups: Sequence[str],
    centre: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    *,
    axis: str,
    language: Language,
    width_px: int,
) -> Figure:
    figure, axes = _sheet(width_px, names, language)
    shades = colours(len(groups) + 1)
    for n, group in enumerate(groups):
        places = np.arange(len(names)) + 0.5 * ((n + 1) / (len(groups) + 1) - 0.5)
        axes.hlines(places, low[n], high[n], color=shades[n], linewidth=2)
        axes.plot(
            centre[n], places, SHAPES[n % len(SHAPES)], color=shades[n], markeredgecolor=INK, markersize=7,
            label=group,
        )  # fmt: skip
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_xlabel(axis)
    if len(groups) > 1:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(groups), frameon=False, fontsize=9)
    return figure


def _sheet(width_px: int, names: Sequence[str], language: Language) -> tuple[Figure, Axes]:
    narrow = is_narrow(width_px)
    labels = [wrapped(name, width_px * 0.4) for name in names]
    figure = new_sheet(width_px, FRAME_PX + row_px(labels, ROW_PX) * len(labels))
    axes = figure.subplots()
    axes.set_yticks(np.arange(len(labels)), labels, fontsize=9)
    axes.xaxis.set_major_formatter(lambda value, _: number_text(value, language))
    axes.xaxis.set_major_locator(MaxNLocator(6 if narrow else 9))
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", color="#e5e5e5")
    axes.set_axisbelow(True)
    return figure, axes


def _finish(figure: Figure, title: str, language: Language, *, width_px: int, made: bool) -> None:
    figure.suptitle(wrapped(title, width_px / 1.4), fontsize=12, color=INK, x=0.01, ha="left", weight="bold")
    if made:
        note = f"{translate(MADE, language)}."
        figure.supxlabel(wrapped(note, width_px), fontsize=8, color="#444444", x=0.01, ha="left")
