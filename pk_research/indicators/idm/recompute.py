"""IDM recomputed from its parts, and every published value that differs."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pk_research.indicators.idm import wording
from pk_research.indicators.idm.contradictions import (
    INDICES,
    differing,
    incomplete,
    recomputed_from,
    summarise,
)
from pk_research.indicators.idm.points import parts_of
from pk_research.language import Language, translate
from pk_research.sources.dataset import Dataset
from pk_research.writing import MADE

NAMES = ("province", "regency", "kecamatan", "village")
CONTRADICTION_DTYPES = {
    "index": "str",
    "published": "float64",
    "recomputed": "float64",
    "difference": "float64",
    "difference_points": "float64",
    "published_status": "string",
    "recomputed_status": "string",
    "inherited": "bool",
}


@dataclass(frozen=True)
class Recomputation:
    """IDM of every row, recomputed, and what it says about the published one.

    Attributes
    ----------
    dataset_name, key
        The dataset that was recomputed and the columns that identify its rows.
    frame
        One row a row of the dataset, in its order: key, ``iks``, ``ike``, ``ikl``, ``idm``,
        ``idm_status``, all recomputed; missing where a score is missing.
    contradictions
        One row a published value that differs from the recomputed one by more than rounding: key,
        names, ``index`` (iks, ike, ikl, idm or idm_status), ``published``, ``recomputed``,
        ``difference`` (published less recomputed), ``difference_points`` (the same in score points
        of the sub-index), ``published_status``, ``recomputed_status``, and ``inherited``: True
        when the published value agrees with the published values it derives from, so that the
        fault lies in those.
    incomplete
        One row a row of the dataset whose IDM could not be recomputed: key, names,
        ``sub_indices`` that could not, and how many scores are missing (``n_missing``) or are no
        whole number from 0 to 5 (``n_invalid``).
    summary
        By index: ``basis`` (``"scores"``, ``"value"``, ``"sub-indices"`` or ``"idm"``), rows
        ``n_compared``, ``n_equal``, ``n_contradicting``, ``n_incomplete``, ``n_not_published``
        (recomputed, nothing to compare with), the fewest ``decimals`` of the published values, and
        the ``tolerance``: the difference that rounding to those decimals explains. Each value is
        judged by its own decimals.
    title, made, input_hash
        What the data is called, whether it is made (every view says so), and the content hash of
        the dataset.
    """

    dataset_name: str
    key: tuple[str, ...]
    frame: pd.DataFrame
    contradictions: pd.DataFrame
    incomplete: pd.DataFrame
    summary: pd.DataFrame
    title: str
    made: bool
    input_hash: str

    def by_difference(self) -> pd.DataFrame:
        """Count the contradictions of the sub-indices by their size in score points.

        Returns
        -------
        pandas.DataFrame
            ``index``, the year where the key has one, ``difference_points`` (rounded to 0.01) and
            ``n_rows``.
        """
        sizes = self.contradictions.dropna(subset="difference_points").round({"difference_points": 2})
        by = ["index", *(name for name in self.key if name == "year"), "difference_points"]
        return sizes.groupby(by, sort=True).size().rename("n_rows").reset_index()

    def in_words(self, language: Language) -> str:
        """Say in a few sentences what was compared and what was found."""
        told = wording.recomputation_in_words(
            self.summary, self.contradictions, self.by_difference(), n_rows=len(self.frame), language=language
        )
        return f"{translate(MADE, language)}. {told}" if self.made else told

    def table(self, language: Language) -> pd.DataFrame:
        """Return the summary by index with headings in a language."""
        return wording.summary_table(self.summary, language)


def recompute(dataset: Dataset) -> Recomputation:
    """Recompute sub-indices, IDM and status of every row and compare them with what was published.

    Sub-indices come from the 50 scores where the dataset has them. Where it has only published
    sub-indices, each is read as the whole score points it stands for; one that no whole points
    give is used as it is and listed. IDM comes from the three sub-indices, the status from IDM.

    Parameters
    ----------
    dataset
        By village and year, with ``iks01``-``iks35``, ``ike01``-``ike12``, ``ikl01``-``ikl03``
        (whole scores 0 to 5), or with ``iks``, ``ike``, ``ikl`` (0 to 1). The published ``idm``
        and ``idm_status`` are compared where they are there.

    Returns
    -------
    Recomputation
        A missing score makes its sub-index, IDM and status missing, and the row is listed.

    Raises
    ------
    BadInput
        Naming every sub-index that has neither a published value nor all its indicators.

    References
    ----------
    Permendesa PDTT 2/2016.

    Examples
    --------
    >>> from pk_research.codebook import Codebook
    >>> from pk_research.sources.dataset import Provenance
    >>> from pk_research.sources.vocabulary import IDM, IDM_STATUS, IKE, IKL, IKS
    >>> rows = pd.DataFrame({"iks": [0.8, 0.8], "ike": [0.6, 0.6], "ikl": [0.6667, 0.6667],
    ...                      "idm": [0.6889, 0.6889], "idm_status": ["Berkembang", "Maju"]})
    >>> villages = Dataset("two", rows, Codebook((IKS, IKE, IKL, IDM, IDM_STATUS)),
    ...                    Provenance("two", "two.csv", "", "table"))
    >>> recompute(villages).contradictions[["index", "published_status", "recomputed_status"]]
            index published_status recomputed_status
    0  idm_status             Maju        Berkembang
    """
    published = dataset.frame.reset_index(drop=True)
    parts = parts_of(published, where=dataset.name)
    recomputed = recomputed_from(parts)
    identity = published[[*dataset.key, *(name for name in NAMES if name in published)]]
    differing_rows = pd.concat(
        [
            pd.DataFrame(columns=list(CONTRADICTION_DTYPES)),
            *(differing(published, parts, recomputed, name) for name in INDICES if name in published),
        ]
    )
    found = _named(differing_rows.astype(CONTRADICTION_DTYPES), identity)
    return Recomputation(
        dataset_name=dataset.name,
        key=dataset.key,
        frame=pd.concat([published[list(dataset.key)], recomputed], axis=1),
        contradictions=found,
        incomplete=_named(incomplete(parts), identity),
        summary=summarise(published, parts, recomputed, found),
        title=dataset.provenance.title,
        made=dataset.provenance.made,
        input_hash=dataset.content_hash,
    )


def _named(rows: pd.DataFrame, identity: pd.DataFrame) -> pd.DataFrame:
    names = identity.loc[rows.index].reset_index(drop=True)
    return pd.concat([names, rows.reset_index(drop=True)], axis=1)
