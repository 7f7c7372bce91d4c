"""A figure that is not known exactly: its mean, its interval, and the shape between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import brentq

from pk_research.errors import BadInput, Problem

Shape = Literal["fixed", "normal", "lognormal", "triangular", "uniform"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
NEAR = 0.01


@dataclass(frozen=True, slots=True)
class Uncertain:
    """A figure with its distribution, sound: made by `uncertain`.

    Attributes
    ----------
    shape
        ``"fixed"``, ``"normal"``, ``"lognormal"``, ``"triangular"`` or ``"uniform"``.
    mean
        Expected value, in the figure's unit.
    low, high
        Ends of the central interval; the mean itself where fixed.
    level
        Share of the distribution inside the interval; 1 for its very ends.
    """

    shape: Shape
    mean: float
    low: float
    high: float
    level: float

    def quantile(self, p: np.ndarray) -> np.ndarray:
        """Return the values below which the shares ``p`` of the distribution lie."""
        if self.shape == "fixed":
            return np.full_like(p, self.mean, dtype=float)
        return np.asarray(_distribution(self).ppf(p), dtype=float)


def uncertain(
    mean: float,
    *,
    low: float | None = None,
    high: float | None = None,
    shape: Shape = "fixed",
    level: float = 0.9,
    where: str = "figure",
) -> Uncertain:
    """Declare a figure by its mean, an interval and a shape.

    Parameters
    ----------
    mean
        Expected value.
    low, high
        Ends of the central interval; needed unless the figure is fixed.
    shape
        As in `Uncertain`. A normal or uniform figure lies in the middle of its interval; the mean of a
        lognormal one follows from the interval and is checked against ``mean``; a triangular one takes
        its mode from the mean.
    level
        Share inside the interval: above 0, and 1 only for triangular and uniform figures.
    where
        Name for what is told when it cannot be used.

    Raises
    ------
    BadInput
        When the numbers contradict each other or the shape; all at once.

    Examples
    --------
    >>> found = uncertain(10.0, low=8.0, high=12.0, shape="uniform", level=1.0)
    >>> found.quantile(np.array([0.25, 0.5])).tolist()
    [9.0, 10.0]
    """
    problems = list(faults(mean, low, high, shape=shape, level=level, where=where))
    if problems:
        raise BadInput(problems)
    if shape == "fixed" or low is None or high is None:
        return Uncertain("fixed", float(mean), float(mean), float(mean), 1.0)
    return Uncertain(shape, float(mean), float(low), float(high), float(level))


def faults(
    mean: object, low: object, high: object, *, shape: object, level: object, where: str
) -> Iterator[Problem]:
    """Say what is wrong with a declared figure."""
    if shape not in SHAPES:
        yield Problem(where, f"the distribution {shape!r} is unknown", f"Choose one of {', '.join(SHAPES)}.")
        return
    given = {"mean": mean} if shape == "fixed" else {"mean": mean, "low": low, "high": high, "level": level}
    wrong = [name for name, value in given.items() if not _is_number(value)]
    for name in wrong:
        yield Problem(where, f"{name} is {given[name]!r}, which is no number", "Give a finite number.")
    if shape == "fixed" and not (_is_missing(low) and _is_missing(high)):
        yield Problem(
            where, "it has an interval but no distribution", f"Choose one of {', '.join(SHAPES[1:])}."
        )
    if shape != "fixed" and not wrong:
        yield from _contradictions(*(float(given[n]) for n in given), shape=shape, where=where)  # type: ignore[arg-type]


def _is_number(value: object) -> bool:
    is_real = isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_)
    return is_real and bool(np.isfinite(value))  # type: ignore[call-overload]


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and bool(np.isnan(value)))


def _contradictions(
    mean: float, low: float, high: float, level: float, *, shape: Shape, where: str
) -> Iterator[Problem]:
    may_be_whole = shape in {"triangular", "uniform"}
    if not (0 < level < 1 or (level == 1 and may_be_whole)):
        yield Problem(where, f"the level {level:g} does not suit a {shape} figure", "Give 0.9, say.")
        return
    if not low < high:
        yield Problem(where, f"low ({low:g}) is not below high ({high:g})", "Exchange or correct them.")
        return
    if not low <= mean <= high:
        yield Problem(where, f"the mean {mean:g} is not between {low:g} and {high:g}", "Correct one of them.")
        return
    if shape in {"normal", "uniform"} and abs(mean - (low + high) / 2) > NEAR * (high - low):
        yield Problem(
            where,
            f"the mean {mean:g} is not in the middle of {low:g} and {high:g}, as a {shape} figure's is",
            "Correct it, or declare the figure lognormal or triangular.",
        )
    if shape == "lognormal":
        yield from _of_lognormal(mean, low, high, level, where)
    if shape == "triangular" and not _has_mode(mean, low, high, level):
        yield Problem(
            where,
            f"no triangle between {low:g} and {high:g} has the mean {mean:g}",
            "Bring the mean nearer to the middle, or declare the figure lognormal.",
        )


def _of_lognormal(mean: float, low: float, high: float, level: float, where: str) -> Iterator[Problem]:
    if low <= 0:
        yield Problem(where, f"low is {low:g}", "A lognormal figure lies above 0: correct it.")
        return
    mu, sigma = _logs(low, high, level)
    implied = float(np.exp(mu + sigma**2 / 2))
    if abs(implied - mean) > NEAR * implied:
        yield Problem(
            where,
            f"a lognormal figure from {low:g} to {high:g} has the mean {implied:.6g}, not {mean:g}",
            "Give that mean, or correct the interval.",
        )


def _logs(low: float, high: float, level: float) -> tuple[float, float]:
    mu = (np.log(low) + np.log(high)) / 2
    return float(mu), float((np.log(high) - np.log(low)) / (2 * stats.norm.ppf((1 + level) / 2)))


def _tails(level: float) -> tuple[float, float]:
    return (1 - level) / 2, (1 + level) / 2


def _place_of_mean(mode: float, level: float) -> float:
    """Return where a triangle's mean lies between its quantiles, 0 to 1."""
    low, high = stats.triang(mode).ppf(_tails(level))
    return float(((1 + mode) / 3 - low) / (high - low))


def _has_mode(mean: float, low: float, high: float, level: float) -> bool:
    place = (mean - low) / (high - low)
    return _place_of_mean(0.0, level) <= place <= _place_of_mean(1.0, level)


def _triangle(figure: Uncertain) -> stats.rv_continuous:
    place = (figure.mean - figure.low) / (figure.high - figure.low)

    def distance(mode: float) -> float:
        return _place_of_mean(mode, figure.level) - place

    mode = float(brentq(distance, 0.0, 1.0, xtol=1e-13))
    low, high = stats.triang(mode).ppf(_tails(figure.level))
    scale = (figure.high - figure.low) / (high - low)
    return stats.triang(mode, loc=figure.low - scale * low, scale=scale)


def _distribution(figure: Uncertain) -> stats.rv_continuous:
    if figure.shape == "normal":
        sd = (figure.high - figure.low) / (2 * stats.norm.ppf((1 + figure.level) / 2))
        return stats.norm(figure.mean, sd)
    if figure.shape == "lognormal":
        mu, sigma = _logs(figure.low, figure.high, figure.level)
        return stats.lognorm(sigma, scale=np.exp(mu))
    if figure.shape == "triangular":
        return _triangle(figure)
    width = (figure.high - figure.low) / figure.level
    return stats.uniform(figure.mean - width / 2, width)
