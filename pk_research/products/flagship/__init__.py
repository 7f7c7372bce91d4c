"""Which products are flagships: KPJu as Bank Indonesia's studies do it, and how sure the answer is.

Candidates become evidence (`evidence_of`), evidence a list in each kecamatan (`list_by_kecamatan`), the
lists one list (`borda`); an experts' panel (`panel`) weighs the regency's criteria (`choose`) and the
sectors (`across_sectors`). Other methods stand beside (`compare_methods`), and `rank_intervals` says
which products can be told from which. `flagships_by_village` gives each village the best of its own,
and why. Weights are always inputs.
"""

from pk_research.products.flagship.agreement import Concordance, concordance, kendall_w, spearman
from pk_research.products.flagship.by_village import VillageFlagships, flagships_by_village
from pk_research.products.flagship.comparison import Comparison, compare_methods
from pk_research.products.flagship.criteria import IN_KECAMATAN, IN_REGENCY, criterion_name
from pk_research.products.flagship.decision import Decision, decision
from pk_research.products.flagship.evidence import Evidence, evidence_of
from pk_research.products.flagship.intervals import RankIntervals, rank_intervals
from pk_research.products.flagship.kecamatan import (
    KecamatanLists,
    borda,
    decision_of,
    going_on,
    list_by_kecamatan,
)
from pk_research.products.flagship.methods import (
    METHODS,
    ahp_value,
    bayes,
    mpe,
    promethee,
    topsis,
    vikor,
)
from pk_research.products.flagship.panel import Panel, consensus, merged_judgements, panel
from pk_research.products.flagship.panel_form import (
    PanelAnswers,
    judgements_of,
    panel_form,
    write_panel_form,
)
from pk_research.products.flagship.ranking import Ranking, across_sectors, choose

__all__ = [
    "IN_KECAMATAN",
    "IN_REGENCY",
    "METHODS",
    "Comparison",
    "Concordance",
    "Decision",
    "Evidence",
    "KecamatanLists",
    "Panel",
    "PanelAnswers",
    "RankIntervals",
    "Ranking",
    "VillageFlagships",
    "across_sectors",
    "ahp_value",
    "bayes",
    "borda",
    "choose",
    "compare_methods",
    "concordance",
    "consensus",
    "criterion_name",
    "decision",
    "decision_of",
    "evidence_of",
    "flagships_by_village",
    "going_on",
    "judgements_of",
    "kendall_w",
    "list_by_kecamatan",
    "merged_judgements",
    "mpe",
    "panel",
    "panel_form",
    "promethee",
    "rank_intervals",
    "spearman",
    "topsis",
    "vikor",
    "write_panel_form",
]
