"""Villages in the order of one indicator, equal values sharing a place."""

from __future__ import annotations

from html import escape

import pandas as pd

from pk_research.apps.findings.choices import indicator_label
from pk_research.apps.findings.naming import village_link
from pk_research.apps.markup import chip, say, section, table
from pk_research.clusters import Typology
from pk_research.language import Language, Message, decimals_for, number_text

SHOWN = 15


def rank(typology: Typology, variable: str, *, highest_first: bool = True) -> pd.DataFrame:
    """Rank the compared villages by an indicator.

    Parameters
    ----------
    typology
        The result.
    variable
        Name of one of its variables.
    highest_first
        Whether the highest value has place 1.

    Returns
    -------
    pandas.DataFrame
        One row a village that has a value to show, in order: ``rank`` (from 1; equal values share the
        lowest), ``is_tied`` and the columns of ``typology.villages``. Equal values stand in the order of the
        key.
    """
    villages = typology.villages.dropna(subset=[variable])
    values = villages[variable]
    ranks = values.rank(method="min", ascending=not highest_first).astype(int)
    ranked = villages.assign(rank=ranks, is_tied=values.duplicated(keep=False))
    return ranked.sort_values("rank", kind="stable").reset_index(drop=True)


def ranking_html(
    typology: Typology, variable: str, language: Language, *, highest_first: bool = True, selected: str = ""
) -> str:
    """Return the ranked table: the first villages at once, the others on request."""
    ranked = rank(typology, variable, highest_first=highest_first)
    declared = next(entry for entry in typology.variables if entry.name == variable)
    decimals = decimals_for(float(ranked[variable].abs().max()))
    headings = [say(text, language) for text in ("Rank", "Village", "Type")]
    headings.append(escape(indicator_label(declared, language)))
    rows = []
    for _, row in ranked.iterrows():
        place = village_link(row, typology.code_column)
        rows.append(
            [
                f"{number_text(row['rank'], language)}{'=' if row['is_tied'] else ''}",
                f"<b>{place}</b>" if row[typology.code_column] == selected else place,
                chip(int(row["cluster"]), typology.k),
                number_text(float(row[variable]), language, decimals),
            ]
        )
    shown = table(headings, rows[:SHOWN], numeric=(0, 3))
    note = f"<p class='pk-hint'>{say(_TIES, language)}</p>" if ranked["is_tied"].any() else ""
    return section("ranking", shown + note + _rest(headings, rows[SHOWN:], language))


_TIES = "Villages with = have the same value and share a place."


def _rest(headings: list[str], rows: list[list[str]], language: Language) -> str:
    if not rows:
        return ""
    more = Message("Show the other {n}", {"n": len(rows)}).text(language)
    return f"<details><summary>{escape(more)}</summary>{table(headings, rows, numeric=(0, 3))}</details>"
