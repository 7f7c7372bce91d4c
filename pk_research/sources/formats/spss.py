"""SPSS (.sav): labels in one language where SPSS shows them, the whole codebook in its notes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pandas as pd
import pyreadstat

from pk_research.codebook import Label, Variable
from pk_research.errors import BadInput
from pk_research.language import Language, Message
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
from pk_research.sources.package import describe, from_json, restore

_RESERVED = frozenset(["all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"])
_NAME_BYTES, _LABEL_BYTES, _TITLE_BYTES = 64, 120, 60
_LARGEST = 1.797e308  # the very largest stand for missing values
_NOTE_CHARACTERS = 80
_NOTE_START = '{"pk_research":'
_MADE = slice(92, 109)
_MADE_LONG_AGO = b"01 Jan 7000:00:00"  # so that the same dataset gives the same bytes
_MOST_MISSING_CODES = 3
_LONGEST_MISSING_TEXT = 8


def write_spss(dataset: Dataset, language: Language) -> Written:
    """Write as SPSS file.

    Raises
    ------
    BadInput
        When it holds numbers that SPSS cannot hold.
    """
    problems = problems_with_numbers(dataset, "SPSS", largest=_LARGEST)
    if problems:
        raise BadInput(problems)
    codebook, title = dataset.codebook, dataset.provenance.title
    fitted = fit_names(codebook.names, longest=_NAME_BYTES, reserved=_RESERVED, ignore_case=True)
    names = fitted.given
    labels = fit_labels(texts_of(codebook, language), longest_bytes=_LABEL_BYTES)
    missing = {v.name: _missing_codes(v) for v in codebook}
    options: dict[str, Any] = {
        "file_label": fit_labels([title], longest_bytes=_TITLE_BYTES).given[title],
        "column_labels": [labels.given[v.label(language)] for v in codebook],
        "variable_value_labels": {
            names[v.name]: {
                _value(label, v): labels.given[label.text(language)]
                for label in (*v.categories, *missing[v.name])
            }
            for v in codebook
            if v.categories or missing[v.name]
        },
        "missing_ranges": {
            names[v.name]: [_value(label, v) for label in missing[v.name]]
            for v in codebook
            if missing[v.name]
        },
        "note": _notes(dataset),
    }
    frame = pd.DataFrame({names[v.name]: _column(dataset.frame[v.name], v) for v in codebook})
    where = f"dataset {dataset.name}"
    data = file_bytes(lambda path: pyreadstat.write_sav(frame, path, **options), suffix=".sav", where=where)
    data = data[: _MADE.start] + _MADE_LONG_AGO + data[_MADE.stop :]
    return Written(data, (*fitted.losses, *labels.losses, *_missing_losses(dataset), *empty_texts(dataset)))


def read_spss(content: Content) -> Opened:
    """Read an SPSS file.

    Raises
    ------
    BadInput
        When it is damaged or too large.
    """
    frame, about = read_statistical(content, pyreadstat.read_sav)
    notes = "".join(about.notes or ())
    if not notes.startswith(_NOTE_START):
        return Opened(frame, {name: _labels(name, frame[name], about) for name in frame.columns})
    entry = from_json(notes, where=content.name)["pk_research"]
    is_as_saved = content.data[_MADE] == _MADE_LONG_AGO
    inside = replace(restore(entry, where=content.name), changed=not is_as_saved)
    codes = {v.name: codes for v in inside.codebook if (codes := number_codes(v))}
    return Opened(restored(frame, inside, codes, where=content.name), inside=inside)


def _column(column: pd.Series, variable: Variable) -> pd.Series:
    codes = number_codes(variable)
    if codes:
        return column.astype("string").map(codes, na_action="ignore").astype("Int64")
    if variable.kind == "date":
        return days(column)
    return column.astype("string") if variable.kind == "category" else column


def _value(label: Label, variable: Variable) -> str | float:
    is_number = variable.kind in ("integer", "number", "boolean") or number_codes(variable)
    return float(label.value) if is_number else label.value


def _missing_codes(variable: Variable) -> tuple[Label, ...]:
    """Return the missing codes SPSS can declare: at most three, numbers or short texts."""
    codes = variable.missing
    if variable.kind in ("integer", "number"):
        fits = all(_is_number(label.value) for label in codes)
    else:
        is_text = variable.kind in ("code", "string") or (
            variable.kind == "category" and not number_codes(variable)
        )
        fits = is_text and all(0 < len(label.value.encode()) <= _LONGEST_MISSING_TEXT for label in codes)
    return codes if fits and len(codes) <= _MOST_MISSING_CODES else ()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _missing_losses(dataset: Dataset) -> tuple[Message, ...]:
    left_out = [v.name for v in dataset.codebook if v.missing and not _missing_codes(v)]
    what = Message("SPSS does not show the missing codes of {columns}", {"columns": ", ".join(left_out)})
    return (what,) if left_out else ()


def _notes(dataset: Dataset) -> list[str]:
    """Write what travels with the dataset in lines as short as notes are.

    Blanks are written as escapes, since a note loses those at its end.
    """
    text = json.dumps({"pk_research": describe(dataset)}, separators=(",", ":")).replace(" ", "\\u0020")
    return [text[n : n + _NOTE_CHARACTERS] for n in range(0, len(text), _NOTE_CHARACTERS)]


def _labels(name: str, column: pd.Series, about: Any) -> ColumnLabels:  # noqa: ANN401 - pyreadstat's metadata
    values = about.variable_value_labels.get(name, {})
    ranges = about.missing_ranges.get(name, [])
    missing = [text_of(entry["lo"]) for entry in ranges if entry["lo"] == entry["hi"]]
    for entry in ranges:
        if entry["lo"] != entry["hi"]:
            inside = column[column.between(entry["lo"], entry["hi"])]
            missing += [text_of(value) for value in sorted(inside.unique())]
    texts = {text_of(value): str(label) for value, label in values.items()}
    return ColumnLabels(about.column_names_to_labels.get(name) or "", texts, tuple(dict.fromkeys(missing)))
