"""The types of one year as a yardstick for others: which is nearest to a village, and how surely.

Another year is put on the scale of the first. A village goes to the nearest centre; it is on the
border by the same two rules as in the first year. Its silhouette is measured against the villages
of the first year, and where these were grouped again in repetitions, the centres of each
repetition are applied too: its probability is the share of them that say the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.metrics import pairwise_distances, pairwise_distances_chunked

from pk_research.clusters.certainty import DRAW, match_labels
from pk_research.clusters.divide import divide_again
from pk_research.clusters.partition import Points, distinct_points
from pk_research.clusters.request import Method
from pk_research.clusters.silhouette import REFERENCE_PER_GROUP
from pk_research.clusters.stability import drawn_weights
from pk_research.clusters.typology import BORDER, SURE, Typology
from pk_research.compute.chance import derived_seed, drawn

STARTS = 5
REFERENCE = 10
WORKING_MIB = 64


@dataclass(frozen=True, eq=False)
class Yardstick:
    """A typology that can be applied to other villages; all rows are in its scaled units.

    Attributes
    ----------
    names
        The variables.
    mean, sd
        What scaled them.
    centres
        One row a type.
    again
        The centres of each repetition, one (k, variables) table each; missing where a repetition
        has no such type. Empty without repetitions.
    reference, reference_types
        Villages of the first year, at most 2,000 of each type, and their type from 0.
    own_share
        Share of the first year's villages that the nearest centre gives the type they have; 1
        for k-means, less for methods with other rules.
    """

    names: tuple[str, ...]
    mean: np.ndarray
    sd: np.ndarray
    centres: np.ndarray
    again: np.ndarray
    reference: np.ndarray
    reference_types: np.ndarray
    own_share: float

    def applied(self, villages: pd.DataFrame) -> pd.DataFrame:
        """Return the villages with ``cluster``, ``probability`` and ``is_border``.

        ``probability`` is missing without repetitions.
        """
        rows, index = np.unique(self._scaled(villages), axis=0, return_inverse=True)
        nearest = _nearest(rows, self.centres)
        probability = np.full(len(rows), np.nan)
        if len(self.again):
            probability = np.mean([_nearest(rows, each) == nearest for each in self.again], axis=0)
        is_border = (self._widths(rows, nearest) < BORDER) | (probability < SURE)
        index = index.reshape(-1)
        return villages.assign(
            cluster=nearest[index] + 1, probability=probability[index], is_border=is_border[index]
        )

    def clusters(self, villages: pd.DataFrame) -> np.ndarray:
        """Return the cluster with the nearest centre, from 1, for each village."""
        return _nearest(self._scaled(villages), self.centres) + 1

    def _scaled(self, villages: pd.DataFrame) -> np.ndarray:
        values = villages[list(self.names)].to_numpy(dtype=float)
        return np.asarray((values - self.mean) / self.sd)

    def _widths(self, rows: np.ndarray, own: np.ndarray) -> np.ndarray:
        """Return silhouette widths against the villages of the first year."""
        member = np.eye(len(self.centres))[self.reference_types]
        member /= member.sum(axis=0)
        means = np.vstack(
            list(
                pairwise_distances_chunked(
                    rows,
                    self.reference,
                    reduce_func=lambda distances, _: distances @ member,
                    working_memory=WORKING_MIB,
                )
            )
        )
        each = np.arange(len(rows))
        within = means[each, own]
        means[each, own] = np.inf
        between = means.min(axis=1)
        larger = np.maximum(within, between)
        return np.asarray(np.divide(between - within, larger, out=np.zeros(len(rows)), where=larger > 0))


def yardstick_of(
    typology: Typology, *, with_repetitions: bool = True, n_jobs: int | None = None
) -> Yardstick:
    """Make a yardstick of a typology.

    Parameters
    ----------
    typology
        The result for one year; where its certainty was measured, its repetitions are done again
        to have their centres.
    with_repetitions
        False to leave them out: then it tells no probability.
    n_jobs
        Workers, as in joblib.
    """
    names = tuple(variable.name for variable in typology.variables)
    values = typology.villages[list(names)].to_numpy(dtype=float)
    is_z = typology.scale == "z"
    points = distinct_points(values, scale=typology.scale)
    types = typology.villages["cluster"].to_numpy(dtype=int) - 1
    labels = np.empty(len(points.rows), dtype=int)
    labels[points.index] = types
    scaled = points.rows[points.index]
    middles = np.stack([scaled[types == group].mean(axis=0) for group in range(typology.k)])
    n_draws = typology.certainty.n_draws if typology.certainty and with_repetitions else 0
    method: Method = typology.method  # type: ignore[assignment]
    again = Parallel(n_jobs=n_jobs)(
        delayed(_centres_again)(points, labels, method, seed=typology.seed, draw=draw)
        for draw in range(n_draws)
    )
    chosen = np.concatenate(
        [
            np.flatnonzero(types == group)[
                drawn(int((types == group).sum()), REFERENCE_PER_GROUP, typology.seed, REFERENCE, group)
            ]
            for group in range(typology.k)
        ]
    )
    return Yardstick(
        names=names,
        mean=values.mean(axis=0) if is_z else np.zeros(len(names)),
        sd=values.std(axis=0) if is_z else np.ones(len(names)),
        centres=middles,
        again=np.array(again).reshape(n_draws, typology.k, len(names)),
        reference=scaled[chosen],
        reference_types=types[chosen],
        own_share=float(np.mean(_nearest(scaled, middles) == types)),
    )


def _centres_again(points: Points, labels: np.ndarray, method: Method, *, seed: int, draw: int) -> np.ndarray:
    """Return the centres of one repetition in the order of the types; missing where it has none."""
    k = int(labels.max()) + 1
    weights = drawn_weights(points, seed, draw)
    among = np.flatnonzero(weights)
    rows, weights = points.rows[among], weights[among]
    again = divide_again(rows, weights, k, method, n_starts=STARTS, seed=derived_seed(seed, DRAW, draw))
    matched = match_labels(labels[among], again, weights, k)[again]
    found = np.full((k, rows.shape[1]), np.nan)
    for group in np.unique(matched):
        of_group = matched == group
        found[group] = np.average(rows[of_group], axis=0, weights=weights[of_group])
    return found


def _nearest(rows: np.ndarray, middles: np.ndarray) -> np.ndarray:
    known = np.flatnonzero(~np.isnan(middles).any(axis=1))
    return np.asarray(known[pairwise_distances(rows, middles[known]).argmin(axis=1)])
