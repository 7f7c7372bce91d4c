"""Our figures beside those in print: as a table, in words, and drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.language import Bilingual, Language, Message, translate
from pk_research.policy.replications.work import Printed, Work
from pk_research.products.words import told

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DECIMALS = 5
AGREES, DIFFERS, ABSENT = Message("agrees"), Message("differs"), Message("data not here")
ROW_PX, FRAME_PX, NAME_SHARE = 26, 130, 0.42


@dataclass(frozen=True)
class Found:
    """One figure.

    Attributes
    ----------
    work, printed
        The study, and the figure in print.
    ours
        Computed here; None where the data is not here.
    """

    work: Work
    printed: Printed
    ours: float | None

    @property
    def agrees(self) -> bool | None:
        """True within the tolerance; None where the data is not here."""
        if self.ours is None:
            return None
        return bool(abs(self.ours - self.printed.value) <= self.printed.tolerance)

    @property
    def difference(self) -> float:
        """Ours less the one in print; missing where the data is not here."""
        return np.nan if self.ours is None else self.ours - self.printed.value

    @property
    def verdict(self) -> Message:
        """The outcome, for people."""
        return ABSENT if self.agrees is None else AGREES if self.agrees else DIFFERS

    def name(self, language: Language) -> str:
        """Return study and figure."""
        return f"{self.work.name}: {self.printed.name.text(language)}"


@dataclass(frozen=True, eq=False)
class Replications:
    """Our figures beside those in print.

    Attributes
    ----------
    found
        Every figure of the studies asked for, also where its data is not here.
    """

    found: tuple[Found, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """One row a figure.

        Columns ``work``, ``figure``, ``published``, ``ours``, ``difference``, ``tolerance``, ``agrees`` and
        ``data``; ours, the difference and whether they agree are missing where the data is not here.
        """
        rows = [
            (
                one.work.name,
                one.printed.name.text("en"),
                one.printed.value,
                np.nan if one.ours is None else one.ours,
                one.difference,
                one.printed.tolerance,
                one.agrees,
                one.work.data.where.text("en"),
            )
            for one in self.found
        ]
        columns = ["work", "figure", "published", "ours", "difference", "tolerance", "agrees", "data"]
        return pd.DataFrame(rows, columns=columns)

    @property
    def known(self) -> tuple[Found, ...]:
        """The figures whose data is here."""
        return tuple(one for one in self.found if one.ours is not None)

    @property
    def all_agree(self) -> bool:
        """True where every figure whose data is here agrees, and there is one."""
        return bool(self.known) and all(one.agrees for one in self.known)

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a figure for people."""
        found = self.found
        return pd.DataFrame(
            {
                translate("Study", language): [one.work.name for one in found],
                translate("Figure", language): [one.printed.name.text(language) for one in found],
                translate("Published", language): [one.printed.value for one in found],
                translate("Ours", language): self.frame["ours"].round(DECIMALS),
                translate("Difference", language): self.frame["difference"].round(DECIMALS),
                translate("Tolerance", language): [one.printed.tolerance for one in found],
                translate("Verdict", language): [one.verdict.text(language) for one in found],
            }
        )

    def sources(self, language: Language) -> pd.DataFrame:
        """Return one row a study for people: where its data is to be had, and whether it is here."""
        works = list(dict.fromkeys(one.work.name for one in self.found))
        by_work = {name: [one for one in self.found if one.work.name == name] for name in works}
        first = [those[0] for those in by_work.values()]
        return pd.DataFrame(
            {
                translate("Study", language): works,
                translate("Figures", language): [len(those) for those in by_work.values()],
                translate("Data", language): [one.work.data.where.text(language) for one in first],
                translate("Is it here", language): [
                    translate("no" if one.ours is None else "yes", language) for one in first
                ],
            }
        )

    def in_words(self, language: Language) -> str:
        """Say how many figures agree, which do not, and which could not be computed."""
        known = self.known
        n_agree = sum(bool(one.agrees) for one in known)
        parts: list[Bilingual] = [
            Message(
                "Of {all} published figures {known} could be computed here, and {agree} agree within their"
                " tolerance.",
                {"all": len(self.found), "known": len(known), "agree": n_agree},
            )
        ]
        wrong = [one.name(language) for one in known if not one.agrees]
        if wrong:
            parts.append(Message("These do not agree: {named}.", {"named": "; ".join(wrong)}))
        absent = dict.fromkeys(
            f"{one.work.name} ({one.work.data.where.text(language)})"
            for one in self.found
            if one.agrees is None
        )
        if absent:
            parts.append(
                Message(
                    "The data of {figures} figures is not here: {named}.",
                    {"figures": len(self.found) - len(known), "named": "; ".join(absent)},
                )
            )
        return told(parts, language)

    def plot(self, language: Language, *, width_px: float = 800) -> Figure:
        """Draw each difference as a share of its tolerance.

        Parameters
        ----------
        language
            Of the texts.
        width_px
            Width of the picture.
        """
        from pk_research.sheet import new_sheet, wrapped

        known = self.known[::-1]
        names = [wrapped(one.name(language), width_px * NAME_SHARE, scale=0.8) for one in known]
        places = np.arange(len(known))
        picture = new_sheet(width_px, FRAME_PX + sum(ROW_PX * (1 + name.count("\n") / 2) for name in names))
        axes = picture.subplots()
        axes.axvspan(-1, 1, color="0.92", zorder=0)
        axes.axvline(0, color="0.4", linewidth=1)
        for verdict, mark, colour in ((AGREES, "o", "#21668c"), (DIFFERS, "X", "#b3261e")):
            those = [n for n, one in enumerate(known) if one.verdict is verdict]
            if those:
                shares = [known[n].difference / known[n].printed.tolerance for n in those]
                axes.scatter(shares, those, marker=mark, color=colour, label=verdict.text(language), zorder=2)
        axes.set_yticks(places, names, fontsize=8)
        axes.set_ylim(-0.7, len(known) - 0.3)
        axes.set_xlabel(wrapped(translate("Ours less published, in tolerances", language), width_px / 2))
        axes.spines[["top", "right"]].set_visible(False)
        if known:
            picture.legend(loc="outside lower right", ncols=2, frameon=False, fontsize=8)
        return picture
