"""Numbers of a wrong size (thousands where units were meant), and numbers suspiciously round."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pk_research.language import Message
from pk_research.quality.findings import Finding
from pk_research.quality.subject import Subject

UNIT_FACTORS = (1e3, 1e-3, 1e6, 1e-6)
FEWEST_VALUES = 20
WIDEST_SPREAD_DECADES = 0.75
ROUNDING = 1e-9
FEWEST_TO_HEAP = 100
FEWEST_DISTINCT = 20
HEAPED = 0.5
COUNTED_IN_TENS = 0.95
BY_CHANCE = 0.2


def magnitude_findings(subject: Subject) -> Iterator[Finding]:
    """Report likely slips of unit and heaping in every numeric variable."""
    for name in subject.numeric:
        values = subject.frame[name].dropna().astype("float64")
        # A declared maximum already tells what is too large.
        if subject.codebook[name].maximum is None:
            yield from _unit_slips(subject, name, values[values > 0])
        yield from _heaping(subject, name, values)


def _unit_slips(subject: Subject, name: str, positive: pd.Series) -> Iterator[Finding]:
    """Find values far from all others that a factor of a thousand or a million brings among them.

    Far is beyond three times the interquartile range of the logarithms, among is within one and a
    half times. A variable spread over too many decades says nothing about units. An integer stays
    one in any unit, and a count below ten is a small count.
    """
    decades = np.log10(positive)
    if len(decades) < FEWEST_VALUES:
        return
    low, high = decades.quantile([0.25, 0.75])
    spread = high - low
    if spread > WIDEST_SPREAD_DECADES:
        return
    far = decades[(decades < low - 3 * spread) | (decades > high + 3 * spread)]
    reach = 1.5 * spread + ROUNDING
    corrections = {factor: far - np.log10(factor) for factor in UNIT_FACTORS}
    fits = pd.DataFrame({factor: c.between(low - reach, high + reach) for factor, c in corrections.items()})
    corrected = pd.DataFrame({factor: positive[far.index] / factor for factor in UNIT_FACTORS})
    if subject.codebook[name].kind == "integer":
        fits &= (corrected - corrected.round()).abs() < ROUNDING
        fits = fits[positive[far.index] >= 10]
    expected = corrected.where(fits).bfill(axis=1).iloc[:, 0].dropna()
    if len(expected):
        message = Message(
            "{label}: values that look like a slip of unit, thousands or millions off the median "
            "of {median}: {n}",
            {"label": subject.label(name), "n": len(expected), "median": float(positive.median())},
        )
        listing = subject.listing(expected.index, name, expected=expected)
        yield subject.finding("unit-slip", "warning", message, [listing])


def _heaping(subject: Subject, name: str, values: pd.Series) -> Iterator[Finding]:
    """Find whole numbers that end in 0 or 5 far more often than one in five times."""
    numbers = values[values.abs() >= 10]
    if len(numbers) < FEWEST_TO_HEAP or numbers.nunique() < FEWEST_DISTINCT:
        return
    if (numbers % 1 != 0).any() or (numbers % 10 == 0).mean() >= COUNTED_IN_TENS:
        return
    round_ones = numbers.index[numbers % 5 == 0]
    share = len(round_ones) / len(numbers)
    if share >= HEAPED:
        message = Message(
            "{label}: {percent}% of the numbers from 10 upwards end in 0 or 5 ({chance}% would by chance): "
            "they may be estimates, or counted in fives",
            {"label": subject.label(name), "percent": round(100 * share), "chance": round(100 * BY_CHANCE)},
        )
        yield subject.finding("heaping", "note", message, [subject.listing(round_ones, name)])
