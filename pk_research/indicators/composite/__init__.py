"""A composite index from one small table: scores, ranks, and how sure each rank is.

`declare` reads the table, `build_index` computes the index, `monte_carlo` gives rank intervals,
`drivers_of_ranks` says which choice moves them, `side_by_side` and `removals` what each other choice
and each element does, and `reweighted` answers "what if" while somebody moves a slider.
"""

from pk_research.indicators.composite.ahp import Priorities, ahp
from pk_research.indicators.composite.build import build_index
from pk_research.indicators.composite.choices import Removals, SideBySide, removals, side_by_side
from pk_research.indicators.composite.declaration import Declaration, declare, read_declaration
from pk_research.indicators.composite.doubt import BenefitOfTheDoubt, benefit_of_the_doubt
from pk_research.indicators.composite.index import CompositeIndex
from pk_research.indicators.composite.options import Options
from pk_research.indicators.composite.proposal import village_potential, village_potential_options
from pk_research.indicators.composite.sensitivity import (
    Sensitivity,
    drivers_of_ranks,
    effect_of_removal,
    sobol_indices,
)
from pk_research.indicators.composite.uncertainty import RankUncertainty, monte_carlo
from pk_research.indicators.composite.whatif import reweighted

__all__ = [
    "BenefitOfTheDoubt",
    "CompositeIndex",
    "Declaration",
    "Options",
    "Priorities",
    "RankUncertainty",
    "Removals",
    "Sensitivity",
    "SideBySide",
    "ahp",
    "benefit_of_the_doubt",
    "build_index",
    "declare",
    "drivers_of_ranks",
    "effect_of_removal",
    "monte_carlo",
    "read_declaration",
    "removals",
    "reweighted",
    "side_by_side",
    "sobol_indices",
    "village_potential",
    "village_potential_options",
]
