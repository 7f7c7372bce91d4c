"""How often one may try, counted in the memory of this process."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from enum import Enum

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from pk_research.store.access.refusals import TooMany


class Rate(Enum):
    """How many attempts are heard in how many minutes, from one account or one address.

    An address may be a whole village behind one mobile connection, of whom fifty come at once.
    """

    SIGN_IN_BY_ACCOUNT = RateLimitItemPerMinute(10, 15)
    SIGN_IN_BY_ORIGIN = RateLimitItemPerMinute(200, 15)
    ENTER_BY_ORIGIN = RateLimitItemPerMinute(300, 15)
    RESUME_BY_ORIGIN = RateLimitItemPerMinute(120, 15)


@dataclass(frozen=True)
class RateLimiter:
    """Counts attempts under keys; give it hashes, so that it holds no name and no address.

    Examples
    --------
    >>> limiter = RateLimiter()
    >>> for attempt in range(10):
    ...     limiter.spend(Rate.SIGN_IN_BY_ACCOUNT, "5e88")
    >>> limiter.spend(Rate.SIGN_IN_BY_ACCOUNT, "5e88")
    Traceback (most recent call last):
    ...
    pk_research.store.access.refusals.TooMany: access: too many attempts. Try again in ... seconds.
    """

    storage: MemoryStorage = field(default_factory=MemoryStorage)

    def spend(self, rate: Rate, key: str) -> None:
        """Count an attempt.

        Raises
        ------
        TooMany
            When there were as many as the rate allows; this one is not counted.
        """
        limiter = MovingWindowRateLimiter(self.storage)
        item: RateLimitItem = rate.value
        if not limiter.hit(item, rate.name, key):
            free_at = limiter.get_window_stats(item, rate.name, key).reset_time
            raise TooMany(max(1, math.ceil(free_at - time.time())))

    def forget(self, rate: Rate, key: str) -> None:
        """Start counting anew, as after the right password."""
        MovingWindowRateLimiter(self.storage).clear(rate.value, rate.name, key)
