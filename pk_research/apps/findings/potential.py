"""The economic potential of villages: an index that a visitor may put together and weigh otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from pk_research.apps.findings.choices import indicators
from pk_research.apps.findings.index_trouble import TOO_FEW, explain_index
from pk_research.apps.trouble import CannotShow
from pk_research.codebook import Label
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
from pk_research.indicators.composite.uncertainty import HIGH, LOW
from pk_research.language import catalogue
from pk_research.sources import Dataset

N_DRAWS = 300
WEIGHT_NOISE = 0.25
COVERED = round(100 * (HIGH - LOW))
FEWEST_INDICATORS = 2
ALTERNATIVES = {"normalisation": ("min-max", "z")}
ADDED = "other_indicators"
_ADDED = "Other indicators"


@dataclass(frozen=True, slots=True)
class Offer:
    """An indicator that may go into the index.

    Attributes
    ----------
    name
        Its column.
    label
        What it is called.
    part
        Name of the part it adds up to.
    part_label
        What that is called.
    direction
        The direction to start with: 1 where more is better, -1 where less is.
    is_proposed
        Whether the proposal has it.
    """

    name: str
    label: Label
    part: str
    part_label: Label
    direction: int
    is_proposed: bool


@dataclass(frozen=True, eq=False)
class Potential:
    """The index as proposed and as a visitor makes it.

    Attributes
    ----------
    declared
        The index as proposed; None where the data lacks its indicators.
    tried
        The index of the visitor.
    uncertainty
        Rank intervals of ``tried``.
    removal
        How far ranks move without each indicator, the strongest first.
    """

    declared: CompositeIndex | None
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


def offers(dataset: Dataset) -> tuple[Offer, ...]:
    """List the indicators that a dataset has values of, those of the proposal first."""
    declaration = village_potential()
    table = declaration.table
    filled = {name for name in dataset.frame if dataset.frame[name].notna().any()}
    proposed = tuple(
        Offer(name, declaration.label(name), parent, declaration.label(parent), int(direction), True)
        for name, parent, direction, divisor in zip(
            table.index, table["parent"], table["direction"], table["denominator"], strict=True
        )
        if name in declaration.indicators and {name, divisor or name} <= filled
    )
    taken = {offer.name for offer in proposed}
    heading = Label(ADDED, catalogue("id").get(_ADDED, _ADDED), _ADDED)
    others = tuple(
        Offer(
            variable.name,
            Label(variable.name, variable.label_id, variable.label_en),
            ADDED,
            heading,
            1,
            False,
        )
        for variable in indicators(dataset)
        if variable.name not in taken
    )
    return proposed + others


def proposed_directions(dataset: Dataset) -> dict[str, int]:
    """Return the proposed indicators that a dataset has, with their directions."""
    return {offer.name: offer.direction for offer in offers(dataset) if offer.is_proposed}


def potential_of(
    dataset: Dataset,
    *,
    year: int | None,
    directions: Mapping[str, int] | None = None,
    weights: Mapping[str, float] | None = None,
) -> Potential:
    """Compute the index from chosen indicators.

    Parameters
    ----------
    dataset
        Rows keyed by village, or by village and year.
    year
        Year to score.
    directions
        Chosen indicators, each 1 (more is better) or -1; by default those proposed.
    weights
        Weights of the parts; parts not named weigh alike.

    Raises
    ------
    CannotShow
        With the reason why these indicators give no index.
    """
    proposed = proposed_directions(dataset)
    chosen = proposed if directions is None else dict(directions)
    index = _built(dataset, chosen, year)
    declared = index if chosen == proposed else _proposal(dataset, proposed, year)
    known = {part: weight for part, weight in (weights or {}).items() if part in parts_of(index.declaration)}
    tried = reweighted(index, known) if sum(known.values()) else index
    doubt = monte_carlo(
        tried, alternatives=ALTERNATIVES, weight_noise=WEIGHT_NOISE, n_draws=N_DRAWS, n_jobs=1
    )
    return Potential(declared, tried, doubt, effect_of_removal(tried))


def shares(weights: Mapping[str, float]) -> dict[str, float]:
    """Return weights as shares of the whole, zero where all are zero.

    Examples
    --------
    >>> shares({"access": 3, "product": 1})
    {'access': 0.75, 'product': 0.25}
    """
    total = sum(weights.values())
    return {name: weight / total if total else 0.0 for name, weight in weights.items()}


def _proposal(dataset: Dataset, directions: Mapping[str, int], year: int | None) -> CompositeIndex | None:
    try:
        return _built(dataset, directions, year)
    except CannotShow:
        return None


def _built(dataset: Dataset, directions: Mapping[str, int], year: int | None) -> CompositeIndex:
    if len(directions) < FEWEST_INDICATORS:
        raise CannotShow(TOO_FEW)
    declaration = _declared(dataset, directions)
    try:
        return build_index(dataset, declaration, options=village_potential_options(), year=year)
    except PkError as error:
        raise CannotShow(explain_index(dataset, declaration, year=year)) from error


def _declared(dataset: Dataset, directions: Mapping[str, int]) -> Declaration:
    """Return the proposal with the chosen indicators alone, and a part of its own for others."""
    table = village_potential().table.reset_index()
    is_indicator = table["level"] == 1
    kept = table[~is_indicator | table["indicator"].isin(list(directions))]
    added = [offer for offer in offers(dataset) if offer.name in directions and not offer.is_proposed]
    kept = pd.concat([kept, _rows_of(added, table)], ignore_index=True)
    is_empty = (kept["parent"] != "") & ~kept["indicator"].isin(kept["parent"]) & (kept["level"] > 1)
    kept = kept[~is_empty].drop(columns="level")
    turned = kept["indicator"].map(directions).fillna(kept["direction"])
    return declare(kept.assign(direction=turned))


def _rows_of(added: list[Offer], table: pd.DataFrame) -> pd.DataFrame:
    if not added:
        return table.iloc[:0]
    root = table["indicator"].iloc[-1]
    heading = added[0].part_label
    rows = [(offer.name, ADDED, offer.label.label_id, offer.label.label_en, 1) for offer in added]
    rows.append((ADDED, root, heading.label_id, heading.label_en, 2))
    named = pd.DataFrame(rows, columns=["indicator", "parent", "label_id", "label_en", "level"])
    return named.assign(direction=1, weight=1, denominator="", points="", reason_id="", reason_en="")
