"""Shift-share: how much of a region's change came with the area, its mix of sectors, or itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.indicators.regional.cells import cells
from pk_research.indicators.regional.wording import headed, left_out_sentences, left_out_table, told
from pk_research.language import Language, Message, number_text
from pk_research.palette import INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EFFECTS = ("national", "mix", "competitive")
_SAID = (
    Message("With the whole area (national effect)"),
    Message("By its mix of sectors (mix effect)"),
    Message("By itself (competitive effect)"),
)
_LOOKS = (("#f0f0f0", ""), ("#4ac16d", "///"), ("#440154", ""))


@dataclass(frozen=True, eq=False)
class ShiftShare:
    """The change of each region and sector between two years, in three effects that add up to it.

    Attributes
    ----------
    frame
        One row a region and sector, sorted, in the unit of the value: ``region``, ``sector``,
        ``start``, ``end``, ``change``; ``national`` (had it grown as the whole area did), ``mix``
        (what its sector added), ``competitive`` (what the region itself added): the three sum to
        the change. ``competitive`` is split further into ``homothetic`` (had the region the area's
        mix) and ``allocation`` (from being specialised where it does well or badly); both missing
        where the region started from nothing.
    start, end
        The two years.
    left_out
        One row a region with a missing value: ``region``, ``reason`` (`Message`).
    """

    frame: pd.DataFrame
    start: int
    end: int
    left_out: pd.DataFrame

    @property
    def by_region(self) -> pd.DataFrame:
        """Sums over the sectors, one row a region (the index): values, change and three effects."""
        return self.frame.groupby("region")[["start", "end", "change", *EFFECTS]].sum()

    def table(self, language: Language) -> pd.DataFrame:
        """Return the sums by region with headings in a language."""
        headings = {
            "region": Message("Region"),
            "start": Message("Value in {year}", {"year": str(self.start)}),
            "end": Message("Value in {year}", {"year": str(self.end)}),
            "change": Message("Change"),
            **dict(zip(EFFECTS, _SAID, strict=True)),
        }
        return headed(self.by_region.reset_index(), headings, language)

    def left_out_table(self, language: Language) -> pd.DataFrame:
        """Return the regions left out, headings and reasons in a language."""
        return left_out_table(self.left_out, language)

    def in_words(self, language: Language) -> str:
        """Say which regions did better by themselves, and what the split cannot say."""
        sums = self.by_region
        values = {"start": str(self.start), "end": str(self.end), "n": len(sums)}
        gain = sums["competitive"]
        sentences = [
            Message("The change from {start} to {end} of {n} regions was split into three effects.", values),
            Message(
                "By themselves, beside area and mix, {n} of {total} regions gained; most: {best} ({most}).",
                {
                    "n": int((gain > 0).sum()),
                    "total": len(gain),
                    "best": str(gain.idxmax()),
                    "most": float(gain.max()),
                },
            ),
            *left_out_sentences(self.left_out),
            Message("The split is arithmetic: it says where a change lies, not what caused it."),
        ]
        return told(sentences, language)

    def plot(self, language: Language) -> Figure:
        """Draw the three effects of each region as bars side by side, told apart by shade and hatching."""
        from matplotlib.figure import Figure

        sums = self.by_region.iloc[::-1]
        figure = Figure(figsize=(8, 1.5 + 0.6 * len(sums)), layout="constrained")
        axes = figure.subplots()
        places = np.arange(len(sums))
        for n, (name, said, (colour, hatch)) in enumerate(zip(EFFECTS, _SAID, _LOOKS, strict=True)):
            height = places + 0.27 * (1 - n)
            bars = axes.barh(height, sums[name], 0.25, label=said.text(language), color=colour)
            for bar in bars:
                bar.set(hatch=hatch, edgecolor=INK)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_yticks(places, [str(region) for region in sums.index])
        axes.xaxis.set_major_formatter(lambda value, _: number_text(value, language))
        axes.set_xlabel(Message("Change").text(language))
        figure.legend(loc="outside lower center", frameon=False)
        return figure


def shift_share(
    frame: pd.DataFrame,
    *,
    value: str,
    start: int,
    end: int,
    region: str = "region",
    sector: str = "sector",
    year: str = "year",
    reference: pd.DataFrame | None = None,
    absent_is_zero: bool = False,
) -> ShiftShare:
    """Split the change of each region and sector into national, mix and competitive effects.

    Parameters
    ----------
    frame, value, region, sector, year, reference, absent_is_zero
        As in `cells`: one row a region, sector and year.
    start, end
        The years compared.

    Returns
    -------
    ShiftShare
        With E the value at the start, G the growth of the area, G_i that of the sector in the
        area: national = E G, mix = E (G_i - G), competitive = change - E G_i. Where the area had
        nothing of a sector at the start, all of the change counts as competitive.

    References
    ----------
    Dunn (1960), A statistical and analytical technique for regional analysis, Papers in Regional
    Science 6. Esteban-Marquillas (1972), A reinterpretation of shift-share analysis, Regional and
    Urban Economics 2, for the last two columns.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": list("AABB") * 2, "sector": ["farm", "craft"] * 4,
    ...                      "year": [2020] * 4 + [2024] * 4,
    ...                      "jobs": [50, 50, 50, 50, 40, 90, 50, 60]})
    >>> shift_share(jobs, value="jobs", start=2020, end=2024).by_region.loc["A"].round(9).tolist()
    [100.0, 130.0, 30.0, 20.0, 0.0, 10.0]
    """
    given = cells(
        frame,
        value=value,
        region=region,
        sector=sector,
        reference=reference,
        year=year,
        years=(start, end),
        absent_is_zero=absent_is_zero,
    )
    before, after = given.tables
    area_before, area_after = given.reference
    growth = area_after.sum() / area_before.sum() - 1
    # A sector new to the whole area has no growth rate; nothing times any rate is nothing.
    growth_of_sector = (area_after / area_before.where(area_before > 0) - 1).fillna(growth)
    change = after - before
    national = before * growth
    mix = before * (growth_of_sector - growth)
    competitive = change - national - mix
    expected = pd.DataFrame(
        np.outer(before.sum(axis=1), area_before / area_before.sum()), before.index, before.columns
    )
    homothetic = competitive / before.where(before > 0) * expected
    columns = {
        "start": before,
        "end": after,
        "change": change,
        "national": national,
        "mix": mix,
        "competitive": competitive,
        "homothetic": homothetic,
        "allocation": competitive - homothetic,
    }
    rows = {name: table.to_numpy().ravel() for name, table in columns.items()}
    keys = {
        "region": np.repeat(before.index.to_numpy(), before.shape[1]),
        "sector": np.tile(before.columns.to_numpy(), before.shape[0]),
    }
    return ShiftShare(pd.DataFrame(keys | rows), start, end, given.left_out)
