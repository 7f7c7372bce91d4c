"""Two typologies of the same villages side by side: how far they agree, and who differs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import (
    adjusted_mutual_info_score,
    adjusted_rand_score,
    mutual_info_score,
    normalized_mutual_info_score,
)

from pk_research.clusters.typology import Typology
from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message, translate


@dataclass(frozen=True, eq=False)
class Comparison:
    """How far two typologies agree, over the villages that both have.

    Attributes
    ----------
    counts
        Villages by type of the first (rows) and of the second (columns).
    adjusted_rand, adjusted_mutual_information
        1 for the same types under whatever numbers, about 0 for unrelated ones.
    normalised_mutual_information
        0 to 1, not corrected for chance.
    variation_of_information
        In nats: 0 for the same types, at most the logarithm of the number of villages.
    matched
        One row a pair of types that correspond: ``first``, ``second``, ``n_both`` villages and
        ``jaccard``, their share of the villages in either, 0 to 1.
    differing
        Villages outside the matched types: code (the index), ``first`` and ``second``.
    only_first, only_second
        Codes of the villages that only one has.
    """

    counts: pd.DataFrame
    adjusted_rand: float
    adjusted_mutual_information: float
    normalised_mutual_information: float
    variation_of_information: float
    matched: pd.DataFrame
    differing: pd.DataFrame
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]

    def table(self, language: Language) -> pd.DataFrame:
        """Return the matched types for people."""
        return pd.DataFrame(
            {
                translate("Type of the first", language): self.matched["first"],
                translate("Type of the second", language): self.matched["second"],
                translate("Villages in both", language): self.matched["n_both"],
                translate("Agreement (Jaccard)", language): self.matched["jaccard"].round(2),
            }
        )

    def in_words(self, language: Language) -> str:
        """Tell how far they agree."""
        n = int(self.counts.to_numpy().sum())
        values = {"n": n, "same": n - len(self.differing), "rand": round(self.adjusted_rand, 2)}
        parts = [
            Message(
                "Of {n} villages in both typologies {same} are in types that correspond (adjusted Rand index"
                " {rand}; 1 is the same types, 0 no more agreement than chance)",
                values,
            )
        ]
        if self.only_first or self.only_second:
            alone = {"first": len(self.only_first), "second": len(self.only_second)}
            parts.append(
                Message("Villages in only one typology: {first} in the first, {second} in the second", alone)
            )
        return " ".join(part.text(language) + "." for part in parts)


def compare_typologies(first: Typology | pd.Series, second: Typology | pd.Series) -> Comparison:
    """Compare two typologies of the same villages.

    Parameters
    ----------
    first, second
        Typologies, or the type of each village with its code as the index.

    Raises
    ------
    BadInput
        When a code occurs twice, or the two share no village.

    References
    ----------
    Hubert and Arabie (1985), Comparing partitions. Vinh, Epps and Bailey (2010), Information
    theoretic measures for clusterings comparison. Meila (2007), Comparing clusterings.

    Examples
    --------
    >>> first = pd.Series({"a": 1, "b": 1, "c": 2, "d": 2})
    >>> compare_typologies(first, 3 - first).adjusted_rand
    1.0
    """
    one, other = _types(first, "first"), _types(second, "second")
    both = one.index.intersection(other.index, sort=False)
    if both.empty:
        raise BadInput(
            Problem("comparison", "the two have no village in common", "Compare types of the same villages.")
        )
    a, b = one[both], other[both]
    counts = pd.crosstab(a.to_numpy(), b.to_numpy(), rownames=["first"], colnames=["second"])
    rows, columns = linear_sum_assignment(counts.to_numpy(), maximize=True)
    pairs = [(counts.index[row], counts.columns[column]) for row, column in zip(rows, columns, strict=True)]
    pairs = [pair for pair in pairs if counts.loc[pair] > 0]
    partner = dict(pairs)
    differs = np.array([partner.get(x) != y for x, y in zip(a, b, strict=True)])
    information = mutual_info_score(a, b)
    return Comparison(
        counts=counts,
        adjusted_rand=float(adjusted_rand_score(a, b)),
        adjusted_mutual_information=float(adjusted_mutual_info_score(a, b)),
        normalised_mutual_information=float(normalized_mutual_info_score(a, b)),
        variation_of_information=max(0.0, _entropy(a) + _entropy(b) - 2 * float(information)),
        matched=pd.DataFrame(
            [(x, y, int(counts.loc[x, y]), _jaccard(counts, x, y)) for x, y in pairs],
            columns=["first", "second", "n_both", "jaccard"],
        ),
        differing=pd.DataFrame({"first": a, "second": b})[differs],
        only_first=tuple(one.index.difference(other.index)),
        only_second=tuple(other.index.difference(one.index)),
    )


def _types(given: Typology | pd.Series, which: str) -> pd.Series:
    types = (
        given.villages.set_index(given.code_column)["cluster"]
        if isinstance(given, Typology)
        else given.dropna()
    )
    twice = types.index[types.index.duplicated()].unique()
    if len(twice):
        raise BadInput(
            Problem(
                f"{which} typology", f"{', '.join(map(str, twice[:8]))}: twice", "Give each village one type."
            )
        )
    return types


def _entropy(types: pd.Series) -> float:
    share = types.value_counts(normalize=True).to_numpy()
    return float(-(share * np.log(share)).sum())


def _jaccard(counts: pd.DataFrame, first: object, second: object) -> float:
    both = counts.loc[first, second]
    return float(both / (counts.loc[first].sum() + counts[second].sum() - both))
