"""Why a choice cannot be computed, in a sentence for whoever chose it."""

from __future__ import annotations

from collections.abc import Sequence

from pk_research.codebook import Label
from pk_research.language import Message
from pk_research.sources import Dataset

NOTHING_CHOSEN = Message("Choose at least one indicator")
NO_DATA = Message("There is no village data to show yet")
NO_INDICATORS = Message("This data has no numbers to compare villages by. Choose other data")
UNKNOWN = Message("These villages cannot be compared this way. Choose other indicators or another year")


def explain(dataset: Dataset, variables: Sequence[str], *, year: int | None, k: int | None) -> Message:
    """Say why villages cannot be compared by these choices.

    Parameters
    ----------
    dataset, variables, year, k
        What `pk_research.clusters.find_types` was given and refused.
    """
    if not variables:
        return NOTHING_CHOSEN
    rows = dataset.frame if year is None else dataset.frame[dataset.frame["year"] == year]
    values = rows[list(variables)].dropna()
    if values.empty:
        return Message("No village has a value for every chosen indicator. Choose fewer, or another year")
    for name in variables:
        if values[name].nunique() == 1:
            return Message(
                "{indicator} is the same in every village, so it cannot tell them apart. Leave it out",
                {"indicator": _label(dataset, name)},
            )
    n_profiles = len(values.drop_duplicates())
    if n_profiles < (k or 2) + 1:
        return Message(
            "Only {n} villages with different values can be compared: too few for {k} types",
            {"n": n_profiles, "k": k or 2},
        )
    return UNKNOWN


def _label(dataset: Dataset, name: str) -> Label:
    variable = dataset.codebook[name]
    return Label(name, variable.label_id, variable.label_en)
