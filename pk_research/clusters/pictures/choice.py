"""The measures of every k side by side."""

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
    ("bic", "BIC (lower is better)"),
    ("mean_distance", "Mean distance to the medoid (lower is better)"),
    ("entropy", "Relative entropy (higher is better)"),
)
MOST_PANELS = 3
LOWER_IS_BETTER = ("davies_bouldin", "bic", "mean_distance")


def plot_choice(typology: Typology, language: Language, *, width_px: int = 1200) -> Figure:
    """Draw the measures against the number of types: at most three, by what the method has.

    For points silhouette, Calinski-Harabasz and Davies-Bouldin; for medoids silhouette and mean
    distance; for latent classes silhouette, BIC and entropy. The recommended number is marked by a
    line and a large ring, the best of each measure by a filled point. Bars show two standard errors
    where the silhouette was sampled.

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
        When k was given or the method found it itself, so that there is nothing to compare.
    """
    choice = typology.choice
    if choice is None:
        raise NotReady(
            Problem("picture", "the number of types was given, not chosen", "Find types without giving k.")
        )
    if typology.method == "hdbscan":
        raise NotReady(
            Problem("picture", "the method found the number of types itself", "There is nothing to compare.")
        )
    panels = [(measure, title) for measure, title in PANELS if measure in choice.table][:MOST_PANELS]
    narrow = is_narrow(width_px)
    figure = new_sheet(width_px, 620 if narrow else 360)
    axes = (
        figure.subplots(len(panels), 1, sharex=True, squeeze=False).ravel()
        if narrow
        else figure.subplots(1, len(panels), squeeze=False).ravel()
    )
    for ax, (measure, title) in zip(axes, panels, strict=True):
        _panel(ax, choice, measure)
        ax.set_title(translate(title, language), fontsize=TEXT, color=INK, loc="left")
    for ax in axes[-1:] if narrow else axes:
        ax.set_xlabel(translate("Number of types (k)", language), fontsize=TEXT)
    add_title(figure, Message("How many types? Recommended: {k}", {"k": choice.k}).text(language))
    add_note(figure, typology, language)
    return figure


def _panel(ax: Axes, choice: Choice, measure: str) -> None:
    values = choice.table[measure]
    best = values.idxmin() if measure in LOWER_IS_BETTER else values.idxmax()
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
