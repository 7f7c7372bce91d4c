"""Inequality of incomes: Gini, Theil-T, mean log deviation and Williamson, each with its doubt."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from pk_research.indicators.regional.estimates import Estimates
from pk_research.indicators.regional.sample import Estimate, Floats, Sample, estimate, sample, undefined
from pk_research.language import Message

Outside = Literal["undefined", "leave_out"]
Measured = tuple[float, Floats]


def _gini(given: Sample) -> Measured:
    y, w = given.incomes, given.weights
    mean = given.mean(y)
    distance = mean_distance(y, w)
    value = given.mean(distance) / (2 * mean)
    return value, (distance - 2 * mean * value) / mean - value * (y - mean) / mean


def mean_distance(y: Floats, w: Floats) -> Floats:
    """Return the weighted mean absolute difference of each value from all, in O(n log n)."""
    order = np.argsort(y, kind="stable")
    ys, ws = y[order], w[order] / w.sum()
    below, income_below = np.cumsum(ws), np.cumsum(ws * ys)
    distance = np.empty_like(ys)
    distance[order] = ys * (2 * below - 1) - 2 * income_below + income_below[-1]
    return distance


def _theil_t(given: Sample) -> Measured:
    y = given.incomes
    mean = given.mean(y)
    # A zero income adds nothing: y ln y tends to 0.
    terms = np.where(y > 0, y * np.log(np.where(y > 0, y, 1.0) / mean), 0.0)
    scaled = given.mean(terms) / mean
    return scaled, terms / mean - (scaled + 1) * (y / mean) + 1


def _mean_log_deviation(given: Sample) -> Measured:
    y = given.incomes
    mean = given.mean(y)
    logs = np.log(y / mean)
    value = -given.mean(logs)
    return value, (y - mean) / mean - (logs + value)


def _williamson(given: Sample) -> Measured:
    y = given.incomes
    mean = given.mean(y)
    deviations = (y - mean) ** 2
    variance = given.mean(deviations)
    spread = math.sqrt(variance)
    if spread <= 1e-13 * abs(mean):
        return 0.0, np.zeros_like(y)
    influence = (deviations - variance) / (2 * spread * mean) - spread * (y - mean) / mean**2
    return spread / mean, influence


@dataclass(frozen=True)
class Measure:
    """A measure of inequality.

    Attributes
    ----------
    name
        What it is called.
    compute
        Value and influence of each observation.
    lowest
        ``"any"``, ``"zero"`` (zero and above) or ``"positive"`` (above zero).
    """

    name: Message
    compute: Callable[[Sample], Measured]
    lowest: Literal["any", "zero", "positive"]


MEASURES: Mapping[str, Measure] = {
    "gini": Measure(Message("Gini coefficient"), _gini, "any"),
    "theil_t": Measure(Message("Theil-T index"), _theil_t, "zero"),
    "mean_log_deviation": Measure(
        Message("Mean log deviation (also called Theil-L)"), _mean_log_deviation, "positive"
    ),
    "williamson": Measure(
        Message("Williamson index (weighted coefficient of variation)"), _williamson, "any"
    ),
}


def inequality(
    frame: pd.DataFrame,
    value: str,
    *,
    weight: str | None = None,
    cluster: str | None = None,
    outside: Outside = "undefined",
    level: float = 0.95,
) -> Estimates:
    """Measure the inequality of a value by all four measures.

    Parameters
    ----------
    frame
        One row a household, village or region.
    value
        Column: income or expenditure a head.
    weight
        Column: how many people a row stands for; None gives every row the same weight.
    cluster
        Column of what was drawn together, such as the village of a household: the standard error
        then allows for their likeness. None for independent draws.
    outside
        The mean log deviation knows no zero and no negative value, Theil-T no negative one.
        ``"undefined"`` leaves them without a value and says why; ``"leave_out"`` computes them
        without such rows, and counts those. Gini and Williamson always use all rows; with
        negative values Gini can exceed 1.
    level
        Of the intervals, 0-1.

    Returns
    -------
    Estimates
        ``gini`` (0 equal, towards 1 unequal; no small-sample factor), ``theil_t`` (0 to ln n),
        ``mean_log_deviation`` (0 upwards), ``williamson`` (0 upwards). Standard errors by
        linearisation, of the rows as draws from many; for a census of regions they describe only
        how much the value depends on single ones.

    References
    ----------
    Langel and Tillé (2013), Variance estimation of the Gini index: revisiting a result several
    times published, Journal of the Royal Statistical Society A 176. Cowell (1989), Sampling
    variance and decomposable inequality measures, Journal of Econometrics 42. Williamson (1965),
    Regional inequality and the process of national development.

    Examples
    --------
    >>> inequality(pd.DataFrame({"income": [1, 1, 1, 5]}), "income")["gini"].value
    0.375
    """
    given = sample(frame, value, weight=weight, cluster=cluster)
    return Estimates({name: measured(name, given, outside=outside, level=level) for name in MEASURES})


def measured(name: str, given: Sample, *, outside: Outside, level: float) -> Estimate:
    """Compute one measure, or say why it is not defined."""
    measure = MEASURES[name]
    inside = within_domain(measure, given)
    n_outside = given.n - int(inside.sum())
    if n_outside and outside == "undefined":
        return undefined(measure.name, given, level=level, why=_why(measure, n_outside))
    notes: tuple[Message, ...] = ()
    used = given.where(inside) if n_outside else given
    if n_outside:
        notes = (_left_out(measure, n_outside),)
    if used.n == 0 or used.mean(used.incomes) <= 0:
        why = Message("It is not defined, because the mean is not above zero.")
        return undefined(measure.name, replace(given, notes=(*given.notes, *notes)), level=level, why=why)
    n_negative = int((used.incomes < 0).sum())
    if n_negative:
        notes = (*notes, Message("Negative values: {n}; the measure may exceed 1.", {"n": n_negative}))
    value, influence = measure.compute(used)
    return estimate(measure.name, value, influence, used, level=level, notes=notes)


def within_domain(measure: Measure, given: Sample) -> np.ndarray:
    """Say which observations a measure is defined for."""
    if measure.lowest == "any":
        return np.ones(given.n, dtype=bool)
    return given.incomes > 0 if measure.lowest == "positive" else given.incomes >= 0


def _why(measure: Measure, n: int) -> Message:
    if measure.lowest == "zero":
        return Message("It is not defined, because {n} values are negative.", {"n": n})
    return Message("It is not defined, because {n} values are zero or negative.", {"n": n})


def _left_out(measure: Measure, n: int) -> Message:
    if measure.lowest == "zero":
        return Message("Left out because they are negative: {n} values.", {"n": n})
    return Message("Left out because they are zero or negative: {n} values.", {"n": n})
