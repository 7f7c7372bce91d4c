"""A typology of villages: who belongs to which type, what the types are, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from pk_research.clusters import words
from pk_research.clusters.certainty import Certainty
from pk_research.clusters.choice import Choice
from pk_research.clusters.columns import Columns, columns_of
from pk_research.clusters.mixed import Kind
from pk_research.clusters.partition import Scale
from pk_research.clusters.prepare import code_column
from pk_research.clusters.profile import Profile
from pk_research.clusters.request import Gaps
from pk_research.codebook import Codebook, Variable
from pk_research.language import Language, Message
from pk_research.sources.dataset import Step

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BORDER = 0.10
SURE = 0.75


@dataclass(frozen=True, eq=False)
class Typology:
    """Villages in types, with what is needed to check and to repeat it.

    Attributes
    ----------
    villages
        One row a village, in the order of the key: key, place names, the chosen values,
        ``cluster`` (from 1), ``silhouette`` (-1 to 1), ``second_cluster`` (the nearest other
        one), ``probability`` (share of repetitions that put it into its type, where certainty was
        measured; else of latent classes that of the model), ``is_border`` (silhouette below 0.10
        or probability below 0.75: it could as well belong to the second), ``n_imputed`` (how many
        of its values were missing, where they were imputed; they stay missing here). Silhouettes
        of medoids and latent classes are on Gower's distance. The second of latent classes is the
        second most probable, and only probability makes a border there; of dense groups it is that
        of the nearest village of another type, on the border where that is about as near as the
        nearest of its own.
    left_out
        One row a record that could not be compared: key, place names, ``reason`` (`Message`).
        Where a method left villages in no type, they are here too, with ``in_no_type`` true.
    k
        Number of clusters. They are numbered along the direction in which villages differ most,
        from the highest values down; those of categories from the largest down. The numbers are
        names, not grades.
    names
        One proposed name a cluster.
    choice
        The candidates for k; None when k was given.
    certainty
        What repetitions on villages drawn anew found; None when there were none.
    profile
        What makes each cluster what it is.
    typical
        The villages closest to the centre of each cluster: ``cluster``, ``rank``, key, place
        names, ``distance`` in scaled units; to a medoid by Gower's distance; of latent classes and
        dense groups what its probability or strength lacks to 1.
    variables
        What was compared.
    codebook
        What the key and the place names mean.
    year
        Year compared; None for data without years.
    scale
        How values were scaled.
    method, notes
        How villages were grouped, and what must be said of it.
    n_starts, seed
        Starts for each k, and the seed of all chance.
    share_same_start
        Share of the starts that found these clusters, 0 to 1.
    n_reference
        Villages against which each silhouette was measured; all of them unless the data is large.
    steps
        What was done to the rows.
    title
        What the data is called.
    made
        True for made data; every view says so.
    input_hash
        Content hash of the dataset.
    versions
        Versions of the libraries that computed it.
    kinds
        What each variable is: numeric, ordinal, nominal or asymmetric.
    gaps
        What was done about missing values: villages left out, kept as they are, or values imputed.
    """

    villages: pd.DataFrame
    left_out: pd.DataFrame
    k: int
    names: tuple[Message, ...]
    choice: Choice | None
    certainty: Certainty | None
    profile: Profile
    typical: pd.DataFrame
    variables: tuple[Variable, ...]
    codebook: Codebook
    year: int | None
    scale: Scale
    method: str
    notes: tuple[Message, ...]
    n_starts: int
    seed: int
    share_same_start: float
    n_reference: int
    steps: tuple[Step, ...]
    title: str
    made: bool
    input_hash: str
    versions: Mapping[str, str]
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    gaps: Gaps = "leave_out"

    @property
    def code_column(self) -> str:
        """The column that says which village a row is about."""
        return code_column(self.codebook)

    @property
    def silhouette(self) -> float:
        """Mean silhouette over the villages, -1 to 1."""
        return float(self.villages["silhouette"].mean())

    @property
    def columns(self) -> Columns:
        """What the profile compares: numbers, and each category as a column of its own."""
        return columns_of(self.villages, self.variables, self.kinds)

    @property
    def in_no_type(self) -> pd.DataFrame:
        """The rows of ``left_out`` that were compared and belong to no type."""
        if "in_no_type" not in self.left_out:
            return self.left_out.iloc[:0]
        return self.left_out[self.left_out["in_no_type"].astype(bool)]

    @property
    def n_compared(self) -> int:
        """Number of villages compared, those in no type included."""
        return len(self.villages) + len(self.in_no_type)

    @property
    def summary(self) -> pd.DataFrame:
        """One row a cluster (the index): ``n_villages``, ``share``, ``silhouette``, ``n_border``.

        Shares are of all villages compared, 0 to 1.
        """
        by_cluster = self.villages.groupby("cluster")
        size = by_cluster.size()
        return pd.DataFrame(
            {
                "n_villages": size,
                "share": size / self.n_compared,
                "silhouette": by_cluster["silhouette"].mean(),
                "n_border": by_cluster["is_border"].sum(),
            }
        )

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a cluster for people: number, name, size, doubt, mean of each variable."""
        return words.cluster_table(self, language)

    def villages_table(self, language: Language) -> pd.DataFrame:
        """Return one row a village for people, headings and types in ``language``."""
        return words.village_table(self, language)

    def left_out_table(self, language: Language) -> pd.DataFrame:
        """Return the records left out, headings and reasons in ``language``."""
        return words.left_out_table(self, language)

    def in_words(self, language: Language) -> str:
        """Tell the result in plain sentences, the doubt included; paragraphs end with a line end."""
        return words.account(self, language)

    def plot(self, language: Language) -> Figure:
        """Draw the profile; `pk_research.clusters.pictures` has the other pictures."""
        from pk_research.clusters.pictures import plot_profile

        return plot_profile(self, language)
