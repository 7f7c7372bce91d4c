"""What a filling takes from outside, and what an answer to it changed."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a filling takes from outside: the clock, the dice, who is there.

    Attributes
    ----------
    zone
        Time zone of the respondent.
    clock
        Says what time it is, with a time zone.
    seed
        Seed of `random()` and of identifiers; None draws them from the operating system.
    properties
        What the client knows of its user: ``deviceid``, ``username``, ``email``...
    """

    zone: tzinfo = UTC
    clock: Callable[[], datetime] = _now
    seed: int | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """What an answer changed.

    Attributes
    ----------
    paths
        Paths of the nodes whose value, relevance, rules or choices are to be shown anew.
    structure
        Whether repeat instances came or went.
    """

    paths: tuple[str, ...]
    structure: bool


def dice_of(surroundings: Surroundings) -> tuple[Callable[[], float], Callable[[], str]]:
    """Return the source of random numbers and that of new identifiers.

    Examples
    --------
    >>> first, second = dice_of(Surroundings(seed=1)), dice_of(Surroundings(seed=1))
    >>> first[1]() == second[1]()
    True
    """
    dice = random.Random(surroundings.seed)  # noqa: S311 - for forms, not for secrets
    if surroundings.seed is None:
        return dice.random, lambda: str(uuid.uuid4())
    return dice.random, lambda: str(uuid.UUID(int=dice.getrandbits(128), version=4))
