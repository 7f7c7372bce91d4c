"""How much one network address may ask of the server: a bucket of tokens that fills again with time."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network

MOST_BUCKETS = 50_000
# What an address has in hand when it comes: a village behind one mobile connection opens at once.
BURST_MINUTES = 0.5


class Buckets:
    """A bucket for every address.

    Parameters
    ----------
    per_minute
        How many tokens flow into each in a minute; it holds those of half a minute.
    clock
        Seconds; replaced in tests.

    Notes
    -----
    A full bucket is as good as none, so the one that was used longest ago is given up when there are too
    many. An IPv6 address stands for the 64-bit network it is in, which one customer has all of.

    Examples
    --------
    >>> now = [0.0]
    >>> buckets = Buckets(120, clock=lambda: now[0])
    >>> [buckets.wait_s("192.0.2.7", 30) for _ in range(3)]
    [0, 0, 15]
    >>> now[0] += 15
    >>> buckets.wait_s("192.0.2.7", 30)
    0
    """

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_minute / 60
        self._full = max(1.0, per_minute * BURST_MINUTES)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, address: str, cost: float = 1) -> int:
        """Take tokens from the bucket of an address.

        Parameters
        ----------
        address
            The network address of whoever asks.
        cost
            How many; what costs more than a bucket holds costs a whole one.

        Returns
        -------
        int
            0 when they were there; else none was taken, and they will be in so many seconds.
        """
        now, whose, cost = self._clock(), household(address), min(cost, self._full)
        left, since = self._buckets.pop(whose, (self._full, now))
        left = min(self._full, left + (now - since) * self._per_s)
        is_enough = left >= cost
        self._buckets[whose] = (left - cost if is_enough else left, now)
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return 0 if is_enough else max(1, math.ceil((cost - left) / self._per_s))


def household(address: str) -> str:
    """Return what counts as one for an address: itself, or the 64-bit network an IPv6 address is in.

    Examples
    --------
    >>> household("192.0.2.7"), household("2001:db8::7")
    ('192.0.2.7', '2001:db8::/64')
    """
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        return str(ip_network(f"{known}/64", strict=False))
    return address
