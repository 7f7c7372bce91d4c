"""Two typologies of the same villages side by side: how far they agree, and who differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
from pk_research.writing import MADE, marked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LISTED = 8
SIDES = (Message("First typology"), Message("Second typology"))


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
        Villages outside the matched types: code (the index), ``name`` (the code where no name is
        known), ``first`` and ``second``.
    only_first, only_second
        Codes of the villages that only one has.
    titles
        What each is called; None where nobody said.
    names
        For each: number of a type -> its name, where a `Typology` was given; else empty.
    made
        True when either is of made data; every view says so.
    input_hashes
        For each the content hash of its dataset, where a `Typology` was given.
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
    titles: tuple[str | None, str | None]
    names: tuple[Mapping[int, Message], Mapping[int, Message]]
    made: bool
    input_hashes: tuple[str | None, str | None]

    def label(self, side: int, number: int) -> Message:
        """Return number and name of a type of the first (side 0) or second (1): "1 · high IKS"."""
        values = {"number": str(number)}
        if number not in self.names[side]:
            return Message("{number}", values)
        return Message("{number} · {name}", {**values, "name": self.names[side][number]})

    def title(self, side: int) -> Message:
        """Return what the first (side 0) or second (1) is called."""
        title = self.titles[side]
        if title is None:
            return SIDES[side]
        return Message("{side}: {title}", {"side": SIDES[side], "title": title})

    def table(self, language: Language) -> pd.DataFrame:
        """Return the matched types for people."""
        table = pd.DataFrame(
            {
                translate("Type of the first", language): self._labels(self.matched, 0, language),
                translate("Type of the second", language): self._labels(self.matched, 1, language),
                translate("Villages in both", language): self.matched["n_both"],
                translate("Agreement (Jaccard)", language): self.matched["jaccard"].round(2),
            }
        )
        return marked(table, language, made=self.made)

    def differing_table(self, language: Language) -> pd.DataFrame:
        """Return the villages outside the matched types for people, one row a village."""
        table = pd.DataFrame(
            {
                translate("Village code", language): self.differing.index.astype(str),
                translate("Village name", language): self.differing["name"],
                translate("Type of the first", language): self._labels(self.differing, 0, language),
                translate("Type of the second", language): self._labels(self.differing, 1, language),
            }
        ).reset_index(drop=True)
        return marked(table, language, made=self.made)

    def _labels(self, rows: pd.DataFrame, side: int, language: Language) -> pd.Series:
        types = rows[("first", "second")[side]]
        return types.map({number: self.label(side, number).text(language) for number in types.unique()})

    def in_words(self, language: Language) -> str:
        """Tell how far they agree."""
        n = int(self.counts.to_numpy().sum())
        values = {"n": n, "same": n - len(self.differing), "rand": round(self.adjusted_rand, 2)}
        parts = [Message(MADE)] if self.made else []
        parts.append(
            Message(
                "Of {n} villages in both typologies {same} are in types that correspond (adjusted Rand index"
                " {rand}; 1 is the same types, 0 no more agreement than chance)",
                values,
            )
        )
        if any(self.titles):
            parts.append(
                Message("Compared: {first}; {second}", {"first": self.title(0), "second": self.title(1)})
            )
        if self.only_first or self.only_second:
            alone = {"first": len(self.only_first), "second": len(self.only_second)}
            parts.append(
                Message("Villages in only one typology: {first} in the first, {second} in the second", alone)
            )
        return " ".join(part.text(language) + "." for part in parts)

    def plot(self, language: Language) -> Figure:
        """Draw both as one numbered heat map."""
        from pk_research.clusters.pictures.comparison import plot_comparison

        return plot_comparison(self, language)


def compare_typologies(
    first: Typology | pd.Series,
    second: Typology | pd.Series,
    *,
    titles: tuple[str | None, str | None] | None = None,
    made: bool = False,
) -> Comparison:
    """Compare two typologies of the same villages.

    Parameters
    ----------
    first, second
        Typologies, or the type of each village with its code as the index.
    titles
        What to call them; by default the title of the data of each `Typology`.
    made
        Say that the data is made where neither is a `Typology`, which knows it.

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
        differing=pd.DataFrame({"name": _place_names(both, first, second), "first": a, "second": b})[differs],
        only_first=tuple(one.index.difference(other.index)),
        only_second=tuple(other.index.difference(one.index)),
        titles=titles or (_title(first), _title(second)),
        names=(_names(first), _names(second)),
        made=made or any(given.made for given in (first, second) if isinstance(given, Typology)),
        input_hashes=(_input_hash(first), _input_hash(second)),
    )


def _title(given: Typology | pd.Series) -> str | None:
    return given.title if isinstance(given, Typology) else None


def _input_hash(given: Typology | pd.Series) -> str | None:
    return given.input_hash if isinstance(given, Typology) else None


def _names(given: Typology | pd.Series) -> dict[int, Message]:
    return dict(enumerate(given.names, start=1)) if isinstance(given, Typology) else {}


def _place_names(codes: pd.Index, *given: Typology | pd.Series) -> pd.Series:
    """Return the name of each village in the first typology that knows it, else its code."""
    names = pd.Series(pd.NA, index=codes, dtype=object)
    for one in given:
        if isinstance(one, Typology) and "village" in one.villages:
            known = one.villages.set_index(one.code_column)["village"].reindex(codes).astype(object)
            names = names.where(names.notna(), known)
    return names.where(names.notna(), codes.to_series())


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
                f"{which} typology",
                f"{', '.join(map(str, twice[:LISTED]))}: twice",
                "Give each village one type.",
            )
        )
    return types


def _entropy(types: pd.Series) -> float:
    share = types.value_counts(normalize=True).to_numpy()
    return float(-(share * np.log(share)).sum())


def _jaccard(counts: pd.DataFrame, first: object, second: object) -> float:
    both = counts.loc[first, second]
    return float(both / (counts.loc[first].sum() + counts[second].sum() - both))
