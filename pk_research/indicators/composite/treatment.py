"""Outliers: found by skewness and kurtosis, pulled in or transformed, each change counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pk_research.indicators.composite.options import Options

# A hundredth of the range above the lowest value keeps its logarithm finite.
OFFSET = 0.01


@dataclass(frozen=True, eq=False)
class Treated:
    """One indicator after the treatment of outliers.

    Attributes
    ----------
    treated
        The values; missing ones stay missing.
    n_winsorised
        Values replaced by the next one inward.
    transform
        ``""``, ``"log"`` or ``"box-cox"``: applied to all values, when winsorising did not help.
    skewness, kurtosis
        Before the treatment.
    skewness_after, kurtosis_after
        After it.
    """

    treated: np.ndarray
    n_winsorised: int
    transform: str
    skewness: float
    kurtosis: float
    skewness_after: float
    kurtosis_after: float


def skewness_kurtosis(values: np.ndarray) -> tuple[float, float]:
    """Return skewness and excess kurtosis, adjusted for sample size (G1 and G2), of present values.

    Fewer than four values, or equal ones, have neither: NaN.

    References
    ----------
    Joanes and Gill (1998), Comparing measures of sample skewness and kurtosis.

    Examples
    --------
    >>> tuple(round(float(x), 4) for x in skewness_kurtosis(np.array([1.0, 2, 3, 4, 10])))
    (1.6971, 3.152)
    """
    present, total = values, values.sum()
    if np.isnan(total):
        present = values[~np.isnan(values)]
        total = present.sum()
    n = len(present)
    if n < 4:
        return np.nan, np.nan
    # Few passes: a thousand draws of fifty indicators spend much of their time here.
    mean = total / n
    away = present - mean
    square = away * away
    variance = square.sum() / n
    # Spread that is nothing but rounding is no spread; all values are then about the mean.
    if variance <= (1e-14 * mean) ** 2:
        return np.nan, np.nan
    g1 = np.einsum("i,i->", away, square) / n / variance**1.5
    g2 = np.einsum("i,i->", square, square) / n / variance**2 - 3
    skewness = g1 * np.sqrt(n * (n - 1)) / (n - 2)
    return float(skewness), float(((n + 1) * g2 + 6) * (n - 1) / ((n - 2) * (n - 3)))


def treat(values: np.ndarray, options: Options) -> Treated:
    """Treat one indicator by the rule of skewness and kurtosis.

    An indicator passes unless its absolute skewness *and* its kurtosis exceed their limits. One
    that fails is winsorised: the highest value (the lowest, where skewness is negative) becomes
    the next one, again and again until it passes or ``most_winsorised`` values were replaced. If
    that is not enough and the treatment says so, all values are transformed instead: the logarithm
    of ``x - min + 0.01 (max - min)``, or Box-Cox of the same with its own best power. Both keep
    the order of the units; winsorising makes ties at the end.

    Parameters
    ----------
    values
        One value a unit; missing values are left alone.
    options
        ``treatment``, ``most_winsorised``, ``skew_limit``, ``kurtosis_limit``.

    References
    ----------
    Becker et al. (2022), COINr: an R package for developing composite indicators, function
    ``Treat`` with its defaults.
    """
    before = skewness_kurtosis(values)
    if options.treatment == "none" or _passes(before, options):
        return Treated(values, 0, "", *before, *before)
    pulled, n, after = _winsorised(values, before, options)
    if options.treatment == "winsorise" or _passes(after, options):
        return Treated(pulled, n, "", *before, *after)
    transform = options.treatment.removeprefix("winsorise or ")
    moved = _log(values) if transform == "log" else _box_cox(values)
    return Treated(moved, 0, transform, *before, *skewness_kurtosis(moved))


def _passes(shape: tuple[float, float], options: Options) -> bool:
    return not (abs(shape[0]) > options.skew_limit and shape[1] > options.kurtosis_limit)


def _winsorised(
    values: np.ndarray, shape: tuple[float, float], options: Options
) -> tuple[np.ndarray, int, tuple[float, float]]:
    """Return the values, how many stand at the ends that were pulled in, and the shape they have."""
    pulled, at_top, at_bottom = values.copy(), 0, 0
    while not _passes(shape, options) and at_top + at_bottom < options.most_winsorised:
        if shape[0] >= 0:
            ends = pulled == np.nanmax(pulled)
            pulled[ends], at_top = np.nanmax(np.where(ends, -np.inf, pulled)), int(np.count_nonzero(ends))
        else:
            ends = pulled == np.nanmin(pulled)
            pulled[ends], at_bottom = np.nanmin(np.where(ends, np.inf, pulled)), int(np.count_nonzero(ends))
        shape = skewness_kurtosis(pulled)
    return pulled, at_top + at_bottom, shape


def _raised(values: np.ndarray) -> np.ndarray:
    low, high = np.nanmin(values), np.nanmax(values)
    return np.asarray(values - low + OFFSET * (high - low))


def _log(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(_raised(values)))


def _box_cox(values: np.ndarray) -> np.ndarray:
    from scipy.stats import boxcox

    present = ~np.isnan(values)
    moved = np.full(len(values), np.nan)
    moved[present] = boxcox(_raised(values)[present])[0]
    return moved
