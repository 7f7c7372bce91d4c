"""What the pages of villages leave out: values that tell of a few people, or of a few enterprises."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pk_research.disclosure import Rules

if TYPE_CHECKING:
    from pk_research.sources import Dataset

OF_PEOPLE = ("persons", "households")
TOLD_BY = {"product_sales_idr_month": "product_sellers", "online_sales_pct": "product_sellers"}
"""Amounts -> how many enterprises stand behind them; where that is not known, the amount is not shown."""


def without_small(dataset: Dataset, *, rules: Rules | None = None) -> tuple[Dataset, int]:
    """Blank counts of few people, and amounts of few enterprises.

    Parameters
    ----------
    dataset
        Rows by village.
    rules
        Whose ``least_contributors`` counts; those of the house by default. Nobody (0) is told.

    Returns
    -------
    Dataset, int
        The rows with those values missing, and how many were blanked.

    Examples
    --------
    >>> from pk_research import sample
    >>> safe, n = without_small(sample.load_sample())
    >>> counts = safe.frame["stunted_children"].dropna()
    >>> n > 0, bool(((counts > 0) & (counts < 5)).any())
    (True, False)
    """
    rules = rules or Rules()
    frame, n_blanked = dataset.frame.copy(), 0
    counts = [one.name for one in dataset.codebook if one.unit in OF_PEOPLE and one.name in frame]
    for name, behind in [*((name, name) for name in counts), *TOLD_BY.items()]:
        if name not in frame:
            continue
        n = np.full(len(frame), np.nan)
        if behind in frame:
            n = frame[behind].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        few = rules.is_small(n) | (np.isnan(n) & (behind != name))
        n_blanked += int((few & frame[name].notna()).sum())
        frame[name] = frame[name].mask(few)
    return replace(dataset, frame=frame), n_blanked
