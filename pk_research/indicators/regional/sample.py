"""Incomes with their weights and clusters, and what an estimate from them is worth."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Message

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Scale = Literal["log", "logit"]
# One of ten equal parts: with more, the spread of the others says little about the doubt.
MOST_OF_ONE = 0.1


@dataclass(frozen=True, eq=False)
class Sample:
    """Values that can be computed with, one an observation.

    Attributes
    ----------
    incomes
        Incomes, or whatever is distributed.
    weights
        How many each stands for; all above zero.
    clusters
        Number of the cluster it was drawn with, from 0; None for independent draws.
    groups
        Number of its group, from 0; all 0 where there are no groups.
    lines
        Poverty line of each; missing where there is none.
    group_names
        The names of the groups by number.
    notes
        What was left out.
    """

    incomes: Floats
    weights: Floats
    clusters: Codes | None
    groups: Codes
    lines: Floats
    group_names: tuple[str, ...]
    notes: tuple[Message, ...]

    @property
    def n(self) -> int:
        """Number of observations."""
        return len(self.incomes)

    def mean(self, of: Floats) -> float:
        """Return the weighted mean of something known of each observation."""
        return float((self.weights * of).sum() / self.weights.sum())

    def where(self, kept: npt.NDArray[np.bool_] | Codes) -> Sample:
        """Return the observations that are kept, by a mask or by their places."""
        return replace(
            self,
            incomes=self.incomes[kept],
            weights=self.weights[kept],
            clusters=None
            if self.clusters is None
            else np.unique(self.clusters[kept], return_inverse=True)[1],
            groups=self.groups[kept],
            lines=self.lines[kept],
        )

    def by_group(self) -> Iterator[tuple[str, Sample]]:
        """Return each group that has observations, with its name, in the order of their numbers."""
        order = np.argsort(self.groups, kind="stable")
        ends = np.cumsum(np.bincount(self.groups, minlength=len(self.group_names)))
        for name, members in zip(self.group_names, np.split(order, ends[:-1]), strict=True):
            if len(members):
                yield name, self.where(members)


@dataclass(frozen=True, eq=False)
class Estimate:
    """A number with its doubt.

    Attributes
    ----------
    measure
        What it is.
    value
        Missing where it is not defined; ``notes`` say why.
    standard_error, low, high
        By linearisation, the interval at ``level`` by Student's t, symmetric in the logarithm (of
        the odds, for shares); missing where there are fewer than two observations (or clusters),
        or where nobody differs. Few and very unequal incomes make them too small; the notes say
        when one row or cluster dominates.
    level
        Of the interval, 0-1.
    n, n_clusters
        Observations and clusters it rests on; None for independent draws.
    notes
        What was left out, and why a value is missing.
    """

    measure: Message
    value: float
    standard_error: float
    low: float
    high: float
    level: float
    n: int
    n_clusters: int | None
    notes: tuple[Message, ...] = ()


def sample(
    frame: pd.DataFrame,
    value: str,
    *,
    weight: str | None = None,
    cluster: str | None = None,
    group: str | None = None,
    line: str | float | None = None,
) -> Sample:
    """Take the rows that can be computed with, and count the others.

    Raises
    ------
    BadInput
        When a column is absent or not numbers, a weight is negative, a value infinite, a poverty
        line not above zero, or when no row is left.
    """
    wanted = [name for name in (value, weight, cluster, group, line) if isinstance(name, str)]
    _check(frame, wanted, [name for name in (value, weight, line) if isinstance(name, str)])
    weights = frame[weight].astype("float64") if weight else pd.Series(1.0, frame.index)
    lines = frame[line].astype("float64") if isinstance(line, str) else _constant(line, frame)
    _check_numbers(frame[value], weights, lines, weight, line)
    is_complete = frame[wanted].notna().all(axis=1)
    kept = is_complete & (weights > 0)
    rows = frame[kept]
    if rows.empty:
        raise BadInput(Problem(value, "no row can be computed with", "Give values and weights above zero."))
    named = rows[group].astype(str) if group else pd.Series("", rows.index)
    names, groups = np.unique(named.to_numpy(), return_inverse=True)
    return Sample(
        incomes=rows[value].to_numpy("float64"),
        weights=weights[kept].to_numpy(),
        clusters=pd.factorize(rows[cluster])[0] if cluster else None,
        groups=groups,
        lines=lines[kept].to_numpy(),
        group_names=tuple(map(str, names)),
        notes=_left_out(wanted, int((~is_complete).sum()), int((is_complete & (weights == 0)).sum())),
    )


def _constant(value: float | None, frame: pd.DataFrame) -> pd.Series:
    return pd.Series(math.nan if value is None else value, frame.index, dtype="float64")


def _check(frame: pd.DataFrame, wanted: list[str], numeric: list[str]) -> None:
    absent = [name for name in wanted if name not in frame.columns]
    if absent:
        raise BadInput(
            Problem(name, "there is no such column", f"Columns: {', '.join(map(str, frame.columns))}.")
            for name in absent
        )
    texts = [name for name in numeric if not pd.api.types.is_numeric_dtype(frame[name])]
    if texts:
        raise BadInput(
            Problem(name, "its values are not numbers", "Read it as numbers first.") for name in texts
        )


def _check_numbers(
    values: pd.Series, weights: pd.Series, lines: pd.Series, weight: str | None, line: str | float | None
) -> None:
    problems = []
    if np.isinf(values.astype("float64")).any():
        problems.append(Problem(str(values.name), "it has infinite values", "Correct them."))
    n_negative = int((weights < 0).sum() + np.isinf(weights).sum())
    if n_negative:
        problems.append(
            Problem(str(weight), f"{n_negative} weights are negative or infinite", "Correct them.")
        )
    is_unknown = line is not None and not isinstance(line, str) and math.isnan(line)
    if is_unknown or (lines <= 0).any() or np.isinf(lines).any():
        problems.append(Problem(str(line), "a poverty line is not above zero", "Give the line in force."))
    if problems:
        raise BadInput(problems)


def _left_out(wanted: list[str], n_missing: int, n_weightless: int) -> tuple[Message, ...]:
    notes = []
    if n_missing:
        notes.append(
            Message(
                "Rows left out because {columns} is missing: {n}.",
                {"columns": ", ".join(wanted), "n": n_missing},
            )
        )
    if n_weightless:
        notes.append(Message("Rows left out because their weight is zero: {n}.", {"n": n_weightless}))
    return tuple(notes)


def estimate(
    measure: Message,
    value: float,
    influence: Floats,
    given: Sample,
    *,
    level: float,
    scale: Scale = "log",
    notes: tuple[Message, ...] = (),
) -> Estimate:
    """Attach a standard error and an interval to a value.

    Parameters
    ----------
    measure, value
        What was computed.
    influence
        How far each observation moves the value: its influence function.
    given
        The observations.
    level
        Of the interval, 0-1.
    scale
        On which the interval is symmetric: ``"log"`` for what is above zero, ``"logit"`` for
        shares. With skewed incomes it covers the truth more often so.
    notes
        What else must be said.

    Returns
    -------
    Estimate
        SE² = m / (m - 1) · Σ (u - ū)², with u the weighted influence summed over each of m
        clusters (or observations) and divided by the sum of weights.

    References
    ----------
    Deville (1999), Variance estimation for complex statistics and estimators: linearization and
    residual techniques, Survey Methodology 25.
    """
    from scipy import stats

    parts = given.weights * influence / given.weights.sum()
    if given.clusters is not None:
        parts = np.bincount(given.clusters, parts)
    m = len(parts)
    squares = (parts - parts.mean()) ** 2
    error = math.sqrt(m / (m - 1) * float(squares.sum())) if m > 1 else math.nan
    # An error of nothing but rounding: everybody is equal, and the sample cannot say how sure that is.
    if error <= 1e-13 * max(1.0, abs(value)):
        error = math.nan
    reach = float(stats.t.ppf((1 + level) / 2, m - 1)) * error if m > 1 else math.nan
    low, high = _interval(value, reach, scale)
    n_clusters = None if given.clusters is None else m
    said = (*given.notes, *notes, *_rests_on_one(squares, error))
    return Estimate(measure, value, error, low, high, level, given.n, n_clusters, said)


def _interval(value: float, reach: float, scale: Scale) -> tuple[float, float]:
    """Return an interval that stays above zero, and on the scale of shares below one."""
    if math.isnan(reach) or value <= 0:
        return value - reach, value + reach
    if scale == "log" or value >= 1:
        factor = _stretch(reach / value)
        return value / factor, value * factor
    odds, factor = value / (1 - value), _stretch(reach / (value * (1 - value)))
    return odds / factor / (1 + odds / factor), odds * factor / (1 + odds * factor)


def _stretch(exponent: float) -> float:
    """Return e to the power of it; where that cannot be written, enough to reach either end."""
    return math.exp(min(exponent, 500.0))


def _rests_on_one(squares: Floats, error: float) -> tuple[Message, ...]:
    if math.isnan(error) or (share := float(squares.max() / squares.sum())) <= MOST_OF_ONE:
        return ()
    return (
        Message(
            "A single row (or cluster) makes up {percent}% of the doubt about it: the interval is likely "
            "too narrow.",
            {"percent": round(100 * share)},
        ),
    )


def undefined(measure: Message, given: Sample, *, level: float, why: Message) -> Estimate:
    """Return an estimate without a value, saying why."""
    n_clusters = None if given.clusters is None else int(given.clusters.max()) + 1
    nan = math.nan
    return Estimate(measure, nan, nan, nan, nan, level, given.n, n_clusters, (*given.notes, why))
