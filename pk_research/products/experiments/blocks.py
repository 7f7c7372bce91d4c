"""Blocks of a design: each respondent answers one, and each shows every level about equally often."""

from __future__ import annotations

import numpy as np

from pk_research.compute.chance import derived_rng

BLOCKS = 31
N_STARTS = 10


def balanced_blocks(counts: np.ndarray, n_blocks: int, *, seed: int = 0) -> np.ndarray:
    """Divide sets into blocks of equal size so that levels are shown alike.

    Parameters
    ----------
    counts
        Sets by levels of all attributes: how often a set shows the level.
    n_blocks
        Number of blocks; divides the number of sets.
    seed
        Seed of the starts.

    Returns
    -------
    ndarray
        Block of each set, from 1.

    Examples
    --------
    >>> blocks = balanced_blocks(np.array([[2, 0], [2, 0], [0, 2], [0, 2]]), 2)
    >>> blocks[0] != blocks[1] and blocks[2] != blocks[3]
    np.True_
    """
    if n_blocks == 1:
        return np.ones(len(counts), dtype=int)
    found = [_improved(counts, n_blocks, derived_rng(seed, BLOCKS, start)) for start in range(N_STARTS)]
    best = min(found, key=lambda blocks: imbalance(counts, blocks))
    order = {block: n for n, block in enumerate(dict.fromkeys(best.tolist()), 1)}
    return np.array([order[block] for block in best.tolist()])


def imbalance(counts: np.ndarray, blocks: np.ndarray) -> float:
    """Return the sum over levels of the variance over blocks of how often they are shown."""
    shown = np.array([counts[blocks == block].sum(axis=0) for block in np.unique(blocks)])
    return float(shown.var(axis=0).sum())


def _improved(counts: np.ndarray, n_blocks: int, rng: np.random.Generator) -> np.ndarray:
    """Exchange two sets as long as that helps."""
    blocks = rng.permutation(np.arange(len(counts)) % n_blocks)
    best = imbalance(counts, blocks)
    pairs = [(a, b) for a in range(len(counts)) for b in range(a)]
    is_better = True
    while is_better:
        is_better = False
        for a, b in pairs:
            if blocks[a] == blocks[b]:
                continue
            blocks[[a, b]] = blocks[[b, a]]
            now = imbalance(counts, blocks)
            if now < best - 1e-12:
                best, is_better = now, True
            else:
                blocks[[a, b]] = blocks[[b, a]]
    return blocks
