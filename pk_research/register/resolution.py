"""What came of looking for a village: the village, or candidates and the reason for doubt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pk_research.language import Message
from pk_research.register.village import Village

How = Literal["code", "old code", "bps code", "name", "spelling", ""]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A village that may be meant.

    Attributes
    ----------
    village
        The village.
    score
        How well it fits, 0 to 100; 100 for the same code or the same name.
    reason
        Why it is here.
    """

    village: Village
    score: float
    reason: Message


@dataclass(frozen=True, slots=True)
class Resolution:
    """The answer to one entry.

    Attributes
    ----------
    village
        The village that is meant; None when that is not certain.
    candidates
        The villages that may be meant, best first: with a village, only that one.
    doubt
        Why no village could be named; None with a village.
    how
        What led to the village: ``"code"``, ``"old code"``, ``"bps code"``, ``"name"`` (the same
        letters) or ``"spelling"`` (other ones); empty without a village.
    """

    village: Village | None
    candidates: tuple[Candidate, ...]
    doubt: Message | None
    how: How


def certain(candidate: Candidate, how: How) -> Resolution:
    """Build the answer that names a village.

    Parameters
    ----------
    candidate
        The village, and the reason for it.
    how
        What led to it.
    """
    return Resolution(candidate.village, (candidate,), None, how)


def doubtful(doubt: Message, candidates: tuple[Candidate, ...] = ()) -> Resolution:
    """Build the answer that leaves the choice to a person.

    Parameters
    ----------
    doubt
        Why no village could be named.
    candidates
        The villages to choose from, best first; one that stands there twice is offered once.
    """
    offered: dict[str, Candidate] = {}
    for candidate in candidates:
        offered.setdefault(candidate.village.code, candidate)
    return Resolution(None, tuple(offered.values()), doubt, "")


def place(village: Village) -> str:
    """Name a village so that homonyms can be told apart.

    Parameters
    ----------
    village
        The village.
    """
    return f"{village.name} ({village.kecamatan}, {village.regency})"
