"""What makes each cluster what it is, as one heat map."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_hex
from matplotlib.figure import Figure

from pk_research.clusters.pictures.sheet import LINE_PX, TEXT, add_note, add_title, sheet_over_legend
from pk_research.clusters.typology import Typology
from pk_research.clusters.words import numbered_name
from pk_research.language import Language, Message, number_text, translate
from pk_research.palette import INK, ink_on
from pk_research.sheet import is_narrow, new_sheet, wrapped

LEAST_COLUMN_PX = 110
LEAST_ROW_PX = 40
MOST_ROWS = 30
SCALE = "PuOr_r"


def plot_profile(typology: Typology, language: Language, *, width_px: int = 1200) -> Figure:
    """Draw how far each cluster's mean lies from the mean of all villages, in standard deviations.

    Variables are rows, those that separate the clusters best first; clusters are columns, named
    below them where there is room, else in a legend. Every category is a row; beyond 30 rows with
    categories the rest is counted in the note.

    Parameters
    ----------
    typology
        The result.
    language
        ``"id"`` or ``"en"``.
    width_px
        Width in pixels.
    """
    overall = typology.profile.overall.sort_values("eta_squared", ascending=False, kind="stable")
    categories = typology.profile.category_of
    shown = overall.index[:MOST_ROWS] if categories else overall.index
    effects = typology.profile.effects()[shown].T
    labels = {variable.name: variable.label(language) for variable in typology.columns.variables}
    rows = [
        wrapped(labels[name], width_px * (0.33 if is_narrow(width_px) else 0.2)) for name in effects.index
    ]
    row_px = max(LEAST_ROW_PX, 6 + LINE_PX * (1 + max(row.count("\n") for row in rows)))
    height_px = row_px * len(rows) + 30
    column_px = width_px * 0.78 / typology.k
    if column_px < LEAST_COLUMN_PX:
        columns = [str(cluster) for cluster in effects.columns]
        figure, ax = sheet_over_legend(
            typology, language, width_px=width_px, height_px=height_px, with_left_out=False
        )
    else:
        columns = [wrapped(numbered_name(typology, n).text(language), column_px) for n in effects.columns]
        named_px = LINE_PX * (1 + max(column.count("\n") for column in columns))
        figure = new_sheet(width_px, height_px + named_px + 60)
        ax = figure.subplots()
    _draw_effects(ax, effects, language)
    ax.set_xticklabels(columns, rotation=0, fontsize=TEXT)
    ax.set_yticklabels(rows, rotation=0, fontsize=TEXT)
    ax.set(xlabel="", ylabel="")
    ax.tick_params(length=0, colors=INK)
    add_title(figure, Message("What makes the {k} types", {"k": typology.k}).text(language))
    notes = [translate("Numbers: standard deviations from the mean of all villages", language)]
    if categories:
        notes.append(
            translate("Of a category: how far its share lies from that of all villages, likewise", language)
        )
    if len(shown) < len(overall):
        notes.append(Message("Rows not shown: {n}", {"n": len(overall) - len(shown)}).text(language))
    add_note(figure, typology, language, *notes)
    return figure


def _draw_effects(ax: Axes, effects: pd.DataFrame, language: Language) -> None:
    limit = max(1.0, float(effects.abs().max().max()))
    values = effects.to_numpy()
    numbers = [[_signed(value, language) for value in row] for row in values]
    sns.heatmap(
        effects, ax=ax, cmap=SCALE, vmin=-limit, vmax=limit, annot=numbers, fmt="",
        annot_kws={"fontsize": TEXT}, linewidths=1, cbar=False,
    )  # fmt: skip
    shade = Normalize(-limit, limit)
    # What is missing has no number to write.
    for text, value in zip(ax.texts, values[~np.isnan(values)], strict=True):
        text.set_color(ink_on(to_hex(colormaps[SCALE](shade(value)))))


def _signed(value: float, language: Language) -> str:
    rounded = round(value, 1) + 0.0
    return ("+" if rounded > 0 else "−" if rounded < 0 else "") + number_text(abs(rounded), language, 1)
