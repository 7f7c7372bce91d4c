"""How often the survey app is asked by one visitor, or from one address, before it says: not so fast."""

from __future__ import annotations

import math
import time
from enum import Enum

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from pk_research.store.access import TooMany


class Pace(Enum):
    """How many requests are heard in how many minutes.

    An address may be a whole village behind one mobile connection, of whom fifty fill at once; a visitor
    types fast at most. An owner is an account, or an invitation with all who share it.
    """

    PAGES_BY_ORIGIN = RateLimitItemPerMinute(6000)
    DRAFTS_BY_ORIGIN = RateLimitItemPerMinute(600, 15)
    DRAFTS_BY_OWNER = RateLimitItemPerMinute(200, 15)
    RECEIPTS_BY_ORIGIN = RateLimitItemPerMinute(150)
    ANSWERS_BY_VISITOR = RateLimitItemPerMinute(600)
    FILES_BY_VISITOR = RateLimitItemPerMinute(60)


class Paces:
    """Counts requests under keys; give it hashes, so that it holds no name and no address.

    Examples
    --------
    >>> paces = Paces()
    >>> for request in range(60):
    ...     paces.keep(Pace.FILES_BY_VISITOR, "5e88")
    >>> paces.keep(Pace.FILES_BY_VISITOR, "5e88")
    Traceback (most recent call last):
    ...
    pk_research.store.access.refusals.TooMany: access: too many attempts. Try again in ... seconds.
    """

    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def keep(self, pace: Pace, key: str) -> None:
        """Count a request.

        Raises
        ------
        TooMany
            When there were as many as the pace allows.
        """
        item: RateLimitItem = pace.value
        if not self._limiter.hit(item, pace.name, key):
            free_at = self._limiter.get_window_stats(item, pace.name, key).reset_time
            raise TooMany(max(1, math.ceil(free_at - time.time())))
