"""One list, best first: products of a regency, or across sectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message
from pk_research.products.flagship import words
from pk_research.products.flagship.decision import Decision
from pk_research.products.flagship.methods import METHODS, check_methods, ranks

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Ranking:
    """Alternatives, best first.

    Attributes
    ----------
    frame
        One row an alternative, best first: ``product``, ``value``, ``rank`` (from 1; equals share
        their mean rank); across sectors also ``sector``.
    how
        What the value is.
    more_is_better
        False where the value is a distance from the best.
    options
        Weights and choices it was made with.
    inputs
        Hashes of the datasets behind it.
    made
        True when they are made data.
    """

    frame: pd.DataFrame
    how: Message
    more_is_better: bool = True
    options: Mapping[str, object] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    made: bool = False

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row an alternative for people: rank, name, value."""
        return words.ranking_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say how the list was made and who leads it."""
        return words.ranking_in_words(self, language)

    def plot(self, language: Language, *, width_px: int = 900) -> Figure:
        """Draw the values of the first alternatives as bars."""
        from pk_research.products.flagship.pictures import plot_ranking

        return plot_ranking(self, language, width_px=width_px)


def choose(given: Decision, *, method: str) -> Ranking:
    """Rank alternatives by one method.

    Parameters
    ----------
    given
        Scores and weights, from `decision`.
    method
        One of ``"bayes"``, ``"mpe"``, ``"ahp"``, ``"topsis"``, ``"vikor"``, ``"promethee"``.

    Raises
    ------
    BadInput
        When the method cannot be used on these scores or weights; everything at once.

    Examples
    --------
    >>> from pk_research.products.flagship.decision import decision
    >>> scores = pd.DataFrame({"market": [5, 2], "price": [3, 4]}, index=["batik", "crackers"])
    >>> choose(decision(scores, {"market": 3, "price": 1}), method="bayes").frame["product"].tolist()
    ['batik', 'crackers']
    """
    check_methods(given, [method])
    values = METHODS[method].value(given)
    return Ranking(
        frame=ranked(values, method),
        how=METHODS[method].name,
        more_is_better=METHODS[method].more_is_better,
        options={"method": method, "weights": given.weights.to_dict()},
        inputs=given.inputs,
        made=given.made,
    )


def ranked(values: pd.Series, method: str) -> pd.DataFrame:
    """Return product, value and rank, best first; equals in the order of their names."""
    frame = pd.DataFrame({"product": values.index, "value": values.to_numpy()})
    frame["rank"] = ranks(values, method).to_numpy()
    return frame.sort_values(["rank", "product"], kind="stable", ignore_index=True)


def across_sectors(ranking: Ranking, *, sectors: Mapping[str, str], weights: Mapping[str, float]) -> Ranking:
    """Rank products of several sectors: the value within the sector times the sector's weight.

    Parameters
    ----------
    ranking
        Products with values of 0 or more, more is better.
    sectors
        Product -> its sector.
    weights
        Sector -> its weight, 0 or more: the panel's. Scaled to sum to one.

    Returns
    -------
    Ranking
        Values are first scaled so that the best product of each sector has 1: a sector counts by
        its weight alone, not by how its products happen to be scored.

    Raises
    ------
    BadInput
        Naming every product without sector, sector without weight and negative weight.

    Examples
    --------
    >>> from pk_research.products.flagship.decision import decision
    >>> scores = pd.DataFrame({"market": [5, 4, 2]}, index=["batik", "rice", "crackers"])
    >>> first = choose(decision(scores, {"market": 1}), method="bayes")
    >>> sectors = {"batik": "craft", "rice": "farm", "crackers": "food"}
    >>> weights = {"craft": 0.2, "farm": 0.5, "food": 0.3}
    >>> across_sectors(first, sectors=sectors, weights=weights).frame["product"].tolist()
    ['rice', 'crackers', 'batik']
    """
    products = ranking.frame["product"].tolist()
    problems = _faults_of_sectors(ranking, products, sectors, weights)
    if problems:
        raise BadInput(problems)
    total = sum(weights.values())
    sector = pd.Series({product: sectors[product] for product in products})
    values = ranking.frame.set_index("product")["value"]
    best = values.groupby(sector).transform("max")
    share = sector.map({name: weight / total for name, weight in weights.items()})
    frame = ranked((values / best.where(best > 0, 1)) * share, "bayes")
    frame.insert(1, "sector", frame["product"].map(sector))
    return Ranking(
        frame=frame,
        how=Message("Value within its sector (best = 1) times the weight of the sector"),
        options={**ranking.options, "sector_weights": dict(weights)},
        inputs=ranking.inputs,
        made=ranking.made,
    )


def _faults_of_sectors(
    ranking: Ranking, products: list[str], sectors: Mapping[str, str], weights: Mapping[str, float]
) -> list[Problem]:
    problems = [
        Problem(f"product {name!r}", "it has no sector", "Give each product its sector.")
        for name in products
        if name not in sectors
    ]
    if not ranking.more_is_better or (ranking.frame["value"] < 0).any():
        problems.append(
            Problem("ranking", "its values cannot be shared out", "Rank by Bayes, MPE, AHP or TOPSIS.")
        )
    problems += [
        Problem(f"sector {name!r}", "it has no weight", "Give each sector its weight.")
        for name in sorted({sectors[product] for product in products if product in sectors} - set(weights))
    ]
    problems += [
        Problem(f"weight of sector {name!r}", f"it is {weight!r}", "Give 0 or a positive number.")
        for name, weight in weights.items()
        if not (np.isfinite(weight) and weight >= 0)
    ]
    if not any(weight > 0 for weight in weights.values()):
        problems.append(Problem("weights", "none is above 0", "Give at least one sector a weight."))
    return problems
