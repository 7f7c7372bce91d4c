"""The first level of a KPJu study: a list in each kecamatan, and the lists merged by Borda."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message
from pk_research.products.flagship import words
from pk_research.products.flagship.decision import Decision, decision
from pk_research.products.flagship.evidence import Evidence
from pk_research.products.flagship.methods import METHODS, check_methods
from pk_research.products.flagship.ranking import Ranking, ranked


@dataclass(frozen=True, eq=False)
class KecamatanLists:
    """Products of each kecamatan, best first.

    Attributes
    ----------
    frame
        One row a kecamatan and product: ``kecamatan_code``, ``product``, ``value``, ``rank``
        within the kecamatan (from 1; equals share their mean rank).
    method
        ``"bayes"`` or ``"mpe"``.
    weights
        By criterion, as given.
    inputs
        Hashes of the datasets behind it.
    made
        True when they are made data.
    """

    frame: pd.DataFrame
    method: str
    weights: Mapping[str, float] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    made: bool = False

    def table(self, language: Language) -> pd.DataFrame:
        """Return one row a kecamatan and product for people."""
        return words.lists_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say how the lists were made and which products lead most of them."""
        return words.lists_in_words(self, language)


def list_by_kecamatan(
    evidence: Evidence, *, weights: Mapping[str, float], method: str = "bayes", points: int = 5
) -> KecamatanLists:
    """Score the candidates of every kecamatan and rank them there.

    Parameters
    ----------
    evidence
        What is known of each product in each kecamatan; those lacking a figure stand apart in it.
    weights
        By criterion: the panel's. For MPE whole numbers from 1.
    method
        ``"bayes"`` (weighted mean of scores) or ``"mpe"`` (sum of score ** weight).
    points
        Highest score; the lowest is 1.

    Returns
    -------
    KecamatanLists
        Figures become scores by `Evidence.scores`: by place in the order of the whole regency, so
        that kecamatan are scored alike.

    Raises
    ------
    BadInput
        When there are no candidates, weights do not fit, or the method is neither of the two.

    References
    ----------
    Bank Indonesia, Penelitian Pengembangan KPJu Unggulan UMKM (several provinces and years).
    """
    if method not in {"bayes", "mpe"}:
        raise BadInput(Problem("method", f"{method!r} is neither", "Choose 'bayes' or 'mpe'."))
    given = decision(evidence.scores(points=points), weights, inputs=evidence.inputs, made=evidence.made)
    check_methods(given, [method])
    values = METHODS[method].value(given)
    parts = [
        ranked(part.droplevel("kecamatan_code"), method).assign(kecamatan_code=code)
        for code, part in values.groupby(level="kecamatan_code", sort=True)
    ]
    frame = pd.concat(parts, ignore_index=True)[["kecamatan_code", "product", "value", "rank"]]
    return KecamatanLists(frame, method, dict(weights), evidence.inputs, evidence.made)


def borda(lists: KecamatanLists, *, places: int) -> Ranking:
    """Merge the lists of all kecamatan into one.

    Parameters
    ----------
    lists
        The lists.
    places
        How many first places of each list count: the first gets ``places`` points, the last of
        them 1, the rest none. Equals share the points of the places they take.

    Returns
    -------
    Ranking
        The value is the sum of points over all kecamatan.

    Raises
    ------
    BadInput
        When ``places`` is below 1.

    References
    ----------
    Borda (1781), Mémoire sur les élections au scrutin.

    Examples
    --------
    >>> frame = pd.DataFrame({"kecamatan_code": ["321601", "321601", "321602"],
    ...                       "product": ["rice", "batik", "batik"], "value": [4.0, 3.0, 5.0],
    ...                       "rank": [1.0, 2.0, 1.0]})
    >>> borda(KecamatanLists(frame, "bayes"), places=2).frame[["product", "value"]].values.tolist()
    [['batik', 3.0], ['rice', 2.0]]
    """
    if places < 1:
        raise BadInput(Problem("places", f"it is {places}", "Give 1 or more."))
    points = lists.frame.groupby(["kecamatan_code", "rank"])["product"].transform("size")
    shared = [_points(rank, n, places) for rank, n in zip(lists.frame["rank"], points, strict=True)]
    values = pd.Series(shared, index=lists.frame["product"]).groupby(level=0).sum()
    return Ranking(
        frame=ranked(values, "bayes"),
        how=Message("Borda points over all kecamatan ({n} places count)", {"n": places}),
        options={"method": lists.method, "weights": dict(lists.weights), "places": places},
        inputs=lists.inputs,
        made=lists.made,
    )


def _points(rank: float, n_equal: int, places: int) -> float:
    """Return the mean points of the places that equals take."""
    first = rank - (n_equal - 1) / 2
    return float(np.mean([max(0.0, places + 1 - (first + n)) for n in range(n_equal)]))


def going_on(ranking: Ranking, first: int) -> list[str]:
    """Return the first products of a list; all that equal the last of them go on too.

    Cutting between equals would let the alphabet choose.

    Parameters
    ----------
    ranking
        The merged list of the kecamatan.
    first
        How many products go on.

    Raises
    ------
    BadInput
        When ``first`` is below 1.
    """
    if first < 1:
        raise BadInput(Problem("first", f"it is {first}", "Give 1 or more."))
    frame = ranking.frame
    going: list[str] = frame.loc[frame["rank"] <= frame["rank"].head(first).max(), "product"].tolist()
    return going


def decision_of(
    ranking: Ranking, scores: pd.DataFrame, weights: Mapping[str, float], *, first: int
) -> Decision:
    """Take the first products of a list to the regency's table of scores.

    Parameters
    ----------
    ranking
        The merged list of the kecamatan.
    scores
        One row a product (the index), one column a criterion of the regency: the panel's scores.
    weights
        By criterion: `panel(...).weights`.
    first
        How many products go on, as in `going_on`.

    Raises
    ------
    BadInput
        When ``first`` is below 1, a product that goes on has no row, or the table is unsound.
    """
    wanted = going_on(ranking, first)
    absent = [product for product in wanted if product not in scores.index]
    if absent:
        raise BadInput(
            [
                Problem(f"product {product!r}", "it has no row of scores", "Let the panel score it.")
                for product in absent
            ]
        )
    return decision(scores.loc[wanted], weights, inputs=ranking.inputs, made=ranking.made)
