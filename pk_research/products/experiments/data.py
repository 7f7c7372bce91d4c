"""Choices as the estimators take them: alternatives in rows, sets one after the other, people sorted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from pk_research.errors import BadInput, Problem
from pk_research.language import Bilingual

KEY = ["respondent", "situation"]


@dataclass(frozen=True, eq=False)
class ChoiceData:
    """Choices of respondents, each from a set.

    Attributes
    ----------
    rows
        Alternatives by coefficients; the alternatives of a situation follow each other.
    starts
        First row of each situation.
    chosen
        Row chosen in each situation.
    respondent
        Number of the respondent of each situation, from 0, ascending.
    alternatives
        Name of the alternative in each row.
    names
        Of the columns of ``rows``.
    labels
        What the columns are called, where that is known.
    units
        Of columns coded in a unit of their own: its size, such as 1000 for a price in thousands.
    made
        Whether the choices are made, not observed.
    sha256
        Hash of the table the data comes from.
    """

    rows: np.ndarray
    starts: np.ndarray
    chosen: np.ndarray
    respondent: np.ndarray
    alternatives: np.ndarray
    names: tuple[str, ...]
    labels: Mapping[str, Bilingual] = field(default_factory=dict)
    units: Mapping[str, float] = field(default_factory=dict)
    made: bool = False
    sha256: str = ""

    @property
    def n_choices(self) -> int:
        """Number of situations, each with one choice."""
        return len(self.starts)

    @property
    def n_respondents(self) -> int:
        """Number of people."""
        return int(self.respondent[-1]) + 1

    @property
    def alternative_names(self) -> tuple[str, ...]:
        """Names of the alternatives, in order."""
        return tuple(sorted(set(self.alternatives)))

    @cached_property
    def sizes(self) -> np.ndarray:
        """Number of alternatives in each situation."""
        return np.diff(np.append(self.starts, len(self.rows)))

    @cached_property
    def situation(self) -> np.ndarray:
        """Number of the situation of each row, from 0."""
        return np.repeat(np.arange(self.n_choices), self.sizes)

    @property
    def log_likelihood_null(self) -> float:
        """Log-likelihood of choosing at random."""
        return float(-np.log(self.sizes).sum())

    @property
    def basis(self) -> dict[str, Any]:
        """What every model fitted to the choices says of them: fields of `ChoiceModel` by name."""
        return {
            "log_likelihood_null": self.log_likelihood_null,
            "n_choices": self.n_choices,
            "n_respondents": self.n_respondents,
            "utility_names": self.names,
            "alternatives": self.alternative_names,
            "labels": self.labels,
            "units": self.units,
            "made": self.made,
            "sha256": self.sha256,
        }

    def sum_by_situation(self, values: np.ndarray) -> np.ndarray:
        """Sum over the alternatives of each situation."""
        summed: np.ndarray = np.add.reduceat(values, self.starts, axis=0)
        return summed

    def sum_by_respondent(self, values: np.ndarray) -> np.ndarray:
        """Sum over the situations of each respondent."""
        first = np.flatnonzero(np.diff(self.respondent, prepend=-1))
        summed: np.ndarray = np.add.reduceat(values, first, axis=0)
        return summed

    def of_situations(self, which: np.ndarray, *, rows: np.ndarray | None = None) -> ChoiceData:
        """Return some situations, and of them the rows that are kept.

        Parameters
        ----------
        which
            One True or False a situation.
        rows
            One True or False a row; all by default. The chosen row of a kept situation is kept.
        """
        kept = which[self.situation] & (np.ones(len(self.rows), dtype=bool) if rows is None else rows)
        place = np.cumsum(kept) - 1
        situation = self.situation[kept]
        _, respondent = np.unique(self.respondent[which], return_inverse=True)
        return replace(
            self,
            rows=self.rows[kept],
            starts=np.flatnonzero(np.diff(situation, prepend=-1)),
            chosen=place[self.chosen[which]],
            respondent=respondent,
            alternatives=self.alternatives[kept],
        )

    def of_respondents(self, numbers: np.ndarray) -> ChoiceData:
        """Return the choices of people by number; one named twice is two people, as in a bootstrap."""
        bounds = np.searchsorted(self.respondent, np.arange(self.n_respondents + 1))
        situations = np.concatenate([np.arange(bounds[n], bounds[n + 1]) for n in numbers])
        sizes = self.sizes[situations]
        starts = np.cumsum(sizes) - sizes
        row = np.concatenate([self.starts[s] + np.arange(self.sizes[s]) for s in situations])
        n_each = bounds[numbers + 1] - bounds[numbers]
        return replace(
            self,
            rows=self.rows[row],
            starts=starts,
            chosen=starts + (self.chosen - self.starts)[situations],
            respondent=np.repeat(np.arange(len(numbers)), n_each),
            alternatives=self.alternatives[row],
        )


def choice_data(
    frame: pd.DataFrame,
    names: Sequence[str],
    *,
    respondent: str = "respondent",
    situation: str = "set",
    alternative: str = "alternative",
    chosen: str = "chosen",
    labels: Mapping[str, Bilingual] | None = None,
    units: Mapping[str, float] | None = None,
    made: bool = False,
) -> ChoiceData:
    """Read a long table of choices.

    Parameters
    ----------
    frame
        One row an alternative of a situation, in any order.
    names
        Columns with numbers: what coefficients are estimated of.
    respondent, situation, alternative, chosen
        Columns with who chose, which situation of theirs it was, the name of the alternative, and
        whether it was chosen (1 or 0).
    labels
        What the columns of ``names`` are called, for tables.
    units
        Of columns coded in a unit of their own: its size, such as 1000 for a price in thousands.
    made
        Whether the choices are made, not observed.

    Returns
    -------
    ChoiceData
        Nothing is left out: every row is used.

    Raises
    ------
    BadInput
        When columns or values are missing, or a situation has not one choice; all at once.

    Examples
    --------
    >>> frame = pd.DataFrame({"respondent": [1, 1], "set": [1, 1], "alternative": ["a", "b"],
    ...                       "chosen": [0, 1], "price": [5.0, 4.0]})
    >>> data = choice_data(frame, ["price"])
    >>> data.n_choices, data.chosen.tolist()
    (1, [1])
    """
    keys = {respondent: "respondent", situation: "situation", alternative: "alternative", chosen: "chosen"}
    problems = _check_columns(frame, names, keys)
    if problems:
        raise BadInput(problems)
    table = frame[[*keys, *names]].rename(columns=keys)
    table["chosen"] = table["chosen"].astype(float)
    table = table.sort_values([*KEY, "alternative"], kind="stable").reset_index(drop=True)
    problems = _check_situations(table)
    if problems:
        raise BadInput(problems)
    number = table.groupby(KEY, sort=False).ngroup().to_numpy()
    starts = np.flatnonzero(np.diff(number, prepend=-1))
    _, people = np.unique(table["respondent"].to_numpy()[starts], return_inverse=True)
    text = table.to_csv(index=False, lineterminator="\n")
    return ChoiceData(
        rows=table[list(names)].to_numpy(dtype=float),
        starts=starts,
        chosen=np.flatnonzero(table["chosen"].to_numpy() == 1),
        respondent=people,
        alternatives=table["alternative"].astype(str).to_numpy(dtype=object),
        names=tuple(names),
        labels=dict(labels or {}),
        units=dict(units or {}),
        made=made,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def _check_columns(frame: pd.DataFrame, names: Sequence[str], keys: Mapping[str, str]) -> list[Problem]:
    if frame.empty:
        return [Problem("choices", "there are no rows", "Give the answers of at least some people.")]
    problems = [] if names else [Problem("names", "there are none", "Name at least one variable.")]
    for name in dict.fromkeys([*keys, *names]):
        if name not in frame:
            problems.append(Problem(name, "there is no such column", f"Columns: {', '.join(frame.columns)}."))
        elif frame[name].isna().any():
            n = int(frame[name].isna().sum())
            problems.append(Problem(name, f"it is missing in {n} rows", "Leave those situations out first."))
        elif name in names and not (is_numeric_dtype(frame[name]) or is_bool_dtype(frame[name])):
            problems.append(Problem(name, "it is no number", "Code its levels as columns of 0 and 1."))
        elif name in names and not np.isfinite(frame[name].to_numpy(dtype=float)).all():
            problems.append(Problem(name, "it is infinite in some rows", "Correct these values."))
        elif keys.get(name) == "chosen" and not frame[name].isin([0, 1]).all():
            problems.append(Problem(name, "it holds values besides 0 and 1", "Give 1 for what was chosen."))
    repeated = sorted({name for name in names if list(names).count(name) > 1})
    problems += [Problem(name, "it is named twice", "Name each variable once.") for name in repeated]
    return problems


def _check_situations(table: pd.DataFrame) -> list[Problem]:
    groups = table.groupby(KEY, sort=False)
    n_chosen, size = groups["chosen"].sum(), groups.size()
    faults = (
        (n_chosen != 1, "not exactly one chosen alternative", "Mark one as chosen, or leave the set out."),
        (size < 2, "one alternative only", "Give all alternatives that were on offer."),
        (groups["alternative"].nunique() < size, "an alternative twice", "Name each alternative once."),
    )
    problems = []
    for is_wrong, what, remedy in faults:
        wrong = is_wrong[is_wrong].index
        if len(wrong):
            who, which = wrong[0]
            where = f"respondent {who}, situation {which}"
            found = f"{what} (so it is in {len(wrong)} of {len(size)} situations)"
            problems.append(Problem(where, found, remedy))
    return problems
