"""Villages described by numbers, grades and categories at once, with gaps where nothing is known."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from pk_research.clusters.partition import Points
from pk_research.codebook import Variable
from pk_research.compute.floats import as_floats, floats_or_missing
from pk_research.errors import BadInput, Problem

Kind = Literal["numeric", "ordinal", "nominal", "asymmetric"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SHOWN = 5
REMEDIES: Mapping[Kind, str] = {
    "numeric": "Give numbers, or call it nominal.",
    "ordinal": "Give numbers or an ordered categorical, so that the order of the grades is known.",
    "asymmetric": "Give true and false, or 1 where the village has it and 0 where not.",
}


@dataclass(frozen=True, eq=False)
class Mixed:
    """The distinct villages as rows of numbers, with what each column is.

    Attributes
    ----------
    points
        Distinct rows in ascending order, each with how many villages share it; NaN is missing.
        Categories and grades are numbered from 0; an asymmetric variable is 0 or 1.
    kinds
        One a column: ``"numeric"``; ``"ordinal"``, graded; ``"nominal"``, a category without
        order; ``"asymmetric"``, of which only having it in common makes villages alike.
    names
        One a column.
    """

    points: Points
    kinds: tuple[Kind, ...]
    names: tuple[str, ...]

    def columns(self, *kinds: Kind) -> np.ndarray:
        """Return the values of the columns of these kinds."""
        return np.asarray(self.points.rows[:, [kind in kinds for kind in self.kinds]])

    @property
    def n_missing(self) -> int:
        """Number of values that are missing, over all villages."""
        return int(self.points.weights @ np.isnan(self.points.rows).sum(axis=1))


def kinds_of(
    variables: Sequence[Variable], given: Mapping[str, Kind], *, allowed: Sequence[Kind] = KINDS
) -> dict[str, Kind]:
    """Say what each variable is: as given, else a number or, for categories, one without order.

    Parameters
    ----------
    variables
        As the codebook declares them.
    given
        Name -> kind, for variables that are something else: ``"ordinal"`` for categories whose
        order in the codebook are grades, ``"asymmetric"`` for rare things.
    allowed
        Kinds the method takes.

    Raises
    ------
    BadInput
        When a kind is given to a variable that was not chosen, or the method cannot take one.

    Examples
    --------
    >>> kinds_of([Variable("km", kind="number"), Variable("has_bank", kind="boolean")], {})
    {'km': 'numeric', 'has_bank': 'nominal'}
    """
    names = [variable.name for variable in variables]
    problems = [
        Problem("kinds", f"{name!r} was not chosen", f"Give kinds of: {', '.join(names)}.")
        for name in given
        if name not in names
    ]
    kinds: dict[str, Kind] = {
        variable.name: given.get(
            variable.name, "numeric" if variable.kind in ("number", "integer") else "nominal"
        )
        for variable in variables
    }
    problems += [
        Problem(
            f"variable {name!r}",
            f"the method does not take {kind!r} variables",
            f"Give another kind, of: {', '.join(allowed)}; or leave it out, or use another method.",
        )
        for name, kind in kinds.items()
        if kind not in allowed
    ]
    if problems:
        raise BadInput(problems)
    return kinds


def mixed(frame: pd.DataFrame, kinds: Mapping[str, Kind]) -> Mixed:
    """Turn the categories of a table into numbers and merge villages that are the same in everything.

    Parameters
    ----------
    frame
        One row a village. Missing stays missing.
    kinds
        What each compared column is. Ordinal columns are numbers or ordered categoricals, whose
        declared grades count as equally far apart; asymmetric ones are true or false, 1 or 0.

    Raises
    ------
    BadInput
        Everything wrong with the columns at once; or villages without any value.

    Examples
    --------
    >>> table = pd.DataFrame({"road": ["earth", "paved", "earth"], "km": [3.0, None, 3.0]})
    >>> villages = mixed(table, {"road": "nominal", "km": "numeric"})
    >>> villages.points.rows.tolist(), villages.points.weights.tolist()
    ([[0.0, 3.0], [1.0, nan]], [2, 1])
    """
    problems = [problem for name, kind in kinds.items() for problem in _faults(frame, name, kind)]
    if not kinds:
        problems = [Problem("variables", "none was chosen", f"Choose from: {', '.join(frame.columns)}.")]
    if problems:
        raise BadInput(problems)
    values = np.column_stack([_numbered(frame[name], kind) for name, kind in kinds.items()])
    _check_rows(values, frame.index)
    return Mixed(_distinct(values), tuple(kinds.values()), tuple(kinds))


def _faults(frame: pd.DataFrame, name: str, kind: Kind) -> list[Problem]:
    where = f"variable {name!r}"
    if name not in frame:
        return [Problem(where, "there is no such column", f"Choose from: {', '.join(frame.columns)}.")]
    if kind not in KINDS:
        return [Problem(where, f"{kind!r} is not a kind", f"Choose from: {', '.join(KINDS)}.")]
    if frame[name].isna().all():
        return [Problem(where, "no village has a value", "Leave it out.")]
    is_named = kind == "nominal" or (kind == "ordinal" and _is_graded(frame[name]))
    return [] if is_named else _faults_of_numbers(frame[name], where, kind)


def _faults_of_numbers(column: pd.Series, where: str, kind: Kind) -> list[Problem]:
    numbers = floats_or_missing(column)
    wrong = column[column.notna() & ~np.isfinite(numbers)]
    if len(wrong):
        return [Problem(where, f"{str(wrong.iloc[0])!r} is not a finite number", REMEDIES[kind])]
    other = numbers[numbers.notna() & ~numbers.isin([0, 1])]
    if kind == "asymmetric" and len(other):
        return [Problem(where, f"it holds {other.iloc[0]:g}", REMEDIES[kind])]
    return []


def _is_graded(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.CategoricalDtype) and bool(column.dtype.ordered)


def _numbered(column: pd.Series, kind: Kind) -> np.ndarray:
    if kind == "ordinal" and _is_graded(column):
        codes = column.cat.codes.to_numpy(dtype=float)
        return np.asarray(np.where(codes < 0, np.nan, codes))
    if kind == "nominal":
        codes, _ = pd.factorize(column.astype("string"), sort=True)
        return np.where(codes < 0, np.nan, codes.astype(float))
    return np.asarray(as_floats(pd.to_numeric(column)))


def _check_rows(values: np.ndarray, index: pd.Index[Hashable]) -> None:
    empty = index[np.isnan(values).all(axis=1)]
    if len(empty):
        named = ", ".join(map(str, empty[:SHOWN])) + (", ..." if len(empty) > SHOWN else "")
        raise BadInput(
            Problem(
                f"rows {named}",
                f"{len(empty)} villages have no value for any of the variables",
                "Leave them out: nothing is known to compare.",
            )
        )


def _distinct(values: np.ndarray) -> Points:
    # NaN equals nothing, itself included; infinity, which cannot occur, stands in for it.
    filled = np.where(np.isnan(values), np.inf, values) + 0.0
    rows, index, weights = np.unique(filled, axis=0, return_inverse=True, return_counts=True)
    return Points(np.where(np.isinf(rows), np.nan, rows), weights, index.reshape(-1))
