"""The power curve: the chance to find an effect against its size."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from pk_research.language import Language, translate
from pk_research.palette import INK
from pk_research.policy.design.power import Design, power_of
from pk_research.policy.design.power_words import who
from pk_research.sheet import new_sheet, wrapped

if TYPE_CHECKING:
    from pk_research.policy.design.power import Power

HEIGHT_PX, POINTS, ENOUGH = 420, 81, 80
LINES = (("#7a7a7a", ":"), ("#1a1a1a", "-"), ("#21668c", "--"))


def plot_power(result: Power, language: Language, *, width_px: float = 800) -> Figure:
    """Draw the power against the effect, for this design and for half and twice the clusters."""
    figure = new_sheet(width_px, HEIGHT_PX)
    axes = figure.subplots()
    effects = _effects(result)
    for design, (colour, line) in zip(_neighbours(result.design), LINES, strict=True):
        if design is not None:
            chances = [100 * power_of(design, effect).power for effect in effects]
            axes.plot(effects, chances, line, color=colour, label=who(design).text(language))
    axes.plot([result.effect], [100 * result.power], "s", color=INK, markersize=7)
    axes.axhline(ENOUGH, color=INK, linewidth=0.8, linestyle=(0, (1, 3)))
    axes.set_ylim(0, 102)
    axes.set_xlabel(translate("Effect", language))
    axes.set_ylabel(wrapped(translate("Chance to find it (%)", language), HEIGHT_PX * 0.7))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=9)
    title = translate("How small an effect the design can find", language)
    figure.suptitle(wrapped(title, width_px / 1.4), x=0.01, ha="left", weight="bold", color=INK)
    return figure


def _effects(result: Power) -> np.ndarray:
    design = result.design
    end = max(1.5 * abs(result.effect), 4 * design.standard_error())
    if design.share_before is None:
        return np.linspace(0, end, POINTS)
    if result.effect < 0:
        return np.linspace(-min(end, design.share_before), 0, POINTS)
    return np.linspace(0, min(end, 1 - design.share_before), POINTS)


def _neighbours(design: Design) -> tuple[Design | None, Design, Design]:
    half = replace(design, clusters=design.clusters // 2)
    is_possible = half.degrees_of_freedom >= 1 and (
        half.clusters * min(half.share_treated, 1 - half.share_treated) >= 1
    )
    return half if is_possible else None, design, replace(design, clusters=2 * design.clusters)
