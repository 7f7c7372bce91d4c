"""Pictures of welfare: a point and its interval for each group, a dash for what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from pk_research.language import Language, Message, number_text
from pk_research.palette import INK, colours
from pk_research.policy.welfare.words import group_name, written, written_change
from pk_research.sheet import is_narrow, new_sheet, wrapped
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.policy.welfare.bootstrap import Bootstrap
    from pk_research.policy.welfare.change import Change
    from pk_research.policy.welfare.estimate import Estimate, Unit

ROW_PX, FRAME_PX = 34, 170
FEW_TICKS, MOST_TICKS = 2, 5


def plot_estimate(found: Estimate, language: Language, *, width_px: int = 900) -> Figure:
    """Draw the estimate of each group with its interval."""
    note = Message("{level}% intervals from the design of the survey", {"level": round(100 * found.level, 1)})
    frame = found.frame.rename(columns={"estimate": "at"})
    return _points(
        frame,
        found.unit,
        _title(found.what.text(language), note, language, made=found.made),
        language,
        width_px,
    )


def plot_bootstrap(drawn: Bootstrap, language: Language, *, width_px: int = 900) -> Figure:
    """Draw the estimate of each group with the interval of the draws."""
    values = {"level": round(100 * drawn.level, 1), "n": drawn.n_draws}
    note = Message("{level}% intervals from {n} draws of the sampling units", values)
    title = _title(drawn.found.what.text(language), note, language, made=drawn.made)
    return _points(
        drawn.frame.rename(columns={"estimate": "at"}),
        drawn.found.unit,
        title,
        language,
        width_px,
    )


def plot_change(found: Change, language: Language, *, width_px: int = 900) -> Figure:
    """Draw the change of each group with its interval, and a line at no change."""
    note = Message("Change, {level}% intervals", {"level": round(100 * found.level, 1)})
    title = _title(found.before.what.text(language), note, language, made=found.made)
    figure = _points(
        found.frame.rename(columns={"change": "at"}),
        found.before.unit,
        title,
        language,
        width_px,
    )
    figure.axes[0].axvline(0, color=INK, linestyle=":", linewidth=1)
    return figure


def _title(what: str, note: Message, language: Language, *, made: bool) -> list[str]:
    return [what, note.text(language), *([Message(MADE).text(language)] if made else [])]


def _tick(value: float, unit: Unit, language: Language) -> str:
    """Write a value on the axis; what it is in stands beside the points."""
    return number_text(100 * value, language) if unit == "share" else written(value, unit, language)


def _points(frame: pd.DataFrame, unit: Unit, title: list[str], language: Language, width_px: int) -> Figure:
    tell = written_change if "before" in frame else written
    figure = new_sheet(width_px, FRAME_PX + ROW_PX * len(frame))
    axes = figure.subplots()
    places = np.arange(len(frame))
    colour = colours(3)[1]
    axes.hlines(places, frame["low"], frame["high"], color=INK, linewidth=1.5)
    axes.scatter(frame["at"].iloc[1:], places[1:], color=colour, s=40, zorder=3)
    axes.scatter(frame["at"].iloc[:1], places[:1], color=INK, marker="D", s=50, zorder=3)
    labels = [group_name(str(name), language) for name in frame.index]
    axes.set_yticks(places, [wrapped(label, width_px * 0.3) for label in labels])
    for place, (at, high) in enumerate(zip(frame["at"], frame["high"], strict=True)):
        end = at if np.isnan(high) else high
        if not np.isnan(end):
            axes.annotate(
                tell(at, unit, language), (end, place), (8, 0), textcoords="offset points", va="center"
            )
    axes.margins(x=0.18)
    axes.set_ylim(len(frame) - 0.5, -0.5)
    axes.locator_params(axis="x", nbins=FEW_TICKS if is_narrow(width_px) else MOST_TICKS)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value, unit, language)))
    axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle("\n".join(wrapped(line, width_px, scale=1.2) for line in title))
    return figure
