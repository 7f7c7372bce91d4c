"""Why an index cannot be computed from a choice of indicators, in a sentence for whoever chose."""

from __future__ import annotations

import pandas as pd

from pk_research.indicators.composite import Declaration
from pk_research.language import Message
from pk_research.sources import Dataset

TOO_FEW = Message("An index needs at least two indicators. Pick more of them above")
NO_WEIGHT = Message("Give at least one part a weight; the ranks of before are shown")


def explain_index(dataset: Dataset, declaration: Declaration, *, year: int | None) -> Message:
    """Say why no index comes of these indicators.

    Parameters
    ----------
    dataset, declaration, year
        What `pk_research.indicators.composite.build_index` was given and refused.
    """
    rows = dataset.frame if year is None else dataset.frame[dataset.frame["year"] == year]
    for name in declaration.indicators:
        label = {"indicator": declaration.label(name)}
        values = rows[name].dropna()
        if values.empty:
            return Message("{indicator} has no value in the chosen year. Leave it out of the index", label)
        points = declaration.points(name)
        strange = set(values.astype(str)) - set(points) if points else set()
        if strange:
            named = {**label, "answers": ", ".join(sorted(strange)[:5])}
            return Message(
                "{indicator} has answers that the index has no points for: {answers}. Leave it out", named
            )
        if not points and not pd.api.types.is_numeric_dtype(values):
            return Message("{indicator} is no number, so it cannot be part of an index. Leave it out", label)
        if (values == values.iloc[0]).all():
            return Message(
                "{indicator} is the same in every village, so it cannot tell them apart. Leave it out", label
            )
    return Message("No village has enough of these indicators to be scored. Pick others, or another year")
