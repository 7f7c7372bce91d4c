"""The survey as it came back: the true answers with the gaps and errors real surveys have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

import pandas as pd

from pk_research.sample.district import OLD_CODES, Chance
from pk_research.sample.fieldwork.habits import round_numbers, silences
from pk_research.sample.fieldwork.slips import Edit, draw_rows, slips
from pk_research.sample.fieldwork.texts import as_texts, value_text

PLANTED_COLUMNS = ["kind", "village_code", "year", "variable", "collected", "truth", "n"]
COUNTED_KINDS = ("no answer", "heaping")
_N_NOT_VISITED = 2
_SECOND_VISIT = {"population": 1.06, "households": 1.05, "umkm_count": 1.25, "income_idr_month": 0.85}


@dataclass(frozen=True)
class Collected:
    """The survey as it came back.

    Attributes
    ----------
    frame
        All text, as in the file.
    planted
        Every error and gap beside the truth: ``kind``, ``village_code`` (the true one), ``year``,
        ``variable``, ``collected``, ``truth`` and ``n`` cells or rows. Missing answers and heaped
        numbers are counted by variable and year; all others stand one by one.
    """

    frame: pd.DataFrame
    planted: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _WholeRows:
    not_visited: list[int]
    twice: list[int]
    twice_conflicting: list[int]
    old_code: list[int]

    def edits(self) -> list[Edit]:
        return [
            *(Edit("not visited", row, "", "") for row in self.not_visited),
            *(Edit("exact duplicate", row, "", "") for row in self.twice),
            *(Edit("conflicting duplicate", row, "", "") for row in self.twice_conflicting),
            *(Edit("old code", row, "", "") for row in self.old_code),
        ]


def collect(truth: pd.DataFrame, chance: Chance) -> Collected:
    """Turn the true answers into the file that the field sends back."""
    texts = as_texts(truth)
    whole_rows = _whole_rows(truth, chance)
    free = ~truth.index.to_series().isin([edit.row for edit in whole_rows.edits()])
    edits = _first_of_each_cell(
        chain(slips(truth, chance, free), silences(truth, chance, free), round_numbers(truth, chance, free))
    )
    frame = texts.copy()
    for edit in edits:
        frame.loc[edit.row, edit.variable] = edit.collected
    visited = frame.drop(index=whole_rows.not_visited)
    conflicting = _second_visit(truth.loc[whole_rows.twice_conflicting], frame)
    rows = pd.concat([visited, frame.loc[whole_rows.twice], conflicting])
    return Collected(
        frame=rows.sort_values("year", kind="stable", ignore_index=True),
        planted=_planted(texts, [*whole_rows.edits(), *edits]),
    )


def _whole_rows(truth: pd.DataFrame, chance: Chance) -> _WholeRows:
    far_coast = (truth["kecamatan"] == "Muaragembong") & (truth["year"] == 2023)
    return _WholeRows(
        not_visited=draw_rows(chance, "not visited", far_coast, _N_NOT_VISITED),
        twice=draw_rows(chance, "twice", truth["year"] == 2024, 1),
        twice_conflicting=draw_rows(chance, "twice, conflicting", (truth["year"] == 2023) & ~far_coast, 1),
        old_code=draw_rows(chance, "old code", truth["village_code"].isin(OLD_CODES.values()), len(truth)),
    )


def _first_of_each_cell(edits: Iterable[Edit]) -> list[Edit]:
    by_cell: dict[tuple[int, str], Edit] = {}
    for edit in edits:
        by_cell.setdefault((edit.row, edit.variable), edit)
    return list(by_cell.values())


def _second_visit(first: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    rows = frame.loc[first.index].copy()
    rows["interview_date"] = (first["interview_date"] + pd.Timedelta(days=21)).dt.strftime("%Y-%m-%d")
    rows["respondent"] = "Perangkat desa"
    for variable, factor in _SECOND_VISIT.items():
        rows[variable] = [value_text(round(value * factor)) for value in first[variable]]
    return rows


def _planted(texts: pd.DataFrame, edits: list[Edit]) -> pd.DataFrame:
    rows = [
        (
            edit.kind,
            texts.loc[edit.row, "village_code"],
            texts.loc[edit.row, "year"],
            edit.variable,
            edit.collected,
            texts.loc[edit.row, edit.variable] if edit.variable else "",
            1,
        )
        for edit in edits
    ]
    table = pd.DataFrame(rows, columns=PLANTED_COLUMNS)
    counted = table["kind"].isin(COUNTED_KINDS)
    codes = table["collected"].where(table["kind"] == "no answer", "")
    by = ["kind", "year", "variable", "collected"]
    counts = table[counted].assign(collected=codes).groupby(by, as_index=False)["n"].sum()
    order = ["kind", "year", "variable", "village_code"]
    return (
        pd.concat([table[~counted], counts]).fillna("").sort_values(order, kind="stable", ignore_index=True)
    )
