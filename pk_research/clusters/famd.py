"""Factor analysis of mixed data: numbers and categories turned into a few numbers for any method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pk_research.clusters.mixed import Mixed
from pk_research.clusters.partition import Points
from pk_research.clusters.threads import one_thread
from pk_research.errors import BadInput, Problem

KEPT_SHARE = 0.8


@dataclass(frozen=True, eq=False)
class Components:
    """The villages in the directions in which they differ most.

    Attributes
    ----------
    points
        One row a distinct village, in the order of the mixed table; unlike other points, not in
        ascending order of their own values.
    eigenvalues
        Variance of the villages along each component, all of them, descending.
    n_kept
        Number of components in ``points``.
    """

    points: Points
    eigenvalues: np.ndarray
    n_kept: int

    @property
    def share_kept(self) -> float:
        """Share of all variance in the components kept, 0 to 1."""
        return float(self.eigenvalues[: self.n_kept].sum() / self.eigenvalues.sum())


def famd(villages: Mixed, *, share: float = KEPT_SHARE) -> Components:
    """Find the components of numbers and categories, each variable weighing alike.

    Numbers and grades are standardised; each category is an indicator divided by the square root
    of its share. With numbers only this is principal component analysis, with categories only
    (up to a factor) multiple correspondence analysis.

    Parameters
    ----------
    villages
        From `mixed`, nothing missing.
    share
        Keep the fewest components with this share of all variance, above 0, at most 1.

    Raises
    ------
    BadInput
        When values are missing or a variable is the same in all villages.

    References
    ----------
    Pages (2004), Analyse factorielle de donnees mixtes.
    """
    _check(villages, share)
    weights = villages.points.weights / villages.points.n_villages
    table = np.hstack([_standardised(villages, weights), _categories(villages, weights)])
    with one_thread():
        eigenvalues, axes = np.linalg.eigh((table * weights[:, None]).T @ table)
        eigenvalues, axes = np.maximum(eigenvalues[::-1], 0), axes[:, ::-1]
        n_kept = int(np.searchsorted(np.cumsum(eigenvalues), share * eigenvalues.sum() * (1 - 1e-9))) + 1
        axes = axes[:, :n_kept]
        axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(n_kept)])
        rows = table @ axes
    return Components(Points(rows, villages.points.weights, villages.points.index), eigenvalues, n_kept)


def _check(villages: Mixed, share: float) -> None:
    rows = villages.points.rows
    problems = [
        Problem(f"variable {name!r}", "all villages have the same value", "Leave it out.")
        for name, column in zip(villages.names, rows.T, strict=True)
        if np.nanmin(column) == np.nanmax(column)
    ]
    if villages.n_missing:
        problems.append(
            Problem(
                "values",
                f"{villages.n_missing} are missing",
                "Leave out those villages, or use k_medoids, which skips gaps.",
            )
        )
    if not 0 < share <= 1:
        problems.append(Problem("share", f"{share} was given", "Give a share above 0, at most 1."))
    if problems:
        raise BadInput(problems)


def _standardised(villages: Mixed, weights: np.ndarray) -> np.ndarray:
    values = villages.columns("numeric", "ordinal")
    away = values - weights @ values
    return np.asarray(away / np.sqrt(weights @ away**2))


def _categories(villages: Mixed, weights: np.ndarray) -> np.ndarray:
    """Return one column a category that occurs: its centred indicator over the root of its share."""
    columns = [
        column == level
        for column in villages.columns("nominal", "asymmetric").T
        for level in np.unique(column)
    ]
    indicators = np.array(columns, dtype=float).reshape(len(columns), -1).T
    if not columns:
        return np.zeros((len(weights), 0))
    shares = weights @ indicators
    return np.asarray((indicators - shares) / np.sqrt(shares))
