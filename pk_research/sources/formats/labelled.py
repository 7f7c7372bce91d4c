"""What SPSS, Stata and foreign Parquet files share: typed columns, labels, codes for no answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from pk_research.codebook import Kind, Label, Variable
from pk_research.language import Message
from pk_research.sources.categories import shown
from pk_research.sources.cells import text_of
from pk_research.sources.columns import Cell, Column, column_of
from pk_research.sources.dataset import Step
from pk_research.sources.headers import column_name, unique_names
from pk_research.sources.infer import infer_text
from pk_research.sources.package import Description
from pk_research.sources.table import Table


@dataclass(frozen=True, slots=True)
class ColumnLabels:
    """What a file says of one column.

    Attributes
    ----------
    label
        The variable's label; in which language is not known.
    meanings
        Text of a value -> its label.
    missing
        Texts of values that stand for no answer.
    """

    label: str = ""
    meanings: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A file whose columns have types.

    Attributes
    ----------
    frame
        Its rows; of a file that was saved here, just as they were.
    labels
        What it says of its columns, by their names.
    inside
        What was saved with it; None for a file from elsewhere.
    """

    frame: pd.DataFrame
    labels: Mapping[str, ColumnLabels] = field(default_factory=dict)
    inside: Description | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A table whose columns have types, with the variables its file declares.

    Attributes
    ----------
    table
        The columns, values that stand for no answer included.
    variables
        By column name.
    steps
        What the file says and a codebook cannot.
    """

    table: Table
    variables: Mapping[str, Variable]
    steps: tuple[Step, ...]


def declare_labelled(opened: Opened, *, where: str) -> Labelled:
    """Declare the variables of a file by what it says of them.

    A column whose values all have labels is a category. Labels stand for both languages.

    Parameters
    ----------
    opened
        The file, as read.
    where
        Name of the file.
    """
    frame = opened.frame
    names = unique_names([column_name(str(name)) for name in frame.columns])
    columns, variables, steps = [], {}, []
    for name, (original, series) in zip(names, frame.items(), strict=True):
        column = column_of(str(original), name, [_cell(value) for value in series.tolist()])
        said = opened.labels.get(str(original), ColumnLabels())
        variable = _declare(column, said, _kind(series))
        unused = set(said.meanings) - {label.value for label in (*variable.categories, *variable.missing)}
        if unused:
            texts = {"column": name, "labels": shown(said.meanings[value] for value in sorted(unused))}
            what = Message("{column}: some values have labels and others none; left out were {labels}", texts)
            steps.append(Step(what, column.n_filled, (name,)))
        columns.append(column)
        variables[name] = variable
    table = Table(where, tuple(columns), np.arange(1, len(frame) + 1), "", ())
    return Labelled(table, variables, tuple(steps))


def _cell(value: object) -> Cell:
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124 - NaN is not itself
        return ""
    return value if isinstance(value, str | float | int | bool | dt.date | dt.time) else str(value)


def _kind(series: pd.Series) -> Kind | None:
    """Return the kind a dtype stands for; None for texts and mixtures."""
    if pd.api.types.is_bool_dtype(series):
        return "boolean"
    if pd.api.types.is_datetime64_any_dtype(series):
        return "date"
    return "number" if pd.api.types.is_numeric_dtype(series) else None


def _declare(column: Column, said: ColumnLabels, kind: Kind | None) -> Variable:
    missing = tuple(_both(value, said.meanings.get(value, "")) for value in said.missing)
    answers = column.blank([level for level in column.levels if text_of(level) in said.missing])
    labels = {value: label for value, label in said.meanings.items() if value not in said.missing}
    texts = {text_of(level) for level in answers.levels}
    label = said.label or column.header
    variable = Variable(column.name, label, label if said.label else "", kind or "string", missing=missing)
    if labels and texts <= set(labels):
        categories = tuple(_both(value, label) for value, label in labels.items())
        return replace(variable, kind="category", categories=categories)
    numbers = [level for level in answers.levels if isinstance(level, int | float)]
    if kind == "number" or (kind is None and answers.levels and len(numbers) == len(answers.levels)):
        is_whole = all(float(number).is_integer() for number in numbers)
        return replace(variable, kind="integer" if is_whole else "number")
    if kind is not None:
        return variable
    if answers.levels and all(isinstance(level, dt.date) for level in answers.levels):
        return replace(variable, kind="date")
    inferred = infer_text(answers)
    return replace(variable, kind=inferred.kind, categories=inferred.categories)


def _both(value: str, label: str) -> Label:
    return Label(value, label, label)
