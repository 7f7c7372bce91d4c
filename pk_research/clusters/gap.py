"""The gap statistic: how much tighter groups are than those of villages without any groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from sklearn.metrics.pairwise import euclidean_distances

from pk_research.clusters.partition import Points, partitions
from pk_research.clusters.threads import one_thread
from pk_research.compute.chance import derived_rng, derived_seed, drawn

MEASURED = 2_000
DRAW_VILLAGES, DRAW_REFERENCE = (0, 4), 5


@dataclass(frozen=True, eq=False)
class Gap:
    """The gap statistic for every k.

    Attributes
    ----------
    ks
        Numbers of groups, 1 included.
    gap
        Mean of log(W) over villages without groups, minus log(W) of the real ones; W is the sum
        over groups of the mean distance between two of its villages times half its size.
    standard_error
        Of each gap, simulation error included.
    n_measured
        Number of villages measured.
    """

    ks: tuple[int, ...]
    gap: tuple[float, ...]
    standard_error: tuple[float, ...]
    n_measured: int

    @property
    def k(self) -> int:
        """The smallest k whose gap is at least that of the next one less its standard error."""
        for n in range(len(self.ks) - 1):
            if self.gap[n] >= self.gap[n + 1] - self.standard_error[n + 1]:
                return self.ks[n]
        return self.ks[-1]


def gap_statistic(
    points: Points,
    ks: Sequence[int],
    *,
    n_references: int = 50,
    n_starts: int = 5,
    seed: int = 0,
    n_jobs: int | None = None,
) -> Gap:
    """Compare the tightness of k-means groups with that in reference villages without groups.

    The references are uniform over the box along the principal components, as R's ``clusGap``
    draws them, and distances are not squared, as there.

    Parameters
    ----------
    points
        The villages as points; above 2,000 villages that many are drawn at random.
    ks
        Numbers of groups; 1 is added.
    n_references
        Number of reference samples.
    n_starts
        Starts of k-means in each.
    seed
        Seed of all chance; each reference has a seed of its own derived from it.
    n_jobs
        Workers, as in joblib.

    References
    ----------
    Tibshirani, Walther and Hastie (2001), Estimating the number of clusters in a data set via
    the gap statistic.
    """
    villages = drawn(points.n_villages, MEASURED, seed, *DRAW_VILLAGES)
    values = points.rows[points.index[villages]]
    ks = sorted({1, *ks})
    real = _log_spread(values, ks, n_starts, seed)
    found = Parallel(n_jobs=n_jobs)(
        delayed(_reference)(values, ks, n_starts, seed, n) for n in range(n_references)
    )
    references = np.array(found)
    error = references.std(axis=0) * np.sqrt(1 + 1 / n_references)
    return Gap(
        ks=tuple(ks),
        gap=tuple((references.mean(axis=0) - real).tolist()),
        standard_error=tuple(error.tolist()),
        n_measured=len(values),
    )


def _reference(values: np.ndarray, ks: Sequence[int], n_starts: int, seed: int, n: int) -> np.ndarray:
    centred = values - values.mean(axis=0)
    with one_thread():
        axes = np.linalg.svd(centred, full_matrices=False)[2]
        turned = centred @ axes.T
    rng = derived_rng(seed, DRAW_REFERENCE, n)
    reference = rng.uniform(turned.min(axis=0), turned.max(axis=0), size=turned.shape)
    return _log_spread(reference, ks, n_starts, derived_seed(seed, DRAW_REFERENCE, n))


def _log_spread(values: np.ndarray, ks: Sequence[int], n_starts: int, seed: int) -> np.ndarray:
    cuts = partitions(Points.each(values), [k for k in ks if k > 1], n_starts=n_starts, seed=seed, n_jobs=1)
    groupings = [np.zeros(len(values), dtype=int), *(cut.labels for cut in cuts)]
    with one_thread():
        distances = euclidean_distances(values)
    return np.log([_spread(distances, labels) for labels in groupings])


def _spread(distances: np.ndarray, labels: np.ndarray) -> float:
    members = [np.flatnonzero(labels == group) for group in np.unique(labels)]
    return float(sum(distances[np.ix_(rows, rows)].sum() / (4 * len(rows)) for rows in members))
