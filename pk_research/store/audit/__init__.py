"""The audit log: what was done, by whom, in a chain that cannot be changed unnoticed.

Every event holds the hash of the one before. An event also holds the digest of each row it wrote,
so that `Audit.verify` notices a row that was changed, taken away, or slipped in past the log.
"""

from pk_research.store.audit.chain import record
from pk_research.store.audit.log import Audit, AuditEvent
from pk_research.store.audit.rows import insert_sealed, sealed
from pk_research.store.audit.verification import Fault, Verification

__all__ = ["Audit", "AuditEvent", "Fault", "Verification", "insert_sealed", "record", "sealed"]
