"""The index of economic potential told: ranks that never claim more than their intervals."""

from __future__ import annotations

from html import escape

import pandas as pd

from pk_research.apps.findings.naming import village_html
from pk_research.apps.findings.potential import N_DRAWS, Potential, shares
from pk_research.apps.markup import say, section, sentence, table
from pk_research.language import Language, Message, number_text

SHOWN = 15
NEIGHBOURS = 2
KEY = "village_code"


def potential_html(potential: Potential, selected: str, language: Language) -> str:
    """Return the ranked villages with their intervals, what moves ranks, and one village."""
    found = standing(potential)
    made = f"<p class='pk-hint'>{say(_MADE, language)}</p>" if potential.tried.made else ""
    return section(
        "potential",
        f"{made}{_opening(language)}{_one_village(potential, found, selected, language)}"
        f"{_ranked(found, language)}{_removal(potential, language)}",
    )


_MADE = "Example data (made up), not real data"
_OVERLAP = (
    "Bars that overlap tell no difference: do not call one of these villages better than the other"
    " by this index"
)


def weight_label(potential: Potential, part: str, weights: dict[str, float], language: Language) -> str:
    """Return what a slider is called, with its share of all weights."""
    values = {
        "part": potential.tried.declaration.label(part).text(language),
        "percent": round(100 * shares(weights)[part]),
    }
    return Message("{part}: {percent}%", values).text(language)


def standing(potential: Potential) -> pd.DataFrame:
    """Return one row a scored village, the best first.

    Returns
    -------
    pandas.DataFrame
        ``rank``, ``low`` and ``high`` of its interval, ``declared`` (its rank by the proposed
        weights), ``score``, key and place names.
    """
    units = potential.tried.units.set_index(KEY, drop=False)
    found = units.assign(
        rank=potential.tried.rank,
        low=potential.uncertainty.intervals["low"].round(),
        high=potential.uncertainty.intervals["high"].round(),
        declared=potential.declared.rank,
        score=potential.tried.score,
    )
    return found[found["rank"].notna()].sort_values("rank", kind="stable")


def _opening(language: Language) -> str:
    interval = Message(
        "The bar is where a village ranks in 90% of {n} calculations with weights up to a quarter"
        " larger or smaller and another way to make indicators comparable; the dot is its rank",
        {"n": N_DRAWS},
    )
    return (
        f"<p class='pk-hint'>{sentence(interval, language)}</p>"
        f"<p class='pk-callout'>{sentence(Message(_OVERLAP), language)}</p>"
    )


def _ranked(found: pd.DataFrame, language: Language) -> str:
    rows = [_row(row, len(found), language) for _, row in found.iterrows()]
    named = ("Rank", "Village", "90% between", "By the proposed weights", "Score")
    headings = [say(text, language) for text in named]
    shown = table(headings, rows[:SHOWN], numeric=(0, 3, 4))
    if len(rows) <= SHOWN:
        return shown
    more = escape(Message("Show the other {n}", {"n": len(rows) - SHOWN}).text(language))
    rest = table(headings, rows[SHOWN:], numeric=(0, 3, 4))
    return f"{shown}<details><summary>{more}</summary>{rest}</details>"


def _row(row: pd.Series, n_villages: int, language: Language) -> list[str]:
    return [
        str(row["rank"]),
        village_html(row, KEY),
        f"{row['low']:.0f}–{row['high']:.0f}{_bar(row, n_villages)}",
        str(row["declared"]),
        number_text(float(row["score"]), language, 1),
    ]


def _bar(row: pd.Series, n_villages: int) -> str:
    low, high, rank = (100 * float(row[name]) / n_villages for name in ("low", "high", "rank"))
    return (
        "<span class='pk-strip' aria-hidden='true'>"
        f"<i class='pk-interval' style='left:{low:.1f}%;width:{max(high - low, 1):.1f}%'></i>"
        f"<i class='pk-dot' style='left:{rank:.1f}%'></i></span>"
    )


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


def _one_village(potential: Potential, found: pd.DataFrame, selected: str, language: Language) -> str:
    if selected not in found.index:
        return f"<p class='pk-hint'>{say('Choose a village to see where it stands.', language)}</p>"
    row = found.loc[selected]
    values = {
        "rank": int(row["rank"]),
        "n": len(found),
        "low": int(row["low"]),
        "high": int(row["high"]),
    }
    rank = Message("Rank {rank} of {n}; in 90% of the calculations between {low} and {high}", values)
    parts = [rank, *_extremes(potential, selected, language), _neighbours(found, selected)]
    lines = "".join(f"<li>{sentence(part, language)}</li>" for part in parts)
    return f"<article class='pk-card'><h3>{village_html(row, KEY)}</h3><ul>{lines}</ul></article>"


def _extremes(potential: Potential, selected: str, language: Language) -> list[Message]:
    values = potential.tried.normalised.loc[selected].dropna()
    place = potential.tried.normalised.rank(pct=True).loc[selected, values.index].sort_values(kind="stable")
    label = potential.tried.declaration.label
    return [
        Message(
            "Strongest compared with the other villages: {indicator}",
            {"indicator": label(str(place.index[-1])).text(language)},
        ),
        Message(
            "Weakest compared with the other villages: {indicator}",
            {"indicator": label(str(place.index[0])).text(language)},
        ),
    ]


def _neighbours(found: pd.DataFrame, selected: str) -> Message:
    place = int(found.index.get_loc(selected))
    around = found.iloc[max(place - NEIGHBOURS, 0) : place + NEIGHBOURS + 1].drop(index=selected)
    names = around["village"] if "village" in around else around[KEY]
    return Message("Next to it in the ranking: {villages}", {"villages": ", ".join(map(str, names))})
