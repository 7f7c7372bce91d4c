"""How the types are spread over regions: the picture for a whole province or country."""

from __future__ import annotations

from typing import Literal

import pandas as pd
from matplotlib.figure import Figure

from pk_research.clusters.pictures.sheet import TEXT, add_note, add_title, sheet_over_legend
from pk_research.clusters.typology import Typology
from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message, number_text, translate
from pk_research.palette import colours, ink_on
from pk_research.sheet import is_narrow, wrapped

Region = Literal["province", "regency", "kecamatan"]
ROW_PX = 24
LEAST_LABELLED_PX = 40


def plot_shares(
    typology: Typology, language: Language, *, by: Region | None = "province", width_px: int = 1200
) -> Figure:
    """Draw each region's villages as one bar, cut by type; the number of villages stands beside it.

    Regions with the largest share of type 1 come first. Villages whose region is missing share the
    bar of "–".

    Parameters
    ----------
    typology
        The result.
    language
        ``"id"`` or ``"en"``.
    by
        Which regions; None draws one bar of all villages.
    width_px
        Width in pixels.

    Raises
    ------
    BadInput
        When the data does not say in which region a village lies.
    """
    if by is not None and by not in typology.villages:
        raise BadInput(
            Problem("picture", f"the data has no column {by!r}", "Choose regions that the data names.")
        )
    villages = typology.villages
    regions = translate("Villages", language) if by is None else villages[by].astype("string").fillna("–")
    rows = pd.DataFrame({"region": regions, "cluster": villages["cluster"]})
    counts = pd.crosstab(rows["region"], rows["cluster"])
    shares = counts.div(counts.sum(axis=1), axis=0)
    shares = shares.sort_values(list(shares.columns), ascending=False, kind="stable")
    row_px = ROW_PX * (1.5 if is_narrow(width_px) else 1)
    figure, ax = sheet_over_legend(
        typology, language, width_px=width_px, height_px=row_px * len(shares) + 30, with_left_out=False
    )
    left = shares.sum(axis=1) * 0
    for cluster, colour in enumerate(colours(typology.k), start=1):
        width = shares.get(cluster, left * 0)
        ax.barh(
            range(len(shares)), width, left=left, color=colour, edgecolor="white", linewidth=0.5, height=0.86
        )
        for row, (start, size) in enumerate(zip(left, width, strict=True)):
            if size * width_px > LEAST_LABELLED_PX:
                ax.text(
                    start + size / 2, row, str(cluster),
                    ha="center", va="center", fontsize=TEXT - 1.5, color=ink_on(colour),
                )  # fmt: skip
        left = left + width
    totals = counts.sum(axis=1)[shares.index]
    names = [
        wrapped(f"{region} ({number_text(n, language)})", width_px * 0.42) for region, n in totals.items()
    ]
    ax.set_yticks(range(len(shares)), names, fontsize=TEXT - 1)
    ax.set(xlim=(0, 1), ylim=(len(shares) - 0.5, -0.5))
    ax.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f}%")
    ax.tick_params(labelsize=TEXT - 1, length=0)
    ax.spines[:].set_visible(False)
    add_title(figure, translate("Types of villages by region", language))
    notes = [translate("In brackets: number of villages", language)]
    if n_outside := len(typology.in_no_type):
        notes.append(Message("Villages in no type, not drawn: {n}", {"n": n_outside}).text(language))
    add_note(figure, typology, language, *notes)
    return figure
