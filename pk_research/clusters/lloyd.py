"""k-means of many draws at once: the groups scikit-learn would find, several times sooner.

Firmness asks for thousands of k-means, in which most time goes into getting ready and into
measuring again what did not change. Here all starts of several draws move together. Distances are
measured in single precision; only points whose nearest centre that leaves open are measured again
in double, and only points that change group move a centre.

Rounding differs from scikit-learn's, so wherever it might decide (two centres as near, two starts
as good, a shift at the tolerance, a group left empty) the draw is given to scikit-learn itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans

from pk_research.clusters.cloud import Cloud, Drawn, chances, first_centres

NEAR = 1e-9  # of squared distances, where the farthest point lies at 1 from the mean
SINGLE = float(np.finfo(np.float32).eps)
MOST = 128
MAX_STEPS = 300
TOGETHER = 60_000  # points of all starts moved together, to stay within the cache
TOLERANCE = 1e-4


@dataclass(frozen=True, eq=False)
class Grouped:
    """The best of several starts.

    Attributes
    ----------
    labels
        Group of each point, from 0.
    centres
        Centre of each group, one row a group.
    """

    labels: np.ndarray
    centres: np.ndarray


def k_means(
    draws: Sequence[Drawn], k: int, *, n_starts: int, centres: Sequence[np.ndarray] | None = None
) -> list[Grouped]:
    """Group every draw by k-means, as ``sklearn.cluster.KMeans`` would.

    Parameters
    ----------
    draws
        The draws; none influences another.
    k
        Number of groups, at most the number of points of any draw.
    n_starts
        Starts in each draw.
    centres
        For each draw the centres to start from, in place of k-means++; there is one start then.

    References
    ----------
    Lloyd (1982), Least squares quantization in PCM.

    Examples
    --------
    >>> rows = np.array([[0.0], [1.0], [8.0], [9.0], [9.5]])
    >>> (found,) = k_means([Drawn(rows, np.ones(5), seed=0)], 2, n_starts=3)
    >>> sorted(found.centres.ravel().round(2).tolist())
    [0.5, 8.83]
    """
    given = dict(enumerate(centres or []))
    # With as many groups as points every choice is a tie; and those near are counted in eight bits.
    clouds = {n: Cloud.of(drawn) for n, drawn in enumerate(draws) if 1 < k < min(len(drawn.rows), MOST)}
    clouds = {n: cloud for n, cloud in clouds.items() if 0 < cloud.unit < np.inf}
    chance = chances([draws[n].seed for n in clouds], k, n_starts)
    begun = {
        n: cloud.within(given[n])[None] if given else first_centres(cloud, k, next(chance))
        for n, cloud in clouds.items()
    }
    runs = {n: begin for n, begin in begun.items() if begin is not None}
    best: dict[int, Grouped | None] = {}
    for some in _batches([(n, len(begin) * len(clouds[n].rows)) for n, begin in runs.items()]):
        settled = _settle([clouds[n] for n in some], [runs[n] for n in some])
        best.update((n, _best(starts)) for n, starts in zip(some, settled, strict=True))
    return [
        Grouped(found.labels, clouds[n].outside(found.centres))
        if (found := best.get(n)) is not None
        else _by_scikit_learn(drawn, k, n_starts=n_starts, given=given.get(n))
        for n, drawn in enumerate(draws)
    ]


def _batches(sizes: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    """Split numbered draws into batches of about `TOGETHER` points."""
    batch: list[int] = []
    points = 0
    for n, size in sizes:
        if batch and points + size > TOGETHER:
            yield batch
            batch, points = [], 0
        batch.append(n)
        points += size
    if batch:
        yield batch


def _by_scikit_learn(drawn: Drawn, k: int, *, n_starts: int, given: np.ndarray | None) -> Grouped:
    if given is None:
        model = KMeans(k, n_init=n_starts, random_state=drawn.seed)
    else:
        model = KMeans(k, n_init=1, init=given)
    model.fit(drawn.rows, sample_weight=drawn.weights)
    return Grouped(model.labels_, model.cluster_centers_)


@dataclass(frozen=True, eq=False)
class _Settled:
    """One start at its end."""

    labels: np.ndarray
    centres: np.ndarray
    inertia: float


def _best(starts: Sequence[_Settled | None]) -> Grouped | None:
    """Return the first start no other betters; ``None`` where a start is in doubt or two are as good."""
    best = starts[0]
    for start in starts:
        if best is None or start is None:
            return None
        if start.inertia >= best.inertia * (1 + NEAR) or _same_groups(start, best):
            continue
        if start.inertia > best.inertia * (1 - NEAR):
            return None
        best = start
    return None if best is None else Grouped(best.labels, best.centres)


def _same_groups(one: _Settled, other: _Settled) -> bool:
    k = len(one.centres)
    return int(np.count_nonzero(np.bincount(one.labels * k + other.labels, minlength=k * k))) == k


def _settle(clouds: Sequence[Cloud], begun: Sequence[np.ndarray]) -> list[list[_Settled | None]]:
    """Move the centres of every start until nothing changes or they move less than the tolerance."""
    runs = _Runs(clouds, begun)
    active = np.arange(len(runs.centres))
    last = np.zeros(len(active), dtype=bool)
    found: dict[int, _Settled | None] = {}
    for step in range(MAX_STEPS + 1):
        changed, doubtful = runs.regroup(active)
        ended = last | doubtful | (~changed & (step > 0))
        for run, doubt in zip(active[ended].tolist(), doubtful[ended].tolist(), strict=True):
            found[run] = None if doubt else runs.settled(run)
        active = active[~ended]
        if not len(active):
            break
        last, doubtful = runs.move(active)
        last |= step == MAX_STEPS - 1
        found.update(dict.fromkeys(active[doubtful].tolist()))
        active, last = active[~doubtful], last[~doubtful]
    ends = np.cumsum([len(start) for start in begun])
    return [
        [found[run] for run in range(end - len(start), end)] for end, start in zip(ends, begun, strict=True)
    ]


class _Runs:
    """The state of all starts; the points of all, one start after the other, are *places*.

    ``labels`` holds the group of each place, and ``own`` where its distance to its own centre stands
    among the distances of its start; ``sums``, over the points of each group, the sum of every
    variable and the number of villages; ``sides`` the factors that turn a point into its squared
    distance from a centre, less that from the mean: -2 c and c c.
    """

    def __init__(self, clouds: Sequence[Cloud], begun: Sequence[np.ndarray]) -> None:
        n_starts = [len(starts) for starts in begun]
        n_rows = np.array([len(cloud.rows) for cloud in clouds])
        self.centres = np.concatenate(begun)
        self.cloud = [cloud for cloud, n in zip(clouds, n_starts, strict=True) for _ in range(n)]
        self.n = np.repeat(n_rows, n_starts)
        self.first = np.concatenate([[0], np.cumsum(self.n)])
        self.first_row = np.repeat(np.cumsum(n_rows) - n_rows, n_starts)
        self.rows = np.concatenate([cloud.rows for cloud in clouds])
        self.weighted = self.rows.T * np.concatenate([cloud.weights for cloud in clouds])
        singles = [np.ascontiguousarray(cloud.rows.T, dtype=np.float32) for cloud in clouds]
        self.single = [single for single, n in zip(singles, n_starts, strict=True) for _ in range(n)]
        _, self.k, self.n_variables = self.centres.shape
        self.near_single = np.float32(4 * (self.n_variables + 4) * SINGLE)
        self.lightest = np.array([cloud.weights.min() for cloud in self.cloud])
        spread = np.array([cloud.squares.mean() for cloud in self.cloud])
        self.tolerance = TOLERANCE * spread / self.n_variables
        self.sides = np.empty((len(self.centres), self.k, self.n_variables + 1))
        self.sums = np.empty_like(self.sides)
        self.labels = np.empty(self.first[-1], dtype=np.intp)
        self.own = np.empty_like(self.labels)
        self._face(np.arange(len(self.centres)))
        for run in range(len(self.centres)):
            self._guess(run)

    def _face(self, active: np.ndarray) -> None:
        centres = self.centres[active]
        self.sides[active, :, :-1] = -2 * centres
        self.sides[active, :, -1] = (centres * centres).sum(axis=2)

    def _guess(self, run: int) -> None:
        """Give every point of a start to the centre nearest in single precision."""
        labels = _nearest(self._distances(run), self.near_single)[0]
        places = slice(self.first[run], self.first[run + 1])
        rows = slice(self.first_row[run], self.first_row[run] + self.n[run])
        self.labels[places] = labels
        self.own[places] = labels * self.n[run] + np.arange(self.n[run])
        self.sums[run] = (labels == np.arange(self.k)[:, None]) @ self.weighted[:, rows].T

    def _distances(self, run: int) -> np.ndarray:
        return np.asarray(self.sides[run].astype(np.float32) @ self.single[run])

    def regroup(self, active: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give every point to its nearest centre; return which starts changed and which are in doubt."""
        self._face(active)
        undecided = [self._undecided(run) for run in active.tolist()]
        which = np.repeat(np.arange(len(active)), [len(points) for points, _ in undecided])
        points = np.concatenate([points for points, _ in undecided])
        labels, open_ = _nearest(np.concatenate([found for _, found in undecided], axis=1), self.near_single)
        runs = active[which]
        rows, places = self.first_row[runs] + points, self.first[runs] + points
        exact = (self.sides[runs[open_]] @ self.rows[rows[open_], :, None])[:, :, 0]
        labels[open_] = exact.argmin(axis=1)
        ties = (exact < exact.min(axis=1, keepdims=True) + NEAR).sum(axis=1) > 1
        before = self.labels[places]
        new = (labels != before).nonzero()[0]
        self._change(runs[new], points[new], before[new], labels[new])
        changed, doubtful = np.zeros((2, len(active)), dtype=bool)
        changed[which[new]] = True
        doubtful[which[open_[ties]]] = True
        empty = self.sums[active, :, -1].min(axis=1) < self.lightest[active] / 2
        return changed, doubtful | empty

    def _undecided(self, run: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the points to which another centre may be as near as their own, and their distances."""
        distances = self._distances(run)
        own = distances.reshape(-1).take(self.own[self.first[run] : self.first[run + 1]])
        near = distances < own + self.near_single
        points = (near.view(np.int8).sum(axis=0, dtype=np.int8) > 1).nonzero()[0]
        return points, distances.take(points, axis=1)

    def _change(self, runs: np.ndarray, points: np.ndarray, before: np.ndarray, after: np.ndarray) -> None:
        places = self.first[runs] + points
        self.labels[places] = after
        self.own[places] = after * self.n[runs] + points
        rows, groups, left = self.first_row[runs] + points, runs * self.k + after, runs * self.k + before
        moved = np.empty((self.n_variables + 1, self.k * len(self.sums)))
        for variable, values in zip(moved, self.weighted, strict=True):
            some = values.take(rows)
            variable[:] = np.bincount(groups, some, len(variable)) - np.bincount(left, some, len(variable))
        self.sums += moved.T.reshape(self.sums.shape)

    def move(self, active: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Move centres to the means; return which starts have settled and for which that is in doubt."""
        sums, tolerance = self.sums[active], self.tolerance[active]
        centres = sums[:, :, :-1] / sums[:, :, -1:]
        shift = ((centres - self.centres[active]) ** 2).sum(axis=(1, 2))
        self.centres[active] = centres
        return shift <= tolerance, np.abs(shift - tolerance) <= 1e-7 * tolerance

    def settled(self, run: int) -> _Settled:
        """Return one start as it is."""
        cloud = self.cloud[run]
        return _Settled(
            labels=self.labels[self.first[run] : self.first[run + 1]],
            centres=self.centres[run],
            inertia=float(cloud.weights @ cloud.squares + (self.sides[run] * self.sums[run]).sum()),
        )


def _nearest(distances: np.ndarray, near: np.float32) -> tuple[np.ndarray, np.ndarray]:
    """Return for each column its nearest row, and the columns in which another is about as near.

    Where only one is near, the sum of the numbers of the near ones is its number: several times
    faster than ``argmin``.
    """
    is_near = (distances < distances.min(axis=0) + near).astype(np.float32)
    last = len(distances) - 1
    labels = np.minimum(np.arange(last + 1, dtype=np.float32) @ is_near, last).astype(np.intp)
    return labels, (is_near.sum(axis=0) > 1).nonzero()[0]
