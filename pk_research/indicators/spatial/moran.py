"""Moran's I: whether villages resemble their neighbours more than chance would have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.indicators.spatial.aligned import aligned
from pk_research.indicators.spatial.neighbours import Neighbours
from pk_research.indicators.spatial.permutations import ROUNDING, permuted_moran, two_sided_p
from pk_research.indicators.spatial.wording import check_permutations, left_out_sentences, left_out_table
from pk_research.language import Language, Message, number_text


@dataclass(frozen=True, eq=False)
class Moran:
    """Moran's I with what chance would give.

    Attributes
    ----------
    i
        Above ``expected``: neighbours resemble one another; below: they differ.
    expected
        What chance gives on average: -1 / (n - 1).
    standard_deviation
        Of I over the permutations.
    z
        (I - mean of the permutations) / standard deviation.
    p
        Two-sided, by permutation; at least 2 / (n_permutations + 1).
    n
        Villages compared.
    n_permutations, seed
        How often values were dealt out anew, and the seed of that.
    left_out
        One row a village that cannot be compared: ``code``, ``reason`` (`Message`).
    names
        Code -> what the village is called; codes stand for those without a name.
    """

    i: float
    expected: float
    standard_deviation: float
    z: float
    p: float
    n: int
    n_permutations: int
    seed: int
    left_out: pd.DataFrame
    names: Mapping[str, str]

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row with headings in a language."""
        columns = {
            Message("Moran's I").text(language): self.i,
            Message("Expected by chance").text(language): self.expected,
            Message("Standard deviation by chance").text(language): self.standard_deviation,
            Message("z-score").text(language): self.z,
            Message("p (two-sided)").text(language): self.p,
            Message("Villages").text(language): self.n,
        }
        return pd.DataFrame([columns])

    def left_out_table(self, language: Language) -> pd.DataFrame:
        """Return the villages left out, headings and reasons in a language."""
        return left_out_table(self.left_out, self.names, language)

    def in_words(self, language: Language) -> str:
        """Say whether neighbours resemble one another, and how sure that is."""
        values = {
            "i": self.i,
            "expected": number_text(self.expected, language, 4),
            "p": number_text(self.p, language, 4),
            "n": self.n,
            "permutations": self.n_permutations,
        }
        if self.p > 0.05:
            verdict = Message("That is within what chance gives: no pattern is shown.")
        elif self.i > self.expected:
            verdict = Message("Neighbouring villages resemble one another more than chance would have it.")
        else:
            verdict = Message("Neighbouring villages differ more than chance would have it.")
        sentences = [
            Message(
                "Moran's I of {n} villages is {i}; chance gives {expected} on average (p = {p}, two-sided, "
                "{permutations} permutations).",
                values,
            ),
            verdict,
            *left_out_sentences(self.left_out, self.names),
        ]
        return " ".join(sentence.text(language) for sentence in sentences)


def moran(
    values: pd.Series,
    neighbours: Neighbours,
    *,
    n_permutations: int = 999,
    seed: int = 0,
    names: Mapping[str, str] | None = None,
    n_jobs: int | None = None,
) -> Moran:
    """Compute Moran's I, each village's neighbours averaged.

    Parameters
    ----------
    values
        Indexed by village code.
    neighbours
        Of the villages.
    n_permutations
        How often values are dealt out anew.
    seed
        Of all chance.
    names
        Code -> what the village is called where people read of it.
    n_jobs
        Workers, as in joblib; any number gives the same bytes.

    Returns
    -------
    Moran
        I = sum of z times the mean z of the neighbours, over the sum of z squared. Villages without
        a value, or without a neighbour that has one, are left out of it, and named.

    References
    ----------
    Moran (1950), Notes on continuous stochastic phenomena, Biometrika 37; Cliff and Ord (1981),
    Spatial Processes.

    Examples
    --------
    >>> from pk_research.indicators.spatial import from_pairs
    >>> row = from_pairs(list("ABCDEF"), list(zip("ABCDE", "BCDEF")))
    >>> round(moran(pd.Series([1, 2, 3, 4, 5, 6], index=list("ABCDEF")), row).i, 3)
    0.714
    """
    check_permutations(n_permutations)
    given = aligned(values, neighbours)
    z = given.z
    i = float((z * given.mean_of_neighbours(z)).sum() / (z**2).sum())
    permuted = permuted_moran(given, n_permutations=n_permutations, seed=seed, n_jobs=n_jobs)
    deviation = float(permuted.std())
    return Moran(
        i=i,
        expected=-1 / (given.n - 1),
        standard_deviation=deviation,
        z=(i - float(permuted.mean())) / deviation if deviation > 0 else float(np.nan),
        p=float(
            two_sided_p((permuted >= i - ROUNDING).sum(), (permuted <= i + ROUNDING).sum(), n_permutations)
        ),
        n=given.n,
        n_permutations=n_permutations,
        seed=seed,
        left_out=given.left_out,
        names=names or {},
    )
