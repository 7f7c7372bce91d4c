"""Gaussian mixture: overlapping groups of any extent and slant, with a probability for each village."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from joblib import Parallel, delayed
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from pk_research.clusters.methods.grouping import (
    Grouping,
    canonical_order,
    check_complete,
    check_request,
    share_same,
    versions_of,
)
from pk_research.clusters.partition import Points
from pk_research.clusters.threads import one_thread
from pk_research.compute.chance import derived_seed
from pk_research.errors import BadInput, Problem
from pk_research.language import Message

Shape = Literal["spherical", "diag", "tied", "full"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
MOST_STEPS = 500
FLAT = 1e-4


@dataclass(frozen=True, eq=False)
class _Fit:
    """One start: its probabilities for every point, and how good and how sound it is."""

    membership: np.ndarray
    log_likelihood: float
    bic: float
    has_converged: bool
    is_flat: bool

    @property
    def labels(self) -> np.ndarray:
        return np.asarray(self.membership.argmax(axis=1))

    @property
    def n_filled(self) -> int:
        return len(np.unique(self.labels))


def gaussian_mixture(
    points: Points,
    ks: Sequence[int],
    *,
    shapes: Sequence[Shape] = SHAPES,
    n_starts: int = 10,
    seed: int = 0,
    n_jobs: int | None = None,
) -> tuple[Grouping, ...]:
    """Fit k overlapping normal distributions; each village gets the one most probable for it.

    Parameters
    ----------
    points
        From `distinct_points`.
    ks
        Numbers of groups.
    shapes
        What the groups may look like: ``"spherical"``, ``"diag"`` (longer along some variables),
        ``"tied"`` (all with one slant), ``"full"`` (each its own). The lowest BIC decides.
    n_starts
        Starts for each k and shape; the most likely is kept.
    seed, n_jobs
        Seed of all starts; workers, as in joblib.

    Returns
    -------
    tuple of Grouping
        With ``membership`` and the criteria ``bic`` (lower is better) and ``log_likelihood``.

    References
    ----------
    Fraley and Raftery (2002), Model-based clustering, discriminant analysis, and density estimation.
    """
    check_request(points, ks, n_starts=n_starts, seed=seed)
    check_complete(points)
    unknown = [shape for shape in shapes if shape not in SHAPES]
    if unknown or not shapes:
        raise BadInput(
            Problem("shapes", f"{unknown or 'nothing'} was given", f"Choose from: {', '.join(SHAPES)}.")
        )
    tasks = [(k, shape, start) for k in ks for shape in shapes for start in range(n_starts)]
    fits = Parallel(n_jobs=n_jobs)(
        delayed(_fit)(points, k, shape, derived_seed(seed, k, SHAPES.index(shape), start))
        for k, shape, start in tasks
    )
    by_shape = [fits[first : first + n_starts] for first in range(0, len(fits), n_starts)]
    n_shapes = len(shapes)
    return tuple(
        _grouping(points, k, shapes, by_shape[n * n_shapes : (n + 1) * n_shapes]) for n, k in enumerate(ks)
    )


def _fit(points: Points, k: int, shape: Shape, seed: int) -> _Fit:
    # scikit-learn's mixtures know no weights: every village is a row, in the order of its point.
    rows = np.repeat(points.rows, points.weights, axis=0)
    model = GaussianMixture(k, covariance_type=shape, max_iter=MOST_STEPS, random_state=seed)
    with one_thread(), warnings.catch_warnings():
        # Whether it has converged is part of the result.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(rows)
        log_likelihood = float(points.weights @ model.score_samples(points.rows))
        n_parameters = model._n_parameters()  # noqa: SLF001 - scikit-learn's count has no public name
        return _Fit(
            membership=model.predict_proba(points.rows),
            log_likelihood=log_likelihood,
            bic=float(n_parameters * np.log(points.n_villages) - 2 * log_likelihood),
            has_converged=bool(model.converged_),
            is_flat=bool(_narrowest(model.covariances_, shape) < FLAT * rows.var(axis=0).mean()),
        )


def _narrowest(covariances: np.ndarray, shape: Shape) -> float:
    """Return the smallest variance of any group in any direction."""
    if shape in {"spherical", "diag"}:
        return float(covariances.min())
    return float(np.linalg.eigvalsh(covariances).min())


def _grouping(
    points: Points, k: int, shapes: Sequence[Shape], by_shape: Sequence[Sequence[_Fit]]
) -> Grouping:
    best_of = [max(fits, key=lambda fit: (fit.n_filled, fit.log_likelihood)) for fits in by_shape]
    chosen = min(range(len(shapes)), key=lambda n: (-best_of[n].n_filled, best_of[n].bic))
    best = best_of[chosen]
    old, labels = canonical_order(best.labels)
    membership = best.membership[:, old]
    return Grouping(
        method="gaussian_mixture",
        k=len(old),
        labels=labels,
        criteria={"bic": best.bic, "log_likelihood": best.log_likelihood},
        membership=membership / membership.sum(axis=1, keepdims=True),
        share_same=share_same(labels, [fit.labels for fit in by_shape[chosen]], points.weights),
        notes=_notes(best, k, shapes[chosen]),
        versions=versions_of("numpy", "scikit-learn"),
    )


SHAPE_WORDS = {
    "spherical": Message("round types, each of its own size"),
    "diag": Message("types that may be longer along some variables"),
    "tied": Message("slanted types, all alike in extent"),
    "full": Message("slanted types, each of its own extent"),
}


def _notes(fit: _Fit, k: int, shape: Shape) -> tuple[Message, ...]:
    notes = [Message("The mixture is of {shape}", {"shape": SHAPE_WORDS[shape]})]
    if fit.n_filled < k:
        notes.append(
            Message("Of {k} types only {n} are the most probable of any village", {"k": k, "n": fit.n_filled})
        )
    if fit.is_flat:
        notes.append(
            Message(
                "A type has hardly any spread in some direction: variables repeat values or follow from"
                " each other, and the mixture fits that rather than groups of villages"
            )
        )
    if not fit.has_converged:
        notes.append(Message("The calculation stopped before it had settled"))
    return tuple(notes)
