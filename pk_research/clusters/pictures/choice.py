"""The three measures of every k side by side."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from pk_research.clusters.choice import Choice
from pk_research.clusters.pictures.sheet import TEXT, add_note, add_title
from pk_research.clusters.typology import Typology
from pk_research.errors import NotReady, Problem
from pk_research.language import Language, Message, translate
from pk_research.palette import INK
from pk_research.sheet import is_narrow, new_sheet

PANELS = (
    ("silhouette", "Silhouette (higher is better)"),
    ("calinski_harabasz", "Calinski-Harabasz (higher is better)"),
    ("davies_bouldin", "Davies-Bouldin (lower is better)"),
)


def plot_choice(typology: Typology, language: Language, *, width_px: int = 1200) -> Figure:
    """Draw silhouette, Calinski-Harabasz and Davies-Bouldin against the number of types.

    The recommended number is marked by a line and a large ring, the best of each measure by a
    filled point. Bars show two standard errors where the silhouette was sampled.

    Parameters
    ----------
    typology
        A result for which k was chosen, not given.
    language
        ``"id"`` or ``"en"``.
    width_px
        Width in pixels; narrow pictures stack the panels.

    Raises
    ------
    NotReady
        When k was given, so that there is nothing to compare.
    """
    choice = typology.choice
    if choice is None:
        raise NotReady(
            Problem("picture", "the number of types was given, not chosen", "Find types without giving k.")
        )
    narrow = is_narrow(width_px)
    figure = new_sheet(width_px, 620 if narrow else 360)
    axes = figure.subplots(3, 1, sharex=True) if narrow else figure.subplots(1, 3)
    for ax, (measure, title) in zip(axes, PANELS, strict=True):
        _panel(ax, choice, measure)
        ax.set_title(translate(title, language), fontsize=TEXT, color=INK, loc="left")
    for ax in axes[-1:] if narrow else axes:
        ax.set_xlabel(translate("Number of types (k)", language), fontsize=TEXT)
    add_title(figure, Message("How many types? Recommended: {k}", {"k": choice.k}).text(language))
    add_note(figure, typology, language)
    return figure


def _panel(ax: Axes, choice: Choice, measure: str) -> None:
    values = choice.table[measure]
    best = values.idxmin() if measure == "davies_bouldin" else values.idxmax()
    ax.axvline(choice.k, color="#bbbbbb", linewidth=6, zorder=0)
    ax.plot(values.index, values, color=INK, linewidth=1.4, marker="o", markersize=5, markerfacecolor="white")
    ax.plot([best], [values[best]], marker="o", markersize=8, color=INK)
    ax.plot([choice.k], [values[choice.k]], marker="o", markersize=14, color=INK, fillstyle="none")
    if measure == "silhouette" and (choice.table["silhouette_se"] > 0).any():
        ax.errorbar(values.index, values, yerr=2 * choice.table["silhouette_se"], color=INK, capsize=3)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.tick_params(labelsize=TEXT - 1)
    ax.margins(y=0.15)
    ax.spines[["top", "right"]].set_visible(False)
