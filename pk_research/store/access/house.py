"""What every part of access works with: database, key, clock, passwords, counters."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from pk_research.store.access.passwords import Passwords
from pk_research.store.access.rates import Rate, RateLimiter
from pk_research.store.actors import Actor, Role

STRANGER = Actor("house", "stranger", Role.RESPONDENT, frozenset())
"""Whoever is at the door and has not come in."""


@dataclass(frozen=True)
class House:
    """The ground accounts, invitations and sessions stand on.

    Attributes
    ----------
    engine
        The database.
    secret
        The key of the house.
    clock
        Says what time it is.
    passwords
        Keeps and checks passwords.
    limiter
        Counts attempts.
    """

    engine: Engine
    secret: bytes = field(repr=False)
    clock: Callable[[], datetime]
    passwords: Passwords = field(default_factory=Passwords)
    limiter: RateLimiter = field(default_factory=RateLimiter)

    def keyed(self, purpose: str, text: str) -> str:
        """Return a hash of something personal that only this house can make."""
        return hmac.digest(self.secret, f"{purpose}\n{text}".encode(errors="replace"), hashlib.sha256).hex()

    def attempt(self, rate: Rate, *, origin: str) -> None:
        """Count an attempt from a network address, of which a hash is kept for some minutes.

        Raises
        ------
        TooMany
            When there were too many.
        """
        self.limiter.spend(rate, self.keyed("origin", origin))
