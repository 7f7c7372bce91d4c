"""What a village could build on: its candidates, and how sure the order of its kecamatan is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pk_research.apps.products.material import DIGITS, Material
from pk_research.errors import BadInput
from pk_research.products.flagship import (
    Comparison,
    Evidence,
    RankIntervals,
    borda,
    compare_methods,
    evidence_of,
    list_by_kecamatan,
)
from pk_research.products.flagship.usual import ALIKE, PLACES, usual_intervals

if TYPE_CHECKING:
    from pk_research.products.flagship import Ranking


@dataclass(frozen=True, eq=False)
class KecamatanFlagships:
    """The products of a kecamatan in order, and how sure it is.

    Attributes
    ----------
    evidence
        What is known of all products in all kecamatan.
    comparison
        Ranks by several methods; None where fewer than two products can be compared.
    intervals
        Ranks with scores and weights drawn anew; None likewise.
    """

    evidence: Evidence
    comparison: Comparison | None
    intervals: RankIntervals | None


def evidence_in(material: Material) -> Evidence:
    """Return what is known of each product in each kecamatan."""
    return evidence_of(material.candidates, inputs=material.inputs, made=material.made)


def regency_list(evidence: Evidence) -> Ranking:
    """Return the products of the regency, merged from the lists of all kecamatan by Borda."""
    return borda(list_by_kecamatan(evidence, weights=ALIKE), places=PLACES)


def flagships_of(evidence: Evidence, place_code: str) -> KecamatanFlagships:
    """Rank the products of a kecamatan by several methods, with intervals.

    Parameters
    ----------
    evidence
        From `evidence_in`.
    place_code
        The kecamatan, or a village of it.
    """
    scores = evidence.scores()
    area = place_code[:DIGITS]
    if area not in scores.index.get_level_values("kecamatan_code"):
        return KecamatanFlagships(evidence, None, None)
    here = scores.xs(area, level="kecamatan_code")
    try:
        intervals = usual_intervals(here, evidence)
        return KecamatanFlagships(evidence, compare_methods(intervals.decision), intervals)
    except BadInput:
        return KecamatanFlagships(evidence, None, None)
