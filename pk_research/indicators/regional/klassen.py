"""Klassen typology: regions or sectors by level and growth, in four named quadrants."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.indicators.regional.wording import headed, told
from pk_research.language import Language, Message, number_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

Subject = Literal["region", "sector"]
HEIGHT_PX = 600
TYPES: dict[Subject, dict[str, Message]] = {
    "region": {
        "high level, high growth": Message("advanced and fast-growing region"),
        "high level, low growth": Message("advanced but pressed region (retarded)"),
        "low level, high growth": Message("fast-developing region (growing)"),
        "low level, low growth": Message("relatively lagging region"),
        "on a line": Message("exactly on a line: no type"),
    },
    "sector": {
        "high level, high growth": Message("advanced and fast-growing sector"),
        "high level, low growth": Message("advanced but pressed sector (stagnant)"),
        "low level, high growth": Message("potential sector, or one that can still develop"),
        "low level, low growth": Message("relatively lagging sector"),
        "on a line": Message("exactly on a line: no type"),
    },
}
WHOLE_FROM = 1000
# Where a name may stand, in points to the right of its mark and above it.
PLACES = ((6, 5), (6, -6), (-6, 5), (-6, -6), (6, 14), (6, -15))


@dataclass(frozen=True, eq=False)
class Klassen:
    """Regions or sectors by level and growth.

    Attributes
    ----------
    frame
        One row each, in the order given: ``name``, ``level``, ``growth``, ``level_ratio`` (level
        over that of the area; 1 is the line), ``growth_gap`` (growth less that of the area; 0 is
        the line) and ``type``: a key of `TYPES`; ``on a line`` when either equals the area's
        within 1e-12; missing when a value is.
    reference_level, reference_growth
        Of the area compared with.
    subject
        ``"region"`` or ``"sector"``: decides the official names.
    """

    frame: pd.DataFrame
    reference_level: float
    reference_growth: float
    subject: Subject

    @property
    def names(self) -> dict[str, Message]:
        """The official name of each type."""
        return TYPES[self.subject]

    def table(self, language: Language) -> pd.DataFrame:
        """Return the rows with official names and headings in a language."""
        named = [None if pd.isna(key) else self.names[key].text(language) for key in self.frame["type"]]
        headings = {
            "name": Message("Region") if self.subject == "region" else Message("Sector"),
            "level": Message("Level"),
            "growth": Message("Growth"),
            "level_ratio": Message("Level over that of the area"),
            "growth_gap": Message("Growth less that of the area"),
            "type": Message("Klassen type"),
        }
        return headed(self.frame.assign(type=named), headings, language)

    def in_words(self, language: Language) -> str:
        """Say how many there are of each type, which lie on a line, and which lack a value."""
        reference = {"level": _legible(self.reference_level), "growth": _legible(self.reference_growth)}
        counts = self.frame["type"].value_counts()
        sentences = [Message("Compared with a level of {level} and a growth of {growth}:", reference)]
        sentences += [
            Message("{type}: {n}.", {"type": said, "n": int(counts.get(key, 0))})
            for key, said in self.names.items()
            if key != "on a line" or counts.get(key, 0)
        ]
        n_missing = int(self.frame["type"].isna().sum())
        if n_missing:
            sentences.append(Message("Without a type, because a value is missing: {n}.", {"n": n_missing}))
        return told(
            [*sentences, Message("Close to a line, a type can turn with the next revision.")], language
        )

    def plot(self, language: Language, *, width_px: float = 800) -> Figure:
        """Draw level against growth with the two lines; each type has a marker of its own."""
        from pk_research.sheet import is_narrow, new_sheet

        figure = new_sheet(width_px, HEIGHT_PX)
        axes = figure.subplots()
        for marker, (key, said) in zip("osD^X", self.names.items(), strict=True):
            rows = self.frame[self.frame["type"] == key]
            if len(rows):
                axes.scatter(
                    rows["growth"], rows["level"], marker=marker, c="#365c8d", label=said.text(language)
                )
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda value, _: number_text(value, language))
        axes.axhline(self.reference_level, color="#1a1a1a", linewidth=0.8)
        axes.axvline(self.reference_growth, color="#1a1a1a", linewidth=0.8)
        axes.set(xlabel=Message("Growth").text(language), ylabel=Message("Level").text(language))
        figure.legend(loc="outside lower center", ncols=1 if is_narrow(width_px) else 2, frameon=False)
        axes.margins(0.12)
        _name_points(figure, axes, self.frame.dropna(subset="type"))
        return figure


def klassen(
    frame: pd.DataFrame,
    *,
    name: str,
    level: str,
    growth: str,
    reference_level: float,
    reference_growth: float,
    subject: Subject = "region",
) -> Klassen:
    """Sort regions or sectors by level and growth, beside those of the area they belong to.

    Parameters
    ----------
    frame
        One row a region or sector.
    name, level, growth
        Columns. Of regions: income a head and its growth; of sectors: share and growth.
    reference_level, reference_growth
        The same of the area compared with, published or computed, in the same units; not the
        plain mean of the rows, which gives small regions the weight of large ones.
    subject
        Decides the names.

    Raises
    ------
    BadInput
        When columns are absent or not numbers, or the reference level is not above zero.

    References
    ----------
    Sjafrizal (1997), Pertumbuhan ekonomi dan ketimpangan regional wilayah Indonesia bagian Barat,
    Prisma 26(3), for the quadrants and their Indonesian names.

    Examples
    --------
    >>> regions = pd.DataFrame({"region": ["A", "B", "C"], "income": [60, 40, 50], "growth": [6, 6, 4]})
    >>> sorted_by = klassen(regions, name="region", level="income", growth="growth",
    ...                     reference_level=50, reference_growth=5)
    >>> sorted_by.frame["type"].tolist()
    ['high level, high growth', 'low level, high growth', 'on a line']
    """
    _check(frame, [name, level, growth], reference_level, reference_growth)
    levels, growths = frame[level].astype("float64"), frame[growth].astype("float64")
    rows = pd.DataFrame(
        {
            "name": frame[name],
            "level": levels,
            "growth": growths,
            "level_ratio": levels / reference_level,
            "growth_gap": growths - reference_growth,
        }
    ).reset_index(drop=True)
    high, fast = rows["level_ratio"] > 1, rows["growth_gap"] > 0
    scale = max(abs(reference_growth), 1.0)
    tied = np.isclose(rows["level_ratio"], 1, rtol=0, atol=1e-12) | np.isclose(
        rows["growth_gap"], 0, rtol=0, atol=1e-12 * scale
    )
    conditions = [rows[["level", "growth"]].isna().any(axis=1), tied, high & fast, high, fast]
    keys = [None, "on a line", *list(TYPES["region"])[:3]]
    rows["type"] = np.select(conditions, np.array(keys, dtype=object), "low level, low growth")
    return Klassen(rows, reference_level, reference_growth, subject)


def _legible(value: float) -> float:
    """Round to what a sentence needs: whole from a thousand on, two decimals below."""
    return round(value) if abs(value) >= WHOLE_FROM else round(value, 2)


def _name_points(figure: Figure, axes: Axes, rows: pd.DataFrame) -> None:
    """Write each name beside its point, in the first place where no other name stands; else the last."""
    figure.canvas.draw()
    taken: list[Bbox] = []
    for row in rows.sort_values(["level", "growth"]).itertuples():
        name = axes.annotate(
            str(row.name), (row.growth, row.level), PLACES[0], textcoords="offset points", size=8
        )
        for across, up in PLACES:
            name.set(position=(across, up), ha="left" if across > 0 else "right", va="center")
            if not any(name.get_window_extent().overlaps(other) for other in taken):
                break
        taken.append(name.get_window_extent())


def _check(frame: pd.DataFrame, columns: list[str], reference_level: float, reference_growth: float) -> None:
    absent = [name for name in columns if name not in frame.columns]
    if absent:
        raise BadInput(
            Problem(name, "there is no such column", f"Columns: {', '.join(map(str, frame.columns))}.")
            for name in absent
        )
    problems = [
        Problem(name, "its values are not numbers", "Read it as numbers first.")
        for name in columns[1:]
        if not pd.api.types.is_numeric_dtype(frame[name])
    ]
    if not (reference_level > 0 and math.isfinite(reference_level) and math.isfinite(reference_growth)):
        problems.append(
            Problem(
                "reference",
                f"level {reference_level} and growth {reference_growth} cannot be compared with",
                "Give a level above zero and a finite growth.",
            )
        )
    if problems:
        raise BadInput(problems)
