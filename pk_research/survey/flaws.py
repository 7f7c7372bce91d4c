"""What may be wrong with a submission."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pk_research.language import Message

Kind = Literal[
    "unreadable",
    "other form",
    "other version",
    "unknown",
    "repeated",
    "type",
    "not relevant",
    "calculated",
    "read-only",
    "choice",
    "range",
    "count",
    "required",
    "constraint",
]


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something a submission should not hold, or lacks.

    Attributes
    ----------
    path
        Where; empty for the whole submission.
    kind
        What sort of flaw.
    message
        A sentence about it.
    """

    path: str
    kind: Kind
    message: Message
