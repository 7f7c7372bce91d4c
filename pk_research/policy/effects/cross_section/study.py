"""The rows of a study at one time, checked before any estimator sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.policy.effects.did.parts import check_choice
from pk_research.policy.effects.effect import Sample, input_hash
from pk_research.policy.effects.rows import (
    Gaps,
    absent_columns,
    complete_rows,
    few_clusters,
    not_numbers,
    not_zero_or_one,
)
from pk_research.products.words import some

LEAST, LEFT = 2, 3


@dataclass(frozen=True, eq=False)
class Study:
    """Units seen once, with and without the policy.

    Attributes
    ----------
    outcome, treated
        One value a unit; ``treated`` is 0 or 1.
    covariates
        One column each, under its name.
    cluster
        Number of each unit's cluster; None where every unit stands by itself.
    left_out, warnings
        What was set aside, and what the reader of a result should know of the rows.
    input_hash
        Of the rows used.
    """

    outcome: np.ndarray
    treated: np.ndarray
    covariates: pd.DataFrame
    cluster: np.ndarray | None
    left_out: tuple[tuple[Message, int], ...]
    warnings: tuple[Message, ...]
    input_hash: str

    @property
    def n_clusters(self) -> int | None:
        """Clusters; None where there are none."""
        return None if self.cluster is None else len(np.unique(self.cluster))

    @property
    def design(self) -> np.ndarray:
        """A column of ones, then the covariates."""
        return np.column_stack([np.ones(len(self.outcome)), self.covariates.to_numpy(dtype=float)])

    @property
    def sample(self) -> Sample:
        """Of whom an effect is told that uses every row."""
        n_treated = int(self.treated.sum())
        n = len(self.treated)
        return Sample(n, n, n_treated, n - n_treated, 1, self.n_clusters, self.left_out)


def read_study(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treated: str,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    unit: str | None = None,
    gaps: Gaps = "refuse",
) -> Study:
    """Check a table of units with and without a policy, and say what was set aside.

    Parameters
    ----------
    frame
        One row a unit.
    outcome, treated
        Columns: the outcome (a number), and 0 or 1.
    covariates
        Columns of numbers known before the policy.
    cluster
        Column of the clusters of the standard errors; none by default.
    unit
        Column that names the unit, checked to be unique where it is given.
    gaps
        Rows with a missing value: ``"refuse"``, or ``"leave_out"`` and count.

    Raises
    ------
    BadInput
        All at once: a column that is not there, gaps, a unit twice, an outcome or covariate that is no
        number, an outcome or covariate that is the same everywhere, a covariate that follows from the
        others, a policy that is neither 0 nor 1, fewer than two units on either side, fewer rows than
        covariates and three, one cluster, a word for the gaps that is none.

    Examples
    --------
    >>> frame = pd.DataFrame({"income": [1.0, 2, 3, 5], "has": [0, 0, 1, 1]})
    >>> read_study(frame, outcome="income", treated="has").sample.n_treated
    2
    """
    problems = _not_listed(covariates)
    if not problems:
        problems = absent_columns(frame, [outcome, treated, *covariates, cluster, unit])
    problems += check_choice("gaps", gaps, ("refuse", "leave_out"))
    if problems:
        raise BadInput(problems)
    rows, left_out = complete_rows(frame, [outcome, treated, *covariates], [cluster, unit], gaps)
    problems = [
        *not_numbers(rows, [outcome, *covariates]),
        *_sides(rows[treated], treated),
        *_twice(rows, unit),
    ]
    if not problems:
        problems = [
            *_without_spread(rows[outcome], outcome),
            *_too_few(len(rows), len(covariates)),
            *_dependent(rows, covariates, treated),
        ]
    if cluster is not None and rows[cluster].nunique() < LEAST:
        problems.append(
            Problem(
                f"column '{cluster}'",
                "all rows lie in one cluster, so no standard error exists",
                "Choose smaller clusters, such as the village.",
            )
        )
    if problems:
        raise BadInput(problems)
    number = None if cluster is None else np.unique(rows[cluster].to_numpy(), return_inverse=True)[1]
    used = [name for name in dict.fromkeys((unit, outcome, treated, *covariates, cluster)) if name]
    return Study(
        rows[outcome].to_numpy(dtype=float),
        rows[treated].to_numpy(dtype=int),
        rows[list(covariates)].astype(float).reset_index(drop=True),
        number,
        left_out,
        () if number is None else few_clusters(len(np.unique(number))),
        input_hash(rows[used]),
    )


def check_sides(study: Study) -> list[Problem]:
    """Return the sides whose units all lie in one cluster: clustered errors are then a fiction."""
    if study.cluster is None:
        return []
    return [
        Problem(
            "the clusters",
            f"all units {which} lie in one, so chance in it cannot be told from the policy's effect",
            "Choose smaller clusters, or look at randomisation inference.",
        )
        for side, which in ((1, "with the policy"), (0, "without the policy"))
        if len(np.unique(study.cluster[study.treated == side])) < LEAST
    ]


def _sides(treated: pd.Series, name: str) -> list[Problem]:
    where = f"column '{name}'"
    problems = not_zero_or_one(treated, name, "Write 1 for units with the policy, 0 for others.")
    if problems:
        return problems
    with_it = int(treated.sum())
    return [
        Problem(where, f"only {n} {which}", "Two at least are needed on each side to know any variation.")
        for n, which in ((with_it, "with the policy"), (len(treated) - with_it, "without the policy"))
        if n < LEAST
    ]


def _not_listed(covariates: Sequence[str]) -> list[Problem]:
    if not isinstance(covariates, str):
        return []
    remedy = f"Give a list, such as [{covariates!r}]."
    return [Problem("covariates", f"it is the text {covariates!r}", remedy)]


def _without_spread(values: pd.Series, name: str) -> list[Problem]:
    if values.min() < values.max():
        return []
    remedy = "No effect and no doubt can be told of it: choose an outcome that varies."
    return [Problem(f"column '{name}'", "it is the same in every row", remedy)]


def _too_few(n: int, n_covariates: int) -> list[Problem]:
    if n >= n_covariates + LEFT:
        return []
    return [
        Problem(
            "the table",
            f"{n} rows are too few for {n_covariates} covariates",
            f"Use fewer: there must be {LEFT} rows more than covariates at least.",
        )
    ]


def _twice(rows: pd.DataFrame, unit: str | None) -> list[Problem]:
    if unit is None or not rows[unit].duplicated().any():
        return []
    twice = rows.loc[rows[unit].duplicated(), unit].unique()
    return [Problem(f"column '{unit}'", f"units stand twice: {some(twice)}", "Keep one row of each.")]


def _dependent(rows: pd.DataFrame, covariates: Sequence[str], treated: str) -> list[Problem]:
    """Find covariates that say nothing the ones before them have not said."""
    problems = []
    kept = np.ones((len(rows), 1))
    for name in (*covariates, treated):
        column = rows[name].to_numpy(dtype=float)
        scaled = column - column.mean()
        size = np.abs(scaled).max()
        wider = np.column_stack([kept, scaled / size]) if size > 0 else kept
        if size > 0 and np.linalg.matrix_rank(wider) == wider.shape[1]:
            kept = wider
        elif name == treated:
            problems.append(
                Problem(
                    f"column '{name}'",
                    "the covariates say exactly who has the policy, so nobody is left to compare with",
                    "Leave out the covariate that repeats the policy.",
                )
            )
        else:
            what = "it is the same in every row" if size == 0 else "it follows from the covariates before it"
            problems.append(Problem(f"column '{name}'", what, "Leave it out."))
    return problems
