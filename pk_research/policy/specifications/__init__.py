"""Every defensible way to ask: the same question specified many ways, all of them shown."""

from pk_research.policy.specifications.curve import SpecificationCurve, specification_curve

__all__ = ["SpecificationCurve", "specification_curve"]
