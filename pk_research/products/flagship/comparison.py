"""The same decision by several methods: where they agree, and where a choice hangs on the method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.products.flagship import words
from pk_research.products.flagship.agreement import Concordance, concordance, spearman
from pk_research.products.flagship.decision import Decision
from pk_research.products.flagship.methods import METHODS, check_methods, ranks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COMPARED = ("bayes", "topsis", "vikor", "promethee")


@dataclass(frozen=True, eq=False)
class Comparison:
    """One decision by several methods.

    Attributes
    ----------
    decision
        What was decided on.
    values
        One row an alternative, one column a method; only within a column comparable.
    ranks
        The same as ranks from 1; equals share their mean rank.
    agreement
        Kendall's W over the methods, its interval over alternatives.
    pairs
        Spearman's coefficient of each pair of methods with its interval, as in `spearman`.
    """

    decision: Decision
    values: pd.DataFrame
    ranks: pd.DataFrame
    agreement: Concordance
    pairs: pd.DataFrame

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row an alternative for people: its rank by each method."""
        return words.comparison_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say how far the methods agree and what each puts first."""
        return words.comparison_in_words(self, language)

    def plot(self, language: Language, *, width_px: int = 900) -> Figure:
        """Draw each alternative's rank by each method."""
        from pk_research.products.flagship.pictures import plot_comparison

        return plot_comparison(self, language, width_px=width_px)


def compare_methods(given: Decision, *, methods: Sequence[str] = COMPARED) -> Comparison:
    """Rank the same alternatives by several methods.

    Parameters
    ----------
    given
        Scores and weights, from `decision`.
    methods
        Two or more of ``"bayes"``, ``"mpe"``, ``"ahp"``, ``"topsis"``, ``"vikor"``,
        ``"promethee"``.

    Raises
    ------
    BadInput
        When there are fewer than two methods or one cannot be used here; everything at once.

    Examples
    --------
    >>> from pk_research.products.flagship.decision import decision
    >>> scores = pd.DataFrame({"market": [5, 4, 2], "price": [3, 1, 4]}, index=["batik", "rice", "dolls"])
    >>> found = compare_methods(decision(scores, {"market": 3, "price": 1}), methods=["bayes", "topsis"])
    >>> found.ranks["bayes"].tolist(), found.agreement.w
    ([1.0, 2.0, 3.0], 1.0)
    """
    if len(set(methods)) < 2:
        raise BadInput(Problem("methods", "there are fewer than two", "Give two or more to compare."))
    check_methods(given, methods)
    values = pd.DataFrame({name: METHODS[name].value(given) for name in methods})
    found = pd.DataFrame({name: ranks(values[name], name) for name in methods})
    return Comparison(
        decision=given,
        values=values,
        ranks=found,
        agreement=concordance(found, over="rows"),
        pairs=spearman(found),
    )
