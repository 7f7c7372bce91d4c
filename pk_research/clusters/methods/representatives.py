"""k-medoids on Gower's distance: villages with gaps, grades and categories, around real villages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from joblib import Parallel, delayed

from pk_research.clusters.gower import MATRIX_ROWS, Gower, full_matrix, gower
from pk_research.clusters.methods.grouping import (
    Grouping,
    canonical_order,
    check_request,
    share_same,
    versions_of,
)
from pk_research.clusters.methods.medoids import Medoids, assigned, build, pam, swapped
from pk_research.clusters.mixed import Mixed
from pk_research.clusters.partition import Points
from pk_research.clusters.threads import one_thread
from pk_research.compute.chance import derived_seed
from pk_research.errors import BadInput, Problem
from pk_research.language import Message

SAMPLE = 2_000
DRAWS = 5
SHOWN = 5


def k_medoids(
    villages: Mixed,
    ks: Sequence[int],
    *,
    weights: Mapping[str, float] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    n_jobs: int | None = None,
) -> tuple[Grouping, ...]:
    """Group villages around the most central village of each group, whatever their variables are.

    Up to `MATRIX_ROWS` distinct villages all pairs are compared (PAM). Above, medoids are sought in
    ``draws`` samples of `SAMPLE` villages each, all villages go to the nearest, and the draw with
    the smallest cost over all villages is kept (CLARA); the result says so.

    Parameters
    ----------
    villages
        From `mixed`; gaps are allowed.
    ks
        Numbers of groups.
    weights
        Weight of each variable, above 0; 1 for those not named.
    draws
        Samples of large data.
    seed, n_jobs
        Seed of the samples, without chance below that size; workers, as in joblib.

    Returns
    -------
    tuple of Grouping
        With ``medoids`` and the criterion ``mean_distance``, 0 to 1.

    Raises
    ------
    BadInput
        When villages have no variable in common, so that nothing can be said of their distance.

    References
    ----------
    Kaufman and Rousseeuw (1990), Finding groups in data, chapters 2 and 3.
    """
    points = villages.points
    check_request(points, ks, n_starts=draws, seed=seed)
    measure = gower(villages, weights=weights)
    if len(points.rows) <= MATRIX_ROWS:
        distances = full_matrix(measure, n_jobs=n_jobs)
        _check_comparable(distances, np.arange(len(points.rows)), points)
        best = _pam(distances, ks, points.weights, n_jobs)
        return tuple(_grouping(points, [found], ()) for found in best)
    # Threads share the table of the country, which would have to be sent to processes.
    with one_thread():
        found = Parallel(n_jobs=n_jobs, prefer="threads")(
            delayed(_clara)(points, measure, ks, derived_seed(seed, draw)) for draw in range(draws)
        )
    note = Message(
        "The villages that represent the types were sought in {draws} random samples of {n} villages;"
        " every village then went to the nearest of them",
        {"draws": draws, "n": SAMPLE},
    )
    return tuple(_grouping(points, candidates, (note,)) for candidates in zip(*found, strict=True))


def _pam(
    distances: np.ndarray, ks: Sequence[int], weights: np.ndarray, n_jobs: int | None
) -> Sequence[Medoids]:
    weight = weights.astype(float)
    # The limit of one thread is the process's: held here, none that ends lifts it for the others.
    with one_thread():
        first = build(distances, max(ks), weight)
        found: Sequence[Medoids] = Parallel(n_jobs=n_jobs, prefer="threads")(
            delayed(_swapped)(distances, first[:k], weight) for k in ks
        )
    return found


def _swapped(distances: np.ndarray, medoids: np.ndarray, weights: np.ndarray) -> Medoids:
    with one_thread():
        return swapped(distances, medoids, weights)


def _clara(points: Points, measure: Gower, ks: Sequence[int], seed: int) -> list[Medoids]:
    """Find medoids in one sample and give every point to the nearest."""
    at_point = np.repeat(np.arange(len(points.rows)), points.weights)
    drawn = np.random.default_rng(seed).choice(at_point, size=SAMPLE, replace=False)
    sample, counts = np.unique(drawn, return_counts=True)
    if max(ks) > len(sample):
        raise BadInput(
            Problem(
                "k",
                f"{max(ks)} groups were asked for, but only {len(sample)} of {SAMPLE} drawn villages differ",
                f"Ask for at most {len(sample)}.",
            )
        )
    with one_thread():
        distances = full_matrix(measure.among(sample))
        _check_comparable(distances, sample, points)
        parts = pam(distances, ks, weights=counts)
    return [_everywhere(measure, points, sample[part.medoids]) for part in parts]


def _everywhere(measure: Gower, points: Points, medoids: np.ndarray) -> Medoids:
    to_medoids = measure.distances(medoids, slice(None))
    to_medoids[np.arange(len(medoids)), medoids] = 0
    _check_comparable(to_medoids.T, np.arange(len(points.rows)), points)
    return assigned(to_medoids, medoids, points.weights)


def _check_comparable(distances: np.ndarray, at: np.ndarray, points: Points) -> None:
    """Raise when a distance is unknown; name the villages about which least is known."""
    unknown = np.isnan(distances)
    if not unknown.any():
        return
    concerned = at[unknown.any(axis=1)]
    gaps = np.isnan(points.rows[concerned]).sum(axis=1)
    poorest = concerned[np.argsort(-gaps, kind="stable")]
    rows = [int(np.flatnonzero(points.index == point)[0]) + 1 for point in poorest[:SHOWN]]
    raise BadInput(
        Problem(
            "villages",
            f"{len(concerned)} different ones have no variable in common with some other, so that their"
            f" distance is unknown; least is known of row {', '.join(map(str, rows))}",
            "Leave out the villages with most gaps, or add variables that every village has.",
        )
    )


def _grouping(points: Points, found: Sequence[Medoids], notes: tuple[Message, ...]) -> Grouping:
    best = min(found, key=lambda medoids: medoids.cost)
    old, labels = canonical_order(best.labels)
    return Grouping(
        method="k_medoids",
        k=len(old),
        labels=labels,
        criteria={"mean_distance": best.cost / points.n_villages},
        medoids=best.medoids[old],
        share_same=share_same(labels, [medoids.labels for medoids in found], points.weights),
        notes=notes,
        versions=versions_of("numpy", "scipy"),
    )
