"""Who can supply whom: a raw material that another village makes, a stage that another village has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual, Language
from pk_research.products.distances import some
from pk_research.products.synergy import words
from pk_research.products.synergy.inputs import by_text, check_distance, read_candidates
from pk_research.products.value_chain.stages import STAGES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Need = tuple[str, str, str, str]  # village, kind, what, product
Has = tuple[str, str, str, str | None]
COLUMNS = ("from_village", "to_village", "kind", "what", "product", "distance_km")


@dataclass(frozen=True, eq=False)
class Supply:
    """Links from villages that have something to villages that need it.

    Attributes
    ----------
    links
        One row a link: ``from_village``, ``to_village``, ``kind`` ("material" or "stage"), ``what``
        (the raw material or the stage), ``product`` it is needed for, ``distance_km``; by place of
        need, nearest first.
    at_home
        One row a need that the village meets itself: ``village_code``, ``kind``, ``what``,
        ``product``.
    unmet
        One row a need that nobody within the distance meets: ``village_code``, ``kind``, ``what``,
        ``product``, ``nearest_village`` and ``nearest_km`` that has it (missing where nobody has).
    unknown
        Candidates whose raw material is not known: ``village_code`` and ``product``; nothing can be
        said of their needs.
    max_km
        The distance that counts.
    names, product_names
        For people: village code -> name, product or material -> label.
    made
        True for made data.
    """

    links: pd.DataFrame
    at_home: pd.DataFrame
    unmet: pd.DataFrame
    unknown: pd.DataFrame
    max_km: float
    names: Mapping[str, str]
    product_names: Mapping[str, Bilingual | str]
    made: bool

    @property
    def by_village(self) -> pd.DataFrame:
        """One row a village (the index): ``n_supplies`` and ``n_supplied_by`` other villages."""
        gives = self.links.groupby("from_village")["to_village"].nunique()
        takes = self.links.groupby("to_village")["from_village"].nunique()
        table = pd.DataFrame({"n_supplies": gives, "n_supplied_by": takes}).fillna(0).astype(int)
        return table.rename_axis("village_code")

    def table(self, language: Language) -> pd.DataFrame:
        """Return the links for people."""
        return words.links_table(self, language)

    def unmet_table(self, language: Language) -> pd.DataFrame:
        """Return the needs that nobody near meets, for people."""
        return words.unmet_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell how many needs are met at home, by neighbours, and not at all."""
        return words.supply_account(self, language)

    def plot(self, language: Language, places: pd.DataFrame, *, width_px: float = 800) -> Figure:
        """Draw the network where the villages lie; ``places`` as in `Plants.plot`."""
        from pk_research.products.synergy.pictures import plot_supply

        return plot_supply(self, places, language, width_px=width_px)


def supply_links(
    candidates: pd.DataFrame,
    distances: pd.DataFrame,
    *,
    max_km: float,
    stages: pd.DataFrame | None = None,
    names: Mapping[str, str] | None = None,
    product_names: Mapping[str, Bilingual | str] | None = None,
    made: bool = False,
) -> Supply:
    """Find which villages can supply which.

    Parameters
    ----------
    candidates
        One row a village and product: ``village_code``, ``product`` and ``raw_materials``, a tuple
        of product ids; empty where they are not known.
    distances
        Kilometres between villages, square; missing where there is no way.
    max_km
        How far a supply may come.
    stages
        What each village can do itself: ``village_code``, ``product``, ``stage_code`` and
        ``is_done_here``; a village that lacks a stage can have it done where it is done for the
        same product. Rows without an answer say nothing.
    names, product_names
        For people.
    made
        True for made data.

    Raises
    ------
    BadInput
        When tables are at fault.

    Examples
    --------
    >>> km = pd.DataFrame([[0.0, 4.0], [4.0, 0.0]], index=["A", "B"], columns=["A", "B"])
    >>> candidates = pd.DataFrame({"village_code": ["A", "B"], "product": ["chips", "cassava"],
    ...                            "raw_materials": [("cassava",), ()]})
    >>> supply_links(candidates, km, max_km=5).links[["from_village", "to_village"]].values.tolist()
    [['B', 'A']]
    """
    check_distance(max_km)
    rows = read_candidates(candidates, distances, ("raw_materials",))
    needs = [
        (row.village_code, "material", material, row.product)
        for row in rows.itertuples()
        for material in sorted(row.raw_materials)
    ]
    has: list[Has] = [(row.village_code, "material", row.product, None) for row in rows.itertuples()]
    if stages is not None:
        lacking, done = _stages(stages, rows)
        needs += lacking
        has += done
    holders: dict[tuple[str, str, str | None], list[str]] = {}
    for village, kind, what, product in sorted(has, key=str):
        holders.setdefault((kind, what, product), []).append(village)
    km = by_text(distances)
    found = [_met(need, holders, km, max_km) for need in sorted(needs)]
    unknown = rows.loc[[not materials for materials in rows["raw_materials"]], ["village_code", "product"]]
    return Supply(
        links=pd.DataFrame([link for links, _, _ in found for link in links], columns=list(COLUMNS)),
        at_home=pd.DataFrame(
            [home for _, home, _ in found if home], columns=["village_code", "kind", "what", "product"]
        ),
        unmet=pd.DataFrame(
            [unmet for _, _, unmet in found if unmet],
            columns=["village_code", "kind", "what", "product", "nearest_village", "nearest_km"],
        ),
        unknown=unknown.reset_index(drop=True),
        max_km=max_km,
        names=dict(names or {}),
        product_names=dict(product_names or {}),
        made=made,
    )


def _stages(stages: pd.DataFrame, rows: pd.DataFrame) -> tuple[list[Need], list[Has]]:
    absent = [
        name
        for name in ("village_code", "product", "stage_code", "is_done_here")
        if name not in stages.columns
    ]
    if absent:
        raise BadInput(Problem("stages", f"there is no column {', '.join(absent)}", "Add it."))
    unknown = sorted(set(stages["stage_code"].dropna().astype(str)) - set(STAGES))
    if unknown:
        raise BadInput(Problem(f"stage_code {some(unknown)}", "no such stage", f"Use {', '.join(STAGES)}."))
    known = stages.dropna(subset=["stage_code", "is_done_here"])
    known = known.assign(village_code=known["village_code"].astype(str))
    ours = set(zip(rows["village_code"], rows["product"], strict=True))
    answers = [
        (row.village_code, "stage", str(row.stage_code), row.product, bool(row.is_done_here))
        for row in known.itertuples()
        if (row.village_code, row.product) in ours
    ]
    lacking: list[Need] = [answer[:4] for answer in answers if not answer[4]]
    return lacking, [answer[:4] for answer in answers if answer[4]]


def _met(
    need: Need,
    holders: Mapping[tuple[str, str, str | None], list[str]],
    distances: pd.DataFrame,
    max_km: float,
) -> tuple[list[tuple[object, ...]], Need | None, tuple[object, ...] | None]:
    """Return the links that meet a need, or that it is met at home, or that it is not met."""
    village, kind, what, product = need
    sources = holders.get((kind, what, None if kind == "material" else product), [])
    if village in sources:
        return [], need, None
    if not sources:
        return [], None, (*need, None, np.nan)
    km = distances.loc[sources, village].to_numpy(dtype=float)
    order = [n for n in np.argsort(km, kind="stable") if np.isfinite(km[n])]
    near = [n for n in order if km[n] <= max_km]
    if near:
        return [(sources[n], village, kind, what, product, float(km[n])) for n in near], None, None
    if not order:
        return [], None, (*need, None, np.nan)
    return [], None, (*need, sources[order[0]], float(km[order[0]]))
