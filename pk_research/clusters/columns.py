"""Villages as columns of numbers for their description: numbers as they are, categories as 0 and 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.clusters.mixed import Kind
from pk_research.codebook import Label, Variable
from pk_research.language import number_text, translate


@dataclass(frozen=True, eq=False)
class Columns:
    """What a profile compares.

    Attributes
    ----------
    measured
        One row a village: numbers, and for each category 1 where the village is in it, 0 where
        not. NaN is missing.
    variables
        One a column; a category is a variable of its own, labelled with its variable.
    category_of
        For each column that is a category, the variable it is a category of.
    category
        For each column that is a category, its value and label.
    """

    measured: np.ndarray
    variables: tuple[Variable, ...]
    category_of: Mapping[str, str]
    category: Mapping[str, Label]

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return [variable.name for variable in self.variables]


def columns_of(villages: pd.DataFrame, variables: Sequence[Variable], kinds: Mapping[str, Kind]) -> Columns:
    """Spread categories over columns.

    Grades that are numbers stay numbers. Of yes and no only yes becomes a column.

    Parameters
    ----------
    villages
        One row a village.
    variables
        The columns compared.
    kinds
        What each is; numbers where it is not said.

    Examples
    --------
    >>> table = pd.DataFrame({"road": ["earth", "paved", None]})
    >>> columns = columns_of(table, [Variable("road", label_en="Road", kind="category",
    ...     categories=(Label("earth", "Tanah", "Earth"), Label("paved", "Aspal", "Paved")))],
    ...     {"road": "nominal"})
    >>> columns.measured.tolist(), columns.variables[0].label("en")
    ([[1.0, 0.0], [0.0, 1.0], [nan, nan]], 'Road: Earth')
    """
    if not any(_is_category(variable, kinds) for variable in variables):
        names = [variable.name for variable in variables]
        return Columns(np.asarray(villages[names], dtype=float), tuple(variables), {}, {})
    found: list[Variable] = []
    values: list[np.ndarray] = []
    category_of: dict[str, str] = {}
    category: dict[str, Label] = {}
    for variable in variables:
        if not _is_category(variable, kinds):
            found.append(variable)
            values.append(villages[variable.name].to_numpy(dtype=float, na_value=np.nan))
            continue
        given = villages[variable.name].astype(object)
        for value, label in _categories(variable, given):
            column = _as_variable(variable, label)
            found.append(column)
            values.append(np.where(given.isna(), np.nan, (given == value).astype(float)))
            category_of[column.name], category[column.name] = variable.name, label
    return Columns(np.column_stack(values), tuple(found), category_of, category)


def _is_category(variable: Variable, kinds: Mapping[str, Kind]) -> bool:
    is_number = variable.kind in ("number", "integer")
    return kinds.get(variable.name, "numeric") in ("nominal", "asymmetric") or not is_number


def _categories(variable: Variable, given: pd.Series) -> Iterator[tuple[object, Label]]:
    """Return the categories that occur, in the order of the codebook."""
    if variable.kind == "boolean":
        yield True, Label("yes", translate("yes", "id"), translate("yes", "en"))
        return
    present = set(given.dropna())
    if variable.kind == "category":
        yield from ((label.value, label) for label in variable.categories if label.value in present)
        return
    for value in sorted(present):
        name = str(int(value)) if float(value).is_integer() else str(value)
        yield value, Label(name, number_text(value, "id"), number_text(value, "en"))


def _as_variable(variable: Variable, label: Label) -> Variable:
    return Variable(
        f"{variable.name}={label.value}",
        f"{variable.label('id')}: {label.text('id')}",
        f"{variable.label('en')}: {label.text('en')}",
        "number",
        minimum=0,
        maximum=1,
    )
