"""Draws that depend on the seed and on what they are for, never on one another."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Chance:
    """A seed, and the streams derived from it by name.

    Adding a variable, or drawing one twice as long, changes no other.

    Examples
    --------
    >>> Chance(1).uniform("a", (1,)) == Chance(1).uniform("a", (2,))[:1]
    array([ True])
    """

    seed: int

    def stream(self, name: str) -> np.random.Generator:
        """Return the generator that belongs to ``name``."""
        return np.random.default_rng([self.seed, crc32(name.encode())])

    def normal(self, name: str, shape: tuple[int, ...]) -> Array:
        """Draw standard normal values."""
        return self.stream(name).standard_normal(shape)

    def uniform(self, name: str, shape: tuple[int, ...]) -> Array:
        """Draw values between 0 and 1."""
        return self.stream(name).random(shape)
