"""What a village could build on: its candidates, and how sure the order of its kecamatan is."""

from __future__ import annotations

from dataclasses import dataclass

from pk_research.apps.products.material import Material
from pk_research.products.flagship import (
    Comparison,
    Evidence,
    RankIntervals,
    compare_methods,
    evidence_of,
)
from pk_research.products.flagship.usual import kecamatan_intervals
from pk_research.register.village import KECAMATAN_LENGTH


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


def flagships_of(evidence: Evidence, place_code: str) -> KecamatanFlagships:
    """Rank the products of a kecamatan by several methods, with intervals.

    Parameters
    ----------
    evidence
        From `evidence_in`.
    place_code
        The kecamatan, or a village of it.
    """
    intervals = kecamatan_intervals(evidence, place_code[:KECAMATAN_LENGTH])
    if intervals is None:
        return KecamatanFlagships(evidence, None, None)
    return KecamatanFlagships(evidence, compare_methods(intervals.decision), intervals)
