"""What a regression with constants for units and periods averages (Goodman-Bacon 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Language, Message, translate
from pk_research.policy.effects.did.parts import check_treated, period_name, refuse
from pk_research.policy.effects.panel import Panel
from pk_research.products.words import told
from pk_research.writing import MADE, marked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = {
    "treated_vs_never": Message("with the policy against never"),
    "earlier_vs_later": Message("earlier against later, before the later begin"),
    "later_vs_earlier": Message("later against earlier, which already have it (forbidden)"),
}
MARKS = {
    "treated_vs_never": ("o", "#21668c"),
    "earlier_vs_later": ("s", "#7a7a7a"),
    "later_vs_earlier": ("X", "#b3471d"),
}
LARGE = 0.05


@dataclass(frozen=True, eq=False)
class GoodmanBacon:
    """The comparisons of two groups that the regression averages, with their weights.

    Attributes
    ----------
    comparisons
        One row a comparison: ``kind`` (``treated_vs_never``, ``earlier_vs_later``,
        ``later_vs_earlier``), ``treated`` and ``against`` (period of the start; missing for never),
        ``estimate``, ``weight``. Weights sum to 1.
    estimate
        The regression's effect: the weighted sum.
    outcome
        What changed, for people.
    input_hash
        Of the rows used.
    made
        True for made data.
    """

    comparisons: pd.DataFrame
    estimate: float
    outcome: Bilingual
    input_hash: str
    made: bool = False

    @property
    def forbidden_share(self) -> float:
        """Weight of comparisons with villages that already have the policy."""
        return self._share("later_vs_earlier")

    def _share(self, kind: str) -> float:
        return float(self.comparisons.loc[self.comparisons["kind"] == kind, "weight"].sum())

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a kind of comparison: number, weight, and mean effect by weight."""
        rows = []
        for kind, name in KINDS.items():
            chosen = self.comparisons[self.comparisons["kind"] == kind]
            weight = chosen["weight"].sum()
            mean = (chosen["estimate"] * chosen["weight"]).sum() / weight if weight else np.nan
            rows.append((name.text(language), len(chosen), round(weight, 4), round(mean, 4)))
        names = ("Comparison", "Number", "Weight", "Mean estimate")
        table = pd.DataFrame(rows, columns=[translate(text, language) for text in names])
        return marked(table, language, made=self.made)

    def in_words(self, language: Language) -> str:
        """Tell how much of the regression's figure rests on forbidden comparisons, and the remedy."""
        share = round(100 * self.forbidden_share, 1)
        sentences = [
            Message(
                "The regression's figure for “{outcome}”, {estimate}, averages {n} comparisons of two"
                " groups.",
                {
                    "outcome": self.outcome,
                    "estimate": round(self.estimate, 4),
                    "n": len(self.comparisons),
                },
            ),
            Message(
                "{share}% of the weight lies on comparisons with villages that already have the policy.",
                {"share": share},
            ),
        ]
        if self.forbidden_share > LARGE:
            sentences.append(
                Message("These mislead where the effect changes with time: rely on `staggered` instead.")
            )
        else:
            sentences.append(
                Message("That is little, so they hardly mislead the figure; `staggered` avoids them.")
            )
        return told(sentences, language, made=self.made)

    def plot(self, language: Language, *, width_px: float = 800) -> Figure:
        """Draw each comparison: its weight across, its estimate up, the regression's figure a line."""
        from pk_research.palette import INK
        from pk_research.sheet import new_sheet, wrapped

        figure = new_sheet(width_px, 440)
        axes = figure.subplots()
        for kind, name in KINDS.items():
            chosen = self.comparisons[self.comparisons["kind"] == kind]
            mark, colour = MARKS[kind]
            if len(chosen):
                axes.scatter(
                    chosen["weight"],
                    chosen["estimate"],
                    marker=mark,
                    color=colour,
                    s=60,
                    label=name.text(language),
                )
        axes.axhline(self.estimate, color=INK, linewidth=0.8, linestyle="--")
        axes.axhline(0, color=INK, linewidth=0.8)
        axes.set_xlabel(translate("Weight", language))
        axes.set_ylabel(wrapped(self.outcome.text(language), 300))
        axes.spines[["top", "right"]].set_visible(False)
        figure.legend(*axes.get_legend_handles_labels(), frameon=False, fontsize=9, loc="outside lower left")
        title = Message("What the regression averages; its figure is the dashed line")
        figure.suptitle(
            wrapped(title.text(language), width_px / 1.4), x=0.01, ha="left", weight="bold", color=INK
        )
        if self.made:
            axes.set_title(translate(MADE, language), fontsize=8, color="#444444", loc="left")
        return figure


def goodman_bacon(panel: Panel, *, outcome: Bilingual, made: bool = False) -> GoodmanBacon:
    """Take the effect of `twfe` apart into its comparisons of two groups.

    Parameters
    ----------
    panel
        A balanced panel without covariates from `read_panel`.
    outcome
        What changed, for people.
    made
        True for made data.

    Raises
    ------
    BadInput
        When the panel is not balanced, has covariates, or one unit with the policy.

    Examples
    --------
    >>> from pk_research.policy.effects.panel import read_panel
    >>> frame = pd.DataFrame({"village": np.repeat(list("abcdef"), 3), "year": [1, 2, 3] * 6,
    ...     "start": np.repeat([2, 2, 3, 3, 0, 0], 3),
    ...     "income": [1, 3, 4, 2, 4, 6, 1, 1, 3, 2, 3, 4, 0, 1, 1, 1, 1, 2.0]})
    >>> panel = read_panel(frame, unit="village", period="year", outcome="income", start="start")
    >>> parts = goodman_bacon(panel, outcome=Message("Income"))
    >>> round(float(parts.comparisons["weight"].sum()), 6), round(parts.forbidden_share, 3)
    (1.0, 0.167)
    """
    problems = check_treated(panel)
    if not panel.is_balanced:
        problems.append(
            Problem("the table", "units are not seen in every period", "Read it with unbalanced='balance'.")
        )
    if panel.covariates:
        problems.append(Problem("covariates", "the decomposition has none", "Read the panel without them."))
    refuse(problems)
    from diff_diff import BaconDecomposition

    parts = BaconDecomposition().fit(panel.rows, "outcome", "unit", "period", "start")
    rows = [
        (
            part.comparison_type,
            period_name(panel, int(part.treated_group)),
            None if part.control_group == "never_treated" else period_name(panel, int(part.control_group)),
            float(part.estimate),
            float(part.weight),
        )
        for part in parts.comparisons
    ]
    comparisons = pd.DataFrame(rows, columns=["kind", "treated", "against", "estimate", "weight"])
    total = float((comparisons["estimate"] * comparisons["weight"]).sum())
    if not np.isclose(total, parts.twfe_estimate, rtol=1e-6, atol=1e-9):
        raise BadInput(
            Problem(
                "the decomposition",
                f"its parts sum to {total}, not to the regression's {parts.twfe_estimate}",
                "Report this: the library's decomposition does not fit these rows.",
            )
        )
    return GoodmanBacon(comparisons, total, outcome, panel.input_hash, made)
