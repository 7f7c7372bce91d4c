"""The exposure a village was bound to have by where it lies, whoever got the policy (Borusyak and Hull)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.compute.chance import derived_rng
from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message, translate
from pk_research.policy.effects.spillovers.rings import (
    Among,
    Exposure,
    Measure,
    measured,
    ring_key,
    ring_matrices,
    ring_name,
    wrong_measure,
)
from pk_research.policy.inference.lots import lots
from pk_research.products.words import some, told
from pk_research.writing import marked

BLOCK = 50
LEAST_DRAWS = 20


@dataclass(frozen=True, eq=False)
class ExpectedExposure:
    """Mean policy and exposure of every village over the lots that could have been drawn.

    Attributes
    ----------
    rows
        As those of the exposure: ``unit``, ``period`` where there are any, ``treated`` (chance of having
        the policy), and ``ring_LOW_HIGH``, the mean exposure over the lots (missing for shares where
        there is no neighbour).
    exposure
        The one of the lot that was drawn.
    measure, among
        As in `effect_with_spillovers`.
    n_draws, are_all
        Lots that were averaged, and whether there are no others.
    seed
        Of the draws.
    """

    rows: pd.DataFrame
    exposure: Exposure
    measure: Measure
    among: Among
    n_draws: int
    are_all: bool
    seed: int

    def recentred(self) -> np.ndarray:
        """Return exposure less what was to be expected: a row a village (and period), a column a ring."""
        return np.asarray(np.subtract(self.exposure.of(self.measure, self.among), self.of_rings()))

    def of_rings(self) -> np.ndarray:
        """Return the mean exposure over the lots: one row a village (and period), one column a ring."""
        names = [f"ring_{ring_key(ring)}" for ring in self.exposure.rings]
        return np.asarray(self.rows[names], dtype=float)

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a ring: what was, what was to be expected, and how much of it place explains."""
        was = self.exposure.of(self.measure, self.among)
        rows = [
            (ring_name(ring).text(language), *(round(float(figure), 3) for figure in figures))
            for ring, *figures in self._compared(was)
        ]
        names = ("Ring", "Mean exposure", "Mean expected exposure", "Share explained by place")
        table = pd.DataFrame(rows, columns=[translate(text, language) for text in names])
        return marked(table, language, made=self.exposure.made)

    def in_words(self, language: Language) -> str:
        """Tell how much of the differences in exposure comes from where villages lie."""
        was = self.exposure.of(self.measure, self.among)
        sentences = [
            Message(
                "In the ring {ring}, {share}% of the differences in exposure between villages follow from"
                " where they lie, not from the lot ({n} lots).",
                {"ring": ring_name(ring), "share": round(100 * float(explained), 1), "n": self.n_draws},
            )
            if np.isfinite(explained)
            else Message("In the ring {ring} all villages are exposed alike.", {"ring": ring_name(ring)})
            for ring, _, _, explained in self._compared(was)
        ]
        return told(sentences, language, made=self.exposure.made)

    def _compared(self, was: np.ndarray) -> list[tuple[tuple[float, float], float, float, float]]:
        found = []
        for n, ring in enumerate(self.exposure.rings):
            expected = self.of_rings()[:, n]
            known = np.isfinite(was[:, n]) & np.isfinite(expected)
            both = np.vstack([was[known, n], expected[known]])
            spread = both.std(axis=1) > 0 if known.any() else np.array([False, False])
            explained = float("nan")
            if spread.all():
                explained = float(np.corrcoef(both)[0, 1] ** 2)
            elif spread[0]:
                explained = 0.0
            means = both.mean(axis=1) if known.any() else (float("nan"), float("nan"))
            found.append((ring, float(means[0]), float(means[1]), explained))
        return found


def expected_exposure(
    exposure: Exposure,
    *,
    measure: Measure = "nearest",
    among: Among = "everyone",
    strata: Mapping[str, object] | None = None,
    n_draws: int = 1000,
    seed: int,
) -> ExpectedExposure:
    """Draw the lot again many times, and average who would have been exposed.

    Villages in the middle of many others are exposed more often than remote ones, whoever is drawn. If
    such villages also do better, exposure is taken for what is only their place. The mean exposure over
    the lots says how much of it was bound to be (Borusyak and Hull 2023).

    Parameters
    ----------
    exposure
        From `exposure`.
    measure, among
        As the estimate will take them.
    strata
        Code -> stratum within which the lot was drawn; none for one lot for all. Whole histories are
        dealt anew, so that as many begin in each period as did.
    n_draws
        Lots to draw; where villages differ only in having the policy or not, and no more lots exist, all
        are taken.
    seed
        Of the draws.

    Raises
    ------
    BadInput
        When villages have no stratum, no other lot exists, or too few draws were asked for; when a
        village is not seen in every period.

    Notes
    -----
    Borusyak and Hull (2023), Econometrica 91(6).

    Examples
    --------
    >>> from pk_research.policy.effects.spillovers import exposure, near_by_place
    >>> places = pd.DataFrame({"latitude": 0.0, "longitude": [0, 0.01, 0.02, 0.6]}, index=list("abcd"))
    >>> has = pd.DataFrame({"village": list("abcd"), "has": [1, 0, 0, 0]})
    >>> found = exposure(has, near_by_place(places, km=2), unit="village", treated="has", rings=[2])
    >>> expected = expected_exposure(found, measure="number", seed=1)
    >>> expected.rows["ring_0_2"].tolist(), expected.n_draws
    ([0.25, 0.5, 0.25, 0.0], 4)
    """
    rows, codes = exposure.rows, exposure.near.codes
    problems = wrong_measure(measure, among) + _too_little(exposure, strata, n_draws)
    if problems:
        raise BadInput(problems)
    history = rows["treated"].to_numpy(dtype=float).reshape(len(codes), -1)
    names = np.array(["" if strata is None else str(strata[code]) for code in codes])
    stratum = np.unique(names, return_inverse=True)[1]
    n_strata = np.bincount(stratum)
    sums = np.zeros((len(n_strata), history.shape[1]))
    np.add.at(sums, stratum, history)
    chance = (sums / n_strata[:, None])[stratum]
    if (chance == history).all():
        raise BadInput(
            Problem(
                "strata", "no other lot could have been drawn", "Strata need villages with and without it."
            )
        )
    matrices = ring_matrices(exposure.near, exposure.rings)
    totals = [np.zeros_like(history) for _ in matrices]
    dealt, are_all = _lots(history, stratum, n_draws, seed)
    n_dealt = 0
    for block in dealt:
        n_dealt += block.shape[1]
        counts = [(matrix @ block.reshape(len(codes), -1)).reshape(block.shape) for matrix in matrices]
        counted = 1 - block if among == "without_policy" else 1
        for n, found in enumerate(measured(counts, measure)):
            totals[n] += (found * counted).sum(axis=1)
    table = rows[["unit", *(["period"] if exposure.periods else [])]].copy()
    table["treated"] = chance.ravel()
    for ring, total in zip(exposure.rings, totals, strict=True):
        mean = total.ravel() / n_dealt
        if measure == "share":
            known = rows[f"neighbours_{ring_key(ring)}"].to_numpy(dtype=float)
            mean = np.divide(mean, known, out=np.full_like(mean, np.nan), where=known > 0)
        table[f"ring_{ring_key(ring)}"] = mean
    return ExpectedExposure(table, exposure, measure, among, n_dealt, are_all, seed)


def _too_little(exposure: Exposure, strata: Mapping[str, object] | None, n_draws: int) -> list[Problem]:
    codes = exposure.near.codes
    problems = []
    if len(exposure.rows) != len(codes) * max(len(exposure.periods), 1):
        problems.append(
            Problem(
                "the exposure",
                "some villages are not seen in every period, so their history cannot be dealt to others",
                "Complete who has the policy when.",
            )
        )
    if n_draws < LEAST_DRAWS:
        problems.append(Problem("n_draws", f"{n_draws} lots", f"Draw {LEAST_DRAWS} at least."))
    absent = [code for code in codes if code not in strata] if strata is not None else []
    if absent:
        problems.append(Problem("strata", f"villages have no stratum: {some(absent)}", "Give each one."))
    return problems


def _lots(
    history: np.ndarray, stratum: np.ndarray, n_draws: int, seed: int
) -> tuple[Iterator[np.ndarray], bool]:
    """Return histories dealt anew, villages x lots x periods, in blocks; and whether these are all."""
    kinds, kind = np.unique(history, axis=0, return_inverse=True)
    if len(kinds) == 2:
        drawn, are_all = lots(kind.ravel(), stratum, None, n_draws=n_draws, seed=seed)
        return (kinds[drawn[n : n + BLOCK].T] for n in range(0, len(drawn), BLOCK)), are_all
    return _shuffled(history, stratum, n_draws, seed), False


def _shuffled(history: np.ndarray, stratum: np.ndarray, n_draws: int, seed: int) -> Iterator[np.ndarray]:
    for first in range(0, n_draws, BLOCK):
        rng = derived_rng(seed, first)
        block = np.empty((len(history), min(BLOCK, n_draws - first), history.shape[1]))
        for number in range(stratum.max() + 1):
            members = np.flatnonzero(stratum == number)
            dealt = rng.permuted(np.tile(members, (block.shape[1], 1)), axis=1)
            block[members] = history[dealt].transpose(1, 0, 2)
        yield block
