"""Hartigan's dip: how far a list of numbers is from being one heap."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import StringIO

import numpy as np
import pandas as pd


def dip(sample: np.ndarray) -> float:
    """Measure how far a sample is from any distribution with one mode.

    Parameters
    ----------
    sample
        Numbers in any order, none missing, at least one; equal numbers count as often as they occur.

    Returns
    -------
    float
        Largest distance between the sample's distribution function and that of the closest
        distribution with one mode: from 1/(2n) to 1/4.

    References
    ----------
    Hartigan and Hartigan (1985), The dip test of unimodality, section 4.

    Examples
    --------
    >>> dip(np.array([1.0, 1.0, 2.0, 2.0]))
    0.25
    """
    values, counts = np.unique(np.asarray(sample, dtype=float), return_counts=True)
    after = np.cumsum(counts) / len(sample)
    before = after - counts / len(sample)
    depth = 1 / len(sample)
    while True:
        convex = _hull(values, before)
        concave = len(values) - 1 - _hull(-values[::-1], -after[::-1])[::-1]
        below = np.interp(values, values[convex], before[convex])
        above = np.interp(values, values[concave], after[concave])
        touching = np.union1d(convex, concave)
        widest = touching[(above - below)[touching].argmax()]
        # Whatever repeats at the mode itself is no second mode.
        if len(values) == 1 or (above - below)[widest] <= depth:
            return float(depth / 2)
        # Around the widest gap lies the mode; outside it the curves are as close as they can be.
        low = convex[convex <= widest].max()
        high = concave[concave >= widest].min()
        depth = max(
            depth,
            (after - below)[:low].max(initial=0),
            (above - before)[high + 1 :].max(initial=0),
        )
        inside = slice(low, high + 1)
        values, after, before = values[inside], after[inside], before[inside]


def dip_p_value(sample: np.ndarray) -> float:
    """Return the probability of so large a dip if there is one mode.

    Read from a table of simulated uniform samples, between its rows by the square root of n, so
    never below 0.001. The uniform distribution is the hardest of those with one mode, so that
    for any other the true probability is smaller. For real values that repeat because they are
    rounded, spread them first: every repeated value is a mode of its own.

    Examples
    --------
    >>> dip_p_value(np.r_[np.linspace(0, 1, 50), np.linspace(5, 6, 50)])
    0.001
    """
    root, table = np.sqrt(len(sample)), _quantiles()
    if root < table.roots[0]:
        return 1.0
    return round(1 - float(np.interp(dip(sample) * root, table.at(root), table.shares, left=0.0)), 6)


def _hull(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the corners of the greatest convex curve that stays below the points, x ascending."""
    xs, ys = x.tolist(), y.tolist()
    kept: list[int] = []
    for n in range(len(xs)):
        while len(kept) > 1:
            first, middle = kept[-2:]
            rise, next_rise = ys[middle] - ys[first], ys[n] - ys[middle]
            if rise * (xs[n] - xs[middle]) < next_rise * (xs[middle] - xs[first]):
                break
            kept.pop()
        kept.append(n)
    return np.array(kept)


@dataclass(frozen=True, eq=False)
class _Quantiles:
    """Quantiles of sqrt(n) times the dip of n uniform numbers: one row an n, one column a share."""

    roots: np.ndarray
    shares: np.ndarray
    values: np.ndarray

    def at(self, root: float) -> np.ndarray:
        """Return the quantiles between two rows; beyond the last row, the last row."""
        row = int(np.searchsorted(self.roots, root, side="right")) - 1
        if row == len(self.roots) - 1:
            return np.asarray(self.values[row])
        slope = (self.values[row + 1] - self.values[row]) / (self.roots[row + 1] - self.roots[row])
        return np.asarray(slope * (root - self.roots[row]) + self.values[row])


@cache
def _quantiles() -> _Quantiles:
    text = resources.files("pk_research.clusters").joinpath("dip_quantiles.csv").read_text(encoding="utf-8")
    table = pd.read_csv(StringIO(text), comment="#", index_col="n")
    return _Quantiles(np.sqrt(table.index.to_numpy()), table.columns.to_numpy(float), table.to_numpy(float))


def simulated_quantiles(n: int, shares: list[float], *, n_draws: int, seed: int = 1985) -> np.ndarray:
    """Simulate a row of the table that `dip_p_value` reads: quantiles of sqrt(n) times the dip.

    Parameters
    ----------
    n
        Size of each uniform sample.
    shares
        Which quantiles, from 0 to 1.
    n_draws
        Number of samples.
    seed
        Seed of the samples, used together with ``n``.
    """
    rng = np.random.default_rng([n, seed])
    found = [dip(rng.random(n)) * np.sqrt(n) for _ in range(n_draws)]
    return np.asarray(np.quantile(found, shares))
