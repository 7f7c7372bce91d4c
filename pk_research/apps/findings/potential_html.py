"""The index of economic potential told: ranks that never claim more than their intervals."""

from __future__ import annotations

from html import escape

import pandas as pd

from pk_research.apps.findings.naming import village_link
from pk_research.apps.findings.potential import COVERED, N_DRAWS, Potential
from pk_research.apps.markup import say, section, sentence, table
from pk_research.language import Language, Message, number_text

SHOWN = 15
KEY = "village_code"


def potential_html(potential: Potential, selected: str, language: Language) -> str:
    """Return the ranked villages with their intervals, the chosen one marked, and what moves ranks."""
    found = standing(potential)
    made = f"<p class='pk-hint'>{say(_MADE, language)}</p>" if potential.tried.made else ""
    return section(
        "potential",
        f"{made}{_opening(language)}{_chosen(found, selected, language)}"
        f"{_ranked(found, selected, language)}"
        f"{_left_out(potential, language)}{_removal(potential, language)}",
    )


_MADE = "Example data (made up), not real data"
_OVERLAP = (
    "Bars that overlap tell no difference: do not call one of these villages better than the other"
    " by this index"
)


def standing(potential: Potential) -> pd.DataFrame:
    """Return one row a scored village, the best first.

    Returns
    -------
    pandas.DataFrame
        ``rank``, ``low`` and ``high`` of its interval, ``declared`` (its rank by the proposal;
        missing where that gives none), ``score``, key and place names.
    """
    units = potential.tried.units.set_index(KEY, drop=False)
    declared = pd.Series(pd.NA, index=units.index, dtype="Int64")
    if potential.declared is not None:
        declared = potential.declared.rank.reindex(units.index)
    found = units.assign(
        rank=potential.tried.rank,
        low=potential.uncertainty.intervals["low"].round(),
        high=potential.uncertainty.intervals["high"].round(),
        declared=declared,
        score=potential.tried.score,
    )
    return found[found["rank"].notna()].sort_values("rank", kind="stable")


def rank_and_interval(row: pd.Series, n_villages: int) -> Message:
    """Say a village's rank and its interval, never one without the other."""
    values = {
        "rank": int(row["rank"]),
        "n": n_villages,
        "low": int(row["low"]),
        "high": int(row["high"]),
        "covered": COVERED,
    }
    return Message("rank {rank} of {n}; in {covered}% of the calculations between {low} and {high}", values)


def _opening(language: Language) -> str:
    interval = Message(
        "The bar is where a village ranks in {covered}% of {n} calculations with weights up to a quarter"
        " larger or smaller and another way to make indicators comparable; the dot is its rank",
        {"n": N_DRAWS, "covered": COVERED},
    )
    return (
        f"<p class='pk-callout'>{sentence(Message(_OVERLAP), language)}</p>"
        f"<p class='pk-hint'>{sentence(interval, language)}</p>"
    )


def _chosen(found: pd.DataFrame, selected: str, language: Language) -> str:
    if selected not in found.index:
        return f"<p class='pk-hint'>{say('Tap the name of a village to open its page.', language)}</p>"
    row = found.loc[selected]
    rank = sentence(rank_and_interval(row, len(found)), language)
    return f"<article class='pk-card'><h3>{village_link(row, KEY)}</h3><p>{rank}</p></article>"


def _ranked(found: pd.DataFrame, selected: str, language: Language) -> str:
    rows = [_row(row, len(found), selected, language) for _, row in found.iterrows()]
    between = escape(Message("{covered}% between", {"covered": COVERED}).text(language))
    headings = [say("Rank", language), say("Village", language), between]
    headings += [say("By the proposal", language), say("Score", language)]
    shown = _table(headings, rows[:SHOWN])
    if len(rows) <= SHOWN:
        return shown
    more = escape(Message("Show the other {n}", {"n": len(rows) - SHOWN}).text(language))
    return f"{shown}<details><summary>{more}</summary>{_table(headings, rows[SHOWN:])}</details>"


def _table(headings: list[str], rows: list[list[str]]) -> str:
    return f"<div class='pk-ranks'>{table(headings, rows, numeric=(0, 3, 4))}</div>"


def _row(row: pd.Series, n_villages: int, selected: str, language: Language) -> list[str]:
    place = village_link(row, KEY)
    return [
        str(row["rank"]),
        f"<b>{place}</b>" if row[KEY] == selected else place,
        f"{row['low']:.0f}–{row['high']:.0f}{interval_bar(row, n_villages)}",
        "–" if pd.isna(row["declared"]) else str(row["declared"]),
        number_text(float(row["score"]), language, 1),
    ]


def interval_bar(row: pd.Series, n_villages: int) -> str:
    """Draw a rank (dot) and its interval (bar) between the first and the last place."""
    low, high, rank = (100 * float(row[name]) / n_villages for name in ("low", "high", "rank"))
    return (
        "<span class='pk-strip' aria-hidden='true'>"
        f"<i class='pk-interval' style='left:{low:.1f}%;width:{max(high - low, 1):.1f}%'></i>"
        f"<i class='pk-dot' style='left:{rank:.1f}%'></i></span>"
    )


def _left_out(potential: Potential, language: Language) -> str:
    rows = [
        [village_link(row, KEY), sentence(row["reason"], language)]
        for _, row in potential.tried.left_out.iterrows()
    ]
    if not rows:
        return ""
    title = escape(Message("Without a place in the index: {n} records", {"n": len(rows)}).text(language))
    headings = [say(text, language) for text in ("Village", "Why it has none")]
    return f"<details><summary>{title}</summary>{table(headings, rows)}</details>"


def _removal(potential: Potential, language: Language) -> str:
    declaration = potential.tried.declaration
    rows = [
        [escape(declaration.label(str(name)).text(language)), number_text(float(shift), language, 1)]
        for name, shift in potential.removal["mean_shift"].items()
    ]
    headings = [say(text, language) for text in ("Indicator left out", "Ranks moved on average")]
    return (
        f"<details><summary>{say('Which indicator moves ranks most', language)}</summary>"
        f"{table(headings, rows, numeric=(1,))}</details>"
    )
