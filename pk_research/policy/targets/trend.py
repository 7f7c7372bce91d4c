"""Where a straight trend leads, and how likely it reaches a target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import t

from pk_research.errors import BadInput, Problem

FEWEST = 3
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Reaching:
    """Where a trend leads; a figure is missing where too little is known.

    Attributes
    ----------
    expected
        The trend's value in the year asked for.
    low, high
        Prediction interval of a value measured then.
    chance
        Probability that the value measured then is at the target or better.
    """

    expected: float
    low: float
    high: float
    chance: float


def chance_of_reaching(
    years: np.ndarray,
    values: np.ndarray,
    se: np.ndarray,
    *,
    year: float,
    target: float,
    direction: Literal["up", "down"],
    level: float = 0.95,
) -> Reaching:
    """Draw a straight line through values and judge where it leads.

    Parameters
    ----------
    years, values
        Three or more known values and their years; a year not measured is simply not there.
    se
        Their standard errors; missing where not known.
    year, target, direction
        The target, the year it is set for, and whether more (``"up"``) or less (``"down"``) is better.
    level
        Of the interval.

    Returns
    -------
    Reaching
        From the prediction of ordinary least squares with Student's t. The scatter about the line is
        taken as no smaller than the mean sampling variance, where that is known: three values that lie
        on a line by chance do not make the future sure. All is missing below three values; chance and
        interval also where the values lie exactly on a line and no standard error is known. It says
        what comes if the trend goes on, not what a new policy would change.

    Raises
    ------
    BadInput
        When the direction is neither, or years, values and errors are not as many.

    References
    ----------
    Montgomery, Peck and Vining (2012), Introduction to Linear Regression Analysis, sec. 2.5.

    Examples
    --------
    >>> years, values = np.array([2020.0, 2021.0, 2022.0, 2023.0]), np.array([10.0, 11.1, 11.9, 13.0])
    >>> found = chance_of_reaching(years, values, values * np.nan, year=2025, target=14, direction="up")
    >>> round(found.expected, 2), found.chance > 0.95
    (14.93, True)
    """
    problems = []
    if direction not in {"up", "down"}:
        problems.append(Problem("direction", f"it is {direction!r}", "Say 'up' or 'down'."))
    if not len(years) == len(values) == len(se):
        what = f"there are {len(years)}, {len(values)} and {len(se)}"
        problems.append(Problem("years, values, se", what, "Give one value and one error a year."))
    if problems:
        raise BadInput(problems)
    n = len(years)
    if n < FEWEST:
        return Reaching(np.nan, np.nan, np.nan, np.nan)
    middle = years.mean()
    spread = float(((years - middle) ** 2).sum())
    slope = float(((years - middle) * values).sum()) / spread
    expected = float(values.mean() + slope * (year - middle))
    residual = values - values.mean() - slope * (years - middle)
    known = se[~np.isnan(se)]
    sampling = float((known**2).mean()) if len(known) else 0.0
    variance = max(float((residual**2).sum()) / (n - 2), sampling)
    error = float(np.sqrt(variance * (1 + 1 / n + (year - middle) ** 2 / spread)))
    reach = float(t.ppf((1 + level) / 2, n - 2)) * error
    if error <= ROUNDING * np.abs(values).max():
        # Values exactly on a line, without standard errors, do not tell how far a later one may lie.
        return Reaching(expected, np.nan, np.nan, np.nan)
    ahead = expected - target if direction == "up" else target - expected
    chance = float(t.cdf(ahead / error, n - 2))
    return Reaching(expected, expected - reach, expected + reach, chance)
