"""Where a village stands: its index over the years, its rank, and the villages around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.language import Language, Message, number_text, translate
from pk_research.publish.reports.around import heads, rank_of, type_of
from pk_research.publish.reports.blocks import Block, Heading, KeyFigures, Paragraph, Picture, Table
from pk_research.publish.reports.facts import VALUES, Facts
from pk_research.publish.reports.pictures import as_svg, village_figure
from pk_research.register.village import KECAMATAN_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_NEIGHBOURS = 6


def standing(facts: Facts, code: str, language: Language) -> Iterator[Block]:
    """Tell a village's index, rank and type at a glance, then year by year and among its neighbours."""
    own = facts.panel[facts.panel["village_code"] == code].set_index("year")
    idm = _value(own, facts.year, "idm")
    row = facts.typed(code)
    doubt = Message("no type: not compared" if row is None else "it is not known how surely")
    if row is not None and not pd.isna(row.get("probability")):
        percent = number_text(100 * float(row["probability"]), language, 0)
        doubt = Message("the same type in {percent}% of repetitions", {"percent": percent})
    median = number_text(float(facts.medians.loc[facts.year, "idm"]), language, 3)
    yield KeyFigures(
        (
            (number_text(idm, language, 3), Message("IDM {year}", {"year": str(facts.year)}).text(language),
             Message("median of all villages {median}", {"median": median}).text(language)),
            (rank_of(facts, code, language), translate("rank by the IDM (interval)", language),
             Message("of {n} villages with a rank", {"n": facts.n_ranked}).text(language)),
            (type_of(facts, code), translate("type of village", language),
             doubt.text(language)),
        )
    )  # fmt: skip
    yield Heading(translate("Where does the village stand?", language))
    yield Paragraph(_standing_words(facts, code).text(language), "lead")
    caption = Message(
        "Figure 1. Left: IDM by year. Right: all villages by rank; black: this one, if it has a rank; bar:"
        " its interval."
    )
    alt = Message(
        "IDM of {village} in {year}: {idm}; rank {rank}.",
        {"village": facts.names[code], "year": str(facts.year), "idm": number_text(idm, language, 3),
         "rank": rank_of(facts, code, language)},
    )  # fmt: skip
    yield Picture(as_svg(village_figure(facts, code, language)), alt.text(language), caption.text(language))
    years = list(facts.medians.index)
    rows = []
    for name in VALUES:
        cells = [number_text(_value(own, year, name), language, 3) for year in years]
        middle = number_text(float(facts.medians.loc[facts.year, name]), language, 3)
        rows.append((name.upper(), *cells, middle))
    header = (
        "",
        *map(str, years),
        Message("median of all, {year}", {"year": str(facts.year)}).text(language),
    )
    table = translate("Table 1. The IDM and its parts by year (0 to 1; – is missing)", language)
    yield Table(table, header, tuple(rows), (2, *[1] * len(years), 2), strong=(len(rows) - 1,))
    yield from _neighbours(facts, code, language)


def _standing_words(facts: Facts, code: str) -> Message:
    table = facts.ranks.intervals
    if code not in table.index or pd.isna(table.loc[code, "rank"]):
        if facts.village(code).kind == "kelurahan":
            return Message(
                "The village has no rank: the IDM is measured in villages (desa) only, and this is an urban"
                " village (kelurahan)."
            )
        left_out = facts.ranks.index.left_out
        reasons = left_out.loc[left_out["village_code"] == code, "reason"]
        if len(reasons):
            return Message("The village has no rank: {reason}.", {"reason": reasons.iloc[0]})
        return Message(
            "The village has no rank: there is no data of it in {year}.", {"year": str(facts.year)}
        )
    row = table.loc[code]
    return Message(
        "By the IDM the village has rank {rank} of {n}. With other weights and another mean its rank lies"
        " between {low} and {high}: {rivals} other villages cannot be told apart from it.",
        {"rank": int(row["rank"]), "n": facts.n_ranked, "low": round(float(row["low"])),
         "high": round(float(row["high"])), "rivals": int(facts.ranks.n_rivals[code])},
    )  # fmt: skip


def _neighbours(facts: Facts, code: str, language: Language) -> Iterator[Block]:
    yield Heading(translate("Its neighbours: villages of the same kecamatan", language))
    score = facts.ranks.index.score / 100
    here = [
        other
        for other in facts.names
        if other[:KECAMATAN_LENGTH] == code[:KECAMATAN_LENGTH] and other != code
    ]
    own = float(score.get(code, np.nan))
    middle = float(score.median()) if np.isnan(own) else own
    by_nearness = sorted(here, key=lambda other: (abs(float(score.get(other, np.inf)) - middle), other))
    shown = by_nearness[:MOST_NEIGHBOURS]
    rows = tuple(
        (
            facts.names[other],
            number_text(float(score.get(other, np.nan)), language, 3),
            rank_of(facts, other, language),
            type_of(facts, other),
        )
        for other in shown
    )
    caption = Message(
        "Table 2. {shown} of the {n} other villages of the kecamatan, those nearest by the IDM first",
        {"shown": len(shown), "n": len(here)},
    )
    header = heads(("Village", "IDM", "Rank (interval)", "Type"), language)
    yield Table(caption.text(language), header, rows, (3, 1, 1.6, 0.8))


def _value(own: pd.DataFrame, year: int, name: str) -> float:
    return float(own[name].astype(float).get(year, np.nan)) if len(own) else np.nan
