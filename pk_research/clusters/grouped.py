"""Types of points in space: cut, choose how many, and measure how firmly each village sits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pk_research.clusters.certainty import Certainty, certainty_of
from pk_research.clusters.choice import Choice, compare
from pk_research.clusters.divide import as_partitions, divide
from pk_research.clusters.measures import centres
from pk_research.clusters.methods import spatial_ward
from pk_research.clusters.partition import Partition, Points
from pk_research.clusters.request import Request, impossible_ks, possible_ks
from pk_research.clusters.silhouette import EXACT_POINTS, REFERENCE_PER_GROUP, Widths, widths_by_point
from pk_research.clusters.typology import BORDER, SURE
from pk_research.errors import BadInput, Problem
from pk_research.language import Message


@dataclass(frozen=True, eq=False)
class Grouped:
    """Types of the points, with what the method knows of each point.

    Attributes
    ----------
    points
        The villages as points; what follows is in their order.
    k
        Number of types.
    labels
        Type of each point from 0; `NO_TYPE` where it has none.
    choice
        The candidates for k; None when k was given.
    certainty
        What repetitions found; None when there were none.
    probability
        Probability of each point's type; None where nothing says it.
    widths
        Silhouette of each point and the type it could belong to instead.
    is_border
        Whether it could as well belong to that one.
    away
        How far each point is from what is typical of its type.
    share_same
        Share of the starts that found these types.
    n_reference
        Villages against which each silhouette was measured.
    notes
        What must be said of the types.
    """

    points: Points
    k: int
    labels: np.ndarray
    choice: Choice | None
    certainty: Certainty | None
    probability: np.ndarray | None
    widths: Widths
    is_border: np.ndarray
    away: np.ndarray
    share_same: float
    n_reference: int
    notes: tuple[Message, ...]


def in_space(
    points: Points,
    request: Request,
    *,
    codes: Sequence[str] = (),
    variants: Sequence[np.ndarray] = (),
    number: Callable[[Points, np.ndarray], np.ndarray] | None = None,
) -> Grouped:
    """Group points by the method asked for.

    Parameters
    ----------
    points
        The villages as points.
    request
        What was asked.
    codes
        Codes of the villages, for methods that look at neighbours.
    variants
        Imputations of the points' values: the repetitions take turns with them.
    number
        How types are numbered; `number_groups` by default.
    """
    ks = possible_ks(points, request)
    candidates, notes = _candidates(points, ks, request, codes)
    choice = None
    if request.k is None:
        compared = compare(
            points,
            candidates,
            thorough=request.thorough,
            method=request.method,
            seed=request.seed,
            n_jobs=request.n_jobs,
        )
        choice = with_untried(compared, request, points)
    best = chosen(candidates, choice)
    labels = (number or number_groups)(points, best.labels)
    widths = widths_by_point(points, labels, seed=request.seed, n_jobs=request.n_jobs)
    certainty = _certainty(points, labels, request, variants)
    probability = None if certainty is None else certainty.own(labels)
    is_exact = len(points.rows) <= EXACT_POINTS
    return Grouped(
        points=points,
        k=best.k,
        labels=labels,
        choice=choice,
        certainty=certainty,
        probability=probability,
        widths=widths,
        is_border=(widths.width < BORDER) | is_unsure(probability),
        away=_from_centre(points, labels),
        share_same=best.share_same,
        n_reference=points.n_villages if is_exact else REFERENCE_PER_GROUP * best.k,
        notes=notes[best.k],
    )


def _candidates(
    points: Points, ks: Sequence[int], request: Request, codes: Sequence[str]
) -> tuple[list[Partition], dict[int, tuple[Message, ...]]]:
    if request.neighbours is None:
        return divide(
            points,
            ks,
            request.method,
            n_starts=request.n_starts,
            seed=request.seed,
            n_jobs=request.n_jobs,
        )
    neighbours = request.neighbours.only(codes).matrix
    return as_partitions(points, spatial_ward(points, ks, neighbours=neighbours, codes=codes))


def chosen(candidates: Sequence[Partition], choice: Choice | None) -> Partition:
    """Return the candidate that was chosen; the only one where k was given."""
    if not candidates:
        raise BadInput(
            Problem("k", "the method could fill only one type", "Choose other variables, or another method.")
        )
    return next(found for found in candidates if choice is None or found.k == choice.k)


def with_untried(choice: Choice, request: Request, points: Points) -> Choice:
    """Say which numbers of types are not among the candidates and why, where that is so."""
    notes = []
    tried, impossible = set(choice.table.index), impossible_ks(points, request)
    if unfilled := [k for k in request.wanted if k not in tried and k not in impossible]:
        notes.append(
            Message(
                "The method did not fill so many types, and ended with fewer: {ks}",
                {"ks": ", ".join(map(str, unfilled))},
            )
        )
    if impossible:
        notes.append(
            Message(
                "{low} types or more were not tried: only {n} different profiles can be compared",
                {"low": impossible[0], "n": len(points.rows)},
            )
        )
    return replace(choice, reasons=(*choice.reasons, *notes))


def _certainty(
    points: Points, labels: np.ndarray, request: Request, variants: Sequence[np.ndarray]
) -> Certainty | None:
    """Repeat on drawn villages; every imputation has its turn, their mean has none."""
    n_draws = max(request.n_draws, len(variants))
    if not n_draws:
        return None
    values = [*variants] or [points.rows]
    return certainty_of(
        replace(points, rows=values[0]),
        labels,
        method=request.method,
        variants=values[1:],
        n_draws=n_draws,
        seed=request.seed,
        n_jobs=request.n_jobs,
    )


def is_unsure(probability: np.ndarray | None) -> np.ndarray | bool:
    """Say whose type is not sure enough to count on."""
    return False if probability is None else probability < SURE


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


def number_by_size(points: Points, labels: np.ndarray) -> np.ndarray:
    """Renumber groups from 0, the largest first; of equal ones that of the first village.

    Examples
    --------
    >>> number_by_size(Points.each(np.zeros((3, 1))), np.array([0, 1, 1])).tolist()
    [1, 0, 0]
    """
    _, first, sizes = np.unique(labels[points.index], return_index=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    return np.asarray(np.argsort(order)[labels])


def _from_centre(points: Points, labels: np.ndarray) -> np.ndarray:
    away = points.rows - centres(points, labels)[labels]
    return np.asarray(np.sqrt((away**2).sum(axis=1)))
