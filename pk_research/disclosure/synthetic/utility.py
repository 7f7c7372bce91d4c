"""How far a twin resembles the table it stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import norm

from pk_research.disclosure.synthetic.asked import level_of
from pk_research.disclosure.synthetic.cells import Answers, taken_apart
from pk_research.disclosure.synthetic.hints import LEARNED, Part
from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.sources import Dataset

GROUPS = 5
LEAST_ROWS = 10
CONFIDENCE = 0.95
PENALTY_FREE = np.inf
COMPARED: frozenset[Part] = frozenset(["learned", "choice", "calculated"])


@dataclass(frozen=True, slots=True)
class Propensity:
    """How well rows of the table and rows of its twin can be told apart.

    Attributes
    ----------
    pmse
        Mean squared distance of the propensity from the share of made rows; 0 when nothing tells them apart.
    expected, spread
        Its mean and standard deviation if the twin were drawn from the truth.
    """

    pmse: float
    expected: float
    spread: float

    @property
    def ratio(self) -> float:
        """The pMSE ratio: 1 for a twin drawn from the truth, more for a worse one."""
        return self.pmse / self.expected if self.expected else 1.0

    @property
    def standardised(self) -> float:
        """How many standard deviations the pMSE lies above what is expected."""
        return (self.pmse - self.expected) / self.spread if self.spread else 0.0


@dataclass(frozen=True, eq=False)
class Utility:
    """How far a twin resembles the table it stands for.

    Attributes
    ----------
    whole
        All columns together, by a logistic regression on each one's main effect.
    columns
        One row a column: ``ratio`` of its distribution, ``overlap`` of the confidence intervals of its mean
        or of its shares (1 when they are the same, below 0 when apart).
    pairs
        One row a pair of columns: ``ratio`` of their joint distribution.
    """

    whole: Propensity
    columns: pd.DataFrame
    pairs: pd.DataFrame

    def in_words(self, language: Language) -> str:
        """Say how far the twin may stand in for the table."""
        from pk_research.disclosure.synthetic.words import utility_in_words

        return utility_in_words(self, language)


def expected_pmse(n_parameters: int, n_table: int, n_twin: int) -> tuple[float, float]:
    """Return mean and standard deviation of the pMSE of a twin drawn from the truth.

    Parameters
    ----------
    n_parameters
        Of the propensity's model, the constant among them.
    n_table, n_twin
        Rows of the table and of its twin.

    Notes
    -----
    Snoke, Raab, Nowok, Dibben and Slavkovic (2018), *General and specific utility measures for synthetic
    data*, Journal of the Royal Statistical Society A 181(3), theorem 1.

    Examples
    --------
    >>> expected_pmse(5, 1000, 1000)
    (0.00025, 0.0001767...)
    """
    share = n_twin / (n_table + n_twin)
    unit = (1 - share) ** 2 * share / (n_table + n_twin)
    return (n_parameters - 1) * unit, float(np.sqrt(2 * (n_parameters - 1))) * unit


def table_propensity(table: np.ndarray, twin: np.ndarray) -> Propensity:
    """Return how well two columns of levels can be told apart, by the propensity of each level.

    Notes
    -----
    Raab, Nowok and Dibben (2021), *Assessing, visualizing and improving the utility of synthetic data*: the
    pMSE of the saturated model.

    Examples
    --------
    >>> round(table_propensity(np.array(["a"] * 50 + ["b"] * 50), np.array(["a"] * 70 + ["b"] * 30)).ratio, 2)
    16.67
    """
    levels, places = np.unique(np.concatenate([table, twin]).astype(str), return_inverse=True)
    ours, made = (
        np.bincount(part, minlength=len(levels)) for part in (places[: len(table)], places[len(table) :])
    )
    share = len(twin) / len(places)
    pmse = float(((ours + made) * (made / (ours + made) - share) ** 2).sum() / len(places))
    return Propensity(pmse, *expected_pmse(len(levels), len(table), len(twin)))


def interval_overlap(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Return how far two confidence intervals overlap, as a mean share of each.

    Notes
    -----
    Karr, Kohnen, Oganian, Reiter and Sanil (2006), *A framework for evaluating the utility of data altered to
    protect confidentiality*, The American Statistician 60(3); below 0 by how far they lie apart.

    Examples
    --------
    >>> interval_overlap((0, 4), (2, 4))
    0.75
    """
    (low, high), (other_low, other_high) = first, second
    both = min(high, other_high) - max(low, other_low)
    lengths = [high - low, other_high - other_low]
    if min(lengths) <= 0:
        return float(first == second)
    return sum(both / length for length in lengths) / 2


def utility_of(dataset: Dataset, twin: Dataset, parts: Mapping[str, Part] | None = None) -> Utility:
    """Compare a table with its twin.

    Parameters
    ----------
    dataset, twin
        The table and its twin.
    parts
        What each column is (`Twin.parts`); only those that were learned are compared. By default all of
        a kind that can be learned.

    Raises
    ------
    BadInput
        When the twin has other columns, or nothing can be compared.
    """
    names = compared(dataset, parts)
    lacking = [name for name in names if name not in twin.frame.columns]
    if lacking or not names:
        what = f"it lacks {', '.join(lacking)}" if lacking else "no column can be compared"
        raise BadInput(Problem(f"twin of {dataset.name!r}", what, "Give a table and its own twin."))
    ours = {name: taken_apart(dataset.frame[name], dataset.codebook[name]) for name in names}
    made = {name: taken_apart(twin.frame[name], dataset.codebook[name]) for name in names}
    groups = {name: grouped(ours[name], made[name]) for name in names}
    columns = pd.DataFrame(
        {
            "column": names,
            "ratio": [table_propensity(*groups[name]).ratio for name in names],
            "overlap": [_overlap(ours[name], made[name]) for name in names],
        }
    )
    pairs = pd.DataFrame(
        [
            (one, other, table_propensity(*_crossed(groups[one], groups[other])).ratio)
            for one, other in combinations(names, 2)
        ],
        columns=["first", "second", "ratio"],
    )
    return Utility(_main_effects(ours, made), columns, pairs)


def compared(dataset: Dataset, parts: Mapping[str, Part] | None) -> list[str]:
    """Return the columns that were learned, in order."""
    if parts is not None:
        return [name for name in dataset.codebook.names if parts.get(name) in COMPARED]
    return [variable.name for variable in dataset.codebook if variable.kind in LEARNED]


def grouped(ours: Answers, made: Answers) -> tuple[np.ndarray, np.ndarray]:
    """Return both columns as levels: numbers in fifths of the table's, reasons for no answer as they are."""
    if ours.is_discrete:
        return level_of(ours).astype(str), level_of(made).astype(str)
    known = ours.numbers[ours.has_value]
    edges = np.unique(np.quantile(known, np.arange(1, GROUPS) / GROUPS)) if len(known) else np.array([])
    return _in_groups(ours, edges), _in_groups(made, edges)


def _in_groups(answers: Answers, edges: np.ndarray) -> np.ndarray:
    places = np.searchsorted(edges, answers.numbers, side="left")
    return np.array(
        [
            f"={place}" if reason is None else f"?{reason}"
            for place, reason in zip(places, answers.why, strict=True)
        ]
    )


def _crossed(
    one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    codes = [np.unique(np.concatenate(pair), return_inverse=True)[1] for pair in (one, other)]
    both = codes[0] * (codes[1].max() + 1) + codes[1]
    return both[: len(one[0])], both[len(one[0]) :]


def _overlap(ours: Answers, made: Answers) -> float:
    """Return the mean overlap of the intervals of a mean, or of the shares of the categories."""
    pairs = list(_estimated(ours, made))
    return float(np.mean([interval_overlap(*pair) for pair in pairs])) if pairs else float("nan")


def _estimated(ours: Answers, made: Answers) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    known = [answers.numbers[answers.has_value] for answers in (ours, made)]
    if min(len(one) for one in known) < 2:
        return
    if not ours.is_discrete:
        yield _interval(known[0]), _interval(known[1])
        return
    for place in np.unique(known[0]):
        if (known[0] == place).sum() >= LEAST_ROWS:
            yield _interval(known[0] == place), _interval(known[1] == place)


def _interval(values: np.ndarray) -> tuple[float, float]:
    half = norm.ppf((1 + CONFIDENCE) / 2) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean() - half), float(values.mean() + half)


def _main_effects(ours: dict[str, Answers], made: dict[str, Answers]) -> Propensity:
    """Return the propensity by a logistic regression on the main effect of each column."""
    from sklearn.linear_model import LogisticRegression

    blocks = [block for name in ours for block in _design(ours[name], made[name])]
    n_ours, n_made = (len(next(iter(part.values())).numbers) for part in (ours, made))
    is_made = np.repeat([0, 1], [n_ours, n_made])
    if not blocks:
        return Propensity(0.0, *expected_pmse(1, n_ours, n_made))
    design = np.column_stack(blocks)
    design = (design - design.mean(axis=0)) / design.std(axis=0)
    model = LogisticRegression(C=PENALTY_FREE, max_iter=5000).fit(design, is_made)
    propensity = model.predict_proba(design)[:, 1]
    pmse = float(np.mean((propensity - is_made.mean()) ** 2))
    rank = int(np.linalg.matrix_rank(design)) + 1
    return Propensity(pmse, *expected_pmse(rank, n_ours, n_made))


def _design(ours: Answers, made: Answers) -> Iterator[np.ndarray]:
    values = np.concatenate([ours.numbers, made.numbers])
    reasons = np.concatenate([ours.why, made.why]).astype(object)
    for reason in sorted({str(one) for one in reasons if one is not None}):
        yield from _told_apart(np.equal(reasons, reason).astype(float))
    if ours.is_discrete:
        for place in np.unique(values[~np.isnan(values)])[1:]:
            yield from _told_apart((values == place).astype(float))
    elif not np.isnan(values).all():
        filled = np.where(np.isnan(values), np.nanmean(values), values)
        if filled.std() > 0:
            yield filled


def _told_apart(mark: np.ndarray) -> Iterator[np.ndarray]:
    if LEAST_ROWS <= mark.sum() <= len(mark) - LEAST_ROWS:
        yield mark
