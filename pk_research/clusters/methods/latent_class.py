"""Latent classes: groups of villages that give the answers to a list of categories alike.

The likelihood is climbed with matrix products over distinct villages. stepmix, against which the
tests compare, finds the same classes; going through variables and classes one by one, it takes ten
times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from scipy.special import logsumexp

from pk_research.clusters.methods.grouping import (
    Grouping,
    canonical_order,
    check_request,
    share_same,
    versions_of,
)
from pk_research.clusters.mixed import Mixed
from pk_research.clusters.partition import Points
from pk_research.clusters.threads import one_thread
from pk_research.compute.chance import derived_seed
from pk_research.errors import BadInput, Problem
from pk_research.language import Message

MOST_STEPS = 2_000
# Of the mean log-likelihood of a village, from one step to the next.
LEAST_GAIN = 1e-10
LEAST_PROBABILITY = 1e-15
MOST_LEVELS = 30


@dataclass(frozen=True, eq=False)
class _Fit:
    """One start."""

    membership: np.ndarray
    log_likelihood: float
    has_converged: bool

    @property
    def labels(self) -> np.ndarray:
        return np.asarray(self.membership.argmax(axis=1))


def latent_classes(
    villages: Mixed,
    ks: Sequence[int],
    *,
    n_starts: int = 10,
    seed: int = 0,
    n_jobs: int | None = None,
) -> tuple[Grouping, ...]:
    """Fit k classes, in each of which the categories of a village are independent of each other.

    Categories that are missing are skipped for that village, as if missing at random. Grades count
    as categories, without their order.

    Parameters
    ----------
    villages
        From `mixed`, without numeric variables.
    ks
        Numbers of classes.
    n_starts
        Starts for each k; the most likely is kept.
    seed, n_jobs
        Seed of all starts; workers, as in joblib.

    Returns
    -------
    tuple of Grouping
        With ``membership`` and the criteria ``bic`` (lower is better) and ``log_likelihood``.

    References
    ----------
    Goodman (1974), Exploratory latent structure analysis using both identifiable and unidentifiable
    models.
    """
    check_request(villages.points, ks, n_starts=n_starts, seed=seed)
    answers, variable = _answers(villages)
    weights = villages.points.weights.astype(float)
    tasks = [(k, start) for k in ks for start in range(n_starts)]
    fits = Parallel(n_jobs=n_jobs)(
        delayed(_fit)(answers, variable, weights, k, derived_seed(seed, k, start)) for k, start in tasks
    )
    n_free = answers.shape[1] - len(villages.names)
    return tuple(
        _grouping(villages.points, k, n_free, fits[n * n_starts : (n + 1) * n_starts])
        for n, k in enumerate(ks)
    )


def _answers(villages: Mixed) -> tuple[np.ndarray, np.ndarray]:
    """Return one column a category that occurs, 1 where the point is in it; and each one's variable."""
    problems, columns = [], []
    for name, kind, values in zip(villages.names, villages.kinds, villages.points.rows.T, strict=True):
        found = np.unique(values[~np.isnan(values)])
        if kind == "numeric" or len(found) > MOST_LEVELS:
            what = "it is numeric" if kind == "numeric" else f"it has {len(found)} categories"
            remedy = f"Put it into at most {MOST_LEVELS} categories, or leave it out."
            problems.append(Problem(f"variable {name!r}", what, remedy))
        else:
            columns.append(values[:, None] == found)
    if problems:
        raise BadInput(problems)
    variable = np.repeat(np.arange(len(columns)), [column.shape[1] for column in columns])
    return np.hstack(columns).astype(float), variable


def _fit(answers: np.ndarray, variable: np.ndarray, weights: np.ndarray, k: int, seed: int) -> _Fit:
    """Climb from random memberships until the likelihood stands still."""
    membership = np.random.default_rng(seed).dirichlet(np.ones(k), size=len(answers))
    previous, has_converged = -np.inf, False
    with one_thread():
        for _ in range(MOST_STEPS):
            joint = _log_joint(answers, variable, membership * weights[:, None])
            each = logsumexp(joint, axis=1, keepdims=True)
            membership = np.exp(joint - each)
            mean = float(weights @ each[:, 0] / weights.sum())
            has_converged, previous = mean - previous < LEAST_GAIN, mean
            if has_converged:
                break
    return _Fit(membership, previous * float(weights.sum()), has_converged)


def _log_joint(answers: np.ndarray, variable: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Return the log probability of each point's answers together with each class.

    What the members of a class answer is what the class is; those who did not answer a question
    count neither for nor against.
    """
    counts = members.T @ answers
    starts = np.flatnonzero(np.diff(variable, prepend=-1))
    answered = np.add.reduceat(counts, starts, axis=1)[:, variable]
    probability = np.maximum(counts, LEAST_PROBABILITY) / np.maximum(answered, LEAST_PROBABILITY)
    share = np.maximum(members.sum(axis=0), LEAST_PROBABILITY) / members.sum()
    return np.asarray(answers @ np.log(probability).T + np.log(share))


def _grouping(points: Points, k: int, n_free: int, fits: Sequence[_Fit]) -> Grouping:
    best = max(fits, key=lambda fit: (len(np.unique(fit.labels)), fit.log_likelihood))
    old, labels = canonical_order(best.labels)
    membership = best.membership[:, old]
    n_parameters = k - 1 + k * n_free
    bic = n_parameters * np.log(points.n_villages) - 2 * best.log_likelihood
    return Grouping(
        method="latent_classes",
        k=len(old),
        labels=labels,
        criteria={"bic": float(bic), "log_likelihood": best.log_likelihood},
        membership=membership / membership.sum(axis=1, keepdims=True),
        share_same=share_same(labels, [fit.labels for fit in fits], points.weights),
        notes=_notes(best, k, len(old), points),
        versions=versions_of("numpy", "scipy"),
    )


def _notes(fit: _Fit, k: int, n_filled: int, points: Points) -> tuple[Message, ...]:
    notes = []
    if n_filled < k:
        notes.append(
            Message("Of {k} types only {n} are the most probable of any village", {"k": k, "n": n_filled})
        )
    n_gaps = int(points.weights[np.isnan(points.rows).any(axis=1)].sum())
    if n_gaps:
        notes.append(
            Message("Villages sorted by the answers they have, because some are missing: {n}", {"n": n_gaps})
        )
    if not fit.has_converged:
        notes.append(Message("The calculation stopped before it had settled"))
    return tuple(notes)
