"""Figures of the reports: as SVG for print and PNG for Word, the same bytes each time."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pk_research.language import Language, number_text, translate
from pk_research.publish.reports.facts import VALUES, Facts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 150
COLOURS = ("#4c78a8", "#b35c00", "#3d7a3d", "#111111")
GREY = "#b8bec4"
MARKS = ("o", "s", "^", "D")


def as_svg(figure: Figure) -> str:
    """Return a figure as SVG without date."""
    import matplotlib as mpl

    svg = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "pk-research"}):
        figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    return svg.getvalue()


def as_png(figure: Figure) -> bytes:
    """Return a figure as PNG without the name of the program."""
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=DPI, metadata={"Software": None})
    return png.getvalue()


def village_figure(facts: Facts, code: str, language: Language) -> Figure:
    """Draw a village's indices over the years, and where its rank lies among all, with its interval.

    Parameters
    ----------
    facts
        From `facts_of`.
    code
        The village. What is missing of it is not drawn.
    language
        Of the labels.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 2.5))
    over_years, ranked = figure.subplots(1, 2, width_ratios=(1.25, 1))
    figure.subplots_adjust(left=0.045, right=0.995, top=0.9, bottom=0.17, wspace=0.13)
    own = facts.panel[facts.panel["village_code"] == code].set_index("year")
    years = list(facts.medians.index)
    for name, colour, mark in zip(VALUES, COLOURS, MARKS, strict=True):
        values = own[name].astype(float).reindex(years)
        if values.isna().all():
            continue
        over_years.plot(
            years, values, color=colour, marker=mark, markersize=4.5, label=name.upper(),
            linewidth=2 if name == "idm" else 1,
        )  # fmt: skip
    median = translate("median IDM, all villages", language)
    over_years.plot(years, facts.medians["idm"], color=GREY, linestyle="--", linewidth=1.5, label=median)
    over_years.set(xticks=years, ylim=(0, 1.04))
    over_years.legend(fontsize=6.5, frameon=False, ncols=3, loc="lower center")
    over_years.set_title(translate("IDM and its three parts (0 to 1)", language), fontsize=8, loc="left")
    table = facts.ranks.intervals.dropna(subset=["rank"]).sort_values("rank", kind="stable")
    scores = facts.ranks.index.score.reindex(table.index) / 100
    ranked.scatter(table["rank"], scores, s=5, color=GREY, linewidths=0)
    if code in table.index:
        row = table.loc[code]
        ranked.plot([row["low"], row["high"]], [scores[code]] * 2, color=COLOURS[1], linewidth=4, alpha=0.55)
        ranked.plot([row["rank"]], [scores[code]], marker="D", color=COLOURS[3], markersize=5)
    ranked.set_xlabel(translate("rank (1 is the highest IDM)", language), fontsize=7)
    ranked.set_title(translate("Its place among all villages", language), fontsize=8, loc="left")
    for axes, decimals in ((over_years, 1), (ranked, 2)):
        axes.yaxis.set_major_formatter(
            lambda value, _, decimals=decimals: number_text(value, language, decimals)
        )
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=7)
    return figure
