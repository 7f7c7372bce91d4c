"""What the site shows, computed before: types, ranks, and each village's product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import gcd
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.apps.findings import choices
from pk_research.apps.findings.model import FindingsModel
from pk_research.apps.findings.page import NUMBERS
from pk_research.apps.findings.potential import Potential, potential_of
from pk_research.apps.findings.potential_html import standing
from pk_research.apps.products.material import material_of
from pk_research.apps.trouble import CannotShow
from pk_research.errors import NotReady, Problem
from pk_research.products.flagship import VillageFlagships, evidence_of, flagships_by_village
from pk_research.products.flagship.usual import ALIKE
from pk_research.register import Register, load_register
from pk_research.register.village import KECAMATAN_LENGTH

if TYPE_CHECKING:
    from pk_research.clusters import Typology
    from pk_research.sources import Dataset
    from pk_research.store import Store
    from pk_research.store.datasets import StoredDataset

Weights = tuple[int, ...]


@dataclass(frozen=True)
class Grid:
    """Which choices are computed before.

    Attributes
    ----------
    numbers
        Numbers of types; None for the one chosen from the data.
    levels
        Weights that a part of the index may have; the second counts as the usual one.
    """

    numbers: tuple[int | None, ...] = NUMBERS
    levels: tuple[int, ...] = (1, 2, 4)

    @property
    def usual(self) -> int:
        """The weight that parts have at first."""
        return self.levels[min(1, len(self.levels) - 1)]

    def weights(self, n_parts: int) -> tuple[Weights, ...]:
        """Return every combination that is not another one multiplied.

        Examples
        --------
        >>> Grid(levels=(1, 2)).weights(2)
        ((1, 1), (1, 2), (2, 1))
        """
        return tuple(dict.fromkeys(lowest_terms(one) for one in product(self.levels, repeat=n_parts)))


def lowest_terms(weights: Weights) -> Weights:
    """Divide weights by what they have in common.

    Examples
    --------
    >>> lowest_terms((2, 4))
    (1, 2)
    """
    common = gcd(*weights)
    return tuple(weight // common for weight in weights)


@dataclass(frozen=True, eq=False)
class Content:
    """Everything on the site.

    Attributes
    ----------
    entry, dataset
        The dataset shown: what the store knows of it, and its rows.
    shown, n_blanked
        The same rows without what tells of a few people or enterprises, for the pages of villages, and how
        many values that are.
    years
        Years it has, the latest first.
    grid
        The choices computed before.
    types
        Year and number of types (None for the one chosen from the data) -> types.
    potentials
        Year -> index of economic potential at its proposal; a year that gives none is not there.
    weighted
        Weights of the parts -> one row a scored village of the latest year, best first: ``village_code``,
        ``rank``, ``low``, ``high``, ``score``.
    flagships
        The product each village could build on; None where no candidates are known.
    villages
        Codes of the villages that have a page, sorted: those of the register, and others with data.
    register
        The villages by name.
    boundaries
        GeoJSON of village boundaries, for maps; None for tiles.
    """

    entry: StoredDataset
    dataset: Dataset
    shown: Dataset
    n_blanked: int
    years: tuple[int | None, ...]
    grid: Grid
    types: Mapping[tuple[int | None, int | None], Typology]
    potentials: Mapping[int | None, Potential]
    weighted: Mapping[Weights, pd.DataFrame]
    flagships: VillageFlagships | None
    villages: tuple[str, ...]
    register: Register
    boundaries: Path | None

    @property
    def latest(self) -> int | None:
        """The latest year."""
        return self.years[0]

    def name(self, code: str) -> str:
        """Return the name of a village: of the register, else of the data, else its code."""
        known = self.register.by_code(code)
        return known.name if known else self._told(code, "village") or code

    def area(self, code: str) -> str:
        """Return the name of a village's kecamatan, likewise."""
        known = self.register.by_code(code)
        return known.kecamatan if known else self._told(code, "kecamatan") or code[:KECAMATAN_LENGTH]

    def _told(self, code: str, column: str) -> str:
        rows = self.dataset.frame[self.dataset.frame["village_code"] == code]
        return str(rows[column].iloc[0]) if column in rows and len(rows) else ""


def gather(store: Store, *, grid: Grid | None = None, boundaries: Path | None = None) -> Content:
    """Compute everything on the site from what the store has; what a visitor of the apps finds first.

    Parameters
    ----------
    store
        The open store.
    grid
        The choices to compute before; every number of types and three weights a part by default.
    boundaries
        GeoJSON of village boundaries.

    Raises
    ------
    NotReady
        When there is no dataset of villages to show.
    """
    grid = grid or Grid()
    model = FindingsModel(store)
    if model.dataset is None or model.shown is None or model.typology is None:
        remedy = "Load one: `pk load FILE`, or `pk start` for the made sample."
        raise NotReady(Problem("the store", "it has no dataset of villages that can be shown", remedy))
    dataset = model.dataset
    entry = next(entry for entry in model.offered if entry.name == model.dataset_name)
    years = tuple(choices.years(dataset)) or (None,)
    types = {}
    for year in years:
        model.year = year
        for k in grid.numbers:
            model.k = k
            if model.typology is not None:
                types[year, k] = model.typology
    potentials = {year: found for year in years if (found := _potential(dataset, year, {})) is not None}
    register = load_register()
    return Content(
        entry=entry,
        dataset=dataset,
        shown=model.shown,
        n_blanked=model.n_withheld,
        years=years,
        grid=grid,
        types=types,
        potentials=potentials,
        weighted=_weighted(dataset, years[0], potentials.get(years[0]), grid),
        flagships=_flagships(store),
        villages=tuple(sorted({*(one.code for one in register), *dataset.frame["village_code"]})),
        register=register,
        boundaries=boundaries,
    )


def _potential(dataset: Dataset, year: int | None, weights: Mapping[str, float]) -> Potential | None:
    try:
        return potential_of(dataset, year=year, weights=weights)
    except CannotShow:
        return None


def _weighted(
    dataset: Dataset, year: int | None, proposal: Potential | None, grid: Grid
) -> dict[Weights, pd.DataFrame]:
    if proposal is None:
        return {}
    found = {}
    for weights in grid.weights(len(proposal.parts)):
        tried = _potential(dataset, year, dict(zip(proposal.parts, map(float, weights), strict=True)))
        if tried is not None:
            rows = standing(tried)
            found[weights] = rows[["village_code", "rank", "low", "high", "score"]].reset_index(drop=True)
    return found


def _flagships(store: Store) -> VillageFlagships | None:
    material = material_of(store)
    if material.candidates.empty:
        return None
    evidence = evidence_of(material.candidates, inputs=material.inputs, made=material.made)
    return flagships_by_village(material.candidates, evidence, weights=ALIKE, register=material.register)
