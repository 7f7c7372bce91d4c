"""What every method returns, and what all of them share: checks, seeds, the best of several starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version

import numpy as np

from pk_research.clusters.measures import centres, total_spread
from pk_research.clusters.partition import SAME_PARTITION, Points, adjusted_rand_index
from pk_research.errors import BadInput, Problem
from pk_research.language import Message

NO_TYPE = -1


@dataclass(frozen=True, eq=False)
class Grouping:
    """Villages in groups, by whatever method.

    Attributes
    ----------
    method
        Name of the function that made it.
    k
        Number of groups found; a method that cannot fill all it was asked for says so in ``notes``.
    labels
        Group of each point (``labels[points.index]`` is that of each village): from 0, in the order
        of the points they begin with; `NO_TYPE` for a point that belongs to no group.
    criteria
        How well the groups do by the method's own measure, by its name: ``share_between`` (share
        of the variance between groups, 0 to 1), ``bic`` (lower is better), ``log_likelihood``,
        ``mean_distance`` (of villages to their medoid), ``share_no_type`` (of villages).
    membership
        Probability of each point for each group; None where the method has none. What a row lacks
        to 1 is the doubt that the point belongs to any group.
    medoids
        For each group, the point that represents it; None where the method has none.
    share_same
        Share of the starts that ended in practically the same groups, 0 to 1; 1 without chance.
    notes
        What whoever reads the result must know: samples, separate parts, villages without a type.
    versions
        Versions of the libraries that computed it.
    """

    method: str
    k: int
    labels: np.ndarray
    criteria: Mapping[str, float]
    membership: np.ndarray | None = None
    medoids: np.ndarray | None = None
    share_same: float = 1.0
    notes: tuple[Message, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


def check_request(points: Points, ks: Sequence[int], *, n_starts: int = 1, seed: int = 0) -> None:
    """Raise, with everything that is wrong at once, when these groups cannot be looked for."""
    n = len(points.rows)
    problems = [Problem("k", f"{k} groups were asked for", "Ask for 1 group or more.") for k in ks if k < 1]
    problems += [
        Problem("k", f"{k} groups were asked for, but only {n} villages differ", f"Ask for at most {n}.")
        for k in ks
        if k > n
    ]
    if not ks:
        problems.append(Problem("k", "no number of groups was asked for", "Ask for 1 group or more."))
    if n_starts < 1:
        problems.append(Problem("n_starts", f"{n_starts} starts were asked for", "Give 1 or more."))
    if seed < 0:
        problems.append(Problem("seed", f"{seed} is negative", "Give 0 or a positive whole number."))
    if problems:
        raise BadInput(problems)


def check_complete(points: Points) -> None:
    """Raise when a value is missing or not finite, for methods that cannot do with gaps."""
    n_wrong = int(points.weights[~np.isfinite(points.rows).all(axis=1)].sum())
    if n_wrong:
        raise BadInput(
            Problem(
                "values",
                f"{n_wrong} villages have a value that is missing or not finite",
                "Leave them out, or use k_medoids or latent_classes, which allow gaps.",
            )
        )


def canonical(labels: np.ndarray) -> np.ndarray:
    """Renumber groups in the order of the points they begin with; `NO_TYPE` stays.

    Examples
    --------
    >>> canonical(np.array([7, -1, 3, 7])).tolist()
    [0, -1, 1, 0]
    """
    return np.asarray(canonical_order(labels)[1])


def canonical_order(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the old number of each group in canonical order, and the new labels.

    Examples
    --------
    >>> old, new = canonical_order(np.array([7, -1, 3, 7]))
    >>> old.tolist(), new.tolist()
    ([7, 3], [0, -1, 1, 0])
    """
    old, first, inverse = np.unique(labels[labels != NO_TYPE], return_index=True, return_inverse=True)
    order = np.argsort(first)
    new = np.full(len(labels), NO_TYPE)
    new[labels != NO_TYPE] = np.argsort(order)[inverse]
    return old[order], new


def share_between(points: Points, labels: np.ndarray) -> float:
    """Return the share of the variance of the villages that lies between the groups, 0 to 1."""
    total = total_spread(points)
    away = points.rows - centres(points, labels)[labels]
    return 1 - float(points.weights @ (away**2).sum(axis=1)) / total if total > 0 else 1.0


def share_same(best: np.ndarray, others: Sequence[np.ndarray], weights: np.ndarray) -> float:
    """Return the share of groupings that are practically the same as the best."""
    same = [adjusted_rand_index(best, other, weights=weights) > SAME_PARTITION for other in others]
    return sum(same) / len(same)


def versions_of(*packages: str) -> dict[str, str]:
    """Return the installed version of each package."""
    return {package: _version(package) for package in packages}


@cache
def _version(package: str) -> str:
    return version(package)
