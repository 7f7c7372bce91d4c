"""Poverty, inequality and income of a population, from a survey and the way it was drawn.

`survey_design` says how; `mean`, `total`, `ratio`, `share`, `quantile`, `poverty`, `poverty_shares` and
`inequality` estimate, each for all and by group; `change` compares two surveys; `bootstrap` checks the
doubt a second time.
"""

from pk_research.policy.welfare.bootstrap import Bootstrap, bootstrap
from pk_research.policy.welfare.change import Change, change
from pk_research.policy.welfare.design import SurveyDesign, survey_design
from pk_research.policy.welfare.estimate import Estimate, mean, quantile, ratio, share, total
from pk_research.policy.welfare.inequality import inequality
from pk_research.policy.welfare.money import Rupiah
from pk_research.policy.welfare.poverty import RelativeLine, poverty, poverty_shares

__all__ = [
    "Bootstrap",
    "Change",
    "Estimate",
    "RelativeLine",
    "Rupiah",
    "SurveyDesign",
    "bootstrap",
    "change",
    "inequality",
    "mean",
    "poverty",
    "poverty_shares",
    "quantile",
    "ratio",
    "share",
    "survey_design",
    "total",
]
