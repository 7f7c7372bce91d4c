"""Stata (.dta): labels in one language inside, the whole codebook in a descriptor beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyreadstat

from pk_research.codebook import Variable
from pk_research.errors import BadInput
from pk_research.language import Language
from pk_research.sources.cells import text_of
from pk_research.sources.dataset import Dataset
from pk_research.sources.files import Content
from pk_research.sources.formats.fitting import empty_texts, fit_labels, fit_names, problems_with_numbers
from pk_research.sources.formats.labelled import ColumnLabels, Opened
from pk_research.sources.formats.statistical import (
    days,
    file_bytes,
    number_codes,
    read_statistical,
    restored,
    texts_of,
)
from pk_research.sources.formats.written import Written
from pk_research.sources.package import Description

_WORDS = "_all _b byte _coef _cons double float if in int long _n _pi _pred _rc _skip strl using with"
_RESERVED = frozenset((*_WORDS.split(), *(f"str{n}" for n in range(1, 2046))))
_NAME_CHARACTERS, _LABEL_BYTES = 32, 80
_LARGEST = 8.988e307  # larger ones stand for missing values
_STAMP = re.compile(rb"<timestamp>\x11.{17}</timestamp>", re.DOTALL)
_LONG_AGO = b"<timestamp>\x1101 Jan 1970 00:00</timestamp>"  # the same dataset gives the same bytes


def write_stata(dataset: Dataset, language: Language) -> Written:
    """Write as Stata file (version 118): categories become numbers with labels.

    Raises
    ------
    BadInput
        When it holds numbers that Stata cannot hold.
    """
    problems = problems_with_numbers(dataset, "Stata", largest=_LARGEST)
    if problems:
        raise BadInput(problems)
    codebook, title = dataset.codebook, dataset.provenance.title
    names = fit_names(codebook.names, longest=_NAME_CHARACTERS, reserved=_RESERVED, ignore_case=False)
    labels = fit_labels(texts_of(codebook, language), longest_bytes=_LABEL_BYTES)
    options: dict[str, Any] = {
        "file_label": fit_labels([title], longest_bytes=_LABEL_BYTES).given[title],
        "column_labels": [labels.given[v.label(language)] for v in codebook],
        "variable_value_labels": {
            names.given[v.name]: {
                category_codes(v)[label.value]: labels.given[label.text(language)] for label in v.categories
            }
            for v in codebook
            if v.categories
        },
    }
    frame = pd.DataFrame({names.given[v.name]: _column(dataset.frame[v.name], v) for v in codebook})
    where = f"dataset {dataset.name}"
    data = file_bytes(lambda path: pyreadstat.write_dta(frame, path, **options), suffix=".dta", where=where)
    return Written(
        _STAMP.sub(_LONG_AGO, data, count=1), (*names.losses, *labels.losses, *empty_texts(dataset))
    )


def category_codes(variable: Variable) -> Mapping[str, int]:
    """Return the number of every category: its own when all are numbers, else its position from 1."""
    return number_codes(variable) or {label.value: n for n, label in enumerate(variable.categories, 1)}


def _column(column: pd.Series, variable: Variable) -> pd.Series:
    if variable.kind == "category":
        return column.astype("string").map(category_codes(variable), na_action="ignore").astype("Int64")
    return days(column) if variable.kind == "date" else column


def read_stata(content: Content) -> Opened:
    """Read a Stata file.

    Raises
    ------
    BadInput
        When it is damaged or too large.
    """
    frame, about = read_statistical(content, pyreadstat.read_dta)
    return Opened(frame, {name: _labels(name, about) for name in frame.columns})


def restore_stata(frame: pd.DataFrame, description: Description, *, where: str) -> pd.DataFrame:
    """Give a frame that `write_stata` wrote its names, kinds and categories back."""
    codes = {v.name: category_codes(v) for v in description.codebook if v.kind == "category"}
    return restored(frame, description, codes, where=where)


def _labels(name: str, about: Any) -> ColumnLabels:  # noqa: ANN401 - pyreadstat's metadata
    values = about.variable_value_labels.get(name, {})
    texts = {text_of(value): str(label) for value, label in values.items()}
    missing = tuple(about.missing_user_values.get(name, ()))
    return ColumnLabels(about.column_names_to_labels.get(name) or "", texts, missing)
