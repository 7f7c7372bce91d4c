"""The shuffle of `randomize()`: the same order for the same seed."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from typing import TypeVar

Item = TypeVar("Item")

MODULUS = 2_147_483_647
MULTIPLIER = 16_807
LONG_MAX = 2**63 - 1


def shuffled(items: list[Item], source: float | str | Callable[[], float]) -> list[Item]:
    """Return the items in a random order.

    Parameters
    ----------
    items
        What to shuffle; left as it is.
    source
        A seed for the Park-Miller generator (a number, or a text that is hashed), or a function
        giving numbers in [0, 1).

    References
    ----------
    ODK XForms specification, `randomize()`.

    Examples
    --------
    >>> shuffled(["A", "B", "C", "D", "E", "F"], 42)
    ['A', 'F', 'C', 'B', 'D', 'E']
    """
    draw = source if callable(source) else _park_miller(_seed(source))
    result: list[Item] = []
    for index, item in enumerate(items):
        place = int(draw() * (index + 1))
        if place == index:
            result.append(item)
        else:
            result.append(result[place])
            result[place] = item
    return result


def _seed(source: float | str) -> int:
    if isinstance(source, str):
        if not source:
            return 0
        return int.from_bytes(hashlib.sha256(source.encode()).digest()[:8], "big", signed=True)
    if math.isinf(source):
        return LONG_MAX if source > 0 else -LONG_MAX - 1
    return math.trunc(source)


def _park_miller(seed: int) -> Callable[[], float]:
    state = (
        int(math.fmod(seed, MODULUS))
        if abs(seed) < 2**53
        else -(-seed % MODULUS)
        if seed < 0
        else seed % MODULUS
    )
    if state <= 0:
        state += MODULUS - 1

    def draw() -> float:
        nonlocal state
        state = state * MULTIPLIER % MODULUS
        return (state - 1) / (MODULUS - 1)

    return draw
