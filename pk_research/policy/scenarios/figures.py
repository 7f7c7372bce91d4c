"""Figures that may be uncertain: one number is taken as known; where they may lie is checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from pk_research.errors import BadInput, Problem
from pk_research.policy.costs.uncertain import Uncertain, uncertain

FAR = 1e-9
REMEDY_TAIL = "Correct it, or declare it triangular or uniform, which have ends."


def figure_of(value: float | Uncertain) -> Uncertain:
    """Return a figure; a plain number is taken as known."""
    return value if isinstance(value, Uncertain) else Uncertain("fixed", value, value, value, 1.0)


def figures_of(given: float | Uncertain | Mapping[str, Uncertain], everybody: str) -> dict[str, Uncertain]:
    """Return group -> figure; one figure stands for everybody."""
    return dict(given) if isinstance(given, Mapping) else {everybody: figure_of(given)}


def reach(figure: Uncertain) -> tuple[float, float]:
    """Return values that the figure as good as never leaves (one drawing in a thousand million).

    Examples
    --------
    >>> reach(figure_of(0.5))
    (0.5, 0.5)
    """
    low, high = figure.quantile(np.array([FAR, 1 - FAR]))
    return float(low), float(high)


def outside(figure: Uncertain, least: float, most: float, where: str) -> Iterator[Problem]:
    """Say when a figure is no number or can lie outside two ends."""
    try:
        uncertain(figure.mean, where=where)
    except BadInput as error:
        yield from error.problems
        return
    low, high = reach(figure)
    if low < least - FAR or high > most + FAR:
        what = (
            f"it is {figure.mean:g}"
            if figure.shape == "fixed"
            else f"a {figure.shape} figure from {figure.low:g} to {figure.high:g} can lie outside it"
        )
        remedy = "Correct it." if figure.shape == "fixed" else REMEDY_TAIL
        yield Problem(where, f"it must lie between {least:g} and {most:g}, and {what}", remedy)


def is_amount(value: object, *, least: float = 0.0) -> bool:
    """Say whether a value is a finite number of at least so much."""
    is_real = isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_)
    return is_real and bool(np.isfinite(value)) and bool(value >= least)  # type: ignore[call-overload, operator]


def is_whole(value: object, *, least: int = 1) -> bool:
    """Say whether a value is a whole number of at least so much."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= least)
