"""The picture of an effect: each term a mark with its interval, no effect a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from pk_research.language import Language, Message, translate
from pk_research.palette import INK
from pk_research.policy.effects.words import term_name
from pk_research.sheet import new_sheet, wrapped
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.policy.effects.effect import Effect

BEFORE, AFTER = "#7a7a7a", "#21668c"
HEIGHT_PX, ROW_PX, FRAME_PX = 420, 34, 150


def plot_effect(effect: Effect, language: Language, *, width_px: float = 800) -> Figure:
    """Draw an event study where there are event times; a row a term otherwise."""
    over_time = effect.of_kind("event_time")
    figure = _over_time(effect, language, width_px) if len(over_time) else _rows(effect, language, width_px)
    title = Message(
        "Effect on {outcome}, with {level}% intervals",
        {"outcome": effect.outcome, "level": 100 * effect.level},
    )
    figure.suptitle(
        wrapped(title.text(language), width_px / 1.4), x=0.01, ha="left", weight="bold", color=INK
    )
    if effect.made:
        figure.supxlabel(translate(MADE, language), fontsize=8, color="#444444", x=0.01, ha="left")
    return figure


def _over_time(effect: Effect, language: Language, width_px: float) -> Figure:
    figure = new_sheet(width_px, HEIGHT_PX)
    axes = figure.subplots()
    terms = effect.of_kind("event_time")
    times = terms["term"].to_numpy(dtype=float)
    for is_after, colour, mark, label in (
        (False, BEFORE, "o", Message("before the policy")),
        (True, AFTER, "s", Message("with the policy")),
    ):
        shown = terms[(times >= 0) == is_after]
        if len(shown):
            axes.errorbar(
                shown["term"].to_numpy(dtype=float),
                shown["estimate"],
                yerr=np.abs(shown[["low", "high"]].to_numpy().T - shown["estimate"].to_numpy()),
                fmt=mark,
                color=colour,
                markersize=6,
                capsize=3,
                label=label.text(language),
            )
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.axvline(-0.5, color=INK, linewidth=0.8, linestyle=":")
    axes.set_xticks(np.unique(times))
    axes.set_xlabel(translate("Periods since the start", language))
    axes.set_ylabel(wrapped(_with_unit(effect, language), HEIGHT_PX * 0.7))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=9)
    return figure


def _rows(effect: Effect, language: Language, width_px: float) -> Figure:
    terms = effect.estimates
    figure = new_sheet(width_px, FRAME_PX + ROW_PX * len(terms))
    axes = figure.subplots()
    places = np.arange(len(terms))
    axes.errorbar(
        terms["estimate"],
        places,
        xerr=np.abs(terms[["low", "high"]].to_numpy().T - terms["estimate"].to_numpy()),
        fmt="s",
        color=AFTER,
        markersize=6,
        capsize=3,
    )
    axes.axvline(0, color=INK, linewidth=0.8)
    names = [
        wrapped(term_name(kind, term, language), width_px * 0.35)
        for kind, term in zip(terms["kind"], terms["term"], strict=True)
    ]
    axes.set_yticks(places, names)
    axes.set_ylim(len(terms) - 0.5, -0.5)
    axes.set_xlabel(wrapped(_with_unit(effect, language), width_px * 0.6))
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _with_unit(effect: Effect, language: Language) -> str:
    unit = effect.unit.text(language)
    outcome = effect.outcome.text(language)
    return f"{outcome} ({unit})" if unit else outcome
