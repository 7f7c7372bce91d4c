"""What all reports of one set of data share, computed once: index, ranks, types, products, buyers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.clusters import Typology, usual_types
from pk_research.disclosure import few_makers, types_to_tell, withheld_message, without_few
from pk_research.errors import BadInput, Problem
from pk_research.indicators import composite
from pk_research.language import Message
from pk_research.products.buyers import Matching, match_anywhere
from pk_research.products.flagship import (
    Evidence,
    Ranking,
    RankIntervals,
    evidence_of,
)
from pk_research.products.flagship.usual import kecamatan_intervals, regency_list
from pk_research.register import Register, Village

if TYPE_CHECKING:
    from pk_research.sources import Dataset

DIMENSIONS = ("iks", "ike", "ikl")
VALUES = (*DIMENSIONS, "idm")
TOLD_OF_PRODUCTS = ("capacity_units_month", "sales_idr_month")
WEIGHT_NOISE, N_DRAWS = 0.25, 300


@dataclass(frozen=True, eq=False)
class ReportMaterial:
    """What reports are made from.

    Attributes
    ----------
    dataset
        Villages by year, with the three indices of the IDM.
    version
        Name and version of the dataset in the store.
    register
        The villages; each gets a report, whether data of it is there or not.
    candidates
        One row a village and product, as in `products.catalogue.Catalogue.candidates`; may be empty.
    demand
        One row a buyer and need, as in `products.buyers.Needs.frame`; may be empty.
    products_made, demand_made
        Whether these are made.
    inputs
        Hashes of the datasets behind candidates.
    """

    dataset: Dataset
    version: str
    register: Register
    candidates: pd.DataFrame = field(default_factory=pd.DataFrame)
    demand: pd.DataFrame = field(default_factory=pd.DataFrame)
    products_made: bool = False
    demand_made: bool = False
    inputs: tuple[str, ...] = ()

    @property
    def made(self) -> bool:
        """Whether anything told is made."""
        return self.dataset.provenance.made or self.products_made or self.demand_made


@dataclass(frozen=True, eq=False)
class Facts:
    """What the reports tell.

    Attributes
    ----------
    material
        What it is computed from; figures of products that rest on too few makers are missing.
    ranks
        Ranks by the IDM with intervals; ``ranks.index`` is the index.
    typology
        The types of villages.
    evidence
        What is known of products by kecamatan; None without candidates.
    flagships
        Code of a kecamatan -> its products in order, with intervals; missing where fewer than two can
        be compared.
    merged
        The products of the regency; None without evidence.
    matching
        Possible sales to buyers; None without needs or offers. Its amounts are of single buyers, and not for
        telling.
    withheld
        What is not told, and why.
    """

    material: ReportMaterial
    ranks: composite.RankUncertainty
    typology: Typology
    evidence: Evidence | None
    flagships: Mapping[str, RankIntervals]
    merged: Ranking | None
    matching: Matching | None
    withheld: tuple[Message, ...] = ()

    @cached_property
    def panel(self) -> pd.DataFrame:
        """Return one row a village and year; villages entered twice in a year are left out."""
        frame = self.material.dataset.frame.dropna(subset=["village_code", "year"])
        once = frame[~frame.duplicated(["village_code", "year"], keep=False)]
        return once.astype({"village_code": str, "year": int}).sort_values(["village_code", "year"])

    @property
    def year(self) -> int:
        """Return the last year, that of ranks and types."""
        return int(self.panel["year"].max())

    @cached_property
    def medians(self) -> pd.DataFrame:
        """Return the median of all villages by year (the index) for each index."""
        return self.panel.groupby("year")[list(VALUES)].median().astype(float)

    @cached_property
    def n_ranked(self) -> int:
        """Return how many villages have a rank."""
        return int(self.ranks.intervals["rank"].notna().sum())

    def village(self, code: str) -> Village:
        """Return a village of the register."""
        return next(village for village in self.material.register if village.code == code)

    def typed(self, code: str) -> pd.Series | None:
        """Return what is known of a village's type; None where it has none."""
        rows = self.typology.villages
        here = rows[rows["village_code"] == code]
        return here.iloc[0] if len(here) else None

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Code of a village -> name."""
        return {village.code: village.name for village in self.material.register}


def facts_of(material: ReportMaterial) -> Facts:
    """Compute what the reports tell.

    Parameters
    ----------
    material
        The data.

    Raises
    ------
    BadInput
        When the dataset lacks years, villages or indices; all that lack at once.
    """
    dataset = material.dataset
    wanted = ("village_code", "year", *VALUES)
    lacking = [name for name in wanted if name not in dataset.frame.columns]
    if lacking:
        raise BadInput(
            Problem(
                material.version, f"it has no {name!r}", "Name a dataset of villages by year with the IDM."
            )
            for name in lacking
        )
    evidence = None
    if len(material.candidates):
        evidence = evidence_of(material.candidates, inputs=material.inputs, made=material.products_made)
    shown, n_of_products = _without_few(material)
    typology, n_of_types = types_to_tell(usual_types(dataset), dataset)
    return Facts(
        material=shown,
        ranks=_ranks(dataset),
        typology=typology,
        evidence=evidence,
        flagships={} if evidence is None else _flagships(evidence),
        merged=None if evidence is None else regency_list(evidence),
        matching=match_anywhere(
            material.candidates, material.demand, made=material.products_made or material.demand_made
        ),
        withheld=(withheld_message(n_of_types + n_of_products),),
    )


def _without_few(material: ReportMaterial) -> tuple[ReportMaterial, int]:
    """Return the material without figures of few makers, and how many of those reports tell go."""
    few = few_makers(material.candidates)
    shown = replace(material, candidates=without_few(material.candidates, few))
    return shown, int(few[[name for name in TOLD_OF_PRODUCTS if name in few]].to_numpy().sum())


def _ranks(dataset: Dataset) -> composite.RankUncertainty:
    """Rank by the published IDM, and by other weights and the other mean."""
    names = [*DIMENSIONS, "idm"]
    parents = [*["idm"] * 3, ""]
    table = pd.DataFrame({"indicator": names, "direction": 1, "weight": 1, "parent": parents}).assign(
        low=[0, 0, 0, None], high=[1, 1, 1, None],
        label_en=[name.upper() for name in names], label_id=[name.upper() for name in names],
    )  # fmt: skip
    index = composite.build_index(
        dataset, composite.declare(table), options=composite.Options(normalisation="goalposts")
    )
    return composite.monte_carlo(
        index,
        alternatives={"aggregation": ["arithmetic", "geometric"]},
        weight_noise=WEIGHT_NOISE,
        n_draws=N_DRAWS,
    )


def _flagships(evidence: Evidence) -> dict[str, RankIntervals]:
    areas = sorted(evidence.scores().index.unique("kecamatan_code"))
    found = {code: kecamatan_intervals(evidence, code) for code in areas}
    return {code: ranks for code, ranks in found.items() if ranks is not None}
