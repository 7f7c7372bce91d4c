"""Indicators made comparable: seven ways, each saying which end is better."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

if TYPE_CHECKING:
    from pk_research.indicators.composite.options import Options


@dataclass(frozen=True, slots=True)
class Marks:
    """What an indicator is measured against.

    Attributes
    ----------
    direction
        1: more is better; -1: less is better.
    low, high
        Goalposts in the unit of the indicator; NaN when there are none.
    target
        The target in that unit; NaN when there is none.
    reference
        Value of the unit of reference; NaN when there is none.
    """

    direction: float
    low: float = np.nan
    high: float = np.nan
    target: float = np.nan
    reference: float = np.nan


def normalise(values: np.ndarray, marks: Marks, options: Options) -> np.ndarray:
    """Bring one indicator to the common scale; afterwards more is better.

    With ``x`` the value (its negative where less is better), ``min``, ``max``, ``mean`` and ``sd``
    (divisor n - 1) over the units present, and ``a`` to ``b`` the scale:

    - ``min-max``: ``(x - min) / (max - min)``
    - ``z``: ``z_mean + z_sd (x - mean) / sd``, on no scale
    - ``rank``: ``(rank - 1) / (n - 1)``, the worst unit first, ties sharing their mean rank
    - ``goalposts``: ``(x - low) / (high - low)``, values beyond a goalpost counting as there
    - ``distance to target``: ``1 - (target - x) / (target - min)``, at most 1
    - ``distance to reference``: ``1 - (reference - x) / (reference - min)``; may exceed 1
    - ``ratio to best``: ``x / max``, or ``min / x`` where less is better; for values above zero

    each but ``z`` then stretched to the scale. Missing values stay missing.

    References
    ----------
    OECD and JRC (2008), Handbook on constructing composite indicators, section 5; COINr,
    functions ``n_minmax``, ``n_dist2targ``, ``n_dist2ref``, ``n_goalpost``.

    Examples
    --------
    >>> from pk_research.indicators.composite.options import Options
    >>> normalise(np.array([2.0, 4.0, np.nan, 10.0]), Marks(-1), Options())
    array([100.,  75.,  nan,   0.])
    """
    how = options.normalisation
    x = values if marks.direction > 0 else -values
    if how == "z":
        present = x[~np.isnan(x)] if np.isnan(x.sum()) else x
        away = x - present.mean()
        away *= options.z_sd / present.std(ddof=1)
        return np.asarray(away + options.z_mean)
    share = _ratio_to_best(values, marks) if how == "ratio to best" else _share(x, how, marks)
    low, high = options.scale
    share *= high - low
    share += low
    return np.asarray(share)


def _share(x: np.ndarray, how: str, marks: Marks) -> np.ndarray:
    """Return how far each unit is along the way from worst (0) to best (1)."""
    if how == "rank":
        return _rank_share(x)
    if how == "goalposts":
        low, high = (marks.low, marks.high) if marks.direction > 0 else (-marks.high, -marks.low)
        return np.asarray(np.clip((x - low) / (high - low), 0, 1))
    worst = np.nanmin(x)
    if how == "min-max":
        share = x - worst
        share /= np.nanmax(x) - worst
        return np.asarray(share)
    if how == "distance to target":
        target = marks.direction * marks.target
        return np.asarray(np.minimum((x - worst) / (target - worst), 1))
    return np.asarray((x - worst) / (marks.direction * marks.reference - worst))


def _rank_share(x: np.ndarray) -> np.ndarray:
    ranks = rankdata(x, nan_policy="omit")
    return np.asarray((ranks - 1) / (np.count_nonzero(~np.isnan(x)) - 1))


def _ratio_to_best(values: np.ndarray, marks: Marks) -> np.ndarray:
    return np.asarray(values / np.nanmax(values) if marks.direction > 0 else np.nanmin(values) / values)


def faults(
    values: Iterable[np.ndarray], marks: Mapping[str, Marks], options: Options
) -> list[tuple[str, str, str]]:
    """Return each indicator that cannot be normalised this way, with what is wrong and a remedy.

    Parameters
    ----------
    values
        One row an indicator, in the order of ``marks``.
    marks
        By indicator.
    options
        ``normalisation``.
    """
    found = []
    for row, (name, mark) in zip(values, marks.items(), strict=True):
        fault = _fault(row[~np.isnan(row)], mark, options.normalisation)
        if fault:
            found.append((name, *fault))
    return found


def _fault(present: np.ndarray, marks: Marks, how: str) -> tuple[str, str] | None:
    if not len(present):
        return "no unit has a value", "Leave it out, or find its values."
    if how in {"min-max", "z", "rank"}:
        return _fault_of_spread(present)
    return _fault_of_marks(present, marks, how)


def _fault_of_spread(present: np.ndarray) -> tuple[str, str] | None:
    if present.min() < present.max():
        return None
    return f"all units have the value {present[0]:g}", "Leave it out: it cannot tell units apart."


def _fault_of_marks(present: np.ndarray, marks: Marks, how: str) -> tuple[str, str] | None:
    worst = (present * marks.direction).min()
    if how == "goalposts" and np.isnan((marks.low, marks.high)).any():
        return "it has no goalposts", "Declare `low` and `high` in the table."
    if how == "distance to target" and not marks.direction * marks.target > worst:
        told = "it has no target" if np.isnan(marks.target) else "its target is no better than the worst unit"
        return told, "Declare a `target` in the table that is better than the worst unit."
    if how == "distance to reference" and not marks.direction * marks.reference > worst:
        return "the unit of reference has no value, or the worst one", "Choose another unit of reference."
    has_none = present.min() < 0 or (marks.direction < 0 and present.min() == 0) or present.max() <= 0
    if how == "ratio to best" and has_none:
        return "it has values of zero or below", "Choose another normalisation."
    return None
