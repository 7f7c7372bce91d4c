"""The economic potential of villages: an index whose weights a visitor may try out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from pk_research.errors import PkError
from pk_research.indicators.composite import (
    CompositeIndex,
    Declaration,
    RankUncertainty,
    build_index,
    declare,
    effect_of_removal,
    monte_carlo,
    reweighted,
    village_potential,
    village_potential_options,
)
from pk_research.sources import Dataset

N_DRAWS = 300
WEIGHT_NOISE = 0.25
FEWEST_INDICATORS = 2
ALTERNATIVES = {"normalisation": ("min-max", "z")}


@dataclass(frozen=True, eq=False)
class Potential:
    """The index as proposed and as a visitor weighs it.

    Attributes
    ----------
    declared
        The index with the proposed weights.
    tried
        The index with the weights of the visitor.
    uncertainty
        Rank intervals of ``tried``.
    removal
        How far ranks move without each indicator, the strongest first.
    """

    declared: CompositeIndex
    tried: CompositeIndex
    uncertainty: RankUncertainty
    removal: pd.DataFrame

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the parts whose weights can be moved."""
        return parts_of(self.tried.declaration)


def parts_of(declaration: Declaration) -> tuple[str, ...]:
    """List what adds up to the index itself."""
    table = declaration.table
    return tuple(table.index[table["parent"] == declaration.root])


def potential_of(dataset: Dataset, *, year: int | None) -> Potential | None:
    """Compute the proposed index from the indicators a dataset has; None where it has too few.

    Parameters
    ----------
    dataset
        Rows keyed by village, or by village and year.
    year
        Year to score.
    """
    declaration = _declared_for(dataset)
    if declaration is None:
        return None
    try:
        index = build_index(dataset, declaration, options=village_potential_options(), year=year)
    except PkError:
        return None
    return _with_doubt(index, index)


def weighed(potential: Potential, weights: Mapping[str, float]) -> Potential:
    """Return the same villages with other weights of the parts; as it was when all weigh nothing."""
    if sum(weights.values()) == 0:
        return potential
    return _with_doubt(potential.declared, reweighted(potential.declared, weights))


def shares(weights: Mapping[str, float]) -> dict[str, float]:
    """Return weights as shares of the whole, zero where all are zero.

    Examples
    --------
    >>> shares({"access": 3, "product": 1})
    {'access': 0.75, 'product': 0.25}
    """
    total = sum(weights.values())
    return {name: weight / total if total else 0.0 for name, weight in weights.items()}


def _with_doubt(declared: CompositeIndex, tried: CompositeIndex) -> Potential:
    doubt = monte_carlo(
        tried, alternatives=ALTERNATIVES, weight_noise=WEIGHT_NOISE, n_draws=N_DRAWS, n_jobs=1
    )
    return Potential(declared, tried, doubt, effect_of_removal(tried))


def _declared_for(dataset: Dataset) -> Declaration | None:
    """Return the proposal without the indicators, and then the parts, that the dataset lacks."""
    table = village_potential().table
    frame = dataset.frame
    needed = table["denominator"].where(table["denominator"] != "", table.index.to_series())
    filled = {name for name in frame if frame[name].notna().any()}
    is_indicator = table["level"] == 1
    is_there = table.index.isin(filled) & needed.isin(filled)
    kept = table[~is_indicator | is_there]
    is_empty = (kept["level"] > 1) & ~kept.index.isin(kept["parent"])
    kept = kept[~is_empty]
    if (kept["level"] == 1).sum() < FEWEST_INDICATORS:
        return None
    return declare(kept.reset_index())
