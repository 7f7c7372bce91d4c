"""How new a product is: how far its attributes are from the original's, and what people gain by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from pk_research.language import Language
from pk_research.products.experiments import Attribute, ChoiceModel
from pk_research.products.market import words
from pk_research.products.market.offers import (
    INTERVAL,
    check_draws,
    check_model,
    drawn_tastes,
    offered,
    people_of,
    shares_of,
)


@dataclass(frozen=True, eq=False)
class Newness:
    """A new product beside the original.

    Attributes
    ----------
    attributes
        One row an attribute (the index): ``original``, ``new``, ``distance`` 0 to 1 (1 for another
        level; for numbers the difference over the range asked), ``importance`` (the share of the
        attribute in what moves choices, summing to 1), its 95% interval ``importance_low`` to
        ``importance_high``, and ``gain`` in utility, with its 95% interval ``low`` to ``high``.
    distance
        Mean distance over the attributes, 0 (the same) to 1.
    weighted_distance, weighted_distance_low, weighted_distance_high
        The same weighted by importance: how new it is to buyers.
    gain, gain_low, gain_high
        Utility of the new less that of the original, for the mean person.
    preferred, preferred_low, preferred_high
        Share of choices between the two that go to the new one, 0 to 1.
    n_draws, n_people, seed
        Draws of parameters, people for each, seed.
    made
        True for made data.
    labels
        Attributes by name.
    """

    attributes: pd.DataFrame
    distance: float
    weighted_distance: float
    weighted_distance_low: float
    weighted_distance_high: float
    gain: float
    gain_low: float
    gain_high: float
    preferred: float
    preferred_low: float
    preferred_high: float
    n_draws: int
    n_people: int
    seed: int
    made: bool
    labels: Mapping[str, Attribute]

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row an attribute for people."""
        return words.newness_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell how different the new product is, and whether people would prefer it."""
        return words.newness_account(self, language)


def newness(
    model: ChoiceModel,
    attributes: Sequence[Attribute],
    original: Mapping[str, str],
    new: Mapping[str, str],
    *,
    n_people: int = 1_000,
    n_draws: int = 1_000,
    seed: int = 0,
) -> Newness:
    """Measure how far a new product is from the original, and what buyers think of the change.

    Parameters
    ----------
    model, attributes
        As in `market_shares`.
    original, new
        Attribute -> level.
    n_people, n_draws, seed
        As in `market_shares`.

    Raises
    ------
    BadInput
        When a product is not described by the attributes.
    """
    check_draws(n_draws, n_people, seed)
    has_none = check_model(model, attributes)
    pair = pd.DataFrame([original, new], index=["original", "new"])
    offers = offered(pair, attributes, has_none=has_none)[:2]
    columns = _columns(attributes)
    change = offers[1] - offers[0]
    at = people_of(model, n_people, seed)
    drawn = list(drawn_tastes(model, n_draws, n_people, seed))
    means = np.array([tastes.mean(axis=0) for tastes in drawn])
    gains = np.stack([(means * change)[:, some].sum(axis=1) for some in columns], axis=1)
    low, high = np.percentile(gains, INTERVAL, axis=0)
    preferred = np.array([shares_of(tastes, offers)[1] for tastes in drawn])
    importance = _importance(attributes, at.mean(axis=0), columns)
    importances = np.array([_importance(attributes, mean, columns) for mean in means])
    importance_low, importance_high = np.percentile(importances, INTERVAL, axis=0)
    distance = np.array([_distance(one, original[one.name], new[one.name]) for one in attributes])
    table = pd.DataFrame(
        {
            "original": [str(original[one.name]) for one in attributes],
            "new": [str(new[one.name]) for one in attributes],
            "distance": distance,
            "importance": importance,
            "importance_low": importance_low,
            "importance_high": importance_high,
            "gain": [float((at.mean(axis=0) * change)[some].sum()) for some in columns],
            "low": low,
            "high": high,
        },
        index=pd.Index([one.name for one in attributes], name="attribute"),
    )
    total = np.percentile(gains.sum(axis=1), INTERVAL)
    shares = np.percentile(preferred, INTERVAL)
    weighted = np.percentile(importances @ distance, INTERVAL)
    return Newness(
        attributes=table,
        distance=float(distance.mean()),
        weighted_distance=float(distance @ importance),
        weighted_distance_low=float(weighted[0]),
        weighted_distance_high=float(weighted[1]),
        gain=float(table["gain"].sum()),
        gain_low=float(total[0]),
        gain_high=float(total[1]),
        preferred=float(shares_of(at, offers)[1]),
        preferred_low=float(shares[0]),
        preferred_high=float(shares[1]),
        n_draws=n_draws,
        n_people=len(at),
        seed=seed,
        made=model.made,
        labels={one.name: one for one in attributes},
    )


def _columns(attributes: Sequence[Attribute]) -> list[list[int]]:
    """Return which columns belong to each attribute."""
    ends = np.cumsum([0, *(len(one.coefficients) for one in attributes)]).tolist()
    return [list(range(start, end)) for start, end in pairwise(ends)]


def _importance(attributes: Sequence[Attribute], tastes: np.ndarray, columns: list[list[int]]) -> np.ndarray:
    """Return how far each attribute can move utility, as a share of all."""
    ranges = np.array(
        [np.ptp(one.columns @ tastes[some]) for one, some in zip(attributes, columns, strict=True)]
    )
    return np.asarray(ranges / ranges.sum()) if ranges.sum() else np.full(len(ranges), 1 / len(ranges))


def _distance(attribute: Attribute, original: str, new: str) -> float:
    if attribute.coding == "linear":
        levels = [float(code) for code in attribute.codes]
        return abs(float(new) - float(original)) / (max(levels) - min(levels))
    return float(str(original) != str(new))
