"""Slips of pen and key: codes, names, spellings, units, impossible and contradictory values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.indicators import idm
from pk_research.sample.district import Chance
from pk_research.sample.fieldwork.spelling import CATEGORY_SPELLINGS, NAME_SPELLINGS
from pk_research.sample.fieldwork.texts import value_text

_SPELLED = ("bumdes", "bank", "cooperative", "product_permit", "disaster")
_MOST_MISSPELLED = "Tidak ada"
_N_NAMES, _N_KECAMATAN, _N_CATEGORIES, _N_UNITS = 30, 4, 26, 6
_OUT_OF_RANGE = (
    ("electricity_pct", "109.2"),
    ("clean_water_pct", "785"),
    ("market_km", "-4.5"),
    ("bumdes_management", "7"),
    ("flood_days_year", "400"),
)
_POINTS_TOO_LOW = 4


@dataclass(frozen=True, slots=True)
class Edit:
    """A cell of the file that differs from the truth.

    Attributes
    ----------
    kind
        What went wrong, in a word or two.
    row
        Position in the true frame.
    variable
        Column.
    collected
        What stands in the file.
    """

    kind: str
    row: int
    variable: str
    collected: str


def draw_rows(chance: Chance, name: str, where: pd.Series, n: int) -> list[int]:
    """Draw ``n`` different rows among those where a condition holds."""
    rows = np.flatnonzero(where.fillna(value=False).to_numpy(dtype=bool))
    return [int(row) for row in chance.stream(name).permutation(rows)[:n]]


def slips(truth: pd.DataFrame, chance: Chance, free: pd.Series) -> Iterator[Edit]:
    """Draw the slips, among the rows that are ``free`` for them."""
    yield from _wrong_code(truth, chance, free)
    yield from _names(truth, chance, free)
    yield from _categories(truth, chance, free)
    yield from _out_of_range(truth, chance, free)
    yield from _units(truth, chance, free)
    yield from _contradictions(truth, chance, free)


def _wrong_code(truth: pd.DataFrame, chance: Chance, free: pd.Series) -> Iterator[Edit]:
    known = set(truth["village_code"])
    possible = free & (truth["year"] == 2024) & (truth["village_kind"] == "desa")
    swapped = truth["village_code"].map(lambda code: code[:4] + code[5] + code[4] + code[6:])
    for row in draw_rows(chance, "wrong code", possible & ~swapped.isin(known), 1):
        yield Edit("wrong code", row, "village_code", swapped[row])


def _names(truth: pd.DataFrame, chance: Chance, free: pd.Series) -> Iterator[Edit]:
    for variable, n in (("village", _N_NAMES), ("kecamatan", _N_KECAMATAN)):
        spellings = NAME_SPELLINGS if variable == "village" else NAME_SPELLINGS[:2]
        for n_th, row in enumerate(draw_rows(chance, f"{variable} spelling", free, n)):
            name = truth.loc[row, variable]
            spelled = spellings[n_th % len(spellings)](name)
            if spelled != name:
                yield Edit("name spelling", row, variable, spelled)


def _categories(truth: pd.DataFrame, chance: Chance, free: pd.Series) -> Iterator[Edit]:
    for n_th in range(_N_CATEGORIES):
        variable = _SPELLED[n_th % len(_SPELLED)]
        answered = truth[variable].notna() & ((truth[variable] == _MOST_MISSPELLED) | (n_th % 3 == 0))
        (row,) = draw_rows(chance, f"category spelling {n_th}", free & answered, 1)
        answer = truth.loc[row, variable]
        spelled = CATEGORY_SPELLINGS[n_th % len(CATEGORY_SPELLINGS)](answer)
        if spelled != answer:
            yield Edit("category spelling", row, variable, spelled)


def _out_of_range(truth: pd.DataFrame, chance: Chance, free: pd.Series) -> Iterator[Edit]:
    for variable, value in _OUT_OF_RANGE:
        for row in draw_rows(chance, f"out of range {variable}", free & truth[variable].notna(), 1):
            yield Edit("out of range", row, variable, value)


def _units(truth: pd.DataFrame, chance: Chance, free: pd.Series) -> Iterator[Edit]:
    of_one_enumerator = free & (truth["year"] == 2023) & (truth["enumerator"] == "P07")
    for row in draw_rows(chance, "income in thousands", of_one_enumerator, _N_UNITS):
        thousands = round(truth.loc[row, "income_idr_month"] / 1000)
        yield Edit("unit slip", row, "income_idr_month", value_text(thousands))


def _contradictions(truth: pd.DataFrame, chance: Chance, free: pd.Series) -> Iterator[Edit]:
    scored = free & truth["idm"].notna()
    for row in draw_rows(chance, "iks too low", scored & (truth["year"] == 2024), 1):
        lower = truth["iks"] - idm.sub_index_from_points(pd.Series(_POINTS_TOO_LOW, truth.index), "iks")
        yield Edit("contradiction", row, "iks", value_text(round(lower[row], 4)))
    for row in draw_rows(
        chance, "wrong label", scored & (truth["idm_status"] == "Maju") & (truth["year"] == 2023), 1
    ):
        yield Edit("contradiction", row, "idm_status", "Berkembang")
    for row in draw_rows(chance, "too many poor", free & (truth["year"] == 2024), 1):
        yield Edit("contradiction", row, "poor_households", value_text(truth.loc[row, "households"] + 120))
