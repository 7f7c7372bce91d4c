"""Taking fillings in: checked first, then kept in one transaction, then acknowledged."""

from pk_research.store.receiving.intake import Intake, InTransaction
from pk_research.store.receiving.keeping import Receipt, Sender, receipt_of
from pk_research.store.receiving.understanding import ZONE

__all__ = ["ZONE", "InTransaction", "Intake", "Receipt", "Sender", "receipt_of"]
