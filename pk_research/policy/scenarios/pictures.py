"""Pictures of scenarios: losses are hatched, so that they read in grey."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Language, Message, number_text, translate
from pk_research.palette import INK, colours
from pk_research.policy.scenarios.comparison import ScenarioComparison, what_counts
from pk_research.policy.scenarios.summary import KINDS as KINDS_OF_GROUPS
from pk_research.policy.scenarios.summary import ends_of
from pk_research.policy.scenarios.words import KINDS
from pk_research.sheet import is_narrow, new_sheet, width_of, wrapped
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.policy.scenarios.scenario import Scenario

BINS = 40
ROW_PX, FRAME_PX = 46, 190
NET_UNITS = (
    (1e9, Message("Worth less cost (billion IDR)")),
    (1e6, Message("Worth less cost (million IDR)")),
    (1.0, Message("Worth less cost (IDR)")),
)
SIZES = (
    (1e9, Message("{what} (billions)")),
    (1e6, Message("{what} (millions)")),
    (1e3, Message("{what} (thousands)")),
)


def plot_scenario(found: Scenario, language: Language, *, width_px: int = 900) -> Figure:
    """Draw how often each gain, or worth less cost, was drawn; losses hatched."""
    size, label = _label(found, what_counts(found))
    values = what_counts(found) / size
    narrow = is_narrow(width_px)
    figure = new_sheet(width_px, width_px if narrow else width_px * 0.6)
    axes = figure.subplots()
    bins = _bins(values)
    dark, _, light = colours(3)
    lost = float((values < 0).mean())
    looks = (
        (values < 0, light, "//", Message("Loss: {share}% of the draws", {"share": round(100 * lost, 1)})),
        (
            values >= 0,
            dark,
            "",
            Message("Gain: {share}% of the draws", {"share": round(100 * (1 - lost), 1)}),
        ),
    )
    for which, colour, hatch, name in looks:
        axes.hist(
            values[which],
            bins,
            color=colour,
            edgecolor=INK,
            hatch=hatch,
            linewidth=0.5,
            label=name.text(language),
        )
    axes.axvline(values.mean(), color=INK, linestyle="--", label=translate("Expected value", language))
    axes.set_xlabel(label.text(language))
    axes.set_ylabel(translate("Draws", language))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number_text(value, language)))
    if narrow:
        figure.legend(frameon=False, loc="outside lower left")
    else:
        axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=3)
    title = Message("What would come of “{policy}”", {"policy": found.policy.name}).text(language)
    _finish(figure, axes, title, language, made=found.made)
    return figure


def plot_groups(
    found: Scenario, language: Language, *, kind: str = "quintile", width_px: int = 900
) -> Figure:
    """Draw the gain of each group of a kind with its interval.

    Raises
    ------
    BadInput
        When the scenario was not told by that kind.
    """
    rows = found.groups[found.groups["kind"] == kind]
    if rows.empty:
        known = [name for name in KINDS_OF_GROUPS if (found.groups["kind"] == name).any()]
        raise BadInput(
            Problem("kind", f"the scenario is not told by {kind!r}", f"Known are: {', '.join(known)}.")
        )
    size, label = _of_outcome(found, rows[["gain_low", "gain_high"]].to_numpy())
    names = [_group_name(row, language) for row in rows.itertuples()]
    title = Message("Who gains from “{policy}”", {"policy": found.policy.name}).text(language)
    ends = rows[["gain", "gain_low", "gain_high"]].to_numpy() / size
    figure, axes = _intervals(names, ends, width_px)
    axes.set_ylabel(wrapped(KINDS[kind].text(language), ROW_PX * len(names)))
    axes.set_xlabel(wrapped(label.text(language), width_px * 0.6))
    _finish(figure, axes, title, language, made=found.made)
    return figure


def plot_comparison(found: ScenarioComparison, language: Language, *, width_px: int = 900) -> Figure:
    """Draw each policy's expected worth less cost (or gain) with its interval."""
    drawn = [what_counts(one) for one in found.scenarios]
    ends = np.array([[values.mean(), *np.quantile(values, ends_of(found.level))] for values in drawn])
    size, label = _label(found.scenarios[0], ends)
    names = [one.policy.name.text(language) for one in found.scenarios]
    figure, axes = _intervals(names, ends / size, width_px)
    axes.set_xlabel(label.text(language))
    title = Message(
        "The policies side by side ({level}% of the draws)", {"level": round(100 * found.level, 1)}
    )
    _finish(figure, axes, title.text(language), language, made=found.made)
    return figure


def _intervals(names: list[str], ends: np.ndarray, width_px: int) -> tuple[Figure, Axes]:
    figure = new_sheet(width_px, FRAME_PX + ROW_PX * len(names))
    axes = figure.subplots()
    places = np.arange(len(names))
    middle, low, high = ends.T
    losing = middle < 0
    _, plain, light = colours(3)
    for which, colour, hatch in ((losing, light, "//"), (~losing, plain, "")):
        axes.barh(places[which], middle[which], color=colour, hatch=hatch, edgecolor=INK, height=0.6)
    reach = np.vstack([middle - low, high - middle]).clip(0)
    axes.errorbar(middle, places, xerr=reach, fmt="o", color=INK, capsize=4, linewidth=1.4)
    axes.axvline(0, color=INK, linewidth=1)
    axes.set_yticks(places, [wrapped(name, width_px * 0.28) for name in names])
    axes.invert_yaxis()
    return figure, axes


def _bins(values: np.ndarray) -> list[float]:
    """Return edges of bins of one width, one of them at 0, so that none holds gains and losses."""
    width = float(np.ptp(values)) / BINS or max(float(np.abs(values).max()) / BINS, 1.0)
    first, last = np.floor(values.min() / width), np.ceil(values.max() / width)
    return [width * step for step in range(int(first), int(last) + 2)]


def _group_name(row: object, language: Language) -> str:
    values = {"group": row.group, "n": round(float(row.n_chosen), 1), "all": row.n_villages}  # type: ignore[attr-defined]
    return Message("{group} (served: {n} of {all})", values).text(language)


def _label(found: Scenario, values: np.ndarray) -> tuple[float, Bilingual]:
    if found.outcome.worth_idr is None:
        return _of_outcome(found, values)
    largest = float(np.abs(values).max())
    return next((unit for unit in NET_UNITS if largest >= unit[0]), NET_UNITS[-1])


def _of_outcome(found: Scenario, values: np.ndarray) -> tuple[float, Bilingual]:
    what: Bilingual = Message("Gain: {outcome}", {"outcome": found.outcome.name})
    if found.outcome.unit.text("en"):
        what = Message("{what}, {unit}", {"what": what, "unit": found.outcome.unit})
    largest = float(np.abs(values).max())
    for size, label in SIZES:
        if largest >= size:
            return size, Message(label.template, {"what": what})
    return 1.0, what


def _finish(figure: Figure, axes: Axes, title: str, language: Language, *, made: bool) -> None:
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number_text(value, language)))
    axes.spines[["top", "right"]].set_visible(False)
    title = wrapped(title, width_of(figure), scale=1.3)
    figure.suptitle(f"{title}\n{translate(MADE, language)}" if made else title)
