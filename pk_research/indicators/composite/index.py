"""A composite index: the score and rank of every unit, and all that is needed to check and repeat it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.indicators.composite import words
from pk_research.indicators.composite.declaration import Declaration
from pk_research.indicators.composite.inputs import Inputs
from pk_research.indicators.composite.options import Options
from pk_research.indicators.composite.ranks import ranks_of
from pk_research.indicators.composite.weights import effective
from pk_research.language import Language
from pk_research.sources.dataset import Step

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class CompositeIndex:
    """Scores at every level, with what is needed to check and to repeat them.

    Attributes
    ----------
    declaration
        What the index is made of.
    options
        How it was computed.
    inputs
        What it started from: units, values before imputation, records left out.
    elements
        Score of every element (normalised value, for an indicator), one row an element in the
        order of the declared table, one column a unit in the order of ``units``.
    element_weights
        Weight of each element within its parent; those of siblings sum to one.
    treatment
        One row an indicator (the index): ``n_imputed``, ``n_missing`` (still, after imputation),
        ``skewness`` and ``kurtosis`` before treatment, ``n_winsorised``, ``transform``,
        ``skewness_after``, ``kurtosis_after``.
    seed
        Seed of all chance.
    steps
        What was done, in order; ``n_rows`` counts units, or values where the sentence says so.
    title
        What the data is called.
    made
        True for made data; every view says so.
    input_hash
        Content hash of the dataset.
    versions
        Versions of the libraries that computed it.
    """

    declaration: Declaration
    options: Options
    inputs: Inputs
    elements: np.ndarray
    element_weights: np.ndarray
    treatment: pd.DataFrame
    seed: int
    steps: tuple[Step, ...]
    title: str
    made: bool
    input_hash: str
    versions: Mapping[str, str]

    @property
    def units(self) -> pd.DataFrame:
        """One row a unit, in the order of the key: key, place names, ``code_note`` of a village code."""
        return self.inputs.units

    @property
    def left_out(self) -> pd.DataFrame:
        """One row a record without a place in the index: key, place names, ``reason``."""
        return self.inputs.left_out

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row a unit (the key is the index): the index itself first, then each level below it."""
        names = list(self.declaration.aggregates)
        n = len(self.declaration.indicators)
        frame = pd.DataFrame(self.elements[n:].T, index=self.inputs.key, columns=names)
        return frame[names[::-1]]

    @cached_property
    def normalised(self) -> pd.DataFrame:
        """One row a unit (the key is the index): its comparable value of each indicator."""
        names = list(self.declaration.indicators)
        return pd.DataFrame(self.elements[: len(names)].T, index=self.inputs.key, columns=names)

    @property
    def score(self) -> pd.Series:
        """The index of each unit; missing where it could not be computed."""
        return self.scores[self.declaration.root]

    @cached_property
    def rank(self) -> pd.Series:
        """Rank of each unit, 1 the best, ties sharing the better rank; missing without a score."""
        ranks = pd.Series(ranks_of(self.elements[-1]), index=self.inputs.key, dtype="Int64", name="rank")
        return ranks.mask(ranks == 0)

    @property
    def ranks(self) -> pd.DataFrame:
        """One row a unit (the key is the index): its rank on the index and on each level below."""
        ranked = {name: ranks_of(self.scores[name].to_numpy()) for name in self.scores}
        frame = pd.DataFrame(ranked, index=self.inputs.key).astype("Int64")
        return frame.mask(frame == 0)

    @property
    def weights(self) -> pd.DataFrame:
        """One row an element (the index): ``parent``, ``level``, ``weight``, ``share`` of the whole."""
        table = self.declaration.table
        shares = effective(self.element_weights, self.declaration.groups)
        return table[["parent", "level"]].assign(weight=self.element_weights, share=shares)

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a unit for people: rank, name, scores of the two upper levels."""
        return words.index_table(self, language)

    def weights_table(self, language: Language) -> pd.DataFrame:
        """Return one row an element for people: what it adds up to, its weights, its reason."""
        return words.weights_table(self, language)

    def left_out_table(self, language: Language) -> pd.DataFrame:
        """Return the records without a place in the index, with the reason."""
        return words.left_out_table(self, language)

    def steps_table(self, language: Language) -> pd.DataFrame:
        """Return what was done, in order, and to how many."""
        return words.steps_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell the result in plain sentences, the doubt included; paragraphs end with a line end."""
        return words.account(self, language)

    def plot(self, language: Language, *, width_px: int = 1200) -> Figure:
        """Draw the best units with what their scores are made of."""
        from pk_research.indicators.composite.pictures import plot_scores

        return plot_scores(self, language, width_px=width_px)
