"""Who can supply whom: a raw material that another village makes, a stage that another village has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.language import Language
from pk_research.products.naming import Names
from pk_research.products.synergy import words
from pk_research.products.synergy.answers import answer_faults, read_answers
from pk_research.products.synergy.inputs import by_text, distance_faults, read_candidates

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Need = tuple[str, str, str, str]  # village, kind, what, product
Has = tuple[str, str, str, str | None]
Met = tuple[list[tuple[object, ...]], Need | None, tuple[object, ...] | None]
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
    n_stages_unanswered, n_stages_elsewhere, n_stages_repeated
        Rows of the stages that were not used: without a stage or an answer, of villages and products
        that are not candidates, and saying again what another row said.
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
    n_stages_unanswered: int
    n_stages_elsewhere: int
    n_stages_repeated: int
    max_km: float
    names: Names
    product_names: Names
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
    names: Names | None = None,
    product_names: Names | None = None,
    made: bool = False,
) -> Supply:
    """Find which villages can supply which.

    Parameters
    ----------
    candidates
        One row a village and product: ``village_code``, ``product`` and ``raw_materials``, a tuple
        (or list or array) of product ids; empty or missing where they are not known.
    distances
        Kilometres between villages, square; missing where there is no way.
    max_km
        How far a supply may come; finite.
    stages
        What each village can do itself: ``village_code``, ``product``, ``stage_code`` and
        ``is_done_here`` (true or false); a village that lacks a stage can have it done where it is
        done for the same product. Rows without an answer and rows of villages that are no candidates
        are counted, not used; a repeated answer counts once.
    names, product_names
        For people.
    made
        True for made data.

    Raises
    ------
    BadInput
        Naming everything wrong: tables at fault, answers that contradict each other.

    Examples
    --------
    >>> km = pd.DataFrame([[0.0, 4.0], [4.0, 0.0]], index=["A", "B"], columns=["A", "B"])
    >>> candidates = pd.DataFrame({"village_code": ["A", "B"], "product": ["chips", "cassava"],
    ...                            "raw_materials": [("cassava",), ()]})
    >>> supply_links(candidates, km, max_km=5).links[["from_village", "to_village"]].values.tolist()
    [['B', 'A']]
    """
    faults = distance_faults(max_km) + ([] if stages is None else answer_faults(stages))
    rows = read_candidates(candidates, distances, ("raw_materials",), also=faults)
    needs: list[Need] = [
        (row.village_code, "material", material, row.product)
        for row in rows.itertuples()
        for material in sorted(set(row.raw_materials))
    ]
    has: list[Has] = [(row.village_code, "material", row.product, None) for row in rows.itertuples()]
    answers = None if stages is None else read_answers(stages, rows)
    if answers is not None:
        for row in answers.rows.itertuples():
            (has if row.is_done_here else needs).append(
                (row.village_code, "stage", row.stage_code, row.product)
            )
    found = _all_met(sorted(needs), sorted(has, key=str), by_text(distances), max_km)
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
        n_stages_unanswered=answers.n_unanswered if answers else 0,
        n_stages_elsewhere=answers.n_elsewhere if answers else 0,
        n_stages_repeated=answers.n_repeated if answers else 0,
        max_km=max_km,
        names=dict(names or {}),
        product_names=dict(product_names or {}),
        made=made,
    )


def _all_met(needs: list[Need], has: list[Has], distances: pd.DataFrame, max_km: float) -> list[Met]:
    """Return how each need is met."""
    km = distances.to_numpy(dtype=float, na_value=np.nan)
    km = np.where(np.isnan(km), np.inf, km)
    row_of = {code: n for n, code in enumerate(distances.index)}
    column_of = {code: n for n, code in enumerate(distances.columns)}
    owned = set(has)
    holders: dict[tuple[str, str, str | None], list[str]] = {}
    for village, kind, what, product in has:
        holders.setdefault((kind, what, product), []).append(village)
    places = {key: np.array([row_of[code] for code in codes]) for key, codes in holders.items()}
    found: list[Met] = []
    for need in needs:
        village, kind, what, product = need
        key = (kind, what, None if kind == "material" else product)
        if (village, *key) in owned:
            found.append(([], need, None))
        elif key in holders:
            found.append(_met(need, holders[key], km[places[key], column_of[village]], max_km))
        else:
            found.append(([], None, (*need, None, np.nan)))
    return found


def _met(need: Need, sources: list[str], km: np.ndarray, max_km: float) -> Met:
    """Return the links that meet a need, or the nearest source where none is within the distance."""
    village, kind, what, product = need
    near = np.flatnonzero(km <= max_km)
    if len(near):
        near = near[np.argsort(km[near], kind="stable")]
        return [(sources[n], village, kind, what, product, float(km[n])) for n in near], None, None
    nearest = int(km.argmin())
    if np.isinf(km[nearest]):
        return [], None, (*need, None, np.nan)
    return [], None, (*need, sources[nearest], float(km[nearest]))
