"""The picture of a specification curve: estimates sorted above, what was chosen for each below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from pk_research.language import Bilingual, Language, Message, translate
from pk_research.palette import INK
from pk_research.policy.effects.pictures import AFTER, BEFORE
from pk_research.policy.specifications.runs import KINDS
from pk_research.policy.specifications.words import DEVIATIONS, KIND_NAMES
from pk_research.sheet import is_narrow, new_sheet, wrapped
from pk_research.writing import MADE

if TYPE_CHECKING:
    from pk_research.policy.specifications.curve import SpecificationCurve

CURVE_PX, FRAME_PX, LINE_PX = 260, 130, 15
LABELS = 0.34
TITLE_PX_PER_LETTER = 1.35


def plot_curve(found: SpecificationCurve, language: Language, *, width_px: float = 900) -> Figure:
    """Draw the curve; kinds of choices with a single option are left out of the matrix."""
    scale = 0.75 if is_narrow(width_px) else 0.9
    size = 10 * scale
    rows = _rows(found, language, width_px * LABELS, scale)
    lines = sum(label.count("\n") + 1 for label, _ in rows)
    matrix_px = max(1, lines) * LINE_PX * (0.6 + scale / 2) + 10
    figure = new_sheet(width_px, CURVE_PX + matrix_px + FRAME_PX)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(CURVE_PX, matrix_px))
    _estimates(found, above, language, size, width_px)
    _matrix(found, below, rows, size, width_px)
    above.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=1 if is_narrow(width_px) else 3,
        frameon=False,
        fontsize=size,
        borderaxespad=0,
    )
    title = Message(
        "Effect on {outcome} in {n} specifications, with {level}% intervals",
        {"outcome": found.outcome, "n": len(found.done), "level": 100 * found.level},
    )
    figure.suptitle(
        wrapped(title.text(language), width_px, scale=TITLE_PX_PER_LETTER),
        x=0.01,
        ha="left",
        weight="bold",
        color=INK,
    )
    notes = [Message("Failed and not shown: {n}", {"n": len(found.failed)})] if len(found.failed) else []
    notes += [Message(MADE)] if found.made else []
    if notes:
        text = ". ".join(note.text(language) for note in notes)
        figure.supxlabel(wrapped(text, width_px, scale=0.95), fontsize=8, color="#444444", x=0.01, ha="left")
    return figure


def _estimates(
    found: SpecificationCurve,
    axes: Any,  # noqa: ANN401
    language: Language,
    size: float,
    width_px: float,
) -> None:
    done = found.done
    place = np.arange(len(done))
    significant = (done["p_value"] < found.alpha).to_numpy()
    mark = _mark(len(done), width_px)
    for shown, colour, sign, label in (
        (~significant, BEFORE, "o", Message("p of {alpha} or more", {"alpha": found.alpha})),
        (significant, AFTER, "s", Message("p below {alpha}", {"alpha": found.alpha})),
    ):
        rows = done[shown]
        if len(rows):
            axes.errorbar(
                place[shown],
                rows["estimate"],
                yerr=np.abs(rows[["low", "high"]].to_numpy().T - rows["estimate"].to_numpy()),
                fmt=sign,
                color=colour,
                markersize=mark,
                elinewidth=max(0.6, mark / 4),
                label=label.text(language),
            )
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.axhline(found.median, color=INK, linewidth=0.8, linestyle="--", label=translate("median", language))
    unit: Bilingual = DEVIATIONS if found.scale == "standard_deviations" else found.unit
    name, counted = translate("Estimate", language), unit.text(language)
    axes.set_ylabel(wrapped(f"{name} ({counted})" if counted else name, CURVE_PX * 0.8), fontsize=size)
    axes.tick_params(axis="y", labelsize=size)
    axes.tick_params(axis="x", bottom=False, labelbottom=False)
    axes.spines[["top", "right", "bottom"]].set_visible(False)


def _matrix(
    found: SpecificationCurve,
    axes: Any,  # noqa: ANN401
    rows: list[tuple[str, tuple[str, str] | None]],
    size: float,
    width_px: float,
) -> None:
    done = found.done
    significant = (done["p_value"] < found.alpha).to_numpy()
    mark = _mark(len(done), width_px)
    heights = np.array([label.count("\n") + 1 for label, _ in rows])
    middle = np.cumsum(heights) - heights / 2
    for (_, option), at in zip(rows, middle, strict=True):
        if option is None:
            continue
        kind, name = option
        chosen = (done[kind] == name).to_numpy()
        axes.axhline(at, color="#e6e6e6", linewidth=0.6, zorder=0)
        for shown, colour, sign in ((chosen & ~significant, BEFORE, "o"), (chosen & significant, AFTER, "s")):
            axes.plot(
                np.flatnonzero(shown), np.full(int(shown.sum()), at), sign, color=colour, markersize=mark
            )
    axes.set_yticks(middle, [label for label, _ in rows], fontsize=size)
    for text, (_, option) in zip(axes.get_yticklabels(), rows, strict=True):
        text.set_weight("bold" if option is None else "normal")
    axes.set_ylim(float(heights.sum()), 0)
    axes.tick_params(axis="both", length=0, labelbottom=False)
    axes.spines[:].set_visible(False)


def _rows(
    found: SpecificationCurve, language: Language, width_px: float, scale: float
) -> list[tuple[str, tuple[str, str] | None]]:
    """Return the lines of the matrix: a heading (no option) and its options, for each kind of choice."""
    rows: list[tuple[str, tuple[str, str] | None]] = []
    for kind in KINDS:
        options = [(option, name) for option, name in found.names.items() if option[0] == kind]
        if len(options) < 2:
            continue
        rows.append((wrapped(KIND_NAMES[kind].text(language), width_px, scale=scale), None))
        rows += [(wrapped(name.text(language), width_px, scale=scale), option) for option, name in options]
    return rows


def _mark(n: int, width_px: float) -> float:
    """Return the size of a mark in points: smaller the more stand beside each other."""
    return float(np.clip(0.6 * width_px * (1 - LABELS) / max(1, n) * 0.72, 1.5, 6))
