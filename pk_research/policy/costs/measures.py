"""What a stream of money is worth: net present value, internal rates of return, payback.

Flows are one number a year, the first of them at the base year and not discounted (Excel's NPV
discounts the first as well).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.polynomial import polynomial

from pk_research.errors import BadInput, Problem

LARGEST_IMAGINARY = 1e-5
ROUNDING = 1e-9


def discount_factors(rate: float, n_years: int) -> np.ndarray:
    """Return what one rupiah of each year is worth in the first.

    Parameters
    ----------
    rate
        Discount rate a year as a share, above -1.
    n_years
        Years, the first included.

    Raises
    ------
    BadInput
        When the rate is not a finite number above -1.

    Examples
    --------
    >>> discount_factors(0.25, 3).tolist()
    [1.0, 0.8, 0.64]
    """
    if not (np.isfinite(rate) and rate > -1):
        raise BadInput(Problem("discount rate", f"it is {rate!r}", "Give a share above -1, such as 0.08."))
    return np.asarray((1 + rate) ** -np.arange(n_years, dtype=float))


def npv(flows: Sequence[float] | np.ndarray, rate: float) -> float:
    """Return the net present value: the sum of flows, each discounted to the first year.

    Parameters
    ----------
    flows
        Benefits less costs of each year, from the base year on.
    rate
        As in `discount_factors`.

    Examples
    --------
    >>> round(npv([-100, 50, 90], 0.25), 9)
    -2.4
    """
    values = _finite(flows)
    return float(values @ discount_factors(rate, len(values)))


def internal_rates(flows: Sequence[float] | np.ndarray) -> tuple[float, ...]:
    """Return every rate above -1 at which the net present value is zero, ascending.

    Parameters
    ----------
    flows
        As in `npv`.

    Returns
    -------
    tuple of float
        None, one or several. With several, none of them is *the* internal rate of return: judge by the
        net present value.

    Raises
    ------
    BadInput
        When the flows are all of one sign, so that no rate can exist, or one is not finite.

    References
    ----------
    Norstrøm (1972), A sufficient condition for a unique nonnegative internal rate of return, Journal
    of Financial and Quantitative Analysis 7.

    Examples
    --------
    >>> [round(rate, 6) for rate in internal_rates([-1600, 10000, -10000])]
    [0.25, 4.0]
    >>> internal_rates([1000, -3000, 2500])
    ()
    """
    values = _finite(flows)
    if not ((values > 0).any() and (values < 0).any()):
        raise BadInput(
            Problem("flows", "they are all of one sign", "An internal rate needs costs and benefits both.")
        )
    scaled = np.trim_zeros(values / np.abs(values).max())
    roots = polynomial.polyroots(scaled)
    candidates = roots.real[(np.abs(roots.imag) <= LARGEST_IMAGINARY * np.abs(roots)) & (roots.real > 0)]
    found = [_polished(scaled, v) for v in candidates]
    return _apart(1 / v - 1 for v in found if _is_root(scaled, v))


def benefit_cost_ratio(benefits: float, costs: float) -> float:
    """Return present benefits over present costs; missing where there are no costs.

    Examples
    --------
    >>> benefit_cost_ratio(150.0, 100.0)
    1.5
    """
    return benefits / costs if costs > 0 else np.nan


def discounted_payback(flows: Sequence[float] | np.ndarray, rate: float) -> float:
    """Return the years until the discounted sum is no longer negative, for good.

    Parameters
    ----------
    flows, rate
        As in `npv`.

    Returns
    -------
    float
        Whole years after the base year; missing where it never is. A sum that turns positive and falls
        below zero again later has not paid back.

    Examples
    --------
    >>> discounted_payback([-100, 60, 60, 60], 0.1)
    2.0
    """
    values = _finite(flows)
    sums = np.cumsum(values * discount_factors(rate, len(values)))
    negative = np.flatnonzero(sums < -ROUNDING * np.abs(values).max())
    if len(negative) == 0:
        return 0.0
    return float(negative[-1] + 1) if negative[-1] + 1 < len(values) else np.nan


def _finite(flows: Sequence[float] | np.ndarray) -> np.ndarray:
    values = np.asarray(flows, dtype=float)
    if values.ndim != 1 or len(values) == 0 or not np.isfinite(values).all():
        raise BadInput(Problem("flows", "a year has no finite number", "Give one number for each year."))
    return values


def _polished(coefficients: np.ndarray, v: float) -> float:
    """Take Newton steps, which the companion matrix of a long horizon leaves to be done."""
    slope = polynomial.polyder(coefficients)
    for _ in range(3):
        steep = polynomial.polyval(v, slope)
        step = polynomial.polyval(v, coefficients) / steep if steep else 0.0
        v = v - step if 0 < v - step < 2 * v else v
    return float(v)


def _is_root(coefficients: np.ndarray, v: float) -> bool:
    size = polynomial.polyval(v, np.abs(coefficients))
    return bool(abs(polynomial.polyval(v, coefficients)) <= ROUNDING * size)


def _apart(rates: Iterable[float]) -> tuple[float, ...]:
    found: list[float] = []
    for rate in sorted(rates):
        if not found or rate - found[-1] > 1e-6 * (1 + rate):
            found.append(float(rate))
    return tuple(found)
