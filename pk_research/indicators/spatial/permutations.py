"""How often chance alone would give such neighbours: permutations with a seed.

The statistics are those of GeoDa and of PySAL's esda, which the tests compare with. The permutations
are ours, because esda 2.9 sets NumPy's global seed, gives one-sided probabilities, lets the order of
the rows decide which values are drawn, and needs numba to be quick.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from pk_research.indicators.spatial.aligned import Aligned

PERMUTATIONS_A_BLOCK = 50
# Sums of the same numbers in another order differ by rounding; they are ties all the same.
ROUNDING = 1e-9


def permuted_moran(given: Aligned, *, n_permutations: int, seed: int, n_jobs: int | None) -> np.ndarray:
    """Return Moran's I of the values dealt out anew to all villages.

    Parameters
    ----------
    given
        Values and neighbours.
    n_permutations
        How often.
    seed
        Of all chance.
    n_jobs
        Workers, as in joblib; any number gives the same bytes.
    """
    from joblib import Parallel, delayed

    weights = given.links.multiply(1 / given.degrees[:, None]).tocsr()
    sizes = [
        min(PERMUTATIONS_A_BLOCK, n_permutations - done)
        for done in range(0, n_permutations, PERMUTATIONS_A_BLOCK)
    ]
    seeds = np.random.SeedSequence(seed).spawn(len(sizes))
    parts = Parallel(n_jobs=n_jobs)(
        delayed(_moran_block)(given.z, weights, size, block_seed)
        for size, block_seed in zip(sizes, seeds, strict=True)
    )
    return np.concatenate(parts)


def _moran_block(
    z: np.ndarray, weights: sparse.csr_array, size: int, seed: np.random.SeedSequence
) -> np.ndarray:
    generator = np.random.default_rng(seed)
    dealt = np.column_stack([generator.permutation(z) for _ in range(size)])
    moran: np.ndarray = (dealt * (weights @ dealt)).sum(axis=0) / (z**2).sum()
    return moran


def neighbour_p(given: Aligned, *, n_permutations: int, seed: int) -> np.ndarray:
    """Return, for each village, how probable such neighbours are by chance; two-sided.

    The village keeps its value; its neighbours' are drawn from all others without replacement.
    Local Moran and Getis-Ord G* both rise or fall with the sum of the neighbours' values alone, so
    that one probability serves both.

    Parameters
    ----------
    given
        Values and neighbours.
    n_permutations
        How often; the same draws of places serve all villages, which takes some 20 bytes times
        ``n_permutations`` times the largest number of neighbours.
    seed
        Of all chance.

    Returns
    -------
    numpy.ndarray
        Twice the smaller tail, at most 1; at least 2 / (n_permutations + 1).

    References
    ----------
    Anselin (1995), Local indicators of spatial association, Geographical Analysis 27, for
    conditional permutation.
    """
    z, degrees = given.z, given.degrees
    observed = given.links @ z
    draws = _draws(given.n - 1, int(degrees.max()), n_permutations, seed)
    # Row d - 1: the sums of d drawn values, one a permutation.
    sums = np.cumsum(z[draws], axis=0)
    above, below = np.empty(given.n), np.empty(given.n)
    for degree in np.unique(degrees):
        rows, in_order = degrees == degree, np.sort(sums[degree - 1])
        above[rows] = n_permutations - np.searchsorted(in_order, observed[rows] - ROUNDING, side="left")
        below[rows] = np.searchsorted(in_order, observed[rows] + ROUNDING, side="right")
    # A village is no neighbour of itself: where it was drawn, the last village, which never is, stands in.
    step, draw = np.nonzero(np.arange(len(draws))[:, None] < degrees[draws])
    row = draws[step, draw]
    drawn = sums[degrees[row] - 1, draw]
    meant = drawn - z[row] + z[-1]
    lowest, highest = observed[row] - ROUNDING, observed[row] + ROUNDING
    above += np.bincount(row, (meant >= lowest) * 1.0 - (drawn >= lowest), given.n)
    below += np.bincount(row, (meant <= highest) * 1.0 - (drawn <= highest), given.n)
    return two_sided_p(above, below, n_permutations)


def _draws(n: int, most: int, n_permutations: int, seed: int) -> np.ndarray:
    """Return places drawn without replacement: one column a permutation, any first d rows a draw of d."""
    generator = np.random.default_rng(seed)
    draws = np.empty((most, n_permutations), dtype=np.int32)
    for n_drawn in range(n_permutations):
        draws[:, n_drawn] = generator.choice(n, size=most, replace=False)
    return draws


def two_sided_p(above: np.ndarray, below: np.ndarray, n_permutations: int) -> np.ndarray:
    """Return twice the smaller share of permutations at least as extreme, the observed counted.

    Examples
    --------
    >>> two_sided_p(np.array([0, 4]), np.array([3, 1]), 4).tolist()
    [0.4, 0.8]
    """
    p: np.ndarray = np.minimum(1.0, 2 * (np.minimum(above, below) + 1) / (n_permutations + 1))
    return p
