"""How a survey was drawn: weights, strata, clusters, and what the drawing says about doubt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual
from pk_research.products.words import some

Single = Literal["refuse", "centred", "certainty"]


@dataclass(frozen=True, eq=False)
class SurveyDesign:
    """A table of households or villages with the way they were drawn.

    Attributes
    ----------
    frame
        One row a unit, as given, its index renewed.
    weights
        Units of the population that each row stands for.
    stratum, psu
        Number of the stratum and of the primary sampling unit (PSU) of each row, from 0.
    psu_names
        One row a PSU: ``stratum`` and ``psu`` as they are called in the data.
    psu_stratum
        Number of the stratum of each PSU.
    fpc
        Of each stratum: one minus the share of its PSUs that was drawn; 1 where no population was given.
    single
        What strata with a single PSU do: ``"centred"`` compares it with the mean of all PSUs,
        ``"certainty"`` lets it add no variance, ``"refuse"`` means there is none.
    labels
        What columns are called; the column's own name where there is none.
    inputs
        Hashes of the datasets behind it.
    made
        True for made data.
    """

    frame: pd.DataFrame
    weights: np.ndarray
    stratum: np.ndarray
    psu: np.ndarray
    psu_names: pd.DataFrame
    psu_stratum: np.ndarray
    fpc: np.ndarray
    single: Single
    labels: Mapping[str, Bilingual]
    inputs: tuple[str, ...]
    made: bool

    @property
    def n_strata(self) -> int:
        """Strata."""
        return len(self.fpc)

    @property
    def n_psus(self) -> int:
        """Primary sampling units."""
        return len(self.psu_stratum)

    @property
    def psus_in(self) -> np.ndarray:
        """PSUs in each stratum."""
        return np.bincount(self.psu_stratum, minlength=self.n_strata)

    def label(self, column: str) -> Bilingual | str:
        """Return what a column is called."""
        return self.labels.get(column, column)

    def degrees_of_freedom(self, inside: np.ndarray) -> int:
        """Return PSUs minus strata, counted over the strata in which some row is inside."""
        strata = np.unique(self.stratum[inside])
        return int(self.psus_in[strata].sum() - len(strata))

    def psu_totals(self, scores: np.ndarray) -> np.ndarray:
        """Return the weighted total of a score in each PSU."""
        return np.bincount(self.psu, weights=self.weights * scores, minlength=self.n_psus)

    def variance(self, scores: np.ndarray) -> float:
        """Return the variance of the weighted total of a score, PSUs taken as the units drawn.

        Parameters
        ----------
        scores
            One a row; those of a linearised statistic give its variance.
        """
        totals, sizes = self.psu_totals(scores), self.psus_in
        centre = (np.bincount(self.psu_stratum, weights=totals) / sizes)[self.psu_stratum]
        alone = sizes[self.psu_stratum] == 1
        if self.single == "centred":
            centre[alone] = totals.mean()
        squares = np.bincount(self.psu_stratum, weights=(totals - centre) ** 2, minlength=self.n_strata)
        return float((self.fpc * squares * sizes / np.maximum(sizes - 1, 1)).sum())


def survey_design(
    frame: pd.DataFrame,
    *,
    weights: str,
    strata: str | None = None,
    clusters: str | None = None,
    population: str | None = None,
    renumber: bool = False,
    single: Single = "refuse",
    labels: Mapping[str, Bilingual] | None = None,
    inputs: Sequence[str] = (),
    made: bool = False,
) -> SurveyDesign:
    """Say how a survey was drawn.

    Parameters
    ----------
    frame
        One row a household or village.
    weights
        Column of the sampling weights, above 0.
    strata, clusters
        Columns of the strata and of the primary sampling units; None means one stratum, and every
        row its own PSU.
    population
        Column with the number of PSUs in the stratum's population, for the finite population
        correction; None means that few of them were drawn.
    renumber
        True where PSU names begin anew in each stratum.
    single
        What to do with a stratum that has one PSU, whose variance cannot be known: ``"refuse"``,
        ``"centred"`` (compare it with the mean of all PSUs) or ``"certainty"`` (it adds none).
    labels
        What columns are called in either language, as in a codebook.
    inputs, made
        Hashes of the data, and whether it is made.

    Returns
    -------
    SurveyDesign
        The design, for `mean`, `poverty`, `inequality` and the others.

    Raises
    ------
    BadInput
        Columns that are absent; missing values in them; weights that are not above 0; a PSU in two
        strata; a stratum with one PSU; a population that varies within a stratum or is smaller than
        the sample.

    Examples
    --------
    >>> frame = pd.DataFrame({"w": [2, 2, 3, 3], "district": list("aabb"), "village": [1, 2, 3, 4]})
    >>> design = survey_design(frame, weights="w", strata="district", clusters="village")
    >>> design.n_strata, design.n_psus
    (2, 4)
    """
    named = {"weights": weights, "strata": strata, "clusters": clusters, "population": population}
    _check(_column_problems(frame, {role: name for role, name in named.items() if name is not None}))
    _check(_weight_problems(frame[weights], weights) + _choice_problems(single))
    rows = frame.reset_index(drop=True)
    names = pd.DataFrame(
        {
            "stratum": rows[strata] if strata else "all",
            "psu": rows[clusters] if clusters else np.arange(len(rows)),
        }
    )
    _check(_nesting_problems(names, clusters, renumber=renumber))
    stratum, stratum_names = pd.factorize(names["stratum"], sort=True)
    grouped = names.groupby(["stratum", "psu"], sort=True, observed=True)
    psu = grouped.ngroup().to_numpy()
    psu_names = grouped.size().index.to_frame(index=False)
    psu_stratum = stratum_names.get_indexer(pd.Index(psu_names["stratum"]))
    sizes = pd.Series(np.bincount(psu_stratum), index=stratum_names)
    _check(_single_problems(sizes, single))
    fpc = _corrections(rows[population], stratum, sizes, str(population)) if population else None
    return SurveyDesign(
        frame=rows,
        weights=rows[weights].to_numpy(float),
        stratum=stratum,
        psu=psu,
        psu_names=psu_names,
        psu_stratum=psu_stratum,
        fpc=np.ones(len(sizes)) if fpc is None else fpc,
        single=single,
        labels=dict(labels or {}),
        inputs=tuple(inputs),
        made=made,
    )


def _check(problems: list[Problem]) -> None:
    if problems:
        raise BadInput(problems)


def _column_problems(frame: pd.DataFrame, named: dict[str, str]) -> list[Problem]:
    if frame.empty:
        return [Problem("frame", "it has no rows", "Give the surveyed households or villages.")]
    problems = [
        Problem(f"{role}, {name}", "there is no such column", f"Choose among {some(frame.columns)}.")
        for role, name in named.items()
        if name not in frame
    ]
    for role, name in named.items():
        if name in frame and (n := int(frame[name].isna().sum())):
            what = f"{n} of {len(frame)} rows have no value"
            problems.append(Problem(f"{role}, {name}", what, "Complete how these rows were drawn."))
    return problems


def _weight_problems(weights: pd.Series, name: str) -> list[Problem]:
    if not is_numeric_dtype(weights):
        return [Problem(f"weights, {name}", "they are not numbers", "Give numbers above 0.")]
    problems = []
    if n_low := int((weights <= 0).sum()):
        problems.append(("not above 0", n_low, "Leave out rows that were not drawn."))
    if n_infinite := int((weights == np.inf).sum()):
        problems.append(("infinite", n_infinite, "Give how many each row stands for."))
    return [Problem(f"weights, {name}", f"{n} are {what}", remedy) for what, n, remedy in problems]


def _choice_problems(single: str) -> list[Problem]:
    if single in get_args(Single):
        return []
    return [Problem("single", f"it is {single!r}", f"Choose among {some(get_args(Single))}.")]


def _nesting_problems(labels: pd.DataFrame, clusters: str | None, *, renumber: bool) -> list[Problem]:
    if renumber or clusters is None:
        return []
    strata = labels.groupby("psu", observed=True)["stratum"].nunique()
    wrong = strata.index[strata > 1]
    if wrong.empty:
        return []
    what = f"{len(wrong)} PSUs lie in more than one stratum: {some(wrong)}"
    remedy = "Say renumber=True where PSU names begin anew in each stratum; otherwise mend the strata."
    return [Problem(f"clusters, {clusters}", what, remedy)]


def _single_problems(sizes: pd.Series, single: Single) -> list[Problem]:
    alone = sizes.index[sizes == 1]
    if single != "refuse" or alone.empty:
        return []
    what = f"{len(alone)} strata have a single PSU, so that their variance is unknown: {some(alone)}"
    return [Problem("strata", what, "Join them to strata like them, or declare single='centred'.")]


def _corrections(population: pd.Series, stratum: np.ndarray, sizes: pd.Series, name: str) -> np.ndarray:
    where, remedy = f"population, {name}", "Give the number of PSUs in the population of the stratum."
    if not is_numeric_dtype(population):
        raise BadInput(Problem(where, "it is not numeric", remedy))
    by_stratum = population.groupby(stratum)
    varies = sizes.index[by_stratum.nunique().to_numpy() > 1]
    known = by_stratum.first().to_numpy(float)
    small = sizes.index[known < sizes.to_numpy()]
    problems = []
    if len(varies):
        problems.append(Problem(where, f"it varies within {some(varies)}", remedy))
    if len(small):
        problems.append(Problem(where, f"it is below the PSUs drawn in {some(small)}", remedy))
    _check(problems)
    return np.asarray(1 - sizes.to_numpy() / known)
