"""Standard errors when what moves one village moves its neighbours, too (Conley 1999)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from pk_research.errors import BadInput, Problem
from pk_research.policy.effects.spillovers.near import Near

Kernel = Literal["bartlett", "uniform"]
ALL: Literal["all"] = "all"


@dataclass(frozen=True)
class Conley:
    """How far, and how strongly, errors of villages count as related.

    Attributes
    ----------
    cutoff_km
        Villages further apart than this count as unrelated; 0 relates nobody to anybody.
    kernel
        ``"bartlett"``, the default (weight 1 - distance / cut-off), or ``"uniform"`` (weight 1 up to the
        cut-off).
    serial
        In a panel: ``"all"``, the default, relates all periods of a village, and of its neighbours, with
        full weight; a number of periods relates periods of the same village up to that lag, with
        weight 1 - lag / (number + 1), and neighbours in the same period only (Hsiang 2010).

    Notes
    -----
    Neither kernel is sure to give variances above zero: the uniform one never is, and the Bartlett one
    is over places on a line, though it nearly always does over a map. `conley_covariance` says so.
    """

    cutoff_km: float
    kernel: Kernel = "bartlett"
    serial: int | Literal["all"] = ALL

    def problems(self, near: Near) -> list[Problem]:
        """Return what is wrong with the choice, or does not fit the pairs that are known."""
        found = []
        if not (math.isfinite(self.cutoff_km) and self.cutoff_km >= 0):
            found.append(Problem("cutoff_km", f"it is {self.cutoff_km}", "Give kilometres, 0 or more."))
        elif self.cutoff_km > near.reach_km:
            found.append(
                Problem(
                    "cutoff_km",
                    f"it is {self.cutoff_km:g}, but pairs are known up to {near.reach_km:g} km",
                    "Find pairs further apart (km of near_by_place), or take a shorter cut-off.",
                )
            )
        if self.kernel not in ("bartlett", "uniform"):
            found.append(Problem("kernel", f"it is '{self.kernel}'", "Choose 'bartlett' or 'uniform'."))
        is_number = isinstance(self.serial, int) and not isinstance(self.serial, bool) and self.serial >= 0
        if self.serial != ALL and not is_number:
            found.append(
                Problem("serial", f"it is {self.serial!r}", "Give 'all', or a number of periods from 0.")
            )
        return found


def conley_covariance(
    design: np.ndarray,
    residuals: np.ndarray,
    *,
    near: Near,
    unit: np.ndarray,
    period: np.ndarray | None = None,
    conley: Conley,
    n_absorbed: int = 0,
    small_sample: bool = True,
    instruments: np.ndarray | None = None,
    names: Sequence[str] = (),
) -> np.ndarray:
    """Return the covariance of least-squares coefficients for errors related over space (and time).

    Parameters
    ----------
    design
        Regressors, one row a village (and period): all of them with their constant, or some after the
        others were taken out of them, which gives the same part of the covariance.
    residuals
        Of the regression, of the same rows.
    near
        Pairs of villages.
    unit
        Place of each row's village in ``near.codes``.
    period
        Number of each row's period; none for one time.
    conley
        Cut-off, kernel and lags.
    n_absorbed
        Coefficients that were taken out before (constants of villages and periods, covariates).
    small_sample
        Multiply by G/(G-1) (n-1)/(n-k), with G villages, n rows and k coefficients in all; for one time
        that is n/(n-k), and a cut-off of 0 then gives HC1. False gives HC0.
    instruments
        As many as regressors, where these are instrumented.
    names
        Of the regressors, for what is refused; numbers by default.

    Returns
    -------
    ndarray
        One row and column a regressor.

    Raises
    ------
    BadInput
        When the choice does not fit the pairs, a village stands twice in a period, or a variance comes
        out below zero.

    Notes
    -----
    (Z'X)^-1 (sum over pairs of rows of k(i, j) z_i e_i e_j z_j') (X'Z)^-1. With distances that differ
    there and back, the mean of both weights counts.

    Conley (1999), Journal of Econometrics 92(1); Hsiang (2010), PNAS 107(35).

    Examples
    --------
    >>> import pandas as pd
    >>> from pk_research.policy.effects.spillovers.near import near_by_place
    >>> places = pd.DataFrame({"latitude": 0.0, "longitude": [0.0, 0.01, 0.5]}, index=list("abc"))
    >>> near, ones, errors = near_by_place(places, km=5), np.ones((3, 1)), np.array([1.0, 1, -2])
    >>> for kernel in ("bartlett", "uniform"):
    ...     choice = Conley(5, kernel)
    ...     found = conley_covariance(ones, errors, near=near, unit=np.arange(3), conley=choice)
    ...     print(round(float(found[0, 0]), 4))
    1.2592
    1.3333
    """
    problems = conley.problems(near)
    unit = np.asarray(unit, dtype=int)
    when = np.zeros(len(unit), dtype=int) if period is None else np.unique(period, return_inverse=True)[1]
    if len(np.unique(np.column_stack([unit, when]), axis=0)) < len(unit):
        problems.append(Problem("unit", "a village stands twice in a period", "Keep one row of each."))
    if problems:
        raise BadInput(problems)
    push = design if instruments is None else instruments
    scores = push * residuals[:, None]
    meat = _meat(scores, near, unit, when, conley)
    bread = np.linalg.inv(push.T @ design)
    covariance = bread @ meat @ bread.T
    if small_sample:
        n, villages = len(unit), len(np.unique(unit))
        k = design.shape[1] + n_absorbed
        covariance = covariance * (villages / (villages - 1) * (n - 1) / (n - k))
    below = np.diagonal(covariance) < 0
    if below.any():
        called = list(names) or [f"coefficient {n + 1}" for n in range(len(below))]
        raise BadInput(_below_zero(conley, called[int(n)]) for n in np.flatnonzero(below))
    return np.asarray((covariance + covariance.T) / 2)


def _below_zero(conley: Conley, name: str) -> Problem:
    """Return the problem of a variance below zero, with the remedy."""
    remedy = (
        "Choose kernel='bartlett', which hardly ever does this, or a shorter cut-off."
        if conley.kernel == "uniform"
        else "Choose a shorter cut-off."
    )
    return Problem(
        f"standard error of {name}",
        f"its variance is below zero with the {conley.kernel} kernel up to {conley.cutoff_km:g} km",
        remedy,
    )


def _meat(scores: np.ndarray, near: Near, unit: np.ndarray, when: np.ndarray, conley: Conley) -> np.ndarray:
    n_periods = int(when.max()) + 1
    wide = np.zeros((len(near.codes), n_periods, scores.shape[1]))
    wide[unit, when] = scores
    if conley.serial == ALL:
        wide = wide.sum(axis=1, keepdims=True)
    weights = pair_weights(near, conley)
    flat = wide.reshape(len(near.codes), -1)
    related = (flat + weights @ flat).reshape(wide.shape)
    meat = np.einsum("utk,utl->kl", wide, related)
    for lag in range(1, min(wide.shape[1] - 1, 0 if conley.serial == ALL else int(conley.serial)) + 1):
        between = np.einsum("utk,utl->kl", wide[:, lag:], wide[:, :-lag])
        meat = meat + (1 - lag / (int(conley.serial) + 1)) * (between + between.T)
    return np.asarray((meat + meat.T) / 2)


def pair_weights(near: Near, conley: Conley) -> sparse.csr_array:
    """Return the weights of pairs, without that of a village with itself, which is 1."""
    inside = (near.km <= conley.cutoff_km) & (conley.cutoff_km > 0)
    km = near.km[inside]
    weight = np.ones(len(km)) if conley.kernel == "uniform" else 1 - km / (conley.cutoff_km or 1)
    shape = (len(near.codes), len(near.codes))
    return sparse.csr_array((weight, (near.start[inside], near.end[inside])), shape=shape)
