"""What a twin may give away of the people behind the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import mannwhitneyu

from pk_research.compute.chance import derived_rng, drawn
from pk_research.disclosure.classes import class_of_variable
from pk_research.disclosure.rules import Rules
from pk_research.disclosure.synthetic.cells import taken_apart
from pk_research.disclosure.synthetic.frame import villages_of
from pk_research.disclosure.synthetic.hints import VILLAGE, Hints, Part
from pk_research.disclosure.synthetic.twin import twin_of
from pk_research.disclosure.synthetic.utility import compared, grouped
from pk_research.errors import BadInput, Problem
from pk_research.language import Language
from pk_research.products.words import some
from pk_research.register import Register, load_register
from pk_research.sources import Dataset

MOST_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Attribute:
    """What the twin tells of a sensitive column to somebody who knows the keys, as shares of all rows.

    Attributes
    ----------
    target
        The column.
    in_table
        Rows whose value follows from their keys in the table itself.
    disco
        Rows whose keys have one value only in the twin, and it is the right one (DiSCO).
    dcap
        Mean probability of the right value by the twin's rows of the same keys; keys it lacks count as none.
    by_table, by_guess
        The same by the table itself, and by the column's distribution alone: what is known without keys.
    """

    target: str
    in_table: float
    disco: float
    dcap: float
    by_table: float
    by_guess: float


@dataclass(frozen=True, slots=True)
class Membership:
    """Whether somebody can tell who was in the table.

    Attributes
    ----------
    auc
        Probability that a row that was learned from lies nearer to the twin than one that was held out; 0.5
        tells nothing.
    nearest, nearest_held_out
        Median distance (Gower's, 0 to 1) to the nearest made row.
    n_rows, n_held_out
        How many rows were compared.
    """

    auc: float
    nearest: float
    nearest_held_out: float
    n_rows: int
    n_held_out: int


@dataclass(frozen=True, slots=True)
class Risk:
    """What a twin may give away.

    Attributes
    ----------
    keys
        What others may know of somebody.
    n_rows
        Of the table.
    n_unique
        Rows alone with their keys in the table.
    n_replicated
        Of these, rows whose keys one row of the twin has, too (replicated uniques).
    n_copies
        Made rows that are a row of the table in all that was learned.
    attributes
        One for each sensitive column.
    membership
        By a twin made of a half of the units and held against the other; None where it was not asked for.
    """

    keys: tuple[str, ...]
    n_rows: int
    n_unique: int
    n_replicated: int
    n_copies: int
    attributes: tuple[Attribute, ...]
    membership: Membership | None = None

    def in_words(self, language: Language) -> str:
        """Say what the twin gives away."""
        from pk_research.disclosure.synthetic.words import risk_in_words

        return risk_in_words(self, language)


def risk_of(
    dataset: Dataset,
    twin: Dataset,
    parts: Mapping[str, Part] | None = None,
    *,
    keys: Sequence[str] | None = None,
    targets: Sequence[str] | None = None,
) -> Risk:
    """Tell what a twin gives away of the table it stands for.

    Parameters
    ----------
    dataset, twin, parts
        As in `utility_of`.
    keys, targets
        What others may know of somebody, and what must not become known; by default as
        `pk_research.disclosure.classes` tells them apart. Numbers count in fifths.

    Raises
    ------
    BadInput
        When a column is not there or nothing is said to be known to others.

    Notes
    -----
    Replicated uniques: Nowok, Raab and Dibben (2017). DiSCO, DCAP: Raab, Nowok and Dibben (2024), *Practical
    privacy metrics for synthetic data*; DCAP after Taub, Elliot, Pampaka and Smith (2018).
    """
    names = compared(dataset, parts)
    kinds = {variable.name: class_of_variable(variable) for variable in dataset.codebook}
    known = tuple(keys) if keys is not None else tuple(name for name in names if kinds[name] == "key")
    secret = (
        tuple(targets) if targets is not None else tuple(name for name in names if kinds[name] == "sensitive")
    )
    wrong = [
        name for name in (*known, *secret) if name not in dataset.codebook or name not in twin.frame.columns
    ]
    if wrong or not known:
        what = f"not in the table: {some(wrong)}" if wrong else "no column is said to be known to others"
        raise BadInput(Problem("keys and targets", what, "Name columns of the table with keys=, targets=."))
    ours, made = _levels(dataset, twin, {*names, *known, *secret})
    mine, theirs = (_joined(part, known) for part in (ours, made))
    n_mine, n_theirs = pd.Series(mine).map(pd.Series(mine).value_counts()), pd.Series(theirs).value_counts()
    unique = n_mine.to_numpy() == 1
    replicated = unique & (pd.Series(mine).map(n_theirs).fillna(0).to_numpy() == 1)
    return Risk(
        known,
        len(mine),
        int(unique.sum()),
        int(replicated.sum()),
        _copies(dataset, twin, names),
        tuple(
            attribute(mine, ours[name], theirs, made[name], target=name)
            for name in secret
            if name not in known
        ),
    )


def attribute(
    keys: np.ndarray, values: np.ndarray, twin_keys: np.ndarray, twin_values: np.ndarray, *, target: str
) -> Attribute:
    """Return what a twin tells of a value to somebody who knows the keys; all as levels.

    Examples
    --------
    >>> mine = np.array(list("aabb")), np.array(list("xxxy"))
    >>> made = np.array(list("aabc")), np.array(list("xxxx"))
    >>> found = attribute(*mine, *made, target="debt")
    >>> found.in_table, found.disco, found.dcap
    (0.5, 0.75, 0.75)
    """
    by_table, by_twin = (
        pd.crosstab(pd.Series(one), pd.Series(other))
        for one, other in ((keys, values), (twin_keys, twin_values))
    )
    own, told = (table.div(table.sum(axis=1), axis=0) for table in (by_table, by_twin))
    in_table, in_twin = (_looked_up(one, keys, values) for one in (own, told))
    shares = pd.Series(values).value_counts(normalize=True)
    return Attribute(
        target,
        float((in_table == 1).mean()),
        float((in_twin == 1).mean()),
        float(in_twin.mean()),
        float(in_table.mean()),
        float((shares**2).sum()),
    )


def _looked_up(shares: pd.DataFrame, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the share of each value among rows of its key; 0 for keys and values that are not there."""
    rows, columns = shares.index.get_indexer(keys), shares.columns.get_indexer(values)
    found = shares.to_numpy()[rows, columns]
    return np.where((rows >= 0) & (columns >= 0), found, 0.0)


def membership_of(
    dataset: Dataset,
    *,
    seed: int,
    hints: Hints | None = None,
    rules: Rules | None = None,
    register: Register | None = None,
) -> Membership:
    """Make a twin of a half of the units, and compare how near it lies to them and to the other half.

    Parameters
    ----------
    dataset, seed, hints, rules, register
        As in `twin_of`. All rows of a village stay together where the key holds ``village_code``.

    Raises
    ------
    BadInput
        As `twin_of`, for a half of the rows.
    """
    villages = register or load_register()
    units = np.arange(len(dataset.frame)).astype(str)
    if VILLAGE in dataset.key:
        found = villages_of(dataset.frame[VILLAGE], villages)
        units = np.array([f"row {at}" if one is None else one.code for at, one in enumerate(found)])
    different = np.unique(units)
    chosen = derived_rng(seed, 10).permutation(different)[: (len(different) + 1) // 2]
    inside = np.isin(units, chosen)
    half = replace(dataset, frame=dataset.frame[inside].reset_index(drop=True))
    made = twin_of(half, seed=seed, hints=hints, rules=rules, register=villages)
    names = compared(dataset, made.parts)
    rows = [np.flatnonzero(inside), np.flatnonzero(~inside)]
    rows = [part[drawn(len(part), MOST_ROWS, seed, 11 + at)] for at, part in enumerate(rows)]
    near, far = (nearest(dataset, made.dataset, names, rows=part) for part in rows)
    auc = mannwhitneyu(far, near).statistic / (len(far) * len(near))
    return Membership(float(auc), float(np.median(near)), float(np.median(far)), len(near), len(far))


def nearest(
    dataset: Dataset, twin: Dataset, names: Sequence[str], *, rows: np.ndarray | None = None
) -> np.ndarray:
    """Return how far the nearest made row lies from each row, by Gower's distance over these columns.

    Parameters
    ----------
    dataset, twin, names
        A table, made rows, and the columns to compare; numbers count by the range of the whole table.
    rows
        Places of the rows to measure from; all by default.
    """
    chosen = np.arange(len(dataset.frame)) if rows is None else rows
    whole = np.zeros((len(chosen), len(twin.frame)), dtype=np.float32)
    for name in names:
        ours, made = (taken_apart(one.frame[name], dataset.codebook[name]) for one in (dataset, twin))
        known = ours.numbers[ours.has_value]
        spread = float(np.ptp(known)) if len(known) and not ours.is_discrete else 0.0
        gap = np.abs(ours.numbers[chosen][:, None] - made.numbers[None, :])
        apart = np.minimum(gap / spread, 1) if spread else (gap > 0).astype(float)
        has, has_made = ours.has_value[chosen][:, None], made.has_value[None, :]
        whole += np.where(has & has_made, apart, has != has_made).astype(np.float32)
    return np.asarray(whole.min(axis=1) / max(len(names), 1), dtype=float)


def _levels(
    dataset: Dataset, twin: Dataset, names: set[str]
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    ours, made = {}, {}
    for name in sorted(names):
        variable = dataset.codebook[name]
        if variable.kind in ("code", "string"):
            ours[name], made[name] = (
                one.frame[name].astype(str).to_numpy(dtype=str) for one in (dataset, twin)
            )
        else:
            ours[name], made[name] = grouped(
                *(taken_apart(one.frame[name], variable) for one in (dataset, twin))
            )
    return ours, made


def _joined(levels: Mapping[str, np.ndarray], names: Sequence[str]) -> np.ndarray:
    return np.array(["\x1f".join(row) for row in zip(*(levels[name] for name in names), strict=True)])


def _copies(dataset: Dataset, twin: Dataset, names: Sequence[str]) -> int:
    rows = []
    for one in (dataset, twin):
        found = [taken_apart(one.frame[name], dataset.codebook[name]) for name in names]
        rows.append(
            [tuple(column) for column in zip(*(part.numbers.tolist() for part in found), strict=True)]
        )
    seen = {repr(row) for row in rows[0]}
    return sum(repr(row) in seen for row in rows[1])
