"""An experiment kept as a dataset of the store, and read again by whoever shows it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.codebook import Codebook, Label, Variable
from pk_research.errors import BadInput, Problem
from pk_research.language import LANGUAGES, Message, number_text
from pk_research.products.experiments.answers import Choices
from pk_research.products.experiments.attributes import (
    NONE,
    Attribute,
    coded,
    coefficient_labels,
    coefficient_names,
)
from pk_research.products.experiments.data import ChoiceData, choice_data
from pk_research.sources.dataset import Dataset, Provenance, Step

NAME = "choice_experiment"
LAYOUT = "choice-experiment"
RUPIAH = "IDR"
KEYS = (
    Variable("respondent", "Responden, diberi nomor", "Respondent, numbered", "integer"),
    Variable("set", "Kumpulan pilihan", "Choice set", "integer"),
    Variable("alternative", "Pilihan yang ditawarkan", "Alternative", "string"),
    Variable("chosen", "Dipilih (1) atau tidak (0)", "Chosen (1) or not (0)", "integer"),
)


@dataclass(frozen=True, eq=False)
class KeptExperiment:
    """What was asked, and what people chose.

    Attributes
    ----------
    attributes
        Of the alternatives. Those kept as numbers enter utility linearly; their levels are the values that
        were shown, and their unit the largest power of ten that is not above them all.
    data
        The choices, as the estimators take them.
    dataset
        As it lies in the store.
    """

    attributes: tuple[Attribute, ...]
    data: ChoiceData
    dataset: Dataset


def experiment_dataset(choices: Choices, title: str, *, name: str = NAME) -> Dataset:
    """Return the answers to an experiment as a dataset, for `Store.keep`.

    Parameters
    ----------
    choices
        From `choices_of`.
    title
        What the experiment is called.
    name
        Of the dataset; the app about products shows the one of the default name.

    Returns
    -------
    Dataset
        One row an alternative of a set that was answered. Respondents are numbered in the order of their
        identifiers, which are not kept; sets not answered and people who declined are counted in the
        steps of its provenance. Attributes are missing in the rows of the opt-out.
    """
    design = choices.design
    shown = choices.frame.merge(
        design.sets[["set", "alternative", *(one.name for one in design.attributes)]],
        on=["set", "alternative"], how="left", suffixes=("_coded", ""),
    )  # fmt: skip
    _, numbers = np.unique(shown["respondent"].astype(str), return_inverse=True)
    columns = {
        "respondent": pd.array(numbers + 1, dtype="Int64"),
        "set": shown["set"].astype("Int64"),
        "alternative": shown["alternative"].astype("string"),
        "chosen": shown["chosen"].astype("Int64"),
    }
    variables = [_variable(one) for one in design.attributes]
    for variable in variables:
        columns[variable.name] = (
            shown[variable.name].astype(variable.dtype)
            if variable.kind == "category"
            else pd.to_numeric(shown[variable.name]).astype("float64")
        )
    steps = (
        Step(Message("Sets shown and not answered were left out"), len(choices.unanswered)),
        Step(Message("People who declined to take part were left out"), len(choices.declined)),
    )
    return Dataset(
        name,
        pd.DataFrame(columns),
        Codebook((*KEYS, *variables)),
        Provenance(
            title, "", choices.sha256, LAYOUT, made=choices.made, n_rows_read=choices.n_submissions,
            steps=tuple(step for step in steps if step.n_rows),
        ),
        ("respondent", "set", "alternative"),
    )  # fmt: skip


def experiment_of(dataset: Dataset) -> KeptExperiment:
    """Read an experiment that was kept.

    Parameters
    ----------
    dataset
        As `experiment_dataset` makes it: ``respondent``, ``set``, ``alternative`` (``none`` where nothing
        of what is offered was an option), ``chosen``, then the attributes: categories, or numbers for what
        enters utility linearly.

    Raises
    ------
    BadInput
        When a column is missing or there is no attribute, or the choices are not one a set.
    """
    frame, names = dataset.frame, {variable.name for variable in KEYS}
    problems = [
        Problem(f"dataset {dataset.name!r}", f"there is no column {name!r}", "Keep it anew.")
        for name in sorted(names - set(frame))
    ]
    described = [variable for variable in dataset.codebook if variable.name not in names]
    if not described:
        problems.append(
            Problem(f"dataset {dataset.name!r}", "no attribute describes what was offered", "Keep it anew.")
        )
    if problems:
        raise BadInput(problems)
    attributes = tuple(_attribute(variable, frame[variable.name]) for variable in described)
    has_none = bool((frame["alternative"] == NONE).any())
    levels = pd.DataFrame({one.name: _levels(frame[one.name], one) for one in attributes})
    columns = coded(levels, attributes, has_none=has_none)
    keys = frame[[variable.name for variable in KEYS]].astype({"chosen": int, "alternative": object})
    data = choice_data(
        pd.concat([keys, columns], axis=1),
        coefficient_names(attributes, has_none=has_none),
        labels=coefficient_labels(attributes, has_none=has_none),
        units={one.name: one.unit for one in attributes if one.coding == "linear"},
        made=dataset.provenance.made,
    )
    return KeptExperiment(attributes, data, dataset)


def _variable(attribute: Attribute) -> Variable:
    names = (attribute.name, attribute.label_id, attribute.label_en)
    if attribute.coding == "dummy":
        return Variable(*names, "category", categories=attribute.levels)
    return Variable(*names, "number", unit=RUPIAH if attribute.name.endswith("_idr") else "")


def _attribute(variable: Variable, column: pd.Series) -> Attribute:
    names = (variable.name, variable.label_id, variable.label_en)
    if variable.kind == "category":
        return Attribute(*names, variable.categories)
    values = sorted({float(value) for value in column.dropna()})
    largest = max(map(abs, values), default=1.0) or 1.0
    levels = tuple(_level(value, variable.unit) for value in values)
    return Attribute(*names, levels, coding="linear", unit=10.0 ** math.floor(math.log10(largest)))


def _level(value: float, unit: str) -> Label:
    if unit == RUPIAH:
        shown = (Message("IDR {amount}", {"amount": value}).text(language) for language in LANGUAGES)
    else:
        shown = (number_text(value, language) for language in LANGUAGES)
    return Label(_as_text(value), *shown)


def _levels(column: pd.Series, attribute: Attribute) -> pd.Series:
    if attribute.coding == "dummy":
        return column.astype(object).where(column.notna(), None)
    return column.map(_as_text, na_action="ignore").astype(object).where(column.notna(), None)


def _as_text(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
