"""What respondents do: keep silent, more often where it matters, and answer in round numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.sample.district import Chance
from pk_research.sample.fieldwork.slips import Edit
from pk_research.sample.fieldwork.texts import value_text


@dataclass(frozen=True, slots=True)
class Silence:
    """A question that some leave unanswered.

    Attributes
    ----------
    variable
        The question.
    share
        Share of villages without an answer where ``depends_on`` is average.
    depends_on, slope
        The log odds of silence rise by ``slope`` with one standard deviation of this variable's
        true value: not at random.
    answer
        What stands in the file instead: a missing code, or nothing.
    """

    variable: str
    share: float
    depends_on: str
    slope: float
    answer: str


@dataclass(frozen=True, slots=True)
class Heap:
    """A question that a ``share`` answers in multiples of ``multiple``."""

    variable: str
    multiple: int
    share: float


SILENCES = (
    Silence("income_idr_month", 0.05, "income_idr_month", 0.9, "-88"),
    Silence("bumdes_turnover_idr_year", 0.09, "bumdes_reporting", -0.9, "-88"),
    Silence("bumdes_assets_idr", 0.11, "bumdes_reporting", -0.9, "-99"),
    Silence("own_revenue_idr_year", 0.05, "own_revenue_idr_year", 0.8, "-88"),
    Silence("product_sales_idr_month", 0.07, "product_sales_idr_month", 0.5, "-99"),
    Silence("online_sales_pct", 0.08, "internet_pct", -0.8, "-99"),
    Silence("hotel_restaurant_buyers", 0.04, "market_km", 0.5, "-99"),
    Silence("product_permit", 0.03, "market_km", 0.5, "-99"),
    Silence("stunted_children", 0.05, "market_km", 0.6, "-99"),
    Silence("unemployed", 0.06, "population", 0.6, "-99"),
    Silence("factory_workers", 0.05, "factory_workers", 0.5, "-99"),
    Silence("poor_households", 0.02, "poor_households", 0.6, ""),
    Silence("rice_field_ha", 0.01, "population", 0.5, ""),
    Silence("fishpond_ha", 0.02, "population", 0.5, ""),
    Silence("toll_gate_km", 0.02, "toll_gate_km", 0.5, "-99"),
    Silence("clean_water_pct", 0.03, "market_km", 0.6, ""),
    Silence("internet_pct", 0.02, "market_km", 0.6, "-99"),
    Silence("toilet_pct", 0.02, "market_km", 0.6, ""),
)
HEAPS = (
    Heap("income_idr_month", 500_000, 0.45),
    Heap("income_idr_month", 100_000, 0.6),
    Heap("umkm_count", 10, 0.4),
    Heap("product_sales_idr_month", 5_000_000, 0.5),
    Heap("population", 100, 0.15),
)


def silences(truth: pd.DataFrame, chance: Chance, free: pd.Series) -> Iterator[Edit]:
    """Draw which questions stay without an answer."""
    for silence in SILENCES:
        driver = truth[silence.depends_on].astype("float64")
        standard = ((driver - driver.mean()) / driver.std()).fillna(0)
        odds = silence.share / (1 - silence.share) * np.exp(silence.slope * standard)
        draw = chance.uniform(f"silence {silence.variable}", (len(truth),))
        silent = free & (draw < odds / (1 + odds)) & truth[silence.variable].notna()
        for row in np.flatnonzero(silent):
            yield Edit("no answer", int(row), silence.variable, silence.answer)


def round_numbers(truth: pd.DataFrame, chance: Chance, free: pd.Series) -> Iterator[Edit]:
    """Draw which numbers are given in round multiples."""
    for heap in HEAPS:
        values = truth[heap.variable].astype("float64")
        rounded = (values / heap.multiple).round() * heap.multiple
        draw = chance.uniform(f"heap {heap.variable} {heap.multiple}", (len(truth),))
        for row in np.flatnonzero(free & (draw < heap.share) & (rounded != values) & (rounded > 0)):
            yield Edit("heaping", int(row), heap.variable, value_text(rounded[row]))
