"""What the app is about: candidates and needs from submissions kept as datasets, or made ones."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.disclosure import few_makers, without_few
from pk_research.errors import PkError
from pk_research.register import Register, load_register
from pk_research.register.village import KECAMATAN_LENGTH

if TYPE_CHECKING:
    from pk_research.sources import Dataset, Step
    from pk_research.store import Store, StoredDataset

log = logging.getLogger(__name__)
FORMS = ("product_dossier", "umkm", "bumdes_profile", "village_potential")
REPEATS = {"umkm": "umkm_item", "bumdes_profile": "bumdes_profile_unit",
           "village_potential": "village_potential_candidate"}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Material:
    """What is known of products and buyers.

    Attributes
    ----------
    candidates
        One row a village and product, as in `products.catalogue.Catalogue.candidates`: all that is known.
        What anybody is shown, and what is reckoned again for each choice of a visitor, is of ``shown``.
    demand
        One row a buyer and need, as in `products.buyers.Needs.frame`; empty where nobody was asked.
    steps
        What was left out, and how often.
    register
        The villages.
    places
        Indexed by village code: ``latitude`` and ``longitude`` of a point inside the village; empty
        where no boundaries are set.
    experiment
        The choice experiment that was kept, as `products.experiments.experiment_dataset` makes it; None
        where there is none.
    made, is_demand_made
        Whether candidates, and needs, are made.
    inputs
        Hashes of the datasets behind the candidates.
    sources, demand_sources, experiment_sources
        What the store says of the datasets behind candidates, needs and tastes; empty where what was made
        for the program stands in.
    """

    candidates: pd.DataFrame
    demand: pd.DataFrame
    steps: tuple[Step, ...]
    register: Register
    places: pd.DataFrame
    made: bool
    is_demand_made: bool
    experiment: Dataset | None = None
    inputs: tuple[str, ...] = ()
    sources: tuple[StoredDataset, ...] = ()
    demand_sources: tuple[StoredDataset, ...] = ()
    experiment_sources: tuple[StoredDataset, ...] = ()

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Code of a village or kecamatan -> name."""
        villages = {village.code: village.name for village in self.register}
        return villages | {village.kecamatan_code: village.kecamatan for village in self.register}

    @cached_property
    def few(self) -> pd.DataFrame:
        """Which figures of ``candidates`` rest on too few makers, by `disclosure.few_makers`."""
        return few_makers(self.candidates)

    @cached_property
    def shown(self) -> pd.DataFrame:
        """The candidates as they may be told: figures that rest on too few makers are missing."""
        return without_few(self.candidates, self.few)

    @cached_property
    def products(self) -> tuple[str, ...]:
        """Products that some village can make, those of most villages first."""
        counts = self.candidates["product"].value_counts()
        return tuple(sorted(counts.index, key=lambda name: (-counts[name], name)))

    @cached_property
    def kecamatan(self) -> tuple[str, ...]:
        """Kecamatan with candidates, by name."""
        codes = set(self.candidates["village_code"].str[:KECAMATAN_LENGTH])
        return tuple(sorted(codes, key=lambda code: self.names.get(code, code)))

    def villages_of(self, kecamatan_code: str) -> tuple[str, ...]:
        """Return the villages with candidates of a kecamatan, or all for an empty code, by name."""
        codes = self.candidates["village_code"]
        chosen = set(codes[codes.str.startswith(kecamatan_code)])
        return tuple(sorted(chosen, key=lambda code: (self.names.get(code, code), code)))

    def distances(self) -> pd.DataFrame:
        """Return kilometres between villages with candidates, in a straight line.

        Where places are not known, villages of the same kecamatan count as neighbours (0 km) and all
        others have no way.
        """
        from pk_research.products.distances import great_circle_km

        codes = sorted(set(self.candidates["village_code"]))
        if len(self.places):
            return great_circle_km(self.places.loc[codes])
        area = np.array([code[:KECAMATAN_LENGTH] for code in codes])
        return pd.DataFrame(np.where(area[:, None] == area, 0.0, np.nan), index=codes, columns=codes)

    @property
    def is_mapped(self) -> bool:
        """Whether it is known where the villages lie."""
        return not self.places.empty


def material_of(store: Store, *, boundaries: Path | None = None) -> Material:
    """Gather what the app is about.

    Parameters
    ----------
    store
        The open store. What is shown here is open to everybody, so that only submissions count that
        somebody kept as datasets on purpose, each under the name of its questionnaire.
    boundaries
        GeoJSON of village boundaries, for distances and maps.
    """
    from pk_research.apps.products.made.tables import CANDIDATES, DEMAND, read_table
    from pk_research.products.buyers import needs_of
    from pk_research.products.buyers.needs import FORM, NEEDS
    from pk_research.products.catalogue import candidates_of
    from pk_research.products.experiments.kept import NAME as EXPERIMENT

    kept = {entry.name: entry for entry in store.datasets()}
    names = [name for form in FORMS for name in _tables_of(form, set(kept))]
    read = [store.read(name) for name in names]
    register = load_register()
    catalogue = candidates_of(*read, register=register) if read else None
    needs: tuple[Dataset, ...] = ()
    if {FORM, NEEDS} <= set(kept):
        needs = (store.read(FORM), store.read(NEEDS))
    demand = needs_of(needs) if needs else None
    is_alone = catalogue is None
    candidates = read_table(CANDIDATES) if catalogue is None else catalogue.candidates
    asked = read_table(DEMAND) if is_alone and demand is None else None
    return Material(
        candidates=candidates,
        demand=demand.frame if demand is not None else asked if asked is not None else pd.DataFrame(),
        steps=(*(catalogue.steps if catalogue else ()), *(demand.steps if demand else ())),
        register=register,
        places=_places(boundaries, set(candidates["village_code"])),
        made=True if catalogue is None else catalogue.made,
        is_demand_made=asked is not None or any(dataset.provenance.made for dataset in needs),
        experiment=store.read(EXPERIMENT) if EXPERIMENT in kept else None,
        inputs=() if catalogue is None else catalogue.inputs,
        sources=tuple(kept[name] for name in names),
        demand_sources=(kept[FORM], kept[NEEDS]) if needs else (),
        experiment_sources=(kept[EXPERIMENT],) if EXPERIMENT in kept else (),
    )


def _tables_of(form: str, kept: set[str]) -> tuple[str, ...]:
    """Return the tables of a questionnaire that are kept whole; none where a part is missing."""
    tables = (form, REPEATS[form]) if form in REPEATS else (form,)
    if set(tables) <= kept:
        return tables
    if form in kept:
        log.warning("%s is not used: %s is not kept beside it", form, REPEATS[form])
    return ()


def _places(boundaries: Path | None, wanted: set[str]) -> pd.DataFrame:
    """Return a point inside each village; nothing unless all that are wanted have an outline."""
    from pk_research.clusters.boundaries import inside_point, read_outlines

    none = pd.DataFrame(columns=["latitude", "longitude"], dtype=float)
    if boundaries is None:
        return none
    try:
        outlines = read_outlines(boundaries)
    except PkError:
        log.exception("the boundaries cannot be used: there is no map of products")
        return none
    points = {outline.code: inside_point(outline.rings) for outline in outlines}
    missing = sorted(wanted - set(points))
    if missing:
        log.warning("no map of products: %d villages have no outline, such as %s", len(missing), missing[0])
        return none
    codes = sorted(wanted)
    return pd.DataFrame(
        {"latitude": [points[code][1] for code in codes], "longitude": [points[code][0] for code in codes]},
        index=codes,
    )
