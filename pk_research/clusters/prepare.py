"""From a dataset to the rows that can be compared: nothing dropped in silence, nothing filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd

from pk_research.clusters.mixed import Kind, Mixed, kinds_of, mixed
from pk_research.clusters.phrases import inside_sentence, joined
from pk_research.codebook import Codebook, Variable
from pk_research.compute.floats import as_floats
from pk_research.errors import BadInput, NotFound, Problem
from pk_research.language import Message
from pk_research.sources.dataset import Dataset, Step

PLACE_NAMES = (
    "village",
    "kecamatan_code",
    "kecamatan",
    "regency_code",
    "regency",
    "province_code",
    "province",
)
RESULT_COLUMNS = (
    "cluster",
    "silhouette",
    "second_cluster",
    "probability",
    "is_border",
    "n_imputed",
    "in_no_type",
    "reason",
    "code",
    "name",
    "type",
)
NUMBERS = ("number", "integer")
COMPARABLE = (*NUMBERS, "category", "boolean")


@dataclass(frozen=True, eq=False)
class Prepared:
    """The villages that can be compared, and those that cannot with the reason.

    Attributes
    ----------
    villages
        One row a village: key, place names, chosen values; in the order of the key.
    left_out
        One row a record set aside: key, place names and ``reason``, a `Message`.
    variables
        The chosen variables, in the order given.
    kinds
        What each of them is, by name.
    codebook
        What the key and the place names mean.
    year
        The year compared; None for data without years.
    steps
        What was done to the rows.
    """

    villages: pd.DataFrame
    left_out: pd.DataFrame
    variables: tuple[Variable, ...]
    kinds: Mapping[str, Kind]
    codebook: Codebook
    year: int | None
    steps: tuple[Step, ...]

    @property
    def measured(self) -> np.ndarray:
        """The chosen values, one row a village and one column a variable, of numbers only."""
        return np.asarray(self.villages[list(self.kinds)], dtype=float)

    @property
    def codes(self) -> list[str]:
        """The code of each village."""
        return [str(code) for code in self.villages[code_column(self.codebook)]]

    @property
    def n_gaps(self) -> np.ndarray:
        """How many of the chosen values each village lacks."""
        return np.asarray(self.villages[list(self.kinds)].isna().sum(axis=1))

    def mixed(self) -> Mixed:
        """Return the distinct villages with what each variable is, gaps included."""
        values = self.villages[list(self.kinds)].copy()
        for variable in self.variables:
            if variable.kind == "category" and self.kinds[variable.name] == "ordinal":
                values[variable.name] = values[variable.name].cat.as_ordered()
        return mixed(values, self.kinds)


def code_column(codebook: Codebook) -> str:
    """Return the column that says which village a row is about: the key without the year."""
    return next(name for name in codebook.names if name != "year")


def prepare(
    dataset: Dataset,
    variables: Sequence[str],
    *,
    year: int | None = None,
    kinds: Mapping[str, Kind] | None = None,
    allowed: Sequence[Kind] = ("numeric",),
    keep_gaps: bool = False,
) -> Prepared:
    """Pick the villages of one year that have a valid value for every chosen variable.

    Records that repeat a village with the same values are merged. Set aside, with the reason:
    records without a key, records of one village that disagree, missing values, values outside
    the codebook's range. Missing is never zero and never filled in.

    Parameters
    ----------
    dataset
        Rows keyed by village, or by village and year.
    variables
        Names of numeric variables; of categories too where those are allowed.
    year
        Year to compare; the latest by default.
    kinds
        What variables are, where it is not what the codebook says; see `kinds_of`.
    allowed
        Kinds of variables that can be compared.
    keep_gaps
        Keep villages that lack some of the values, though not all.

    Returns
    -------
    Prepared
        Rows of the year = villages + records merged + records left out.

    Raises
    ------
    BadInput, NotFound
        When a variable or the year does not exist or cannot be used.
    """
    chosen = choose_variables(dataset, variables, only_numbers=tuple(allowed) == ("numeric",))
    known = kinds_of(chosen, kinds or {}, allowed=allowed)
    key = [name for name in dataset.key if name in dataset.frame.columns]
    if not dataset.is_by_village:
        raise BadInput(
            Problem(
                f"dataset {dataset.name!r}",
                "no column says which village a row is about",
                "Choose a dataset with a village code.",
            )
        )
    rows, year = _rows_of_year(dataset, year)
    names = [name for name in PLACE_NAMES if name in rows.columns and name not in key]
    values = [variable.name for variable in chosen]
    numbers = [variable.name for variable in chosen if variable.kind in NUMBERS]
    rows = rows[key + names + values].assign(**as_floats(rows[numbers]))
    rows = rows.sort_values(key + values + names, ignore_index=True)
    unique = rows[~(rows.duplicated(key + values) & rows[key].notna().all(axis=1))].reset_index(drop=True)
    reasons = _reasons(unique, key, chosen, keep_gaps=keep_gaps)
    aside = unique.loc[reasons.index, key + names].assign(reason=reasons)
    kept = unique.drop(index=reasons.index).reset_index(drop=True)
    _check_comparable(kept[values], dataset.name, unique[values])
    return Prepared(
        villages=kept,
        left_out=aside.reset_index(drop=True),
        variables=chosen,
        kinds=known,
        codebook=dataset.codebook.select(key + names),
        year=year,
        steps=_steps(len(rows) - len(unique), len(aside)),
    )


def choose_variables(
    dataset: Dataset, names: Sequence[str], *, only_numbers: bool = True
) -> tuple[Variable, ...]:
    """Look up the chosen variables, reporting everything wrong with the choice at once."""
    kinds = NUMBERS if only_numbers else COMPARABLE
    offered = [v.name for v in dataset.codebook if v.kind in kinds and v.name not in dataset.key]
    where = f"dataset {dataset.name!r}"
    if not names:
        raise BadInput(Problem(where, "no variable was chosen", f"Choose from: {', '.join(offered)}."))
    problems = []
    for name in dict.fromkeys(names):
        if name not in dataset.codebook:
            near = get_close_matches(name.lower(), dataset.codebook.names, n=3) or offered
            problems.append(
                Problem(where, f"there is no variable {name!r}", f"Did you mean: {', '.join(near)}?")
            )
        elif name not in offered:
            kind = dataset.codebook[name].kind
            problems.append(
                Problem(
                    f"{where}, variable {name!r}",
                    f"it is a {kind}, not a measure of the village",
                    f"Choose from: {', '.join(offered)}.",
                )
            )
        elif name in RESULT_COLUMNS:
            problems.append(
                Problem(f"{where}, variable {name!r}", "the result uses this name itself", "Rename it.")
            )
        if list(names).count(name) > 1:
            problems.append(Problem(f"{where}, variable {name!r}", "it was chosen twice", "Name it once."))
    if problems:
        raise BadInput(problems)
    return tuple(dataset.codebook[name] for name in names)


def _rows_of_year(dataset: Dataset, year: int | None) -> tuple[pd.DataFrame, int | None]:
    """Return the rows of the year and those without any year."""
    frame, where = dataset.frame, f"dataset {dataset.name!r}"
    known = sorted(int(value) for value in frame["year"].dropna().unique()) if "year" in frame else []
    if year is not None and year not in known:
        raise NotFound(
            Problem(
                where,
                f"there are no rows of {year}",
                f"Choose from: {', '.join(map(str, known))}." if known else "It has no years: leave it out.",
            )
        )
    if not known:
        return frame, None
    year = known[-1] if year is None else year
    return frame[(frame["year"] == year).fillna(value=False) | frame["year"].isna()], year


def _reasons(
    rows: pd.DataFrame, key: list[str], chosen: tuple[Variable, ...], *, keep_gaps: bool
) -> pd.Series:
    """Say for each row that cannot be used why; the others are not in the result."""
    no_key = rows[key].isna().any(axis=1).to_numpy()
    disagree = rows.duplicated(key, keep=False).to_numpy()
    measured = rows[[variable.name for variable in chosen]].to_numpy()
    wrong = np.column_stack([~_usable(rows[variable.name], variable) for variable in chosen])
    if keep_gaps:
        absent = pd.isna(measured)
        wrong &= ~absent | absent.all(axis=1, keepdims=True)
    reasons = {}
    for row in np.flatnonzero(no_key | disagree | wrong.any(axis=1)):
        if no_key[row]:
            reasons[row] = Message("the village code or the year is missing")
        elif disagree[row]:
            reasons[row] = Message("records of this village disagree with each other")
        else:
            reasons[row] = _faults([(chosen[j], measured[row, j]) for j in np.flatnonzero(wrong[row])])
    return pd.Series(reasons, dtype=object)


def _usable(values: pd.Series, variable: Variable) -> pd.Series:
    if variable.kind not in NUMBERS:
        return values.notna()
    low = -np.inf if variable.minimum is None else variable.minimum
    high = np.inf if variable.maximum is None else variable.maximum
    return np.isfinite(values) & values.between(low, high)


def _check_comparable(kept: pd.DataFrame, name: str, asked: pd.DataFrame) -> None:
    """Raise when no village is left, or they cannot be told apart."""
    where = f"dataset {name!r}"
    if kept.empty:
        gaps = ", ".join(f"{name} {n}" for name, n in asked.isna().sum().items() if n) or "none"
        raise BadInput(
            Problem(
                where,
                f"no village has a valid value for every chosen variable (missing of {len(asked)}: {gaps})",
                "Choose variables that are filled in, or another year.",
            )
        )
    check_varied(kept, where)


def check_varied(kept: pd.DataFrame, where: str) -> None:
    """Raise when a variable has the same value in all villages."""
    constant = [column for column in kept if kept[column].nunique() < 2]
    if constant:
        raise BadInput(
            Problem(
                f"{where}, variable {column!r}",
                _sameness(kept[column]),
                "Leave it out: it cannot tell villages apart.",
            )
            for column in constant
        )


def _sameness(values: pd.Series) -> str:
    known = values.dropna()
    if known.empty:
        return f"none of {len(values)} villages has a value"
    value = f"{known.iloc[0]:g}" if pd.api.types.is_float_dtype(known) else str(known.iloc[0])
    return f"all {len(known)} villages have the value {value}"


def _faults(wrong: Sequence[tuple[Variable, Any]]) -> Message:
    """Say what is wrong with the values that cannot be used."""
    absent = [inside_sentence(variable) for variable, value in wrong if pd.isna(value)]
    faults = [Message("no value for {variables}", {"variables": reduce(joined, absent)})] if absent else []
    faults += [_outside(variable, float(value)) for variable, value in wrong if not pd.isna(value)]
    return reduce(lambda first, last: Message("{first}; {last}", {"first": first, "last": last}), faults)


def _outside(variable: Variable, value: float) -> Message:
    named = {"variable": inside_sentence(variable), "value": value}
    if variable.minimum is not None and value < variable.minimum:
        return Message("{variable} is {value}, less than {bound}", {**named, "bound": variable.minimum})
    if variable.maximum is not None and value > variable.maximum:
        return Message("{variable} is {value}, more than {bound}", {**named, "bound": variable.maximum})
    return Message("{variable} is not a finite number", named)


def _steps(n_merged: int, n_left_out: int) -> tuple[Step, ...]:
    done = (
        (Message("Records that repeat a village with the same values were merged"), n_merged),
        (Message("Records were left out because they cannot be compared; each has its reason"), n_left_out),
    )
    return tuple(Step(what, n) for what, n in done if n)
