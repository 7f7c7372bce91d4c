"""What sets one village apart: how far it lies from its type, its kecamatan and all villages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from pk_research.apps.findings.choices import indicators
from pk_research.clusters import Typology
from pk_research.codebook import Label, Variable
from pk_research.compute.floats import as_floats
from pk_research.language import Language, Message, decimals_for, number_text, translate
from pk_research.sources import Dataset

TELLING = 0.5
MOST = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """A village's value of an indicator beside the mean of a group.

    Attributes
    ----------
    variable
        The indicator.
    value, mean
        Of the village, and of the group.
    effect
        Their difference in standard deviations over all villages.
    decimals
        How many of them the values need.
    """

    variable: Variable
    value: float
    mean: float
    effect: float
    decimals: int

    def text(self, language: Language) -> str:
        """Return it in plain words, with its unit."""
        way = "{indicator}: {value}, {distance} above the average ({mean})"
        if self.effect < 0:
            way = "{indicator}: {value}, {distance} below the average ({mean})"
        written = [amount(x, self.variable, language, self.decimals) for x in (self.value, self.mean)]
        values = {
            "indicator": Label(self.variable.name, self.variable.label_id, self.variable.label_en),
            "value": written[0],
            "mean": written[1],
            "distance": _distance(abs(self.value - self.mean), self.variable, language, self.decimals),
        }
        return Message(way, values).text(language)


def differences(typology: Typology, dataset: Dataset, code: str) -> dict[str, tuple[Difference, ...]]:
    """Find where a village differs most from each group it belongs to.

    Parameters
    ----------
    typology
        The types; its year is the year compared.
    dataset
        All measures of the villages.
    code
        Code of a village that has a type.

    Returns
    -------
    dict
        By group (``"its type"``, ``"its kecamatan"``, ``"all villages"``), the largest differences
        of at least half a standard deviation, the largest first; a group of itself alone is left out.
    """
    rows = _rows(typology, dataset)
    measures = {variable.name: variable for variable in indicators(dataset)}
    values = as_floats(rows[list(measures)])
    here = values.loc[code]
    return {
        name: _largest(here, values.loc[members], values, measures)
        for name, members in groups_of(typology, code).items()
        if len(members) > 1
    }


def groups_of(typology: Typology, code: str) -> dict[str, pd.Index]:
    """Return the codes of the villages a village is compared with, itself among them."""
    villages = typology.villages.set_index(typology.code_column)
    here = villages.loc[code]
    groups = {"its type": villages.index[villages["cluster"] == here["cluster"]]}
    # Kecamatan in different regencies share names: the code decides where there is one.
    kecamatan = next((name for name in ("kecamatan_code", "kecamatan") if name in villages), None)
    if kecamatan and not pd.isna(here[kecamatan]):
        groups["its kecamatan"] = villages.index[villages[kecamatan] == here[kecamatan]]
    return {**groups, "all villages": villages.index}


def amount(value: float, variable: Variable, language: Language, decimals: int) -> str:
    """Return a value with its unit, as people write it."""
    number, unit = number_text(value, language, decimals), translate(variable.unit, language)
    if variable.unit == "%":
        return f"{number}%"
    if variable.unit.startswith("IDR"):
        currency, _, period = unit.partition("/")
        space = "" if language == "id" else " "
        return f"{currency}{space}{number}{'/' if period else ''}{period}"
    if variable.unit.startswith("level"):  # a place on a scale, not so many of something
        return number
    return f"{number} {unit}".strip()


def _distance(value: float, variable: Variable, language: Language, decimals: int) -> str:
    if variable.unit == "%":
        points = Message("{n} percentage points", {"n": number_text(value, language, decimals)})
        return points.text(language)
    return amount(value, variable, language, decimals)


def _rows(typology: Typology, dataset: Dataset) -> pd.DataFrame:
    frame = dataset.frame if typology.year is None else dataset.frame[dataset.frame["year"] == typology.year]
    column = typology.code_column
    kept = frame[frame[column].isin(typology.villages[column])]
    return kept.drop_duplicates(column).set_index(column)


def _largest(
    here: pd.Series, group: pd.DataFrame, everywhere: pd.DataFrame, measures: Mapping[str, Variable]
) -> tuple[Difference, ...]:
    spread = everywhere.std()
    mean = group.mean()
    effect = ((here - mean) / spread.where(spread > 0)).dropna()
    telling = effect[effect.abs() >= TELLING].sort_values(key=lambda size: -size.abs(), kind="stable")
    return tuple(
        Difference(
            measures[str(name)],
            float(here[name]),
            float(mean[name]),
            float(size),
            decimals_for(float(everywhere[name].abs().max())),
        )
        for name, size in telling.head(MOST).items()
    )
