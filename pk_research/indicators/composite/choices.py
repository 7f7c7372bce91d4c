"""Choices side by side: the index computed again with one choice made otherwise, or one element gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.indicators.composite import choices_words as words
from pk_research.indicators.composite.index import CompositeIndex
from pk_research.indicators.composite.sensitivity import effect_of_removal
from pk_research.indicators.composite.uncertainty import mean_shift
from pk_research.indicators.composite.variation import Variation, draw_at, run, variation_of
from pk_research.language import Language


@dataclass(frozen=True, eq=False)
class SideBySide:
    """One choice at a time made otherwise.

    Attributes
    ----------
    index
        The index as published.
    effects
        One row a choice that differs from the published one: ``field`` (of `Options`), ``value``,
        ``mean_shift`` (mean absolute change of rank), ``largest_shift``, ``largest_unit`` (key of
        the unit it moves most), ``kept_top`` (of the first ``top``, how many stay there),
        ``n_scored`` (units with a score by that choice).
    top
        How many first ranks ``kept_top`` looks at.
    """

    index: CompositeIndex
    effects: pd.DataFrame
    top: int

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a choice for people."""
        return words.choices_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say which other choice moves ranks most."""
        return words.choices_in_words(self, language)


@dataclass(frozen=True, eq=False)
class Removals:
    """One element at a time left out.

    Attributes
    ----------
    index
        The index as published.
    effects
        From `effect_of_removal`.
    """

    index: CompositeIndex
    effects: pd.DataFrame

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row an element for people, by its label, the village it moves most by name."""
        return words.removals_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say which element moves ranks most when it is left out, and which least."""
        return words.removals_in_words(self, language)


def side_by_side(
    index: CompositeIndex,
    alternatives: Mapping[str, Iterable[Any]],
    *,
    top: int = 10,
    seed: int = 0,
    n_jobs: int | None = None,
) -> SideBySide:
    """Compute the index again for each other choice, the rest as published.

    Parameters
    ----------
    index
        The index as published.
    alternatives
        By field of `Options`, the values to try: ``{"aggregation": ["geometric", "harmonic"]}``.
        The published value itself is passed over. A multiple imputation counts by its first draw.
    top
        Counts how many of so many first stay among them.
    seed, n_jobs
        As in `monte_carlo`.

    Raises
    ------
    BadInput
        When an alternative cannot be computed; all faults at once.

    Examples
    --------
    >>> from pk_research import sample
    >>> from pk_research.indicators import composite
    >>> index = composite.build_index(sample.load_sample(), composite.village_potential(),
    ...                               options=composite.village_potential_options())
    >>> composite.side_by_side(index, {"normalisation": ["rank"]}).effects["value"].tolist()
    ['rank']
    """
    tried = [
        (name, value)
        for name, values in alternatives.items()
        for value in values
        if getattr(index.options, name, None) != value
    ]
    published = index.rank.fillna(0).to_numpy(dtype=np.int32)
    ranks = _ranks_of_each(index, tried, seed=seed, n_jobs=n_jobs)
    rows = [
        {"field": name, "value": value, **_effect(other, published, index, top)}
        for (name, value), other in zip(tried, ranks, strict=True)
    ]
    return SideBySide(index, pd.DataFrame(rows), top)


def removals(
    index: CompositeIndex, elements: Sequence[str] | None = None, *, level: int | None = None
) -> Removals:
    """Leave out one element at a time; see `effect_of_removal` for the parameters and figures."""
    return Removals(index, effect_of_removal(index, elements, level=level))


def _ranks_of_each(
    index: CompositeIndex, tried: Sequence[tuple[str, Any]], *, seed: int, n_jobs: int | None
) -> list[np.ndarray]:
    problems: list[Problem] = []
    variations: list[Variation] = []
    for name, value in tried:
        try:
            variations.append(variation_of(index, {name: (value,)}, weight_noise=0.0, data_error=False))
        except BadInput as error:
            problems += error.problems
    if problems:
        raise BadInput(problems)
    ranks = []
    for variation in variations:
        place = np.zeros(len(variation.factors))
        draw = draw_at(place, variation, index.options, weight_key=0, error_key=0)
        ranks += run(index, variation, [draw], np.asarray, seed=seed, n_jobs=n_jobs)
    return ranks


def _effect(
    ranks: np.ndarray, published: np.ndarray, index: CompositeIndex, top: int
) -> dict[str, float | int | str]:
    shift = np.where((ranks > 0) & (published > 0), np.abs(ranks - published), 0)
    first, still = ((each >= 1) & (each <= top) for each in (published, ranks))
    return {
        "mean_shift": mean_shift(ranks, published),
        "largest_shift": int(shift.max()),
        "largest_unit": str(index.inputs.key[int(shift.argmax())]),
        "kept_top": int((first & still).sum()),
        "n_scored": int((ranks > 0).sum()),
    }
