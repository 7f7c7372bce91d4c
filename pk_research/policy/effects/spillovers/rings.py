"""How many neighbours of each village have the policy, ring by ring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
from scipy import sparse

from pk_research.errors import Problem
from pk_research.language import Language, Message, translate
from pk_research.policy.effects.spillovers.near import Near
from pk_research.products.words import told
from pk_research.writing import MADE, marked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Measure = Literal["nearest", "any", "number", "share"]
Among = Literal["everyone", "without_policy"]
LagWeights = Literal["equal", "inverse_km"]
Ring = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Exposure:
    """The neighbours of each village with the policy, by ring, and the mean policy around it.

    Attributes
    ----------
    rows
        One row a village (and period), sorted: ``unit`` (text), ``period`` where there are any,
        ``treated``; for each ring ``number_LOW_HIGH`` (neighbours with the policy),
        ``neighbours_LOW_HIGH`` (of whom it is known) and ``share_LOW_HIGH`` (missing where there is no
        neighbour in the ring); ``lag``, the mean policy of all neighbours in the rings by row-standardised
        weights (missing where there is none).
    rings
        Lower and upper end of each ring, kilometres; the upper belongs to it.
    near
        The pairs it rests on, among the villages of the rows.
    periods
        In their order; empty for one time.
    lag_weights
        Of ``lag``: ``"equal"``, or ``"inverse_km"``.
    left_out
        Reason and number of villages, or rows, set aside.
    input_hash
        Of the rows used.
    made
        True for made data.
    """

    rows: pd.DataFrame
    rings: tuple[Ring, ...]
    near: Near
    periods: tuple[object, ...]
    lag_weights: LagWeights
    left_out: tuple[tuple[Message, int], ...]
    input_hash: str
    made: bool = False

    @property
    def n_without_neighbour(self) -> dict[Ring, int]:
        """Villages that have no neighbour at all in a ring: their share is missing, their number 0."""
        lonely = [self.rows[f"neighbours_{ring_key(ring)}"] == 0 for ring in self.rings]
        return {
            ring: int(self.rows.loc[none, "unit"].nunique())
            for ring, none in zip(self.rings, lonely, strict=True)
        }

    def of(self, measure: Measure, among: Among) -> np.ndarray:
        """Return the exposures of an estimate: one row a row of `rows`, one column a ring.

        Parameters
        ----------
        measure
            ``"nearest"`` (1 where the nearest neighbour with the policy lies in the ring), ``"any"`` (1
            where some neighbour in the ring has it), ``"number"`` or ``"share"``.
        among
            ``"everyone"``, or ``"without_policy"``: exposures of villages with the policy are then 0,
            and what their neighbours do to them belongs to the effect of having it.
        """
        kind = "share" if measure == "share" else "number"
        counts = self.rows[[f"{kind}_{ring_key(ring)}" for ring in self.rings]].to_numpy(dtype=float)
        found = np.column_stack(measured(list(counts.T), measure))
        if among == "without_policy":
            found = np.where(self.rows["treated"].to_numpy()[:, None] == 1, 0.0, found)
        return np.asarray(found)

    def summary(self) -> pd.DataFrame:
        """Return one row a ring: villages without the policy, those of them reached, those alone."""
        ever = self.rows.groupby("unit")["treated"].max() == 1
        without = self.rows[self.rows["unit"].map(ever).eq(False)]
        rows = []
        for low, high in self.rings:
            reached = without.groupby("unit")[f"number_{ring_key((low, high))}"].max() > 0
            mean = self.rows[f"number_{ring_key((low, high))}"].mean()
            rows.append((low, high, len(reached), int(reached.sum()), mean))
        table = pd.DataFrame(rows, columns=["low_km", "high_km", "n_without", "n_reached", "mean_number"])
        return table.assign(n_alone=list(self.n_without_neighbour.values()))

    def table(self, language: Language) -> pd.DataFrame:
        """Return the summary for people."""
        found = self.summary()
        names = [
            ring_name((low, high)).text(language)
            for low, high in zip(found["low_km"], found["high_km"], strict=True)
        ]
        shown = pd.DataFrame(
            {
                translate("Ring", language): names,
                translate("Villages without the policy", language): found["n_without"],
                translate("of these, some neighbour has it", language): found["n_reached"],
                translate("Mean number of neighbours with it", language): found["mean_number"].round(3),
                translate("Villages without any neighbour there", language): found["n_alone"],
            }
        )
        return marked(shown, language, made=self.made)

    def in_words(self, language: Language) -> str:
        """Tell how far the policy reaches into the villages without it."""
        sentences = [
            Message(
                "In the ring {ring}: of {n} villages without the policy, {reached} have a neighbour with it;"
                " {alone} villages have no neighbour there at all, so their share is missing, not zero.",
                {
                    "ring": ring_name((row.low_km, row.high_km)),
                    "n": row.n_without,
                    "reached": row.n_reached,
                    "alone": row.n_alone,
                },
            )
            for row in self.summary().itertuples(index=False)
        ]
        sentences += [
            Message("Set aside, {n}: {reason}.", {"n": n, "reason": reason}) for reason, n in self.left_out
        ]
        return told(sentences, language, made=self.made)

    def plot(self, language: Language, *, width_px: float = 800) -> Figure:
        """Draw, for each ring, the share of villages without the policy that it reaches."""
        from pk_research.palette import INK
        from pk_research.sheet import new_sheet, wrapped

        found = self.summary()
        figure = new_sheet(width_px, 150 + 40 * len(found))
        axes = figure.subplots()
        share = 100 * found["n_reached"] / found["n_without"].clip(lower=1)
        names = [
            ring_name((low, high)).text(language)
            for low, high in zip(found["low_km"], found["high_km"], strict=True)
        ]
        axes.barh(np.arange(len(found)), share, color="#21668c", height=0.6)
        axes.set_yticks(np.arange(len(found)), names)
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.set_xlabel(
            wrapped(
                translate("% of villages without the policy with a neighbour that has it", language),
                width_px * 0.6,
            )
        )
        axes.spines[["top", "right"]].set_visible(False)
        figure.suptitle(
            translate("How far the policy reaches", language), x=0.01, ha="left", weight="bold", color=INK
        )
        if self.made:
            figure.supxlabel(translate(MADE, language), fontsize=8, color="#444444", x=0.01, ha="left")
        return figure


def ring_key(ring: Ring) -> str:
    """Return a ring as it stands in names of columns.

    Examples
    --------
    >>> ring_key((2.0, 5.0))
    '2_5'
    """
    return f"{ring[0]:g}_{ring[1]:g}"


def ring_name(ring: Ring) -> Message:
    """Return a ring for people.

    Examples
    --------
    >>> ring_name((0.0, 2.0)).text("en"), ring_name((2.0, 5.0)).text("id")
    ('up to 2 km', '2 sampai 5 km')
    """
    low, high = ring
    if low == 0:
        return Message("up to {high} km", {"high": high})
    return Message("{low} to {high} km", {"low": low, "high": high})


def wrong_measure(measure: str, among: str) -> list[Problem]:
    """Return what is wrong with the choice of a measure of exposure."""
    return [
        Problem(name, f"it is '{value}'", f"Choose one of: {', '.join(allowed)}.")
        for name, value, allowed in (
            ("measure", measure, get_args(Measure)),
            ("among", among, get_args(Among)),
        )
        if value not in allowed
    ]


def measured(counts: Sequence[np.ndarray], measure: Measure) -> list[np.ndarray]:
    """Return exposures from the numbers (or shares) of neighbours with the policy, one array a ring.

    Examples
    --------
    >>> counts = [np.array([2, 0, 0]), np.array([1, 3, 0])]
    >>> [ring.tolist() for ring in measured(counts, "nearest")]
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    if measure in ("number", "share"):
        return list(counts)
    reached = [count > 0 for count in counts]
    if measure == "nearest":
        nearer = np.zeros_like(reached[0])
        for n, ring in enumerate(reached):
            reached[n], nearer = ring & ~nearer, nearer | ring
    return [ring.astype(float) for ring in reached]


def ring_matrices(near: Near, rings: Sequence[Ring]) -> list[sparse.csr_array]:
    """Return for each ring who is whose neighbour in it: 1 in the row's column."""
    n = len(near.codes)
    chosen = [(near.km <= high) & ((near.km > low) | (low == 0)) for low, high in rings]
    return [
        sparse.csr_array((np.ones(within.sum()), (near.start[within], near.end[within])), shape=(n, n))
        for within in chosen
    ]
