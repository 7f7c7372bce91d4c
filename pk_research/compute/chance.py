"""All chance derives from one seed: each piece of work has its own, whoever does it and when."""

from __future__ import annotations

import numpy as np


def derived_seed(seed: int, *key: int) -> int:
    """Return a seed of its own for each piece of work.

    Parameters
    ----------
    seed
        Seed of all chance.
    key
        Numbers that name the piece of work.

    Examples
    --------
    >>> derived_seed(0, 1) == derived_seed(0, 1) != derived_seed(0, 2)
    True
    """
    return int(_sequence(seed, key).generate_state(1)[0])


def derived_rng(seed: int, *key: int) -> np.random.Generator:
    """Return a generator of its own for each piece of work; parameters as in `derived_seed`."""
    return np.random.default_rng(_sequence(seed, key))


def drawn(n: int, most: int, seed: int, *key: int) -> np.ndarray:
    """Draw at most ``most`` of ``n`` without replacement; return their numbers, ascending.

    Examples
    --------
    >>> drawn(3, 5, 0).tolist(), len(drawn(9, 5, 0))
    ([0, 1, 2], 5)
    """
    if n <= most:
        return np.arange(n)
    return np.sort(derived_rng(seed, *key).choice(n, size=most, replace=False))


def _sequence(seed: int, key: tuple[int, ...]) -> np.random.SeedSequence:
    return np.random.SeedSequence(seed, spawn_key=key)
