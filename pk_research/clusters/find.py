"""Find the types of villages in a dataset: the chapter's one entry."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import get_args

import numpy as np
import pandas as pd
import sklearn

from pk_research.clusters.certainty import certainty_of
from pk_research.clusters.choice import Choice, compare
from pk_research.clusters.divide import Method, as_partitions, divide
from pk_research.clusters.measures import centres
from pk_research.clusters.methods import each_village, spatial_ward
from pk_research.clusters.naming import propose_names
from pk_research.clusters.partition import Partition, Points, Scale, distinct_points
from pk_research.clusters.prepare import Prepared, code_column, prepare
from pk_research.clusters.profile import describe
from pk_research.clusters.silhouette import EXACT_POINTS, REFERENCE_PER_GROUP, widths_by_point
from pk_research.clusters.typology import BORDER, SURE, Typology
from pk_research.errors import BadInput, Problem
from pk_research.indicators.spatial import Neighbours
from pk_research.language import Message
from pk_research.sources.dataset import Dataset

K_RANGE = range(2, 11)
TYPICAL = 3


def find_types(
    dataset: Dataset,
    variables: Sequence[str],
    *,
    year: int | None = None,
    k: int | None = None,
    k_range: Iterable[int] = K_RANGE,
    scale: Scale = "z",
    method: Method = "k_means",
    neighbours: Neighbours | None = None,
    n_starts: int = 10,
    n_draws: int = 0,
    thorough: bool = False,
    seed: int = 0,
    n_jobs: int | None = None,
) -> Typology:
    """Group the villages of one year into types.

    Villages with the same values always share a type. The result does not depend on the order
    of the rows, the number of workers or the hash seed of Python.

    Parameters
    ----------
    dataset
        Rows keyed by village, or by village and year.
    variables
        Names of numeric variables; one is enough.
    year
        Year to compare; the latest by default.
    k
        Number of types; chosen from ``k_range`` when None, by the valleys between the villages
        and, where there are none, by silhouette.
    k_range
        Numbers of types to compare.
    scale
        ``"z"`` so that every variable weighs alike, ``"none"`` to take values as they are.
    method
        ``"k_means"``; ``"gaussian_mixture"`` for long, overlapping or unequal groups; ``"ward"`` for
        groups within groups; ``"spatial_ward"`` for regions, each in one piece.
        `pk_research.clusters.methods` has more.
    neighbours
        Who is whose neighbour, for ``"spatial_ward"``; it may know more villages than are compared.
    n_starts
        Starts for each k, of methods that start by chance.
    n_draws
        Repetitions on villages drawn anew, from which the probability of each village's type is
        counted; 0 for none.
    thorough
        Compare the k's by more measures, which takes longer; see `Choice`.
    seed
        Seed of all chance, 0 or more.
    n_jobs
        Workers, as in joblib: one unless the caller has opened a `joblib.parallel_config`.

    Returns
    -------
    Typology
        Every village of the year is either in ``villages`` or, with a reason, in ``left_out``.

    Raises
    ------
    BadInput, NotFound
        When a variable or the year does not exist, a variable is not numeric or does not vary,
        or too few villages can be compared for that many types.

    References
    ----------
    Kaufman and Rousseeuw (1990), Finding groups in data.
    """
    if seed < 0:
        raise BadInput(Problem("seed", f"{seed} is negative", "Give 0 or a positive whole number."))
    prepared = prepare(dataset, variables, year=year)
    _check_method(method, neighbours, n_draws)
    points = (each_village if neighbours else distinct_points)(prepared.measured, scale=scale)
    wanted = sorted(set(k_range)) if k is None else [k]
    ks = _possible(points, wanted, may_drop=k is None)
    if neighbours is None:
        candidates, notes = divide(points, ks, method, n_starts=n_starts, seed=seed, n_jobs=n_jobs)
    else:
        key = code_column(prepared.codebook)
        candidates, notes = _regions(points, ks, neighbours, prepared.villages[key].astype(str).tolist())
    choice = None
    if k is None:
        choice = compare(points, candidates, thorough=thorough, method=method, seed=seed, n_jobs=n_jobs)
        choice = _with_untried(choice, wanted, points)
    best = next(found for found in candidates if choice is None or found.k == choice.k)
    labels = number_groups(points, best.labels)
    widths = widths_by_point(points, labels, seed=seed, n_jobs=n_jobs)
    is_border = widths.width < BORDER
    villages = prepared.villages.assign(
        cluster=labels[points.index] + 1,
        silhouette=widths.width[points.index],
        second_cluster=widths.second[points.index] + 1,
    )
    certainty = None
    if n_draws:
        certainty = certainty_of(points, labels, method=method, n_draws=n_draws, seed=seed, n_jobs=n_jobs)
        own = certainty.own(labels)
        villages["probability"] = own[points.index]
        is_border |= own < SURE
    villages["is_border"] = is_border[points.index]
    profile = describe(
        prepared.measured, villages["cluster"].to_numpy(), [variable.name for variable in prepared.variables]
    )
    exact = len(points.rows) <= EXACT_POINTS
    return Typology(
        villages=villages,
        left_out=prepared.left_out,
        k=best.k,
        names=propose_names(profile, prepared.variables),
        choice=choice,
        certainty=certainty,
        profile=profile,
        typical=_typical(prepared, points, labels),
        variables=prepared.variables,
        codebook=prepared.codebook,
        year=prepared.year,
        scale=scale,
        method=method,
        notes=notes[best.k],
        n_starts=n_starts,
        seed=seed,
        share_same_start=best.share_same,
        n_reference=points.n_villages if exact else REFERENCE_PER_GROUP * best.k,
        steps=prepared.steps,
        title=dataset.provenance.title,
        made=dataset.provenance.made,
        input_hash=dataset.content_hash,
        versions=_versions(),
    )


def _check_method(method: Method, neighbours: Neighbours | None, n_draws: int) -> None:
    problems = []
    if method not in get_args(Method):
        known = ", ".join(get_args(Method))
        problems.append(Problem("method", f"there is no {method!r} here", f"Choose from: {known}."))
    elif (method == "spatial_ward") != (neighbours is not None):
        problems.append(
            Problem(
                "neighbours",
                "they belong to the method 'spatial_ward', and only to it",
                "Give both or neither; pk_research.indicators.spatial finds neighbours.",
            )
        )
    if method == "spatial_ward" and n_draws:
        problems.append(
            Problem(
                "n_draws",
                "drawn villages are no longer neighbours, so regions cannot be found again among them",
                "Leave n_draws out.",
            )
        )
    if problems:
        raise BadInput(problems)


def _regions(
    points: Points, ks: Sequence[int], neighbours: Neighbours, codes: list[str]
) -> tuple[list[Partition], dict[int, tuple[Message, ...]]]:
    groupings = spatial_ward(points, ks, neighbours=neighbours.only(codes).matrix, codes=codes)
    return as_partitions(points, groupings)


def number_groups(points: Points, labels: np.ndarray) -> np.ndarray:
    """Renumber groups from 0 along the direction in which villages differ most, high values first.

    That direction is the first principal component over the villages, pointing to where the
    variables together grow.
    """
    covariance = np.atleast_2d(np.cov(points.rows.T, fweights=points.weights))
    direction = np.linalg.eigh(covariance).eigenvectors[:, -1]
    balance = direction.sum()
    # Opposite variables sum to zero but for rounding: then the first one decides.
    direction = direction * np.sign(
        balance if abs(balance) > 1e-6 else direction[np.abs(direction) > 1e-6][0]
    )
    order = np.argsort(-(centres(points, labels) @ direction), kind="stable")
    return np.asarray(np.argsort(order)[labels])


def _possible(points: Points, ks: Sequence[int], *, may_drop: bool) -> list[int]:
    """Return the k's these villages allow; raise when there is none, or one may not be dropped."""
    too_small = [k for k in ks if k < 2]
    if too_small or not ks:
        raise BadInput(Problem("k", f"{too_small or 'nothing'} was asked for", "Ask for 2 types or more."))
    most = min(len(points.rows), points.n_villages - 1)
    possible = [k for k in ks if k <= most]
    if possible and (may_drop or possible == list(ks)):
        return possible
    raise BadInput(
        Problem(
            "k",
            f"{ks[0]} types were asked for, but {points.n_villages} villages can be compared,"
            f" with {len(points.rows)} different profiles",
            f"Ask for at most {most} types, or choose variables more villages have."
            if most >= 2
            else "Choose variables more villages have, or more variables.",
        )
    )


def _with_untried(choice: Choice, wanted: Sequence[int], points: Points) -> Choice:
    untried = [k for k in wanted if k not in choice.table.index]
    if not untried:
        return choice
    note = Message(
        "{low} types or more were not tried: only {n} different profiles can be compared",
        {"low": untried[0], "n": len(points.rows)},
    )
    return replace(choice, reasons=(*choice.reasons, note))


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pandas": pd.__version__,
        "scikit-learn": sklearn.__version__,
    }


def _typical(prepared: Prepared, points: Points, labels: np.ndarray) -> pd.DataFrame:
    """Return the villages closest to the centre of their cluster."""
    away = points.rows - centres(points, labels)[labels]
    distance = np.sqrt((away**2).sum(axis=1))[points.index]
    places = prepared.villages[list(prepared.codebook.names)]
    ranked = places.assign(cluster=labels[points.index] + 1, distance=distance)
    ranked = ranked.sort_values(["cluster", "distance"], kind="stable")
    ranked.insert(0, "rank", ranked.groupby("cluster").cumcount() + 1)
    return ranked[ranked["rank"] <= TYPICAL].reset_index(drop=True)
