"""All chance of a scenario: one stream a figure and one a village, whoever asks for it and when.

Two policies drawn with the same seed so meet the same luck, and differ only by what they are: a village
that takes one up is likely to take up the other, and figures that are declared alike (the same effect of the
same study, the same rate) are the same figure and move together. Figures that are declared differently
are drawn independently.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from pk_research.compute.chance import derived_rng
from pk_research.policy.costs.uncertain import Uncertain

N_AT_ONCE = 500
EDGE = np.finfo(float).tiny


@dataclass(frozen=True, slots=True)
class Block:
    """Some drawings that are made together.

    Attributes
    ----------
    number
        Of the block.
    n
        Drawings in it.
    seed
        Of all chance.
    """

    number: int
    n: int
    seed: int

    def figure(self, name: str, figure: Uncertain) -> np.ndarray:
        """Return one value a drawing; the same for the same figure of the same name."""
        if figure.shape == "fixed":
            return np.full(self.n, figure.mean)
        key = key_of(name, f"{figure.shape} {figure.mean!r} {figure.low!r} {figure.high!r} {figure.level!r}")
        places = derived_rng(self.seed, self.number, key).uniform(size=self.n)
        return figure.quantile(places.clip(EDGE, 1 - np.finfo(float).epsneg))

    def places(self, purpose: str, codes: Sequence[str]) -> np.ndarray:
        """Return shares between 0 and 1, one row a drawing, one column a village."""
        drawn = [
            derived_rng(self.seed, self.number, key_of(purpose, code)).uniform(size=self.n) for code in codes
        ]
        return np.array(drawn).reshape(len(codes), self.n).T.clip(EDGE, 1 - np.finfo(float).epsneg)

    def normals(self, purpose: str, codes: Sequence[str]) -> np.ndarray:
        """Return standard normal figures, one row a drawing, one column a village."""
        return np.asarray(special.ndtri(self.places(purpose, codes)))


def blocks(n_draws: int, seed: int) -> list[Block]:
    """Return the blocks of so many drawings; the last may be smaller."""
    starts = range(0, n_draws, N_AT_ONCE)
    return [Block(k, min(N_AT_ONCE, n_draws - start), seed) for k, start in enumerate(starts)]


def key_of(purpose: str, name: str) -> int:
    """Return a number that names a stream.

    Examples
    --------
    >>> key_of("take-up", "3216012001") == key_of("take-up", "3216012002")
    False
    """
    return int.from_bytes(hashlib.sha256(f"{purpose}\x1f{name}".encode()).digest()[:8], "big")
