"""Did it work: every estimator answers with one kind of result, its doubt included."""

from pk_research.policy.effects.effect import CrossCheck, Diagnostic, Effect, Estimator, Sample

__all__ = ["CrossCheck", "Diagnostic", "Effect", "Estimator", "Sample"]
