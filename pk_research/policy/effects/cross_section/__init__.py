"""Units seen once: compared as they are, adjusted, weighted, matched, at a line, or pushed by lot."""

from pk_research.policy.effects.cross_section.contrast import difference_in_means
from pk_research.policy.effects.cross_section.cutoff import effect_at_cutoff
from pk_research.policy.effects.cross_section.entropy import entropy_balanced_effect
from pk_research.policy.effects.cross_section.instrument import effect_by_instrument
from pk_research.policy.effects.cross_section.learned import learned_effect
from pk_research.policy.effects.cross_section.matching import matched_effect, nearest_pairs
from pk_research.policy.effects.cross_section.selection import normalised_differences, propensity
from pk_research.policy.effects.cross_section.study import Study, read_study
from pk_research.policy.effects.cross_section.weighting import adjusted_effect

__all__ = [
    "Study",
    "adjusted_effect",
    "difference_in_means",
    "effect_at_cutoff",
    "effect_by_instrument",
    "entropy_balanced_effect",
    "learned_effect",
    "matched_effect",
    "nearest_pairs",
    "normalised_differences",
    "propensity",
    "read_study",
]
