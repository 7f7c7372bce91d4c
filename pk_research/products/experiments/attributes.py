"""What alternatives are described by: attributes, their levels, and how they enter utility."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from pk_research.codebook import Label
from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message

Coding = Literal["dummy", "linear"]
Better = Literal["last", "first"]
NONE = "none"
NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One thing alternatives differ in: taste, packaging, price.

    Attributes
    ----------
    name
        Short name, lower case: ``packaging``.
    label_id, label_en
        What people call it, in Indonesian and in English.
    levels
        At least two. The first is what the others are compared with under dummy coding; under
        linear coding every value is a number. Values are lower case letters, digits and ``_``, or
        numbers.
    coding
        ``dummy``: one coefficient for each level but the first; ``linear``: one coefficient a unit.
    better
        ``last``: later levels are better for everybody, ``first``: earlier ones are (a price that
        rises); None where people may differ.
    unit
        Size of the unit of a linear coefficient: 1000 makes it one for each IDR 1,000.

    Examples
    --------
    >>> price = Attribute("price_idr", "Harga", "Price", (Label("15000", "Rp15.000", "IDR 15,000"),
    ...     Label("20000", "Rp20.000", "IDR 20,000")), coding="linear", better="first", unit=1000)
    >>> price.coefficients
    ('price_idr',)
    """

    name: str
    label_id: str
    label_en: str
    levels: tuple[Label, ...]
    coding: Coding = "dummy"
    better: Better | None = None
    unit: float = 1.0

    def text(self, language: Language) -> str:
        """Return the label in a language."""
        return self.label_id if language == "id" else self.label_en

    @property
    def codes(self) -> tuple[str, ...]:
        """Values of the levels, in order."""
        return tuple(level.value for level in self.levels)

    @property
    def coefficients(self) -> tuple[str, ...]:
        """Names of its coefficients: ``taste=spicy``, or its own name under linear coding."""
        if self.coding == "linear":
            return (self.name,)
        return tuple(f"{self.name}={value}" for value in self.codes[1:])

    @property
    def columns(self) -> np.ndarray:
        """What each level (row) adds to each of its coefficients (column)."""
        if self.coding == "linear":
            return np.array([[float(value) / self.unit] for value in self.codes])
        return np.eye(len(self.levels))[:, 1:]

    @property
    def ranks(self) -> np.ndarray | None:
        """How good each level is, more being better; None where people may differ."""
        if self.better is None:
            return None
        rising = np.arange(len(self.levels))
        return rising if self.better == "last" else rising[::-1]


def coefficient_names(attributes: Sequence[Attribute], *, has_none: bool) -> tuple[str, ...]:
    """Name the coefficients of utility in their order; ``none`` is that of choosing nothing.

    Examples
    --------
    >>> taste = Attribute("taste", "Rasa", "Taste", (Label("mild", "Gurih", "Mild"),
    ...                   Label("spicy", "Pedas", "Spicy")))
    >>> coefficient_names([taste], has_none=True)
    ('taste=spicy', 'none')
    """
    names = [name for attribute in attributes for name in attribute.coefficients]
    return (*names, NONE) if has_none else tuple(names)


def coefficient_labels(attributes: Sequence[Attribute], *, has_none: bool) -> dict[str, Message]:
    """Say what each coefficient compares, for tables and pictures.

    Examples
    --------
    >>> taste = Attribute("taste", "Rasa", "Taste", (Label("mild", "Gurih", "Mild"),
    ...                   Label("spicy", "Pedas", "Spicy")))
    >>> coefficient_labels([taste], has_none=False)["taste=spicy"].text("en")
    'Taste: Spicy instead of Mild'
    """
    labels: dict[str, Message] = {}
    for attribute in attributes:
        if attribute.coding == "linear":
            values = {"attribute": attribute, "unit": attribute.unit}
            labels[attribute.name] = Message("{attribute}, for every {unit} more", values)
            continue
        for name, level in zip(attribute.coefficients, attribute.levels[1:], strict=True):
            labels[name] = Message(
                "{attribute}: {level} instead of {base}",
                {"attribute": attribute, "level": level, "base": attribute.levels[0]},
            )
    return labels | ({NONE: Message("None of these")} if has_none else {})


def coded(frame: pd.DataFrame, attributes: Sequence[Attribute], *, has_none: bool) -> pd.DataFrame:
    """Turn levels into the columns that coefficients multiply.

    Parameters
    ----------
    frame
        One row an alternative, one column an attribute with its level's value as text; missing in
        the rows of the opt-out.
    attributes
        What the columns mean.
    has_none
        Whether there are rows of the opt-out; they are zero but for the column ``none``.

    Returns
    -------
    DataFrame
        One column a coefficient, the rows of ``frame``.

    Raises
    ------
    BadInput
        When a value is none of the attribute's levels.

    Examples
    --------
    >>> taste = Attribute("taste", "Rasa", "Taste", (Label("mild", "Gurih", "Mild"),
    ...                   Label("spicy", "Pedas", "Spicy")))
    >>> coded(pd.DataFrame({"taste": ["spicy", None]}), [taste], has_none=True).to_numpy().tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    is_none = frame[attributes[0].name].isna().to_numpy()
    parts = []
    problems = []
    for attribute in attributes:
        place = {value: n for n, value in enumerate(attribute.codes)}
        found = frame[attribute.name]
        unknown = sorted({str(value) for value in found.dropna()} - set(place))
        empty = int((found.isna().to_numpy() != is_none).sum())
        if unknown or empty or (is_none.any() and not has_none):
            what = f"it holds {', '.join(unknown)}" if unknown else "it is empty in some rows"
            problems.append(Problem(attribute.name, what, f"Give one of {', '.join(attribute.codes)}."))
            continue
        at = found.map(place).fillna(0).to_numpy(dtype=int)
        parts.append(np.where(is_none[:, None], 0.0, attribute.columns[at]))
    if problems:
        raise BadInput(problems)
    columns = np.hstack([*parts, is_none[:, None].astype(float)] if has_none else parts)
    return pd.DataFrame(
        columns, columns=list(coefficient_names(attributes, has_none=has_none)), index=frame.index
    )


def check_attributes(attributes: Sequence[Attribute]) -> list[Problem]:
    """Return everything that is wrong with a list of attributes."""
    names = [attribute.name for attribute in attributes]
    problems = [] if names else [Problem("attributes", "there are none", "Give at least one.")]
    for attribute in attributes:
        if names.count(attribute.name) > 1 or not NAME.fullmatch(attribute.name) or attribute.name == NONE:
            remedy = "Give each attribute a lower case name of its own: letters, digits and _."
            problems.append(Problem(attribute.name, "its name cannot be used", remedy))
        problems += _check_levels(attribute)
    return problems


def _check_levels(attribute: Attribute) -> list[Problem]:
    values = attribute.codes
    if len(values) < 2 or len(set(values)) < len(values):
        return [
            Problem(attribute.name, "its levels are too few or repeat", "Give two or more, all different.")
        ]
    if attribute.coding == "linear" and not all(_is_number(value) for value in values):
        remedy = "Give numbers as values, or code it as dummy."
        return [Problem(attribute.name, "it is linear and has levels that are no numbers", remedy)]
    if not (math.isfinite(attribute.unit) and attribute.unit > 0):
        return [Problem(attribute.name, f"its unit is {attribute.unit}", "Give a number above zero.")]
    return []


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
