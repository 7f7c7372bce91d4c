"""What a writer hands on: the bytes of a file, and what they could not hold."""

from __future__ import annotations

from dataclasses import dataclass

from pk_research.language import Message


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """A dataset in a file format.

    Attributes
    ----------
    data
        The bytes; the same for the same dataset.
    losses
        What the format could not hold or holds changed.
    """

    data: bytes
    losses: tuple[Message, ...] = ()
