"""How products are ranked as long as no experts have met: criteria alike, scores and weights in doubt."""

from __future__ import annotations

import pandas as pd

from pk_research.errors import BadInput
from pk_research.products.flagship.criteria import IN_KECAMATAN
from pk_research.products.flagship.decision import decision
from pk_research.products.flagship.evidence import Evidence
from pk_research.products.flagship.intervals import RankIntervals, rank_intervals
from pk_research.products.flagship.kecamatan import borda, list_by_kecamatan
from pk_research.products.flagship.ranking import Ranking

ALIKE = dict.fromkeys(IN_KECAMATAN, 1)
SCORE_SD = 0.5
WEIGHT_NOISE = 0.25
N_DRAWS = 300
PLACES = 5
BOUNDS = (1, 5)


def usual_intervals(scores: pd.DataFrame, evidence: Evidence) -> RankIntervals:
    """Rank the products of a kecamatan with their intervals.

    Parameters
    ----------
    scores
        One row a product of the kecamatan, of `Evidence.scores`.
    evidence
        Where they are from.

    Raises
    ------
    BadInput
        When fewer than two products can be compared, or a criterion is the same for all.

    Examples
    --------
    >>> from pk_research.products.flagship import evidence_of
    >>> candidates = pd.DataFrame({"village_code": ["3216012001", "3216012001"], "product": ["batik", "rice"],
    ...     "n_enterprises": [9, 2], "markets": [("online", "market"), ("market",)],
    ...     "sales_idr_month": [9e6, 2e6], "local_material_pct": [80.0, 50.0]})
    >>> evidence = evidence_of(candidates)
    >>> usual_intervals(evidence.scores().xs("321601"), evidence).intervals.index.tolist()
    ['batik', 'rice']
    """
    given = decision(scores, ALIKE, inputs=evidence.inputs, made=evidence.made)
    return rank_intervals(
        given, method="bayes", score_sd=SCORE_SD, bounds=BOUNDS, weight_noise=WEIGHT_NOISE, n_draws=N_DRAWS,
        n_jobs=1,
    )  # fmt: skip


def kecamatan_intervals(evidence: Evidence, kecamatan_code: str) -> RankIntervals | None:
    """Rank the products of a kecamatan; None where fewer than two of them can be compared."""
    scores = evidence.scores()
    if kecamatan_code not in scores.index.get_level_values("kecamatan_code"):
        return None
    try:
        return usual_intervals(scores.xs(kecamatan_code, level="kecamatan_code"), evidence)
    except BadInput:
        return None


def regency_list(evidence: Evidence) -> Ranking:
    """Return the products of the regency, merged from the lists of all kecamatan by Borda."""
    return borda(list_by_kecamatan(evidence, weights=ALIKE), places=PLACES)
