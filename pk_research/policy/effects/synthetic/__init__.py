"""One unit with the policy, or a few: compared with a mixture of others that was like it before."""

from pk_research.policy.effects.synthetic.control import synthetic_control
from pk_research.policy.effects.synthetic.differences import synthetic_differences

__all__ = ["synthetic_control", "synthetic_differences"]
