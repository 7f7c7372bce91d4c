"""Published studies computed again with our estimators, to see whether the house gives what is in print."""

from pk_research.policy.replications.result import Replications
from pk_research.policy.replications.run import WORKS, replicate
from pk_research.policy.replications.work import Data, Printed, Work

__all__ = ["WORKS", "Data", "Printed", "Replications", "Work", "replicate"]
